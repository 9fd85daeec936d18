//! The control side: who gets in, and what each may do.

mod assertions;
mod audit;
mod collectors;
mod dashboards;
mod detection;
mod endpoints;
mod health;
mod investigations;
mod lake;
mod logs;
mod meters;
mod paging;
mod parsers;
mod people;
mod policy;
mod queue;
mod replay;
mod silence;
mod sources;
mod sync;
