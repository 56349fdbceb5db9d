//! What to do next, by kind, fault and status.

use std::borrow::Cow;

use super::{CertificateFault, Error, ErrorKind, Fault};

const EFFECT: &str = "it may have taken effect: read the state before sending it again";

/// The hint of a failure, where something can be said.
pub(super) fn of(error: &Error) -> Option<Cow<'static, str>> {
    let more = cause(error);
    if !error.may_have_taken_effect() {
        return more;
    }
    Some(more.map_or(Cow::Borrowed(EFFECT), |more| Cow::Owned(format!("{EFFECT}; {more}"))))
}

/// What to do about the cause alone.
fn cause(error: &Error) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match error.kind() {
        ErrorKind::RateLimited => return Some(wait(error)),
        ErrorKind::Unauthorized => {
            "check SWPANEL_TOKEN, and in the panel that the token was not revoked; see docs/getting-a-token.md"
        }
        ErrorKind::Forbidden => {
            "check in the panel that Integrator mode is on and that this token has the permission; \
             see docs/getting-a-token.md"
        }
        ErrorKind::NoToken => "set SWPANEL_TOKEN or a profile; see docs/getting-a-token.md",
        ErrorKind::Guardrail => "it is set by the program or its profile; use a profile that may do this",
        ErrorKind::Decode => {
            "the response differs from the document; `raw` returns the response as it is, and `cargo xtask sync` \
             updates the document"
        }
        ErrorKind::EmptyAnswer if !error.may_have_taken_effect() => {
            "the API reported success and sent no content; try again later, and report it to SWPanel if it stays"
        }
        ErrorKind::Server => return later(error),
        ErrorKind::Gateway if error.status().is_some_and(|status| status >= 500) => return later(error),
        ErrorKind::Redirect => "check that SWPANEL_BASE_URL is the address of the API",
        ErrorKind::Gateway if address_may_be_wrong(error) => "check that SWPANEL_BASE_URL is the address of the API",
        ErrorKind::NotJson if address_may_be_wrong(error) => "check that SWPANEL_BASE_URL is the address of the API",
        ErrorKind::NotRecorded => "make the calls in the order in which they were recorded, or record them again",
        ErrorKind::Hook => "a hook of the program stopped the request; nothing was sent",
        ErrorKind::Property => return error.excerpt().map(|found| Cow::Owned(format!("found there: {found}"))),
        ErrorKind::NotSent => not_sent(error.fault()),
        _ => return None,
    }))
}

/// A page or a text with a success, or a page where nothing was found, may come from another server than the API.
fn address_may_be_wrong(error: &Error) -> bool {
    let success = error.status().is_some_and(|status| (200..300).contains(&status));
    match error.fault() {
        Fault::Page => success || matches!(error.status(), Some(404 | 405 | 410)),
        Fault::Text => success,
        _ => false,
    }
}

fn not_sent(fault: Fault) -> &'static str {
    match fault {
        Fault::UnknownName => {
            "check the host name in SWPANEL_BASE_URL and the name resolution of this machine; nothing was sent"
        }
        Fault::ConnectionRefused => {
            "check host and port in SWPANEL_BASE_URL, and that the server is running; nothing was sent"
        }
        Fault::Tls => "check that host and port in SWPANEL_BASE_URL are those of an https server; nothing was sent",
        Fault::ClientCertificate => {
            "set `client_certificate` and `client_key` in the profile, or `client_certificate` of the client builder; the \
             request was not processed"
        }
        Fault::Proxy => "check the proxy in HTTPS_PROXY or ALL_PROXY, and NO_PROXY; nothing was sent",
        Fault::Unprocessed => "nothing was done; it is safe to send it again",
        Fault::Certificate(fault) => match fault {
            CertificateFault::Expired => {
                "the server's certificate has expired: check the clock of this machine, else the server's operator must \
                 renew the certificate; nothing was sent"
            }
            CertificateFault::NotYetValid => {
                "the server's certificate is not valid yet: check the clock of this machine; nothing was sent"
            }
            CertificateFault::WrongName => {
                "the server's certificate is for another name: check the host name in SWPANEL_BASE_URL; nothing was sent"
            }
            CertificateFault::UnknownIssuer => {
                "the issuer of the server's certificate is not trusted: add the issuer's certificate to the trusted \
                 certificates of the system, or name a PEM file with it as `ca_file` of the profile, with `--ca-file` or in \
                 SSL_CERT_FILE; nothing was sent"
            }
            CertificateFault::SelfSigned => {
                "the server's certificate is self-signed: use a certificate of a trusted issuer; or add this one to the \
                 trusted certificates of the system, or name a PEM file with it as `ca_file` of the profile, with `--ca-file` \
                 or in SSL_CERT_FILE; nothing was sent"
            }
            CertificateFault::Revoked | CertificateFault::Other => {
                "the server's certificate was not accepted: its operator must replace it; the trusted certificates are \
                 those of the system, or of SSL_CERT_FILE; nothing was sent"
            }
        },
        _ => "check the network; nothing was sent",
    }
}

/// A longer wait is not said to the second: nobody waits for it, and a server may ask for more than any clock has.
const LONGEST_HOURS: u64 = 24;

fn is_too_long(seconds: u64) -> bool {
    seconds > LONGEST_HOURS * 3600
}

fn wait(error: &Error) -> Cow<'static, str> {
    match error.retry_after_seconds() {
        Some(seconds) if is_too_long(seconds) => {
            Cow::Owned(format!("the server asks for more than {LONGEST_HOURS} hours before the next call"))
        }
        Some(seconds) => Cow::Owned(format!("wait {seconds} s before the next call")),
        None => Cow::Borrowed("wait before the next call"),
    }
}

fn later(error: &Error) -> Option<Cow<'static, str>> {
    match (error.retry_after_seconds(), error.may_have_taken_effect()) {
        (Some(seconds), _) if is_too_long(seconds) => {
            Some(Cow::Owned(format!("the server asks to wait for more than {LONGEST_HOURS} hours")))
        }
        (Some(seconds), _) => Some(Cow::Owned(format!("the server asks to wait {seconds} s"))),
        (None, false) => Some(Cow::Borrowed("the server or a gateway before it failed; try again later")),
        (None, true) => None,
    }
}
