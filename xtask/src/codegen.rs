//! `cargo xtask codegen`: from `spec/` to the models and the client.
//!
//! The document is merged, corrected, lowered, given to progenitor, and what progenitor makes is retargeted
//! onto our own models and runtime crates.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

mod blocking;
mod by_name;
mod catalog;
mod catalogue;
mod client;
mod document;
mod emit;
mod endpoints;
mod enums;
mod fixups;
mod generate;
mod lower;
mod models;
mod operations;
mod paging;
mod structs;
mod tokens;
mod wording;

#[cfg(test)]
mod tests;

/// Writes the models and the client from `spec/`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Changes nothing; prints what is stale and fails if anything is.
    #[arg(long)]
    check: bool,
    /// Takes the generator's own test document instead, tests/golden.
    #[arg(long)]
    golden: bool,
    /// Reads another spec folder and writes `models` and `client` below `--out`, to try a change of the spec.
    #[arg(long, requires = "out", conflicts_with = "golden")]
    spec: Option<PathBuf>,
    /// Where to write what `--spec` makes.
    #[arg(long, requires = "spec")]
    out: Option<PathBuf>,
}

/// What to generate from where to where.
struct Target {
    spec: PathBuf,
    models: PathBuf,
    client: PathBuf,
    paths: client::Paths,
    /// Whether this is the real API, with its fix-ups and endpoints.
    is_api: bool,
}

impl Target {
    fn api(root: &Path) -> Self {
        Self {
            spec: root.join("spec"),
            models: root.join("crates/ack-models/src/generated"),
            client: root.join("crates/ack-client/src/generated"),
            paths: client::Paths { models: "ack_models", client: "crate", has_tables: true },
            is_api: true,
        }
    }

    fn golden(root: &Path) -> Self {
        Self {
            spec: root.join("tests/golden/spec"),
            models: root.join("tests/golden/expected/models"),
            client: root.join("tests/golden/expected/client"),
            paths: client::Paths { models: "crate::golden::models", client: "crate::golden", has_tables: false },
            is_api: false,
        }
    }

    fn folders(&self) -> [&Path; 2] {
        [&self.models, &self.client]
    }
}

/// Runs the command; answers whether everything is in order.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let root = workspace_root()?;
    let target = match (&arguments.spec, &arguments.out) {
        (Some(spec), Some(out)) => {
            Target { spec: spec.clone(), models: out.join("models"), client: out.join("client"), ..Target::api(&root) }
        }
        _ if arguments.golden => Target::golden(&root),
        _ => Target::api(&root),
    };
    let files = files(&target)?;
    if !arguments.check {
        let changed = emit::write(&files, &target.folders())?;
        for path in &changed {
            crate::say(&format!("wrote {}", path.strip_prefix(&root).unwrap_or(path).display()))?;
        }
        crate::say(&format!("{} files generated, {} changed", files.len(), changed.len()))?;
        return Ok(true);
    }
    let diff = emit::diff(&files, &target.folders(), &root)?;
    if diff.is_empty() {
        crate::say(&format!("{} generated files are fresh", files.len()))?;
        return Ok(true);
    }
    let command = if arguments.golden { "cargo xtask codegen --golden" } else { "cargo xtask codegen" };
    crate::say(&format!("{diff}\ngenerated files are stale; run `{command}`"))?;
    Ok(false)
}

/// Generates every file of a target.
fn files(target: &Target) -> Result<emit::Files> {
    let mut root = document::load(&target.spec)?;
    if target.is_api {
        fixups::apply(&mut root)?;
    }
    lower::fold_query_parameters(&mut root)?;
    lower::hoist_inline_schemas(&mut root)?;
    document::prune_unreferenced(&mut root)?;
    let catalog = catalog::Catalog::read(&root)?;
    let catalogue = catalogue::print(&root)?;
    lower::keep_success_only(&mut root)?;
    lower::make_request_collections_optional(&mut root)?;
    lower::relax(&mut root)?;
    let generated = generate::generate(&root, &catalog)?;

    let mut files = emit::Files::new();
    for (name, text) in models::files(&generated.types, &catalog)? {
        files.insert(target.models.join(name), text);
    }
    for (name, text) in client::files(&generated, &catalog, target.paths)? {
        files.insert(target.client.join(name), text);
    }
    files.insert(target.models.join("catalogue.json"), catalogue);
    if target.is_api {
        let table = endpoints::table(&target.spec.join("endpoints.yaml"))?;
        files.insert(target.client.join("endpoints.rs"), emit::print(table)?);
    }
    Ok(files)
}

fn workspace_root() -> Result<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = manifest.parent().context("xtask has no parent folder")?;
    Ok(root.to_owned())
}
