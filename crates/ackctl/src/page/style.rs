//! The style sheet, as part of the page.

use maud::{Markup, PreEscaped, html};

/// It is written here, so nothing in it needs escaping.
const SHEET: &str = include_str!("style.css");

pub(super) fn style() -> Markup {
    html! { style { (PreEscaped(SHEET)) } }
}
