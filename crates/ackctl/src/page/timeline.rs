//! A chart of what happened when, as SVG.

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use super::words::{is_same_day, shown, took};

/// One row of the chart.
pub(super) struct Row {
    pub(super) label: String,
    /// The place on the page that tells more.
    pub(super) link: Option<String>,
    pub(super) bars: Vec<Bar>,
}

/// A span of time in a row.
pub(super) struct Bar {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) name: String,
    pub(super) look: Look,
    /// Whether it may go on.
    pub(super) is_open: bool,
}

/// How a bar looks, in colour and pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Check,
    Work,
    Pause,
    Good,
    Warn,
    Bad,
    Rest,
}

impl Look {
    fn class(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Work => "work",
            Self::Pause => "pause",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Rest => "rest",
        }
    }
}

const WIDTH: f64 = 1000.0;
const LABELS: f64 = 230.0;
/// Room for half of the last label of the axis.
const RIGHT: f64 = 40.0;
const HEAD: f64 = 30.0;
const ROW: f64 = 30.0;
/// The usual width of a letter at the size of the chart's text.
const LETTER: f64 = 7.2;
const LABEL_LETTERS: usize = 29;
const MOST_TICKS: i64 = 8;

/// The time from left to right.
struct Axis {
    from: Timestamp,
    milliseconds: f64,
}

impl Axis {
    fn new(rows: &[Row]) -> Option<Self> {
        let bars = || rows.iter().flat_map(|row| &row.bars);
        let from = bars().map(|bar| bar.from).min()?;
        let to = bars().map(|bar| bar.to).max()?;
        // Even what was over at once takes some room.
        let milliseconds = to.duration_since(from).as_millis().max(1000);
        Some(Self { from, milliseconds: milliseconds as f64 })
    }

    fn x(&self, at: Timestamp) -> f64 {
        let part = at.duration_since(self.from).as_millis() as f64 / self.milliseconds;
        LABELS + part.clamp(0.0, 1.0) * (WIDTH - LABELS - RIGHT)
    }

    /// Where lines are drawn, and what they say.
    fn ticks(&self) -> Vec<(f64, String)> {
        const STEPS: [i64; 22] = [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
            604_800, 2_592_000, 31_536_000,
        ];
        let seconds = (self.milliseconds / 1000.0).ceil() as i64;
        let step = STEPS.into_iter().find(|step| seconds / step < MOST_TICKS).unwrap_or(seconds / MOST_TICKS + 1);
        let first = self.from.as_second().div_euclid(step) * step;
        let end = self.from.saturating_add(SignedDuration::from_millis(self.milliseconds as i64));
        let Ok(end) = end else { return Vec::new() };
        let with_day = !is_same_day(self.from, end);
        let form = match (step, with_day) {
            (86_400.., _) => "%m-%d",
            (_, true) => "%m-%d %H:%M",
            (60.., false) => "%H:%M",
            _ => "%H:%M:%S",
        };
        (0..=MOST_TICKS + 1)
            .filter_map(|index| Timestamp::from_second(first + index * step).ok())
            .filter(|at| *at >= self.from && *at <= end)
            .map(|at| (self.x(at), at.strftime(form).to_string()))
            .collect()
    }
}

/// The chart. `id` is part of the names inside it.
pub(super) fn timeline(id: &str, title: &str, rows: &[Row]) -> Markup {
    let Some(axis) = Axis::new(rows) else { return html! {} };
    let height = HEAD + ROW * rows.len() as f64 + 6.0;
    let pattern = format!("{id}-stripes");
    html! {
        div.chart tabindex="0" role="region" aria-label=(format!("Timeline: {title}")) {
            svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-labelledby=(format!("{id}-title {id}-desc")) {
                title id=(format!("{id}-title")) { (shown(title)) }
                desc id=(format!("{id}-desc")) { (described(rows)) }
                defs {
                    pattern id=(pattern) width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                        rect.ground width="6" height="6" {}
                        rect.stripe width="2.5" height="6" {}
                    }
                }
                g.axis {
                    @for (x, label) in axis.ticks() {
                        line x1=(number(x)) x2=(number(x)) y1=(HEAD - 6.0) y2=(height) {}
                        text x=(number(x)) y=(HEAD - 12.0) text-anchor="middle" { (label) }
                    }
                }
                @for (index, row) in rows.iter().enumerate() {
                    @let y = HEAD + ROW * index as f64;
                    g {
                        @match &row.link {
                            Some(link) => a href=(format!("#{link}")) { (labelled(row, y)) },
                            None => (labelled(row, y)),
                        }
                        @for bar in &row.bars { (drawn(bar, &axis, y, &pattern)) }
                    }
                }
            }
        }
    }
}

fn labelled(row: &Row, y: f64) -> Markup {
    html! {
        text.label x="0" y=(number(y + ROW * 0.66)) {
            @if row.label.chars().count() > LABEL_LETTERS { title { (shown(&row.label)) } }
            (shown(&shortened(&row.label, LABEL_LETTERS)))
        }
    }
}

fn drawn(bar: &Bar, axis: &Axis, y: f64, pattern: &str) -> Markup {
    let (from, to) = (axis.x(bar.from), axis.x(bar.to));
    // What took no time is seen all the same.
    let width = (to - from).max(4.0);
    let x = from.min(WIDTH - RIGHT - width);
    let room = (width / LETTER - 1.5).max(0.0) as usize;
    let fill = (bar.look == Look::Pause).then(|| format!("url(#{pattern})"));
    html! {
        g class=(format!("bar {}", bar.look.class())) {
            rect x=(number(x)) y=(number(y + 5.0)) width=(number(width)) height=(ROW - 10.0) rx="3"
                fill=[fill] stroke-dasharray=[bar.is_open.then_some("5 3")]
            {
                title { (shown(&bar.name)) ", " (took(bar.from, bar.to)) @if bar.is_open { ", no end in the record" } }
            }
            @if bar.look != Look::Pause && bar.name.chars().count() <= room {
                text x=(number(x + 6.0)) y=(number(y + ROW * 0.65)) { (shown(&bar.name)) }
            }
        }
    }
}

/// The chart in words, for those who do not see it.
fn described(rows: &[Row]) -> String {
    let bar = |bar: &Bar| {
        let goes_on = if bar.is_open { ", no end in the record" } else { "" };
        format!("{} for {}{goes_on}", bar.name, took(bar.from, bar.to))
    };
    let row = |row: &Row| format!("{}: {}.", row.label, row.bars.iter().map(bar).collect::<Vec<_>>().join("; "));
    shown(&rows.iter().map(row).collect::<Vec<_>>().join(" ")).into_owned()
}

fn shortened(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    text.chars().take(letters - 1).chain(['…']).collect()
}

fn number(value: f64) -> String {
    format!("{value:.1}")
}
