//! What it costs to build.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::Run;
use super::rows::{Measured, Table};
use crate::cargo;

/// A program that calls the client of a comparable service.
const AWS_MANIFEST: &str = r#"[package]
name = "peer"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
aws-config = "1"
aws-sdk-eks = "1"

[profile.release]
strip = "symbols"
lto = "thin"
codegen-units = 4
"#;

/// Measures clean and incremental builds, each in a folder of its own that is empty before.
pub(super) fn measure(run: &Run<'_>, table: &mut Table) -> Result<()> {
    let ours = run.area.join("build");
    empty(&ours)?;
    let manifest = run.root.join("Cargo.toml");
    let own = build(run, &manifest, &ours, &["--package", "ack-client", "--release"])?;
    let aws = run.area.join("aws");
    empty(&aws)?;
    fs::create_dir_all(aws.join("src"))?;
    fs::write(aws.join("Cargo.toml"), AWS_MANIFEST)?;
    fs::write(aws.join("src/lib.rs"), "pub use {aws_config, aws_sdk_eks};\n")?;
    let peer = build(run, &aws.join("Cargo.toml"), &aws.join("target"), &["--release"])?;
    table.insert("build/clean", Measured { own, peer, unit: "ns".to_owned() });

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
    empty(&ours)?;
    empty(&aws)
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
