//! Checkpoints of a run that is recorded: the record is told of each start before it is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use ack_upgrade::fleet::{FleetFolder, FleetStore};
use ack_upgrade::{CheckpointStore, StepProgress, UpgradeHandle};
use serde::Deserialize;

use super::Record;
use super::fact::{Fact, Starting, Subject};

/// A store that keeps checkpoints where they were to be kept, if anywhere.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    record: Record,
    store: Option<Arc<dyn CheckpointStore>>,
    /// The starts that the record was told of: step, and the handle it is to be found by.
    told: Mutex<BTreeSet<(String, String)>>,
}

/// The same for a run over a fleet.
#[derive(Debug)]
pub(crate) struct FleetCheckpoints {
    record: Record,
    folder: Option<FleetFolder>,
}

/// The part of a checkpoint that says which starts are about to be sent.
#[derive(Deserialize)]
struct Steps {
    #[serde(default)]
    steps: BTreeMap<String, StepProgress>,
}

impl Checkpoints {
    pub(super) fn new(record: Record, store: Option<Arc<dyn CheckpointStore>>) -> Self {
        Self { record, store, told: Mutex::default() }
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
        self.store.as_ref().map_or(Ok(None), |store| store.load())
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
        self.store.as_ref().map_or(Ok(()), |store| store.save(checkpoint))
    }
}

impl FleetCheckpoints {
    pub(super) fn new(record: Record, folder: Option<FleetFolder>) -> Self {
        Self { record, folder }
    }
}

impl FleetStore for FleetCheckpoints {
    fn of_fleet(&self) -> Arc<dyn CheckpointStore> {
        match &self.folder {
            Some(folder) => folder.of_fleet(),
            None => Arc::new(Checkpoints::new(Record::default(), None)),
        }
    }

    fn of_cluster(&self, account: &str, cluster_id: &str) -> Arc<dyn CheckpointStore> {
        let store = self.folder.as_ref().map(|folder| folder.of_cluster(account, cluster_id));
        Arc::new(Checkpoints::new(self.record.clone(), store))
    }
}
