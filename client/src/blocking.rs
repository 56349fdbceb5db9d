//! Calls for programs without an async runtime: one runtime of the process does the work, the caller waits.

use std::io;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, ErrorKind};

/// Made with the first call, and kept: connections belong to it.
static RUNTIME: OnceLock<io::Result<Runtime>> = OnceLock::new();

/// Waits for a call.
pub(crate) fn wait<T>(call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let refuse = |what: String| Err(Error::new(ErrorKind::Configuration, what));
    if Handle::try_current().is_ok() {
        return refuse("`send_blocking` was called from async code, which would stand still; use `send`".to_owned());
    }
    let build = || Builder::new_multi_thread().worker_threads(1).thread_name("swpanel").enable_all().build();
    match RUNTIME.get_or_init(build) {
        Ok(runtime) => runtime.block_on(call),
        Err(error) => refuse(format!("no thread for the calls can be started: {error}")),
    }
}
