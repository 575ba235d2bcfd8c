//! Handles of upgrades in files.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use ack_upgrade::UpgradeHandle;

use crate::failure::Failure;

/// Far more than a handle needs.
const LARGEST: u64 = 64 * 1024;

/// Reads a handle from a file, or from standard input if the name is `-`.
pub(crate) fn read(name: &str, stdin: &mut dyn Read) -> Result<UpgradeHandle, Failure> {
    let shown = if name == "-" { "standard input" } else { name };
    let unreadable = |error: &io::Error| Failure::usage(format!("--handle: {shown} cannot be read: {error}"));
    let mut text = String::new();
    let read = match name {
        "-" => stdin.take(LARGEST + 1).read_to_string(&mut text),
        _ => File::open(name).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text)),
    };
    if read.map_err(|error| unreadable(&error))? as u64 > LARGEST {
        return Err(Failure::usage(format!("--handle: {shown} is larger than {LARGEST} bytes, so it holds no handle")));
    }
    UpgradeHandle::from_json(&text).map_err(|error| Failure::usage(format!("--handle: {shown}: {error}")))
}

/// Writes a handle, so that a reader sees all of it or what was there before.
pub(crate) fn write(name: &str, handle: &UpgradeHandle) -> Result<(), Failure> {
    let path = Path::new(name);
    let file = path.file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
    let beside: PathBuf = path.with_file_name(format!(".{file}.{}.tmp", std::process::id()));
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(handle.to_json().as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        // What is left of the attempt is of no use to anybody, and may not even be there.
        let _ = fs::remove_file(&beside);
        Failure::error(format!("the handle cannot be written to {name}: {error}"))
    })
}
