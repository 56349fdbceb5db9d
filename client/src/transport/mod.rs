//! What a program sets up about its connections: certificates, headers, hooks, trace context and reqwest's own settings.
//! The policy of this crate (TLS verification, redirects, retries, time-outs) is applied after all of it.

mod builder;
mod headers;
mod hooks;
mod pem;
mod policy;
mod trace;

use std::fmt;
use std::sync::Arc;

use reqwest::header::{HeaderMap, HeaderValue};

pub use hooks::{Hook, HookOutcome, HookRequest};
pub(crate) use hooks::{after, before};
pub(crate) use pem::{Pem, PemBytes};
pub(crate) use policy::Policy;
pub use trace::TraceParent;

use crate::values::Secret;

/// A closure of the program that configures reqwest.
type Configure = Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;
/// What returns the trace context of a call.
type TraceProvider = Arc<dyn Fn() -> Option<TraceParent> + Send + Sync>;

/// All of it, before it is validated.
#[derive(Clone, Default)]
pub(crate) struct Transport {
    pub(crate) roots: Vec<Pem>,
    /// Certificate and private key, which may be the same text or file.
    pub(crate) identity: Option<(Pem, Pem)>,
    headers: Vec<DefaultHeader>,
    configure: Vec<Configure>,
    hooks: Vec<Arc<dyn Hook>>,
    trace: Option<TraceProvider>,
}

/// A header of every request, before it is validated.
#[derive(Clone)]
struct DefaultHeader {
    name: String,
    value: Secret,
    /// Set as a secret, whatever the name is.
    is_secret: bool,
}

/// What each request of a client gets, and who sees it.
pub(crate) struct Outgoing {
    pub(crate) headers: HeaderMap,
    pub(crate) hooks: Vec<Arc<dyn Hook>>,
    trace: Option<TraceProvider>,
}

impl Transport {
    /// Validates the headers.
    pub(crate) fn outgoing(&self) -> Result<Outgoing, crate::Error> {
        let mut headers = HeaderMap::new();
        for DefaultHeader { name, value, is_secret } in &self.headers {
            let refuse = |why| crate::Error::new(crate::ErrorKind::Configuration, format!("default header: {why}"));
            let (name, value) = headers::validated(name, value.expose(), *is_secret).map_err(refuse)?;
            headers.insert(name, value);
        }
        Ok(Outgoing { headers, hooks: self.hooks.clone(), trace: self.trace.clone() })
    }
}

impl Outgoing {
    /// The `traceparent` header of a call: what the caller gave, else what the provider returns.
    pub(crate) fn trace(&self, given: Option<TraceParent>) -> Option<HeaderValue> {
        let trace = given.or_else(|| self.trace.as_ref().and_then(|provider| provider()))?;
        HeaderValue::from_str(&trace.to_string()).ok()
    }
}

/// Numbers and names; never a value, a certificate or a key.
impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|header| header.name.as_str()).collect();
        f.debug_struct("Transport")
            .field("root_certificates", &self.roots)
            .field("client_certificate", &self.identity.as_ref().map(|(certificate, _)| certificate))
            .field("default_headers", &names)
            .field("configure", &self.configure.len())
            .field("hooks", &self.hooks.len())
            .field("traceparent_provider", &self.trace.is_some())
            .finish()
    }
}
