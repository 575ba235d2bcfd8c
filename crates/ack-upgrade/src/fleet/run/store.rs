//! Where the checkpoints of a run over a fleet are kept.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::run::{CheckpointFile, CheckpointLock, CheckpointStore};

/// Keeps the checkpoints of a run over a fleet: one of the fleet, and one of each cluster. [`FleetFolder`] is the usual one.
pub trait FleetStore: fmt::Debug + Send + Sync {
    /// Where the checkpoint of the fleet is kept, a [`FleetCheckpoint`](super::FleetCheckpoint).
    fn of_fleet(&self) -> Arc<dyn CheckpointStore>;

    /// Where the checkpoint of the run of a cluster is kept, a [`Checkpoint`](crate::Checkpoint).
    fn of_cluster(&self, account: &str, cluster_id: &str) -> Arc<dyn CheckpointStore>;
}

/// Checkpoints in a folder: `fleet.json`, and beside it a file for each cluster that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetFolder {
    path: PathBuf,
}

impl FleetFolder {
    /// The folder of this path, which is made if there is none.
    ///
    /// # Errors
    ///
    /// What keeps it from being made.
    pub fn new(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        std::fs::create_dir_all(&path)?;
        Ok(Self { path })
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps other processes from working by the checkpoints of this folder, for as long as the lock is held. Nothing else asks
    /// for it: take it before [`Fleet::run`](crate::fleet::Fleet::run) or `continue_run`, and hold it until the run has ended.
    ///
    /// It is that of [`CheckpointFile::lock`], on the checkpoint of the fleet; those of the clusters need none of their own.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::WouldBlock`] if another process holds it, naming that process; else what keeps the file from being
    /// locked. Some network file systems cannot lock.
    pub fn lock(&self) -> io::Result<CheckpointLock> {
        self.fleet_file().lock()
    }

    fn fleet_file(&self) -> CheckpointFile {
        CheckpointFile::new(self.path.join("fleet.json"))
    }
}

impl FleetStore for FleetFolder {
    fn of_fleet(&self) -> Arc<dyn CheckpointStore> {
        Arc::new(self.fleet_file())
    }

    fn of_cluster(&self, account: &str, cluster_id: &str) -> Arc<dyn CheckpointStore> {
        let name = format!("{}.{}.json", file_name(account), file_name(cluster_id));
        Arc::new(CheckpointFile::new(self.path.join(name)))
    }
}

/// The store of a cluster, in the form that a run takes.
#[derive(Debug)]
pub(super) struct OfCluster(pub(super) Arc<dyn CheckpointStore>);

impl CheckpointStore for OfCluster {
    fn load(&self) -> io::Result<Option<String>> {
        self.0.load()
    }

    fn save(&self, checkpoint: &str) -> io::Result<()> {
        self.0.save(checkpoint)
    }
}

/// A text as part of the name of a file, the same for no other text, whatever the file system makes of letters and dots.
fn file_name(text: &str) -> String {
    text.chars().fold(String::new(), |mut name, c| {
        match c {
            'a'..='z' | '0'..='9' | '-' => name.push(c),
            _ => name.extend(['_'].into_iter().chain(format!("{:x}", u32::from(c)).chars()).chain(['_'])),
        }
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cluster_has_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let store = FleetFolder::new(folder.path().join("a/b")).unwrap();
        store.of_fleet().save("fleet").unwrap();
        for (account, cluster) in [("one", "c1"), ("two", "c1"), ("one", "C1"), ("one", "../c1"), ("one.c1", "")] {
            store.of_cluster(account, cluster).save(cluster).unwrap();
        }
        let names = std::fs::read_dir(store.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        insta::assert_snapshot!(names.join("\n"));
        assert_eq!(store.of_cluster("two", "c1").load().unwrap().as_deref(), Some("c1"));
    }

    #[test]
    fn one_at_a_time_works_by_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let store = FleetFolder::new(folder.path()).unwrap();
        let lock = store.lock().unwrap();
        assert_eq!(store.lock().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(lock);
        assert!(store.lock().is_ok());
    }
}
