//! Signals of a workspace, whatever became of them: suppressed ones and those of rules on trial too.

pub(crate) mod http;
mod store;
