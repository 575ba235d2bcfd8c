//! Where checkpoints are kept.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::lock::CheckpointLock;

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

/// A checkpoint in a file. It is written to another file beside it, which then takes its place. On Unix only its owner
/// may read it. A symbolic link stays, and what it leads to is the file, for the lock as well.
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

    /// Keeps other processes from working by the same checkpoint, for as long as the lock is held. Nothing else asks for
    /// it: take it before [`Upgrades::run`](crate::Upgrades::run) or `continue_run`, and hold it until the run has ended.
    ///
    /// It is a lock of the operating system on a file beside the checkpoint, its name with `.lock` behind. The system frees
    /// it when the process ends, however it ends; the file stays. What a killed process left half-written beside the
    /// checkpoint is removed.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::WouldBlock`] if another process holds it, naming that process; else what keeps the file from being
    /// locked. Some network file systems cannot lock.
    pub fn lock(&self) -> io::Result<CheckpointLock> {
        let file = self.without_links()?;
        let lock = CheckpointLock::take(&file.beside("", ".lock")?)?;
        file.sweep();
        Ok(lock)
    }

    /// The file that links lead to, so that none is replaced by what is written. Whatever else has the name is left alone: to
    /// take the place of a device or a pipe is never meant.
    fn without_links(&self) -> io::Result<Self> {
        let path = match fs::canonicalize(&self.path) {
            Ok(path) if fs::metadata(&path)?.is_file() => path,
            Ok(_) => {
                let problem = "it is no regular file: name a file that is one, or is not there yet";
                return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
            }
            // A link may lead to where no file is yet.
            Err(_) => match fs::read_link(&self.path) {
                Ok(leads_to) => folder(&self.path).join(leads_to),
                Err(_) => self.path.clone(),
            },
        };
        Ok(Self { path })
    }

    /// Removes what killed processes were writing. What cannot be removed does no harm.
    fn sweep(&self) {
        let (Ok(start), Ok(entries)) = (self.beside(".", "."), fs::read_dir(folder(&self.path))) else { return };
        let start = start.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let process = name.to_str().and_then(|name| name.strip_prefix(&start)?.strip_suffix(".tmp"));
            if process.is_some_and(|process| process.bytes().all(|byte| byte.is_ascii_digit())) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// A path in the same folder, named after the file.
    fn beside(&self, before: &str, behind: &str) -> io::Result<PathBuf> {
        let name = self.path.file_name().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("{} does not name a file", self.path.display()))
        })?;
        let mut beside = std::ffi::OsString::from(before);
        beside.push(name);
        beside.push(behind);
        Ok(self.path.with_file_name(beside))
    }

    fn write(&self, text: &str, beside: &Path) -> io::Result<()> {
        let mut file = private().create(true).truncate(true).open(beside)?;
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
        // The process is named, so that two of them never write to the same file.
        let file = self.without_links()?;
        let beside = file.beside(".", &format!(".{}.tmp", std::process::id()))?;
        file.write(checkpoint, &beside).inspect_err(|_| {
            // What is left of it is of no use, and may not even be there.
            let _ = fs::remove_file(&beside);
        })
    }
}

/// Options for a file that nobody else may read.
#[cfg(unix)]
pub(super) fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// Elsewhere files have the rights of their folder.
#[cfg(not(unix))]
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    options
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new name in a folder outlasts a loss of power only once the folder is written, too.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
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

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        // What was there before does not decide.
        fs::write(&path, "").unwrap();
        CheckpointFile::new(&path).save("one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn one_process_at_a_time_holds_the_lock_and_clears_up() {
        let folder = tempfile::tempdir().unwrap();
        let file = CheckpointFile::new(folder.path().join("run.json"));
        let left = [".run.json.4711.tmp", ".run.json.4711.bak", ".other.json.4711.tmp", "run.json.4711.tmp"];
        for name in left {
            fs::write(folder.path().join(name), "{").unwrap();
        }
        let lock = file.lock().unwrap();
        assert_eq!(left.map(|name| folder.path().join(name).exists()), [false, true, true, true]);
        let refused = file.lock().unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
        assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
        assert_eq!(fs::read_to_string(lock.path()).unwrap(), format!("{}\n", std::process::id()));
        drop(lock);
        assert!(file.lock().is_ok());
        assert!(CheckpointFile::new(folder.path().join("missing/run.json")).lock().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_leads_to_the_checkpoint_and_its_lock() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let (kept, link) = (folder.path().join("kept"), folder.path().join("run.json"));
        fs::create_dir(&kept).unwrap();
        // There is nothing yet where it leads.
        symlink("kept/run.json", &link).unwrap();
        let file = CheckpointFile::new(&link);
        let _lock = file.lock().unwrap();
        for text in ["one", "two"] {
            file.save(text).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(kept.join("run.json")).unwrap(), text);
        }
        let refused = CheckpointFile::new(kept.join("run.json")).lock().unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock, "{refused}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("run.json");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let file = CheckpointFile::new(&socket);
        assert_eq!(file.save("one").unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(file.lock().unwrap_err().kind(), io::ErrorKind::InvalidInput);
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
