//! What both servers do alike: refusals, request bodies and queries, routes with a policy, sessions, passwords, SQL, tasks, pages,
//! telemetry. No noun of the product lives here.

pub mod assets;
pub mod audit;
pub mod certificate;
pub mod clock;
pub mod extract;
pub mod passwords;
pub mod refusal;
pub mod routes;
pub mod secrets;
pub mod serve;
pub mod sessions;
pub mod sql;
pub mod table;
pub mod tasks;
pub mod telemetry;
pub mod throttle;

pub use clock::{Clock, SystemClock};
pub use refusal::Refusal;
