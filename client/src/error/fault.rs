//! What is known of a failure besides its kind. Retries, hints and [`Error::may_have_taken_effect`] depend on it, never on
//! the message.

#[cfg(doc)]
use super::Error;

/// What went wrong, as far as typed errors and the response show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    any(feature = "native-tls", not(feature = "rustls")),
    allow(dead_code, reason = "only errors of rustls say what is wrong with a certificate")
)]
pub(crate) enum Fault {
    /// Nothing beyond the kind.
    #[default]
    None,
    /// The name of the server has no address.
    UnknownName,
    /// The server's machine does not accept connections at this port.
    ConnectionRefused,
    /// No connection, and the way leads through a proxy.
    Proxy,
    /// The server's certificate was not accepted.
    Certificate(CertificateFault),
    /// The server requires a certificate of this client, or does not accept the one that it got.
    ClientCertificate,
    /// The server does not speak TLS, or no version of it that this client knows.
    Tls,
    /// The server says that it did not process the request.
    Unprocessed,
    /// The response has the API's own error body.
    ErrorBody,
    /// The response is a page.
    Page,
    /// The response is plain text, where JSON was expected.
    Text,
}

/// Why a certificate was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    any(feature = "native-tls", not(feature = "rustls")),
    allow(dead_code, reason = "only errors of rustls say what is wrong with a certificate")
)]
pub(crate) enum CertificateFault {
    Expired,
    NotYetValid,
    WrongName,
    UnknownIssuer,
    SelfSigned,
    Revoked,
    Other,
}

impl CertificateFault {
    /// The end of a sentence that begins with "the certificate".
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "has expired",
            Self::NotYetValid => "is not valid yet",
            Self::WrongName => "is for another name",
            Self::UnknownIssuer => "is from an unknown issuer",
            Self::SelfSigned => "is self-signed",
            Self::Revoked => "was revoked",
            Self::Other => "is not valid",
        }
    }
}
