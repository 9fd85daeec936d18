//! What is allocated never adds up to more than there is, whatever is asked for in whatever order.

use super::allocate::fits;
use bailiwick_api::{LicenceResource, Resources};
use proptest::prelude::*;

fn number() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![1 => Just(None), 6 => (0_u64..40).prop_map(Some), 1 => Just(Some(1 << 50))]
}

fn resources() -> impl Strategy<Value = Resources> {
    prop::array::uniform6(number()).prop_map(|numbers| {
        let mut resources = Resources::default();
        for (resource, number) in LicenceResource::ALL.iter().zip(numbers) {
            resources.set(*resource, number);
        }
        resources
    })
}

/// What these allocations take together, as the database adds it up.
fn together<'a>(all: impl Iterator<Item = &'a Resources>) -> Resources {
    let mut sums = Resources::default();
    for one in all {
        for resource in LicenceResource::ALL {
            let (before, number) = (sums.get(*resource), one.get(*resource));
            let sum = if resource.is_sum() { before.zip(number).map(|(a, b)| a + b) } else { before.max(number) };
            sums.set(*resource, sum.or(before).or(number));
        }
    }
    sums
}

#[test]
fn all_of_it_can_be_allocated_and_not_one_more() {
    let pool = Resources { sources: Some(10), retention_days: Some(365), ..Resources::default() };
    let others = Resources { sources: Some(7), retention_days: Some(365), ..Resources::default() };
    let wanted = |sources, days| Resources { sources: Some(sources), retention_days: Some(days), users: Some(1_000), ..Resources::default() };
    fits(&pool, &others, &wanted(3, 365)).unwrap();
    let refusal = fits(&pool, &others, &wanted(4, 365)).unwrap_err().problem();
    assert_eq!((refusal.status, refusal.code.as_str(), refusal.field.as_deref()), (409, "OVER_ALLOCATED", Some("sources")));
    assert_eq!(refusal.current.unwrap(), serde_json::json!({"resource": "sources", "requested": 4, "available": 3}));
    let refusal = fits(&pool, &others, &wanted(3, 366)).unwrap_err().problem();
    assert_eq!(refusal.current.unwrap()["available"], 365, "days are a maximum for each, and no sum");
}

proptest! {
    #[test]
    fn allocations_never_exceed_the_pool(pool in resources(), asked in prop::collection::vec((0_usize..6, resources()), 1..60)) {
        let mut held = vec![Resources::default(); 6];
        for (customer, wanted) in asked {
            let others = together(held.iter().enumerate().filter(|(n, _)| *n != customer).map(|(_, one)| one));
            let refused = fits(&pool, &others, &wanted).is_err();
            let before = held[customer];
            held[customer] = wanted;
            let sums = together(held.iter());
            let over = |resource: &&LicenceResource| pool.get(**resource).is_some_and(|total| sums.get(**resource).is_some_and(|sum| sum > total));
            let over = LicenceResource::ALL.iter().find(over);
            prop_assert_eq!(refused, over.is_some(), "{:?}", over);
            if refused {
                held[customer] = before;
            }
        }
    }
}
