//! The control side: who gets in, and what each may do.

mod assertions;
mod endpoints;
mod investigations;
mod lake;
mod paging;
mod people;
mod policy;
mod sources;
