//! The commands that print credentials, behind a trait.

use std::fmt;
use std::future::Future;
use std::io::{self, Read};
use std::pin::Pin;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use futures_channel::oneshot;
use zeroize::Zeroizing;

/// The most bytes of output that are read: 1 MiB.
const OUTPUT_LIMIT: u64 = 1 << 20;

/// How often a running command is looked at.
const TICK: Duration = Duration::from_millis(10);

/// The future a [`CommandRunner`] answers with.
pub type CommandFuture<'a> = Pin<Box<dyn Future<Output = io::Result<Zeroizing<Vec<u8>>>> + Send + 'a>>;

/// Runs the command of a CLI profile of mode `External` and gives what it printed.
pub trait CommandRunner: fmt::Debug + Send + Sync {
    /// Runs `program` with `arguments`, without a shell, for at most `limit`, and gives its standard
    /// output, at most 1 MiB.
    ///
    /// # Errors
    ///
    /// When the program cannot be started, ends with a failure, prints too much or takes too long.
    /// The error is displayed to users, so it must quote neither the arguments nor the output.
    fn run(&self, program: String, arguments: Vec<String>, limit: Duration) -> CommandFuture<'_>;
}

/// The processes of this machine, through [`std::process`].
///
/// A command runs with the environment and working folder of this process, no standard input, and
/// its standard error thrown away. It is waited for on a thread of its own, so any executor will do;
/// it is killed when its time is up and when the future is dropped.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemCommands;

impl CommandRunner for SystemCommands {
    fn run(&self, program: String, arguments: Vec<String>, limit: Duration) -> CommandFuture<'_> {
        Box::pin(async move {
            let (sender, receiver) = oneshot::channel();
            thread::Builder::new().name("credentials-command".to_owned()).spawn(move || {
                let outcome = supervise(&program, &arguments, limit, || sender.is_canceled());
                // Nobody is left to tell when the future was dropped.
                let _ = sender.send(outcome);
            })?;
            receiver.await.unwrap_or_else(|_| Err(io::Error::other("the thread that waits for the command ended")))
        })
    }
}

impl<T: CommandRunner + ?Sized> CommandRunner for Arc<T> {
    fn run(&self, program: String, arguments: Vec<String>, limit: Duration) -> CommandFuture<'_> {
        (**self).run(program, arguments, limit)
    }
}

fn supervise(
    program: &str,
    arguments: &[String],
    limit: Duration,
    is_abandoned: impl Fn() -> bool,
) -> io::Result<Zeroizing<Vec<u8>>> {
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let outcome = attend(&mut child, || started.elapsed() >= limit, is_abandoned);
    if outcome.is_err() {
        // It may have ended meanwhile; either way it must not stay behind as a zombie.
        let _ = child.kill();
        let _ = child.wait();
    }
    let (status, output) = outcome?;
    if status.success() { Ok(output) } else { Err(io::Error::other(format!("it ended with {status}"))) }
}

/// Collects the output while watching the clock. A reader of its own keeps a full pipe from stopping
/// the command, and keeps a grandchild that holds the pipe open from stopping us.
fn attend(
    child: &mut Child,
    is_late: impl Fn() -> bool,
    is_abandoned: impl Fn() -> bool,
) -> io::Result<(ExitStatus, Zeroizing<Vec<u8>>)> {
    let pipe = child.stdout.take().ok_or_else(|| io::Error::other("its output is not readable"))?;
    let reader = thread::Builder::new().name("credentials-output".to_owned()).spawn(move || {
        let mut output = Zeroizing::new(Vec::with_capacity(16 * 1024));
        pipe.take(OUTPUT_LIMIT.saturating_add(1)).read_to_end(&mut output).map(|_| output)
    })?;
    let mut reader = Some(reader);
    let mut output = None;
    loop {
        if let Some(done) = reader.take_if(|reader| reader.is_finished()) {
            let read = done.join().map_err(|_| io::Error::other("the thread that reads its output ended"))?;
            output = Some(read?);
        }
        if output.as_ref().is_some_and(|output: &Zeroizing<Vec<u8>>| output.len() as u64 > OUTPUT_LIMIT) {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it printed more than 1 MiB"));
        }
        if output.is_some()
            && let Some(status) = child.try_wait()?
        {
            return Ok((status, output.unwrap_or_default()));
        }
        if is_late() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it did not finish in time"));
        }
        if is_abandoned() {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "nobody waits for it any more"));
        }
        thread::sleep(TICK);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::ready::block_on;

    fn run(program: &str, arguments: &[&str], limit: Duration) -> io::Result<Zeroizing<Vec<u8>>> {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        block_on(SystemCommands.run(program.to_owned(), arguments, limit))
    }

    #[test]
    fn output_is_collected_and_failures_are_told() {
        let long = Duration::from_secs(60);
        assert_eq!(run("printf", &["a b"], long).unwrap().as_slice(), b"a b");
        assert!(run("false", &[], long).unwrap_err().to_string().starts_with("it ended with exit status"));
        assert_eq!(run("surely-no-such-program", &[], long).unwrap_err().kind(), io::ErrorKind::NotFound);
        let flood = run("head", &["-c", "1048577", "/dev/zero"], long).unwrap_err();
        assert_eq!(flood.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn a_command_that_hangs_is_ended() {
        let started = Instant::now();
        let error = run("sleep", &["300"], Duration::from_millis(30)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(started.elapsed() < Duration::from_secs(100));
    }
}
