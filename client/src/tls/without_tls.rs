//! No TLS was compiled in: only this machine can be reached, and certificates have no use.

use reqwest::ClientBuilder;

use crate::error::{Error, ErrorKind};
use crate::transport::PemBytes;

/// Nothing, since there is nobody to use it.
pub(crate) struct Material;

impl Material {
    /// Refuses certificates.
    pub(crate) fn parse(roots: &[PemBytes], identity: Option<&(PemBytes, PemBytes)>) -> Result<Self, Error> {
        if !roots.is_empty() || identity.is_some() {
            let detail = "certificates need TLS; build the crate with the feature `rustls` or `native-tls`";
            return Err(Error::new(ErrorKind::Configuration, detail));
        }
        Ok(Self)
    }
}

/// The builder as it is.
pub(crate) fn set_up(builder: ClientBuilder, _is_used: bool, _material: &Material) -> Result<ClientBuilder, Error> {
    Ok(builder)
}
