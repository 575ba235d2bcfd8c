//! Where checkpoints are kept.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The largest checkpoint that is read. Real ones have some kilobytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Keeps the checkpoint of a run. [`CheckpointFile`] is the usual one; others are for tests and for programs that keep
/// theirs elsewhere.
pub trait CheckpointStore: fmt::Debug + Send + Sync {
    /// The checkpoint that was kept last; `None` if there is none.
    ///
    /// # Errors
    ///
    /// What keeps it from being read.
    fn load(&self) -> io::Result<Option<String>>;

    /// Keeps a checkpoint in place of the one before. It has to be either there as a whole or not at all, and to
    /// outlast a loss of power once this returns.
    ///
    /// # Errors
    ///
    /// What keeps it from being kept. No upgrade is started then.
    fn save(&self, checkpoint: &str) -> io::Result<()>;
}

/// A checkpoint in a file. It is written to another file beside it, which then takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointFile {
    path: PathBuf,
}

impl CheckpointFile {
    /// The file of this path; its folder has to exist.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&self, text: &str, beside: &Path) -> io::Result<()> {
        let mut file = File::create(beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        drop(file);
        fs::rename(beside, &self.path)?;
        sync_folder(&self.path)
    }
}

impl CheckpointStore for CheckpointFile {
    fn load(&self) -> io::Result<Option<String>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut text = String::new();
        if file.take(LARGEST + 1).read_to_string(&mut text)? as u64 > LARGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is larger than any checkpoint"));
        }
        Ok(Some(text))
    }

    fn save(&self, checkpoint: &str) -> io::Result<()> {
        let name = self.path.file_name().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("{} does not name a file", self.path.display()))
        })?;
        // The process is named, so that two of them never write to the same file.
        let mut beside = std::ffi::OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}.tmp", std::process::id()));
        let beside = self.path.with_file_name(beside);
        self.write(checkpoint, &beside).inspect_err(|_| {
            // What is left of it is of no use, and may not even be there.
            let _ = fs::remove_file(&beside);
        })
    }
}

/// A new name in a folder outlasts a loss of power only once the folder is written, too.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Elsewhere folders cannot be opened, and the file system takes care of it.
#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_the_latest_checkpoint_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let file = CheckpointFile::new(folder.path().join("run.json"));
        assert_eq!(file.load().unwrap(), None);
        file.save("one, and longer than the next").unwrap();
        file.save("two").unwrap();
        assert_eq!(file.load().unwrap().as_deref(), Some("two"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_kept_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        assert!(CheckpointFile::new(folder.path().join("missing/run.json")).save("one").is_err());
        assert!(CheckpointFile::new("..").save("one").is_err());
        // A folder cannot be replaced by a file.
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        assert!(CheckpointFile::new(&taken).save("one").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let large = folder.path().join("large");
        fs::write(&large, vec![b' '; 5 * 1024 * 1024]).unwrap();
        assert!(CheckpointFile::new(&large).load().is_err());
    }
}
