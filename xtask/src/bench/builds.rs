//! What it costs to build.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::Run;
use super::rows::{Measured, Table};
use crate::cargo;

/// A crate that uses what is measured, with the profile of whoever writes no other.
fn manifest(dependencies: &str) -> String {
    format!(
        "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependencies}\n"
    )
}

/// Measures clean and incremental builds, each in a folder of its own that is empty before.
pub(super) fn measure(run: &Run<'_>, table: &mut Table) -> Result<()> {
    let client = run.root.join("crates/ack-client");
    let client = client.to_str().context("the folder of the workspace has a name that is not text")?;
    let own = clean_build(run, &format!("ack-client = {{ path = {client:?} }}"), "pub use ack_client;")?;
    let aws = "aws-config = \"1\"\naws-sdk-eks = \"1\"";
    let peer = clean_build(run, aws, "pub use {aws_config, aws_sdk_eks};")?;
    table.insert("build/clean", Measured { own, peer, unit: "ns".to_owned() });

    let ours = run.area.join("build");
    empty(&ours)?;
    let manifest = run.root.join("Cargo.toml");
    // The crates of others are built first, so that only our own count.
    let all = ["--package", "ackctl"];
    build(run, &manifest, &ours, &all)?;
    let own_crates = ["ack-models", "ack-codec", "ack-auth", "ack-client", "ack-upgrade", "ack-emulator", "ackctl"];
    clean(run, &manifest, &ours, &own_crates)?;
    let peer = build(run, &manifest, &ours, &all)?;
    let file = run.root.join("crates/ack-client/src/client.rs");
    let touched =
        fs::File::options().write(true).open(&file).and_then(|file| file.set_modified(std::time::SystemTime::now()));
    touched.with_context(|| format!("cannot touch {}", file.display()))?;
    let own = build(run, &manifest, &ours, &["--package", "ack-client"])?;
    table.insert("build/incremental", Measured { own, peer, unit: "ns".to_owned() });
    empty(&ours)
}

/// The processor time of a release build of a crate and all it depends on.
fn clean_build(run: &Run<'_>, dependencies: &str, source: &str) -> Result<f64> {
    let folder = run.area.join("consumer");
    empty(&folder)?;
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), manifest(dependencies))?;
    fs::write(folder.join("src/lib.rs"), format!("{source}\n"))?;
    let time = build(run, &folder.join("Cargo.toml"), &folder.join("target"), &["--release"])?;
    empty(&folder)?;
    Ok(time)
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

fn clean(run: &Run<'_>, manifest: &Path, target: &Path, crates: &[&str]) -> Result<f64> {
    let target = target.to_str().context("the target folder has a name that is not text")?;
    let mut all = vec!["--target-dir", target];
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
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot empty {}", folder.display()))
        }
        _ => Ok(fs::create_dir_all(folder)?),
    }
}
