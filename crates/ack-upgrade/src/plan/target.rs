//! Which version to reach.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::version::{Version, is_line};

/// The version that a plan leads to.
///
/// ```
/// use ack_upgrade::Target;
///
/// assert_eq!("latest".parse(), Ok(Target::Latest));
/// assert_eq!("1.33".parse(), Ok(Target::Minor("1.33".to_owned())));
/// assert_eq!("1.33.3-aliyun.1".parse(), Ok(Target::Version("1.33.3-aliyun.1".to_owned())));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// The newest version that can be reached, over as many hops as it takes. The default.
    #[default]
    Latest,
    /// The newest version of the next minor version; at the last minor version, its newest patch version.
    Next,
    /// The newest version of a minor version, such as `1.33`.
    Minor(String),
    /// A version as the service names it, such as `1.33.3-aliyun.1`.
    Version(String),
}

impl Target {
    /// Whether a version such as `1.33.3-aliyun.1` is newer than whatever this target stands for, so that a control plane at it
    /// cannot be brought there. Nothing is newer than the latest or the next version, and a version that cannot be read is not
    /// known to be newer.
    ///
    /// ```
    /// use ack_upgrade::Target;
    ///
    /// assert!(Target::from("1.32").is_behind("1.33.3-aliyun.1"));
    /// assert!(!Target::from("1.33").is_behind("1.33.3-aliyun.1"));
    /// ```
    #[must_use]
    pub fn is_behind(&self, version: &str) -> bool {
        let (text, is_line) = match self {
            Self::Latest | Self::Next => return false,
            Self::Minor(text) => (text, true),
            Self::Version(text) => (text, false),
        };
        let (Some(own), Some(version)) = (Version::parse(text), Version::parse(version)) else { return false };
        let is_within = is_line && (own.major, own.minor) == (version.major, version.minor);
        version > own && !is_within && !own.is_start_of(&version)
    }

    /// The number it begins with, if it is one of a version.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] if it is meant to be a version and can be none.
    pub(crate) fn number(&self) -> Result<Option<Version>, Error> {
        let (Self::Minor(text) | Self::Version(text)) = self else { return Ok(None) };
        let version = Version::parse(text).ok_or_else(|| {
            Error::invalid(format!(
                "{text:?} is no version to upgrade to: give one such as 1.32.1-aliyun.1 or 1.32, or next, or latest"
            ))
        })?;
        Ok(Some(version))
    }
}

/// Reads `latest`, `next`, a minor version or a whole one. Whether there is such a version shows when planning.
impl FromStr for Target {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.trim() {
            text if text.eq_ignore_ascii_case("latest") => Self::Latest,
            text if text.eq_ignore_ascii_case("next") => Self::Next,
            text if is_line(text) => Self::Minor(text.trim_start_matches('v').to_owned()),
            text => Self::Version(text.to_owned()),
        })
    }
}

impl From<&str> for Target {
    fn from(text: &str) -> Self {
        // Every text is one or the other.
        let Ok(target) = text.parse();
        target
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Latest => "latest",
            Self::Next => "next",
            Self::Minor(text) | Self::Version(text) => text,
        })
    }
}
