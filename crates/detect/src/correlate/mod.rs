//! What becomes of a signal: kept, suppressed as a repetition, joined to an investigation, or the one that opens it.
//!
//! Pure decisions over state the caller holds; the formulas stand here, in one place:
//!
//! - **Suppression.** A signal that counts starts a quiet period for its name and entity. Another of that name within 12
//!   hours of the last is suppressed and extends the period, at most to 72 hours after the first; then it counts again.
//! - **Score.** The sum over the distinct names of an entity's signals (the highest severity of each) that count: not suppressed,
//!   not of a prototype rule, not yet in an investigation, created within 14 days. Strictly above 12 opens an investigation with
//!   all of them. A rule of level critical opens one at once, unless the policy says otherwise.
//! - **Custom insights** ([`CustomInsight`]) open an investigation whatever the score.
//! - **Joining.** While an investigation about an entity is open, further signals on it join. The signals of one match (one
//!   per entity) stay together: what one of them opens or joins, the others join, unless their entity has an open
//!   investigation of its own. One match never opens two.
//! - **Throttle.** A rule that opened many investigations within minutes opens no more for a while ([`decide_throttled`]): what would have opened
//!   one is held, keeps counting, and the next match may open it.
//! - **Priority.** By the summed severities above the threshold; never lowered; a person's choice is only overruled by what came
//!   after it.

mod criticality;
mod custom;
mod decide;
mod policy;
mod state;

pub use criticality::{Criticality, CriticalityError};
pub use custom::{CustomInsight, CustomSeverity, Order};
pub use decide::{Decision, Opening, decide, decide_throttled};
pub use policy::{Policy, Priority};
pub use state::{EntityKey, EntityState, MAX_SIGNALS, NameWeight, NewSignal, OpenInvestigation, PastSignal, Quiet};

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
