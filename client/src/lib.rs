//! Client for the API of SWPanel, the hosting control panel of SW Hosting, generated from its OpenAPI document.
//!
//! ```no_run
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // SWPANEL_TOKEN holds the token; see `getting_a_token`.
//! let client = swpanel::Client::from_env()?;
//! let answer = client.raw("GET", "/services/").send().await?;
//! println!("{}", *answer);
//! # Ok(())
//! # }
//! ```
//!
//! Every operation of the document is a method of [`Client`]; each has an example. [`operations`] lists them,
//! [`types`] holds what they take and answer with, [`DOCUMENT`] says which document this is: at present a
//! **reconstruction** from the vendor's published example clients, not SWPanel's own.
//!
//! What every call is guarded against: an error body with HTTP 200, an empty list that comes as an error, an
//! empty answer, a page instead of JSON, and a path value that would address something else.

mod auth;
mod client;
mod error;
mod guardrails;
mod operation;
mod raw;
mod response;
mod runtime;
mod setup;
mod tls;
mod values;

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

pub use auth::{Profile, Profiles, TokenFuture, TokenProvider};
pub use client::Client;
pub use error::{Error, ErrorCode, ErrorKind};
pub use generated::{DOCUMENT, builder, handles, operations, types};
pub use guardrails::Guardrails;
pub use operation::{DocumentInfo, DocumentKind, Effect, Operation};
pub use raw::RawRequest;
pub use response::Response;
pub use setup::ClientBuilder;
pub use values::{Binary, False, Json, Members, NumberOrText, OneOrMany, Secret, SecretJson, True};
