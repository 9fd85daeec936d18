//! The operator `outlier` beside the same in pandas (`scripts/reference/outlier.py`), on random series.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use bailiwick_api::dashboards::{Outlier, OutlierDirection};
use bailiwick_dashboard::outlier::outlier;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const SERIES: usize = 400;

/// Counts and volumes: calm ones, wild ones, silent ones, steps, and all alike.
fn points() -> impl Strategy<Value = Vec<f64>> {
    let count = || (0_u32..20).prop_map(f64::from);
    let length = 0..80_usize;
    prop_oneof![
        prop::collection::vec(count(), length.clone()),
        prop::collection::vec(prop_oneof![9 => count(), 1 => (0_u32..2_000).prop_map(f64::from)], length.clone()),
        prop::collection::vec(0.0..1e9, length.clone()),
        prop::collection::vec(prop_oneof![12 => Just(7.0), 1 => Just(7.25), 1 => Just(9.0)], length.clone()),
        prop::collection::vec(prop_oneof![12 => Just(0.0), 1 => Just(1.0), 1 => Just(5.0)], length),
    ]
}

fn parameters() -> impl Strategy<Value = Outlier> {
    let direction = prop_oneof![Just(OutlierDirection::Both), Just(OutlierDirection::Above), Just(OutlierDirection::Below)];
    (4_u32..30, 1_u32..9, 1_u32..4, direction).prop_map(|(window, halves, consecutive, direction)| Outlier {
        window,
        threshold: f64::from(halves) / 2.0,
        consecutive,
        direction,
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A Python that has pandas.
fn python() -> Command {
    let made = Command::new(root().join("scripts/python-clients")).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut command = Command::new(String::from_utf8(made.stdout).unwrap().trim());
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// What pandas says of each series.
fn reference(series: &[(Vec<f64>, Outlier)]) -> Vec<Vec<Value>> {
    let asked: Vec<Value> = series
        .iter()
        .map(|(points, by)| {
            json!({"points": points, "window": by.window, "threshold": by.threshold, "consecutive": by.consecutive, "direction": by.direction.as_str()})
        })
        .collect();
    let mut command = python();
    command.arg(root().join("scripts/reference/outlier.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut input, text) = (child.stdin.take().unwrap(), Value::from(asked).to_string());
    let writing = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
    let answer = child.wait_with_output().unwrap();
    writing.join().unwrap();
    assert!(answer.status.success());
    serde_json::from_slice(&answer.stdout).unwrap()
}

fn alike(ours: Option<f64>, theirs: &Value, scale: f64) -> bool {
    match (ours, theirs.as_f64()) {
        (None, None) => true,
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * scale,
        _ => false,
    }
}

#[test]
fn pandas_agrees_on_random_series() {
    // The same series each time: a disagreement is found again.
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let one = (points(), parameters());
    let mut series: Vec<(Vec<f64>, Outlier)> = (0..SERIES).map(|_| one.new_tree(&mut runner).unwrap().current()).collect();
    let calm = [9.0, 11.0].repeat(5);
    series.extend([13.0, 14.0].map(|last| ([calm.clone(), vec![last]].concat(), Outlier::default())));
    let said = reference(&series);
    assert_eq!(said.len(), series.len());
    let (mut points, mut violations) = (0, 0);
    for ((values, by), theirs) in series.iter().zip(&said) {
        let ours = outlier(values, *by);
        assert_eq!(ours.len(), theirs.len());
        let scale = values.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
        for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            let context = || format!("point {at} of {values:?} by {by:?}: {ours:?}, pandas {theirs}");
            for (mine, name) in [(ours.mean, "mean"), (ours.std, "std"), (ours.lower, "lower"), (ours.upper, "upper")] {
                assert!(alike(mine, &theirs[name], scale), "{name}: {}", context());
            }
            // On the band itself the last digit decides, and it decides the run of points after it.
            let near = |bound: Option<f64>| bound.is_some_and(|bound| (values[at] - bound).abs() <= 1e-9 * scale && ours.std != Some(0.0));
            if near(ours.upper) || near(ours.lower) {
                break;
            }
            assert_eq!((ours.indicator, ours.violation), (theirs["indicator"] == true, theirs["violation"] == true), "{}", context());
            let severity = ours.severity(values[at]);
            assert!(alike(Some(severity), &theirs["severity"], severity.max(1e3)), "{}", context());
            points += 1;
            violations += usize::from(ours.violation);
        }
    }
    assert!(points > 5_000 && violations > 300, "{points} points, {violations} violations: too few to say anything");
}

#[test]
fn the_reference_of_all_panels_passes_its_own_checks() {
    let checked = python().args(["-m", "unittest", "discover", "-s"]).arg(root().join("scripts/reference")).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
