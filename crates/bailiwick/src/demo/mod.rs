//! `bailiwick demo`: a console and nodes in several regions, set up through their own APIs as people would, with customers on live
//! sample traffic that tells attack stories. Everything is real but the traffic.

mod events;
mod licences;
mod noise;
mod plan;
mod ready;
mod stage;
mod stories;
mod traffic;

use crate::{
    arguments::{DemoArguments, print},
    signals,
};
use anyhow::{Context, bail};
use bailiwick_chassis::{tasks::Tasks, telemetry};
use std::{fs, path::PathBuf, time::Duration};

pub(crate) async fn run(arguments: DemoArguments) -> anyhow::Result<()> {
    telemetry::log(telemetry::LogFormat::Text, "warn");
    let (data, temporary) = directory(arguments.data)?;
    print("setting the stage: four nodes, a console, customers, people and grants");
    let stage = stage::set(arguments.listen, &data).await?;
    let traffic = Tasks::new();
    if !arguments.no_traffic {
        traffic::start(&traffic, &stage)?;
    }
    if let Some(path) = &arguments.ready_file {
        ready::write(path, &stage.ready).with_context(|| format!("--ready-file {}", path.display()))?;
    }
    print(&ready::for_people(&stage.ready, &data));
    signals::stop().await?;
    print("stopping");
    traffic.stop(Duration::from_secs(5)).await;
    stage.stop().await;
    drop(temporary);
    Ok(())
}

/// The directory given, if it is empty, or a fresh one that goes with the demo.
fn directory(given: Option<PathBuf>) -> anyhow::Result<(PathBuf, Option<tempfile::TempDir>)> {
    let Some(path) = given else {
        let temporary = tempfile::Builder::new().prefix("bailiwick-demo-").tempdir()?;
        return Ok((temporary.path().to_owned(), Some(temporary)));
    };
    fs::create_dir_all(&path).with_context(|| format!("--data {}", path.display()))?;
    if fs::read_dir(&path)?.next().is_some() {
        bail!("--data {}: not empty; the demo makes everything anew and touches nothing that is there", path.display());
    }
    Ok((path, None))
}
