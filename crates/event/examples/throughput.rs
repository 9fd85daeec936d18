//! How fast events become records, on one thread: `cargo run --release --example throughput -- EVENTS [REPEAT]`.
//!
//! EVENTS is a text file, one event per line; it is read into memory first.

#![expect(clippy::print_stdout, reason = "a command whose output is the point")]

use std::time::Instant;

use bailiwick_event::{Format, Input, Normaliser, Outcome, Parsers};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let text = std::fs::read_to_string(arguments.next().ok_or("which file?")?)?;
    let repeat: u32 = arguments.next().map_or(Ok(1), |count| count.parse())?;
    let lines: Vec<&str> = text.lines().collect();
    let receipt_time = "2026-12-01T00:00:00Z".parse()?;
    let mut normaliser = Normaliser::new(Parsers::shipped()?);
    for _ in 0..repeat {
        let start = Instant::now();
        let failed = lines
            .iter()
            .filter(|line| {
                let input = Input::new(line.as_bytes(), Format::Auto, receipt_time);
                matches!(normaliser.normalise(&input), Outcome::Failed(_))
            })
            .count();
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{} events, {failed} failed, {:.0} events/s, {:.1} MB/s",
            lines.len(),
            lines.len() as f64 / seconds,
            text.len() as f64 / seconds / 1e6
        );
    }
    Ok(())
}
