//! Counts what this process changes through the API, so that a failure at its end can say whether something may have
//! changed: by the call that failed, by one before it, or by one that was given up on.

use std::sync::atomic::{AtomicUsize, Ordering};

use swpanel::{Error, Operation};

use crate::failure::{Exit, Failure};
use crate::request::Request;

/// Calls that the API confirmed.
static DONE: AtomicUsize = AtomicUsize::new(0);
/// Calls that failed and may have taken effect.
static UNKNOWN: AtomicUsize = AtomicUsize::new(0);
/// Calls whose end was not seen, also because nobody waits for it any more.
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

/// Waits for a call and counts it where it is not a read.
pub(crate) async fn counted<T>(request: &Request, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    if is_read(request) {
        return call.await;
    }
    UNDER_WAY.fetch_add(1, Ordering::Relaxed);
    // Where this is dropped instead, the call stays counted as under way.
    let outcome = call.await;
    UNDER_WAY.fetch_sub(1, Ordering::Relaxed);
    match &outcome {
        Ok(_) => DONE.fetch_add(1, Ordering::Relaxed),
        Err(error) if error.may_have_taken_effect() => UNKNOWN.fetch_add(1, Ordering::Relaxed),
        Err(_) => 0,
    };
    outcome
}

fn is_read(request: &Request) -> bool {
    let (method, path) = (&request.method, &request.path);
    Operation::serving(method, path).map_or_else(|| Operation::reads_by_its_words(method, path), Operation::reads)
}

/// Whether a change was sent and its end was not seen.
pub(crate) fn is_under_way() -> bool {
    UNDER_WAY.load(Ordering::Relaxed) > 0
}

/// Whether this process has changed something, or may have.
pub(crate) fn may_have_been_made() -> bool {
    is_under_way() || DONE.load(Ordering::Relaxed) > 0 || UNKNOWN.load(Ordering::Relaxed) > 0
}

/// A failure of the whole command, with what is known of all its changes.
pub(crate) fn noted(mut failure: Failure) -> Failure {
    failure.may_have_taken_effect |= may_have_been_made();
    if DONE.load(Ordering::Relaxed) > 0 {
        // The whole command would make its first changes again.
        failure.retryable = false;
        // "Nothing was sent" is what this exit code promises.
        if failure.exit == Exit::Usage {
            failure.exit = Exit::Other;
            failure.details.push("the change itself was made; only what followed failed".to_owned());
        }
    }
    failure
}
