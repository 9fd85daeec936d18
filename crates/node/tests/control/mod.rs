//! The control side: who gets in, and what each may do.

mod assertions;
mod detection;
mod endpoints;
mod investigations;
mod paging;
mod people;
mod policy;
mod sources;
