//! TLS as reqwest gets it: rustls with ring, certificates as the system trusts them.
//!
//! The configuration is handed over, so no process-wide default provider is set or needed.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;

use crate::error::{Error, ErrorKind};

pub(crate) fn config() -> Result<ClientConfig, Error> {
    let refuse = |error: rustls::Error| {
        let detail = format!("TLS cannot be set up: {error}; check that this machine has trusted root certificates");
        Error::new(ErrorKind::Configuration, detail)
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(refuse)?;
    let mut config = builder.with_platform_verifier().map_err(refuse)?.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
