//! Rules of the workspace: who may depend on whom, and how long a file may be.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const LONGEST_FILE: usize = 400;

/// Own crates each crate may use outside its tests. The emulator must be able to prove the client wrong, so it never uses it.
const ALLOWED: [(&str, &[&str]); 7] = [
    ("ack-models", &[]),
    ("ack-codec", &[]),
    ("ack-auth", &[]),
    ("ack-client", &["ack-models", "ack-codec", "ack-auth"]),
    ("ack-upgrade", &["ack-client"]),
    ("ack-emulator", &["ack-models", "ack-codec", "ack-auth"]),
    ("ackctl", &["ack-models", "ack-codec", "ack-auth", "ack-client", "ack-upgrade", "ack-emulator"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn dependencies_point_one_way() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let allowed: BTreeMap<_, _> = ALLOWED.into_iter().collect();
    let own: Vec<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
    let mut seen = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let Some(allowed) = allowed.get(name) else { continue };
        seen.push(name.to_owned());
        for dependency in package["dependencies"].as_array().unwrap() {
            let used = dependency["name"].as_str().unwrap();
            let in_tests = dependency["kind"] == "dev";
            assert!(in_tests || !own.contains(&used) || allowed.contains(&used), "{name} must not depend on {used}");
        }
    }
    assert_eq!(seen.len(), ALLOWED.len(), "{seen:?}");
}

#[test]
fn no_hand_written_file_is_longer_than_400_lines() {
    let mut long = Vec::new();
    for folder in ["crates", "xtask", "tests", "fuzz", "bench"] {
        visit(&root().join(folder), &mut |path, text| {
            let generated = text.starts_with("// @generated");
            if !generated && text.lines().count() > LONGEST_FILE {
                long.push(format!("{}: {} lines", path.display(), text.lines().count()));
            }
        });
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for folder in ["crates", "xtask", "tests", "fuzz", "bench"] {
        visit_named(&root().join(folder), "Cargo.toml", &mut |path, text| {
            assert!(text.contains("[lints]\nworkspace = true"), "{} has lints of its own", path.display());
        });
    }
}

fn visit(folder: &Path, check: &mut dyn FnMut(&Path, &str)) {
    walk(folder, &mut |path| path.extension().is_some_and(|extension| extension == "rs"), check);
}

fn visit_named(folder: &Path, name: &str, check: &mut dyn FnMut(&Path, &str)) {
    walk(folder, &mut |path| path.file_name().is_some_and(|own| own == name), check);
}

fn walk(folder: &Path, wanted: &mut dyn FnMut(&Path) -> bool, check: &mut dyn FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, wanted, check);
        } else if wanted(&path) {
            check(&path, &std::fs::read_to_string(&path).unwrap());
        }
    }
}
