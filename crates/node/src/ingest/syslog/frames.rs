//! The bytes of a connection to events (RFC 6587, RFC 5425): octet counting or newline framing, frame by frame as its first byte tells.
//!
//! Pure, so that it can be fuzzed. Bytes are copied once, by the read: the events of a batch are slices of one block. What is too long is
//! cut while it is read, so a frame holds at most one event's bytes in memory, whatever its count says.

use crate::{ingest::event, wal::Event};
use bailiwick_event::MAX_EVENT_BYTES;
use bytes::{Buf, BytesMut};
use std::ops::Range;

/// Bytes after which an unended line is cut.
const MAX_FRAME: usize = MAX_EVENT_BYTES + 1;
/// The largest octet count that is one; a larger number is text.
const MAX_COUNT: usize = 16 * MAX_EVENT_BYTES;
/// Digits of a count, at most.
const COUNT_DIGITS: usize = 8;

/// How much of a connection becomes one batch.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Events.
    pub events: usize,
    /// Bytes, of which the last event may be over.
    pub bytes: usize,
}

impl Limit {
    /// No limit but what was read.
    pub const NONE: Self = Self { events: usize::MAX, bytes: usize::MAX };
}

/// What was read and not handed on yet.
#[derive(Debug, Default)]
pub struct Frames {
    pub(super) buffer: BytesMut,
    /// Bytes at the start of the buffer that hold no newline.
    scanned: usize,
    overlong: Option<Overlong>,
}

/// A frame of which more came than an event may have: its first bytes, and how many there were.
#[derive(Debug)]
struct Overlong {
    kept: BytesMut,
    length: usize,
    /// Octets still to come, when they were counted; up to the next newline otherwise.
    left: Option<usize>,
}

/// What stands at the start of some bytes.
enum Next {
    /// A frame, and where the next begins.
    Frame(Range<usize>, usize),
    /// A counted frame that is too long to be an event: where its octets begin, and how many they are.
    TooLong(usize, usize),
    /// Nothing whole.
    Unended,
}

impl Frames {
    /// Adds what was read; for tests and fuzzing.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Takes every whole frame; at the end of a connection also what is left.
    pub fn take(&mut self, ended: bool) -> Vec<Event> {
        self.take_some(Limit::NONE, ended)
    }

    /// Takes whole frames up to a limit; empty when there is none. At the end of a connection also what is left.
    pub fn take_some(&mut self, limit: Limit, ended: bool) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            if self.overlong.is_some() && !self.skip(ended, &mut events) {
                return events;
            }
            let more = self.whole(limit, &mut events);
            if events.len() >= limit.events || more == Some(Full) {
                return events;
            }
            if self.overlong.is_none() {
                if ended {
                    events.extend(self.rest());
                }
                return events;
            }
        }
    }

    /// Makes room for a read of so many bytes; half of it is enough when it is there.
    pub(super) fn reserve(&mut self, bytes: usize) {
        if self.room() < bytes / 2 || self.room() == 0 {
            self.buffer.reserve(bytes);
        }
    }

    /// Bytes the next read may bring.
    pub(super) fn room(&self) -> usize {
        self.buffer.capacity() - self.buffer.len()
    }

    /// Bytes that wait for the end of their frame.
    pub fn waiting(&self) -> usize {
        self.buffer.len() + self.overlong.as_ref().map_or(0, |overlong| overlong.kept.len())
    }

    /// Whether a frame has begun and not ended.
    pub fn begun(&self) -> bool {
        !self.buffer.is_empty() || self.overlong.is_some()
    }

    /// Takes the whole frames at the start of the buffer as slices of one block.
    fn whole(&mut self, limit: Limit, events: &mut Vec<Event>) -> Option<Full> {
        let room = limit.events.saturating_sub(events.len());
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let (mut at, mut scanned, mut full, mut too_long) = (0, std::mem::take(&mut self.scanned), None, None);
        loop {
            if ranges.len() >= room || (at >= limit.bytes && !ranges.is_empty()) {
                full = Some(Full);
                break;
            }
            match next(&self.buffer, at, scanned) {
                Next::Frame(frame, end) => {
                    ranges.extend(trimmed(&self.buffer, frame));
                    at = end;
                    scanned = 0;
                }
                Next::TooLong(begin, length) => {
                    too_long = Some((begin - at, length));
                    break;
                }
                Next::Unended => {
                    self.scanned = self.buffer.len() - at;
                    break;
                }
            }
        }
        let block = self.buffer.split_to(at).freeze();
        events.extend(ranges.into_iter().map(|range| event(block.slice(range))));
        if let Some((header, length)) = too_long {
            self.buffer.advance(header);
            self.cut(Some(length));
        } else if self.buffer.len() > MAX_FRAME && self.scanned == self.buffer.len() && counted(&self.buffer).is_none() {
            self.cut(None);
        }
        full
    }

    /// Keeps the first bytes of a frame that is too long.
    fn cut(&mut self, count: Option<usize>) {
        let have = count.map_or(self.buffer.len(), |count| count.min(self.buffer.len()));
        let mut kept = self.buffer.split_to(have);
        kept.truncate(MAX_EVENT_BYTES);
        self.scanned = 0;
        self.overlong = Some(Overlong { kept, length: have, left: count.map(|count| count - have) });
    }

    /// Throws away what follows of a frame that is too long, up to its end. False when the end has not come.
    fn skip(&mut self, ended: bool, events: &mut Vec<Event>) -> bool {
        let Some(mut overlong) = self.overlong.take() else { return true };
        self.scanned = 0;
        let (gone, whole, newline) = match overlong.left {
            Some(left) => (left.min(self.buffer.len()), left <= self.buffer.len(), 0),
            None => memchr::memchr(b'\n', &self.buffer).map_or((self.buffer.len(), false, 0), |at| (at, true, 1)),
        };
        let more = gone.min(MAX_EVENT_BYTES - overlong.kept.len());
        overlong.kept.extend_from_slice(&self.buffer[..more]);
        self.buffer.advance(gone + newline);
        overlong.length += gone;
        overlong.left = overlong.left.map(|left| left - gone);
        if !whole && !ended {
            self.overlong = Some(overlong);
            return false;
        }
        events.push(Event::new(overlong.kept.freeze(), u32::try_from(overlong.length).unwrap_or(u32::MAX)));
        true
    }

    /// What is left at the end of a connection, as it came; of a counted frame that was cut off, its octets.
    fn rest(&mut self) -> Option<Event> {
        let begin = counted(&self.buffer).map_or(0, |(begin, _)| begin);
        self.scanned = 0;
        let rest = self.buffer.split().freeze();
        trimmed(&rest, begin..rest.len()).map(|range| event(rest.slice(range)))
    }
}

/// The batch is as large as it may be.
#[derive(PartialEq)]
struct Full;

/// The frame that begins at `at`, of which `scanned` bytes hold no newline.
fn next(buffer: &[u8], at: usize, scanned: usize) -> Next {
    let Some(here) = buffer.get(at..).filter(|here| !here.is_empty()) else { return Next::Unended };
    if let Some((begin, length)) = counted(here) {
        let (begin, end) = (at + begin, at + begin + length);
        if length > MAX_EVENT_BYTES && begin < buffer.len() {
            return Next::TooLong(begin, length);
        }
        return if end <= buffer.len() { Next::Frame(begin..end, end) } else { Next::Unended };
    }
    match memchr::memchr(b'\n', &here[scanned.min(here.len())..]) {
        Some(found) => {
            let end = at + scanned + found;
            Next::Frame(at..end, end + 1)
        }
        None => Next::Unended,
    }
}

/// A frame without the line ends and NULs that some senders pad with; none when it is blank. One that is too long stays as it is, as it
/// does when it is cut before its end is seen.
fn trimmed(buffer: &[u8], frame: Range<usize>) -> Option<Range<usize>> {
    let bytes = buffer.get(frame.clone())?;
    if bytes.len() > MAX_FRAME {
        return Some(frame);
    }
    let blank = |b: &u8| b.is_ascii_whitespace() || *b == 0;
    bytes.iter().find(|b| !blank(b))?;
    let from = bytes.iter().take_while(|b| **b == 0).count();
    let until = bytes.iter().rposition(|b| !matches!(b, 0 | b'\r' | b'\n')).map_or(0, |at| at + 1);
    Some(frame.start + from..frame.start + until)
}

/// `MSG-LEN SP` at the start: where the octets begin, and how many they are. A frame begins with `<`, so a number can be nothing else.
fn counted(buffer: &[u8]) -> Option<(usize, usize)> {
    if !matches!(buffer.first()?, b'1'..=b'9') {
        return None;
    }
    let digits = buffer.iter().take(COUNT_DIGITS).take_while(|b| b.is_ascii_digit()).count();
    if buffer.get(digits) != Some(&b' ') || !matches!(buffer.get(digits + 1), Some(b'<') | None) {
        return None;
    }
    let length = buffer[..digits].iter().fold(0_usize, |length, digit| length * 10 + usize::from(digit - b'0'));
    (length <= MAX_COUNT).then_some((digits + 1, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(events: &[Event]) -> Vec<String> {
        events.iter().map(|e| String::from_utf8_lossy(&e.raw).into_owned()).collect()
    }

    #[test]
    fn both_framings_are_read_on_one_connection() {
        let mut frames = Frames::default();
        frames.feed(b"<13>one\n<13>two\r\n11 <13>three\nx8 <13>fou");
        assert_eq!(texts(&frames.take(false)), ["<13>one", "<13>two", "<13>three\nx"]);
        frames.feed(b"r<13>rest");
        assert_eq!(texts(&frames.take(true)), ["<13>four", "<13>rest"]);
    }

    #[test]
    fn an_overlong_line_is_cut_and_says_how_long_it_was() {
        let mut frames = Frames::default();
        frames.feed(b"<13>");
        frames.feed(&vec![b'x'; 3 << 20]);
        let mut events = frames.take(false);
        frames.feed(b"yy\n<13>next\n");
        events.extend(frames.take(false));
        assert_eq!(events.len(), 2);
        assert_eq!((events[0].raw.len(), events[0].length), (MAX_EVENT_BYTES, (3 << 20) + 6));
        assert_eq!(&events[1].raw[..], b"<13>next");
    }

    #[test]
    fn a_counted_frame_that_is_too_long_is_cut_while_it_comes() {
        let sent = [format!("{} <13>", (2 << 20) + 4).into_bytes(), vec![b'x'; 2 << 20], b"8 <13>next".to_vec()].concat();
        for step in [1000, 65_536, sent.len()] {
            let mut frames = Frames::default();
            let mut events = Vec::new();
            for part in sent.chunks(step) {
                frames.feed(part);
                assert!(frames.waiting() <= MAX_EVENT_BYTES + step + 16, "{} bytes wait", frames.waiting());
                events.extend(frames.take(false));
            }
            assert_eq!(events.len(), 2, "{step}");
            assert_eq!((events[0].raw.len(), events[0].length), (MAX_EVENT_BYTES, (2 << 20) + 4));
            assert_eq!(&events[1].raw[..], b"<13>next");
            assert!(!frames.begun());
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_the_same_however_it_arrives() {
        for length in [MAX_EVENT_BYTES, MAX_EVENT_BYTES + 1, MAX_EVENT_BYTES + 2, MAX_EVENT_BYTES + 3] {
            let sent = [vec![b'x'; length - 1], b"\r\n<13>next\n".to_vec()].concat();
            let mut whole = Frames::default();
            whole.feed(&sent);
            let whole = whole.take(true);
            for cut in [length - 3, length - 1, length, length + 1] {
                let mut frames = Frames::default();
                frames.feed(&sent[..cut]);
                let mut events = frames.take(false);
                frames.feed(&sent[cut..]);
                events.extend(frames.take(true));
                assert!(whole == events, "{length} cut at {cut}");
            }
        }
    }

    #[test]
    fn a_count_that_cannot_be_one_is_text_and_padding_is_not() {
        let mut frames = Frames::default();
        frames.feed(b"99999999 <13>a\n<13>b\0\n\0<13>c\n\0\n \n9 <13>count");
        assert_eq!(texts(&frames.take(false)), ["99999999 <13>a", "<13>b", "<13>c", "<13>count"]);
    }

    #[test]
    fn a_count_begins_with_no_zero() {
        for whole in ["0 x\n", "007 <13>abc\n"] {
            for cut in 0..whole.len() {
                let mut frames = Frames::default();
                frames.feed(&whole.as_bytes()[..cut]);
                let mut events = frames.take(false);
                frames.feed(&whole.as_bytes()[cut..]);
                events.extend(frames.take(true));
                assert_eq!(texts(&events), [whole.trim_end()], "cut at {cut}");
            }
        }
    }

    proptest! {
        #[test]
        fn frames_do_not_depend_on_how_the_bytes_arrive(lines in proptest::collection::vec("<13>[a-z ]{1,20}", 1..8), cut in 0usize..200, counted in any::<bool>()) {
            let sent: String = lines.iter().map(|l| if counted { format!("{} {l}", l.len()) } else { format!("{l}\n") }).collect();
            let cut = cut.min(sent.len());
            let mut frames = Frames::default();
            frames.feed(&sent.as_bytes()[..cut]);
            let mut events = frames.take(false);
            frames.feed(&sent.as_bytes()[cut..]);
            events.extend(frames.take(true));
            prop_assert_eq!(texts(&events), lines);
        }

        #[test]
        fn batches_do_not_depend_on_limits_nor_on_how_bytes_arrive(
            noise in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b' '), Just(b'<'), Just(b'1'), Just(b'3'), Just(0), Just(b'\r'), any::<u8>()], 0..300),
            cuts in proptest::collection::vec(0usize..300, 0..6),
            limit in 1usize..5,
        ) {
            let mut whole = Frames::default();
            whole.feed(&noise);
            let mut parts = Frames::default();
            let (mut events, mut at) = (Vec::new(), 0);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(noise.len())).chain([noise.len()]).collect();
            cuts.sort_unstable();
            for (index, cut) in cuts.iter().enumerate() {
                parts.feed(&noise[at..*cut]);
                at = *cut;
                let ended = index + 1 == cuts.len();
                loop {
                    let some = parts.take_some(Limit { events: limit, bytes: 64 }, ended);
                    if some.is_empty() {
                        break;
                    }
                    events.extend(some);
                }
            }
            prop_assert_eq!(whole.take(true), events);
        }
    }
}
