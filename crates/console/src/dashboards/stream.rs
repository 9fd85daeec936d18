//! A dashboard's answer as it comes: what nodes tell is merged when it arrives, on threads of its own, and let go. Panels are told when
//! everybody who is waited for was heard, and to who wants to see it grow, before that as well.

use super::{Panels, Told};
use crate::{
    State,
    access::{Action, Reach, permits},
    federation::{self, Asked, Heard, NodeAsk, scope::Answer},
};
use bailiwick_api::dashboards::{DashboardAnswer, PanelAnswer, PanelPart, Progress};
use bailiwick_dashboard::{
    frame::{self, frame},
    merge::{Merging, Org, Orgs},
    plan::Plan,
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    task::spawn_blocking,
    time::{Instant, timeout},
};

/// Between two looks at panels that still grow.
const EVERY: Duration = Duration::from_millis(300);
/// How long a reader may take for a line.
const READER: Duration = Duration::from_secs(30);

/// A panel and its parts so far.
struct Merged {
    plan: Plan,
    now: Merging,
    before: Option<Merging>,
}

impl Merged {
    fn new(plan: Plan) -> Self {
        let before = plan.timeshift().map(|_| Merging::new(&plan));
        Self { now: Merging::new(&plan), before, plan }
    }

    fn line(&self, heard: frame::Heard, partial: bool) -> Vec<u8> {
        let told = frame(&self.plan, &self.now, self.before.as_ref(), heard);
        let (frame, error) = match told {
            Ok(frame) => (Some(frame), None),
            Err(error) => (None, Some(error)),
        };
        line(&DashboardAnswer::Panel(PanelAnswer { panel: self.plan.panel.id.clone(), frame, error, partial }))
    }
}

fn line(answer: &DashboardAnswer) -> Vec<u8> {
    let mut text = serde_json::to_vec(answer).unwrap_or_default();
    text.push(b'\n');
    text
}

/// An answer under way.
pub(super) struct Run {
    state: State,
    reach: Reach,
    asked: Asked<Panels>,
    merged: Vec<Merged>,
    /// Which panel a part is of, and whether of its earlier time.
    places: Arc<HashMap<String, (usize, bool)>>,
    progress: bool,
}

impl Run {
    pub(super) fn new(state: State, reach: Reach, asked: Asked<Panels>, plans: Vec<Plan>, progress: bool) -> Self {
        let mut places = HashMap::new();
        for (at, plan) in plans.iter().enumerate() {
            for (earlier, ask) in plan.asks().into_iter().enumerate() {
                places.insert(ask.id, (at, earlier > 0));
            }
        }
        let merged = plans.into_iter().map(Merged::new).collect();
        Self { state, reach, asked, merged, places: Arc::new(places), progress }
    }

    /// Tells everything; ends early when nobody reads any more.
    pub(super) async fn tell(mut self, to: &mpsc::Sender<Vec<u8>>) {
        if self.grow(to).await.is_some() {
            let _nobody_reads = self.end(to).await;
        }
    }

    /// Takes what comes until the answer is due.
    async fn grow(&mut self, to: &mpsc::Sender<Vec<u8>>) -> Option<()> {
        let mut looked: Option<Instant> = None;
        if self.progress {
            self.say_progress(to).await?;
        }
        loop {
            let heard = tokio::select! {
                heard = self.asked.turn(self.progress) => heard,
                () = to.closed() => return None,
            };
            if !heard {
                return Some(());
            }
            let came = self.merge().await?;
            if came && self.progress && looked.is_none_or(|at| at.elapsed() >= EVERY) {
                self.say_progress(to).await?;
                self.panels(to, true).await?;
                looked = Some(Instant::now());
            }
        }
    }

    async fn end(&mut self, to: &mpsc::Sender<Vec<u8>>) -> Option<()> {
        self.merge().await?;
        let refused: u64 = self.merged.iter().map(|panel| panel.now.refused() + panel.before.as_ref().map_or(0, Merging::refused)).sum();
        metrics::counter!("bailiwick_console_rows_refused_total").increment(refused);
        if self.progress {
            self.say_progress(to).await?;
        }
        self.panels(to, false).await?;
        let scope = self.asked.scope();
        say(to, line(&DashboardAnswer::End { scope: scope.clone() })).await?;
        federation::doubt(&self.state, &self.reach, &scope).await;
        Some(())
    }

    /// Merges what has come since; whether anything has.
    async fn merge(&mut self) -> Option<bool> {
        let fresh: Vec<(Orgs, Vec<PanelPart>)> =
            self.asked.answers().filter_map(|(ask, told)| told.take().map(|parts| (orgs(ask, told), parts))).collect();
        if fresh.is_empty() {
            return Some(false);
        }
        let places = self.places.clone();
        self.apart(move |merged| {
            for (orgs, parts) in fresh {
                for part in parts {
                    let Some((at, earlier)) = places.get(&part.id).copied() else { continue };
                    let panel = &mut merged[at];
                    let into = if earlier { panel.before.as_mut() } else { Some(&mut panel.now) };
                    if let Some(into) = into {
                        into.add(part, &orgs);
                    }
                }
            }
        })
        .await?;
        Some(true)
    }

    async fn panels(&mut self, to: &mpsc::Sender<Vec<u8>>, partial: bool) -> Option<()> {
        let scope = self.asked.scope();
        let heard = frame::Heard { answered: scope.answered, missing: scope.asked.saturating_sub(scope.answered) };
        for at in 0..self.merged.len() {
            let line = self.apart(move |merged| merged[at].line(heard, partial)).await?;
            say(to, line).await?;
        }
        Some(())
    }

    async fn say_progress(&self, to: &mpsc::Sender<Vec<u8>>) -> Option<()> {
        let scope = self.asked.scope();
        let progress = Progress { asked: scope.asked, answered: scope.answered };
        say(to, line(&DashboardAnswer::Progress { progress })).await
    }

    /// Works on the panels off the threads that serve; big answers take their time.
    async fn apart<T: Send + 'static>(&mut self, work: impl FnOnce(&mut Vec<Merged>) -> T + Send + 'static) -> Option<T> {
        let mut merged = std::mem::take(&mut self.merged);
        let worked = spawn_blocking(move || {
            let told = work(&mut merged);
            (merged, told)
        });
        let (merged, told) = worked.await.ok()?;
        self.merged = merged;
        Some(told)
    }
}

async fn say(to: &mpsc::Sender<Vec<u8>>, line: Vec<u8>) -> Option<()> {
    timeout(READER, to.send(line)).await.ok()?.ok()
}

/// The customers of a node that answered, by what the node calls them.
pub(crate) fn orgs(ask: &NodeAsk, told: &Told) -> Orgs {
    let heard: HashMap<_, _> = told.heard().into_iter().collect();
    let answered = ask.members.iter().filter(|member| heard.get(&member.workspace) == Some(&Heard::Answered));
    let one = |member: &federation::Member| Org {
        id: member.customer.id.as_str().into(),
        name: member.customer.name.as_str().into(),
        raw: permits(member.role, Action::SearchLogs),
    };
    answered.map(|member| (member.workspace.clone(), one(member))).collect()
}
