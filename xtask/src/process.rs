//! Child processes that neither run on for ever nor outlive what started them.

use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};

/// How often a process is asked whether it has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A process that is killed when its handle is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    name: &'static str,
    child: Child,
}

impl Process {
    /// Starts a command; `name` is what error messages call it.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let child = command.spawn().with_context(|| {
            let program = command.get_program().to_string_lossy();
            format!("{name}: cannot start {program}")
        })?;
        Ok(Self { name, child })
    }

    /// Waits for the end; a process that goes on for longer than `limit` is killed, and that is an error.
    pub(crate) fn wait(mut self, limit: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().with_context(|| format!("cannot wait for {}", self.name))? {
                return Ok(status);
            }
            if Instant::now() >= deadline {
                bail!("{} was still at work after {} s and was stopped", self.name, limit.as_secs());
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Takes the standard output, which the command must have piped. It is read to its end, taken or not, so that the
    /// process never blocks on it.
    pub(crate) fn lines(&mut self) -> Result<Lines> {
        let name = self.name;
        let output = self.child.stdout.take().with_context(|| format!("the output of {name} is not piped"))?;
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                // Nobody listens any more: reading goes on all the same.
                let _ = sender.send(line);
            }
        });
        Ok(Lines { name, receiver })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only for a process that is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process prints.
#[derive(Debug)]
pub(crate) struct Lines {
    name: &'static str,
    receiver: Receiver<io::Result<String>>,
}

impl Lines {
    /// The next line, or none at the end of the output. Neither by `deadline` is an error.
    pub(crate) fn next(&self, deadline: Instant) -> Result<Option<String>> {
        match self.receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => Ok(Some(line.with_context(|| format!("cannot read the output of {}", self.name))?)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(anyhow!("{} printed nothing in the time it was given", self.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    /// A program that is there wherever these tests run, and prints one line.
    fn cargo_version() -> Command {
        let mut command = Command::new(crate::cargo::program());
        command.arg("--version").stdout(Stdio::piped());
        command
    }

    #[test]
    fn lines_come_to_an_end_and_so_does_the_process() {
        let mut process = Process::start("cargo", &mut cargo_version()).unwrap();
        let lines = process.lines().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        assert!(lines.next(deadline).unwrap().unwrap().starts_with("cargo "));
        assert_eq!(lines.next(deadline).unwrap(), None);
        assert!(process.wait(Duration::from_secs(60)).unwrap().success());
    }

    #[test]
    fn what_takes_too_long_is_stopped() {
        // Given a dash, the compiler reads its source from a standard input that here never ends.
        let mut command = Command::new("rustc");
        command.arg("-").stdin(Stdio::piped());
        let error = Process::start("rustc", &mut command).unwrap().wait(Duration::ZERO).unwrap_err();
        assert_eq!(error.to_string(), "rustc was still at work after 0 s and was stopped");
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let error = Process::start("the check", &mut Command::new("no-such-program")).unwrap_err();
        assert_eq!(error.to_string(), "the check: cannot start no-such-program");
    }
}
