//! Days of the week.

use std::fmt;

use jiff::civil::Weekday;

const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A set of weekdays, one bit each from Monday on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Days(u8);

impl Days {
    pub(super) const ALL: Self = Self(0b111_1111);

    pub(super) fn contain(self, day: Weekday) -> bool {
        self.has(day.to_monday_zero_offset() as usize)
    }

    /// Reads `Mon,Wed`, `Mon-Fri` or whole names; `Fri-Mon` goes over the weekend.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut days = 0;
        for part in text.split(',') {
            let (first, last) = match part.split_once('-') {
                Some((first, last)) => (day(first)?, day(last)?),
                None => (day(part)?, day(part)?),
            };
            let length = (last + 7 - first) % 7;
            days |= (0..=length).fold(0, |days, ahead| days | 1 << ((first + ahead) % 7));
        }
        Ok(Self(days))
    }

    /// Reads the two-letter names of RFC 5545, such as `MO,TU`.
    pub(super) fn parse_rfc5545(text: &str) -> Option<Self> {
        text.split(',').try_fold(Self(0), |days, name| {
            let is_it = |day: &&str| name.len() == 2 && day[..2].eq_ignore_ascii_case(name);
            let day = NAMES.iter().position(is_it)?;
            Some(Self(days.0 | 1 << day))
        })
    }

    fn has(self, day: usize) -> bool {
        self.0 & (1 << day) != 0
    }
}

/// `Mon-Fri` for three days or more in a row, else `Sat,Sun`.
impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut day = 0;
        let mut separator = "";
        while day < 7 {
            let length = (day..7).take_while(|day| self.has(*day)).count();
            let run = day..day + length;
            if length > 2 {
                write!(f, "{separator}{}-{}", &NAMES[run.start][..3], &NAMES[run.end - 1][..3])?;
                separator = ",";
            } else {
                for name in &NAMES[run] {
                    write!(f, "{separator}{}", &name[..3])?;
                    separator = ",";
                }
            }
            day += length.max(1);
        }
        Ok(())
    }
}

fn day(text: &str) -> Result<usize, String> {
    let lower = text.trim().to_ascii_lowercase();
    let named = |name: &&str| lower.len() >= 3 && name.to_ascii_lowercase().starts_with(&lower);
    NAMES
        .iter()
        .position(named)
        .ok_or_else(|| format!("{text:?} is no weekday: write Mon, Tue, Wed, Thu, Fri, Sat or Sun"))
}
