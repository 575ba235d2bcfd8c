//! The shells, and how each is talked to.

use std::ffi::OsString;

use ack_auth::Environment;
use clap::ValueEnum;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};

use super::ASKED;
use crate::output::printable;

/// A shell that can complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(alias = "pwsh")]
    Powershell,
    Elvish,
}

impl Shell {
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }

    /// The script that makes the shell ask `program`.
    pub(crate) fn script(self, program: &str) -> std::io::Result<String> {
        let completer: &dyn EnvCompleter = match self {
            Self::Bash => &Bash,
            Self::Zsh => &Zsh,
            Self::Fish => &Fish,
            Self::Powershell => &Powershell,
            Self::Elvish => &Elvish,
        };
        let mut script = Vec::new();
        completer.write_registration(ASKED, "ackctl", "ackctl", program, &mut script)?;
        Ok(String::from_utf8_lossy(&script).trim_start().to_owned())
    }

    /// Which of the words the cursor is in. zsh leaves out a last word that is empty.
    pub(super) fn cursor(self, words: &mut Vec<OsString>, environment: &dyn Environment) -> usize {
        match self {
            Self::Bash | Self::Zsh | Self::Elvish => {
                let at = environment.var("_CLAP_COMPLETE_INDEX").and_then(|index| index.parse().ok());
                let at = at.unwrap_or_else(|| words.len().saturating_sub(1));
                if at == words.len() {
                    words.push(OsString::new());
                }
                if self == Self::Bash { without_separate_equals_signs(words, at) } else { at }
            }
            Self::Fish | Self::Powershell => words.len().saturating_sub(1),
        }
    }

    /// The candidates, as the script of the shell takes them.
    pub(super) fn written(self, candidates: &[CompletionCandidate]) -> String {
        let lines = candidates.iter().map(|candidate| {
            let value = candidate.get_value().to_string_lossy();
            let help = candidate.get_help().map(|help| first_line(&help.to_string()));
            match (self, help) {
                (Self::Bash | Self::Elvish, _) | (Self::Fish | Self::Powershell, None) => value.into_owned(),
                (Self::Fish | Self::Powershell, Some(help)) => format!("{value}\t{help}"),
                (Self::Zsh, None) => escaped(&value),
                (Self::Zsh, Some(help)) => format!("{}:{}", escaped(&value), help.replace('\\', "\\\\")),
            }
        });
        let lines: Vec<String> = lines.collect();
        match self {
            // The script sets its field separator to a vertical tab.
            Self::Bash => lines.join("\u{b}"),
            Self::Zsh | Self::Elvish => lines.join("\n"),
            Self::Fish | Self::Powershell => lines.into_iter().map(|line| line + "\n").collect(),
        }
    }
}

/// bash makes a word of its own of an equals sign. That of an option goes, and others are put back between their neighbours;
/// gives where the cursor is then.
fn without_separate_equals_signs(words: &mut Vec<OsString>, mut at: usize) -> usize {
    let mut index = 1;
    while index + 1 < words.len() {
        if words[index] != "=" {
            index += 1;
            continue;
        }
        words.remove(index);
        at -= usize::from(at >= index);
        if !words[index - 1].to_string_lossy().starts_with("--") {
            let value = words.remove(index);
            words[index - 1].push("=");
            words[index - 1].push(value);
            at -= usize::from(at >= index);
        }
    }
    at
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace(':', "\\:")
}

fn first_line(help: &str) -> String {
    printable(help.lines().next().unwrap_or_default()).into_owned()
}
