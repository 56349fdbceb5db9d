//! Which failures are tried again, how often, and after what wait. What cannot be known to be harmless is never sent
//! a second time.

use std::time::{Duration, Instant, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::effect::may_have_been_processed;
use crate::error::{Error, ErrorKind, Fault};
use crate::operation::reads;
use crate::{Effect, Operation};

/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(500);
/// No wait of ours is longer; the server may ask for more.
const LONGEST: Duration = Duration::from_secs(30);

/// What a call may be done with, by what it does to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Changes nothing.
    Safe,
    /// Leaves the same state however often it arrives.
    Idempotent,
    /// Would take effect twice, or spend money.
    Unsafe,
}

impl Class {
    pub(super) fn of(operation: Option<&'static Operation>, method: &reqwest::Method, path: &str) -> Self {
        match operation {
            _ if reads(operation, method.as_str(), path) => Self::Safe,
            // HTTP's own promise for these methods, where nothing is known that they do beyond it.
            Some(Operation { effect: Effect::Update, method: "PUT", billable: false, .. })
            | Some(Operation { effect: Effect::Delete, method: "DELETE", billable: false, .. }) => Self::Idempotent,
            _ => Self::Unsafe,
        }
    }

    /// Whether the same call may be retried after this failure: it may pass, and nothing can be done twice.
    pub(super) fn may_resend(self, error: &Error) -> bool {
        may_pass(error) && (self != Self::Unsafe || !may_have_been_processed(error))
    }

    /// Whether a call that failed like this may have changed something.
    pub(super) fn may_have_taken_effect(self, error: &Error) -> bool {
        self != Self::Safe && may_have_been_processed(error)
    }
}

/// Whether the same request may succeed a little later.
fn may_pass(error: &Error) -> bool {
    match error.kind() {
        // The same certificate comes again, and so does a server that speaks something else than TLS.
        ErrorKind::NotSent => !matches!(error.fault(), Fault::Certificate(_) | Fault::ClientCertificate | Fault::Tls),
        ErrorKind::RateLimited | ErrorKind::NoAnswer | ErrorKind::OutcomeUnknown => true,
        // 520 to 524 are those of a gateway that did not reach the API or got no proper response from it.
        ErrorKind::Server | ErrorKind::NotJson | ErrorKind::Gateway => {
            matches!(error.status(), Some(500 | 502 | 503 | 504 | 520..=524))
        }
        _ => false,
    }
}

/// The waits of one call: doubling, each shortened at random, so that many clients do not come back at once.
pub(super) fn waits(retries: usize) -> ExponentialBackoff {
    ExponentialBuilder::new().with_min_delay(FIRST).with_max_delay(LONGEST).with_max_times(retries).build()
}

/// The next wait: the server's, else ours; none where it would end after the deadline.
pub(super) fn next(error: &Error, ours: Option<Duration>, deadline: Instant) -> Option<Duration> {
    // None means that no attempt is left, whatever the server asks for.
    let ours = ours?.mul_f64(fastrand::f64());
    let wait = match error.retry_after() {
        // Not before the server's moment, and not all of us at it.
        Some(asked) => asked.saturating_add(ours.min(FIRST)),
        None => ours,
    };
    // A server may ask for more time than any clock has.
    let end = Instant::now().checked_add(wait);
    end.is_some_and(|end| end < deadline).then_some(wait)
}

/// `Retry-After` in both of its forms. A date is read against the server's own clock where it tells the time.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let date = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(until.duration_since(date.unwrap_or_else(SystemTime::now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::CertificateFault;

    #[test]
    fn what_may_have_taken_effect_is_not_sent_twice() {
        let kinds = [
            (ErrorKind::NotSent, None, [true, true, true]),
            (ErrorKind::RateLimited, Some(429), [true, true, true]),
            (ErrorKind::NoAnswer, None, [true, true, false]),
            (ErrorKind::OutcomeUnknown, None, [true, true, false]),
            (ErrorKind::Server, Some(503), [true, true, false]),
            (ErrorKind::Server, Some(522), [true, true, false]),
            (ErrorKind::Server, Some(501), [false, false, false]),
            (ErrorKind::Gateway, Some(502), [true, true, false]),
            (ErrorKind::NotJson, Some(200), [false, false, false]),
            (ErrorKind::Unauthorized, Some(401), [false, false, false]),
            (ErrorKind::Validation, Some(400), [false, false, false]),
            (ErrorKind::Decode, Some(200), [false, false, false]),
        ];
        for (kind, status, expected) in kinds {
            let error = Error::new(kind, "");
            let error = status.map_or_else(|| Error::new(kind, ""), |status| error.status_is(status));
            let classes = [Class::Safe, Class::Idempotent, Class::Unsafe];
            assert_eq!(classes.map(|class| class.may_resend(&error)), expected, "{kind:?}");
        }
        for fault in [Fault::Certificate(CertificateFault::Expired), Fault::ClientCertificate, Fault::Tls] {
            assert!(!Class::Safe.may_resend(&Error::new(ErrorKind::NotSent, "").with_fault(fault)), "{fault:?}");
        }
    }

    #[test]
    fn the_wait_is_the_servers_and_ends_before_the_deadline() {
        let limited =
            |seconds| Error::new(ErrorKind::RateLimited, "").retry_after_is(Some(Duration::from_secs(seconds)));
        let deadline = Instant::now() + Duration::from_secs(10);
        let ours = Some(Duration::from_secs(1));
        let wait = next(&limited(3), ours, deadline).unwrap();
        assert!(wait >= Duration::from_secs(3) && wait <= Duration::from_millis(3500), "{wait:?}");
        assert_eq!(next(&limited(11), ours, deadline), None);
        assert_eq!(next(&limited(u64::MAX), ours, deadline), None, "no clock goes so far");
        assert_eq!(next(&limited(1), None, deadline), None, "no attempt is left");
        let all: Vec<_> = (0..200).filter_map(|_| next(&Error::new(ErrorKind::NotSent, ""), ours, deadline)).collect();
        assert!(all.iter().any(|wait| wait.as_millis() < 300) && all.iter().any(|wait| wait.as_millis() > 700));
        assert_eq!(waits(2).count(), 2);
    }

    #[test]
    fn both_forms_of_retry_after() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect::<HeaderMap>()
        };
        let date = "Tue, 24 Nov 2026 10:00:00 GMT";
        let later = "Tue, 24 Nov 2026 10:00:07 GMT";
        assert_eq!(retry_after(&headers(&[("retry-after", "7")])), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&headers(&[("retry-after", later), ("date", date)])), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&headers(&[("retry-after", date), ("date", later)])), Some(Duration::ZERO));
        assert_eq!(retry_after(&headers(&[("retry-after", "soon")])), None);
        assert_eq!(retry_after(&headers(&[])), None);
    }
}
