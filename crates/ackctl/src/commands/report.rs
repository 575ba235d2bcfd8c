//! `upgrade report`: a page made of a record.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use ack_auth::Clock as _;

use crate::account::Account;
use crate::arguments::{OutputFormat, ReportArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{json, yaml};
use crate::page::page;
use crate::record::Facts;
use crate::session::Session;
use crate::text_file::{source, unreadable};
use crate::whole_file;

/// More than the record of a night with many clusters, and little enough to be held in memory.
const LARGEST: u64 = 256 * 1024 * 1024;

pub(crate) fn run(arguments: &ReportArguments, session: &mut Session) -> Result<Exit, Failure> {
    if let Some(out) = &arguments.out
        && is_same_file(&arguments.file, out)
    {
        return Err(Failure::usage(format!("--out {} is the record itself: name another file", out.display())));
    }
    let bytes = read(&arguments.file, session)?;
    let shown = source("the record", &arguments.file);
    let facts = Facts::parse(&bytes).map_err(|problem| Failure::usage(format!("{shown}: {problem}")))?;
    let account = Account::of(&facts)
        .ok_or_else(|| Failure::usage(format!("{shown} holds no fact: name a file that --record has written")))?;
    if !account.torn_lines.is_empty() {
        let lines: Vec<String> = account.torn_lines.iter().map(ToString::to_string).collect();
        session.note(&format!("warning: {shown} was torn by a crash at line {}", lines.join(", ")));
    }
    let text = match session.output {
        OutputFormat::Table => page(&account, &facts, session.clock.now()),
        OutputFormat::Json => json(&account)?,
        OutputFormat::Yaml => yaml(&account)?,
    };
    match &arguments.out {
        Some(out) => whole_file::write(out, text.as_bytes())
            .map_err(|error| Failure::error(format!("--out {} cannot be written: {error}", out.display())))?,
        None => session.print(&text)?,
    }
    Ok(Exit::Success)
}

fn read(file: &str, session: &mut Session) -> Result<Vec<u8>, Failure> {
    let shown = source("the record", file);
    let mut bytes = Vec::new();
    let read = match file {
        "-" => (&mut session.stdin).take(LARGEST + 1).read_to_end(&mut bytes),
        _ => File::open(file).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)),
    };
    let remedy = "name a file that --record of an `ackctl upgrade` command has written";
    let read = read.map_err(|error| unreadable(&shown, &error, remedy))?;
    if u64::try_from(read).is_ok_and(|read| read > LARGEST) {
        let mebibytes = LARGEST / 1024 / 1024;
        return Err(Failure::usage(format!("{shown} is larger than {mebibytes} MiB: split it by its lines")));
    }
    Ok(bytes)
}

fn is_same_file(file: &str, out: &Path) -> bool {
    match (Path::new(file).canonicalize(), out.canonicalize()) {
        (Ok(file), Ok(out)) => file == out,
        _ => false,
    }
}
