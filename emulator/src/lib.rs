//! A SWPanel on your own machine: a server on 127.0.0.1 that is derived from the API document and keeps state.
//!
//! SWPanel has no sandbox, and calls cost money. This answers in its place: every operation of the document, with
//! requests checked against it, a state that agrees with itself, the vendor's envelopes, and faults on demand. It is
//! **not** SWPanel: the header `x-swpanel-emulator-basis` of each answer says whether it rests on the `document`, was
//! `observed` in the vendor's publications, or is `guessed`.
//!
//! ```
//! use std::io::{Read as _, Write as _};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use swpanel_emulator::{Emulator, FaultKind, Seed};
//!
//! let emulator = Emulator::builder().seed(Seed::Demo).start().await?;
//! // Any client will do: give it `emulator.base_url()` and `emulator.token()`.
//! let mut socket = std::net::TcpStream::connect(emulator.address())?;
//! let token = emulator.token();
//! write!(socket, "GET /v2026/services/XX012 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n")?;
//! let mut answer = String::new();
//! socket.read_to_string(&mut answer)?;
//! assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
//!
//! // The next call of this operation fails once, with HTTP 200 and an error body.
//! emulator.fail_once("GET /services/", FaultKind::ErrorIn200 { code: None, message: None });
//! assert_eq!(emulator.journal().len(), 1);
//! # Ok(())
//! # } // Here it stops.
//! ```
//!
//! As a program: `cargo run -p swpanel-emulator -- --port 8080 --seed demo`. The controls are under `/__emulator/`,
//! documentation pages under `/docs/` and, behind a login, under `/panel/docs/`.

mod answer;
mod behaviour;
mod builder;
mod codes;
mod document;
mod emulator;
mod faults;
mod journal;
mod redact;
mod release;
mod routes;
mod seed;
mod server;
mod settings;
mod tokens;
mod world;

pub use builder::{Builder, StartError};
pub use codes::{CODES, Code};
pub use emulator::Emulator;
pub use faults::{FaultKind, FaultRule, RetryAfter};
pub use journal::Entry;
pub use routes::{Route, routes};
pub use seed::Seed;
pub use settings::{ErrorsAs, Jobs};
pub use tokens::Scope;

/// The document that this crate was built with.
pub const DOCUMENT: &[u8] = include_bytes!("../swpanel-api.json");

/// The README's examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
