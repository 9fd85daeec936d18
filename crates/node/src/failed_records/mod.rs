//! Failed records: what was received and could not become a record, counted. They are listed as every event is, by a log search for
//! `record_type:FailedRecord`.

pub(crate) mod http;
