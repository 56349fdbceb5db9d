//! TLS as reqwest gets it: rustls with ring and certificates as the system trusts them, or the system's own (feature
//! `native-tls`). Without either feature only this machine can be reached.

#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
mod certificate;

use reqwest::ClientBuilder;

use crate::error::Error;
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
pub(crate) use certificate::fault;

/// The builder with TLS set up. The configuration of rustls is handed over, so that no process-wide default provider is
/// set or needed. Without `is_used` (the address is plain http on this machine) no certificates are read, which takes
/// longer than all else in the set-up.
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
pub(crate) fn set_up(builder: ClientBuilder, is_used: bool) -> Result<ClientBuilder, Error> {
    use std::sync::Arc;

    use rustls::ClientConfig;
    use rustls_platform_verifier::Verifier;

    use crate::error::ErrorKind;

    let refuse = |error: rustls::Error| {
        let detail = format!(
            "TLS cannot be set up: {error}; check SSL_CERT_FILE and SSL_CERT_DIR where they are set, else the trusted \
             certificates of this machine"
        );
        Error::new(ErrorKind::Configuration, detail)
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let config = config.with_safe_default_protocol_versions().map_err(refuse)?;
    if !is_used {
        let nobody = rustls::RootCertStore::empty();
        return Ok(builder.tls_backend_preconfigured(config.with_root_certificates(nobody).with_no_client_auth()));
    }
    let verifier = Verifier::new(provider).map_err(refuse)?;
    let verifier = Arc::new(certificate::NamingVerifier::new(verifier));
    let mut config = config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(builder.tls_backend_preconfigured(config))
}

/// The system's TLS was asked for, which also another crate's features may have done for reqwest: it is named here.
#[cfg(feature = "native-tls")]
pub(crate) fn set_up(builder: ClientBuilder, _: bool) -> Result<ClientBuilder, Error> {
    Ok(builder.tls_backend_native())
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
pub(crate) fn set_up(builder: ClientBuilder, _: bool) -> Result<ClientBuilder, Error> {
    Ok(builder)
}
