//! What a run of libFuzzer says about itself.

use std::fmt;
use std::path::{Path, PathBuf};

/// The numbers of a run, and what it found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Outcome {
    target: String,
    executions: u64,
    per_second: u64,
    /// Edges of the program that some input has taken.
    edges: u64,
    /// Inputs that are kept because each takes an edge the others do not.
    corpus: u64,
    /// Peak memory in MiB.
    memory: u64,
    pub(super) finding: Option<Finding>,
}

/// Why a run ended early.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    /// The panic, or what libFuzzer says.
    reason: String,
    /// The input, if libFuzzer kept one.
    input: Option<String>,
    log: PathBuf,
}

impl Outcome {
    /// The head of the table.
    pub(super) const HEAD: &'static str = "target         executions  per second   edges  corpus  memory MiB  found";

    pub(super) fn read(target: &str, success: bool, log: &Path, text: &str) -> Self {
        let stat = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|value| value.trim().parse().ok()).unwrap_or_default()
        };
        // The last of the lines of progress, such as `#4096 pulse cov: 120 ft: 300 corp: 40/2Kb exec/s: 512`.
        let progress = text.lines().rev().find(|line| line.starts_with('#') && line.contains(" cov: "));
        let field = |name: &str| {
            let mut words = progress.unwrap_or_default().split_whitespace();
            words.find(|word| *word == name)?;
            let digits: String = words.next()?.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        };
        Self {
            target: target.to_owned(),
            executions: stat("number_of_executed_units"),
            per_second: stat("average_exec_per_sec"),
            edges: field("cov:").unwrap_or_default(),
            corpus: field("corp:").unwrap_or_default(),
            memory: stat("peak_rss_mb"),
            finding: (!success).then(|| Finding::read(log, text)),
        }
    }

    /// What was found, and what to do with it.
    pub(super) fn explanation(&self) -> String {
        let Some(finding) = &self.finding else { return String::new() };
        let (target, log) = (&self.target, finding.log.display());
        let mut text = format!("{target}: {}\n  the whole output is in {log}", finding.reason);
        if let Some(input) = &finding.input {
            text.push_str(&format!(
                "\n  run it again: cargo xtask fuzz {target} --input {input}\n  \
                 once it is mended, keep it for the tests in fuzz/regressions/{target}"
            ));
        }
        text
    }
}

impl Finding {
    fn read(log: &Path, text: &str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let panic = lines.iter().position(|line| line.starts_with("thread ") && line.contains("panicked at "));
        let reason = match panic {
            // The message follows its place, up to the stack.
            Some(at) => {
                let message = lines.iter().skip(at).take_while(|line| {
                    !line.starts_with("stack backtrace") && !line.starts_with("note:") && !line.starts_with("==")
                });
                message.copied().collect::<Vec<_>>().join("\n  ")
            }
            None => {
                lines.iter().find(|line| line.contains("ERROR: libFuzzer")).copied().unwrap_or("it failed").to_owned()
            }
        };
        let input = text.lines().find_map(|line| Some(line.split_once("Test unit written to ")?.1.trim().to_owned()));
        Self { reason: reason.chars().take(2000).collect(), input, log: log.to_owned() }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, executions, per_second, edges, corpus, memory, finding } = self;
        let found = if finding.is_some() { 1 } else { 0 };
        write!(f, "{target:<14} {executions:>10} {per_second:>11} {edges:>7} {corpus:>7} {memory:>11} {found:>6}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "INFO: Seed: 1\n#2\tINITED cov: 90 ft: 91 corp: 1/1b exec/s: 0 rss: 30Mb\n\
                       #16384\tpulse  cov: 120 ft: 300 corp: 40/2Kb lim: 80 exec/s: 8192 rss: 35Mb\n\
                       #20000\tDONE   cov: 121 ft: 301 corp: 41/2Kb lim: 80 exec/s: 6666 rss: 35Mb\n\
                       stat::number_of_executed_units: 20000\nstat::average_exec_per_sec:     6666\n\
                       stat::peak_rss_mb:              35\n";

    #[test]
    fn a_run_that_finds_nothing_is_a_line_of_numbers() {
        let outcome = Outcome::read("json", true, Path::new("json.log"), RUN);
        assert_eq!(outcome.finding, None);
        insta::assert_snapshot!(format!("{}\n{outcome}", Outcome::HEAD), @r"
        target         executions  per second   edges  corpus  memory MiB  found
        json                20000        6666     121      41          35      0
        ");
    }

    #[test]
    fn a_finding_says_what_broke_and_how_to_see_it_again() {
        let text = format!(
            "{RUN}thread '<unnamed>' (7) panicked at fuzz/src/models.rs:80:9:\nassertion failed: a\n  left: 1\nstack \
             backtrace:\n   0: x\n==7== ERROR: libFuzzer: deadly signal\nartifact_prefix='t/json-'; Test unit written to \
             t/json-crash-0a\n"
        );
        let outcome = Outcome::read("json", false, Path::new("json.log"), &text);
        insta::assert_snapshot!(outcome.explanation(), @r"
        json: thread '<unnamed>' (7) panicked at fuzz/src/models.rs:80:9:
          assertion failed: a
            left: 1
          the whole output is in json.log
          run it again: cargo xtask fuzz json --input t/json-crash-0a
          once it is mended, keep it for the tests in fuzz/regressions/json
        ");
        let hang = "==7== ERROR: libFuzzer: timeout after 31 seconds\n";
        let explanation = Outcome::read("xml", false, Path::new("xml.log"), hang).explanation();
        assert_eq!(
            explanation,
            "xml: ==7== ERROR: libFuzzer: timeout after 31 seconds\n  the whole output is in xml.log"
        );
    }
}
