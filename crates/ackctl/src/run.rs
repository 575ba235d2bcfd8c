//! From arguments to an exit code.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use ack_upgrade::Action;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};

use crate::arguments::{Arguments, Auth, Command, Upgrade};
use crate::commands;
use crate::completion;
use crate::context::{Context, Stream};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::logging;
use crate::output::{help_width, printable};
use crate::panics;
use crate::report::Telling;
use crate::session::{Session, colours};

/// Runs the program with the arguments, environment and streams of this process.
#[must_use]
pub fn main() -> ExitCode {
    panics::end_the_program();
    // One thread is plenty for one connection, and it keeps the program small.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            // Where standard error cannot be written either, the exit code is all that is left to say it with.
            let _ = writeln!(io::stderr(), "error: the runtime cannot be set up: {error}");
            return Exit::Error.into();
        }
    };
    let exit = runtime.block_on(run(std::env::args_os(), Context::process()));
    // A name resolution that hangs must not keep the program from ending.
    runtime.shutdown_background();
    exit.into()
}

/// Runs the program. The first of `arguments` is its own name, as [`std::env::args_os`] gives them.
///
/// Errors are printed on standard error of the context. Logs of other tasks on the same thread go there too while it
/// runs, if the arguments ask for logs.
pub async fn run(arguments: impl IntoIterator<Item = OsString>, context: Context) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(shell) = completion::asking_shell(&context) {
        return Box::pin(completion::answer(shell, arguments, context)).await;
    }
    let program = arguments.first().map(|program| program.to_string_lossy().into_owned());
    let arguments = match parse(arguments, &context) {
        Ok(arguments) => arguments,
        Err(exit) => return exit,
    };
    let stderr = context.stderr.clone();
    let no_color = arguments.global.no_color;
    let stderr_colours = colours(&stderr, &*context.environment, no_color);
    let _logging = logging::start(arguments.global.verbose, &stderr, stderr_colours, context.clock.clone());
    let output = arguments.global.format(&arguments.command, context.stdout.is_terminal());
    let mut session = Session::new(context, arguments.global, output, stderr_colours);
    session.program = program.unwrap_or_else(|| "ackctl".to_owned());
    let ended = Box::pin(carry_out(arguments.command, &mut session)).await;
    match session.end_record(ended) {
        Ok(exit) => exit,
        Err(failure) => {
            if let Some(message) = &failure.message {
                say_error(&stderr, message, &failure.details, stderr_colours);
            }
            failure.exit
        }
    }
}

async fn carry_out(command: Command, session: &mut Session) -> Result<Exit, Failure> {
    match command {
        Command::Upgrade(command) => upgrade(*command, session).await,
        Command::Fleet(command) => Box::pin(commands::fleet::run(&command, session)).await,
        Command::Exporter(arguments) => Box::pin(commands::exporter::run(&arguments, session)).await,
        Command::Api(arguments) => commands::api::run(&arguments, session).await,
        Command::Regions => commands::regions::run(session),
        Command::Auth(Auth::Explain) => commands::auth::explain(session).await,
        Command::Emulator(arguments) => commands::emulator::run(&arguments, session).await,
        Command::Completion(arguments) => commands::completion::run(&arguments, session),
        Command::Man(arguments) => commands::man::run(&arguments, session),
        Command::Demo(arguments) => commands::demo::run(&arguments, session).await,
    }
}

async fn upgrade(command: Upgrade, session: &mut Session) -> Result<Exit, Failure> {
    match command {
        Upgrade::Status(arguments) => commands::status::run(&arguments, session).await,
        Upgrade::Plan(arguments) => commands::plan::run(&arguments, session).await,
        Upgrade::Apply(arguments) => commands::run::apply(&arguments, session).await,
        Upgrade::Run(arguments) => commands::run::run(&arguments, session).await,
        Upgrade::Start(arguments) => commands::start::run(&arguments, session).await,
        Upgrade::Watch(arguments) => commands::watch::run(&arguments, Telling::All, session).await,
        Upgrade::Wait(arguments) => commands::watch::run(&arguments, Telling::End, session).await,
        Upgrade::Pause(arguments) => commands::steer::run(Action::Pause, &arguments, session).await,
        Upgrade::Resume(arguments) => commands::steer::run(Action::Resume, &arguments, session).await,
        Upgrade::Cancel(arguments) => commands::steer::run(Action::Cancel, &arguments, session).await,
        Upgrade::History(arguments) => commands::history::run(&arguments, session).await,
        Upgrade::Report(arguments) => commands::report::run(&arguments, session),
    }
}

/// Reads the arguments, or prints what clap has to say instead: help, version or a mistake.
fn parse(arguments: Vec<OsString>, context: &Context) -> Result<Arguments, Exit> {
    // What clap has to say comes in place of the arguments it would have read, so it is looked for by hand.
    let no_color = arguments.iter().any(|argument| argument == "--no-color");
    let mut command = Arguments::command().term_width(usize::from(help_width(&context.stdout)));
    let parsed = command.try_get_matches_from_mut(arguments);
    let parsed = parsed.and_then(|matches| Arguments::from_arg_matches(&matches));
    let parsed = parsed.and_then(|arguments| match arguments.global.contradiction() {
        Some(problem) => Err(command.error(ErrorKind::ArgumentConflict, problem)),
        None => Ok(arguments),
    });
    let (said, exit) = match parsed {
        Ok(arguments) if arguments.command.wants_general_help() => {
            let api = command.find_subcommand_mut("api").map(clap::Command::render_long_help);
            (api.unwrap_or_else(|| command.render_long_help()), Exit::Success)
        }
        Ok(arguments) => return Ok(arguments),
        Err(said) => match said.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => (said.render(), Exit::Success),
            _ => (said.render(), Exit::Usage),
        },
    };
    let stream = if exit == Exit::Success { &context.stdout } else { &context.stderr };
    let text =
        if colours(stream, &*context.environment, no_color) { said.ansi().to_string() } else { said.to_string() };
    match stream.print(&text) {
        Err(error) if exit == Exit::Success => Err(Failure::output(&error).exit),
        _ => Err(exit),
    }
}

fn say_error(stderr: &Stream, message: &str, details: &[String], colours: bool) {
    let label = if colours { "\u{1b}[1;31merror:\u{1b}[0m" } else { "error:" };
    let mut text = format!("{label} {}\n", printable(message));
    for detail in details {
        text.extend(["  ", &printable(detail), "\n"]);
    }
    // Where standard error cannot be written, the exit code still tells.
    let _ = stderr.print(&text);
}
