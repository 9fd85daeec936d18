//! The threads that statements run on, apart from those of everything else: a join may work for seconds without letting others in,
//! and a statement that was stopped ends only then. Searches and ingest must not wait for it, nor the caller.

use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::LakeError;

/// Threads for statements, started with the first one.
#[derive(Debug)]
pub(crate) struct Threads {
    count: usize,
    runtime: Mutex<Option<Runtime>>,
}

impl Threads {
    pub(crate) fn new(count: usize) -> Self {
        Self { count, runtime: Mutex::default() }
    }

    pub(super) fn handle(&self) -> Result<Handle, LakeError> {
        let mut runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = runtime.as_ref() {
            return Ok(runtime.handle().clone());
        }
        let started = Builder::new_multi_thread().worker_threads(self.count).thread_name("sql").enable_all().build();
        let started = started.map_err(|error| LakeError::Engine(format!("no threads for sql: {error}")))?;
        Ok(runtime.insert(started).handle().clone())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // What still runs is waited for by nobody; a runtime that is dropped would wait, which async code must not.
        if let Some(runtime) = self.runtime.lock().unwrap_or_else(PoisonError::into_inner).take() {
            runtime.shutdown_background();
        }
    }
}
