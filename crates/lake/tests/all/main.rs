//! The lake from outside: what is written is found, once, whatever happens in between.

mod damage;
mod fixture;
mod index;
mod lossless;
mod paging;
mod property;
mod query;
mod rows;
mod scale;
mod store;
