//! What a workspace is asked beside a page of events: sums of them, and SQL. All see what was acknowledged before they began.

use super::{Workspace, events};
use bailiwick_api::{Facets, Histogram, LogFacets, LogHistogram};
use bailiwick_chassis::Refusal;
use bailiwick_lake::{Outside, Sql, SqlAnswer, SqlAsk, SqlError};

impl Workspace {
    /// Matching events over time.
    pub async fn histogram(&self, ask: &LogHistogram) -> Result<Histogram, Refusal> {
        let search = events::all_of(&ask.query, ask.from, ask.to)?;
        let buckets = ask.buckets.map_or(events::BUCKETS, |buckets| buckets as usize);
        self.caught_up().await?;
        let (files, tail) = self.keeper().tail().snapshot();
        let told = self.lake().histogram(&files, &tail, &search, buckets).await.map_err(events::refusal)?;
        Ok(events::to_histogram(told))
    }

    /// The most frequent values of fields in matching events.
    pub async fn facets(&self, ask: &LogFacets) -> Result<Facets, Refusal> {
        let search = events::all_of(&ask.query, ask.from, ask.to)?;
        let fields = ask.fields.clone().unwrap_or_else(|| events::FIELDS.map(str::to_owned).to_vec());
        let limit = ask.limit.map_or(events::VALUES, |limit| limit as usize);
        self.caught_up().await?;
        let (files, tail) = self.keeper().tail().snapshot();
        let told = self.lake().facets(&files, &tail, &search, &fields, limit).await.map_err(events::refusal)?;
        Ok(events::to_facets(told))
    }

    /// Runs a statement over the workspace's events and the tables of `outside`.
    pub(crate) async fn sql(&self, statement: &Sql, outside: Vec<Outside>, ask: &SqlAsk) -> Result<Result<SqlAnswer, SqlError>, Refusal> {
        self.caught_up().await?;
        let (files, tail) = self.keeper().tail().snapshot();
        Ok(self.lake().sql(&files, &tail, outside, statement, ask).await)
    }
}
