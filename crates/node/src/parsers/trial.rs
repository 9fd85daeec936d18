//! Trying a parser on sample lines. Nothing is stored, and the parsers in use do not notice.

use super::TURNS;
use bailiwick_api::{Format as SourceFormat, ParserTest, TestedLine};
use bailiwick_chassis::Refusal;
use bailiwick_event::{Format, Input, Normaliser, Outcome, Parsers};
use chrono::{DateTime, Utc};
use http::StatusCode;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const MAX_LINES: usize = 100;
/// How long all lines together may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// Refuses a test that cannot mean anything.
pub(super) fn check(test: &ParserTest) -> Result<(), Refusal> {
    if test.lines.is_empty() || test.lines.len() > MAX_LINES {
        return Err(Refusal::invalid("INVALID_INPUT", "lines", format!("lines: 1 to {MAX_LINES}")));
    }
    if test.source.is_some() && test.name.is_some() {
        return Err(Refusal::invalid("INVALID_INPUT", "name", "name: give a name or a source, not both"));
    }
    Ok(())
}

/// What becomes of each line; `parser` must take them when it is named.
pub(super) async fn run(parsers: Arc<Parsers>, parser: Option<String>, test: ParserTest, now: DateTime<Utc>) -> Result<Vec<TestedLine>, Refusal> {
    let format: Format = test.format.unwrap_or(SourceFormat::Auto).as_str().parse().map_err(Refusal::internal)?;
    let _turn = TURNS.acquire().await.map_err(Refusal::internal)?;
    let work = move || {
        let mut normaliser = Normaliser::new(parsers);
        let began = Instant::now();
        let lines = test.lines.iter().map(|line| {
            if began.elapsed() > DEADLINE {
                let detail = format!("the lines took more than {} s", DEADLINE.as_secs());
                return Err(Refusal::new(StatusCode::GATEWAY_TIMEOUT, "TEST_DEADLINE").detail(detail));
            }
            let input = Input { parser: parser.as_deref(), ..Input::new(line.as_bytes(), format, now) };
            tested(&mut normaliser, &input)
        });
        lines.collect::<Result<Vec<_>, _>>()
    };
    tokio::task::spawn_blocking(work).await.map_err(Refusal::internal)?
}

fn tested(normaliser: &mut Normaliser, input: &Input<'_>) -> Result<TestedLine, Refusal> {
    let began = Instant::now();
    let outcome = normaliser.normalise(input);
    let time_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    let (record, failed) = match &outcome {
        Outcome::Record(record) => (Some(serde_json::to_value(record)), None),
        Outcome::Failed(failed) => (None, Some(serde_json::to_value(failed))),
    };
    let json = |made: Option<Result<_, serde_json::Error>>| made.transpose().map_err(Refusal::internal);
    Ok(TestedLine { record: json(record)?, failed: json(failed)?, time_us })
}
