//! Who is who in the demo.

use bailiwick_api::Role;

/// The nodes by region; the last one is stopped once its customer is set up.
pub(super) const REGIONS: [&str; 4] = ["eu", "us", "ap", "sa"];

/// What is special about a customer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Open to the people of the demo.
    Open,
    /// The MSSP's own.
    Primary,
    /// Its node does not answer.
    Unreachable,
    /// Nobody has a grant.
    NoGrant,
    /// Grants, but the customer's administrator revoked the roles.
    NoRole,
}

/// A customer of the demo.
pub(super) struct CustomerPlan {
    pub(super) name: &'static str,
    pub(super) region: usize,
    pub(super) part: Part,
    /// Seconds after start its first story begins, and which; none for noise alone.
    pub(super) story: Option<(u64, Story)>,
}

/// An attack that is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Story {
    /// A password spray that succeeds and then makes an account.
    Spray,
    /// A service created, LSASS read, shadow copies deleted.
    Service,
}

const fn customer(name: &'static str, region: usize, part: Part, story: Option<(u64, Story)>) -> CustomerPlan {
    CustomerPlan { name, region, part, story }
}

/// The customers, healthiest first; the first two are on different nodes.
pub(super) const CUSTOMERS: [CustomerPlan; 10] = [
    customer("Alder Logistics", 0, Part::Open, Some((2, Story::Spray))),
    customer("Birch Health", 1, Part::Open, Some((4, Story::Service))),
    customer("Cedar Bank", 2, Part::Open, Some((15, Story::Spray))),
    customer("Dogwood Retail", 0, Part::Open, Some((30, Story::Service))),
    customer("Elm Energy", 1, Part::Open, Some((50, Story::Spray))),
    customer("Harbour Security", 0, Part::Primary, None),
    customer("Fir Schools", 2, Part::Open, None),
    customer("Ginkgo Hotels", 2, Part::NoRole, None),
    customer("Hazel Water", 1, Part::NoGrant, None),
    customer("Juniper Mining", 3, Part::Unreachable, None),
];

/// The customer with a collector that fails.
pub(super) const FAILING: &str = "Fir Schools";

/// The customer that is near its licence: it has nine of ten sources.
pub(super) const NEAR_LICENCE: &str = "Elm Energy";
pub(super) const NEAR_SOURCES: u64 = 10;

/// The people at the MSSP: mail address, name, role.
pub(super) const PEOPLE: [(&str, &str, Role); 4] = [
    ("ada@harbour.example", "Ada Okafor", Role::Administrator),
    ("ana@harbour.example", "Ana Lindqvist", Role::Analyst),
    ("ben@harbour.example", "Ben Duarte", Role::Analyst),
    ("vic@harbour.example", "Vic Moreau", Role::Viewer),
];
