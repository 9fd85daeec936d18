//! Federated time end to end, with nodes that answer when the test says so. The spans are short; what takes "for ever" never
//! answers, so a loaded machine can make these tests slower but not wrong.

use super::{Failure, Federation, NodeAsk, Observation, Pace, Question, Standing, testing::plan};
use bailiwick_api::{FailCode, OpenCounts, SummaryAnswers, WorkspaceAnswer};
use bailiwick_chassis::tasks::Tasks;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// How a node behaves.
#[derive(Clone)]
enum Manner {
    Answers,
    Refuses(Failure),
    Waits(Arc<Notify>),
    Hangs,
}

/// Nodes as the test wants them.
#[derive(Clone, Default)]
struct Fakes {
    manners: Arc<Mutex<HashMap<String, Manner>>>,
    questions: Arc<AtomicUsize>,
}

impl Fakes {
    fn set(&self, node: &str, manner: Manner) {
        self.manners.lock().unwrap().insert(node.into(), manner);
    }
}

impl Question for Fakes {
    type Answer = SummaryAnswers;

    async fn put(&self, ask: &NodeAsk, _: Duration) -> Result<SummaryAnswers, Failure> {
        let manner = self.manners.lock().unwrap().get(ask.node.as_str()).cloned().unwrap_or(Manner::Answers);
        self.questions.fetch_add(1, Ordering::Relaxed);
        match manner {
            Manner::Answers => {}
            Manner::Refuses(failure) => return Err(failure),
            Manner::Waits(gate) => gate.notified().await,
            Manner::Hangs => std::future::pending().await,
        }
        let answer = |workspace| WorkspaceAnswer { workspace, skipped: None, error: None, answer: Some(OpenCounts::default()) };
        Ok(SummaryAnswers { workspaces: ask.workspaces().into_iter().map(|a| answer(a.workspace)).collect() })
    }
}

const DEADLINE: Duration = Duration::from_millis(600);

fn federation() -> (Federation, Tasks, Fakes) {
    let pace = Pace { deadline: DEADLINE, grace: Duration::from_millis(60), run_on: Duration::from_secs(60) };
    (Federation::with_pace(pace), Tasks::new(), Fakes::default())
}

fn standing(federation: &Federation, node: &str) -> Standing {
    federation.knowledge().standing(&node.into())
}

#[tokio::test]
async fn a_page_with_everybody_well_is_complete_and_asks_each_node_once() {
    let (federation, tasks, fakes) = federation();
    let mut plan = plan(&["n1", "n2"]);
    plan.nodes[0].members.extend(super::testing::ask("n1", &["other"]).members);
    let asked = federation.ask_plan(&tasks, plan, fakes.clone()).await;
    let scope = asked.scope();
    assert_eq!((scope.complete, scope.asked, scope.answered), (true, 3, 3));
    assert_eq!(fakes.questions.load(Ordering::Relaxed), 2);
    assert_eq!(asked.answers().count(), 2);
}

#[tokio::test]
async fn a_node_slow_for_the_first_time_costs_the_deadline_once_and_recovers_with_a_good_answer() {
    let (federation, tasks, fakes) = federation();
    fakes.set("slow", Manner::Hangs);
    let began = Instant::now();
    let asked = federation.ask_plan(&tasks, plan(&["n1", "slow"]), fakes.clone()).await;
    assert!(began.elapsed() >= DEADLINE, "it was given up before the deadline");
    let scope = asked.scope();
    assert_eq!((scope.answered, scope.failed[0].code, scope.failed[0].region.as_str()), (1, FailCode::Timeout, "eu"));
    while standing(&federation, "slow") != Standing::Slow {
        tokio::task::yield_now().await;
    }

    let began = Instant::now();
    let asked = federation.ask_plan(&tasks, plan(&["n1", "slow"]), fakes.clone()).await;
    assert!(began.elapsed() < DEADLINE, "a node known to be slow was waited for: {:?}", began.elapsed());
    assert_eq!(asked.scope().failed[0].code, FailCode::Timeout);

    fakes.set("slow", Manner::Answers);
    let asked = federation.ask_plan(&tasks, plan(&["slow"]), fakes).await;
    assert!(asked.scope().complete);
    assert_eq!(standing(&federation, "slow"), Standing::Well);
}

#[tokio::test]
async fn a_node_that_is_down_is_named_at_once_and_tried_again_every_time() {
    let (federation, tasks, fakes) = federation();
    fakes.set("down", Manner::Refuses(Failure::down()));
    let began = Instant::now();
    let asked = federation.ask_plan(&tasks, plan(&["n1", "down"]), fakes.clone()).await;
    assert!(began.elapsed() < DEADLINE);
    assert_eq!(asked.scope().failed[0].code, FailCode::NodeDown);
    assert_eq!(standing(&federation, "down"), Standing::Down);

    fakes.set("down", Manner::Hangs);
    let began = Instant::now();
    let asked = federation.ask_plan(&tasks, plan(&["n1", "down"]), fakes.clone()).await;
    assert!(began.elapsed() < DEADLINE, "a node known to be down was waited for");
    assert_eq!(asked.scope().failed[0].code, FailCode::NodeDown);

    fakes.set("down", Manner::Answers);
    let mut asked = federation.ask_plan(&tasks, plan(&["n1", "down"]), fakes).await;
    while !asked.scope().complete {
        assert!(asked.late().await);
    }
    assert_eq!(standing(&federation, "down"), Standing::Well);
}

#[tokio::test]
async fn an_answer_that_comes_late_reaches_who_still_listens() {
    let (federation, tasks, fakes) = federation();
    let gate = Arc::new(Notify::new());
    federation.observe(&"slow".into(), Observation::TimedOut);
    fakes.set("slow", Manner::Waits(gate.clone()));
    let mut asked = federation.ask_plan(&tasks, plan(&["n1", "slow"]), fakes).await;
    assert_eq!(asked.scope().answered, 1);
    gate.notify_one();
    assert!(asked.late().await);
    assert!(asked.scope().complete);
}

#[tokio::test]
async fn a_live_page_keeps_the_answer_of_a_slow_node_until_the_next_is_here_and_asks_it_once_at_a_time() {
    let (federation, tasks, fakes) = federation();
    let mut asked = federation.ask_plan(&tasks, plan(&["n1", "slow"]), fakes.clone()).await;
    let gate = Arc::new(Notify::new());
    federation.observe(&"slow".into(), Observation::TimedOut);
    fakes.set("slow", Manner::Waits(gate.clone()));
    let before = fakes.questions.load(Ordering::Relaxed);
    for _ in 0..3 {
        asked.renew(plan(&["n1", "slow"])).await;
        assert!(asked.scope().complete, "the rows of the slow node vanished between two answers");
    }
    assert_eq!(fakes.questions.load(Ordering::Relaxed) - before, 3 + 1, "three times the one node, once the other");
    fakes.set("slow", Manner::Refuses(Failure::down()));
    gate.notify_one();
    assert!(asked.late().await);
    asked.renew(plan(&["n1", "slow"])).await;
    while asked.scope().complete {
        assert!(asked.late().await);
    }
    assert_eq!(asked.scope().failed[0].code, FailCode::NodeDown);
}

#[tokio::test]
async fn what_a_node_answered_is_forgotten_when_its_customers_are_not_the_same() {
    let (federation, tasks, fakes) = federation();
    let mut asked = federation.ask_plan(&tasks, plan(&["n1"]), fakes.clone()).await;
    federation.observe(&"n1".into(), Observation::TimedOut);
    fakes.set("n1", Manner::Hangs);
    let mut other = plan(&["n1"]);
    other.nodes[0].members[0].customer.id = "another".into();
    asked.renew(other).await;
    assert_eq!((asked.scope().answered, asked.answers().count()), (0, 0));
    asked.renew(plan(&[])).await;
    assert_eq!((asked.scope().asked, asked.scope().complete), (0, true));
}

#[tokio::test]
async fn who_is_lost_is_out_of_the_page_before_any_node_is_waited_for() {
    let (federation, tasks, fakes) = federation();
    let two = super::Plan { nodes: vec![super::testing::ask("n1", &["a", "b"]), super::testing::ask("n2", &["c"])], skipped: Vec::new() };
    let mut asked = federation.ask_plan(&tasks, two.clone(), fakes.clone()).await;
    assert_eq!(asked.scope().answered, 3);
    assert!(!asked.lose(&two), "nobody was lost");
    fakes.set("n1", Manner::Hangs);
    let hidden = bailiwick_api::Skipped { customer: None, count: 2, reason: bailiwick_api::SkipReason::NoGrant };
    let less = super::Plan { nodes: vec![super::testing::ask("n1", &["a"])], skipped: vec![hidden.clone()] };
    assert!(asked.lose(&less));
    let scope = asked.scope();
    assert_eq!((scope.asked, scope.answered, scope.skipped), (1, 1, vec![hidden]));
    assert!(asked.answers().all(|(ask, _)| ask.members.len() == 1 && ask.members[0].customer.id.as_str() == "a"));
}
