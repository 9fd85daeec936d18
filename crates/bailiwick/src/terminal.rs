//! Asking people: questions, and passwords that are not shown. Whoever is no person answers by the environment or by standard input.

use crate::arguments::print;
use anyhow::{anyhow, bail};
use std::{
    io::{self, BufRead, IsTerminal, Write},
    process::{Command, Stdio},
};
use tokio::sync::oneshot;

/// Where a workspace administrator's password is looked for.
pub(crate) const ADMIN_PASSWORD: &str = "BAILIWICK_ADMIN_PASSWORD";

/// Asks on the terminal.
pub(crate) async fn ask(question: &str) -> anyhow::Result<String> {
    write!(io::stderr(), "{question}")?;
    io::stderr().flush()?;
    tokio::select! {
        line = line() => line,
        _ = tokio::signal::ctrl_c() => Err(anyhow!("given up; nothing was changed")),
    }
}

/// A setting from the environment; empty is none.
#[expect(clippy::disallowed_methods, reason = "a password on the command line would be in everybody's list of processes")]
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Somebody's password: from the environment, from a pipe, or typed without being shown.
pub(crate) async fn password(user: &str, variable: &str) -> anyhow::Result<String> {
    if let Some(password) = environment(variable) {
        return Ok(password);
    }
    if !io::stdin().is_terminal() {
        return line().await;
    }
    let hidden = Hidden::begin();
    let question = format!("Password of {user}: ");
    let typed = ask(&question).await;
    drop(hidden);
    writeln!(io::stderr())?;
    typed
}

/// One line of standard input. Read by a thread of its own, which nobody waits for: who gives up does so at once.
async fn line() -> anyhow::Result<String> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = io::stdin().lock().read_line(&mut text).map(|bytes| (bytes, text));
        let _nobody_waits = tell.send(read);
    });
    let (bytes, text) = told.await??;
    if bytes == 0 {
        bail!("standard input ended where an answer was expected");
    }
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// While it lives, the terminal does not show what is typed.
struct Hidden(bool);

impl Hidden {
    fn begin() -> Self {
        let hidden = stty("-echo");
        if !hidden {
            print("(this terminal cannot hide what you type)");
        }
        Self(hidden)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if self.0 {
            stty("echo");
        }
    }
}

fn stty(setting: &str) -> bool {
    let done = Command::new("stty").arg(setting).stdin(Stdio::inherit()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}
