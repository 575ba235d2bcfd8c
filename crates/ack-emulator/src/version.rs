//! Kubernetes versions: their order, and which of them a cluster can be upgraded to.

use std::fmt;

/// The Kubernetes versions that clusters of the emulator can be upgraded to, oldest first.
///
/// The form is that of ACK (`1.31.1-aliyun.1`), the choice is the emulator's own: every minor version is there, so that
/// a cluster can be taken through all of them one step at a time.
pub const KUBERNETES_VERSIONS: &[&str] = &[
    "1.28.3-aliyun.1",
    "1.28.9-aliyun.1",
    "1.29.1-aliyun.1",
    "1.30.1-aliyun.1",
    "1.30.7-aliyun.1",
    "1.31.1-aliyun.1",
    "1.31.9-aliyun.1",
    "1.32.1-aliyun.1",
    "1.32.6-aliyun.1",
    "1.33.3-aliyun.1",
    "1.34.1-aliyun.1",
    "1.34.3-aliyun.1",
];

/// A version by its numbers: `1.31.1-aliyun.1` is major 1, minor 31, patch 1, build 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    major: u32,
    minor: u32,
    patch: u32,
    build: u32,
}

impl Version {
    /// Reads `major.minor.patch`, with or without `-aliyun.build`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (numbers, build) = match text.split_once("-aliyun.") {
            Some((numbers, build)) => (numbers, number(build)?),
            None => (text, 0),
        };
        let mut parts = numbers.split('.');
        let mut part = || number(parts.next()?);
        let (major, minor, patch) = (part()?, part()?, part()?);
        parts.next().is_none().then_some(Self { major, minor, patch, build })
    }

    /// How many minor versions this is ahead of an older one; of another major version, as many as there can be.
    pub(crate) fn minors_ahead_of(self, older: Self) -> u32 {
        if self.major == older.major { self.minor.saturating_sub(older.minor) } else { u32::MAX }
    }

    /// Whether `other` is in this minor version or in the one that follows.
    fn is_within_one_step_of(self, other: Self) -> bool {
        self.major == other.major && (self.minor == other.minor || other.minor.checked_add(1) == Some(self.minor))
    }
}

/// Why a cluster cannot be upgraded to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotUpgradable {
    Malformed,
    NotNewer,
    TooFar,
    NotOffered,
}

impl fmt::Display for NotUpgradable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "is not a Kubernetes version",
            Self::NotNewer => "is not newer than the version of the cluster",
            Self::TooFar => "is more than one minor version ahead of the cluster",
            Self::NotOffered => "is not a version that is offered",
        })
    }
}

/// Whether a cluster at `current` can be upgraded to `next`.
pub(crate) fn check_upgrade(current: &str, next: &str) -> Result<(), NotUpgradable> {
    let target = Version::parse(next).ok_or(NotUpgradable::Malformed)?;
    // A seed with an unreadable version is refused when the emulator is built; without one nothing is newer.
    let present = Version::parse(current).ok_or(NotUpgradable::NotNewer)?;
    if target <= present {
        Err(NotUpgradable::NotNewer)
    } else if !target.is_within_one_step_of(present) {
        Err(NotUpgradable::TooFar)
    } else if !KUBERNETES_VERSIONS.contains(&next) {
        Err(NotUpgradable::NotOffered)
    } else {
        Ok(())
    }
}

/// The versions a cluster at `current` can be upgraded to, oldest first.
pub(crate) fn upgradable_versions(current: &str) -> impl Iterator<Item = &'static str> {
    KUBERNETES_VERSIONS.iter().copied().filter(move |next| check_upgrade(current, next).is_ok())
}

/// The version to offer as the next one: the newest of the next minor version, else of the present one.
pub(crate) fn next_version(current: &str) -> Option<&'static str> {
    upgradable_versions(current).last()
}

fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_are_readable_and_in_order() {
        let versions: Vec<Version> = KUBERNETES_VERSIONS.iter().map(|text| Version::parse(text).unwrap()).collect();
        assert!(versions.is_sorted());
        assert!(versions.windows(2).all(|pair| pair[1].is_within_one_step_of(pair[0])));
    }

    #[test]
    fn one_minor_version_at_a_time() {
        let check = |next| check_upgrade("1.31.1-aliyun.1", next);
        assert_eq!(check("1.31.9-aliyun.1"), Ok(()));
        assert_eq!(check("1.32.6-aliyun.1"), Ok(()));
        assert_eq!(check("1.31.1-aliyun.1"), Err(NotUpgradable::NotNewer));
        assert_eq!(check("1.30.7-aliyun.1"), Err(NotUpgradable::NotNewer));
        assert_eq!(check("1.33.3-aliyun.1"), Err(NotUpgradable::TooFar));
        assert_eq!(check("2.0.0-aliyun.1"), Err(NotUpgradable::TooFar));
        assert_eq!(check("1.32.5-aliyun.1"), Err(NotUpgradable::NotOffered));
        for text in ["", "1.32", "1.32.1.1", "v1.32.1", "1.32.+1", "1.32.1-aliyun.", "1.32.99999999999"] {
            assert_eq!(check(text), Err(NotUpgradable::Malformed), "{text}");
        }
    }

    #[test]
    fn the_next_version_is_the_newest_within_reach() {
        let next = |current| next_version(current).unwrap_or("none");
        assert_eq!(next("1.28.3-aliyun.1"), "1.29.1-aliyun.1");
        assert_eq!(next("1.31.1-aliyun.1"), "1.32.6-aliyun.1");
        assert_eq!(next("1.34.1-aliyun.1"), "1.34.3-aliyun.1");
        assert_eq!(next("1.34.3-aliyun.1"), "none");
        let within_reach: Vec<&str> = upgradable_versions("1.31.1-aliyun.1").collect();
        assert_eq!(within_reach, ["1.31.9-aliyun.1", "1.32.1-aliyun.1", "1.32.6-aliyun.1"]);
    }
}
