//! Times, numbers and other people's text, as the page shows them.

use std::borrow::Cow;

use jiff::Timestamp;
use maud::{Markup, html};

/// The text without characters that steer: controls, and marks that reorder what is around them.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    let reorders =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.chars().any(|c| c.is_control() || reorders(c)) {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' | '\r' => plain.push(' '),
            c if c.is_control() || reorders(c) => plain.extend(c.escape_unicode()),
            c => plain.push(c),
        }
    }
    plain.into()
}

/// `2026-01-02 03:04:05 UTC`
pub(super) fn moment(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%Y-%m-%d %H:%M:%S")) " UTC" } }
}

/// `03:04:05`, where the day is known.
pub(super) fn clock(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%H:%M:%S")) } }
}

pub(super) fn is_same_day(left: Timestamp, right: Timestamp) -> bool {
    let day = |at: Timestamp| at.strftime("%F").to_string();
    day(left) == day(right)
}

/// `1 h 5 min`, `6 min 3 s`, `2.5 s`
pub(super) fn took(from: Timestamp, to: Timestamp) -> String {
    let milliseconds = to.duration_since(from).as_millis().max(0);
    let seconds = milliseconds / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) if milliseconds % 1000 == 0 => format!("{seconds} s"),
        (0, 0, 0) => format!("{seconds}.{} s", milliseconds % 1000 / 100),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

pub(super) fn plural<'a>(number: usize, one: &'a str, many: &'a str) -> &'a str {
    if number == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_as_exactly_as_matters() {
        let at = |milliseconds| Timestamp::from_millisecond(milliseconds).unwrap();
        let spans = [0, 1_250, 59_000, 363_000, 3_900_000, 180_000_000, -5].map(|span| took(at(0), at(span)));
        assert_eq!(spans, ["0 s", "1.2 s", "59 s", "6 min 3 s", "1 h 5 min", "2 d 2 h", "0 s"]);
    }

    #[test]
    fn text_cannot_steer() {
        assert_eq!(shown("plain 文本"), "plain 文本");
        assert_eq!(shown("a\u{202e}b\u{1b}[2Jc\nd"), "a\\u{202e}b\\u{1b}[2Jc d");
    }
}
