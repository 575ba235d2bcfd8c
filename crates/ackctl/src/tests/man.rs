//! The manual.

use std::fs;

use super::harness::Cli;

#[tokio::test]
async fn a_page_says_all_there_is_to_know() {
    let ran = Cli::new().run("man upgrade start").await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ran.stdout);
}

#[tokio::test]
async fn there_is_one_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("man1");
    let ran = Cli::new().run(&format!("man --dir {}", dir.display())).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    let mut names: Vec<String> =
        fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(ran.stderr.starts_with(&format!("{} pages are in ", names.len())), "{}", ran.stderr);
    for name in ["ackctl.1", "ackctl-api.1", "ackctl-upgrade.1", "ackctl-upgrade-run.1", "ackctl-auth-explain.1"] {
        assert!(names.iter().any(|known| known == name), "{names:?}");
    }
    for name in &names {
        let text = fs::read_to_string(dir.join(name)).unwrap();
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"] {
            let heading =
                text.lines().filter(|line| line.trim_matches('"').ends_with(section) && line.starts_with(".SH"));
            assert_eq!(heading.count(), 1, "{name}: {section}");
        }
        assert_eq!(text.matches("ds Aq").count(), 2, "{name}");
        // Nobody sends a reader to a page that is not there.
        let see_also = text.split("SEE ALSO").nth(1).unwrap();
        for other in see_also.split("\\fI").skip(1).map(|rest| rest.split("\\fR").next().unwrap().replace("\\-", "-")) {
            assert!(names.contains(&format!("{other}.1")), "{name}: {other}");
        }
        // Every variable that the help speaks of is explained.
        let environment = text.split("ENVIRONMENT").nth(1).unwrap();
        for list in text.split("[env: ").skip(1).map(|rest| rest.split(']').next().unwrap()) {
            for variable in list.split(|c: char| !(c.is_ascii_uppercase() || c == '_')).filter(|word| word.len() > 3) {
                assert!(environment.contains(variable), "{name}: {variable}");
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_shown_or_written() {
    let unknown = Cli::new().run("man upgrade everything").await;
    insta::assert_snapshot!(unknown, @r#"
    exit code 2
    --- stderr
    error: there is no command "upgrade everything": `ackctl --help` lists them, such as upgrade start
    "#);
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken");
    fs::write(&taken, "").unwrap();
    let ran = Cli::new().run(&format!("man --dir {}", taken.display())).await;
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.starts_with("error: --dir ") && ran.stderr.contains(" cannot be written: "), "{}", ran.stderr);
}
