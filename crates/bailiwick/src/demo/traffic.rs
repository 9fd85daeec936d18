//! Sends each customer ordinary noise, and now and then a story.

use super::{
    noise::Noise,
    plan::Story,
    stage::{Sender, Stage},
    stories,
};
use bailiwick_chassis::{Clock, SystemClock, tasks::Tasks};
use bailiwick_client::{Transport, WorkspaceClient};
use std::{net::SocketAddr, time::Duration};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// Between two handfuls of noise.
const PAUSE: Duration = Duration::from_secs(2);
/// Between two stories of a customer.
const BETWEEN_STORIES: Duration = Duration::from_secs(20 * 60);
/// Between two steps of a story.
const STEP: Duration = Duration::from_millis(400);

/// Starts the traffic of every customer.
pub(super) fn start(tasks: &Tasks, stage: &Stage) -> anyhow::Result<()> {
    for sender in &stage.senders {
        let (sender, transport) = (sender.clone(), stage.transport.clone());
        tasks.spawn(async move { noise(&sender, &transport).await });
    }
    for sender in stage.senders.iter().filter(|s| s.story.is_some()) {
        let (sender, transport) = (sender.clone(), stage.transport.clone());
        tasks.spawn(async move { tell(&sender, &transport).await });
    }
    Ok(())
}

async fn noise(sender: &Sender, transport: &Transport) {
    let mut noise = Noise::of_customer(sender.customer);
    let mut syslog = None;
    loop {
        let now = SystemClock.now();
        send(sender, transport, noise.events(now)).await;
        syslog = send_syslog(syslog.take(), sender.syslog_tcp, &noise.lines(now)).await;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Tells a customer's stories, each time about other machines and people.
async fn tell(sender: &Sender, transport: &Transport) {
    let Some((after, story)) = sender.story else { return };
    tokio::time::sleep(Duration::from_secs(after)).await;
    for round in 0.. {
        let steps = match story {
            Story::Spray => stories::spray(sender.customer, round),
            Story::Service => stories::service(sender.customer, round),
        };
        for step in steps {
            let now = SystemClock.now();
            send(sender, transport, step.iter().map(|event| event.at(now)).collect()).await;
            tokio::time::sleep(STEP).await;
        }
        tokio::time::sleep(BETWEEN_STORIES).await;
    }
}

async fn send(sender: &Sender, transport: &Transport, events: Vec<serde_json::Value>) {
    let body: String = events.iter().map(|event| format!("{event}\n")).collect();
    if let Err(error) = WorkspaceClient::ingest(transport, &sender.node, &sender.ingest_key, None, body.into_bytes()).await {
        tracing::warn!(error = %error, "sample events not sent");
    }
}

async fn send_syslog(connection: Option<TcpStream>, address: SocketAddr, lines: &str) -> Option<TcpStream> {
    let mut connection = match connection {
        Some(connection) => connection,
        None => TcpStream::connect(address).await.ok()?,
    };
    connection.write_all(lines.as_bytes()).await.ok().map(|()| connection)
}
