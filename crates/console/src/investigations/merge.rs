//! One order over many nodes: a k-way merge of what each sent, cut to a page.
//!
//! A node that has more than it sent puts up a barrier at its last row: nothing beyond it may be shown yet, or the node's own
//! next rows would be passed over. So pages that follow one another by their last place show every row that keeps its place
//! exactly once, whatever else arrives meanwhile.

use bailiwick_api::{Sort, SortKey};
use std::{cmp::Ordering, collections::BinaryHeap};

/// One node's rows.
pub(super) struct Part<T> {
    /// Rows with their places.
    pub rows: Vec<(SortKey, T)>,
    /// Place of the last row sent, when the node has more.
    pub barrier: Option<SortKey>,
}

/// A page.
pub(super) struct Merged<T> {
    /// Its rows in order.
    pub rows: Vec<T>,
    /// The place after which the next page begins; none at the end.
    pub next: Option<SortKey>,
}

/// The first row of a node not yet taken. The least in the order is the greatest in the heap.
struct Head<T> {
    sort: Sort,
    key: SortKey,
    row: T,
    part: usize,
}

impl<T> Ord for Head<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sort.compare(&other.key, &self.key).then(other.part.cmp(&self.part))
    }
}

impl<T> PartialOrd for Head<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Head<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Head<T> {}

/// Merges the parts to a page of at most `limit` rows.
pub(super) fn merge<T>(sort: Sort, limit: usize, parts: Vec<Part<T>>) -> Merged<T> {
    let barrier = parts.iter().filter_map(|part| part.barrier.clone()).min_by(|a, b| sort.compare(a, b));
    let mut queues: Vec<_> = parts.into_iter().map(|part| in_order(sort, part.rows).into_iter()).collect();
    let head = |part: usize, (key, row)| Head { sort, key, row, part };
    let firsts: Vec<_> = queues.iter_mut().enumerate().filter_map(|(part, queue)| queue.next().map(|first| head(part, first))).collect();
    let mut heap = BinaryHeap::from(firsts);
    let mut rows = Vec::new();
    let mut last: Option<SortKey> = None;
    while let Some(Head { key, row, part, .. }) = heap.pop() {
        if barrier.as_ref().is_some_and(|barrier| sort.compare(&key, barrier).is_gt()) {
            break;
        }
        if rows.len() == limit {
            return Merged { rows, next: last };
        }
        rows.push(row);
        last = Some(key);
        heap.extend(queues[part].next().map(|next| head(part, next)));
    }
    Merged { rows, next: barrier }
}

/// A node that sends its rows in another order must not disturb the others'.
fn in_order<T>(sort: Sort, mut rows: Vec<(SortKey, T)>) -> Vec<(SortKey, T)> {
    if !rows.is_sorted_by(|(a, _), (b, _)| sort.compare(a, b).is_le()) {
        rows.sort_by(|(a, _), (b, _)| sort.compare(a, b));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_api::{SortColumn, SortValue};
    use proptest::prelude::*;

    const SORTS: [Sort; 4] = [Sort::PRIORITY, Sort::NEWEST, Sort::OLDEST, Sort { column: SortColumn::ClosedTime, descending: false }];

    fn key((node, first, created, id): (usize, i64, i64, u16)) -> SortKey {
        SortKey { first: (first > 0).then_some(SortValue::Number(first)), created, rrn: format!("rrn:investigation:eu:w{node}:investigation:{id}") }
    }

    fn keys() -> impl Strategy<Value = Vec<SortKey>> {
        let row = (0..4_usize, 0..5_i64, 0..20_i64, 0..500_u16);
        prop::collection::btree_set(row, 0..80).prop_map(|rows| rows.into_iter().map(key).collect())
    }

    fn node(key: &SortKey) -> usize {
        (0..4).find(|n| key.rrn.contains(&format!(":w{n}:"))).unwrap()
    }

    /// What the nodes answer to one question: at most `at_most` rows each, strictly after a place.
    fn parts(sort: Sort, rows: &[SortKey], after: Option<&SortKey>, at_most: usize) -> Vec<Part<SortKey>> {
        (0..4)
            .map(|n| {
                let mut own: Vec<_> = rows.iter().filter(|key| node(key) == n).cloned().collect();
                own.retain(|key| after.is_none_or(|after| sort.compare(after, key).is_lt()));
                own.sort_by(|a, b| sort.compare(a, b));
                let more = own.len() > at_most;
                own.truncate(at_most);
                Part { barrier: own.last().filter(|_| more).cloned(), rows: own.into_iter().map(|key| (key.clone(), key)).collect() }
            })
            .collect()
    }

    #[test]
    fn an_empty_page_has_no_next_and_a_full_last_page_neither() {
        assert!(merge::<()>(Sort::PRIORITY, 10, Vec::new()).next.is_none());
        let rows: Vec<_> = (0..10).map(|id| key((0, 1, 1, id))).collect();
        let page = merge(Sort::PRIORITY, 10, parts(Sort::PRIORITY, &rows, None, 10));
        assert_eq!((page.rows.len(), page.next), (10, None));
        assert!(merge(Sort::PRIORITY, 9, parts(Sort::PRIORITY, &rows, None, 9)).next.is_some());
    }

    #[test]
    fn rows_beyond_the_end_of_a_node_that_has_more_wait_for_the_next_page() {
        let one = |first| (key((0, first, 0, 0)), first);
        let short = Part { rows: vec![one(9), one(7)], barrier: Some(one(7).0) };
        let other = Part { rows: vec![(key((1, 8, 0, 0)), 8), (key((1, 3, 0, 0)), 3)], barrier: None };
        let page = merge(Sort::PRIORITY, 100, vec![short, other]);
        assert_eq!(page.rows, [9, 8, 7], "3 may stand behind rows of the first node that were not sent");
        assert_eq!(page.next.and_then(|key| key.first), Some(SortValue::Number(7)));
    }

    proptest! {
        #[test]
        fn a_merge_is_the_sorted_concatenation(rows in keys(), sort in prop::sample::select(SORTS.to_vec()), limit in 1..100_usize) {
            let page = merge(sort, limit, parts(sort, &rows, None, limit));
            let mut all = rows.clone();
            all.sort_by(|a, b| sort.compare(a, b));
            let more = all.len() > limit;
            all.truncate(limit);
            prop_assert_eq!(page.rows, all);
            prop_assert_eq!(page.next.is_some(), more);
        }

        #[test]
        fn a_node_that_sends_its_rows_in_disorder_is_put_in_order(rows in keys(), sort in prop::sample::select(SORTS.to_vec())) {
            let disorder = rows.iter().rev().map(|key| (key.clone(), key.clone())).collect();
            let page = merge(sort, 1000, vec![Part { rows: disorder, barrier: None }]);
            prop_assert!(page.rows.is_sorted_by(|a, b| sort.compare(a, b).is_le()));
            prop_assert_eq!(page.rows.len(), rows.len());
        }

        #[test]
        fn paging_shows_every_row_that_keeps_its_place_exactly_once_while_others_arrive(
            stay in keys(),
            arrive in prop::collection::vec(keys(), 0..12),
            sort in prop::sample::select(SORTS.to_vec()),
            limit in 1..30_usize,
            at_most in 1..30_usize,
        ) {
            let (mut rows, mut arrive) = (stay.clone(), arrive.into_iter());
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = merge(sort, limit, parts(sort, &rows, after.as_ref(), at_most));
                prop_assert!(page.rows.len() <= limit);
                seen.extend(page.rows);
                let Some(next) = page.next else { break };
                prop_assert!(after.as_ref().is_none_or(|after| sort.compare(after, &next).is_lt()), "paging stands still");
                after = Some(next);
                rows.extend(arrive.next().into_iter().flatten().filter(|key| !stay.contains(key)));
                rows.sort_by(|a, b| a.rrn.cmp(&b.rrn).then_with(|| sort.compare(a, b)));
                rows.dedup();
            }
            prop_assert!(seen.is_sorted_by(|a, b| sort.compare(a, b).is_lt()), "a row was shown twice or out of order");
            for key in &stay {
                prop_assert_eq!(seen.iter().filter(|shown| *shown == key).count(), 1);
            }
        }
    }
}
