//! A pool of licences and what of it every customer has. One customer is near its number of sources, and the one whose node is down waits.

use super::plan::{CUSTOMERS, NEAR_LICENCE, NEAR_SOURCES, Part};
use anyhow::Context;
use bailiwick_api::{Allocation, Customer, LicencePool, PutAllocation, PutPool};
use bailiwick_chassis::{Clock, SystemClock};
use bailiwick_client::ConsoleClient;
use chrono::TimeDelta;

const GB: u64 = 1 << 30;
/// Days until the licence ends.
const LASTS: i64 = 200;

/// Sets the pool.
pub(super) async fn pool(administrator: &ConsoleClient) -> anyhow::Result<()> {
    let pool = PutPool {
        sources: Some(2_000),
        users: Some(2_000),
        continuous_daily_bytes: Some(20_000 * GB),
        frequent_daily_bytes: Some(10_000 * GB),
        infrequent_daily_bytes: Some(10_000 * GB),
        retention_days: Some(3_650),
        expires_at: Some(SystemClock.now() + TimeDelta::days(LASTS)),
        ..PutPool::default()
    };
    administrator.call::<LicencePool>("PUT".parse()?, "/api/v1/licences/pool", Some(&pool)).await.context("pool of licences")?;
    Ok(())
}

/// Allocates to the customers of some parts. Only the volume of one tier is licensed, so no minute is throttled.
pub(super) async fn allocate(administrator: &ConsoleClient, customers: &[Customer], to: impl Fn(Part) -> bool) -> anyhow::Result<()> {
    for (plan, customer) in CUSTOMERS.iter().zip(customers).filter(|(plan, _)| to(plan.part)) {
        let allocation = PutAllocation {
            sources: Some(if plan.name == NEAR_LICENCE { NEAR_SOURCES } else { 100 }),
            users: Some(100),
            continuous_daily_bytes: Some(1_000 * GB),
            retention_days: Some(3_650),
            ..PutAllocation::default()
        };
        let path = format!("/api/v1/customers/{}/licence", customer.id);
        administrator.call::<Allocation>("PUT".parse()?, &path, Some(&allocation)).await.with_context(|| plan.name)?;
    }
    Ok(())
}
