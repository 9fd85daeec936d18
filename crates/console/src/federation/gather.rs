//! One question to many nodes. Each node is asked by a task of its own, so that what arrives late is still noted, and a page
//! is answered by the rule of federated time ([`super::patience`]) from what has arrived.
//!
//! [`Asked`] can be renewed: a live page asks again and again, keeps a node's earlier answer until the new one is here, and
//! never has two questions of its own under way at one node. What is told bit by bit is begun with [`Asked::begin`] and taken with
//! [`Asked::turn`].

use super::{
    Federation,
    failure::Failure,
    knowledge::{Exchange, Observation, Standing},
    patience::{Count, Pace, Patience},
    plan::{Member, NodeAsk, Plan},
    scope::{self, Answer},
};
use bailiwick_api::{NodeId, Scope, Skipped};
use bailiwick_chassis::tasks::Tasks;
use std::{collections::HashMap, future::Future, time::Duration};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time::{Instant, timeout, timeout_at},
};

/// What nodes are asked.
pub trait Question: Clone + Send + Sync + 'static {
    /// What they answer.
    type Answer: Answer;

    /// Asks one node about its workspaces, giving up after the deadline.
    fn put(&self, ask: &NodeAsk, deadline: Duration) -> impl Future<Output = Result<Self::Answer, Failure>> + Send;
}

/// What one node's question came to.
struct Arrival<A> {
    node: NodeId,
    round: u64,
    outcome: Result<A, Failure>,
}

/// A question under way.
#[derive(Clone, Copy)]
struct Launch {
    round: u64,
    at: Instant,
}

/// One node's place in the answer.
struct Slot<A> {
    ask: NodeAsk,
    standing: Standing,
    launch: Option<Launch>,
    outcome: Option<Result<A, Failure>>,
}

impl<A> Slot<A> {
    /// What this node contributes now.
    fn state(&self) -> Result<&A, Failure> {
        match &self.outcome {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(failure)) => Err(failure.clone()),
            None if self.standing == Standing::Down => Err(Failure::down()),
            None => Err(Failure::timeout()),
        }
    }
}

/// A question and what has been answered so far.
pub struct Asked<Q: Question> {
    federation: Federation,
    tasks: Tasks,
    question: Q,
    skipped: Vec<Skipped>,
    slots: Vec<Slot<Q::Answer>>,
    round: u64,
    began: Instant,
    patience: Patience,
    // Holds at most one message for each question under way, and these are bounded by nodes.
    sender: UnboundedSender<Arrival<Q::Answer>>,
    receiver: UnboundedReceiver<Arrival<Q::Answer>>,
}

impl<Q: Question> Asked<Q> {
    pub(super) fn new(federation: Federation, tasks: Tasks, question: Q) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let began = Instant::now();
        let patience = Patience::begin(federation.pace(), began, Count::default());
        Self { federation, tasks, question, skipped: Vec::new(), slots: Vec::new(), round: 0, began, patience, sender, receiver }
    }

    /// Asks the nodes of a plan, but for those still busy with the question before, and waits as long as a page does.
    /// What nodes answered before is kept where the plan is about the same customers in the same roles.
    pub async fn renew(&mut self, plan: Plan) {
        self.begin(plan);
        while self.turn(false).await {}
    }

    /// The same without waiting.
    pub(super) fn begin(&mut self, plan: Plan) {
        let began = Instant::now();
        self.round += 1;
        self.skipped = plan.skipped;
        let mut before: HashMap<NodeId, Slot<Q::Answer>> = self.slots.drain(..).map(|slot| (slot.ask.node.clone(), slot)).collect();
        for ask in plan.nodes {
            let standing = self.federation.knowledge().standing(&ask.node);
            let kept = before.remove(&ask.node).filter(|slot| slot.ask.members == ask.members);
            let (launch, outcome) = kept.map_or((None, None), |slot| (slot.launch, slot.outcome));
            let mut slot = Slot { ask, standing, launch, outcome };
            if !self.busy(&slot, began) {
                slot.launch = Some(Launch { round: self.round, at: began });
                self.launch(&slot);
            }
            self.slots.push(slot);
        }
        self.began = began;
        self.patience = Patience::begin(self.federation.pace(), began, self.waited_for());
    }

    /// Waits for the next answers; false when the page is to be answered now, or, for the patient, when every node was heard or the deadline
    /// is over.
    pub async fn turn(&mut self, patient: bool) -> bool {
        let mut heard = false;
        while let Ok(arrival) = self.receiver.try_recv() {
            heard |= self.fold(arrival);
        }
        let (now, missing) = (Instant::now(), self.waited_for());
        let end = if patient {
            let end = self.began + self.federation.pace().deadline;
            (!missing.is_empty() && end > now).then_some(end)
        } else {
            self.patience.until(now, missing)
        };
        let Some(end) = end.filter(|_| !heard) else { return heard };
        if let Ok(Some(arrival)) = timeout_at(end, self.receiver.recv()).await {
            self.fold(arrival);
        }
        true
    }

    /// Leaves out at once whoever a new plan does not ask any more, and asks nobody. True when somebody was left out.
    pub fn lose(&mut self, plan: &Plan) -> bool {
        let before: usize = self.slots.iter().map(|slot| slot.ask.members.len()).sum();
        for slot in &mut self.slots {
            let wanted = plan.nodes.iter().find(|ask| ask.node == slot.ask.node);
            let stays = |member: &Member| wanted.and_then(|ask| ask.member(&member.workspace)).is_some_and(|kept| kept.customer == member.customer);
            slot.ask.members.retain(stays);
        }
        self.slots.retain(|slot| !slot.ask.members.is_empty());
        let lost = self.slots.iter().map(|slot| slot.ask.members.len()).sum::<usize>() < before;
        if lost {
            self.skipped.clone_from(&plan.skipped);
        }
        lost
    }

    /// Waits for the next answer that comes late; true when it changed what is known. Waits for ever when none is under way.
    pub async fn late(&mut self) -> bool {
        match self.receiver.recv().await {
            Some(arrival) => self.fold(arrival),
            None => std::future::pending().await,
        }
    }

    /// Every node that answered, with what it was asked.
    pub fn answers(&self) -> impl Iterator<Item = (&NodeAsk, &Q::Answer)> {
        self.slots.iter().filter_map(|slot| slot.state().ok().map(|answer| (&slot.ask, answer)))
    }

    /// Who was asked and who answered, as of now.
    pub fn scope(&self) -> Scope {
        scope::build(&self.skipped, self.slots.iter().map(|slot| (&slot.ask, slot.state())))
    }

    /// A question is under way until its task must have ended, whatever became of it.
    fn busy(&self, slot: &Slot<Q::Answer>, now: Instant) -> bool {
        let pace = self.federation.pace();
        slot.launch.is_some_and(|launch| now < launch.at + pace.deadline + pace.run_on)
    }

    fn launch(&self, slot: &Slot<Q::Answer>) {
        let (federation, question) = (self.federation.clone(), self.question.clone());
        let (ask, standing, round, sender) = (slot.ask.clone(), slot.standing, self.round, self.sender.clone());
        self.tasks.spawn(async move {
            if let Some(outcome) = put(&federation, &question, &ask, standing, &sender).await {
                let _nobody_waits = sender.send(Arrival { node: ask.node, round, outcome });
            }
        });
    }

    /// Nodes asked in this round and not heard of.
    fn waited_for(&self) -> Count {
        let this_round = |slot: &&Slot<Q::Answer>| slot.launch.is_some_and(|launch| launch.round == self.round);
        self.slots.iter().filter(this_round).map(|slot| slot.standing).collect()
    }

    fn fold(&mut self, arrival: Arrival<Q::Answer>) -> bool {
        let awaited = |slot: &&mut Slot<Q::Answer>| slot.ask.node == arrival.node && slot.launch.is_some_and(|launch| launch.round == arrival.round);
        let Some(slot) = self.slots.iter_mut().find(awaited) else { return false };
        slot.launch = None;
        slot.outcome = Some(arrival.outcome);
        true
    }
}

/// Puts a question to one node and notes how it went. Past the page's deadline it runs on only while somebody listens;
/// none when nobody does.
async fn put<Q: Question>(
    federation: &Federation,
    question: &Q,
    ask: &NodeAsk,
    standing: Standing,
    listener: &UnboundedSender<Arrival<Q::Answer>>,
) -> Option<Result<Q::Answer, Failure>> {
    let Pace { deadline, run_on, .. } = federation.pace();
    let Ok(Some(_pass)) = timeout(deadline, federation.lanes().enter(&ask.node, standing)).await else {
        return Some(Err(Failure::crowded()));
    };
    let asked = Instant::now();
    let answer = question.put(ask, run_on);
    tokio::pin!(answer);
    if let Ok(outcome) = timeout(deadline, &mut answer).await {
        let latency = asked.elapsed();
        let seen = outcome.as_ref().map_or_else(|failure| failure.observation(latency), |_| Some(Observation::Answered { latency }));
        note(federation, ask, seen, asked);
        return Some(outcome);
    }
    note(federation, ask, Some(Observation::TimedOut), asked);
    tokio::select! {
        late = timeout_at(asked + run_on, answer) => Some(late.unwrap_or_else(|_| Err(Failure::timeout()))),
        () = listener.closed() => None,
    }
}

fn note(federation: &Federation, ask: &NodeAsk, seen: Option<Observation>, asked: Instant) {
    if let Some(observation) = seen {
        federation.knowledge().observe(&ask.node, Exchange::Question, observation, asked);
    }
}
