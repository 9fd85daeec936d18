//! Live pages ask again and again, so their number is bounded: a few for each person, and so many in all.

use bailiwick_api::UserId;
use bailiwick_chassis::Refusal;
use http::StatusCode;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

const PER_PERSON: usize = 8;
const IN_ALL: usize = 1000;
const RETRY_SECONDS: u64 = 10;

/// The live pages there are.
#[derive(Clone, Debug, Default)]
pub struct Seats {
    taken: Arc<Mutex<HashMap<UserId, usize>>>,
}

/// Room for one live page; given back when dropped.
#[derive(Debug)]
pub struct Seat {
    seats: Seats,
    person: UserId,
}

impl Seats {
    /// Takes room for one live page; 429 when the person, or everybody together, has too many.
    pub fn take(&self, person: &UserId) -> Result<Seat, Refusal> {
        let mut taken = self.taken();
        let own = taken.get(person).copied().unwrap_or_default();
        if own >= PER_PERSON || taken.values().sum::<usize>() >= IN_ALL {
            let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_STREAMS").retry_after(RETRY_SECONDS);
            return Err(refusal.detail(format!("too many live pages are open; at most {PER_PERSON} for one person")));
        }
        taken.insert(person.clone(), own + 1);
        Ok(Seat { seats: self.clone(), person: person.clone() })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        if let Some(own) = taken.get_mut(&self.person) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_so_many_live_pages_and_a_closed_one_makes_room() {
        let (seats, ana, bob) = (Seats::default(), UserId::from("ana"), UserId::from("bob"));
        let mut open: Vec<Seat> = (0..PER_PERSON).map(|_| seats.take(&ana).unwrap()).collect();
        let refusal = seats.take(&ana).unwrap_err();
        assert_eq!((refusal.status(), refusal.code()), (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_STREAMS"));
        let _other = seats.take(&bob).unwrap();
        open.pop();
        open.push(seats.take(&ana).unwrap());
        drop(open);
        assert_eq!(seats.taken().keys().collect::<Vec<_>>(), [&bob]);
    }
}
