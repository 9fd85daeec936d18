//! Licences: what a customer may use, what it uses, and the pool it comes from. GB is 2^30 bytes everywhere; on the wire volumes are bytes.

use crate::{CustomerRef, Tier, words::words};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

words!(
    /// What is licensed, each with a count.
    LicenceResource {
        /// Sources of a workspace, deleted ones not counted.
        Sources = "sources",
        /// Technicians at a workspace, revoked ones not counted.
        Users = "users",
        /// Bytes a day of the tier `continuous`.
        ContinuousDailyBytes = "continuous_daily_bytes",
        /// Bytes a day of the tier `frequent`.
        FrequentDailyBytes = "frequent_daily_bytes",
        /// Bytes a day of the tier `infrequent`.
        InfrequentDailyBytes = "infrequent_daily_bytes",
        /// Days events may be kept: a maximum for each customer, not a sum over all.
        RetentionDays = "retention_days",
    }
);

impl LicenceResource {
    /// Whether allocations add up. Days do not: what one customer keeps takes nothing from another.
    pub const fn is_sum(self) -> bool {
        !matches!(self, Self::RetentionDays)
    }

    /// The volume of a tier.
    pub const fn of_tier(tier: Tier) -> Self {
        match tier {
            Tier::Continuous => Self::ContinuousDailyBytes,
            Tier::Frequent => Self::FrequentDailyBytes,
            Tier::Infrequent => Self::InfrequentDailyBytes,
        }
    }
}

/// A number for each resource; null is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Resources {
    /// Sources.
    pub sources: Option<u64>,
    /// Technicians.
    pub users: Option<u64>,
    /// Bytes a day of the tier `continuous`.
    pub continuous_daily_bytes: Option<u64>,
    /// Bytes a day of the tier `frequent`.
    pub frequent_daily_bytes: Option<u64>,
    /// Bytes a day of the tier `infrequent`.
    pub infrequent_daily_bytes: Option<u64>,
    /// Days events may be kept.
    pub retention_days: Option<u64>,
}

impl Resources {
    /// The number of a resource.
    pub const fn get(&self, resource: LicenceResource) -> Option<u64> {
        match resource {
            LicenceResource::Sources => self.sources,
            LicenceResource::Users => self.users,
            LicenceResource::ContinuousDailyBytes => self.continuous_daily_bytes,
            LicenceResource::FrequentDailyBytes => self.frequent_daily_bytes,
            LicenceResource::InfrequentDailyBytes => self.infrequent_daily_bytes,
            LicenceResource::RetentionDays => self.retention_days,
        }
    }

    /// Sets the number of a resource.
    pub const fn set(&mut self, resource: LicenceResource, number: Option<u64>) {
        let place = match resource {
            LicenceResource::Sources => &mut self.sources,
            LicenceResource::Users => &mut self.users,
            LicenceResource::ContinuousDailyBytes => &mut self.continuous_daily_bytes,
            LicenceResource::FrequentDailyBytes => &mut self.frequent_daily_bytes,
            LicenceResource::InfrequentDailyBytes => &mut self.infrequent_daily_bytes,
            LicenceResource::RetentionDays => &mut self.retention_days,
        };
        *place = number;
    }

    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The licence a node is told. The daily volume as a whole is limited when that of every tier is.
    pub fn licence(&self) -> Licence {
        let tiers = [self.continuous_daily_bytes, self.frequent_daily_bytes, self.infrequent_daily_bytes];
        let daily_bytes = tiers.into_iter().try_fold(0_u64, |sum, bytes| Some(sum.saturating_add(bytes?)));
        Licence {
            daily_bytes,
            continuous_daily_bytes: self.continuous_daily_bytes,
            frequent_daily_bytes: self.frequent_daily_bytes,
            infrequent_daily_bytes: self.infrequent_daily_bytes,
            sources: self.sources,
            users: self.users,
            retention_days: self.retention_days,
        }
    }
}

/// What a workspace may use; null, or left out, is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Licence {
    /// Bytes a day of all tiers, as received and decompressed; what one minute may bring follows from it.
    pub daily_bytes: Option<u64>,
    /// Bytes a day of the tier `continuous`. More is shown and told, and never refused.
    pub continuous_daily_bytes: Option<u64>,
    /// The same of the tier `frequent`.
    pub frequent_daily_bytes: Option<u64>,
    /// The same of the tier `infrequent`.
    pub infrequent_daily_bytes: Option<u64>,
    /// Sources; one more is refused.
    pub sources: Option<u64>,
    /// Technicians; one more is refused.
    pub users: Option<u64>,
    /// Days events may be kept; a longer retention is refused.
    pub retention_days: Option<u64>,
}

impl Licence {
    /// The limits by resource.
    pub const fn resources(&self) -> Resources {
        Resources {
            sources: self.sources,
            users: self.users,
            continuous_daily_bytes: self.continuous_daily_bytes,
            frequent_daily_bytes: self.frequent_daily_bytes,
            infrequent_daily_bytes: self.infrequent_daily_bytes,
            retention_days: self.retention_days,
        }
    }
}

/// The volume of one tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TierUsage {
    /// The tier.
    pub tier: Tier,
    /// Bytes received since midnight UTC.
    pub today_bytes: u64,
    /// Bytes a day, on average of the seven days before today.
    pub average_daily_bytes: u64,
}

/// What a workspace uses of what is licensed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LicenceUsage {
    /// Sources there are.
    pub sources: u64,
    /// Technicians there are.
    pub users: u64,
    /// Days events of the longest kept tier are kept.
    pub retention_days: u64,
    /// Volume by tier.
    pub tiers: Vec<TierUsage>,
}

impl LicenceUsage {
    /// How much of a resource is used. Of a volume it is the higher of today so far and the average of the days before.
    pub fn of(&self, resource: LicenceResource) -> u64 {
        let tier = |tier| {
            let of_tier = self.tiers.iter().find(|usage| usage.tier == tier);
            of_tier.map_or(0, |usage| usage.today_bytes.max(usage.average_daily_bytes))
        };
        match resource {
            LicenceResource::Sources => self.sources,
            LicenceResource::Users => self.users,
            LicenceResource::RetentionDays => self.retention_days,
            LicenceResource::ContinuousDailyBytes => tier(Tier::Continuous),
            LicenceResource::FrequentDailyBytes => tier(Tier::Frequent),
            LicenceResource::InfrequentDailyBytes => tier(Tier::Infrequent),
        }
    }
}

/// A licence and what it means now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LicenceState {
    /// Bytes a day; null for no limit.
    pub daily_bytes: Option<u64>,
    /// Bytes a minute above which senders are told to wait; null for no limit.
    pub minute_bytes: Option<u64>,
    /// Bytes received since midnight UTC.
    pub today_bytes: u64,
    /// Bytes received in this minute.
    pub this_minute_bytes: u64,
    /// Who set it last: `operator` or a console.
    pub set_by: Option<String>,
    /// Every limit.
    pub limits: Licence,
    /// What is used.
    pub usage: LicenceUsage,
}

/// Sets the pool: by hand with numbers and an end, or with a signed file and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PutPool {
    /// A licence file: a PASETO v4.public token signed with the key the console was configured with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Sources of all customers; null is no limit, here and below.
    pub sources: Option<u64>,
    /// Technicians of all customers, each counted at each.
    pub users: Option<u64>,
    /// Bytes a day of the tier `continuous`, of all customers.
    pub continuous_daily_bytes: Option<u64>,
    /// The same of the tier `frequent`.
    pub frequent_daily_bytes: Option<u64>,
    /// The same of the tier `infrequent`.
    pub infrequent_daily_bytes: Option<u64>,
    /// Days events may be kept, at most, by any customer.
    pub retention_days: Option<u64>,
    /// When the licence ends; null is never.
    pub expires_at: Option<DateTime<Utc>>,
}

impl PutPool {
    /// The numbers.
    pub const fn resources(&self) -> Resources {
        Resources {
            sources: self.sources,
            users: self.users,
            continuous_daily_bytes: self.continuous_daily_bytes,
            frequent_daily_bytes: self.frequent_daily_bytes,
            infrequent_daily_bytes: self.infrequent_daily_bytes,
            retention_days: self.retention_days,
        }
    }
}

/// What a licence file says, once its signature holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenceFile {
    /// Whom it was issued to.
    pub licensee: String,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it ends; null is never.
    pub expires_at: Option<DateTime<Utc>>,
    /// How much of what.
    pub resources: Resources,
}

words!(
    /// Where the pool came from.
    PoolSource {
        /// An administrator typed it.
        Hand = "hand",
        /// A signed file.
        File = "file",
    }
);

words!(
    /// What the pool's end means now.
    PoolState {
        /// There is no pool: nothing can be allocated, and nothing is limited.
        None = "NONE",
        /// Allocations can be changed.
        Valid = "VALID",
        /// It ended less than 14 days ago: everything goes on, allocations cannot be changed.
        Grace = "GRACE",
        /// It ended before that. The same still holds; collection is never stopped by it.
        Expired = "EXPIRED",
    }
);

/// One resource of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PoolResource {
    /// Which.
    pub resource: LicenceResource,
    /// How much there is; null is no limit. Of `retention_days` it is the most each customer may have.
    pub total: Option<u64>,
    /// How much is allocated: the sum over customers, of `retention_days` the highest.
    pub allocated: u64,
    /// How much is left to allocate; null is no limit. Of `retention_days` it is the total.
    pub available: Option<u64>,
    /// How much customers use, as their nodes told last.
    pub used: u64,
}

/// The pool that allocations come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LicencePool {
    /// What its end means now.
    pub state: PoolState,
    /// Every resource, in the same order always.
    pub resources: Vec<PoolResource>,
    /// When it ends; null is never.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whole days until then, rounded down; negative afterwards.
    pub days_left: Option<i64>,
    /// The narrowest of 60, 30, 16, 7 and 1 that the days left are within; 0 once it ended.
    pub warning: Option<u32>,
    /// Where it came from.
    pub source: Option<PoolSource>,
    /// Whom a file was issued to.
    pub licensee: Option<String>,
    /// Who set it.
    pub set_by: Option<String>,
    /// When.
    pub set_time: Option<DateTime<Utc>>,
}

/// Allocates to a customer. It takes the place of the whole allocation: a resource left out or null is not limited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PutAllocation {
    /// Sources.
    pub sources: Option<u64>,
    /// Technicians.
    pub users: Option<u64>,
    /// Bytes a day of the tier `continuous`.
    pub continuous_daily_bytes: Option<u64>,
    /// Bytes a day of the tier `frequent`.
    pub frequent_daily_bytes: Option<u64>,
    /// Bytes a day of the tier `infrequent`.
    pub infrequent_daily_bytes: Option<u64>,
    /// Days events may be kept.
    pub retention_days: Option<u64>,
    /// Allocates less than is used. Asks for a reason.
    pub force: bool,
    /// Why, 1 to 500 characters; needed with `force`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl PutAllocation {
    /// The numbers.
    pub const fn resources(&self) -> Resources {
        Resources {
            sources: self.sources,
            users: self.users,
            continuous_daily_bytes: self.continuous_daily_bytes,
            frequent_daily_bytes: self.frequent_daily_bytes,
            infrequent_daily_bytes: self.infrequent_daily_bytes,
            retention_days: self.retention_days,
        }
    }
}

words!(
    /// How far an allocation has come.
    AllocationState {
        /// Nothing is allocated: nothing is limited.
        None = "NONE",
        /// The node gets it by itself when it answers.
        Pending = "PENDING",
        /// The node confirmed it.
        Applied = "APPLIED",
    }
);

/// One resource of a customer's licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AllocatedResource {
    /// Which.
    pub resource: LicenceResource,
    /// What was decided; null is no limit.
    pub allocated: Option<u64>,
    /// What the node confirmed; null is no limit.
    pub applied: Option<u64>,
    /// What is used, as the node told last: of a volume the higher of today so far and the average of the seven days before. Null before its
    /// first answer.
    pub used: Option<u64>,
}

/// A customer's licence as both sides know it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Allocation {
    /// Whose.
    pub customer: CustomerRef,
    /// How far it has come.
    pub state: AllocationState,
    /// Every resource, in the same order always.
    pub resources: Vec<AllocatedResource>,
    /// Since when it waits, while it does.
    pub pending_since: Option<DateTime<Utc>>,
    /// Why it waits, once it was tried.
    pub pending_reason: Option<String>,
    /// When the node confirmed it.
    pub applied_time: Option<DateTime<Utc>>,
    /// Who allocated it.
    pub allocated_by: Option<String>,
    /// When.
    pub allocated_time: Option<DateTime<Utc>>,
    /// Why less than was used was allocated, where that was so.
    pub reason: Option<String>,
    /// When the node last told what is used.
    pub used_time: Option<DateTime<Utc>>,
}

/// The pool and what of it was allocated to whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Licences {
    /// The pool; null for those who do not manage licences.
    pub pool: Option<LicencePool>,
    /// Every customer this person may see, by name.
    pub data: Vec<Allocation>,
}
