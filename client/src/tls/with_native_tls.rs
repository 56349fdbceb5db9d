//! TLS by the system, which was asked for; another crate's features may have chosen another one for reqwest, so it is named.
//! What a program's closure set about TLS is set back.

use reqwest::{Certificate, ClientBuilder, Identity};

use crate::error::Error;
use crate::transport::PemBytes;

/// The certificates of a program besides those of the system.
pub(crate) struct Material {
    roots: Vec<Certificate>,
    identity: Option<Identity>,
}

impl Material {
    /// Reads PEM texts: root certificates, and the client's certificate with its key.
    pub(crate) fn parse(roots: &[PemBytes], identity: Option<&(PemBytes, PemBytes)>) -> Result<Self, Error> {
        let mut parsed = Vec::new();
        for pem in roots {
            let found = Certificate::from_pem_bundle(&pem.bytes).map_err(|_| pem.wrong("is not well-formed PEM"))?;
            if found.is_empty() {
                let what = "holds no certificate in PEM form (it begins with `-----BEGIN CERTIFICATE-----`)";
                return Err(pem.wrong(what));
            }
            parsed.extend(found);
        }
        let identity = identity.map(|(certificate, key)| {
            let wrong = |_| certificate.wrong("cannot be used with the client key: both are PEM, the key PKCS #8");
            Identity::from_pkcs8_pem(&certificate.bytes, &key.bytes).map_err(wrong)
        });
        Ok(Self { roots: parsed, identity: identity.transpose()? })
    }
}

/// The builder with TLS set up.
pub(crate) fn set_up(builder: ClientBuilder, _is_used: bool, material: &Material) -> Result<ClientBuilder, Error> {
    let builder = builder
        .tls_backend_native()
        .tls_danger_accept_invalid_certs(false)
        .tls_danger_accept_invalid_hostnames(false)
        .tls_sni(true)
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        .tls_certs_merge(material.roots.iter().cloned());
    Ok(match &material.identity {
        Some(identity) => builder.identity(identity.clone()),
        None => builder,
    })
}
