//! Lower-case hexadecimal digits, the only form ACS3-HMAC-SHA256 writes hashes and signatures in.

use std::ops::Deref;

use sha2::{Digest, Sha256};

/// Two digits for each byte.
pub(crate) fn lower_hex(bytes: &[u8]) -> String {
    let mut digits = vec![0; 2 * bytes.len()];
    write(&mut digits, bytes);
    // Digits are ASCII.
    String::from_utf8(digits).unwrap_or_default()
}

/// The 64 digits of a hash or of a signature, which take no memory of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digits([u8; Self::LENGTH]);

impl Digits {
    pub(crate) const LENGTH: usize = 64;

    pub(crate) fn of(bytes: &[u8; 32]) -> Self {
        let mut digits = [0; Self::LENGTH];
        write(&mut digits, bytes);
        Self(digits)
    }
}

impl Deref for Digits {
    type Target = str;

    fn deref(&self) -> &str {
        // Digits are ASCII.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The SHA-256 of nothing: most requests have no body.
const EMPTY: Digits = Digits(*b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

/// The SHA-256 of `bytes`.
pub(crate) fn sha256_hex(bytes: &[u8]) -> Digits {
    if bytes.is_empty() {
        return EMPTY;
    }
    Digits::of(&Sha256::digest(bytes).into())
}

/// Fills the first with the digits of the second, which is half as long.
fn write(digits: &mut [u8], bytes: &[u8]) {
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0x0f)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nibble_has_its_digit() {
        assert_eq!(lower_hex(&[0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]), "0123456789abcdef");
        assert_eq!(*sha256_hex(b""), *lower_hex(&Sha256::digest(b"")));
        assert_eq!(*sha256_hex(b"a"), *lower_hex(&Sha256::digest(b"a")));
    }
}
