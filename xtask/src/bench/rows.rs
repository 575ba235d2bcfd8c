//! The rows of the table: what is measured, beside what, and how far it may be.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::bounds;
use super::choice::Choice;

/// One comparison that was made.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct Measured {
    /// Ours.
    pub(super) own: f64,
    /// The peer's; for a size, the unit that its target is in.
    pub(super) peer: f64,
    pub(super) unit: String,
}

/// A row, measured or not.
struct Row {
    id: &'static str,
    what: &'static str,
    against: &'static str,
    target: Target,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Target {
    /// Ours divided by the peer's.
    Ratio(f64),
    /// The peer's divided by ours, at least: shown as `1/30`.
    Part(f64),
    /// Mebibytes.
    Size(f64),
}

/// The id of what the libraries of others take of a clean build: no row, but what bounds one.
pub(super) const LIBRARIES: &str = "build/libraries";

/// The id of a clean build with the smaller of the libraries for names of hosts: no row either.
pub(super) const UNICODE_RS: &str = "build/unicode-rs";

/// The id of how strict serde_json's time grows: no row, but what the growth of ours stands beside.
pub(super) const STRICT_GROWTH: &str = "growth/time/serde_json";

const CALL: &str = "one signed call over a kept connection, processor time";
const STRICT: &str = "strict serde_json to the same structs";
const QUICK_XML: &str = "quick-xml's serde on the rooted form";
const OUR_JSON: &str = "our JSON of the same data";
const A_TENTH: &str = "a tenth of the nodes";

const ROWS: [Row; 28] = [
    Row::new("call/reqwest", CALL, "bare reqwest GET and serde_json to the same struct", Target::Ratio(1.1)),
    Row::new("call/python", CALL, "official Python SDK", Target::Part(30.0)),
    Row::new("call/typescript", CALL, "official TypeScript SDK", Target::Part(25.0)),
    Row::new("signing", "signing one request", "two SHA-256 and one HMAC", Target::Ratio(1.5)),
    Row::new("decode/json/220B", "JSON decode, 220 B", STRICT, Target::Ratio(1.1)),
    Row::new("decode/json/200KB", "JSON decode, 200 KB", STRICT, Target::Ratio(1.1)),
    Row::new("decode/json/20MB", "JSON decode, 20 MB", STRICT, Target::Ratio(1.1)),
    Row::new("decode/xml/220B", "XML decode, 220 B", QUICK_XML, Target::Ratio(0.5)),
    Row::new("decode/xml/200KB", "XML decode, 200 KB", QUICK_XML, Target::Ratio(0.5)),
    Row::new("decode/xml/20MB", "XML decode, 20 MB", QUICK_XML, Target::Ratio(0.5)),
    Row::new("decode/xml-json/220B", "XML decode, 220 B", OUR_JSON, Target::Ratio(2.0)),
    Row::new("decode/xml-json/200KB", "XML decode, 200 KB", OUR_JSON, Target::Ratio(2.0)),
    Row::new("decode/xml-json/20MB", "XML decode, 20 MB", OUR_JSON, Target::Ratio(2.0)),
    Row::new("allocations/220B", "JSON decode, allocations, 220 B", STRICT, Target::Ratio(1.2)),
    Row::new("allocations/200KB", "JSON decode, allocations, 200 KB", STRICT, Target::Ratio(1.2)),
    Row::new("allocations/20MB", "JSON decode, allocations, 20 MB", STRICT, Target::Ratio(1.2)),
    Row::new("growth/time/json", "JSON decode of 20 MB, time", A_TENTH, Target::Ratio(10.5)),
    Row::new("growth/time/xml", "XML decode of 20 MB, time", A_TENTH, Target::Ratio(10.5)),
    Row::new("growth/memory/json", "JSON decode of 20 MB, bytes allocated", A_TENTH, Target::Ratio(10.5)),
    Row::new("growth/memory/xml", "XML decode of 20 MB, bytes allocated", A_TENTH, Target::Ratio(10.5)),
    Row::new("fleet/memory", "`fleet watch` of 10,000 clusters, memory", "an idle process", Target::Size(64.0)),
    Row::new("fleet/cpu", "`fleet watch` of 10,000 clusters, 500 polls a second", "one core", Target::Ratio(0.5)),
    Row::new("call/machinery", "a call when nothing fails", "the same client with one attempt", Target::Ratio(1.02)),
    Row::new(
        "build/clean",
        "clean release build of a crate with ack-client",
        "a crate with aws-sdk-eks and aws-config",
        Target::Part(4.0),
    ),
    Row::new("build/incremental", "build after touching client.rs", "full build of the own crates", Target::Part(3.0)),
    Row::new("process/version", "`ackctl --version`", "python -c, importing the official SDK", Target::Part(30.0)),
    Row::new(
        "process/status",
        "`ackctl upgrade status` on loopback",
        "the official Python SDK, one GetUpgradeStatus",
        Target::Part(30.0),
    ),
    Row::new("size", "`ackctl`, release, stripped", "", Target::Size(12.0)),
];

impl Row {
    const fn new(id: &'static str, what: &'static str, against: &'static str, target: Target) -> Self {
        Self { id, what, against, target }
    }

    fn name(&self) -> String {
        if self.against.is_empty() { self.what.to_owned() } else { format!("{}, beside {}", self.what, self.against) }
    }
}

impl Measured {
    /// Reads the line of a program, and the id of its row.
    pub(super) fn read(line: &str) -> Result<(String, Self)> {
        #[derive(Deserialize)]
        struct Line {
            id: String,
            #[serde(flatten)]
            measured: Measured,
        }
        let line: Line = serde_json::from_str(line).with_context(|| format!("{line:?} is no row"))?;
        Ok((line.id, line.measured))
    }

    fn ratio(&self) -> f64 {
        self.own / self.peer
    }
}

/// The id and the name of every row, in the order of the table.
pub(super) fn names() -> impl Iterator<Item = (&'static str, String)> {
    ROWS.iter().map(|row| (row.id, row.name()))
}

/// What was measured, by the id of its row.
#[derive(Debug, Default)]
pub(super) struct Table(BTreeMap<String, Measured>);

impl Table {
    pub(super) fn insert(&mut self, id: &str, measured: Measured) {
        self.0.insert(id.to_owned(), measured);
    }

    /// Our side of a row.
    pub(super) fn own(&self, id: &str) -> Option<f64> {
        Some(self.0.get(id)?.own)
    }

    /// The table of the rows chosen, each judged or not.
    pub(super) fn markdown(&self, choice: &Choice, is_judged: bool) -> String {
        let mut text =
            String::from("| what | ours | against | theirs | ratio | target | |\n|---|--:|---|--:|--:|--:|---|\n");
        for row in ROWS.iter().filter(|row| choice.has(row.id)) {
            let target = row.target.text();
            let line = match self.0.get(row.id) {
                Some(measured) => {
                    let verdict = match (is_judged, row.target.is_met(measured)) {
                        (false, _) => "not judged",
                        (true, true) => "met",
                        (true, false) => "**missed**",
                    };
                    let (own, peer) = match row.target {
                        Target::Size(_) => (amount(measured.own, &measured.unit), String::new()),
                        _ => (amount(measured.own, &measured.unit), amount(measured.peer, &measured.unit)),
                    };
                    let ratio = row.target.ratio(measured);
                    format!("| {} | {own} | {} | {peer} | {ratio} | {target} | {verdict} |", row.what, row.against)
                }
                None => format!("| {} | | {} | | | {target} | not measured |", row.what, row.against),
            };
            // Writing to a text does not fail.
            let _ = writeln!(text, "{line}");
        }
        if is_judged {
            text.push_str(&bounds::paragraphs(self.missed(choice)));
        }
        text
    }

    /// The rows that were measured and miss their targets: id, name, and what else was measured, above all what a part that
    /// cannot be left out took by itself.
    fn missed(&self, choice: &Choice) -> impl Iterator<Item = (&'static str, String, Vec<String>)> {
        let chosen = ROWS.iter().filter(|row| choice.has(row.id));
        let measured = chosen.filter_map(|row| Some((row, self.0.get(row.id)?)));
        let missed = measured.filter(|(row, measured)| !row.target.is_met(measured));
        missed.map(|(row, measured)| (row.id, row.name(), self.beside(row, measured)))
    }

    /// What was measured beside a row that misses.
    fn beside(&self, row: &Row, measured: &Measured) -> Vec<String> {
        let told = |own: f64| {
            let ratio = row.target.ratio(&Measured { own, ..measured.clone() });
            format!("{}, {ratio} of theirs", amount(own, &measured.unit))
        };
        let alone = |own: f64| format!("In this run that alone took {}.", told(own));
        let sentences = match row.id {
            "call/python" | "call/typescript" => [self.0.get("call/reqwest").map(|bare| alone(bare.peer)), None],
            "build/clean" => {
                let chosen = |own: f64| {
                    format!("With `idna_adapter` 1.1 in the lock file of the program, all of it took {}.", told(own))
                };
                [self.own(LIBRARIES).map(alone), self.own(UNICODE_RS).map(chosen)]
            }
            "growth/time/json" | "growth/time/xml" => [self.0.get(STRICT_GROWTH).map(growth_of_strict), None],
            _ => [None, None],
        };
        sentences.into_iter().flatten().collect()
    }
}

fn growth_of_strict(strict: &Measured) -> String {
    let [more, less] = [strict.own, strict.peer].map(|time| amount(time, &strict.unit));
    format!("In this run strict serde_json took {more} beside {less}, {:.2} times as much.", strict.ratio())
}

impl Target {
    fn is_met(self, measured: &Measured) -> bool {
        let ratio = measured.ratio();
        match self {
            Self::Ratio(most) | Self::Size(most) => ratio <= most,
            Self::Part(least) => ratio * least <= 1.0,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Ratio(most) => format!("≤ {most}"),
            Self::Part(least) => format!("≤ 1/{least}"),
            Self::Size(most) => format!("≤ {most} MiB"),
        }
    }

    fn ratio(self, measured: &Measured) -> String {
        let ratio = measured.ratio();
        match self {
            Self::Ratio(_) => format!("{ratio:.2}"),
            Self::Part(_) => format!("1/{:.1}", 1.0 / ratio),
            Self::Size(_) => String::new(),
        }
    }
}

/// A number with a unit that suits it.
fn amount(value: f64, unit: &str) -> String {
    let scaled = |steps: &[(f64, &str)]| {
        let (size, name) = steps.iter().rev().find(|(size, _)| value >= *size).or(steps.first()).copied()?;
        let scaled = value / size;
        // Three digits that count.
        let decimals = if scaled >= 100.0 {
            0
        } else if scaled >= 10.0 {
            1
        } else {
            2
        };
        Some(format!("{scaled:.decimals$} {name}"))
    };
    let text = match unit {
        "ns" => scaled(&[(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")]),
        "bytes" => scaled(&[(1.0, "B"), (1024.0, "KiB"), (1024.0 * 1024.0, "MiB")]),
        _ => None,
    };
    text.unwrap_or_else(|| format!("{value:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_judged_by_their_targets_and_those_without_numbers_say_so() {
        let mut table = Table::default();
        for (id, own, peer, unit) in [
            ("call/reqwest", 41_000.0, 40_000.0, "ns"),
            ("call/python", 41_000.0, 1_000_000.0, "ns"),
            ("build/clean", 96e9, 320e9, "ns"),
            (LIBRARIES, 76e9, 320e9, "ns"),
            (UNICODE_RS, 86e9, 320e9, "ns"),
            ("decode/xml/220B", 900.0, 1_000.0, "ns"),
            ("allocations/220B", 11.0, 10.0, "allocations"),
            ("growth/time/json", 33e6, 3e6, "ns"),
            (STRICT_GROWTH, 31.2e6, 3e6, "ns"),
            ("size", 9.5 * 1024.0 * 1024.0, 1024.0 * 1024.0, "bytes"),
        ] {
            table.insert(id, Measured { own, peer, unit: unit.to_owned() });
        }
        let all = Choice::of(&[]).unwrap();
        let text = table.markdown(&all, true);
        let chosen = ["bare reqwest", "Python SDK |", "XML decode, 220 B", "allocations, 220", "stripped", "idle"];
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("|") && chosen.iter().any(|part| line.contains(part)))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        | one signed call over a kept connection, processor time | 41.0 µs | bare reqwest GET and serde_json to the same struct | 40.0 µs | 1.02 | ≤ 1.1 | met |
        | one signed call over a kept connection, processor time | 41.0 µs | official Python SDK | 1.00 ms | 1/24.4 | ≤ 1/30 | **missed** |
        | XML decode, 220 B | 900 ns | quick-xml's serde on the rooted form | 1.00 µs | 0.90 | ≤ 0.5 | **missed** |
        | XML decode, 220 B | | our JSON of the same data | | | ≤ 2 | not measured |
        | JSON decode, allocations, 220 B | 11 | strict serde_json to the same structs | 10 | 1.10 | ≤ 1.2 | met |
        | `fleet watch` of 10,000 clusters, memory | | an idle process | | | ≤ 64 MiB | not measured |
        | `ackctl`, release, stripped | 9.50 MiB |  |  |  | ≤ 12 MiB | met |
        ");
        let bounds = text.split_once("## What bounds").map(|(_, bounds)| bounds.lines().count());
        assert_eq!(bounds, Some(5), "a paragraph for each row that misses and has one: {text}");
        assert!(text.contains(" In this run that alone took 40.0 µs, 1/25.0 of theirs.\n"), "{text}");
        let two = " In this run that alone took 76.0 s, 1/4.2 of theirs. With `idna_adapter` 1.1 in the lock file of the \
                   program, all of it took 86.0 s, 1/3.7 of theirs.\n";
        assert!(text.contains(two), "{text}");
        let growth = " In this run strict serde_json took 31.2 ms beside 3.00 ms, 10.40 times as much.\n";
        assert!(text.contains(growth), "{text}");
        let unjudged = table.markdown(&all, false);
        assert!(unjudged.contains("not judged") && !unjudged.contains("bounds"));
        let some = table.markdown(&Choice::of(&["Python SDK".to_owned()]).unwrap(), true);
        let rows: Vec<&str> = some.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        assert!(rows.len() == 2 && rows.iter().all(|row| row.contains("official Python SDK")), "{some}");
        assert_eq!(some.matches("\n- ").count(), 1, "only rows that are chosen have a paragraph: {some}");
    }

    #[test]
    fn every_row_has_an_id_of_its_own() {
        let ids: std::collections::BTreeSet<&str> = ROWS.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), ROWS.len());
        assert!(bounds::ids().all(|id| ids.contains(id)));
    }

    #[test]
    fn what_a_program_prints_is_a_row() {
        let (id, measured) = Measured::read(r#"{"id":"signing","own":2.5,"peer":2.0,"unit":"ns"}"#).unwrap();
        assert_eq!((id.as_str(), measured.ratio()), ("signing", 1.25));
        assert!(Measured::read("signing 2.5").is_err());
    }
}
