//! How a customer stands, in one number that explains itself. Asked live of the customer's node: the same questions as the dashboards and
//! the queue put, so that each part can be looked up there. Nothing of it is kept.

mod formula;
pub mod http;

use crate::{State, access::CustomerGrant, dashboards::Panels, federation, licences, rate_cards::Cards};
use bailiwick_api::{
    Ask, AskInvestigations, InvestigationAnswers, Priority, RowFilter, Sort, Status, TimeField,
    dashboards::{AskDashboard, DashboardAnswers, HealthScore, Measure, PanelAsk, PanelDimension},
};
use bailiwick_chassis::{Refusal, clock::from_us};
use bailiwick_client::{Caller, ClientError, NodeClient};
use formula::Facts;
use std::{collections::BTreeMap, time::Duration};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// The day that is looked at, and those it is held against.
const DAYS: i64 = 8;

/// How long an investigation may be open, by its priority, hours.
const ALLOWED: [(Priority, i64); 4] = [(Priority::Critical, 4), (Priority::High, 24), (Priority::Medium, 72), (Priority::Low, 168)];

/// Asks the customer's node and adds up.
async fn score(state: &State, grant: &CustomerGrant) -> Result<HealthScore, Refusal> {
    let (now_us, deadline) = (state.clock.now_us(), state.federation.pace().deadline);
    let member = federation::Member { customer: grant.customer().clone(), workspace: grant.workspace().clone(), role: grant.role() };
    let question = Panels::new(state, panels(now_us), Cards::default(), now_us).about(&[member]);
    let ask = |client: NodeClient, caller: Caller| ask(client, caller, question, overdue(grant, now_us), deadline);
    let told = federation::call(state, grant, ask).await.map_err(|trouble| trouble.refusal(grant.customer()))?;
    let (numbers, overdue) = told;
    let silent = numbers.workspaces.iter().find(|one| one.workspace == *grant.workspace());
    if silent.is_none_or(|one| one.answer.is_none()) {
        return Err(federation::Failure::of_workspace("the workspace did not answer").refusal(grant.customer()));
    }
    let mut facts = facts(numbers)?;
    facts.overdue = overdue;
    facts.licence_days = licences::days_left(state).await?;
    let parts = formula::parts(&facts);
    let sum: f64 = parts.iter().map(|part| part.points).sum();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
    let score = sum.round().clamp(0.0, 100.0) as u32;
    Ok(HealthScore { customer: grant.customer().clone(), score, parts, time: from_us(now_us) })
}

/// Both questions at once.
async fn ask(
    client: NodeClient,
    caller: Caller,
    question: AskDashboard,
    overdue: Vec<(Priority, AskInvestigations)>,
    deadline: Duration,
) -> Result<(DashboardAnswers, Vec<(Priority, u64)>), ClientError> {
    let count = async |(priority, ask): (Priority, AskInvestigations)| {
        let answers: InvestigationAnswers = client.investigations(&caller, &ask, deadline).await?;
        Ok::<_, ClientError>((priority, answers.workspaces.iter().filter_map(|one| one.answer).sum::<u64>()))
    };
    let counts = futures_util::future::try_join_all(overdue.into_iter().map(count));
    let numbers = client.federated::<_, DashboardAnswers>(&caller, "dashboards", &question, deadline);
    tokio::try_join!(numbers, counts)
}

/// From whole hours, so that the hours that meters keep are enough; what came in the hour under way counts, too.
fn panels(now_us: i64) -> Vec<PanelAsk> {
    let to = now_us - now_us.rem_euclid(HOUR);
    let panel = |id: &str, measure, from, edges: Vec<i64>| PanelAsk {
        id: id.into(),
        measure,
        group_by: Vec::new(),
        tiers: Vec::new(),
        from,
        to,
        edges,
        outlier: None,
        unfinished: false,
        top: None,
        rows: 0,
        open_now: false,
    };
    let days = (0..=DAYS).map(|day| to - (DAYS - day) * DAY).collect();
    let issues = PanelAsk {
        group_by: vec![PanelDimension::Severity],
        open_now: true,
        to: now_us + 1,
        ..panel("issues", Measure::HealthResources, now_us - DAY, Vec::new())
    };
    vec![
        issues,
        panel("bytes", Measure::Bytes, to - DAYS * DAY, days),
        PanelAsk { to: now_us + 1, ..panel("events", Measure::Events, to - DAY, Vec::new()) },
        PanelAsk { to: now_us + 1, ..panel("failed", Measure::FailedRecords, to - DAY, Vec::new()) },
    ]
}

fn overdue(grant: &CustomerGrant, now_us: i64) -> Vec<(Priority, AskInvestigations)> {
    let one = |(priority, hours): &(Priority, i64)| {
        let filter = RowFilter {
            statuses: Some(Status::ALL.iter().copied().filter(|status| *status != Status::Closed).collect()),
            priorities: Some(vec![*priority]),
            time_field: Some(TimeField::CreatedTime),
            to: Some(from_us(now_us - hours * HOUR)),
            ..RowFilter::default()
        };
        let workspaces = vec![Ask { workspace: grant.workspace().clone(), role: grant.role() }];
        (*priority, AskInvestigations { workspaces, filter, sort: Sort::PRIORITY, limit: 1, after: None, names: BTreeMap::new() })
    };
    ALLOWED.iter().map(one).collect()
}

/// What the panels told; one that failed says why.
fn facts(numbers: DashboardAnswers) -> Result<Facts, Refusal> {
    let mut facts = Facts::default();
    for part in numbers.panels {
        if let Some(error) = part.error {
            return Err(Refusal::new(::http::StatusCode::BAD_GATEWAY, "VERSION").detail(error.chars().take(300).collect::<String>()));
        }
        let sum = |at: usize| part.groups.iter().filter_map(|group| group.values.get(at)).sum::<f64>();
        match part.id.as_str() {
            "issues" => {
                let one = |group: &bailiwick_api::dashboards::GroupPart| {
                    let severity = group.key.first().cloned().flatten().unwrap_or_default();
                    (severity.eq_ignore_ascii_case("error"), group.values.first().copied().unwrap_or_default())
                };
                facts.issues = part.groups.iter().map(one).collect();
            }
            "bytes" => facts.bytes = (0..DAYS.unsigned_abs() as usize).map(sum).collect(),
            "events" => facts.events = sum(0),
            "failed" => facts.failed = sum(0),
            _ => {}
        }
    }
    Ok(facts)
}
