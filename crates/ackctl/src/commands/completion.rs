//! `completion`: the script by which a shell asks this program.

use std::path::Path;

use crate::arguments::CompletionArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

pub(crate) fn run(arguments: &CompletionArguments, session: &Session) -> Result<Exit, Failure> {
    let script = arguments.shell.script(&callable(&session.program));
    let script = script.map_err(|error| Failure::error(format!("the script cannot be made: {error}")))?;
    session.print(&script)?;
    Ok(Exit::Success)
}

/// The program as it can be called from any folder: by its name if it was called so, else by its whole path.
fn callable(program: &str) -> String {
    let path = Path::new(program);
    if path.components().count() < 2 {
        return program.to_owned();
    }
    // Where the path cannot be made whole, it is as good as it was.
    std::path::absolute(path).map_or_else(|_| program.to_owned(), |path| path.to_string_lossy().into_owned())
}
