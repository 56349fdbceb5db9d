//! Failures below HTTP: how far the request came, and what stopped it, by the types of the errors.

use std::error::Error as StdError;
use std::io;

use crate::error::{Error, ErrorKind, Fault};

/// The way to the server, for messages.
pub(super) struct Route<'a> {
    pub(super) host: &'a str,
    /// Host and port of the proxy that is used.
    pub(super) proxy: Option<&'a str>,
}

/// No response, or half of one. `reads` says that the request changes nothing, `answered` that its response had begun.
pub(super) fn lost(error: reqwest::Error, reads: bool, answered: bool, route: &Route<'_>) -> Error {
    let error = error.without_url();
    let certificate = !answered && wants_client_certificate(&error);
    let unprocessed = certificate || (!answered && is_unprocessed(&error));
    let before = error.is_connect() || error.is_builder();
    let fault = match (before, unprocessed) {
        _ if certificate => Fault::ClientCertificate,
        (true, _) => stopped_by(&error, route),
        (false, true) => Fault::Unprocessed,
        (false, false) => Fault::None,
    };
    let kind = match (before || unprocessed, reads) {
        (true, _) => ErrorKind::NotSent,
        (false, true) => ErrorKind::NoAnswer,
        (false, false) => ErrorKind::OutcomeUnknown,
    };
    let what = match (before, error.is_timeout()) {
        _ if certificate => {
            "the server requires a client certificate, or does not accept the one of this client".to_owned()
        }
        _ if unprocessed => "the server refused the request before processing it".to_owned(),
        (true, true) => format!("no connection in time{}", through(route)),
        (true, false) => no_connection(fault, route),
        (false, true) => "no complete answer came in time".to_owned(),
        (false, false) => "the connection broke before a complete answer came".to_owned(),
    };
    let detail = match root_cause(&error) {
        Some(cause) => format!("{what}: {cause}"),
        None => what,
    };
    Error::new(kind, detail).with_fault(fault).caused_by(error)
}

fn no_connection(fault: Fault, route: &Route<'_>) -> String {
    let host = route.host;
    match fault {
        Fault::UnknownName => format!("no connection: the name {host} was not found"),
        Fault::Certificate(fault) => format!("no connection: the certificate of {host} {}", fault.as_str()),
        Fault::Tls => format!("no connection: the TLS handshake with {host} failed"),
        _ => format!("no connection{}", through(route)),
    }
}

fn through(route: &Route<'_>) -> String {
    route.proxy.map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default()
}

/// All causes, from the outermost to the innermost.
fn causes<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn StdError + 'static)| (*error).source())
}

/// HTTP/2 says by these that a request was not processed (RFC 9113, 8.7): the stream was refused, or the connection
/// is being closed and its last processed stream is an earlier one.
fn is_unprocessed(error: &reqwest::Error) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<h2::Error>()).any(|error| {
        let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        let closing = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
        error.is_remote() && (refused || closing)
    })
}

/// Whether the server ended the connection because of this client's certificate.
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
fn wants_client_certificate(error: &reqwest::Error) -> bool {
    causes(error).any(crate::tls::is_about_client_certificate)
}

#[cfg(not(all(feature = "rustls", not(feature = "native-tls"))))]
fn wants_client_certificate(_: &reqwest::Error) -> bool {
    false
}

/// Why there is no connection.
fn stopped_by(error: &reqwest::Error, route: &Route<'_>) -> Fault {
    #[cfg(all(feature = "rustls", not(feature = "native-tls")))]
    if let Some(fault) = causes(error).find_map(crate::tls::fault) {
        return fault;
    }
    if route.proxy.is_some() {
        return Fault::Proxy;
    }
    if error.is_dns() {
        return Fault::UnknownName;
    }
    let mut kinds = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    match kinds.any(|kind| kind == io::ErrorKind::ConnectionRefused) {
        true => Fault::ConnectionRefused,
        false => Fault::None,
    }
}

/// The innermost cause, which is the one that says what happened ("connection refused").
fn root_cause(error: &reqwest::Error) -> Option<String> {
    causes(error).skip(1).last().map(ToString::to_string)
}
