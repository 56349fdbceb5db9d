//! Protects the controls from web pages: a page in the same person's browser can send requests to this machine.
//!
//! Controls need no token, so the browser's own headers decide. `Host` must be a name or address of this machine with
//! our port: a page whose name was made to resolve to 127.0.0.1 (DNS rebinding) keeps its own name there. `Origin` and
//! `Sec-Fetch-Site` must not show another site. `text/plain` and `multipart/form-data` are what a form of another site
//! can send without asking first; no tool needs them here.

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::request::Parts;
use serde_json::json;

use crate::answer::{Answer, Basis};

/// Rejects a request to the controls that a web page may have sent.
pub(super) fn check(parts: &Parts, port: u16) -> Result<(), Answer> {
    check_host(parts, port)?;
    check_origin(&parts.headers, port)?;
    check_media_type(&parts.headers)
}

fn check_host(parts: &Parts, port: u16) -> Result<(), Answer> {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let (host, more) = (hosts.next(), hosts.next());
    let host = host.filter(|_| more.is_none()).and_then(|host| host.to_str().ok());
    // A request line may name a host as well; HTTP/2 has nothing else.
    let authority = parts.uri.authority().map(axum::http::uri::Authority::as_str);
    let mut named = host.into_iter().chain(authority).peekable();
    if named.peek().is_some() && more.is_none() && named.all(|named| is_this_machine(named, port)) {
        return Ok(());
    }
    Err(rejected(
        403,
        format!(
            "the controls were asked for by another host name than this machine's; nothing was changed; \
            send the request to http://127.0.0.1:{port} or http://localhost:{port}"
        ),
    ))
}

fn check_origin(headers: &HeaderMap, port: u16) -> Result<(), Answer> {
    let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|authority| is_this_machine(authority, port));
    let mut origins = headers.get_all(ORIGIN).iter();
    let mut sites = headers.get_all("sec-fetch-site").iter();
    let is_own = origins.all(|origin| origin.to_str().is_ok_and(own))
        && sites.all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    if is_own {
        return Ok(());
    }
    Err(rejected(
        403,
        "a web page of another site asked for the controls (headers `Origin`, `Sec-Fetch-Site`); nothing was changed; \
        send the request from a program, or from a page of this server"
            .to_owned(),
    ))
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Answer> {
    let media = headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !matches!(essence.as_str(), "text/plain" | "multipart/form-data") {
        return Ok(());
    }
    Err(rejected(
        415,
        format!(
            "the controls do not take a body of type {essence}; nothing was changed; \
            send JSON with the header `Content-Type: application/json`"
        ),
    ))
}

/// Whether an authority is a name or an address of this machine, with our port.
fn is_this_machine(authority: &str, port: u16) -> bool {
    let (host, named) = match authority.rsplit_once(':') {
        // The colons of an IPv6 address are within brackets.
        Some((host, digits)) if !digits.contains(']') => (host, digits.parse().ok()),
        _ => (authority, Some(80)),
    };
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_loopback = match inner {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok_and(|address| {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
        }),
        None => {
            host.strip_suffix('.').unwrap_or(host).eq_ignore_ascii_case("localhost")
                || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        }
    };
    is_loopback && named == Some(port)
}

fn rejected(status: u16, message: String) -> Answer {
    Answer::json(status, Basis::Guessed, &json!({"error": message}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_and_addresses_of_this_machine_with_the_port_are_this_machine() {
        for own in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST.:8080", "127.1.2.3:8080", "[::1]:8080"] {
            assert!(is_this_machine(own, 8080), "{own}");
        }
        for other in [
            "127.0.0.1",
            "127.0.0.1:80",
            "evil.example:8080",
            "localhost.evil.example:8080",
            "127.0.0.1.evil.example:8080",
            "user@127.0.0.1:8080",
            "10.0.0.1:8080",
            "[::2]:8080",
            "::1:8080",
            "127.0.0.1:8080:8080",
            "",
        ] {
            assert!(!is_this_machine(other, 8080), "{other}");
        }
        assert!(is_this_machine("localhost", 80) && is_this_machine("[::1]", 80));
    }
}
