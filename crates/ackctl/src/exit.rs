//! Exit codes, and what each failure and each end of an upgrade maps to.

use std::process::ExitCode;

use ack_upgrade::Outcome;

/// How the program ended, as its exit code tells it.
///
/// The codes are part of the interface: scripts may rely on them. A bug that panics ends the program with 101, the code of
/// all programs in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Exit {
    /// 0: what was asked for is done; an upgrade that was followed has succeeded.
    Success,
    /// 1: the service refused, could not be reached, or answered something unreadable; or the output could not be
    /// written. Standard error says what.
    Error,
    /// 2: wrong usage, or input that was refused before anything was sent: arguments, region, endpoint, credentials, the
    /// input of an operation.
    Usage,
    /// 3: the upgrade failed, or a step of a plan.
    Failed,
    /// 4: the upgrade was cancelled by somebody.
    Cancelled,
    /// 5: the upgrade is paused and waits to be resumed.
    Paused,
    /// 6: the upgrade was still running at the time limit, and goes on.
    StillRunning,
    /// 7: the upgrade is out of sight: it cannot be found, or the service does not answer. It may go on.
    Lost,
    /// 8: nothing was done: another upgrade is running or the cluster is at the version already; there is nothing to pause,
    /// resume or cancel; something stands in the way of a plan, or the cluster has changed since it was made.
    Refused,
    /// 9: the answer to the start was lost, and whether the upgrade was started is not known.
    Unclear,
    /// 10: a pause, resume or cancel was sent, but has not taken effect in the time allowed. It may still do so.
    NotInEffect,
    /// 130: interrupted by Ctrl-C or SIGTERM. A running upgrade goes on.
    Interrupted,
    /// 141: the reader of standard output closed it, as in `ackctl ... | head -1`. That is 128 + SIGPIPE, what shells
    /// report for programs that the signal ends; nothing is printed about it.
    PipeClosed,
}

impl Exit {
    /// The exit code of the process.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Error => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::Cancelled => 4,
            Self::Paused => 5,
            Self::StillRunning => 6,
            Self::Lost => 7,
            Self::Refused => 8,
            Self::Unclear => 9,
            Self::NotInEffect => 10,
            Self::Interrupted => 130,
            Self::PipeClosed => 141,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<&Outcome> for Exit {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Succeeded { .. } => Self::Success,
            Outcome::Failed { .. } => Self::Failed,
            Outcome::Cancelled => Self::Cancelled,
            Outcome::Paused { .. } => Self::Paused,
            Outcome::StillRunning { .. } => Self::StillRunning,
            Outcome::Lost { .. } => Self::Lost,
            // An outcome that a later version of the library adds is no success until it is known to be one.
            _ => Self::Error,
        }
    }
}

impl From<&ack_upgrade::Error> for Exit {
    fn from(error: &ack_upgrade::Error) -> Self {
        if error.is_refused() {
            Self::Refused
        } else if error.is_unclear() {
            Self::Unclear
        } else if error.is_not_in_effect() {
            Self::NotInEffect
        } else if error.is_invalid_handle() || error.is_invalid_input() {
            Self::Usage
        } else {
            error.client().map_or(Self::Error, Self::from)
        }
    }
}

impl From<&ack_client::Error> for Exit {
    fn from(error: &ack_client::Error) -> Self {
        if error.is_invalid_input() || error.is_credentials() { Self::Usage } else { Self::Error }
    }
}

/// The table of `ackctl --help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0    success
  1    an error of the service, the connection or the output
  2    wrong usage, or input refused before anything was sent
  3    the upgrade failed
  4    the upgrade was cancelled
  5    the upgrade is paused
  6    still running at the time limit; the upgrade goes on
  7    lost sight of the upgrade; it may go on
  8    refused: another upgrade is running, the version is reached already, there is nothing to steer, or a plan is
       blocked or outdated
  9    whether the upgrade was started is not known; look at its status first
  10   a pause, resume or cancel has not taken effect in time; it may still do so
  130  interrupted; a running upgrade goes on
  141  the reader of standard output closed it (128 + SIGPIPE)";

/// The table, row by row: each code and what it means.
pub(crate) fn codes() -> Vec<(&'static str, String)> {
    let mut rows: Vec<(&str, String)> = Vec::new();
    for line in HELP.lines().skip(1).map(str::trim) {
        match line.split_once(' ').filter(|(code, _)| code.bytes().all(|byte| byte.is_ascii_digit())) {
            Some((code, meaning)) => rows.push((code, meaning.trim_start().to_owned())),
            // A long meaning goes on on the next line.
            None => rows.last_mut().into_iter().for_each(|(_, meaning)| meaning.extend([" ", line])),
        }
    }
    rows
}

/// What a code means, in the words of the table.
pub(crate) fn meaning(code: u8) -> Option<String> {
    codes().into_iter().find(|(listed, _)| *listed == code.to_string()).map(|(_, meaning)| meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_lists_every_code_and_no_other() {
        let all = [
            Exit::Success,
            Exit::Error,
            Exit::Usage,
            Exit::Failed,
            Exit::Cancelled,
            Exit::Paused,
            Exit::StillRunning,
            Exit::Lost,
            Exit::Refused,
            Exit::Unclear,
            Exit::NotInEffect,
            Exit::Interrupted,
            Exit::PipeClosed,
        ];
        let codes: Vec<String> = all.iter().map(|exit| exit.code().to_string()).collect();
        let listed: Vec<&str> = HELP
            .lines()
            .skip(1)
            .filter(|line| !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert_eq!(listed, codes);
        assert!(all.iter().all(|exit| meaning(exit.code()).is_some()));
        assert_eq!((meaning(0), meaning(11)), (Some("success".to_owned()), None));
    }

    #[test]
    fn every_outcome_has_its_code() {
        let text = String::new;
        let outcomes = [
            Outcome::Succeeded { version: None, verified: true },
            Outcome::Failed { reason: text() },
            Outcome::Cancelled,
            Outcome::Paused { by: ack_upgrade::PausedBy::Person, reason: None },
            Outcome::StillRunning { phase: ack_upgrade::Phase::Upgrading },
            Outcome::Lost { reason: text() },
        ];
        let schema: serde_json::Value = serde_json::from_str(ack_upgrade::EVENT_SCHEMA).unwrap();
        let names = outcomes.each_ref().map(|outcome| serde_json::to_value(outcome).unwrap()["outcome"].clone());
        assert_eq!(
            schema["$defs"]["outcome"]["properties"]["outcome"]["enum"],
            serde_json::Value::from(names.to_vec())
        );
        // None of them is that of errors, which is for outcomes that are not known here.
        assert_eq!(outcomes.map(|outcome| Exit::from(&outcome).code()), [0, 3, 4, 5, 6, 7]);
    }
}
