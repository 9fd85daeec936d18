//! Writes which rule matches which line of a file of events, to compare with another engine, and says how fast it was.
//!
//! `cargo run --release -p bailiwick-detect --example dump -- --rules PATH.. --events FILE [--dump OUT] [--repeat N] [--limit N]`
//!
//! The dump has one line `<line number>\t<rule id>` per match, in the order of the lines. Speed is events per second of
//! processor time, from bytes to records, from records to hits and both; `--repeat` does it again and reports every round.
#![expect(clippy::print_stdout, reason = "a tool for people")]

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use bailiwick_detect::{RuleSet, RuleSources};
use bailiwick_event::{Format, Input, Normaliser, Outcome, Parsers};
use chrono::DateTime;

#[derive(Default)]
struct Arguments {
    rules: RuleSources,
    events: Vec<PathBuf>,
    dump: Option<PathBuf>,
    repeat: u32,
    limit: Option<usize>,
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut found = Arguments { repeat: 1, ..Arguments::default() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--starter" {
            found.rules.starter = true;
            continue;
        }
        let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--rules" => found.rules.paths.push(value.into()),
            "--events" => found.events.push(value.into()),
            "--dump" => found.dump = Some(value.into()),
            "--repeat" => found.repeat = value.parse()?,
            "--limit" => found.limit = Some(value.parse()?),
            _ => return Err(format!("unknown argument {word}").into()),
        }
    }
    Ok(found)
}

/// Processor time of this process in seconds, where the system tells it.
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}

/// Reads and evaluates every line once, says how fast, and gives the matches by line number.
fn round(rules: &RuleSet, lines: &[&[u8]]) -> Result<Vec<(usize, String)>, Box<dyn Error>> {
    let mut normaliser = Normaliser::new(Parsers::shipped()?);
    let receipt_time = DateTime::from_timestamp(1_795_000_000, 0).ok_or("the receipt time is out of range")?;
    let started = cpu_seconds();
    let (mut records, mut failed) = (Vec::with_capacity(lines.len()), 0_usize);
    for (at, raw) in lines.iter().enumerate() {
        match normaliser.normalise(&Input::new(raw, Format::Auto, receipt_time)) {
            Outcome::Record(record) => records.push((at + 1, record)),
            Outcome::Failed(why) => {
                failed += 1;
                if failed <= 5 {
                    println!("line {}: {}", at + 1, why.reason);
                }
            }
        }
    }
    let normalised = cpu_seconds();
    let mut matches = Vec::new();
    for (line, record) in &records {
        matches.extend(rules.evaluate(record).into_iter().map(|hit| (*line, hit.rule.id.clone())));
    }
    let ended = cpu_seconds();
    let speed = |from: Option<f64>, to: Option<f64>| {
        let spent = to.zip(from).map(|(to, from)| to - from).filter(|spent| *spent > 0.0);
        spent.map_or_else(|| "?".to_owned(), |spent| format!("{:.0}", lines.len() as f64 / spent))
    };
    println!(
        "{} events, {failed} failed, {} matches; ev/cpu-s: {} to records, {} to hits, {} both",
        lines.len(),
        matches.len(),
        speed(started, normalised),
        speed(normalised, ended),
        speed(started, ended)
    );
    Ok(matches)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let (rules, report) = RuleSet::load(&arguments.rules)?;
    println!("{} rules, {} correlations, {} refused", report.loaded, report.correlations, report.refused.len());
    for refused in &report.refused {
        println!("refused {}: {}", refused.path, refused.reason);
    }
    let mut bytes = Vec::new();
    for path in &arguments.events {
        bytes.extend(fs::read(path)?);
    }
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).take(arguments.limit.unwrap_or(usize::MAX)).collect();
    let mut matches = Vec::new();
    for _ in 0..arguments.repeat {
        matches = round(&rules, &lines)?;
    }
    if let Some(path) = arguments.dump {
        let mut out = BufWriter::new(File::create(path)?);
        for (line, rule) in matches {
            writeln!(out, "{line}\t{rule}")?;
        }
        out.flush()?;
    }
    Ok(())
}
