//! Files that a reader sees as a whole: as they were before, or as they are now.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a file beside the one that is meant, and lets it take its place.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = path.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
    let beside: PathBuf = path.with_file_name(format!(".{file}.{}.tmp", std::process::id()));
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    written.inspect_err(|_| {
        // What is left of the attempt is of no use to anybody, and may not even be there.
        let _ = fs::remove_file(&beside);
    })
}
