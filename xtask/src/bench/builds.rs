//! What it costs to build.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result};

use super::Run;
use super::choice::Choice;
use super::rows::{LIBRARIES, Measured, Table, UNICODE_RS};
use crate::cargo;

/// Our crates in a program that uses the client.
const CLIENT: [&str; 4] = ["ack-models", "ack-codec", "ack-auth", "ack-client"];

/// What the program at the top may choose: `idna_adapter` says which of its versions stands for which library.
const IDNA_BY_UNICODE_RS: [&str; 4] = ["--package", "idna_adapter", "--precise", "1.1.0"];

const CLEAN: &str = "build/clean";
const INCREMENTAL: &str = "build/incremental";

/// A crate that uses what is measured, with the profile of whoever writes no other.
fn manifest(dependencies: &str) -> String {
    format!(
        "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependencies}\n"
    )
}

/// Measures clean and incremental builds, as far as they are chosen.
pub(super) fn measure(run: &Run<'_>, table: &mut Table, choice: &Choice) -> Result<()> {
    if choice.has(CLEAN) {
        measure_clean(run, table)?;
    }
    if choice.has(INCREMENTAL) {
        let (own, peer) = incremental(run)?;
        table.insert(INCREMENTAL, Measured { own, peer, unit: "ns".to_owned() });
    }
    Ok(())
}

/// Clean builds, each in a folder of its own that is empty before.
fn measure_clean(run: &Run<'_>, table: &mut Table) -> Result<()> {
    let client = run.root.join("crates/ack-client");
    let client = client.to_str().context("the folder of the workspace has a name that is not text")?;
    let dependency = format!("ack-client = {{ path = {client:?} }}");
    let (own, of_others) = clean_build(run, &dependency, "ack_client", &[], &CLIENT)?;
    let (pinned, _) = clean_build(run, &dependency, "ack_client", &IDNA_BY_UNICODE_RS, &[])?;
    let aws = "aws-config = \"1\"\naws-sdk-eks = \"1\"";
    let (peer, _) = clean_build(run, aws, "{aws_config, aws_sdk_eks}", &[], &[])?;
    table.insert(CLEAN, Measured { own, peer, unit: "ns".to_owned() });
    table.insert(LIBRARIES, Measured { own: of_others, peer, unit: "ns".to_owned() });
    table.insert(UNICODE_RS, Measured { own: pinned, peer, unit: "ns".to_owned() });
    Ok(())
}

/// The processor time of a build of this workspace's own crates, as a developer makes it, after one file was touched, and of
/// the same build from nothing. The crates of others are built before.
fn incremental(run: &Run<'_>) -> Result<(f64, f64)> {
    let ours = run.area.join("build");
    empty(&ours)?;
    let manifest = run.root.join("Cargo.toml");
    // One command for all of them: with other packages other features are asked for, and libraries are built again.
    let all = ["--package", "ackctl"];
    build(run, &manifest, &ours, &all)?;
    clean(run, &manifest, &ours, &[], &[&CLIENT[..], &["ack-upgrade", "ack-emulator", "ackctl"]].concat())?;
    let full = build(run, &manifest, &ours, &all)?;
    let touched = Touched::now(&run.root.join("crates/ack-client/src/client.rs"))?;
    let again = build(run, &manifest, &ours, &all);
    touched.restore()?;
    empty(&ours)?;
    Ok((again?, full))
}

/// A file that looks as if it had just been written. Its time is given back, or every later build would take it for new.
struct Touched {
    file: fs::File,
    before: SystemTime,
    path: PathBuf,
}

impl Touched {
    fn now(path: &Path) -> Result<Self> {
        let touch = || {
            let file = fs::File::options().write(true).open(path)?;
            let before = file.metadata()?.modified()?;
            file.set_modified(SystemTime::now())?;
            Ok::<_, io::Error>(Self { file, before, path: path.to_owned() })
        };
        touch().with_context(|| format!("cannot touch {}", path.display()))
    }

    fn restore(self) -> Result<()> {
        let restored = self.file.set_modified(self.before);
        restored.with_context(|| format!("cannot give {} its time back", self.path.display()))
    }
}

/// The processor time of a release build of a crate and all it depends on, and how much of it is left without the crates named
/// and itself. `pin` are arguments of `cargo update`, none for what a user gets unasked.
fn clean_build(run: &Run<'_>, dependencies: &str, used: &str, pin: &[&str], own_crates: &[&str]) -> Result<(f64, f64)> {
    let folder = run.area.join("consumer");
    empty(&folder)?;
    fs::create_dir_all(folder.join("src"))?;
    let (manifest_file, target) = (folder.join("Cargo.toml"), folder.join("target"));
    fs::write(&manifest_file, manifest(dependencies))?;
    fs::write(folder.join("src/lib.rs"), format!("pub use {used};\n"))?;
    if !pin.is_empty() {
        command(run, &["update", "--quiet", "--manifest-path"], &manifest_file, pin)?;
    }
    let time = build(run, &manifest_file, &target, &["--release"])?;
    let mut of_others = time;
    if !own_crates.is_empty() {
        clean(run, &manifest_file, &target, &["--release"], &[own_crates, &["consumer"]].concat())?;
        of_others -= build(run, &manifest_file, &target, &["--release"])?;
    }
    empty(&folder)?;
    Ok((time, of_others))
}

/// The processor time of a build, in nanoseconds.
fn build(run: &Run<'_>, manifest: &Path, target: &Path, arguments: &[&str]) -> Result<f64> {
    // Downloads are no part of it.
    command(run, &["fetch", "--quiet", "--manifest-path"], manifest, &[])?;
    let target = target.to_str().context("the target folder has a name that is not text")?;
    let mut all = vec!["--target-dir", target];
    all.extend(arguments);
    command(run, &["build", "--quiet", "--manifest-path"], manifest, &all)
}

fn clean(run: &Run<'_>, manifest: &Path, target: &Path, profile: &[&str], crates: &[&str]) -> Result<f64> {
    let target = target.to_str().context("the target folder has a name that is not text")?;
    let mut all = vec!["--target-dir", target];
    all.extend(profile);
    all.extend(crates.iter().flat_map(|name| ["--package", name]));
    command(run, &["clean", "--quiet", "--manifest-path"], manifest, &all)
}

fn command(run: &Run<'_>, first: &[&str], manifest: &Path, rest: &[&str]) -> Result<f64> {
    let manifest = manifest.to_str().context("the folder of the workspace has a name that is not text")?;
    let arguments: Vec<&str> = first.iter().copied().chain([manifest]).chain(rest.iter().copied()).collect();
    run.process_once(Path::new(&cargo::program()), &arguments)
}

fn empty(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot empty {}", folder.display()))
        }
        _ => Ok(fs::create_dir_all(folder)?),
    }
}
