//! Indexes that were read lately, up to so many bytes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::Index;

/// Keeps what was used last; cheap to share.
#[derive(Debug)]
pub(crate) struct Cache {
    limit: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    bytes: usize,
    clock: u64,
    by_name: HashMap<String, (Arc<Index>, u64)>,
    by_use: BTreeMap<u64, String>,
}

impl Cache {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, inner: Mutex::default() }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<Index>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        let (index, used) = inner.by_name.get_mut(name)?;
        let (index, before) = (Arc::clone(index), std::mem::replace(used, now));
        if let Some(name) = inner.by_use.remove(&before) {
            inner.by_use.insert(now, name);
        }
        Some(index)
    }

    /// Keeps an index; one that alone is more than there is room for is not kept.
    pub(crate) fn put(&self, name: String, index: Arc<Index>) {
        let size = index.size();
        if size > self.limit {
            return;
        }
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.remove(&name);
        while inner.bytes + size > self.limit {
            let Some((_, oldest)) = inner.by_use.pop_first() else { break };
            inner.remove(&oldest);
        }
        inner.clock += 1;
        let now = inner.clock;
        inner.bytes += size;
        inner.by_use.insert(now, name.clone());
        inner.by_name.insert(name, (index, now));
    }
}

impl Inner {
    fn remove(&mut self, name: &str) {
        if let Some((index, used)) = self.by_name.remove(name) {
            self.bytes -= index.size();
            self.by_use.remove(&used);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Builder;
    use super::*;

    #[test]
    fn the_cache_keeps_what_was_used_last_and_no_more_than_it_may() {
        let index = || Arc::new(Index::open(Builder::default().finish()).expect("an index"));
        let one = index().size();
        let cache = Cache::new(one * 2);
        cache.put("a".into(), index());
        cache.put("b".into(), index());
        assert!(cache.get("a").is_some());
        cache.put("c".into(), index());
        assert!(cache.get("a").is_some() && cache.get("b").is_none() && cache.get("c").is_some());
        cache.put("c".into(), index());
        assert!(cache.get("a").is_some() && cache.get("c").is_some());
        let small = Cache::new(one - 1);
        small.put("a".into(), index());
        assert!(small.get("a").is_none());
    }
}
