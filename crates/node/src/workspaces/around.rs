//! What is around one event of a workspace: the events of the same source before and after it in event time.

use super::{Workspace, events};
use bailiwick_api::{EventRow, LogContext, Surroundings};
use bailiwick_chassis::Refusal;
use bailiwick_lake::{Cursor, Search};

/// Events on either side, unless told.
const USUAL: u32 = 25;
/// Rows read at a time.
const PAGE: usize = 1_000;
/// Pages read at most where many events share a moment; more say so.
const PAGES: usize = 20;
/// The first span that is looked at, in microseconds; each further one is eight times as long.
const SPAN_US: i64 = 1_000_000;
/// The longest: 64 years.
const LONGEST_US: i64 = 2_000_000_000_000_000;

impl Workspace {
    /// What is around an event; 404 when it is not here (any more).
    pub(crate) async fn around(&self, ask: &LogContext) -> Result<Surroundings, Refusal> {
        let found = self.events(std::slice::from_ref(&ask.event)).await?;
        let event = found.into_iter().next().ok_or_else(Refusal::not_found)?;
        let (mut before, more_before) = self.earlier(&event, ask.before.unwrap_or(USUAL) as usize).await?;
        before.reverse();
        let (mut after, more_after) = self.later(&event, ask.after.unwrap_or(USUAL) as usize).await?;
        after.reverse();
        Ok(Surroundings { before, event, after, more_before, more_after })
    }

    /// Events before one, newest first, and whether there are more.
    async fn earlier(&self, event: &EventRow, wanted: usize) -> Result<(Vec<EventRow>, bool), Refusal> {
        let cursor = Cursor { event_time: event.event_time.timestamp_micros(), id: event.id.clone() };
        let search = Search { limit: wanted + 1, after: Some(cursor), ..of_source(event)? };
        let mut rows = self.rows(&search).await?.0;
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        Ok((rows, more))
    }

    /// Events after one, newest first, and whether there are more. Searches go backwards in time, so this one looks at a span behind the event
    /// that is just long enough.
    async fn later(&self, event: &EventRow, wanted: usize) -> Result<(Vec<EventRow>, bool), Refusal> {
        let start = event.event_time.timestamp_micros();
        let (mut short, mut span) = (0, SPAN_US);
        while span < LONGEST_US && self.count(event, start, span).await? <= wanted as u64 + 1 {
            (short, span) = (span, span.saturating_mul(8));
        }
        while span - short > 1 && self.count(event, start, span).await? > PAGE as u64 {
            let middle = short + (span - short) / 2;
            if self.count(event, start, middle).await? > wanted as u64 + 1 { span = middle } else { short = middle }
        }
        let (mut rows, mut after) = (Vec::new(), None);
        for _ in 0..PAGES {
            let search = Search { from: Some(start), to: Some(start.saturating_add(span)), limit: PAGE, after, ..of_source(event)? };
            let (page, next) = self.rows(&search).await?;
            rows.extend(page);
            // Only those next to the event are wanted, and these come last.
            let keep = PAGE.max(wanted + 2);
            rows.drain(..rows.len().saturating_sub(keep));
            after = next;
            if after.is_none() {
                break;
            }
        }
        rows.retain(|row| (row.event_time, row.id.as_str()) > (event.event_time, event.id.as_str()));
        let more = rows.len() > wanted;
        rows.drain(..rows.len().saturating_sub(wanted));
        Ok((rows, more))
    }

    async fn rows(&self, search: &Search) -> Result<(Vec<EventRow>, Option<Cursor>), Refusal> {
        let (files, tail) = self.keeper().tail().snapshot();
        let page = self.lake().search(&files, &tail, search).await.map_err(events::refusal)?;
        let next = page.next.clone();
        Ok((events::to_page(page)?.data, next))
    }

    /// Events of the source in a span from a time on.
    async fn count(&self, event: &EventRow, start: i64, span: i64) -> Result<u64, Refusal> {
        let search = Search { from: Some(start), to: Some(start.saturating_add(span)), ..of_source(event)? };
        let (files, tail) = self.keeper().tail().snapshot();
        Ok(self.lake().histogram(&files, &tail, &search, 1).await.map_err(events::refusal)?.total)
    }
}

fn of_source(event: &EventRow) -> Result<Search, Refusal> {
    let quoted = event.source.replace('"', "\\\"");
    events::all_of(&format!("source:\"{quoted}\""), None, None)
}
