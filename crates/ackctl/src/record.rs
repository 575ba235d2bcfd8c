//! The record of what was done: `--record FILE`.
//!
//! A command that takes [`RecordArguments`] calls [`Session::begin_record`] before it connects. From then on whoever has
//! the session tells the record facts with [`Session::record`]: connecting tells who calls, following tells each event, and
//! the end of the program tells how the command ended. Without a record all that does nothing.
//!
//! A fact that cannot be written ends the command as long as nothing was sent. Later on it is said once, the command goes
//! on, for an upgrade is not to be left alone because a disk is full, and in the end it is no success.

mod checkpoints;
mod fact;
mod file;
mod read;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ack_auth::{Clock as _, Credential};
use ack_client::Client;
use ack_upgrade::fleet::FleetFolder;
use ack_upgrade::{CheckpointFile, CheckpointStore};

use crate::arguments::RecordArguments;
use crate::context::SharedClock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

use checkpoints::{Checkpoints, FleetCheckpoints};
use fact::{Caller, Ending, Line, Started};
use file::{Lines, RecordFile};

pub(crate) use fact::{Fact, Subject};
pub(crate) use read::{
    Facts, ReadCaller, ReadCount, ReadEvent, ReadFact, ReadFleet, ReadMember, ReadSubject, ReadWave, ReadWho,
};

/// The JSON Schema of a line of a record.
///
/// Later versions may add facts and fields: ignore what is not known. What it requires today stays. Events in it are as
/// [`ack_upgrade::EVENT_SCHEMA`] says, those of a fleet as [`ack_upgrade::fleet::FLEET_EVENT_SCHEMA`].
pub const RECORD_SCHEMA: &str = include_str!("../record.schema.json");

/// A record that is being written, or none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record(Option<Arc<Open>>);

#[derive(Debug)]
struct Open {
    file: Mutex<Box<dyn Lines>>,
    shown: PathBuf,
    /// What ties the lines of one command together.
    invocation: String,
    clock: SharedClock,
    /// Why the first line that is missing could not be written.
    missing: OnceLock<String>,
}

impl Record {
    /// Its file, for commands that go on with it.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.as_ref().map(|open| open.shown.as_path())
    }

    /// Whether every fact so far is in it, or why not. Where there is none, none is missing.
    fn is_whole(&self) -> Result<(), String> {
        let missing = self.0.as_ref().and_then(|open| Some((open, open.missing.get()?)));
        match missing {
            Some((open, problem)) => Err(format!("the record {} is not complete: {problem}", open.shown.display())),
            None => Ok(()),
        }
    }

    fn write(&self, fact: &Fact<'_>) -> Result<(), String> {
        let Some(open) = &self.0 else { return Ok(()) };
        let line = Line::new(open.clock.now(), &open.invocation, fact);
        let text = serde_json::to_string(&line).map_err(|error| error.to_string())?;
        let mut file = open.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.append(&text).map_err(|error| error.to_string())
    }
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
        self.record = Record(Some(Arc::new(Open {
            file: Mutex::new(Box::new(file)),
            shown: path.clone(),
            invocation,
            clock: self.clock.clone(),
            missing: OnceLock::new(),
        })));
        let started = Started { command, program: fact::PROGRAM, subject, who: self.host.who(self.environment()) };
        self.record_or_stop(&Fact::CommandStarted(started))
    }

    /// Tells the record who calls the service, and where; for an account of a fleet, its name and profile.
    pub(crate) fn record_caller(
        &mut self,
        credential: &Credential,
        client: &Client,
        account: Option<(&str, Option<&str>)>,
    ) -> Result<(), Failure> {
        let profile = match account {
            Some((_, Some(profile))) => Some(profile.to_owned()),
            _ => self.profile(),
        };
        let access_key_id = credential.shortened_access_key_id();
        let caller = Caller {
            account: account.map(|(name, _)| name),
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
        let Err(problem) = self.record.write(fact) else { return };
        let Some(open) = &self.record.0 else { return };
        let note = format!("warning: the record {} cannot be written: {problem}", open.shown.display());
        if open.missing.set(problem).is_ok() {
            self.note(&note);
        }
    }

    /// Where a run keeps its checkpoints: in the file, if there is one, and only after each start has been announced to the
    /// record. A start that the record cannot be told of is not sent.
    pub(crate) fn checkpoints(&self, file: Option<&CheckpointFile>) -> Option<Checkpoints> {
        let is_recorded = self.record.0.is_some();
        (is_recorded || file.is_some()).then(|| {
            let file = file.cloned().map(|file| Arc::new(file) as Arc<dyn CheckpointStore>);
            Checkpoints::new(self.record.clone(), file)
        })
    }

    /// The same for a run over a fleet, if it is recorded.
    pub(crate) fn fleet_checkpoints(&self, folder: Option<&FleetFolder>) -> Option<FleetCheckpoints> {
        self.record.0.is_some().then(|| FleetCheckpoints::new(self.record.clone(), folder.cloned()))
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
            Ok(Exit::Success) => self.record.is_whole().map(|()| Exit::Success).map_err(Failure::error),
            ended => ended,
        }
    }

    fn record_or_stop(&mut self, fact: &Fact<'_>) -> Result<(), Failure> {
        self.record.write(fact).map_err(|problem| {
            let path = self.record.path().map(Path::to_owned).unwrap_or_default();
            // What cannot be written needs no end.
            self.record = Record::default();
            refusal(&path, &format!("cannot be written: {problem}"))
        })
    }
}

fn refusal(path: &Path, problem: &str) -> Failure {
    Failure::usage(format!("--record {} {problem}; nothing was sent", path.display()))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::arguments::{Arguments, OutputFormat};
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
        let context = Context::new(Stream::new(std::io::sink()), stderr);
        let mut session = Session::new(context, arguments.global, OutputFormat::Table, false);
        session.record = Record(Some(Arc::new(Open {
            file: Mutex::new(Box::new(Room(room))),
            shown: "upgrade.jsonl".into(),
            invocation: String::new(),
            clock: session.clock.clone(),
            missing: OnceLock::new(),
        })));
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
    fn a_start_that_the_record_cannot_be_told_of_is_not_sent() {
        use ack_upgrade::CheckpointStore as _;

        let full = session(0, Stream::new(std::io::sink()));
        let store = full.checkpoints(None).unwrap();
        let step = r#"{"state":"starting","handle":{"cluster_id":"c1"}}"#;
        let refused = store.save(&format!(r#"{{"steps":{{"s1":{step}}}}}"#)).unwrap_err();
        insta::assert_snapshot!(refused.to_string(), @"the record upgrade.jsonl cannot be written: no storage space");
        // What is no start is kept all the same.
        store.save(r#"{"steps":{"s1":{"state":"done"}}}"#).unwrap();
        // Each start is told of once.
        let roomy = session(1, Stream::new(std::io::sink()));
        let store = roomy.checkpoints(None).unwrap();
        store.save(&format!(r#"{{"steps":{{"s1":{step}}}}}"#)).unwrap();
        store.save(&format!(r#"{{"steps":{{"s1":{step},"s0":{{"state":"done"}}}}}}"#)).unwrap();
        store.save(&format!(r#"{{"steps":{{"s1":{step},"s2":{step}}}}}"#)).unwrap_err();
        assert!(session_without_record().checkpoints(None).is_none());
    }

    fn session_without_record() -> Session {
        let mut session = session(0, Stream::new(std::io::sink()));
        session.record = Record::default();
        session
    }

    #[test]
    fn before_anything_is_sent_a_fact_that_cannot_be_written_stops_the_command() {
        let mut full = session(0, Stream::new(std::io::sink()));
        let failure = full.record_or_stop(&Fact::interrupted(crate::arguments::OnInterrupt::Leave)).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        insta::assert_snapshot!(failure.message.unwrap(), @"--record upgrade.jsonl cannot be written: no storage space; nothing was sent");
    }
}
