//! What a shell offers when somebody presses Tab.
//!
//! A script that `ackctl completion` prints makes the shell call this program with [`ASKED`] in its environment. clap's engine
//! finds what could stand at the cursor; clusters, node pools and profiles are looked up only where one of them could. Whatever
//! goes wrong, nothing is said and nothing is offered: it is somebody's prompt that this would be printed into.

mod dynamic;
mod shell;

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use clap_complete::engine::{CompletionCandidate, complete};

use crate::arguments::{Arguments, Global, OutputFormat};
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::session::Session;

pub(crate) use shell::Shell;

use dynamic::{Found, Offers};

/// The variable by which a script asks, with the name of its shell as the value.
pub(crate) const ASKED: &str = "ACKCTL_COMPLETE";

/// How long to look for clusters and their like. Longer than that nobody waits for a prompt.
const LIMIT: Duration = Duration::from_millis(2500);

/// The shell that asks for completions, if one does.
pub(crate) fn asking_shell(context: &Context) -> Option<Shell> {
    context.environment.var(ASKED).and_then(|name| Shell::named(&name))
}

/// Prints what could stand at the cursor. `arguments` are this program, `--`, and the words of the command line.
pub(crate) async fn answer(shell: Shell, arguments: Vec<OsString>, context: Context) -> Exit {
    let mut words = arguments;
    let start = words.iter().position(|word| word == "--").map_or(words.len(), |dashes| dashes + 1);
    words.drain(..start);
    let at = shell.cursor(&mut words, &*context.environment);
    let stdout = context.stdout.clone();
    let candidates = candidates(words, at, context).await;
    let text = shell.written(&candidates);
    // There is nobody to tell of an error.
    let _ = stdout.print(&text);
    Exit::Success
}

async fn candidates(words: Vec<OsString>, at: usize, context: Context) -> Vec<CompletionCandidate> {
    if at >= words.len() {
        return Vec::new();
    }
    let offers = Arc::new(Offers::new(&words[..at]));
    let folder = std::env::current_dir().ok();
    let ask = || complete(&mut offers.clone().command(), words.clone(), at, folder.as_deref()).unwrap_or_default();
    let without = ask();
    let Some(wanted) = offers.wanted() else { return without };
    let found = look_up(&words[..at], wanted, context).await.unwrap_or_default();
    offers.provide(found);
    ask()
}

/// Looks up what is wanted, with the region, profile and other options of the words.
async fn look_up(words: &[OsString], wanted: dynamic::Wanted, context: Context) -> Option<Found> {
    let matches = Arguments::command().ignore_errors(true).try_get_matches_from(words).ok()?;
    let mut global =
        Global::from_arg_matches(innermost(&matches)).or_else(|_| Global::from_arg_matches(&matches)).ok()?;
    global.timeout = global.timeout.min(LIMIT);
    let cluster_id = innermost(&matches).try_get_one::<String>("cluster_id").ok().flatten().cloned();
    // Sources of credentials may warn of something.
    let silent = Context { stderr: Stream::new(std::io::sink()), ..context };
    let mut session = Session::new(silent, global, OutputFormat::Table, false);
    tokio::time::timeout(LIMIT, dynamic::found(wanted, cluster_id.as_deref(), &mut session)).await.ok()?
}

/// The matches of the command that the words lead to.
fn innermost(matches: &ArgMatches) -> &ArgMatches {
    let mut inner = matches;
    while let Some((_, below)) = inner.subcommand() {
        inner = below;
    }
    inner
}
