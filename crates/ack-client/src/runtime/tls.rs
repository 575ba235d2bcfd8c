//! Whom a TLS connection trusts.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;

use crate::error::Error;

/// What carries TLS.
///
/// The choice is made here alone: a cargo feature offers a backend, and never changes which one a client uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsBackend {
    /// rustls on ring: the same on every platform, with the certificates that the platform trusts.
    #[default]
    Rustls,
    /// The library of the platform: OpenSSL, Secure Transport or SChannel. For machines whose rules ask for it.
    #[cfg(feature = "native-tls")]
    Native,
}

/// The backend, and authorities to trust beside those of the platform.
#[derive(Clone, Default)]
pub(crate) struct TlsSettings {
    pub(crate) backend: TlsBackend,
    /// PEM text, unread.
    pub(crate) authorities: Vec<Vec<u8>>,
}

impl TlsSettings {
    /// The authorities, each of them a certificate that can be used.
    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, Error> {
        let refuse = |problem: &str| {
            let remedy = "give the certificate authority's own certificate as PEM text, which begins with \
                          -----BEGIN CERTIFICATE-----";
            Error::unset("ca_certificates", problem, remedy)
        };
        let mut certificates = Vec::new();
        for text in &self.authorities {
            let before = certificates.len();
            for certificate in CertificateDer::pem_slice_iter(text) {
                let certificate = certificate.map_err(|_| refuse("is cut off, or not PEM text"))?;
                rustls::RootCertStore::empty()
                    .add(certificate.clone())
                    .map_err(|error| refuse(&format!("holds a certificate that cannot be used ({error})")))?;
                certificates.push(certificate);
            }
            if certificates.len() == before {
                return Err(refuse("holds no certificate"));
            }
        }
        Ok(certificates)
    }
}

/// Trusts what the platform trusts, and those.
pub(super) fn verifying(authorities: Vec<CertificateDer<'static>>) -> Result<rustls::ClientConfig, Error> {
    let verifier = Verifier::new_with_extra_roots(authorities, provider()).map_err(|error| {
        let problem = format!("{error}: install the package ca-certificates, or name a file with SSL_CERT_FILE");
        Error::set_up("the trusted certificates", &std::io::Error::other(problem))
    })?;
    Ok(builder()?.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

/// Trusts nobody, for connections without TLS: reading the platform's certificates takes milliseconds, and fails where
/// there are none.
pub(super) fn unused() -> Result<rustls::ClientConfig, Error> {
    Ok(builder()?.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

fn builder() -> Result<rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier>, Error> {
    rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::set_up("TLS", &error))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
