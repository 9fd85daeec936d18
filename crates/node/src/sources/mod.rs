//! Sources: the streams of logs into a workspace, each with its own ingest key and, if asked for, its own syslog port.

pub(crate) mod http;
mod store;

use crate::operators::plain_name;
use bailiwick_api::NewSource;
use bailiwick_chassis::Refusal;
use std::net::SocketAddr;

/// Sources a workspace may have.
const MAX_SOURCES: i64 = 200;

/// Checks a new source and brings its words into the form they are stored in.
fn check(new: &NewSource) -> Result<NewSource, Refusal> {
    let wrong = || Refusal::invalid("INVALID_INPUT", "syslog_tcp", "syslog_tcp: expected an address and a port such as 127.0.0.1:9514");
    let syslog_tcp = new.syslog_tcp.as_deref().map(|text| text.trim().parse::<SocketAddr>().map_err(|_| wrong())).transpose()?;
    Ok(NewSource {
        name: plain_name("name", &new.name)?,
        source_category: plain_name("source_category", &new.source_category)?,
        format: new.format,
        tier: new.tier,
        syslog_tcp: syslog_tcp.map(|address| address.to_string()),
        ..new.clone()
    })
}
