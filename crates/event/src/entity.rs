//! What an event is about: the entities its dictionary fields name.

use std::net::IpAddr;

use crate::MAX_ENTITIES;
use crate::dictionary;
use crate::fields::{Fields, Known};
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
    for (field, value) in ecs.known() {
        let (Some(kind), Some(text)) = (field.entity, value.as_str()) else { continue };
        let Some(entity) = entity(kind, text, domain_of(ecs, field.name)) else {
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
    let (mut value, scores) = match kind {
        EntityKind::Host => {
            let value = lower(text);
            let scores = !matches!(value.as_str(), "localhost" | "localhost.localdomain");
            (value, scores)
        }
        EntityKind::User => {
            let value = lower(bare_user(text));
            let scores = !is_service_account(&value, domain);
            (value, scores)
        }
        EntityKind::Ip => {
            let ip = dictionary::address(text)?;
            // The dictionary wrote it in its canonical form.
            (text.to_owned(), is_somebody(ip))
        }
        EntityKind::Domain if !text.contains('.') => return None,
        EntityKind::Hash | EntityKind::Domain => (lower(text), false),
        EntityKind::Url | EntityKind::Process | EntityKind::File | EntityKind::Resource => (prefix(text, MAX_VALUE).to_owned(), false),
    };
    value.truncate(value.floor_char_boundary(MAX_VALUE));
    (!value.is_empty()).then(|| Entity { kind, value, scores: scores && kind.scores() })
}

fn lower(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() }
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
    user.ends_with('$') || SERVICE_ACCOUNTS.contains(&user) || numbered("dwm-") || numbered("umfd-") || domain.is_some_and(is_service_domain)
}

fn is_service_domain(domain: &str) -> bool {
    match domain.is_ascii() {
        true => SERVICE_DOMAINS.iter().any(|service| service.eq_ignore_ascii_case(domain)),
        false => SERVICE_DOMAINS.contains(&domain.to_lowercase().as_str()),
    }
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
        let split = ecs.get_str(name).and_then(|text| text.rsplit_once('\\')).map(|(d, n)| (d.to_owned(), n.to_owned()));
        let Some((prefix, user)) = split.filter(|(_, user)| !user.is_empty()) else {
            continue;
        };
        set(ecs, name, &user);
        if !prefix.is_empty() && !ecs.contains(domain) {
            set(ecs, domain, &prefix);
        }
    }
}

fn set(ecs: &mut Fields, name: &str, text: &str) {
    if let Some(at) = dictionary::place(name) {
        ecs.insert_known(at, Known::Text(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Vec<(EntityKind, String, bool)> {
        let mut ecs = Fields::new();
        pairs.iter().for_each(|(name, value)| set(&mut ecs, name, value));
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
    fn the_fields_whose_domain_is_split_off_are_users() {
        for name in ["user.name", "user.target.name"] {
            assert_eq!(dictionary::field(name).map(|field| field.kind), Some(dictionary::FieldType::User));
        }
    }

    #[test]
    fn a_domain_in_the_name_moves_to_its_own_field() {
        let mut ecs = Fields::new();
        set(&mut ecs, "user.name", "CORP\\Alice");
        split_domains(&mut ecs);
        assert_eq!((ecs.get_str("user.name"), ecs.get_str("user.domain")), (Some("Alice"), Some("CORP")));
    }
}
