//! The memory that logs waiting to be worked and tails waiting to be written take, over all workspaces of a node.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What all open workspaces hold together, and what they may.
#[derive(Debug)]
pub(crate) struct Memory {
    used: AtomicUsize,
    open: AtomicUsize,
    limit: usize,
}

impl Memory {
    /// Nothing held yet.
    pub(crate) fn new(limit: usize) -> Self {
        Self { used: AtomicUsize::new(0), open: AtomicUsize::new(0), limit: limit.max(1) }
    }

    /// So many bytes more are held.
    pub(crate) fn add(&self, bytes: usize) {
        self.used.fetch_add(bytes, Ordering::Relaxed);
    }

    /// So many bytes less.
    pub(crate) fn sub(&self, bytes: usize) {
        let less = |used: usize| Some(used.saturating_sub(bytes));
        let _always_some = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// A workspace opened.
    pub(crate) fn opened(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    /// A workspace closed.
    pub(crate) fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether senders must wait.
    pub(crate) fn full(&self) -> bool {
        self.used.load(Ordering::Relaxed) >= self.limit
    }

    /// Whether a tail of so many bytes should be written now: the node is half full, and this one holds no less than most.
    pub(crate) fn presses(&self, bytes: usize) -> bool {
        let used = self.used.load(Ordering::Relaxed);
        used >= self.limit / 2 && bytes >= used / self.open.load(Ordering::Relaxed).max(1) / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pressure_falls_on_those_who_hold_much() {
        let memory = Memory::new(1000);
        (0..4).for_each(|_| memory.opened());
        memory.add(480);
        assert!(!memory.presses(480) && !memory.full());
        memory.add(120);
        assert!(memory.presses(300) && memory.presses(75) && !memory.presses(74));
        memory.add(400);
        assert!(memory.full());
        memory.sub(5000);
        assert!(!memory.full());
    }
}
