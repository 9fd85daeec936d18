//! Acknowledgements of Splunk's collector: a sender asks on its channel which of its batches are safe.
//!
//! An answer is given only when a batch is durable, so every number ever given stands for a durable one; what is kept is which numbers
//! were given. In memory and bounded: a channel that was not used for an hour, or the oldest when there are too many, is forgotten, and
//! its numbers are unknown again, which makes a sender send once more.

use bailiwick_api::{SourceId, WorkspaceId};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

/// Channels a node remembers.
const CHANNELS: usize = 10_000;
/// Channels forgotten at once when there are too many.
const FORGOTTEN: usize = CHANNELS / 10;
/// A channel not used for so long is forgotten, in microseconds.
const IDLE_US: i64 = 3_600_000_000;
/// Batches of a channel whose retry gets the same number again.
const RECENT: usize = 32;

/// A sender's channel at a source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ChannelKey {
    pub(crate) workspace: WorkspaceId,
    pub(crate) source: SourceId,
    pub(crate) channel: String,
}

#[derive(Debug, Default)]
struct Channel {
    next: u64,
    recent: VecDeque<(String, u64)>,
    used_us: i64,
}

/// The channels of a node.
#[derive(Debug, Default)]
pub(crate) struct Acks(Mutex<HashMap<ChannelKey, Channel>>);

impl Acks {
    /// The number for a batch that is durable. A retry, told by the same `mark`, gets the number it had.
    pub(crate) fn issue(&self, key: ChannelKey, mark: Option<&str>, now_us: i64) -> u64 {
        let mut channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if channels.len() >= CHANNELS && !channels.contains_key(&key) {
            forget(&mut channels, now_us);
        }
        let channel = channels.entry(key).or_default();
        channel.used_us = now_us;
        let before = mark.and_then(|mark| channel.recent.iter().find(|(known, _)| known == mark));
        if let Some((_, number)) = before {
            return *number;
        }
        let number = channel.next;
        channel.next += 1;
        if let Some(mark) = mark {
            channel.recent.push_back((mark.to_owned(), number));
            if channel.recent.len() > RECENT {
                channel.recent.pop_front();
            }
        }
        number
    }

    /// Which of these numbers were given on a channel.
    pub(crate) fn given(&self, key: &ChannelKey, numbers: &[u64], now_us: i64) -> Vec<bool> {
        let mut channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(channel) = channels.get_mut(key).filter(|channel| now_us - channel.used_us <= IDLE_US) else { return vec![false; numbers.len()] };
        channel.used_us = now_us;
        numbers.iter().map(|number| *number < channel.next).collect()
    }
}

fn forget(channels: &mut HashMap<ChannelKey, Channel>, now_us: i64) {
    channels.retain(|_, channel| now_us - channel.used_us <= IDLE_US);
    if channels.len() < CHANNELS {
        return;
    }
    let mut used: Vec<i64> = channels.values().map(|channel| channel.used_us).collect();
    let (_, cut, _) = used.select_nth_unstable(FORGOTTEN);
    let cut = *cut;
    channels.retain(|_, channel| channel.used_us > cut);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(channel: &str) -> ChannelKey {
        ChannelKey { workspace: WorkspaceId::from("w"), source: SourceId::from("s"), channel: channel.into() }
    }

    #[test]
    fn numbers_go_up_by_channel_and_a_retry_gets_its_own_again() {
        let acks = Acks::default();
        assert_eq!([acks.issue(key("a"), Some("one"), 1), acks.issue(key("a"), None, 2), acks.issue(key("b"), None, 3)], [0, 1, 0]);
        assert_eq!(acks.issue(key("a"), Some("one"), 4), 0);
        assert_eq!(acks.given(&key("a"), &[0, 1, 2], 5), [true, true, false]);
        assert_eq!(acks.given(&key("c"), &[0], 5), [false]);
        assert_eq!(acks.given(&key("a"), &[0], 6 + IDLE_US), [false], "an hour later it is forgotten");
    }

    #[test]
    fn there_are_never_more_channels_than_the_bound_and_the_oldest_go_first() {
        let acks = Acks::default();
        for n in 0..CHANNELS as i64 + 5 {
            acks.issue(key(&n.to_string()), None, n);
            assert!(acks.0.lock().unwrap().len() <= CHANNELS);
        }
        assert_eq!(acks.given(&key("0"), &[0], CHANNELS as i64), [false]);
        assert_eq!(acks.given(&key(&CHANNELS.to_string()), &[0], CHANNELS as i64), [true]);
    }
}
