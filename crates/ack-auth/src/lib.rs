//! Request signing and credentials for Alibaba Cloud.
//!
//! * [`Signer`] signs a [`SigningRequest`] with ACS3-HMAC-SHA256 and gives the headers to send. It
//!   does no I/O; the date and the nonce come from a [`Clock`] and a [`NonceSource`] of the
//!   caller's choice.
//! * [`Credentials`] is a source of the [`Credential`] to sign with: [`StaticCredentials`],
//!   [`EnvironmentCredentials`], or one's own.
//! * [`DefaultCredentials`] looks for a credential where the official tools do, refreshes it, and
//!   explains what it found. All it touches outside the program is in a [`Context`]; the HTTP client
//!   is the caller's ([`HttpExchange`]).
//! * [`verify`] checks a [`ReceivedRequest`] the way the service does, for servers that stand in
//!   for it.
//!
//! ```
//! use ack_auth::{Clock, Credential, NonceSource, RandomNonce, Signer, SigningRequest, SystemClock, encode_component};
//!
//! let cluster = encode_component("c106f377e16f34eb1808d6b9362c9test");
//! let path = format!("/api/v2/clusters/{cluster}/upgrade/status");
//! let request = SigningRequest::new("GET", "cs.cn-hangzhou.aliyuncs.com", path, "GetUpgradeStatus", "2015-12-15")
//!     .with_accept("application/json");
//! let credential = Credential::access_key("LTAI5tExampleabcd", "placeholder");
//!
//! let signed = Signer::default().sign(&request, &credential, SystemClock.now(), &RandomNonce.nonce()?)?;
//! for (name, value) in signed.headers() {
//!     // Hand each header to the HTTP client; SignedRequest::is_sensitive(name) tells which to keep out of logs.
//!     assert!(!name.is_empty() && !value.is_empty());
//! }
//! # Ok::<(), ack_auth::Error>(())
//! ```
//!
//! It brings no HTTP client, retries nothing, and needs no asynchronous runtime. The other
//! algorithms of the service (ACS3-HMAC-SM3, ACS3-RSA-SHA256) and its legacy schemes are left out.

mod authorization;
mod cache;
mod canonical;
mod chain;
mod cli_profile;
mod clock;
mod command;
mod context;
mod credential;
mod credentials;
mod date;
mod ecs;
mod encoding;
mod environment;
mod error;
mod explain;
mod files;
mod hex;
mod http;
mod ini;
mod json;
mod keys;
mod mismatch;
mod nonce;
mod oidc;
mod own_header;
#[cfg(test)]
mod ready;
mod received;
mod redact;
mod request;
#[cfg(test)]
mod secrecy_tests;
mod signed_request;
mod signer;
#[cfg(test)]
mod stand_ins;
mod static_credentials;
mod sts;
mod uri;
mod verify;
mod wiped;

pub use authorization::Authorization;
pub use cache::CachedCredentials;
pub use chain::{DefaultCredentials, DefaultCredentialsBuilder};
pub use clock::{Clock, FixedClock, SystemClock};
pub use command::{CommandFuture, CommandRunner, SystemCommands};
pub use context::Context;
pub use credential::{Credential, CredentialKind};
pub use credentials::{CredentialFuture, Credentials};
pub use date::{format_date, parse_date};
pub use encoding::{canonical_query, encode_component};
pub use environment::{Environment, EnvironmentCredentials, ProcessEnvironment};
pub use error::Error;
pub use explain::{SourceOutcome, SourceReport};
pub use files::{FileReader, SystemFiles};
pub use http::{HttpAnswer, HttpExchange, HttpFuture, HttpRequest, NoHttp};
pub use mismatch::{Mismatch, MismatchKind};
pub use nonce::{FixedNonce, NonceSource, RandomNonce};
pub use received::ReceivedRequest;
pub use redact::redact;
pub use request::SigningRequest;
pub use signed_request::SignedRequest;
pub use signer::{HeaderPolicy, Signer};
pub use static_credentials::StaticCredentials;
pub use verify::verify;
#[doc(no_inline)]
pub use zeroize::Zeroizing;
