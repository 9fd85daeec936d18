//! What a workspace's database knows of rules: what was decided, and what they did.

use bailiwick_api::RuleState;
use bailiwick_chassis::{Refusal, sql::Db};
use bailiwick_detect::RuleSetting;
use sqlx::Row;
use std::collections::HashMap;

/// Everything known, by rule id.
pub(super) struct Known {
    pub(super) settings: HashMap<String, Noted>,
    pub(super) counts: HashMap<String, Counts>,
}

/// Why a rule is in its state.
pub(super) struct Noted {
    pub(super) reason: Option<String>,
    pub(super) sample: Option<String>,
    pub(super) failed: Option<i64>,
}

/// What a rule did since ever.
pub(super) struct Counts {
    pub(super) hits: u64,
    pub(super) signals: u64,
    /// The last hour it matched in, since 1970, as far as hours are kept.
    pub(super) last_hour: Option<i64>,
}

pub(super) async fn known(db: &Db) -> Result<Known, Refusal> {
    let number = |n: i64| u64::try_from(n).unwrap_or_default();
    let mut known = Known { settings: HashMap::new(), counts: HashMap::new() };
    for row in sqlx::query("select rule, reason, sample, failed from rule_setting").fetch_all(db.pool()).await? {
        let noted = Noted { reason: row.try_get("reason")?, sample: row.try_get("sample")?, failed: row.try_get("failed")? };
        known.settings.insert(row.try_get("rule")?, noted);
    }
    let text =
        "select rule, cast(sum(hits) as bigint) as hits, cast(sum(signals) as bigint) as signals, max(hour) as hour from rule_hour group by rule";
    for row in sqlx::query(text).fetch_all(db.pool()).await? {
        let hour: i64 = row.try_get("hour")?;
        let counts = Counts { hits: number(row.try_get("hits")?), signals: number(row.try_get("signals")?), last_hour: (hour >= 0).then_some(hour) };
        known.counts.insert(row.try_get("rule")?, counts);
    }
    Ok(known)
}

/// Writes what was decided by whom and when; a rule that is as it came has no row. A rule that is still set aside keeps the reason.
pub(super) async fn set(db: &Db, rule: &str, state: RuleState, setting: &RuleSetting, (actor, now_us): (&str, i64)) -> Result<(), Refusal> {
    if state == RuleState::Active && setting.severity.is_none() && setting.quiet_us.is_none() {
        sqlx::query("delete from rule_setting where rule = $1").bind(rule).execute(db.pool()).await?;
        return Ok(());
    }
    let text = "insert into rule_setting (rule, state, severity, quiet_us, changed, changed_by) values ($1, $2, $3, $4, $5, $6) \
                on conflict (rule) do update set state = excluded.state, severity = excluded.severity, quiet_us = excluded.quiet_us, \
                changed = excluded.changed, changed_by = excluded.changed_by, \
                reason = case when excluded.state = 'failed' then rule_setting.reason end, \
                sample = case when excluded.state = 'failed' then rule_setting.sample end, \
                failed = case when excluded.state = 'failed' then rule_setting.failed end";
    sqlx::query(text)
        .bind(rule)
        .bind(state.as_str())
        .bind(setting.severity.map(i64::from))
        .bind(setting.quiet_us)
        .bind(now_us)
        .bind(actor)
        .execute(db.pool())
        .await?;
    Ok(())
}
