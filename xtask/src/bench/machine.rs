//! What the numbers were taken with.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::Result;

/// The page that is kept in the repository.
pub(super) fn page(root: &Path, area: &Path, table: &str) -> Result<String> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let lock = fs::read_to_string(root.join("Cargo.lock"))?;
    let version = |name| locked(&lock, name).unwrap_or("unknown");
    let requirements = fs::read_to_string(root.join("tests/interop/requirements.txt"))?;
    let python = requirements.lines().find_map(|line| line.strip_prefix("alibabacloud-cs20151215=="));
    let package = fs::read_to_string(area.join("typescript/node_modules/@alicloud/cs20151215/package.json"));
    let typescript: Option<serde_json::Value> = package.ok().and_then(|text| serde_json::from_str(&text).ok());
    let typescript =
        typescript.as_ref().and_then(|package| package.get("version")?.as_str()).unwrap_or("not installed");
    Ok(format!(
        "# Benchmarks\n\n\
         Written by `cargo xtask bench`; do not edit. Every number is the least of several measurements of processor time \
         (user and system), taken in turn with the peer's in one run. What counts is the ratio.\n\n\
         - date: {date}\n\
         - machine: {cores} cores, {processor}, {system}\n\
         - compiler: {compiler}, release profile of the workspace (fat LTO)\n\
         - reqwest {reqwest}, serde_json {serde_json}, quick-xml {quick_xml}; official SDKs: Python {python}, \
         TypeScript {typescript}\n\n\
         {table}",
        date = first_line("date", &["-u", "+%Y-%m-%d"]),
        processor = processor(),
        system = first_line("uname", &["-sm"]),
        compiler = first_line("rustc", &["--version"]),
        reqwest = version("reqwest"),
        serde_json = version("serde_json"),
        quick_xml = version("quick-xml"),
        python = python.unwrap_or("unknown"),
    ))
}

/// The version of a package in the lock file.
fn locked<'t>(lock: &'t str, name: &str) -> Option<&'t str> {
    let head = format!("name = \"{name}\"\nversion = \"");
    let (_, rest) = lock.split_once(&head)?;
    Some(rest.split_once('"')?.0)
}

fn processor() -> String {
    let told = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    line.map_or_else(|| "unknown processor".to_owned(), |(_, name)| name.to_owned())
}

/// What a tool says of itself. The page does not fail for want of it.
fn first_line(program: &str, arguments: &[&str]) -> String {
    let program = if program == "rustc" {
        std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned())
    } else {
        program.to_owned()
    };
    let output = Command::new(program).args(arguments).output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).lines().next().unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_from_the_lock_file() {
        let lock =
            "[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n\n[[package]]\nname = \"ab\"\nversion = \"4.5.6\"\n";
        assert_eq!((locked(lock, "a"), locked(lock, "ab"), locked(lock, "b")), (Some("1.2.3"), Some("4.5.6"), None));
    }

    #[test]
    fn the_page_says_what_it_was_measured_with() {
        let root = crate::cargo::root().unwrap();
        let page = page(root, Path::new("nowhere"), "| what |\n").unwrap();
        assert!(
            page.contains("compiler: rustc ") && page.contains("Python 7.") && page.ends_with("| what |\n"),
            "{page}"
        );
    }
}
