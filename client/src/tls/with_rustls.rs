//! TLS by rustls with ring. The configuration is handed over to reqwest, so that no process-wide default provider is set or
//! needed, and nothing that a program set in reqwest's builder about TLS has an effect.

use std::sync::Arc;

use reqwest::ClientBuilder;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::certificate::NamingVerifier;
use crate::error::{Error, ErrorKind};
use crate::transport::PemBytes;

/// The certificates of a program besides those of the system.
pub(crate) struct Material {
    roots: Vec<CertificateDer<'static>>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

impl Material {
    /// Reads PEM texts: root certificates, and the client's certificate with its key.
    pub(crate) fn parse(roots: &[PemBytes], identity: Option<&(PemBytes, PemBytes)>) -> Result<Self, Error> {
        let mut parsed = Vec::new();
        for pem in roots {
            let certificates = certificates(pem)?;
            let mut store = RootCertStore::empty();
            for certificate in &certificates {
                let wrong = |error| pem.wrong(&format!("holds a certificate that cannot be used ({error})"));
                store.add(certificate.clone()).map_err(wrong)?;
            }
            parsed.extend(certificates);
        }
        let identity = identity.map(|(certificate, key)| {
            let chain = certificates(certificate)?;
            // A key with a password is a section of another name.
            let wrong = |_| key.wrong("holds no private key in PEM form without a password");
            let private = PrivateKeyDer::from_pem_slice(&key.bytes).map_err(wrong)?;
            // Both are tried here, so that a pair that does not match is reported also where the address needs none.
            let nobody = RootCertStore::empty();
            let config = config(Arc::new(rustls::crypto::ring::default_provider()))?.with_root_certificates(nobody);
            let wrong = |error| certificate.wrong(&format!("cannot be used with the client key: {error}"));
            config.with_client_auth_cert(chain.clone(), private.clone_key()).map_err(wrong)?;
            Ok::<_, Error>((chain, private))
        });
        Ok(Self { roots: parsed, identity: identity.transpose()? })
    }
}

/// All certificates of a PEM text, of which there must be one at least.
fn certificates(pem: &PemBytes) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem.bytes).collect();
    // The parser's own message would repeat what it found.
    let found = found.map_err(|_| pem.wrong("is not well-formed PEM"))?;
    if found.is_empty() {
        return Err(pem.wrong("holds no certificate in PEM form (it begins with `-----BEGIN CERTIFICATE-----`)"));
    }
    Ok(found)
}

fn refuse(error: rustls::Error) -> Error {
    let detail = format!(
        "TLS cannot be set up: {error}; check SSL_CERT_FILE and SSL_CERT_DIR where they are set, else the trusted \
         certificates of this machine"
    );
    Error::new(ErrorKind::Configuration, detail)
}

fn config(
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(refuse)
}

/// The builder with TLS set up. Without `is_used` (the address is plain http on this machine) no certificates of the system
/// are read, which takes longer than all else in the set-up.
pub(crate) fn set_up(builder: ClientBuilder, is_used: bool, material: &Material) -> Result<ClientBuilder, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = config(Arc::clone(&provider))?;
    if !is_used {
        let nobody = RootCertStore::empty();
        return Ok(builder.tls_backend_preconfigured(config.with_root_certificates(nobody).with_no_client_auth()));
    }
    let verifier = Arc::new(NamingVerifier::new(verifier(&material.roots, provider)?));
    let config = config.dangerous().with_custom_certificate_verifier(verifier);
    let mut config = match &material.identity {
        Some((chain, key)) => config.with_client_auth_cert(chain.clone(), key.clone_key()).map_err(refuse)?,
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(builder.tls_backend_preconfigured(config))
}

#[cfg(not(target_os = "android"))]
fn verifier(
    roots: &[CertificateDer<'static>],
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> Result<Verifier, Error> {
    Verifier::new_with_extra_roots(roots.iter().cloned(), provider).map_err(refuse)
}

#[cfg(target_os = "android")]
fn verifier(
    roots: &[CertificateDer<'static>],
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> Result<Verifier, Error> {
    if !roots.is_empty() {
        let detail = "root certificates cannot be added on Android; add them to those of the system";
        return Err(Error::new(ErrorKind::Configuration, detail));
    }
    Verifier::new(provider).map_err(refuse)
}
