//! The node's operator: runs the process, makes workspaces, sees nobody's data. And what every person with a password here
//! does: open a single-use link, sign in, sign out.

pub(crate) mod http;
mod store;

use crate::{State, access::people::fold_user};
use bailiwick_api::{CreatedWorkspace, Link, NewWorkspace, WorkspaceId, WorkspaceInfo};
use bailiwick_chassis::{Refusal, clock::from_us, secrets, sessions, sql::Db};

/// Purpose of the link that makes the first operator.
const OPERATOR: &str = "operator";
/// Purpose of the link that sets an administrator's password; its subject is the workspace.
const ADMIN: &str = "admin";
const NAME_CHARS: usize = 100;

/// The single-use link for the first operator, while there is none. Each start makes a new one and ends the one before.
pub async fn first_link(state: &State) -> Result<Option<String>, Refusal> {
    if store::has_operator(state.db()).await? {
        return Ok(None);
    }
    let (token, _) = sessions::make_link(state.db(), OPERATOR, "first", state.clock().now_us()).await?;
    Ok(Some(format!("{}/operator-setup#{token}", state.public_url().trim_end_matches('/'))))
}

/// Makes a workspace and the link for its administrator. Works on a data directory without a running node, too:
/// the workspace's own directory is made when it is first opened.
pub async fn add_workspace(db: &Db, public_url: &str, now_us: i64, new: &NewWorkspace) -> Result<CreatedWorkspace, Refusal> {
    let (name, admin) = (plain_name("name", &new.name)?, plain_name("admin", &new.admin)?);
    let id = WorkspaceId(format!("{}-{}", slug(&name), secrets::random_id("").chars().take(8).collect::<String>()));
    let info = WorkspaceInfo { id: id.clone(), name, admin, created_time: from_us(now_us) };
    store::add_workspace(db, &info, &fold_user(&info.admin)).await?;
    let (token, expires) = sessions::make_link(db, ADMIN, id.as_str(), now_us).await?;
    let link = format!("{}/setup#{token}", public_url.trim_end_matches('/'));
    Ok(CreatedWorkspace { workspace: info, link: Link { link, token, expires_time: from_us(expires) } })
}

/// A name for people: trimmed, not empty, of bounded length, without control characters.
pub(crate) fn plain_name(field: &str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let chars = text.chars().count();
    if chars == 0 || chars > NAME_CHARS || text.chars().any(char::is_control) {
        return Err(Refusal::invalid("INVALID_INPUT", field, format!("{field}: 1 to {NAME_CHARS} characters, none of them a control character")));
    }
    Ok(text.to_owned())
}

/// The readable part of a workspace's id: letters and digits of its name, `-` for the rest.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() == 32 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "workspace".into() } else { slug.into() }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_slug_is_a_directory_name_whatever_the_name() {
        assert_eq!(slug("Äcme  Größe & Söhne/../x"), "cme-gr-e-s-hne-x");
        assert_eq!(slug("日本"), "workspace");
        assert_eq!(slug(&"a-".repeat(40)).len(), 31);
    }
}
