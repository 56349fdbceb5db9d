//! Client for the API of SWPanel, the hosting control panel of SW Hosting, generated from its OpenAPI document.
//!
#![doc = include_str!(concat!(env!("OUT_DIR"), "/first_call.md"))]
//!
//! # What is here
//!
//! Every operation of the document is a method of [`Client`] that returns a builder; [`builder`] lists them, and each
//! has an example. [`handles`] say the id of a thing once: a service, a domain, a certificate. [`operations`] lists what is
//! known of all at run time, [`types`] holds what they take and answer with.
//!
//! [`DOCUMENT`] says which document this is: at present a **reconstruction** from the vendor's published example clients,
//! not SWPanel's own. The API may have more, and may answer otherwise; members that the document does not name are kept,
//! and [`Client::raw`] calls whatever has no method.
//!
//! # Reading responses
//!
//! A response that has its entries in `result` is read with `result()`: a slice, also where the document leaves open whether
//! a single thing comes in an array. Properties that the document names are fields. All others are [`Members`] under
//! `extra`, and a type without any named property derefs to them. [`Members`] and [`Json`], which [`Client::raw`] returns,
//! read values by their path:
//!
//! ```
//! # fn main() -> Result<(), swpanel::Error> {
//! # let text = r#"{"created":"2026-06-02","hosting":{"quota":"512","ips":["192.0.2.1"]},"active":"1"}"#;
//! # let service: swpanel::Members = serde_json::from_str(text).expect("an object");
//! assert_eq!(service.date_at("created")?.year, 2026);
//! assert_eq!(service.integer_at("hosting.quota")?, 512);
//! assert_eq!(service.text_at("hosting.ips[0]")?, "192.0.2.1");
//! assert!(service.boolean_at("active")?);
//! let error = service.text_at("hosting.php.version").unwrap_err();
//! assert_eq!(error.json_path(), Some("hosting.php"));
//! assert!(error.to_string().contains("found there: an object with `ips`, `quota`"));
//! # Ok(()) }
//! ```
//!
//! # Integrator mode and tokens
//!
//! The API exists only in SWPanel's Integrator mode. A person activates it in the panel, makes one named token for one
//! integration (say `crm-production`) with no more rights than it needs, and can revoke it there. Whoever holds a token
//! holds its rights. [`getting_a_token`] has the whole story.
//!
//! [`Client::from_env`] takes `SWPANEL_TOKEN`, or a profile of a file that only its owner can read, which may have a command
//! print the token. A [`TokenProvider`] asks a vault, and is asked once more when a token is not taken any more.
//! [`Guardrails`] keep a client to reads, to some groups or services, or from spending money, whatever its token could do.
//!
//! # Errors
//!
//! A call fails with one [`Error`]: its [`kind`](Error::kind) says why, its [`code`](Error::code) is the API's own, and it
//! prints as one line that says what to do. An error body is an error at any HTTP status; "no results" (`#APIGENE25`) is an
//! empty list on lists and [`ErrorKind::NotFound`] elsewhere; a page, a text or half an answer is never a success.
//!
//! A change that fails may have been made all the same: the page of a gateway or an HTTP 5xx may come after the API did it.
//! [`Error::may_have_taken_effect`] says so, with a table of all cases. Where it is false, the change was provably not made.
//!
//! ```no_run
//! # async fn example(client: &swpanel::Client) -> Result<(), swpanel::Error> {
//! match client.raw("POST", "/services/XX012/cloud/start/").send().await {
//!     Ok(answer) => println!("{}", answer.message().unwrap_or("started")),
//!     Err(error) if error.is_not_found() => println!("no such service"),
//!     // Not known: read the state before sending it again.
//!     Err(error) if error.may_have_taken_effect() => println!("perhaps started: {error}"),
//!     Err(error) => return Err(error),
//! }
//! # Ok(()) }
//! ```
//!
//! # Retries, pace and deadlines
//!
//! What a call does ([`Effect`]) decides whether it is sent again: reads and calls that leave the same state are, after a
//! failure that may pass; what would take effect twice or spend money is only when it provably was not processed (no
//! connection, HTTP 429, an HTTP/2 stream that was refused). A refused certificate is never retried. `Retry-After` is kept to in both its forms. All clients of a process with the same token share one
//! pace, which a 429 slows down. [`ClientBuilder`] sets [retries](ClientBuilder::retries), the
//! [deadline](ClientBuilder::deadline) over all attempts, the [pace](ClientBuilder::calls_per_second) and the
//! [number of calls at once](ClientBuilder::calls_at_once). [`Client::waiter`] reads until something has come about.
//!
//! Answers are held in memory whole: once as bytes (at most [`ClientBuilder::max_body`]) and once as the value made of them.
//!
//! # Network
//!
//! Calls go through the proxy that `HTTPS_PROXY` names, else `ALL_PROXY`, except to the hosts of `NO_PROXY`; lower-case names
//! work too. A SOCKS proxy is not supported. The proxy sees an encrypted connection only. An address that begins with `http://`
//! is on this machine and never has a proxy, so `HTTP_PROXY` has no effect.
//!
//! With the feature `rustls`, the trusted certificates are those of the system. On Linux and other Unix systems,
//! `SSL_CERT_FILE` (a PEM file) and `SSL_CERT_DIR` (folders of PEM files) replace them, for instance with the certificate of a
//! company's own authority. A certificate that is not accepted is [`ErrorKind::NotSent`] with [`Error::is_certificate`].
//!
//! For a panel or a proxy of one's own, [`ClientBuilder::root_certificates`] and [`ClientBuilder::ca_file`] add trusted
//! certificates, [`ClientBuilder::client_certificate`] identifies the client, and [`ClientBuilder::default_header`] and
//! [`ClientBuilder::secret_header`] add headers. [`ClientBuilder::configure_http`] configures reqwest before the policy of this
//! crate is applied, so that it cannot loosen it. A [`Hook`] runs before and after each request; [`TraceParent`] says which
//! trace a call belongs to, by [`Client::with_traceparent`] or [`ClientBuilder::traceparent_provider`].
//!
//! # Secrets
//!
//! Tokens, passwords and keys are sent, and shown nowhere: not by `Debug`, not in errors, not in spans or events of
//! `tracing`. Where a server repeats in an error what it refuses, the secrets of the request are taken out of its words.
//!
//! # Features
//!
//! | feature | what it does |
//! |---|---|
//! | `rustls` (default) | TLS by rustls with ring |
//! | `native-tls` | TLS by the system instead; OpenSSL on Linux |
//! | `blocking` | `send_blocking` on every call, for programs without an async runtime |
//! | `schemars` | `JsonSchema` on every generated type |
//!
//! # Testing your program
//!
//! The package `swpanel-emulator` is a SWPanel on your own machine, made from the same document. Give the client its address
//! as `SWPANEL_BASE_URL` (or [`ClientBuilder::base_url`]) and its invented token. [`ClientBuilder::record`] keeps exchanges as
//! files without any secret, and [`ClientBuilder::replay`] gives them again.

mod auth;
#[cfg(feature = "blocking")]
mod blocking;
mod cassettes;
mod client;
mod error;
mod guardrails;
mod operation;
mod raw;
mod response;
mod runtime;
mod setup;
mod tls;
mod transport;
mod values;
mod waiter;

/// How to get a token, store it and revoke it.
#[doc = include_str!("../getting-a-token.md")]
pub mod getting_a_token {}

mod generated {
    #![allow(
        unreachable_pub,
        unused_qualifications,
        unused_imports,
        clippy::all,
        clippy::pedantic,
        clippy::restriction
    )]
    include!(concat!(env!("OUT_DIR"), "/generated.rs"));
}

#[doc(hidden)]
pub use auth::is_invisible;
pub use auth::{Profile, Profiles, TokenFuture, TokenProvider};
pub use client::Client;
pub use error::{Error, ErrorCode, ErrorKind};
pub use generated::{DOCUMENT, builder, handles, operations, types};
pub use guardrails::Guardrails;
pub use operation::{DocumentInfo, DocumentKind, Effect, Operation};
pub use raw::RawRequest;
/// The HTTP client below this one, for [`ClientBuilder::configure_http`].
#[doc(no_inline)]
pub use reqwest;
pub use response::Response;
pub use setup::ClientBuilder;
pub use transport::{Hook, HookOutcome, HookRequest, TraceParent};
pub use values::{Binary, Date, False, Json, Members, NumberOrText, OneOrMany, Secret, SecretJson, True};
pub use waiter::Waiter;
