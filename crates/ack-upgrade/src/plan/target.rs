//! Which version to reach.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::version::is_line;

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
