//! One process at a time works by a checkpoint.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};

use super::store::private;

/// Keeps other processes from working by a checkpoint until it is dropped. See
/// [`CheckpointFile::lock`](crate::CheckpointFile::lock).
#[derive(Debug)]
#[must_use = "it is freed as soon as it is dropped"]
pub struct CheckpointLock {
    path: PathBuf,
    // Closing the file frees the lock.
    _file: File,
}

impl CheckpointLock {
    pub(super) fn take(path: &Path) -> io::Result<Self> {
        let mut file = private().create(true).truncate(false).read(true).open(path)?;
        match FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(&mut file)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // For whoever is refused. That it cannot be written does not make the lock less of one.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { path: path.to_owned(), _file: file })
    }

    /// The file that is locked.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Says who holds the lock, as far as that can be read: Windows lets nobody read a locked file.
fn held(file: &mut File) -> io::Error {
    let mut process = String::new();
    let read = file.rewind().and_then(|()| file.take(32).read_to_string(&mut process));
    let process = process.trim();
    let is_known = read.is_ok() && !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit());
    let holder = if is_known { format!("process {process}") } else { "another process".to_owned() };
    io::Error::new(io::ErrorKind::WouldBlock, format!("{holder} is at work by it"))
}
