//! Calls of the program, to their end or to a moment.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::cloud::Cloud;

/// Calls the program to its end, and gives what it printed.
pub(crate) fn call(arguments: &[impl AsRef<OsStr> + fmt::Debug], cloud: &Cloud, folder: &Path) -> String {
    let done = command(arguments, cloud, folder).output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn command(arguments: &[impl AsRef<OsStr>], cloud: &Cloud, folder: &Path) -> Command {
    let keys = &cloud.announcement;
    let mut command = Command::new(env!("CARGO_BIN_EXE_ackctl"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("ALIBABA_CLOUD_REGION_ID", &keys.region)
        .env("ALIBABA_CLOUD_ENDPOINT", &keys.endpoint)
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", &keys.access_key_id)
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", &keys.access_key_secret)
        .stdin(Stdio::null());
    command
}

/// A call that may be killed. None is left behind, however the test ends.
pub(crate) struct Process {
    child: Child,
    folder: PathBuf,
}

impl Process {
    pub(crate) fn start(arguments: &[impl AsRef<OsStr>], cloud: &Cloud, folder: &Path) -> Self {
        let file = |name: &str| Stdio::from(std::fs::File::create(folder.join(name)).unwrap());
        let child = command(arguments, cloud, folder).stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap();
        Self { child, folder: folder.to_owned() }
    }

    /// Kills it at a moment, or at the deadline. How it ended, if it did so by itself before.
    pub(crate) fn killed_at(&mut self, moment: Option<Instant>, deadline: Instant) -> Option<ExitStatus> {
        let moment = moment.unwrap_or(deadline).min(deadline);
        while Instant::now() < moment {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(1));
        }
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        // It may have ended just before.
        status.code().map(|_| status)
    }

    /// The end of what it printed.
    pub(crate) fn said(&self) -> String {
        let text = |name: &str| std::fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        let last: Vec<String> = text("stdout").lines().rev().take(5).map(str::to_owned).collect();
        format!("{}\n{}", text("stderr"), last.join("\n"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
