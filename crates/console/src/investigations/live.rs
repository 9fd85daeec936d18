//! A page that stays true: asked again every few seconds, sent when its rows or its scope changed, and again when a slow node
//! answered. Every turn begins with who the person is and whom they reach, so what is taken away is gone with the next turn,
//! and the stream ends with the session, with the server, or with the reader.

use super::{Listing, Wanted, page};
use crate::{
    State,
    access::{Action, Actor, Policy},
    federation::{Asked, Plan, Seat},
};
use axum::{body::Body, extract::Request, response::sse::Event};
use bailiwick_chassis::{Refusal, routes::Guard, secrets};
use futures_util::stream::{self, Stream};
use http::{HeaderMap, header};
use std::{convert::Infallible, time::Duration};
use tokio::{
    sync::watch::Receiver,
    time::{Instant, sleep_until},
};

/// Between two turns.
const TURN: Duration = Duration::from_secs(3);

/// A live page.
pub(super) struct Live {
    state: State,
    wanted: Wanted,
    session: HeaderMap,
    changes: Receiver<()>,
    asked: Option<Asked<Listing>>,
    next_turn: Instant,
    sent: Option<String>,
    _seat: Seat,
}

impl Live {
    /// Takes a seat; refuses at once what a plain list would refuse.
    pub(super) async fn open(state: State, actor: &Actor, headers: &HeaderMap, wanted: Wanted) -> Result<Self, Refusal> {
        let _whom = wanted.reach(&state, actor).await?;
        let changes = state.changes.of(actor.user());
        let seat = state.federation.seats().take(actor.user())?;
        let session = headers.get_all(header::COOKIE).iter().map(|cookie| (header::COOKIE, cookie.clone())).collect();
        Ok(Self { state, wanted, session, changes, asked: None, next_turn: Instant::now(), sent: None, _seat: seat })
    }

    /// The events of the page; pulled by the reader, so that a slow reader slows the asking.
    pub(super) fn events(self) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        stream::unfold(self, |mut live| async move {
            let page = live.next().await?;
            Some((Ok(Event::default().event("page").data(page)), live))
        })
    }

    /// The next page that differs from the one sent last; none at the end of the stream.
    async fn next(&mut self) -> Option<String> {
        let stop = self.state.tasks.stopping();
        tokio::select! {
            () = stop.cancelled() => None,
            page = self.changed() => page,
        }
    }

    async fn changed(&mut self) -> Option<String> {
        loop {
            match &mut self.asked {
                Some(asked) => tokio::select! {
                    _ = asked.late() => {}
                    () = sleep_until(self.next_turn) => self.turn().await.ok()?,
                    told = self.changes.changed() => {
                        told.ok()?;
                        self.turn().await.ok()?;
                    }
                },
                None => self.turn().await.ok()?,
            }
            let text = serde_json::to_string(&page(&self.state.seal, &self.wanted, self.asked.as_ref()?)).ok()?;
            let digest = Some(secrets::digest(&text));
            if digest != self.sent {
                self.sent = digest;
                return Some(text);
            }
        }
    }

    /// Asks again, as the person who is signed in now and for the customers they reach now.
    ///
    /// Whoever was lost is gone from the page before any node is waited for: nodes may be slow, and taking a grant away is not to be.
    async fn turn(&mut self) -> Result<(), Refusal> {
        let plan = self.plan().await?;
        match &mut self.asked {
            Some(asked) => {
                if asked.lose(&plan) {
                    self.next_turn = Instant::now();
                    return Ok(());
                }
                asked.renew(plan).await;
            }
            None => {
                let question = Listing { state: self.state.clone(), wanted: self.wanted.clone() };
                self.asked = Some(self.state.federation.ask_plan(&self.state.tasks, plan, question).await);
            }
        }
        self.next_turn = Instant::now() + TURN;
        if self.changes.has_changed().is_ok_and(|changed| changed) {
            let plan = self.plan().await?;
            if let Some(asked) = &mut self.asked {
                asked.lose(&plan);
            }
        }
        Ok(())
    }

    /// Whom to ask, as who the person is now and what they reach now.
    async fn plan(&mut self) -> Result<Plan, Refusal> {
        self.changes.mark_unchanged();
        let actor = self.still_signed_in().await?;
        let reach = self.wanted.reach(&self.state, &actor).await?;
        Ok(Plan::new(&reach, self.state.clock.now()))
    }

    /// Passes the same guard as the call that opened the stream.
    async fn still_signed_in(&self) -> Result<Actor, Refusal> {
        let mut request = Request::new(Body::empty());
        *request.headers_mut() = self.session.clone();
        let request = self.state.admit(Policy::May(Action::ViewInvestigations), request).await?;
        request.extensions().get::<Actor>().cloned().ok_or_else(|| Refusal::internal("the guard admitted nobody"))
    }
}
