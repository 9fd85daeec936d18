//! Enrolment: a workspace's administrator gives credentials once, and from then on that console's signed calls are heard
//! in that workspace. One console at a time; the administrator can end it.

mod callback;
pub(crate) mod http;
mod store;

pub(crate) use callback::probe as way_back;
pub(crate) use store::{end_by_console, put, refuse_other};

use crate::{access, operators::plain_name};
use bailiwick_api::NewEnrolment;
use bailiwick_chassis::Refusal;

/// Checks the parts of an enrolment that need no look at the workspace.
fn check(new: &NewEnrolment) -> Result<(), Refusal> {
    plain_name("console", new.console.as_str())?;
    plain_name("console_name", &new.console_name)?;
    access::public_key_of(&new.public_key).map(|_| ())
}
