//! Handles of upgrades in files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ack_upgrade::UpgradeHandle;

use crate::failure::Failure;
use crate::text_file::unreadable;
use crate::whole_file;

/// Far more than a handle needs.
const LARGEST: u64 = 64 * 1024;

/// Reads a handle from a file, or from standard input if the name is `-`.
pub(crate) fn read(name: &str, stdin: &mut dyn Read) -> Result<UpgradeHandle, Failure> {
    let shown = if name == "-" { "standard input" } else { name };
    let remedy = "name a file that `ackctl upgrade start --handle FILE` has written, or give the ID of the cluster";
    let mut text = String::new();
    let read = match name {
        "-" => stdin.take(LARGEST + 1).read_to_string(&mut text),
        _ => File::open(name).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text)),
    };
    if read.map_err(|error| unreadable(&format!("--handle: {shown}"), &error, remedy))? as u64 > LARGEST {
        return Err(Failure::usage(format!("--handle: {shown} is larger than {LARGEST} bytes, so it holds no handle")));
    }
    UpgradeHandle::from_json(&text).map_err(|error| Failure::usage(format!("--handle: {shown}: {error}")))
}

/// Writes a handle, so that a reader sees all of it or what was there before.
pub(crate) fn write(name: &str, handle: &UpgradeHandle) -> Result<(), Failure> {
    whole_file::write(Path::new(name), handle.to_json().as_bytes())
        .map_err(|error| Failure::error(format!("the handle cannot be written to {name}: {error}")))
}

/// Refuses a file that cannot be written before an upgrade is started whose handle it is to hold.
pub(crate) fn check(name: &str) -> Result<(), Failure> {
    whole_file::check(Path::new(name))
        .map_err(|error| Failure::usage(format!("--handle: {name} cannot be written: {error}; nothing was started")))
}
