//! Checkpoints of a run that is recorded: the record is told of each start before it is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Mutex, PoisonError};

use ack_upgrade::{CheckpointFile, CheckpointStore, StepProgress, UpgradeHandle};
use serde::Deserialize;

use super::Record;
use super::fact::{Fact, Starting, Subject};

/// A store that keeps checkpoints where they were to be kept, if anywhere.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    record: Record,
    file: Option<CheckpointFile>,
    /// The starts that the record was told of: step, and the handle it is to be found by.
    told: Mutex<BTreeSet<(String, String)>>,
}

/// The part of a checkpoint that says which starts are about to be sent.
#[derive(Deserialize)]
struct Steps {
    #[serde(default)]
    steps: BTreeMap<String, StepProgress>,
}

impl Checkpoints {
    pub(super) fn new(record: Record, file: Option<CheckpointFile>) -> Self {
        Self { record, file, told: Mutex::default() }
    }

    fn announce(&self, step: &str, handle: &UpgradeHandle) -> io::Result<()> {
        let start = (step.to_owned(), handle.to_json());
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.contains(&start) {
            return Ok(());
        }
        let fact = Fact::UpgradeStarting(Starting { subject: Subject::from(handle), step });
        self.record.write(&fact).map_err(|problem| {
            let shown = self.record.path().map(|path| path.display().to_string()).unwrap_or_default();
            io::Error::other(format!("the record {shown} cannot be written: {problem}"))
        })?;
        told.insert(start);
        Ok(())
    }
}

impl CheckpointStore for Checkpoints {
    fn load(&self) -> io::Result<Option<String>> {
        self.file.as_ref().map_or(Ok(None), CheckpointStore::load)
    }

    fn save(&self, checkpoint: &str) -> io::Result<()> {
        if self.record.0.is_some() {
            let steps: Steps = serde_json::from_str(checkpoint)?;
            for (step, progress) in &steps.steps {
                if let StepProgress::Starting { handle, .. } = progress {
                    self.announce(step, handle)?;
                }
            }
        }
        self.file.as_ref().map_or(Ok(()), |file| file.save(checkpoint))
    }
}
