//! Whether a failed request may have been processed, by how far it came and who says so.

use crate::error::{Error, ErrorKind, Fault};

/// Whether nothing proves that the API did not process the request. [`Error::may_have_taken_effect`] has the table; whether
/// the request could change anything is another question.
pub(super) fn may_have_been_processed(error: &Error) -> bool {
    match error.kind() {
        // Nothing was sent, or the server says that it did not process it.
        ErrorKind::Configuration
        | ErrorKind::NoToken
        | ErrorKind::Guardrail
        | ErrorKind::InvalidArgument
        | ErrorKind::Hook
        | ErrorKind::NotRecorded
        | ErrorKind::NotSent
        | ErrorKind::Deadline => false,
        // It is about reading a value, and no call fails with it.
        ErrorKind::Property => false,
        ErrorKind::NoAnswer | ErrorKind::OutcomeUnknown => true,
        // A response came, and something in it is not as it should be.
        ErrorKind::TooLarge | ErrorKind::EmptyAnswer | ErrorKind::Decode => true,
        ErrorKind::Unauthorized
        | ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::Validation
        | ErrorKind::Conflict
        | ErrorKind::RateLimited
        | ErrorKind::Refused
        | ErrorKind::Server
        | ErrorKind::Redirect
        | ErrorKind::Gateway
        | ErrorKind::NotJson => !error.status().is_none_or(|status| is_rejection(status, error.fault())),
    }
}

/// Whether a response with this status proves that the request was not processed.
fn is_rejection(status: u16, fault: Fault) -> bool {
    match (status, fault) {
        // RFC 9110, 15.5.2 and 15.5.8: not applied, since credentials are missing. RFC 6585, 4: too many requests.
        (401 | 407 | 429, _) => true,
        // A gateway may write a page after the API was reached, for instance where it filters responses.
        (_, Fault::Page) => false,
        (200..=299 | 400..=499, Fault::ErrorBody) => true,
        // A gateway says 408 when the API takes too long; what lies beyond 431 has no common meaning.
        (408, _) => false,
        (400..=431 | 451, _) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::retry::Class;
    use super::*;

    #[test]
    fn every_kind_has_its_place_in_the_table() {
        use ErrorKind as K;
        let never = [
            K::Configuration,
            K::NoToken,
            K::Guardrail,
            K::InvalidArgument,
            K::Hook,
            K::NotRecorded,
            K::NotSent,
            K::Deadline,
            K::Property,
        ];
        let always = [K::NoAnswer, K::OutcomeUnknown, K::TooLarge, K::EmptyAnswer, K::Decode];
        let by_status = [
            K::Unauthorized,
            K::Forbidden,
            K::NotFound,
            K::Validation,
            K::Conflict,
            K::RateLimited,
            K::Refused,
            K::Server,
            K::Redirect,
            K::Gateway,
            K::NotJson,
        ];
        let faults = [Fault::None, Fault::ErrorBody, Fault::Page, Fault::Text];
        let error = |kind, status, fault| Error::new(kind, "").status_is(status).with_fault(fault);
        for status in 100..1000 {
            for fault in faults {
                for kind in never {
                    assert!(!may_have_been_processed(&error(kind, status, fault)), "{kind:?} {status} {fault:?}");
                }
                for kind in always {
                    assert!(may_have_been_processed(&error(kind, status, fault)), "{kind:?} {status} {fault:?}");
                }
                for kind in by_status {
                    let expected = match status {
                        401 | 407 | 429 => false,
                        200..=299 => fault != Fault::ErrorBody,
                        400..=407 | 409..=431 | 451 => fault == Fault::Page,
                        408 | 432..=450 | 452..=499 => fault != Fault::ErrorBody,
                        _ => true,
                    };
                    let processed = may_have_been_processed(&error(kind, status, fault));
                    assert_eq!(processed, expected, "{kind:?} {status} {fault:?}");
                }
                for kind in never.into_iter().chain(always).chain(by_status) {
                    let error = error(kind, status, fault);
                    assert!(!Class::Safe.may_have_taken_effect(&error), "a read: {kind:?} {status} {fault:?}");
                    for class in [Class::Idempotent, Class::Unsafe] {
                        assert_eq!(class.may_have_taken_effect(&error), may_have_been_processed(&error));
                    }
                    // Whatever may have been processed is not retried where it would be done twice.
                    assert!(
                        !(Class::Unsafe.may_resend(&error) && may_have_been_processed(&error)),
                        "{kind:?} {status}"
                    );
                }
            }
        }
        // The client itself holds calls back while the API asks for a rest.
        assert!(!may_have_been_processed(&Error::new(K::RateLimited, "")));
    }
}
