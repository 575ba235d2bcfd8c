//! `man`: the pages of the manual.

use std::fs;

use crate::arguments::ManArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::manual::{page, pages};
use crate::session::Session;
use crate::whole_file;

pub(crate) fn run(arguments: &ManArguments, session: &Session) -> Result<Exit, Failure> {
    let unwritten = |error: std::io::Error| Failure::error(format!("the page cannot be written: {error}"));
    let Some(dir) = &arguments.dir else {
        let name = arguments.command.join(" ");
        let page = page(&arguments.command).map_err(unwritten)?;
        let page = page.ok_or_else(|| {
            Failure::usage(format!("there is no command {name:?}: `ackctl --help` lists them, such as upgrade start"))
        })?;
        session.print(&page.text)?;
        return Ok(Exit::Success);
    };
    let refuse = |error: std::io::Error| Failure::error(format!("--dir {} cannot be written: {error}", dir.display()));
    fs::create_dir_all(dir).map_err(refuse)?;
    let pages = pages().map_err(unwritten)?;
    for page in &pages {
        whole_file::write(&dir.join(&page.file), page.text.as_bytes()).map_err(refuse)?;
    }
    session.note(&format!("{} pages are in {}", pages.len(), dir.display()));
    Ok(Exit::Success)
}
