//! People who sign in to the console. Nobody has a password until they set one through a single-use link; the first link is for the
//! first administrator and is printed at the first start.

mod edit;
pub mod http;
mod store;

pub(crate) use store::find_in;
pub use store::{active, credentials, find, is_news, set_password};

use crate::{State, grants};
use bailiwick_api::{GrantCounts, Link, NewUser, Role, User, UserId, UserState};
use bailiwick_chassis::{Refusal, clock::from_us, secrets::random_id, sessions, sql::Tx};

/// Purpose of the link that makes the first administrator.
pub(crate) const FIRST: &str = "first";
/// Purpose of a link that sets a person's password.
pub(crate) const WELCOME: &str = "welcome";

const MAX_NAME: usize = 100;

/// A link for the first administrator while there is nobody who can sign in as one.
pub(crate) async fn first_link(state: &State) -> Result<Option<String>, Refusal> {
    if store::has_administrator(&state.db).await? {
        return Ok(None);
    }
    let (token, _) = sessions::make_link(&state.db, FIRST, FIRST, state.clock.now_us()).await?;
    Ok(Some(state.page_link("setup", &token)))
}

/// Makes the link that sets a person's password; earlier ones of theirs end.
pub(crate) async fn welcome_link(state: &State, user: &UserId) -> Result<Link, Refusal> {
    let (token, expires) = sessions::make_link(&state.db, WELCOME, user.as_str(), state.clock.now_us()).await?;
    Ok(Link { link: state.page_link("welcome", &token), token, expires_time: from_us(expires) })
}

/// Makes a person without a password.
pub(crate) async fn add(tx: &mut Tx, new: &NewUser, now_us: i64) -> Result<User, Refusal> {
    let email = checked_mail(&new.email, "email")?;
    let name = checked_name(&new.name)?;
    let user = User {
        id: UserId(random_id("user-")),
        email,
        name,
        role: new.role,
        may_save_dashboards: new.may_save_dashboards,
        state: UserState::Invited,
        last_seen_time: None,
        customers: GrantCounts::default(),
        created_time: from_us(now_us),
    };
    store::insert(tx, &user).await?;
    Ok(user)
}

/// Everybody, by address, with their grants counted.
async fn list(state: &State) -> Result<Vec<User>, Refusal> {
    let (mut users, mut counts) = (store::list(&state.db).await?, grants::counts(&state.db, None, state.clock.now_us()).await?);
    for user in &mut users {
        user.customers = counts.remove(&user.id).unwrap_or_default();
    }
    Ok(users)
}

/// A person with their grants counted.
async fn with_counts(state: &State, user: User) -> Result<User, Refusal> {
    let mut counts = grants::counts(&state.db, Some(&user.id), state.clock.now_us()).await?;
    let customers = counts.remove(&user.id).unwrap_or_default();
    Ok(User { customers, ..user })
}

/// Writes down that somebody is here; that it could not be is no reason to refuse them.
pub(crate) async fn note_seen(state: &State, id: &UserId) {
    if let Err(refusal) = store::seen(&state.db, id, state.clock.now_us()).await {
        tracing::warn!(code = refusal.code(), "that somebody is here was not written down");
    }
}

/// Makes the first administrator, once: the second of two at the same time is refused like a used link.
pub(crate) async fn add_first(tx: &mut Tx, email: &str, now_us: i64) -> Result<User, Refusal> {
    if store::has_administrator_in(tx).await? {
        return Err(used());
    }
    let email = checked_mail(email, "name")?;
    let name = email.split('@').next().unwrap_or_default().to_owned();
    add(tx, &NewUser { email, name, role: Role::Administrator, may_save_dashboards: false }, now_us).await
}

/// The refusal of a link that is used up.
pub(crate) fn used() -> Refusal {
    Refusal::new(::http::StatusCode::FORBIDDEN, "LINK_USED").field("token").detail("token: the link was used or has ended")
}

/// A person's name: 1 to 100 characters, none of them a control character.
fn checked_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    let chars = name.chars().count();
    if (1..=MAX_NAME).contains(&chars) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(Refusal::invalid("NAME_INVALID", "name", format!("name: 1 to {MAX_NAME} characters, no control characters")))
}

/// A mail address that can be delivered to: one `@`, a local part, a domain of at least two labels.
pub(crate) fn checked_mail(mail: &str, field: &str) -> Result<String, Refusal> {
    let mail = mail.trim();
    if mail_is_sound(mail) {
        return Ok(mail.to_owned());
    }
    Err(Refusal::invalid("MAIL_INVALID", field, format!("{field}: not a mail address")))
}

fn mail_is_sound(mail: &str) -> bool {
    let Some((local, domain)) = mail.rsplit_once('@') else { return false };
    let sound_local = (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let label =
        |l: &str| (1..=63).contains(&l.len()) && !l.starts_with('-') && !l.ends_with('-') && l.chars().all(|c| c.is_alphanumeric() || c == '-');
    let labels: Vec<_> = domain.split('.').collect();
    sound_local && domain.len() <= 253 && labels.len() >= 2 && labels.iter().all(|l| label(l))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_are_told_from_what_is_none() {
        for good in ["a@b.co", "first.last+tag@sub.example.org", "o'neill@example.com", "é@exämple.de"] {
            assert!(mail_is_sound(good), "{good}");
        }
        for bad in ["", "a", "a@b", "@b.co", "a@", "a b@c.de", "a@b..c", "a@-b.co", ".a@b.co", "a@b@c.de", "a@b.co\n", "<a@b.co>", "a@b.c,d@e.f"] {
            assert!(!mail_is_sound(bad), "{bad}");
        }
    }
}
