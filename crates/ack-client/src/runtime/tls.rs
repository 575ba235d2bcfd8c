//! Whom a TLS connection trusts.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::error::Error;

/// Trusts what the platform trusts.
pub(super) fn verifying() -> Result<rustls::ClientConfig, Error> {
    let verified =
        builder()?.with_platform_verifier().map_err(|error| Error::set_up("the trusted certificates", &error))?;
    Ok(verified.with_no_client_auth())
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
