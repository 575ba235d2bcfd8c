//! Numbers from their source text, exactly.

use std::fmt::Display;
use std::str::FromStr;

/// A type of integer that numbers are read into.
pub(super) trait Integer: FromStr + TryFrom<i128> + TryFrom<u128> + Display {
    const MIN: Self;
    const MAX: Self;
}

macro_rules! integer {
    ($($type:ident)*) => {$(
        impl Integer for $type {
            const MIN: Self = $type::MIN;
            const MAX: Self = $type::MAX;
        }
    )*};
}

integer! { i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 }

/// Reads `6`, `" 6 "`, `6.0` and `6e2`: whatever is a whole number in the range of the type.
#[inline]
pub(super) fn integer<T: Integer>(text: &str) -> Option<T> {
    text.parse().ok().or_else(|| integral(text.trim()))
}

/// Reads a finite number. `None` for words such as `inf` that only Rust takes for numbers.
pub(super) fn decimal<T: FromStr>(text: &str) -> Option<T> {
    let text = text.trim();
    let numeric = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    numeric.then(|| text.parse().ok())?
}

/// What an integer type can hold, for error messages.
#[cold]
pub(super) fn range<T: Integer>() -> String {
    format!("a whole number from {} to {}", T::MIN, T::MAX)
}

#[cold]
fn integral<T: Integer>(text: &str) -> Option<T> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let magnitude = magnitude(digits)?;
    if !negative || magnitude == 0 {
        return T::try_from(magnitude).ok();
    }
    0i128.checked_sub_unsigned(magnitude).and_then(|number| T::try_from(number).ok())
}

/// The value of an unsigned decimal such as `600`, `6.0` or `6e2`, if it is whole.
fn magnitude(text: &str) -> Option<u128> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // How many digits stand before the decimal point once the exponent has moved it.
    let point = i64::try_from(whole.len()).ok()? + i64::from(exponent);
    let mut value = 0u128;
    let mut count = 0i64;
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = byte.checked_sub(b'0').filter(|&digit| digit <= 9)?;
        if count < point {
            value = value.checked_mul(10)?.checked_add(u128::from(digit))?;
        } else if digit != 0 {
            return None;
        }
        count += 1;
    }
    // A value other than zero overflows after some forty steps.
    while value != 0 && count < point {
        value = value.checked_mul(10)?;
        count += 1;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_exact_up_to_128_bits() {
        assert_eq!(integer::<i64>("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(integer::<i64>("9223372036854775808"), None);
        assert_eq!(integer::<u64>("18446744073709551615"), Some(u64::MAX));
        assert_eq!(integer::<u64>("18446744073709551615.000"), Some(u64::MAX));
        assert_eq!(integer::<u128>(&format!("{}.0", u128::MAX)), Some(u128::MAX));
        assert_eq!(integer::<i128>(&format!(" {}.0 ", i128::MIN)), Some(i128::MIN));
        assert_eq!(integer::<u128>("340282366920938463463374607431768211456"), None);
    }

    #[test]
    fn decimal_forms_count_when_whole() {
        for (text, expected) in [
            ("6e2", Some(600)),
            ("6.5e1", Some(65)),
            ("600E-2", Some(6)),
            ("-0", Some(0)),
            ("-0.0", Some(0)),
            ("0e999999999", Some(0)),
            ("1e999999999", None),
            ("5e-1", None),
            ("6.5", None),
            ("-6", None),
            ("", None),
            (".", None),
            ("-", None),
            ("e2", None),
            ("6e", None),
            ("0x6", None),
            ("6 6", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(integer::<u32>(text), expected, "{text}");
        }
    }

    #[test]
    fn floats_are_numbers_only() {
        assert_eq!(decimal::<f64>(" 0.39 "), Some(0.39));
        for text in ["inf", "NaN", "infinity", "", "1,5", "e"] {
            assert_eq!(decimal::<f64>(text), None, "{text}");
        }
    }
}
