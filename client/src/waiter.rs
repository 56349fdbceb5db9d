//! Waits until something has come about: reads again and again, with growing pauses, until it is so or time is up.

use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind};
use crate::{Client, Response};

/// Anybody would be bored before, and no clock has an end so far away.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
/// No server is asked more often.
const SHORTEST: Duration = Duration::from_millis(20);

/// Reads until an answer is as it should be. Many actions of the panel take a while (starting, stopping, parking or
/// cloning a server), and nothing says when they are done but a later read. Which words a status has is not published,
/// so the caller says what done means.
///
/// ```no_run
/// # async fn example(client: &swpanel::Client) -> Result<(), swpanel::Error> {
/// use std::time::Duration;
///
/// client.raw("POST", "/services/XX012/cloud/start/").send().await?;
/// let status = client
///     .waiter()
///     .deadline(Duration::from_secs(300))
///     .until(|| client.raw("GET", "/services/XX012/status/").send(), |status| status["status"] == "started")
///     .await?;
/// println!("{}", *status);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is read until `until` is awaited"]
pub struct Waiter {
    first: Duration,
    longest: Duration,
    deadline: Duration,
}

impl Waiter {
    fn new() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(30), deadline: Duration::from_secs(600) }
    }

    /// The first pause, 1 second where it is not set and 20 ms at least; each further one is half as long again.
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first = pause.clamp(SHORTEST, YEAR);
        self
    }

    /// No pause is longer; 30 seconds where it is not set, 20 ms at least.
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest = pause.clamp(SHORTEST, YEAR);
        self
    }

    /// How long to wait in all; 10 minutes where it is not set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline.min(YEAR);
        self
    }

    /// Reads until `done` says so, and gives that answer. A read that fails in a way that may pass
    /// ([`Error::is_retryable`]) is read again; `read` must be a read, since it is called many times.
    ///
    /// # Errors
    /// [`ErrorKind::Deadline`]: it has not come about in time; what was waited for may still come. Any other failure
    /// of a read that will not pass by itself.
    pub async fn until<T, F, R>(self, read: R, done: impl Fn(&T) -> bool) -> Result<Response<T>, Error>
    where
        F: Future<Output = Result<Response<T>, Error>>,
        R: Fn() -> F,
    {
        let started = Instant::now();
        let end = started + self.deadline;
        let (mut pause, mut reads) = (self.first.min(self.longest), 0u32);
        loop {
            reads += 1;
            let late = |last: Option<Error>| {
                let detail = match last {
                    Some(error) => {
                        format!("what was waited for was not seen in time; the last read failed: {}", error.detail())
                    }
                    None => {
                        let deadline = self.deadline;
                        format!("what was waited for has not come about within {deadline:?} and {reads} reads")
                    }
                };
                let error = Error::new(ErrorKind::Deadline, detail).may_be_resent(true);
                Err(error.attempts_are(reads).took(started.elapsed()))
            };
            let failed = match tokio::time::timeout_at(end.into(), read()).await {
                Ok(Ok(answer)) if done(&answer) => return Ok(answer),
                Ok(Ok(_)) => None,
                Ok(Err(error)) if error.is_retryable() => Some(error),
                Ok(Err(error)) => return Err(error),
                Err(_) => return late(None),
            };
            let asked = failed.as_ref().and_then(Error::retry_after).unwrap_or_default();
            match Instant::now().checked_add(pause.max(asked)).filter(|next| *next < end) {
                Some(next) => tokio::time::sleep_until(next.into()).await,
                None => return late(failed),
            }
            pause = pause.mul_f32(1.5).min(self.longest);
        }
    }

    /// Waits for [`until`](Self::until), in a program without an async runtime.
    ///
    /// # Errors
    /// As [`until`](Self::until).
    #[cfg(feature = "blocking")]
    pub fn until_blocking<T, F, R>(self, read: R, done: impl Fn(&T) -> bool + Send + Sync) -> Result<Response<T>, Error>
    where
        T: Send,
        F: Future<Output = Result<Response<T>, Error>> + Send,
        R: Fn() -> F + Send + Sync,
    {
        crate::blocking::wait(self.until(read, done))
    }
}

impl Client {
    /// Waits until something has come about, by reading again and again.
    pub fn waiter(&self) -> Waiter {
        Waiter::new()
    }
}
