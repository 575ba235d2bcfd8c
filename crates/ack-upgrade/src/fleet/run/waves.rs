//! How many clusters at a time a run over a fleet begins with, and how many may fail.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// The waves of a run over a fleet: a few clusters first, and the others once those have succeeded.
///
/// ```
/// use ack_upgrade::fleet::Waves;
///
/// let waves: Waves = "canary 1, 10 %, rest".parse()?;
/// assert_eq!(waves.sizes(50), [1, 5, 44]);
/// assert_eq!(waves.to_string(), "canary 1, 10%, rest");
/// # Ok::<(), ack_upgrade::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waves(Vec<Wave>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Wave {
    name: Option<String>,
    size: Size,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Clusters(usize),
    Percent(usize),
    Rest,
}

impl Waves {
    /// The sizes of the waves of a fleet of so many clusters. Per cent are of all clusters, rounded up; waves for which there
    /// are no clusters left are left out. They are fewer clusters altogether where no wave takes the rest.
    #[must_use]
    pub fn sizes(&self, clusters: usize) -> Vec<usize> {
        self.arrange(clusters).into_iter().map(|(_, size)| size).collect()
    }

    /// The same with the names of the waves.
    pub(super) fn arrange(&self, clusters: usize) -> Vec<(Option<String>, usize)> {
        let mut left = clusters;
        let mut sizes = Vec::new();
        for wave in &self.0 {
            let wanted = match wave.size {
                Size::Clusters(count) => count,
                Size::Percent(part) => clusters.saturating_mul(part).div_ceil(100),
                Size::Rest => left,
            };
            let size = wanted.min(left);
            left -= size;
            if size > 0 {
                sizes.push((wave.name.clone(), size));
            }
        }
        sizes
    }
}

/// One wave of all clusters.
impl Default for Waves {
    fn default() -> Self {
        Self(vec![Wave { name: None, size: Size::Rest }])
    }
}

/// Reads waves such as `canary 1, 10 %, rest`: numbers of clusters, parts of all clusters, and at last `rest`, each with a name in
/// front if it should have one.
impl FromStr for Waves {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |part: &str, problem: &str| {
            Error::invalid(format!(
                "the waves {text:?} cannot be used: {part:?} {problem}; write them like \"canary 1, 10 %, rest\""
            ))
        };
        let mut waves: Vec<Wave> = Vec::new();
        for part in text.split(',').map(str::trim) {
            if waves.last().is_some_and(|wave| wave.size == Size::Rest) {
                return Err(wrong(part, "comes after the rest"));
            }
            let (name, size) = split(part);
            if name.chars().any(char::is_control) {
                return Err(wrong(part, "holds a control character"));
            }
            let size = size_of(size).map_err(|problem| wrong(part, problem))?;
            waves.push(Wave { name: (!name.is_empty()).then(|| name.to_owned()), size });
        }
        Ok(Self(waves))
    }
}

impl fmt::Display for Waves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, wave) in self.0.iter().enumerate() {
            f.write_str(if position == 0 { "" } else { ", " })?;
            if let Some(name) = &wave.name {
                write!(f, "{name} ")?;
            }
            match wave.size {
                Size::Clusters(count) => write!(f, "{count}")?,
                Size::Percent(part) => write!(f, "{part}%")?,
                Size::Rest => f.write_str("rest")?,
            }
        }
        Ok(())
    }
}

/// The name of a wave and its size, of which a per cent sign may stand apart.
fn split(part: &str) -> (&str, &str) {
    let end = part.trim_end_matches('%').trim_end();
    let start = end.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    (part[..start].trim(), &part[start..])
}

fn size_of(text: &str) -> Result<Size, &'static str> {
    if text.eq_ignore_ascii_case("rest") {
        return Ok(Size::Rest);
    }
    let (digits, is_part) = match text.strip_suffix('%') {
        Some(digits) => (digits.trim_end(), true),
        None => (text, false),
    };
    match digits.parse::<usize>() {
        Ok(0) => Err("is no cluster at all"),
        Ok(part) if is_part && part > 100 => Err("is more than all clusters"),
        Ok(part) if is_part => Ok(Size::Percent(part)),
        Ok(count) => Ok(Size::Clusters(count)),
        Err(_) => Err("is neither a number of clusters, nor a part of them in per cent, nor the rest"),
    }
}

/// How many clusters of a fleet may fail before a run over it starts nothing new. By default none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureBudget {
    /// So many clusters.
    Clusters(usize),
    /// So many per cent of the clusters in the waves, rounded down.
    Percent(usize),
}

impl FailureBudget {
    /// How many of so many clusters may fail.
    #[must_use]
    pub fn allowed(self, clusters: usize) -> usize {
        match self {
            Self::Clusters(count) => count,
            Self::Percent(part) => clusters.saturating_mul(part) / 100,
        }
    }
}

impl Default for FailureBudget {
    fn default() -> Self {
        Self::Clusters(0)
    }
}

/// Reads `2` or `5%`.
impl FromStr for FailureBudget {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::invalid(format!(
                "the failure budget {text:?} is neither a number of clusters such as 2, nor a part of them such as 5%"
            ))
        };
        match text.trim().strip_suffix('%') {
            Some(digits) => {
                let part = digits.trim_end().parse().ok().filter(|part| *part <= 100);
                part.map(Self::Percent).ok_or_else(wrong)
            }
            None => text.trim().parse().map(Self::Clusters).map_err(|_| wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_by_count_by_part_and_the_rest() {
        for (text, clusters, sizes) in [
            ("rest", 7, &[7][..]),
            ("1,10%,rest", 25, &[1, 3, 21]),
            ("canary 1, early birds 10 % , REST", 25, &[1, 3, 21]),
            ("1, 10%", 25, &[1, 3]),
            ("5, rest", 3, &[3]),
            ("50%, 50%, 50%", 5, &[3, 2]),
            ("1, rest", 0, &[]),
        ] {
            let waves: Waves = text.parse().unwrap();
            assert_eq!(waves.sizes(clusters), sizes, "{text}");
            assert_eq!(waves.to_string().parse::<Waves>().unwrap(), waves);
        }
        let names: Vec<_> = "canary 1, early birds 10 %".parse::<Waves>().unwrap().arrange(10);
        assert_eq!(names, [(Some("canary".to_owned()), 1), (Some("early birds".to_owned()), 1)]);
    }

    #[test]
    fn what_is_no_wave_and_no_budget_is_refused_by_name() {
        let waves = ["", "0", "1,,2", "rest, 1", "101%", "half", "canary", "-1", "1.5%"];
        let errors = waves.map(|text| text.parse::<Waves>().unwrap_err().to_string());
        let budgets = ["", "-1", "101%", "few"].map(|text| text.parse::<FailureBudget>().unwrap_err().to_string());
        insta::assert_snapshot!(errors.join("\n") + "\n" + &budgets.join("\n"));
        assert_eq!("5 %".parse::<FailureBudget>().unwrap().allowed(59), 2);
        assert_eq!("3".parse::<FailureBudget>().unwrap().allowed(1), 3);
    }
}
