//! `upgrade report`.

use std::fs;
use std::io::Cursor;
use std::time::Duration;

use super::harness::{CLUSTER, Cli, emulator};

/// A run of two hops and a node pool that somebody pauses and cancels, a failure elsewhere, a torn line, hostile text, and a fact
/// of a later version.
const RECORD: &str = include_str!("report/record.jsonl");
const STYLE: &str = include_str!("../page/style.css");

async fn report(record: &str, options: &str) -> super::harness::Ran {
    Cli::new().stdin(Cursor::new(record.to_owned())).run(&format!("upgrade report - {options}")).await
}

#[test]
fn the_record_of_the_tests_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.jsonl");
    let known = RECORD.lines().enumerate().filter(|(index, line)| *index != 23 && !line.contains("a_fact_of_tomorrow"));
    fs::write(&path, known.map(|(_, line)| format!("{line}\n")).collect::<String>()).unwrap();
    super::record::facts(&path);
}

#[tokio::test]
async fn the_page() {
    let ran = report(RECORD, "").await;
    assert_eq!(ran.code, 0);
    insta::assert_snapshot!(ran.stderr, @"warning: standard input was torn by a crash at line 24");
    let page = ran.stdout.replace(STYLE, "").replace("><", ">\n<");
    insta::assert_snapshot!("page", page);
}

#[tokio::test]
async fn the_page_needs_nothing_and_runs_nothing() {
    let page = report(RECORD, "").await.stdout;
    for forbidden in
        ["<script", "<link", "<img", "<iframe", "<object", " src=", "@import", "url(http", "<b>", "\u{202e}", " style="]
    {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("&lt;script&gt;alert(") && page.contains("default-src 'none'"));
    // Links lead to places on the page, and each of them is there once.
    for link in page.split(" href=\"").skip(1) {
        let target = link.split('"').next().unwrap();
        let id = target.strip_prefix('#').unwrap();
        assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{target}");
    }
    for named in page.split(" aria-labelledby=\"").skip(1) {
        for id in named.split('"').next().unwrap().split(' ') {
            assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
        }
    }
}

#[tokio::test]
async fn for_programs() {
    insta::assert_snapshot!(report(RECORD, "-o json").await.stdout);
    let yaml = report(RECORD, "-o yaml").await.stdout;
    assert!(yaml.starts_with("clusters:\n- c106"), "{yaml}");
}

#[tokio::test]
async fn from_a_file_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (record, page) = (folder.path().join("upgrade.jsonl"), folder.path().join("upgrade.html"));
    let emulator = emulator().await;
    let time = emulator.clone();
    let advance = move |_: &str| {
        time.advance(Duration::from_secs(120));
        Ok(())
    };
    let start =
        format!("upgrade start {CLUSTER} --to 1.32.6-aliyun.1 --watch --interval 50ms --record {}", record.display());
    let started = Cli::of(&emulator).on_stdout(advance).run(&start).await;
    assert_eq!(started.code, 0, "{}", started.stderr);
    let ran = Cli::new().run(&format!("upgrade report {} --out {}", record.display(), page.display())).await;
    assert_eq!(ran.to_string(), "exit code 0");
    let html = fs::read_to_string(&page).unwrap();
    let task = "T-e220a8397b1dcdaf00000001";
    let start_request = "BCCDFD9C-96A1-4897-946F-36061B6B1313";
    for text in
        [CLUSTER, task, start_request, "running at 1.32.6-aliyun.1", "user ID 1000 on bastion", "upgrade_control_plane"]
    {
        assert!(html.contains(text), "{text}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside them");
    let same = Cli::new().run(&format!("upgrade report {0} --out {0}", record.display())).await;
    assert_eq!(same.code, 2);
    assert!(same.stderr.contains("is the record itself"), "{}", same.stderr);
    assert!(fs::read_to_string(&record).unwrap().starts_with("{\"version\":1"));
}

#[tokio::test]
async fn what_is_no_record_is_refused() {
    let later = RECORD.lines().next().unwrap().replace("\"version\":1", "\"version\":2");
    let mut said = String::new();
    for text in [
        "",
        "\n\n",
        "no record\n",
        "{}\n",
        "[1]\n",
        &later,
        &format!("{}\n{{\"version\":1}}", RECORD.lines().next().unwrap()),
    ] {
        let ran = report(text, "").await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{text}");
        said.push_str(&ran.stderr);
    }
    let missing = Cli::new().run("upgrade report missing.jsonl").await;
    said.push_str(&missing.stderr);
    insta::assert_snapshot!(said, @"
    error: standard input holds no fact: name a file that --record has written
    error: standard input holds no fact: name a file that --record has written
    error: standard input: line 1 is no fact of a record: expected ident, at column 2
    error: standard input: line 1 is no fact of a record: missing field `version`, at column 2
    error: standard input: line 1 is no fact of a record: invalid type: sequence, expected struct Line, at column 0
    error: standard input: line 1 is of format 2, and this program reads up to 1: use a newer one
    error: standard input: line 2 is no fact of a record: missing field `at`, at column 13
    error: the record missing.jsonl does not exist: name a file that --record of an `ackctl upgrade` command has written
    ");
}

#[tokio::test]
async fn any_end_of_a_record_is_read() {
    let whole = RECORD.as_bytes();
    let mut torn = 0;
    for end in (0..whole.len()).step_by(331) {
        let ran = Cli::new().stdin(Cursor::new(whole[..end].to_vec())).run("upgrade report - -o json").await;
        assert!(ran.code == 0 || end < RECORD.find('\n').unwrap(), "{end}: {}", ran.stderr);
        torn += usize::from(ran.stderr.contains("torn"));
    }
    assert!(torn > 10, "{torn}");
    // As some file systems leave it after a loss of power.
    let ran = report(&format!("{}\n{}", RECORD.lines().next().unwrap(), "\0".repeat(300)), "-o json").await;
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("torn by a crash at line 2"), "{}", ran.stderr);
}
