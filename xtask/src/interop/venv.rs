//! The virtual environment that the script runs in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::note;
use crate::process::Process;

/// How long Python may take to tell of itself.
const PROBE_LIMIT: Duration = Duration::from_secs(30);

/// How long the environment may take to make, and how long pip may take to fill it.
const INSTALL_LIMIT: Duration = Duration::from_secs(5 * 60);

/// The oldest Python with which the SDK's pinned packages have been resolved.
const OLDEST_PYTHON: (u32, u32) = (3, 9);

/// Prints the version on one line and the missing modules among the two that an environment needs on the next.
const PROBE: &str = "import sys, importlib.util as u
print('%d.%d.%d' % sys.version_info[:3])
print(' '.join(m for m in ('venv', 'ensurepip') if u.find_spec(m) is None))";

/// Written last into an environment: what it was made from.
const STAMP: &str = "made-from.txt";

/// Gives the Python of the environment in `folder`, which has `requirements` installed. One that was made from the same
/// requirements with the same Python is used again, any other is made anew.
pub(crate) fn prepare(python: &Path, requirements: &Path, folder: &Path) -> Result<PathBuf> {
    let wanted = fs::read_to_string(requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let stamp = format!("# {}, Python {}\n{wanted}", python.display(), usable_version(python)?);
    let own_python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp_file = folder.join(STAMP);
    if own_python.exists() && fs::read_to_string(&stamp_file).is_ok_and(|made_from| made_from == stamp) {
        return Ok(own_python);
    }
    note(&format!("installing the official SDK into {}", folder.display()));
    make(python, folder)?;
    install(&own_python, requirements)?;
    fs::write(&stamp_file, stamp).with_context(|| format!("cannot write {}", stamp_file.display()))?;
    Ok(own_python)
}

fn make(python: &Path, folder: &Path) -> Result<()> {
    let mut command = Command::new(python);
    command.args(["-m", "venv", "--clear"]).arg(folder).stdout(Stdio::null());
    let status = Process::start("python -m venv", &mut command)?.wait(INSTALL_LIMIT)?;
    if !status.success() {
        bail!("python -m venv failed with {status}; its messages are above");
    }
    Ok(())
}

fn install(own_python: &Path, requirements: &Path) -> Result<()> {
    let mut command = Command::new(own_python);
    command.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--requirement"]);
    command.arg(requirements).env_remove("PYTHONPATH").env_remove("PYTHONHOME").stdout(Stdio::null());
    let status = Process::start("pip install", &mut command)?.wait(INSTALL_LIMIT)?;
    if !status.success() {
        bail!(
            "pip could not install {} ({status}); its messages are above. If it did not reach its package index, see \
             `pip config list` for the address and the proxy it uses",
            requirements.display()
        );
    }
    Ok(())
}

/// The version of a Python that can make environments.
fn usable_version(python: &Path) -> Result<String> {
    let mut command = Command::new(python);
    command.args(["-c", PROBE]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut probe = Process::start("the check of Python", &mut command)
        .context("install Python 3.9 or later, or name it with --python")?;
    let lines = probe.lines()?;
    let deadline = Instant::now() + PROBE_LIMIT;
    let version = lines.next(deadline)?.unwrap_or_default();
    let missing = lines.next(deadline)?.unwrap_or_default();
    check(&version, &missing).with_context(|| format!("{} cannot be used", python.display()))?;
    Ok(version)
}

fn check(version: &str, missing: &str) -> Result<()> {
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else {
        bail!("it did not tell its version but {version:?}: name a Python of version 3.9 or later with --python");
    };
    if (major, minor) < OLDEST_PYTHON {
        bail!("it has version {version}: name a Python of version 3.9 or later with --python");
    }
    if !missing.is_empty() {
        bail!(
            "it lacks the standard module {missing}, so it cannot make virtual environments: install it (Debian and \
             Ubuntu: apt-get install python{major}.{minor}-venv), or name another Python with --python"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusable_python_is_explained() {
        let problem = |version, missing| check(version, missing).unwrap_err().to_string();
        assert!(check("3.9.0", "").is_ok() && check("3.14.2", "").is_ok());
        assert_eq!(problem("3.8.10", ""), "it has version 3.8.10: name a Python of version 3.9 or later with --python");
        assert_eq!(
            problem("", ""),
            "it did not tell its version but \"\": name a Python of version 3.9 or later with --python"
        );
        assert_eq!(
            problem("3.11.7", "ensurepip"),
            "it lacks the standard module ensurepip, so it cannot make virtual environments: install it (Debian and \
             Ubuntu: apt-get install python3.11-venv), or name another Python with --python"
        );
    }

    #[test]
    fn a_python_that_is_missing_is_explained() {
        let error = usable_version(Path::new("no-such-python")).unwrap_err();
        assert_eq!(error.to_string(), "install Python 3.9 or later, or name it with --python");
        assert!(format!("{error:#}").contains("cannot start no-such-python"));
    }
}
