//! The random text that makes each signed request unique, injectable so that a signature can be
//! reproduced.

use std::fmt;

use crate::error::{Error, Kind};
use crate::hex::lower_hex;

/// Where the `x-acs-signature-nonce` of a request comes from.
///
/// The service refuses a nonce it has seen before (`SignatureNonceUsed`), so every attempt needs a
/// new one, retries included.
pub trait NonceSource: fmt::Debug + Send + Sync {
    /// A nonce not given before.
    ///
    /// # Errors
    ///
    /// [`Error::is_randomness`] when the random source fails.
    fn nonce(&self) -> Result<String, Error>;
}

/// 16 bytes of the operating system's random source as 32 lower-case hexadecimal digits, the form
/// official SDKs send.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomNonce;

/// Always the same nonce, for tests and for reproducing a signature. The real service refuses its
/// second use.
#[derive(Debug, Clone)]
pub struct FixedNonce(
    /// The nonce to give.
    pub String,
);

impl NonceSource for RandomNonce {
    fn nonce(&self) -> Result<String, Error> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).map_err(Kind::Randomness)?;
        Ok(lower_hex(&bytes))
    }
}

impl NonceSource for FixedNonce {
    fn nonce(&self) -> Result<String, Error> {
        Ok(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_nonces_are_32_lower_case_hex_digits_and_differ() {
        let first = RandomNonce.nonce().unwrap();
        assert_eq!(first.len(), 32);
        assert!(first.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{first}");
        assert_ne!(first, RandomNonce.nonce().unwrap());
    }
}
