//! The record of what was done: `--record FILE`.
//!
//! A command that takes [`RecordArguments`] calls [`Session::begin_record`] before it connects. From then on whoever has
//! the session tells the record facts with [`Session::record`]: connecting tells who calls, following tells each event, and
//! the end of the program tells how the command ended. Without a record all that does nothing.
//!
//! A fact that cannot be written ends the command as long as nothing was sent. Later on it is said once, the command goes
//! on, for an upgrade is not to be left alone because a disk is full, and in the end it is no success.

mod fact;
mod file;
mod read;

use std::path::{Path, PathBuf};

use ack_auth::{Clock as _, Credential};
use ack_client::Client;

use crate::arguments::RecordArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

use fact::{Caller, Ending, Line, Started};
use file::{Lines, RecordFile};

pub(crate) use fact::{Fact, Subject};
pub(crate) use read::{Facts, ReadCaller, ReadCount, ReadEvent, ReadFact, ReadSubject, ReadWho};

/// The JSON Schema of a line of a record.
///
/// Later versions may add facts and fields: ignore what is not known. What it requires today stays. Events in it are as
/// [`ack_upgrade::EVENT_SCHEMA`] says.
pub const RECORD_SCHEMA: &str = include_str!("../record.schema.json");

/// A record that is being written, or none.
#[derive(Debug, Default)]
pub(crate) struct Record(Option<Open>);

impl Record {
    /// Its file, for commands that go on with it.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.as_ref().map(|open| open.shown.as_path())
    }
}

#[derive(Debug)]
struct Open {
    file: Box<dyn Lines>,
    shown: PathBuf,
    /// What ties the lines of one command together.
    invocation: String,
    /// Why the first line that is missing could not be written.
    missing: Option<String>,
}

impl Session {
    /// Opens the record that is asked for, if one is, and tells it that the command begins.
    pub(crate) fn begin_record(
        &mut self,
        arguments: &RecordArguments,
        command: &'static str,
        subject: &Subject<'_>,
    ) -> Result<(), Failure> {
        let Some(path) = &arguments.record else { return Ok(()) };
        let file = RecordFile::open(path).map_err(|problem| refusal(path, &problem))?;
        let invocation = self.nonces.nonce()?;
        self.record = Record(Some(Open { file: Box::new(file), shown: path.clone(), invocation, missing: None }));
        let started = Started { command, program: fact::PROGRAM, subject, who: self.host.who(self.environment()) };
        self.record_or_stop(&Fact::CommandStarted(started))
    }

    /// Tells the record who calls the service, and where.
    pub(crate) fn record_caller(&mut self, credential: &Credential, client: &Client) -> Result<(), Failure> {
        let profile = self.profile();
        let access_key_id = credential.shortened_access_key_id();
        let caller = Caller {
            access_key_id: access_key_id.as_deref(),
            provider: credential.provider_name(),
            role: credential.role(),
            profile: profile.as_deref(),
            region: client.region(),
            endpoint: client.endpoint(),
        };
        self.record_or_stop(&Fact::Caller(caller))
    }

    /// Tells the record a fact. That it cannot be written is said, and is no reason to give up the work.
    pub(crate) fn record(&mut self, fact: &Fact<'_>) {
        let Err(problem) = self.write(fact) else { return };
        let Some(open) = &mut self.record.0 else { return };
        if open.missing.is_none() {
            let note = format!("warning: the record {} cannot be written: {problem}", open.shown.display());
            open.missing = Some(problem);
            self.note(&note);
        }
    }

    /// Whether every fact so far is in the record, or why not. Where there is none, none is missing.
    pub(crate) fn record_is_whole(&self) -> Result<(), Failure> {
        match &self.record.0 {
            Some(Open { missing: Some(problem), shown, .. }) => {
                Err(Failure::error(format!("the record {} is not complete: {problem}", shown.display())))
            }
            _ => Ok(()),
        }
    }

    /// Tells the record how the command has ended, and says how it ends.
    pub(crate) fn end_record(&mut self, ended: Result<Exit, Failure>) -> Result<Exit, Failure> {
        if self.record.0.is_none() {
            return ended;
        }
        let ending = match &ended {
            Ok(exit) => Ending { exit_code: exit.code(), message: None, request_id: None },
            Err(failure) => Ending {
                exit_code: failure.exit.code(),
                message: failure.message.as_deref(),
                request_id: failure.request_id.as_deref(),
            },
        };
        self.record(&Fact::CommandEnded(ending));
        match ended {
            Ok(Exit::Success) => self.record_is_whole().map(|()| Exit::Success),
            ended => ended,
        }
    }

    fn record_or_stop(&mut self, fact: &Fact<'_>) -> Result<(), Failure> {
        self.write(fact).map_err(|problem| {
            let path = self.record.0.take().map(|open| open.shown).unwrap_or_default();
            refusal(&path, &format!("cannot be written: {problem}"))
        })
    }

    fn write(&mut self, fact: &Fact<'_>) -> Result<(), String> {
        let at = self.clock.now();
        let Some(open) = &mut self.record.0 else { return Ok(()) };
        let line = Line::new(at, &open.invocation, fact);
        let text = serde_json::to_string(&line).map_err(|error| error.to_string())?;
        open.file.append(&text).map_err(|error| error.to_string())
    }
}

fn refusal(path: &Path, problem: &str) -> Failure {
    Failure::usage(format!("--record {} {problem}; nothing was sent", path.display()))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::arguments::Arguments;
    use crate::context::{Context, Stream};

    /// A disk that has room for so many lines.
    #[derive(Debug)]
    struct Room(usize);

    impl Lines for Room {
        fn append(&mut self, _: &str) -> std::io::Result<()> {
            self.0 = self.0.checked_sub(1).ok_or(std::io::ErrorKind::StorageFull)?;
            Ok(())
        }
    }

    fn session(room: usize, stderr: Stream) -> Session {
        let arguments = Arguments::try_parse_from(["ackctl", "regions"]).unwrap();
        let mut session = Session::new(Context::new(Stream::new(std::io::sink()), stderr), arguments.global, false);
        let (file, shown) = (Box::new(Room(room)), PathBuf::from("upgrade.jsonl"));
        session.record = Record(Some(Open { file, shown, invocation: String::new(), missing: None }));
        session
    }

    #[test]
    fn a_record_with_gaps_is_said_once_and_is_no_success() {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut full = session(1, Stream::new(writer));
        let fact = || Fact::interrupted(crate::arguments::OnInterrupt::Leave);
        assert!(full.record_or_stop(&fact()).is_ok());
        full.record(&fact());
        full.record(&fact());
        let ended = full.end_record(Ok(Exit::Success)).unwrap_err();
        assert_eq!(ended.exit, Exit::Error);
        insta::assert_snapshot!(ended.message.unwrap(), @"the record upgrade.jsonl is not complete: no storage space");
        drop(full);
        let said = std::io::read_to_string(&mut reader).unwrap();
        insta::assert_snapshot!(said, @"warning: the record upgrade.jsonl cannot be written: no storage space");
    }

    #[test]
    fn another_end_stays_what_it_is() {
        let mut full = session(0, Stream::new(std::io::sink()));
        assert_eq!(full.end_record(Ok(Exit::Failed)).unwrap(), Exit::Failed);
        let mut whole = session(1, Stream::new(std::io::sink()));
        assert_eq!(whole.end_record(Ok(Exit::Success)).unwrap(), Exit::Success);
    }

    #[test]
    fn before_anything_is_sent_a_fact_that_cannot_be_written_stops_the_command() {
        let mut full = session(0, Stream::new(std::io::sink()));
        let failure = full.record_or_stop(&Fact::interrupted(crate::arguments::OnInterrupt::Leave)).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        insta::assert_snapshot!(failure.message.unwrap(), @"--record upgrade.jsonl cannot be written: no storage space; nothing was sent");
    }
}
