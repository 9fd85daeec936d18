//! `bailiwick console`: a console until it is told to stop.

use crate::{
    arguments::{ConsoleArguments, print},
    pages, settings, signals,
};
use anyhow::{Context, bail};
use bailiwick_chassis::{tasks::Tasks, telemetry};
use bailiwick_console::{Console, ConsoleConfig, Database};
use std::time::Duration;

pub(crate) async fn run(arguments: ConsoleArguments) -> anyhow::Result<()> {
    let file: settings::ConsoleFile = settings::read(arguments.config.as_deref())?;
    let format = if file.log.json { telemetry::LogFormat::Json } else { telemetry::LogFormat::Text };
    telemetry::log(format, &file.log.filter);
    let tasks = Tasks::new();
    if let Some(address) = arguments.metrics_listen.or(file.metrics_listen) {
        let bound = telemetry::serve_metrics(&tasks, address, telemetry::metrics()?).await?;
        tracing::info!(address = %bound, "metrics listen");
    }
    let console = Console::start(config(arguments, file)?).await?;
    let scheme = if console.fingerprint().is_some() { "https" } else { "http" };
    print(&format!("console listens on {scheme}://{}", console.address()));
    if let Some(fingerprint) = console.fingerprint() {
        print(&format!("its certificate has the SHA-256 {fingerprint}"));
    }
    if let Some(link) = console.setup_link() {
        print(&format!("make the first administrator at {link}"));
    }
    signals::stop().await?;
    tracing::info!("stopping");
    console.stop().await;
    tasks.stop(Duration::from_secs(5)).await;
    Ok(())
}

fn config(arguments: ConsoleArguments, file: settings::ConsoleFile) -> anyhow::Result<ConsoleConfig> {
    let data = arguments.data.or(file.data);
    let keeps = data.clone();
    let database = match (arguments.database_url.or(file.database_url), data) {
        (Some(url), _) => Database::Url(url),
        (None, Some(dir)) => {
            std::fs::create_dir_all(&dir).with_context(|| format!("--data {}", dir.display()))?;
            Database::File(dir.join("console.db"))
        }
        (None, None) => bail!("--data or --database-url: where the console keeps its tables is missing"),
    };
    let listen = arguments.listen.or(file.listen).context("--listen: an address such as 127.0.0.1:8080 is missing")?;
    let mut config = ConsoleConfig::new(database, listen, pages::console);
    let public_url = arguments.public_url.or(file.public_url);
    config.public_url = public_url.map(|url| url.parse().context("--public-url")).transpose()?;
    config.name = arguments.name.or(file.name).unwrap_or(config.name);
    config.code_life = file.enrolment_code_seconds.map_or(config.code_life, Duration::from_secs);
    config.secure_cookies = file.secure_cookies || arguments.tls || file.tls.is_some();
    config.tls = settings::tls(arguments.tls, file.tls);
    config.data = keeps;
    config.name_hidden_customers = file.name_hidden_customers;
    config.licence_public_key = file.licence_public_key;
    Ok(config)
}
