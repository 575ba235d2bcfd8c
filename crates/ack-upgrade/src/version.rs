//! Versions of ACK, compared.

use std::cmp::Ordering;

/// A Kubernetes version such as `1.31.1-aliyun.1`, or the start of one such as `1.31`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u32,
    pub(crate) minor: u32,
    /// Patch, and the numbers of what follows it.
    rest: Vec<u32>,
}

impl Version {
    /// Reads a version; letters between its numbers are skipped.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let mut parts = text.split(['.', '-', '+']);
        let (major, minor) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { major, minor, rest: parts.filter_map(|part| part.parse().ok()).collect() })
    }

    /// Whether it is the same version, told with fewer numbers: `1.31.1` for `1.31.1-aliyun.1`.
    pub(crate) fn is_start_of(&self, other: &Self) -> bool {
        (self.major, self.minor) == (other.major, other.minor)
            && !self.rest.is_empty()
            && other.rest.starts_with(&self.rest)
    }

    /// How many minor versions this one is ahead of another; negative if it is behind, `None` across major versions.
    pub(crate) fn minors_ahead_of(&self, other: &Self) -> Option<i64> {
        (self.major == other.major).then(|| i64::from(self.minor) - i64::from(other.minor))
    }
}

/// Whether a text names a minor version only, such as `1.31`.
pub(crate) fn is_line(text: &str) -> bool {
    let mut parts = text.trim_start_matches('v').split('.');
    let number = |part: Option<&str>| part.is_some_and(|part| part.parse::<u32>().is_ok());
    number(parts.next()) && number(parts.next()) && parts.next().is_none()
}

/// Whether a version is newer than another. Of two that cannot be read, each is newer than the other.
pub(crate) fn is_newer(version: &str, than: &str) -> bool {
    match (Version::parse(version), Version::parse(than)) {
        (Some(version), Some(than)) => version > than,
        _ => version != than,
    }
}

/// Compares versions of add-ons, such as `v1.9.3.10-7dfca203-aliyun`, by the numbers before the first hyphen.
pub(crate) fn compare_addon_versions(left: &str, right: &str) -> Ordering {
    let numbers = |text: &str| -> Vec<u64> {
        let text = text.trim().trim_start_matches('v');
        let text = text.split('-').next().unwrap_or_default();
        text.split('.').map(|part| part.parse().unwrap_or(0)).collect()
    };
    numbers(left).cmp(&numbers(right)).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_their_numbers() {
        let order = ["1.30.7-aliyun.1", "1.31", "1.31.1-aliyun.1", "1.31.1-aliyun.2", "v1.31.9-aliyun.1", "1.31.10"];
        for pair in order.windows(2) {
            assert!(Version::parse(pair[0]) < Version::parse(pair[1]), "{pair:?}");
        }
        for text in ["", "1", "one.two", "1.", ".1"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert!(is_line("1.31") && !is_line("1.31.1") && !is_line("1") && !is_line("latest"));
        let minors =
            |left: &str, right: &str| Version::parse(left).unwrap().minors_ahead_of(&Version::parse(right).unwrap());
        assert_eq!(minors("1.32.1", "1.30.9"), Some(2));
        assert_eq!(minors("1.32.1", "2.0.0"), None);
    }

    #[test]
    fn versions_of_addons_compare_by_their_numbers() {
        let order = ["v0.3.9.7-bfa8d8a-aliyun", "v1.9.3.6-f-aliyun", "v1.9.3.10-7-aliyun", "v1.11.3.2-f5-aliyun"];
        for pair in order.windows(2) {
            assert_eq!(compare_addon_versions(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }
}
