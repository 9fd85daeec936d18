//! What a workspace uses of its licence: counts, days, and volume by tier, today and on average.

use super::{minute_bytes, store};
use crate::{
    State,
    access::WorkspaceGrant,
    health::{Finding, Resource},
    workspaces::Workspace,
};
use bailiwick_api::{LicenceResource, LicenceState, LicenceUsage, Tier, TierUsage, Tracker};
use bailiwick_chassis::Refusal;
use std::collections::HashMap;

const DAY_US: i64 = 86_400_000_000;
/// Days before today that an average is made of.
const DAYS: i64 = 7;
/// Today is counted in the finest meters, days before in the coarsest, in seconds.
const FINE: i64 = 300;
const COARSE: i64 = 3600;

/// The licence and what it means now.
pub(crate) async fn state(state: &State, grant: &WorkspaceGrant) -> Result<LicenceState, Refusal> {
    let now_us = state.clock().now_us();
    let workspace = grant.workspace();
    // Read before the meters: what is stored in between counts twice for a moment, never not at all.
    let unflushed = unflushed(workspace);
    let (limits, set_by) = store::read(workspace.db()).await?;
    let usage = usage(grant, &unflushed, now_us).await?;
    Ok(LicenceState {
        daily_bytes: limits.daily_bytes,
        minute_bytes: limits.daily_bytes.map(minute_bytes),
        today_bytes: usage.tiers.iter().map(|tier| tier.today_bytes).sum(),
        this_minute_bytes: workspace.throttle().this_minute(now_us),
        set_by,
        limits,
        usage,
    })
}

/// Bytes that are in no file yet, by tier.
fn unflushed(workspace: &Workspace) -> HashMap<Tier, u64> {
    let mut bytes = HashMap::new();
    for (source, counts) in workspace.unflushed() {
        let tier = workspace.source(&source).map_or(Tier::Continuous, |source| source.tier);
        *bytes.entry(tier).or_default() += counts.bytes;
    }
    bytes
}

async fn usage(grant: &WorkspaceGrant, unflushed: &HashMap<Tier, u64>, now_us: i64) -> Result<LicenceUsage, Refusal> {
    let today = now_us - now_us.rem_euclid(DAY_US);
    let from = today - DAYS * DAY_US;
    let (sources, users) = store::heads(grant).await?;
    let retention = grant.workspace().keeper().retention().await?;
    let since_midnight = by_tier(store::bytes_by_tier(grant, FINE, today, i64::MAX).await?);
    let before = by_tier(store::bytes_by_tier(grant, COARSE, from, today).await?);
    let days = store::first_bucket(grant, COARSE, from).await?.map_or(1, |first| days_since(first, today));
    let of = |map: &HashMap<Tier, u64>, tier| map.get(&tier).copied().unwrap_or_default();
    let tier = |tier| TierUsage { tier, today_bytes: of(&since_midnight, tier) + of(unflushed, tier), average_daily_bytes: of(&before, tier) / days };
    Ok(LicenceUsage {
        sources,
        users,
        retention_days: retention.continuous_days.max(retention.frequent_days).max(retention.infrequent_days).into(),
        tiers: Tier::ALL.iter().copied().map(tier).collect(),
    })
}

/// Days from a time to midnight, begun ones whole: 1 to [`DAYS`].
fn days_since(first_us: i64, today_us: i64) -> u64 {
    let days = (today_us - first_us + DAY_US - 1).div_euclid(DAY_US);
    days.clamp(1, DAYS).unsigned_abs()
}

/// What came before there were tiers counts as `continuous`.
fn by_tier(rows: Vec<(String, u64)>) -> HashMap<Tier, u64> {
    let mut bytes = HashMap::new();
    for (word, count) in rows {
        *bytes.entry(word.parse().unwrap_or(Tier::Continuous)).or_default() += count;
    }
    bytes
}

/// Tells health what comes near a limit or is over it. Nothing stops by it.
pub(crate) fn tell(workspace: &Workspace, licence: &LicenceState) {
    let limits = licence.limits.resources();
    for resource in LicenceResource::ALL {
        let (used, limit) = (licence.usage.of(*resource), limits.get(*resource));
        let at = Resource::Limit(name(*resource));
        if *resource != LicenceResource::RetentionDays {
            workspace.health().usage(&at, Tracker::LimitApproaching, used, limit.unwrap_or(0));
            continue;
        }
        // Keeping events exactly as long as is licensed is as it should be.
        let finding = match limit {
            Some(limit) if used > limit => Finding::warning("LIMIT", format!("{used} of {limit} used")),
            _ => Finding::Healthy,
        };
        workspace.health().report(&at, Tracker::LimitApproaching, &finding);
    }
}

/// The limit as health names it.
const fn name(resource: LicenceResource) -> &'static str {
    match resource {
        LicenceResource::Sources => "licence.sources",
        LicenceResource::Users => "licence.users",
        LicenceResource::ContinuousDailyBytes => "licence.continuous_daily_bytes",
        LicenceResource::FrequentDailyBytes => "licence.frequent_daily_bytes",
        LicenceResource::InfrequentDailyBytes => "licence.infrequent_daily_bytes",
        LicenceResource::RetentionDays => "licence.retention_days",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_is_made_of_the_days_there_were_and_of_seven_at_most() {
        let today = 100 * DAY_US;
        for (hours, days) in [(1, 1), (24, 1), (25, 2), (6 * 24, 6), (7 * 24, 7), (30 * 24, 7), (-5, 1)] {
            assert_eq!(days_since(today - hours * DAY_US / 24, today), days, "{hours} hours");
        }
    }

    #[test]
    fn bytes_without_a_tier_count_as_continuous() {
        let bytes = by_tier(vec![(String::new(), 3), ("continuous".into(), 4), ("infrequent".into(), 5)]);
        assert_eq!((bytes[&Tier::Continuous], bytes[&Tier::Infrequent]), (7, 5));
    }
}
