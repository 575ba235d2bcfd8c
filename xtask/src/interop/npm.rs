//! The packages that the script in JavaScript runs on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::note;
use crate::process::Process;

/// How long node may take to tell of itself.
const PROBE_LIMIT: Duration = Duration::from_secs(30);

/// How long npm may take to install.
const INSTALL_LIMIT: Duration = Duration::from_secs(5 * 60);

/// The oldest Node.js that has all that the script uses: `fetch` and `AbortSignal.timeout`.
const OLDEST_NODE: u32 = 18;

/// Written last into a folder of packages: what it was made from.
const STAMP: &str = "made-from.txt";

/// The files that say which packages.
const MANIFESTS: [&str; 2] = ["package.json", "package-lock.json"];

/// Gives the folder of packages to put on `NODE_PATH`, in which those of the manifests in `script_folder` are installed.
/// One that was made from the same manifests with the same Node.js is used again, any other is made anew.
pub(super) fn prepare(node: &Path, npm: &Path, script_folder: &Path, folder: &Path) -> Result<PathBuf> {
    let mut stamp = format!("# {}, Node.js {}\n", node.display(), usable_version(node)?);
    for manifest in MANIFESTS {
        let path = script_folder.join(manifest);
        stamp += &fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    let packages = folder.join("node_modules");
    let stamp_file = folder.join(STAMP);
    if packages.exists() && fs::read_to_string(&stamp_file).is_ok_and(|made_from| made_from == stamp) {
        return Ok(packages);
    }
    note(&format!("installing the official TypeScript SDK into {}", folder.display()));
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // Where npm fails halfway, what is there must not pass for what was there before.
    let _ = fs::remove_file(&stamp_file);
    for manifest in MANIFESTS {
        let copy = folder.join(manifest);
        fs::copy(script_folder.join(manifest), &copy).with_context(|| format!("cannot write {}", copy.display()))?;
    }
    install(npm, folder)?;
    fs::write(&stamp_file, stamp).with_context(|| format!("cannot write {}", stamp_file.display()))?;
    Ok(packages)
}

fn install(npm: &Path, folder: &Path) -> Result<()> {
    let mut command = Command::new(npm);
    // No package has a script that is needed, and none shall run.
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]);
    command.current_dir(folder).env("npm_config_update_notifier", "false").stdin(Stdio::null()).stdout(Stdio::null());
    let install = Process::start("npm ci", &mut command);
    let status =
        install.context("install npm, which comes with Node.js, or name it with --npm")?.wait(INSTALL_LIMIT)?;
    if !status.success() {
        bail!(
            "npm could not install the packages of {} ({status}); its messages are above. If it did not reach its \
             registry, see `npm config list` for the address and the proxy it uses",
            folder.join("package-lock.json").display()
        );
    }
    Ok(())
}

/// The version of a Node.js that is not too old.
fn usable_version(node: &Path) -> Result<String> {
    let mut command = Command::new(node);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::piped());
    let probe = Process::start("the check of Node.js", &mut command);
    let mut probe = probe.with_context(|| format!("install Node.js {OLDEST_NODE} or later, or name it with --node"))?;
    let version = probe.lines()?.next(Instant::now() + PROBE_LIMIT)?.unwrap_or_default();
    check(&version).with_context(|| format!("{} cannot be used", node.display()))?;
    Ok(version)
}

fn check(version: &str) -> Result<()> {
    let major = version.strip_prefix('v').and_then(|numbers| numbers.split('.').next()?.parse::<u32>().ok());
    match major {
        None => bail!("it did not tell its version but {version:?}: name a Node.js with --node"),
        Some(major) if major < OLDEST_NODE => {
            bail!("it has version {version}: name a Node.js of version {OLDEST_NODE} or later with --node")
        }
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusable_node_is_explained() {
        let problem = |version| check(version).unwrap_err().to_string();
        assert!(check("v18.0.0").is_ok() && check("v22.11.0").is_ok());
        assert_eq!(problem("v16.20.2"), "it has version v16.20.2: name a Node.js of version 18 or later with --node");
        assert_eq!(problem(""), "it did not tell its version but \"\": name a Node.js with --node");
    }

    #[test]
    fn a_node_that_is_missing_is_explained() {
        let error = usable_version(Path::new("no-such-node")).unwrap_err();
        assert_eq!(error.to_string(), "install Node.js 18 or later, or name it with --node");
        assert!(format!("{error:#}").contains("cannot start no-such-node"));
    }
}
