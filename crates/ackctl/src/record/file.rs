//! A file that lines are appended to so that each is there as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// How every record begins.
pub(super) const BEGINNING: &str = r#"{"version":1,"at":""#;

/// Where lines go.
pub(super) trait Lines: std::fmt::Debug + Send {
    /// Appends a line, and waits until it would outlast a loss of power.
    fn append(&mut self, line: &str) -> io::Result<()>;
}

/// A record that is open for appending.
#[derive(Debug)]
pub(super) struct RecordFile {
    file: File,
    /// Whether the file may end within a line: a write that failed can have left a part of one.
    torn: bool,
}

impl RecordFile {
    /// Opens a record, or makes one that its owner alone can read. What stands in the way is said as the rest of a
    /// sentence.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let unusable = |error: io::Error| format!("cannot be opened: {error}");
        // A pipe without a reader would block the opening, and a device keeps nothing.
        let is_new = match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => {
                return Err("is no regular file: name a file to append to".to_owned());
            }
            Ok(_) => false,
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(unusable(error)),
        };
        let mut file = options().open(path).map_err(unusable)?;
        if !begins_as_a_record(&mut file).map_err(unusable)? {
            return Err("is there already and holds something else: name another file".to_owned());
        }
        let torn = ends_within_a_line(&mut file).map_err(unusable)?;
        if is_new {
            sync_folder(path).map_err(unusable)?;
        }
        Ok(Self { file, torn })
    }
}

impl Lines for RecordFile {
    fn append(&mut self, line: &str) -> io::Result<()> {
        // A part of a line that was left behind is closed off, so that it takes no other line with it.
        let text = format!("{}{line}\n", if self.torn { "\n" } else { "" });
        // In one piece, so that another process that appends to the same file comes before it or after it.
        self.torn = true;
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()?;
        self.torn = false;
        Ok(())
    }
}

#[cfg(unix)]
fn options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    options
}

/// Whether it is empty, or begins as records do. A handle or a plan is not to be spoiled by a mistyped option.
fn begins_as_a_record(file: &mut File) -> io::Result<bool> {
    let mut beginning = Vec::new();
    file.take(BEGINNING.len() as u64).read_to_end(&mut beginning)?;
    let first = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // A first line may have been torn early; but a brace alone begins any indented JSON.
    let may_be_torn = first.len() > 1 || beginning.len() == first.len();
    Ok(BEGINNING.as_bytes().starts_with(first) && may_be_torn)
}

fn ends_within_a_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
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
