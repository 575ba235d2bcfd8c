//! What the program says about itself.

use super::harness::Cli;

#[tokio::test]
async fn help_of_every_command() {
    for (name, line) in [
        ("root", "--help"),
        ("root_short", "-h"),
        ("upgrade", "upgrade --help"),
        ("upgrade_status", "upgrade status --help"),
        ("upgrade_plan", "upgrade plan --help"),
        ("upgrade_apply", "upgrade apply --help"),
        ("upgrade_run", "upgrade run --help"),
        ("upgrade_start", "upgrade start --help"),
        ("upgrade_watch", "upgrade watch --help"),
        ("upgrade_wait", "upgrade wait --help"),
        ("upgrade_pause", "upgrade pause --help"),
        ("upgrade_resume", "upgrade resume --help"),
        ("upgrade_cancel", "upgrade cancel --help"),
        ("upgrade_report", "upgrade report --help"),
        ("upgrade_history", "upgrade history --help"),
        ("exporter", "exporter --help"),
        ("fleet", "fleet --help"),
        ("fleet_status", "fleet status --help"),
        ("fleet_watch", "fleet watch --help"),
        ("fleet_run", "fleet run --help"),
        ("api", "api --help"),
        ("regions", "regions --help"),
        ("auth", "auth --help"),
        ("auth_explain", "auth explain --help"),
        ("emulator", "emulator --help"),
        ("completion", "completion --help"),
        ("man", "man --help"),
        ("demo", "demo --help"),
    ] {
        let ran = Cli::new().run(line).await;
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{line}");
        insta::assert_snapshot!(name, ran.stdout);
    }
}

#[tokio::test]
async fn help_fits_a_narrow_terminal() {
    for line in ["--help", "upgrade watch --help", "api --help", "demo -h"] {
        let ran = Cli::new().variable("NO_COLOR", "1").on_terminal(40).run(line).await;
        // Neither examples nor the usage line are wrapped, for they are to be copied.
        let text = ran.stdout.split("Examples:").next().unwrap_or_default();
        let text = text.lines().filter(|line| !line.starts_with("Usage:"));
        let widest = text.max_by_key(|line| line.trim_end().len()).unwrap_or_default();
        assert!(widest.trim_end().len() <= 40, "{widest:?}");
    }
}

#[tokio::test]
async fn nothing_asked_for_is_wrong_usage_with_help() {
    for line in ["", "upgrade", "api", "auth"] {
        let ran = Cli::new().run(line).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert!(
            ran.stderr.contains("Usage: ackctl")
                && ran.stderr.contains("Examples:") == !matches!(line, "upgrade" | "auth"),
            "{}",
            ran.stderr
        );
    }
}

#[tokio::test]
async fn the_version_is_that_of_the_package() {
    let ran = Cli::new().run("--version").await;
    assert_eq!(ran.to_string(), format!("exit code 0\n--- stdout\nackctl {}", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn colours_are_for_terminals_that_want_them() {
    let coloured = |text: &str| text.contains('\u{1b}');
    assert!(coloured(&Cli::new().on_terminal(80).run("--help").await.stdout));
    assert!(coloured(&Cli::new().on_terminal(80).run("upgrade status x").await.stderr));
    assert!(!coloured(&Cli::new().run("--help").await.stdout));
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let plain = || Cli::new().variable(name, value).on_terminal(80);
        assert!(!coloured(&plain().run("--help").await.stdout));
        assert!(!coloured(&plain().run("upgrade status x").await.stderr));
    }
    assert!(!coloured(&Cli::new().on_terminal(80).run("--no-color --help").await.stdout));
    assert!(!coloured(&Cli::new().on_terminal(80).run("upgrade status x --no-color").await.stderr));
    assert!(coloured(&Cli::new().variable("NO_COLOR", "").on_terminal(80).run("--help").await.stdout));
}

#[tokio::test]
async fn a_reader_that_wants_no_help_ends_it_quietly() {
    let ran = Cli::new().on_stdout(|_| Err(std::io::ErrorKind::BrokenPipe.into())).run("--help").await;
    assert_eq!(ran.to_string(), "exit code 141");
}
