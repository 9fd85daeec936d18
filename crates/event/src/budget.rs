//! What one run of an uploaded program may use, and when a parser that keeps using more is set aside.
//!
//! A program has no unbounded loop, and steps are counted by the runtime. Memory is not: forty lines `s = s + s` make a terabyte. So every
//! value an uploaded program reads back or a function gives it is measured here (`guard` puts the calls in), each against a limit for one
//! value and all of them against a limit for one event. What is measured is deterministic but for the time, which is the last resort.

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use vrl::compiler::ExpressionError;
use vrl::value::Value;

use crate::MAX_MESSAGE_BYTES;
use crate::outcome::prefix;

/// The most expressions one event may evaluate; ours need some hundreds.
pub(crate) const MAX_STEPS: u32 = 100_000;
/// The most bytes of one value.
pub(crate) const MAX_VALUE: usize = 1024 * 1024;
/// The most bytes of all values read and made for one event.
const MAX_TOTAL: usize = 32 * 1024 * 1024;
/// The most bytes of what the program writes.
pub(crate) const MAX_OUTPUT: usize = 256 * 1024;
/// The deepest nesting of a value; deeper ones cannot be freed on a thread's stack.
const MAX_DEPTH: usize = 64;
/// What a value costs beside its text.
const NODE: usize = 64;
/// The longest time for one event.
pub(crate) const MAX_TIME: Duration = Duration::from_millis(50);

/// Runs over which a parser is judged.
const WINDOW: u32 = 1000;
/// Runs of a window that may go over a limit.
const MAX_EXCESSES: u32 = 3;
/// The longest mean time of one event over a window: a thousand events a second.
const MAX_MEAN: Duration = Duration::from_millis(1);

/// What a run went over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    Steps,
    Value,
    Total,
    Output,
    Depth,
    Time,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps => write!(f, "the program ran more than {MAX_STEPS} steps"),
            Self::Value => write!(f, "the program made a value of more than {MAX_VALUE} bytes"),
            Self::Total => write!(f, "the program worked on more than {MAX_TOTAL} bytes"),
            Self::Output => write!(f, "the program wrote more than {MAX_OUTPUT} bytes"),
            Self::Depth => write!(f, "the program nested values more than {MAX_DEPTH} deep"),
            Self::Time => write!(f, "the program ran longer than {} ms", MAX_TIME.as_millis()),
        }
    }
}

thread_local! {
    static TOTAL: Cell<usize> = const { Cell::new(0) };
    static OUTPUT: Cell<usize> = const { Cell::new(0) };
    static EXCESS: Cell<Option<Excess>> = const { Cell::new(None) };
}

/// Begins a run on this thread.
pub(crate) fn start() {
    TOTAL.set(0);
    OUTPUT.set(0);
    EXCESS.set(None);
}

/// What this thread's run went over, if anything.
pub(crate) fn excess() -> Option<Excess> {
    EXCESS.get()
}

/// Counts a value against this thread's run. An error no program can catch when it is too much.
pub(crate) fn charge(value: &Value) -> Result<(), ExpressionError> {
    let used = size(value, MAX_VALUE, Excess::Value).and_then(|bytes| {
        TOTAL.set(TOTAL.get().saturating_add(bytes));
        if TOTAL.get() > MAX_TOTAL { Err(Excess::Total) } else { Ok(()) }
    });
    used.map_err(stop)
}

/// Counts what the program writes.
pub(crate) fn charge_output(value: &Value) -> Result<(), ExpressionError> {
    let used = size(value, MAX_OUTPUT, Excess::Output).and_then(|bytes| {
        OUTPUT.set(OUTPUT.get().saturating_add(bytes));
        if OUTPUT.get() > MAX_OUTPUT { Err(Excess::Output) } else { Ok(()) }
    });
    used.map_err(stop)
}

fn stop(excess: Excess) -> ExpressionError {
    EXCESS.set(Some(excess));
    ExpressionError::Interrupted
}

fn size(value: &Value, max: usize, excess: Excess) -> Result<usize, Excess> {
    let mut used = 0;
    add(value, 0, &mut used, max, excess)?;
    Ok(used)
}

fn add(value: &Value, depth: usize, used: &mut usize, max: usize, excess: Excess) -> Result<(), Excess> {
    if depth > MAX_DEPTH {
        return Err(Excess::Depth);
    }
    *used += NODE
        + match value {
            Value::Bytes(bytes) => bytes.len(),
            Value::String(text) => text.len(),
            _ => 0,
        };
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| add(item, depth + 1, used, max, excess))?,
        Value::Object(map) => map.iter().try_for_each(|(name, item)| {
            *used += name.len();
            add(item, depth + 1, used, max, excess)
        })?,
        _ => {}
    }
    if *used > max + NODE { Err(excess) } else { Ok(()) }
}

/// Watches the runs of one uploaded parser, over all threads.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    window: Mutex<Window>,
    aside: OnceLock<Aside>,
    told: AtomicBool,
}

/// Why a parser is set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Aside {
    pub(crate) why: String,
    /// The start of the event it was running on, where it was one.
    pub(crate) sample: String,
}

#[derive(Debug, Default)]
struct Window {
    runs: u32,
    excesses: u32,
    time: Duration,
}

impl Watch {
    /// A parser that was set aside before.
    pub(crate) fn aside(why: String) -> Self {
        let watch = Self { told: AtomicBool::new(true), ..Self::default() };
        let _fresh = watch.aside.set(Aside { why, sample: String::new() });
        watch
    }

    /// Why the parser is set aside, if it is.
    pub(crate) fn why(&self) -> Option<&str> {
        self.aside.get().map(|aside| aside.why.as_str())
    }

    /// Notes a run over an event, and sets the parser aside when there were too many bad ones.
    pub(crate) fn note(&self, began: Instant, excess: Option<Excess>, raw: &[u8]) {
        let set_aside = |why: String| {
            let sample = prefix(&String::from_utf8_lossy(raw), MAX_MESSAGE_BYTES).to_owned();
            let _already = self.aside.set(Aside { why, sample });
        };
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.runs += 1;
        window.time += began.elapsed();
        window.excesses += u32::from(excess.is_some());
        if let Some(excess) = excess.filter(|_| window.excesses >= MAX_EXCESSES) {
            set_aside(format!("{excess}, for the {MAX_EXCESSES}rd time in {} events", window.runs));
        }
        if window.runs == WINDOW {
            let mean = window.time / WINDOW;
            if mean > MAX_MEAN {
                set_aside(format!("it took {} µs an event over {WINDOW} events, {} µs at most", mean.as_micros(), MAX_MEAN.as_micros()));
            }
            *window = Window::default();
        }
    }

    /// Why it was set aside; only the first caller is told.
    pub(crate) fn tell(&self) -> Option<&Aside> {
        let aside = self.aside.get()?;
        (!self.told.swap(true, Ordering::Relaxed)).then_some(aside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_is_set_aside_after_its_third_excess_and_it_is_told_once() {
        let watch = Watch::default();
        for _ in 0..2 {
            watch.note(Instant::now(), Some(Excess::Steps), b"a");
            watch.note(Instant::now(), None, b"a");
        }
        assert_eq!((watch.why(), watch.tell()), (None, None));
        watch.note(Instant::now(), Some(Excess::Value), "bü".as_bytes());
        let why = "the program made a value of more than 1048576 bytes, for the 3rd time in 5 events";
        assert_eq!(watch.tell(), Some(&Aside { why: why.into(), sample: "bü".into() }));
        assert_eq!(watch.tell(), None);
        assert!(watch.why().is_some());
    }

    #[test]
    fn two_excesses_in_every_window_are_forgiven_and_a_slow_window_is_not() {
        let watch = Watch::default();
        for run in 0..2 * WINDOW {
            watch.note(Instant::now(), (run % WINDOW < 2).then_some(Excess::Time), b"a");
        }
        assert_eq!(watch.why(), None);
        let Some(long_ago) = Instant::now().checked_sub(Duration::from_secs(2)) else { return };
        watch.note(long_ago, None, b"a");
        (1..WINDOW).for_each(|_| watch.note(Instant::now(), None, b"a"));
        assert!(watch.why().is_some_and(|why| why.contains("over 1000 events, 1000 µs at most")), "{:?}", watch.why());
    }
}
