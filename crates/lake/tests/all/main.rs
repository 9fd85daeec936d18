//! The lake from outside: what is written is found, once, whatever happens in between.
#![allow(clippy::field_reassign_with_default, clippy::unnecessary_filter_map, reason = "tests say it step by step")]

mod bucket;
mod compact;
mod damage;
mod delta;
mod fixture;
mod index;
mod lossless;
mod paging;
mod property;
mod query;
mod rows;
mod s3;
mod scale;
mod sql;
mod store;
mod summary;
