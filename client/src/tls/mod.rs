//! TLS as reqwest gets it: rustls with ring and certificates as the system trusts them, or the system's own (feature
//! `native-tls`). Without either feature only this machine can be reached.

#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
#[path = "with_rustls.rs"]
mod backend;
#[cfg(feature = "native-tls")]
#[path = "with_native_tls.rs"]
mod backend;
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[path = "without_tls.rs"]
mod backend;
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
mod certificate;

pub(crate) use backend::{Material, set_up};
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
pub(crate) use certificate::{fault, is_about_client_certificate};
