//! Pages over several nodes, with nodes that answer from lists as a real one does.

use super::{ListParams, Wanted, cursor::Seal, page};
use crate::federation::{Asked, Failure, Federation, NodeAsk, Plan, Question, testing::ask};
use bailiwick_api::{
    Disposition, FailCode, Investigation, InvestigationAnswers, InvestigationRow, Origin, Page, Priority, SkipReason, Sort, SortKey, Status,
    WorkspaceAnswer,
};
use bailiwick_chassis::{
    clock::from_us,
    extract::{parse_json, parse_query},
    tasks::Tasks,
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

pub(super) fn row(workspace: &str, id: u32, priority: Priority, created: i64) -> InvestigationRow {
    InvestigationRow {
        rrn: format!("rrn:investigation:eu:{workspace}:investigation:{id:03}"),
        workspace: workspace.into(),
        version: 1,
        title: format!("{workspace} {id}"),
        status: Status::Open,
        priority,
        disposition: Disposition::Undecided,
        source: Origin::Alert,
        assignee: None,
        entity: None,
        tags: Vec::new(),
        signal_count: 1,
        created_time: from_us(created),
        updated_time: from_us(created),
        first_alert_time: None,
        latest_alert_time: None,
        closed_time: None,
        last_accessed_time: None,
        responsibility: None,
        comment_count: 0,
        attachment_count: 0,
        evidence_count: 0,
        throttled_count: 0,
        priority_inherited: true,
        merged_into: None,
        claim: None,
        looking: Vec::new(),
    }
}

/// Nodes with their rows. A node without an entry is down.
#[derive(Clone, Default)]
struct Nodes {
    rows: Arc<Mutex<HashMap<String, Vec<InvestigationRow>>>>,
    without_role: Arc<Mutex<HashSet<String>>>,
    wanted: Option<Wanted>,
}

impl Question for Nodes {
    type Answer = InvestigationAnswers;

    async fn put(&self, ask: &NodeAsk, _: Duration) -> Result<InvestigationAnswers, Failure> {
        let wanted = self.wanted.as_ref().expect("the question was set");
        let sort = wanted.sort;
        let mut rows = self.rows.lock().unwrap().get(ask.node.as_str()).cloned().ok_or_else(Failure::down)?;
        rows.retain(|row| wanted.after.as_ref().is_none_or(|after| sort.compare(after, &sort.key(row, row.workspace.as_str())).is_lt()));
        rows.sort_by(|a, b| sort.compare_rows((a, a.workspace.as_str()), (b, b.workspace.as_str())));
        let more = rows.len() > wanted.limit as usize;
        rows.truncate(wanted.limit as usize);
        let without_role = self.without_role.lock().unwrap().clone();
        let answer = |workspace: bailiwick_api::WorkspaceId| {
            let skipped = without_role.contains(workspace.as_str()).then_some(SkipReason::NoRole);
            WorkspaceAnswer { workspace, skipped, error: None, answer: skipped.is_none().then_some(0) }
        };
        Ok(InvestigationAnswers { workspaces: ask.workspaces().into_iter().map(|a| answer(a.workspace)).collect(), rows, more })
    }
}

impl Nodes {
    fn set(&self, node: &str, rows: Vec<InvestigationRow>) {
        self.rows.lock().unwrap().insert(node.into(), rows);
    }

    async fn ask(&self, wanted: &Wanted, nodes: Vec<NodeAsk>) -> Asked<Self> {
        let question = Self { wanted: Some(wanted.clone()), ..self.clone() };
        Federation::default().ask_plan(&Tasks::new(), Plan { nodes, skipped: Vec::new() }, question).await
    }

    async fn page(&self, query: &str, nodes: Vec<NodeAsk>) -> Page<Investigation> {
        let wanted = parse_query::<ListParams>(query).and_then(|params| params.wanted(&Seal::fixed())).unwrap();
        page(&Seal::fixed(), &wanted, &self.ask(&wanted, nodes).await)
    }
}

fn titles(page: &Page<Investigation>) -> Vec<&str> {
    page.data.iter().map(|one| one.row.title.as_str()).collect()
}

#[tokio::test]
async fn a_page_is_one_order_over_all_nodes_and_every_row_says_whose_it_is() {
    let nodes = Nodes::default();
    nodes.set("n1", vec![row("a", 1, Priority::Low, 50), row("a", 2, Priority::Critical, 10), row("b", 3, Priority::High, 30)]);
    nodes.set("n2", vec![row("c", 4, Priority::Critical, 20), row("c", 5, Priority::High, 30)]);
    let page = nodes.page("", vec![ask("n1", &["a", "b"]), ask("n2", &["c"])]).await;
    assert_eq!(titles(&page), ["c 4", "a 2", "b 3", "c 5", "a 1"]);
    let owners: Vec<_> = page.data.iter().map(|one| one.customer.name.as_str()).collect();
    assert_eq!(owners, ["c", "a", "b", "c", "a"]);
    assert!(page.next.is_none() && page.scope.complete);
}

#[tokio::test]
async fn rows_a_node_was_not_asked_for_or_that_would_route_elsewhere_are_left_out() {
    let nodes = Nodes::default();
    let mut elsewhere = row("a", 2, Priority::Critical, 1);
    elsewhere.rrn = "rrn:investigation:us:a:investigation:002".into();
    let mut disguised = row("a", 3, Priority::Critical, 1);
    disguised.rrn = "rrn:investigation:eu:foreign:investigation:003".into();
    let rows = vec![row("a", 1, Priority::Low, 1), row("foreign", 1, Priority::Critical, 1), elsewhere, disguised, row("b", 1, Priority::Low, 1)];
    nodes.set("n1", rows);
    nodes.without_role.lock().unwrap().insert("b".into());
    let page = nodes.page("", vec![ask("n1", &["a", "b"])]).await;
    assert_eq!(titles(&page), ["a 1"]);
    assert_eq!((page.scope.answered, page.scope.skipped[0].reason), (1, SkipReason::NoRole));
}

#[tokio::test]
async fn a_node_missing_on_the_first_page_and_back_on_the_second_brings_its_rows_from_there_on() {
    let nodes = Nodes::default();
    nodes.set("n1", (1..=4).map(|id| row("a", id, Priority::High, 100 - i64::from(id))).collect());
    let both = || vec![ask("n1", &["a"]), ask("n2", &["b"])];
    let first = nodes.page("limit=2", both()).await;
    assert_eq!(titles(&first), ["a 1", "a 2"]);
    assert_eq!((first.scope.complete, first.scope.failed[0].code), (false, FailCode::NodeDown));
    nodes.set("n2", vec![row("b", 1, Priority::Critical, 500), row("b", 2, Priority::Low, 500)]);
    let second = nodes.page(&format!("limit=9&cursor={}", first.next.unwrap()), both()).await;
    assert_eq!(titles(&second), ["a 3", "a 4", "b 2"]);
    assert!(second.scope.complete && second.next.is_none());
}

#[tokio::test]
async fn a_list_ends_even_when_a_node_claims_more_and_sends_nothing_new() {
    #[derive(Clone)]
    struct Stubborn(InvestigationRow);
    impl Question for Stubborn {
        type Answer = InvestigationAnswers;
        async fn put(&self, ask: &NodeAsk, _: Duration) -> Result<InvestigationAnswers, Failure> {
            let workspace = ask.members[0].workspace.clone();
            let one = WorkspaceAnswer { workspace, skipped: None, error: None, answer: Some(1) };
            Ok(InvestigationAnswers { workspaces: vec![one], rows: vec![self.0.clone()], more: true })
        }
    }
    let question = Stubborn(row("a", 1, Priority::Low, 1));
    let ask_page = async |query: String| {
        let wanted = parse_query::<ListParams>(&query).and_then(|params| params.wanted(&Seal::fixed())).unwrap();
        let plan = Plan { nodes: vec![ask("n1", &["a"])], skipped: Vec::new() };
        page(&Seal::fixed(), &wanted, &Federation::default().ask_plan(&Tasks::new(), plan, question.clone()).await)
    };
    let first = ask_page(String::new()).await;
    assert_eq!(first.data.len(), 1);
    let second = ask_page(format!("cursor={}", first.next.unwrap())).await;
    assert_eq!((second.data.len(), second.next), (0, None));
}

#[tokio::test]
async fn paging_by_cursor_shows_every_row_once_while_others_arrive_before_and_behind() {
    let nodes = Nodes::default();
    let priorities = [Priority::Low, Priority::High, Priority::Critical];
    let make = |workspace: &str, count: u32, from: u32| -> Vec<_> {
        (from..from + count).map(|id| row(workspace, id, priorities[id as usize % 3], i64::from(id * 7919 % 100))).collect()
    };
    nodes.set("n1", make("a", 40, 0));
    nodes.set("n2", make("b", 3, 0));
    nodes.set("n3", make("c", 25, 0));
    let (mut seen, mut cursor, mut turn) = (Vec::new(), String::new(), 0);
    loop {
        let page = nodes.page(&format!("limit=7{cursor}"), vec![ask("n1", &["a"]), ask("n2", &["b"]), ask("n3", &["c"])]).await;
        seen.extend(page.data.into_iter().map(|one| one.row.rrn));
        turn += 1;
        nodes.rows.lock().unwrap().get_mut("n2").unwrap().extend(make("b", 3, 100 * turn));
        let Some(next) = page.next.filter(|_| turn < 100) else { break };
        cursor = format!("&cursor={next}");
    }
    let distinct: HashSet<&String> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "a row was shown twice");
    for row in make("a", 40, 0).into_iter().chain(make("b", 3, 0)).chain(make("c", 25, 0)) {
        assert!(distinct.contains(&row.rrn), "{} was not shown", row.rrn);
    }
}

#[test]
fn a_cursor_of_one_filter_is_refused_with_another() {
    let key = SortKey { first: None, created: 1, rrn: "r".into() };
    let digest = parse_json::<ListParams>(br#"{"q":"x"}"#).and_then(|params| params.wanted(&Seal::fixed())).unwrap().digest;
    let cursor = Seal::fixed().write(Sort::PRIORITY, key, &digest).unwrap();
    let read = |query: String| parse_query::<ListParams>(&query).and_then(|params| params.wanted(&Seal::fixed()));
    assert!(read(format!("q=x&limit=3&cursor={cursor}")).unwrap().after.is_some());
    for query in [format!("q=y&cursor={cursor}"), format!("q=x&sort=created_time&cursor={cursor}")] {
        assert_eq!(read(query).unwrap_err().code(), "CURSOR_INVALID");
    }
}
