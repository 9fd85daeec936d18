//! Dashboards without a server: their definitions, time and its buckets, and the operators. Pure: no I/O, no clock, no async.

pub mod outlier;
