//! `bailiwick node enrol CODE`: shows which console asks for what, has the workspace's administrator agree, and tells how the link
//! stands. It talks to the node that runs here: the node is what dials, and what knows the administrator.

use crate::{
    arguments::{EnrolArguments, print},
    terminal::{ADMIN_PASSWORD, ask, password},
};
use anyhow::{Context, anyhow, ensure};
use bailiwick_api::LinkOffer;
use bailiwick_client::{ClientError, Transport, WorkspaceClient};
use bailiwick_link::{EnrolmentCode, check_address};
use bailiwick_node::LocalAddress;
use std::io::{self, IsTerminal};
use url::Url;

const STANDARD: &str = "http://127.0.0.1:9100";

pub(crate) async fn run(arguments: EnrolArguments) -> anyhow::Result<()> {
    let code: EnrolmentCode = arguments.code.parse().map_err(|error| anyhow!("{error}"))?;
    let (base, transport) = node(&arguments).await?;
    print(&format!("The code is of the console at {}", code.address));
    print(&format!("  its key's fingerprint  {}", code.fingerprint));
    let user = match arguments.admin {
        Some(user) => user,
        None => ask("User name of the workspace's administrator: ").await?,
    };
    let password = password(&user, ADMIN_PASSWORD).await?;
    let admin = WorkspaceClient::sign_in(&transport, &base, &user, &password).await.map_err(|error| not_signed_in(&error, &base))?;
    let done = agree(&admin, &arguments.code, arguments.yes).await;
    if let Err(error) = admin.sign_out().await {
        tracing::debug!(error = %error, "not signed out; the session ends by itself");
    }
    done
}

async fn agree(admin: &WorkspaceClient, code: &str, yes: bool) -> anyhow::Result<()> {
    ensure!(admin.me.kind == "admin", "{} runs this node; the administrator of a workspace must agree", admin.me.user);
    let offer = admin.preview_link(code).await.map_err(|error| refused(&error))?;
    print(&shown(&offer));
    if !yes {
        ensure!(io::stdin().is_terminal(), "nobody can be asked here; say --yes to agree");
        let answer = ask("Agree? [y/N] ").await?;
        ensure!(matches!(answer.to_lowercase().as_str(), "y" | "yes"), "not agreed; nothing was changed, and the code can still be used");
    }
    let link = admin.add_link(code).await.map_err(|error| refused(&error))?;
    print(&format!("Enrolled: {} is a customer of {} now.", offer.workspace_name, offer.console_name));
    match (&link.connected_time, &link.last_error) {
        (Some(since), _) => print(&format!("Connected since {}.", since.format("%Y-%m-%d %H:%M:%S UTC"))),
        (None, Some(trouble)) => print(&format!("Not connected yet: {} ({}). The node keeps dialling by itself.", trouble.detail, trouble.code)),
        (None, None) => print("Not connected yet. The node keeps dialling by itself."),
    }
    Ok(())
}

fn shown(offer: &LinkOffer) -> String {
    let may: String = offer.may.iter().map(|line| format!("\n  - {line}")).collect();
    format!(
        "\n{} ({}, version {}) proved that key, and asks to guard the workspace {} as its customer {}.\nThe node will dial {} and stay connected. \
         The console may then:{may}\nThe code can be used until {}. You can end this at any time on the page Access.\n",
        offer.console_name,
        offer.console,
        offer.console_version,
        offer.workspace_name,
        offer.customer,
        offer.address,
        offer.expires_time.format("%Y-%m-%d %H:%M:%S UTC"),
    )
}

/// Where the node listens, and what it is called with: a node of this machine is known by the certificate it keeps.
async fn node(arguments: &EnrolArguments) -> anyhow::Result<(Url, Transport)> {
    let address = match (&arguments.node, &arguments.data) {
        (Some(url), _) => LocalAddress { url: url.clone(), fingerprint: None },
        (None, Some(data)) => {
            let found = bailiwick_node::local_address(data).await.map_err(|refusal| anyhow!("--data {}: {}", data.display(), refusal.code()))?;
            found.with_context(|| format!("--data {}: no node has run on this directory", data.display()))?
        }
        (None, None) => LocalAddress { url: STANDARD.to_owned(), fingerprint: None },
    };
    let LocalAddress { url: text, fingerprint } = address;
    let base: Url = text.parse().with_context(|| format!("--node {text}"))?;
    check_address(&base)
        .map_err(|_| anyhow!("--node {text}: a password must not travel in clear; use https, or run this on the node's own machine"))?;
    let transport = match fingerprint {
        Some(fingerprint) => Transport::pinned(fingerprint.parse().map_err(|what| anyhow!("the node's certificate: {what}"))?)?,
        None => Transport::new()?,
    };
    Ok((base, transport))
}

fn not_signed_in(error: &ClientError, base: &Url) -> anyhow::Error {
    match error {
        ClientError::Unreachable(_) | ClientError::Timeout(_) => {
            anyhow!("no node answers at {base}: start it first, or say where it listens with --node, or its directory with --data ({error})")
        }
        error => refused(error),
    }
}

fn refused(error: &ClientError) -> anyhow::Error {
    match error.problem() {
        Some(problem) => anyhow!("{} ({})", problem.detail.as_deref().unwrap_or(&problem.title), problem.code),
        None => anyhow!("{error}"),
    }
}
