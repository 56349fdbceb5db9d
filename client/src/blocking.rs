//! Calls for programs without an async runtime: one runtime of the process does the work, the caller waits.
//!
//! The work is done on a thread of its own, so that it may be waited for anywhere, also in `spawn_blocking` of a runtime;
//! connections of these calls are kept apart, since they belong to the runtime that made them.

use std::cell::Cell;
use std::io;
use std::sync::OnceLock;
use std::thread;

use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, ErrorKind};

/// Made with the first call, and kept: connections belong to it.
static RUNTIME: OnceLock<io::Result<Runtime>> = OnceLock::new();

thread_local! {
    static HERE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is one that does the work of a caller who waits.
pub(crate) fn is_here() -> bool {
    HERE.get()
}

/// Waits for a call.
pub(crate) fn wait<T: Send>(call: impl Future<Output = Result<T, Error>> + Send) -> Result<T, Error> {
    let refuse = |what: String| Error::new(ErrorKind::Configuration, what);
    let build = || Builder::new_multi_thread().worker_threads(1).thread_name("swpanel").enable_all().build();
    let runtime = RUNTIME.get_or_init(build).as_ref();
    let runtime = runtime.map_err(|error| refuse(format!("no thread for the calls can be started: {error}")))?;
    let work = || {
        HERE.set(true);
        runtime.block_on(call)
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("swpanel-call".to_owned()).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| refuse(format!("no thread for the call can be started: {error}")))?;
        // A panic within is the caller's own: of a decoder or a token provider.
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
