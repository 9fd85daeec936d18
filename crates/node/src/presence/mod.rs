//! Who looks at which investigation now. Kept in memory for as long as a page says so again: presence is no record of anybody.

pub(crate) mod http;
#[cfg(test)]
mod tests;

use bailiwick_api::{Assignee, InvestigationRow, Rrn, WorkspaceId};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How long a page counts without saying that it is still open.
const LIFE_US: i64 = 30_000_000;
/// People shown on one row.
const SHOWN: usize = 10;
/// People kept of one investigation.
const KEPT: usize = 50;
/// Investigations that are looked at, on a node. Beyond that nobody new is kept; pages that close make room.
const INVESTIGATIONS: usize = 20_000;

type Place = (WorkspaceId, String);

struct Looker {
    who: Assignee,
    until_us: i64,
}

/// Who looks at which investigation.
#[derive(Default)]
pub(crate) struct Presence(Mutex<HashMap<Place, Vec<Looker>>>);

impl Presence {
    /// Somebody looks at it, for the next 30 s; who does now.
    fn look(&self, workspace: &WorkspaceId, id: &str, who: Assignee, now_us: i64) -> Vec<Assignee> {
        let mut places = self.places();
        let place = (workspace.clone(), id.to_owned());
        if places.len() >= INVESTIGATIONS && !places.contains_key(&place) {
            forget(&mut places, now_us);
            if places.len() >= INVESTIGATIONS {
                return vec![who];
            }
        }
        let lookers = places.entry(place).or_default();
        lookers.retain(|looker| looker.until_us > now_us);
        let looker = Looker { who, until_us: now_us + LIFE_US };
        match lookers.iter().position(|other| other.who.email == looker.who.email) {
            Some(at) => lookers[at] = looker,
            None if lookers.len() < KEPT => lookers.push(looker),
            None => {}
        }
        shown(lookers, now_us)
    }

    /// Somebody looks away; who still looks.
    fn leave(&self, workspace: &WorkspaceId, id: &str, email: &str, now_us: i64) -> Vec<Assignee> {
        let mut places = self.places();
        let place = (workspace.clone(), id.to_owned());
        let Some(lookers) = places.get_mut(&place) else { return Vec::new() };
        lookers.retain(|looker| looker.until_us > now_us && looker.who.email != email);
        let left = shown(lookers, now_us);
        if left.is_empty() {
            places.remove(&place);
        }
        left
    }

    /// Who looks at it.
    fn at(&self, workspace: &WorkspaceId, id: &str, now_us: i64) -> Vec<Assignee> {
        self.places().get(&(workspace.clone(), id.to_owned())).map(|lookers| shown(lookers, now_us)).unwrap_or_default()
    }

    /// Says on each row who looks at it.
    pub(crate) fn fill<'a>(&self, rows: impl IntoIterator<Item = &'a mut InvestigationRow>, now_us: i64) {
        if self.places().is_empty() {
            return;
        }
        for row in rows {
            if let Ok(rrn) = row.rrn.parse::<Rrn>() {
                row.looking = self.at(&row.workspace, &rrn.id, now_us);
            }
        }
    }

    fn places(&self) -> MutexGuard<'_, HashMap<Place, Vec<Looker>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shown(lookers: &[Looker], now_us: i64) -> Vec<Assignee> {
    lookers.iter().filter(|looker| looker.until_us > now_us).take(SHOWN).map(|looker| looker.who.clone()).collect()
}

fn forget(places: &mut HashMap<Place, Vec<Looker>>, now_us: i64) {
    places.retain(|_, lookers| lookers.iter().any(|looker| looker.until_us > now_us));
}
