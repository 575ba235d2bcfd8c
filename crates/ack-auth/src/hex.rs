//! Lower-case hexadecimal digits, the only form ACS3-HMAC-SHA256 writes hashes and signatures in.

use sha2::{Digest, Sha256};

/// Two digits for each byte.
pub(crate) fn lower_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = Vec::with_capacity(2 * bytes.len());
    for &byte in bytes {
        text.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0x0f)]]);
    }
    // Digits are ASCII.
    String::from_utf8(text).unwrap_or_default()
}

/// The SHA-256 of nothing: most requests have no body.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The SHA-256 of `bytes` as 64 digits.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return EMPTY.to_owned();
    }
    lower_hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nibble_has_its_digit() {
        assert_eq!(lower_hex(&[0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]), "0123456789abcdef");
        assert_eq!(sha256_hex(b""), lower_hex(&Sha256::digest(b"")));
        assert_ne!(sha256_hex(b"a"), EMPTY);
    }
}
