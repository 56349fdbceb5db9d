//! Why TLS failed, by the types of the errors; and a verifier that tells a self-signed certificate from one of an unknown
//! issuer.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};

use crate::error::{CertificateFault, Fault};

/// What one cause of a failed connection says of TLS.
pub(crate) fn fault(cause: &(dyn StdError + 'static)) -> Option<Fault> {
    match within(cause).downcast_ref::<Error>()? {
        Error::InvalidCertificate(error) => Some(Fault::Certificate(of_certificate(error))),
        Error::AlertReceived(alert) if is_client_certificate(*alert) => Some(Fault::ClientCertificate),
        Error::NoCertificatesPresented => Some(Fault::Certificate(CertificateFault::Other)),
        // The server may be restarting; what it says passes more often than what it speaks.
        Error::AlertReceived(_) => None,
        _ => Some(Fault::Tls),
    }
}

/// Whether one cause of a failure says that the server did not accept this client's certificate, or wants one. With TLS 1.3
/// it arrives after the request was written, and still means that the server did not process it.
pub(crate) fn is_about_client_certificate(cause: &(dyn StdError + 'static)) -> bool {
    fault(cause) == Some(Fault::ClientCertificate)
}

fn is_client_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::NoCertificate
    )
}

/// What I/O errors are wrapped around. Their `source` is already that of the wrapped error, so a walk along the sources does
/// not meet it.
fn within<'e>(mut cause: &'e (dyn StdError + 'static)) -> &'e (dyn StdError + 'static) {
    while let Some(inner) = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        cause = inner;
    }
    cause
}

fn of_certificate(error: &CertificateError) -> CertificateFault {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => CertificateFault::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateFault::WrongName
        }
        CertificateError::UnknownIssuer => CertificateFault::UnknownIssuer,
        CertificateError::Revoked => CertificateFault::Revoked,
        CertificateError::Other(OtherError(other)) if other.is::<SelfSigned>() => CertificateFault::SelfSigned,
        _ => CertificateFault::Other,
    }
}

/// The system's verifier. It accepts exactly what the system accepts, and says of a rejected certificate whether the
/// certificate names itself as its issuer.
#[derive(Debug)]
pub(super) struct NamingVerifier<V>(V);

/// A certificate that names itself as its issuer.
#[derive(Debug)]
struct SelfSigned(Error);

impl<V> NamingVerifier<V> {
    pub(super) fn new(verifier: V) -> Self {
        Self(verifier)
    }
}

impl<V: ServerCertVerifier> ServerCertVerifier for NamingVerifier<V> {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.0.verify_server_cert(certificate, intermediates, name, ocsp_response, now);
        verified.map_err(|error| match error {
            Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::Other(_))
                if is_self_signed(certificate) =>
            {
                Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(SelfSigned(error)))))
            }
            error => error,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

fn is_self_signed(certificate: &CertificateDer<'_>) -> bool {
    webpki::EndEntityCert::try_from(certificate).is_ok_and(|certificate| certificate.issuer() == certificate.subject())
}

impl fmt::Display for SelfSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the certificate is self-signed ({})", self.0)
    }
}

impl StdError for SelfSigned {}
