//! What an event is about: the entities its dictionary fields name.

use std::net::IpAddr;

use crate::MAX_ENTITIES;
use crate::dictionary::{self, DICTIONARY, FieldType};
use crate::fields::{Fields, Value};
use crate::outcome::prefix;
use crate::record::{Entity, EntityKind};

/// The longest value of an entity.
const MAX_VALUE: usize = 512;

/// Accounts of the system itself: everything on every host runs under them, so they never score.
const SERVICE_ACCOUNTS: &[&str] = &[
    "system",
    "local service",
    "network service",
    "localsystem",
    "localservice",
    "networkservice",
    "local system",
    "anonymous logon",
    "iusr",
    "système",
    "service local",
    "service réseau",
    "lokaler dienst",
    "netzwerkdienst",
    "система",
    "local_service",
    "network_service",
];
/// Their domains.
const SERVICE_DOMAINS: &[&str] = &["nt authority", "nt service", "nt-autorität", "autorite nt", "window manager", "font driver host", "iis apppool"];

/// The entities, hosts first, then users, addresses and evidence; each once; at most [`MAX_ENTITIES`].
pub(crate) fn entities(ecs: &Fields) -> Vec<Entity> {
    let mut found: Vec<Entity> = Vec::with_capacity(8);
    for (name, value) in ecs.iter() {
        let Some(kind) = dictionary::field(name).and_then(|field| field.entity) else {
            continue;
        };
        let Value::Str(text) = value else { continue };
        let Some(entity) = entity(kind, text, domain_of(ecs, name)) else {
            continue;
        };
        if !found.contains(&entity) {
            found.push(entity);
        }
    }
    found.sort_by_key(|entity| entity.kind);
    found.truncate(MAX_ENTITIES);
    found
}

/// The `domain` sibling of a user's name.
fn domain_of<'a>(ecs: &'a Fields, name: &str) -> Option<&'a str> {
    match name {
        "user.name" => ecs.get_str("user.domain"),
        "user.target.name" => ecs.get_str("user.target.domain"),
        _ => None,
    }
}

fn entity(kind: EntityKind, text: &str, domain: Option<&str>) -> Option<Entity> {
    let (value, scores) = match kind {
        EntityKind::Host => {
            let value = text.to_lowercase();
            let scores = !matches!(value.as_str(), "localhost" | "localhost.localdomain");
            (value, scores)
        }
        EntityKind::User => {
            let value = bare_user(text).to_lowercase();
            let scores = !is_service_account(&value, domain);
            (value, scores)
        }
        EntityKind::Ip => {
            let ip = dictionary::address(text)?;
            (ip.to_string(), is_somebody(ip))
        }
        EntityKind::Domain if !text.contains('.') => return None,
        EntityKind::Hash | EntityKind::Domain => (text.to_lowercase(), false),
        EntityKind::Url | EntityKind::Process | EntityKind::File | EntityKind::Resource => (text.to_owned(), false),
    };
    let value = prefix(&value, MAX_VALUE);
    (!value.is_empty()).then(|| Entity { kind, value: value.to_owned(), scores: scores && kind.scores() })
}

/// The name without `DOMAIN\` and without `@realm`, so that one person is one entity whatever wrote the log.
fn bare_user(name: &str) -> &str {
    let name = name.rsplit_once('\\').map_or(name, |(_, user)| user);
    match name.split_once('@') {
        Some((user, _)) if !user.is_empty() => user,
        _ => name,
    }
}

fn is_service_account(user: &str, domain: Option<&str>) -> bool {
    let numbered = |stem: &str| user.strip_prefix(stem).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    user.ends_with('$')
        || SERVICE_ACCOUNTS.contains(&user)
        || numbered("dwm-")
        || numbered("umfd-")
        || domain.is_some_and(|domain| SERVICE_DOMAINS.contains(&domain.to_lowercase().as_str()))
}

/// Whether an address can stand for somebody: not unspecified, loopback, link-local, multicast or broadcast.
fn is_somebody(ip: IpAddr) -> bool {
    let local = match ip {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_broadcast(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    !(local || ip.is_loopback() || ip.is_unspecified() || ip.is_multicast())
}

/// Splits `DOMAIN\name` in the user fields into name and domain; a domain the event gives itself wins.
pub(crate) fn split_domains(ecs: &mut Fields) {
    for (name, domain) in [("user.name", "user.domain"), ("user.target.name", "user.target.domain")] {
        debug_assert!(DICTIONARY.iter().any(|field| field.name == name && field.kind == FieldType::User));
        let split = ecs.get_str(name).and_then(|text| text.rsplit_once('\\')).map(|(d, n)| (d.to_owned(), n.to_owned()));
        let Some((prefix, user)) = split.filter(|(_, user)| !user.is_empty()) else {
            continue;
        };
        ecs.insert(name, user);
        if !prefix.is_empty() && !ecs.contains(domain) {
            ecs.insert(domain, prefix);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Vec<(EntityKind, String, bool)> {
        let mut ecs = Fields::from_pairs(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect());
        split_domains(&mut ecs);
        entities(&ecs).into_iter().map(|e| (e.kind, e.value, e.scores)).collect()
    }

    #[test]
    fn people_hosts_and_addresses_score_once_each() {
        assert_eq!(
            of(&[
                ("user.name", "CORP\\Alice"),
                ("user.target.name", "alice@CORP.EXAMPLE"),
                ("host.name", "WEB-01"),
                ("source.ip", "10.1.2.3"),
                ("url.full", "http://x/")
            ]),
            [
                (EntityKind::Host, "web-01".into(), true),
                (EntityKind::User, "alice".into(), true),
                (EntityKind::Ip, "10.1.2.3".into(), true),
                (EntityKind::Url, "http://x/".into(), false),
            ]
        );
    }

    #[test]
    fn the_systems_own_accounts_and_addresses_never_score() {
        for user in ["SYSTEM", "PEDRO01$", "DWM-3", "UMFD-0", "ANONYMOUS LOGON", "NT AUTHORITY\\LOCAL SERVICE", "Window Manager\\x"] {
            assert!(!of(&[("user.name", user)])[0].2, "{user}");
        }
        for user in ["dwm-", "dwm-x", "systemd", "root"] {
            assert!(of(&[("user.name", user)])[0].2, "{user}");
        }
        for ip in ["127.0.0.1", "::1", "0.0.0.0", "169.254.1.1", "fe80::1", "224.0.0.1", "255.255.255.255"] {
            assert!(!of(&[("source.ip", ip)])[0].2, "{ip}");
        }
    }

    #[test]
    fn a_domain_in_the_name_moves_to_its_own_field() {
        let mut ecs = Fields::from_pairs(vec![("user.name".into(), "CORP\\Alice".into())]);
        split_domains(&mut ecs);
        assert_eq!((ecs.get_str("user.name"), ecs.get_str("user.domain")), (Some("Alice"), Some("CORP")));
    }
}
