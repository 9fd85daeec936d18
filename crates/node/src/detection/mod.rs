//! Detection of one workspace: the node's shared rules under what the workspace decided ([`live`], read by [`load`]), and the numbers by
//! which its signals add up.

pub(crate) mod http;
mod live;
pub(crate) mod load;

pub(crate) use live::LiveDetection;
pub use live::{OnRuleFailed, RuleFailure};

use bailiwick_api::DetectionSettings;
use bailiwick_chassis::Refusal;

/// Checks the numbers; each refusal names the field.
pub(crate) fn check(settings: &DetectionSettings) -> Result<(), Refusal> {
    let within = |field: &str, value: u32, least: u32, most: u32| {
        let refusal = || Refusal::invalid("INVALID_INPUT", field, format!("{field}: {least} to {most}"));
        if (least..=most).contains(&value) { Ok(()) } else { Err(refusal()) }
    };
    within("window_days", settings.window_days, 1, 90)?;
    within("threshold", settings.threshold, 1, 1_000)?;
    within("quiet_cap_hours", settings.quiet_cap_hours, 24, 72)?;
    within("quiet_hours", settings.quiet_hours, 1, settings.quiet_cap_hours)?;
    within("entity_signals_per_minute", settings.entity_signals_per_minute, 1, 10_000)?;
    within("workspace_signals_per_minute", settings.workspace_signals_per_minute, 1, 100_000)?;
    within("rule_openings_per_five_minutes", settings.rule_openings_per_five_minutes, 1, 10_000)
}
