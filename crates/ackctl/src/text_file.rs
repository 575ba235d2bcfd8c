//! Text that an option names: in a file, or on standard input.

use std::fs::File;
use std::io::{self, Read};

use crate::failure::Failure;

/// Far more than any of it needs.
const LARGEST: u64 = 16 * 1024 * 1024;

/// All text of a file or of standard input. `remedy` says what to do where there is no such file.
///
/// Reading blocks, and with it everything else; but there is nothing else to do before the input is known, and Ctrl-C
/// still ends the process.
pub(crate) fn text_of(option: &str, file: &str, remedy: &str, stdin: &mut dyn Read) -> Result<String, Failure> {
    let source = source(option, file);
    let mut opened;
    let reader: &mut dyn Read = if file == "-" {
        stdin
    } else {
        opened = File::open(file).map_err(|error| unreadable(&source, &error, remedy))?;
        &mut opened
    };
    let mut bytes = Vec::new();
    let read = reader.take(LARGEST + 1).read_to_end(&mut bytes);
    let read = read.map_err(|error| unreadable(&source, &error, remedy))?;
    if u64::try_from(read).is_ok_and(|read| read > LARGEST) {
        return Err(Failure::usage(format!("{source} is larger than {} MiB: pass less", LARGEST / 1024 / 1024)));
    }
    let text = String::from_utf8(bytes)
        .map_err(|error| Failure::usage(format!("{source} is not UTF-8 text: {}", error.utf8_error())))?;
    // Editors on Windows put a byte order mark in front.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Why a file cannot be read, and what to do where there is none.
pub(crate) fn unreadable(source: &str, error: &io::Error, remedy: &str) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound => Failure::usage(format!("{source} does not exist: {remedy}")),
        _ => Failure::usage(format!("{source} cannot be read: {error}")),
    }
}

/// What messages call it.
pub(crate) fn source(option: &str, file: &str) -> String {
    if file == "-" { "standard input".to_owned() } else { format!("{option} {file}") }
}
