use ack_client::models::{MaintenanceExclusion, MaintenanceWindow};

use super::*;

fn at(text: &str) -> SystemTime {
    system_time(text.parse().unwrap())
}

fn shown(time: SystemTime) -> String {
    timestamp(time).to_string()
}

/// When a window opens and closes, from a time on.
fn openings(window: &Window, from: &str, count: usize) -> String {
    let mut lines = Vec::new();
    let mut time = at(from);
    for _ in 0..count {
        let Some(opens) = window.next_opening(time) else { break };
        let WindowState::Open { closes } = window.at(opens) else { panic!("it opens at {}", shown(opens)) };
        let hours = closes.duration_since(opens).unwrap().as_secs_f64() / 3600.0;
        lines.push(format!("{} to {} ({hours} h)", shown(opens), shown(closes)));
        time = opens;
    }
    lines.join("\n")
}

#[test]
fn a_window_of_some_hours_a_day() {
    let window = Window::parse("01:00-05:00", "Asia/Shanghai").unwrap();
    // 01:00 in Shanghai is 17:00 in UTC on the day before.
    assert_eq!(window.at(at("2026-01-01T16:59:59Z")), WindowState::Closed { opens: Some(at("2026-01-01T17:00:00Z")) });
    assert_eq!(window.at(at("2026-01-01T17:00:00Z")), WindowState::Open { closes: at("2026-01-01T21:00:00Z") });
    assert_eq!(window.at(at("2026-01-01T21:00:00Z")), WindowState::Closed { opens: Some(at("2026-01-02T17:00:00Z")) });
    assert_eq!(window.time_left(at("2026-01-01T20:30:00Z")), Some(Duration::from_secs(1800)));
    assert_eq!(window.time_left(at("2026-01-01T22:30:00Z")), None);
    assert!(window.admits(at("2026-01-01T20:30:00Z"), Duration::from_secs(1800)));
    assert!(!window.admits(at("2026-01-01T20:30:00Z"), Duration::from_secs(1801)));
    assert!(!window.admits(at("2026-01-01T22:30:00Z"), Duration::ZERO));
    assert_eq!(window.next_opening(at("2026-01-01T18:00:00Z")), Some(at("2026-01-02T17:00:00Z")));
    assert_eq!(window.longest_opening(at("2026-01-01T20:30:00Z")), Duration::from_secs(4 * 3600));
}

#[test]
fn a_window_across_midnight_belongs_to_the_day_it_opens_on() {
    let window = Window::parse("Sat 22:00-06:00", "UTC").unwrap();
    // 2026-01-03 is a Saturday.
    assert!(!window.is_open(at("2026-01-03T03:00:00Z")));
    assert!(window.is_open(at("2026-01-03T23:00:00Z")));
    assert!(window.is_open(at("2026-01-04T05:59:59Z")));
    assert!(!window.is_open(at("2026-01-04T06:00:00Z")));
    assert_eq!(window.next_opening(at("2026-01-04T00:00:00Z")), Some(at("2026-01-10T22:00:00Z")));
}

#[test]
fn windows_that_touch_are_one() {
    let always = Window::parse("00:00-24:00", "Europe/Berlin").unwrap();
    assert!(always.admits(at("2026-01-03T23:59:59Z"), Duration::from_secs(365 * 86_400)));
    let weekend = Window::parse("Sat,Sun 00:00-24:00", "UTC").unwrap();
    insta::assert_snapshot!(openings(&weekend, "2026-01-01T00:00:00Z", 2), @r"
    2026-01-03T00:00:00Z to 2026-01-05T00:00:00Z (48 h)
    2026-01-10T00:00:00Z to 2026-01-12T00:00:00Z (48 h)
    ");
}

#[test]
fn when_clocks_go_forward() {
    // In New York the clock goes from 02:00 to 03:00 on 2026-03-08, at 07:00 in UTC.
    let open = |window: &str| openings(&Window::parse(window, "America/New_York").unwrap(), "2026-03-07T12:00:00Z", 2);
    // An hour is missing.
    insta::assert_snapshot!(open("01:00-05:00"), @r"
    2026-03-08T06:00:00Z to 2026-03-08T09:00:00Z (3 h)
    2026-03-09T05:00:00Z to 2026-03-09T09:00:00Z (4 h)
    ");
    // The opening or the closing falls into the hour that is skipped.
    insta::assert_snapshot!(open("02:30-05:00"), @r"
    2026-03-08T07:00:00Z to 2026-03-08T09:00:00Z (2 h)
    2026-03-09T06:30:00Z to 2026-03-09T09:00:00Z (2.5 h)
    ");
    insta::assert_snapshot!(open("01:00-02:30"), @r"
    2026-03-08T06:00:00Z to 2026-03-08T07:00:00Z (1 h)
    2026-03-09T05:00:00Z to 2026-03-09T06:30:00Z (1.5 h)
    ");
    // Both do.
    insta::assert_snapshot!(open("02:10-02:50"), @r"
    2026-03-09T06:10:00Z to 2026-03-09T06:50:00Z (0.6666666666666666 h)
    2026-03-10T06:10:00Z to 2026-03-10T06:50:00Z (0.6666666666666666 h)
    ");
}

#[test]
fn when_clocks_go_back() {
    // In New York the clock goes from 02:00 to 01:00 on 2026-11-01, at 06:00 in UTC.
    let open = |window: &str| openings(&Window::parse(window, "America/New_York").unwrap(), "2026-10-31T12:00:00Z", 1);
    insta::assert_snapshot!(open("00:00-05:00"), @"2026-11-01T04:00:00Z to 2026-11-01T10:00:00Z (6 h)");
    // From the first 01:30 on, and until the first 01:30.
    insta::assert_snapshot!(open("01:30-05:00"), @"2026-11-01T05:30:00Z to 2026-11-01T10:00:00Z (4.5 h)");
    insta::assert_snapshot!(open("00:30-01:30"), @"2026-11-01T04:30:00Z to 2026-11-01T05:30:00Z (1 h)");
}

#[test]
fn windows_print_as_they_are_written() {
    for (text, printed) in [
        ("01:00-05:00", "01:00-05:00 UTC"),
        ("1:00-24:00", "01:00-24:00 UTC"),
        ("22:00-6:00", "22:00-06:00 UTC"),
        ("monday,FRI 01:00-05:00", "Mon,Fri 01:00-05:00 UTC"),
        ("Mon-Fri 01:00-05:00", "Mon-Fri 01:00-05:00 UTC"),
        ("Fri-Mon 01:00-05:00", "Mon,Fri-Sun 01:00-05:00 UTC"),
        ("Sat,Sun 00:00-24:00", "Sat,Sun 00:00-24:00 UTC"),
        ("Mon-Sun 00:00-24:00", "00:00-24:00 UTC"),
    ] {
        let window = Window::parse(text, "utc").unwrap();
        assert_eq!(window.to_string(), printed, "{text}");
        let stored = serde_json::to_string(&window).unwrap();
        assert_eq!(serde_json::from_str::<Window>(&stored).unwrap(), window, "{stored}");
    }
}

#[test]
fn zones_have_names_and_offsets() {
    for (given, name) in [("asia/shanghai", "Asia/Shanghai"), ("+08:00", "+08:00"), ("-03:30", "-03:30"), ("Z", "UTC")]
    {
        let window = Window::parse("01:00-05:00", given).unwrap();
        assert_eq!(window.time_zone(), name);
    }
    let shanghai = Window::parse("01:00-05:00", "Asia/Shanghai").unwrap();
    let offset = Window::parse("01:00-05:00", "+08:00").unwrap();
    assert_eq!(shanghai.at(at("2026-07-01T00:00:00Z")), offset.at(at("2026-07-01T00:00:00Z")));
}

#[test]
fn mistakes_are_named() {
    let mistakes = [
        ("", "UTC"),
        ("01:00", "UTC"),
        ("01:00-25:00", "UTC"),
        ("01:60-05:00", "UTC"),
        ("01:0-05:00", "UTC"),
        ("24:00-05:00", "UTC"),
        ("05:00-05:00", "UTC"),
        ("Someday 01:00-05:00", "UTC"),
        ("Mo 01:00-05:00", "UTC"),
        ("Mon 01:00-05:00 UTC", "UTC"),
        ("01:00-05:00", "Shanghai"),
        ("01:00-05:00", "Mars/Olympus"),
        ("01:00-05:00", "+8"),
        ("01:00-05:00", "+08:60"),
        ("01:00-05:00", "+é0:0"),
        ("01:00-05:00", ""),
    ];
    let told = mistakes.map(|(window, zone)| {
        let error = Window::parse(window, zone).unwrap_err();
        assert!(error.is_invalid_input());
        error.to_string()
    });
    insta::assert_snapshot!(told.join("\n"));
}

fn maintenance(time: &str, duration: &str) -> MaintenanceWindow {
    MaintenanceWindow {
        enable: Some(true),
        maintenance_time: Some(time.to_owned()),
        duration: Some(duration.to_owned()),
        ..Default::default()
    }
}

#[test]
fn the_window_of_a_cluster() {
    let off = MaintenanceWindow { enable: Some(false), ..maintenance("", "") };
    assert_eq!(Window::of_cluster(&off).unwrap(), None);
    assert_eq!(Window::of_cluster(&MaintenanceWindow::default()).unwrap(), None);

    let mut weekly = maintenance("03:00:00Z", "3h");
    weekly.weekly_period = Some("Monday,Thursday".to_owned());
    assert_eq!(Window::of_cluster(&weekly).unwrap().unwrap().to_string(), "Mon,Thu 03:00-06:00 UTC");

    let mut ruled = maintenance("2024-10-15T12:31:00.000+08:00", "24h");
    ruled.recurrence = Some("FREQ=WEEKLY;INTERVAL=4;BYDAY=MO,TU".to_owned());
    ruled.exclusions = Some(vec![MaintenanceExclusion {
        start_time: Some("2024-12-10T00:00:00+08:00".to_owned()),
        end_time: Some("2024-12-11T00:00:00+08:00".to_owned()),
        ..Default::default()
    }]);
    let window = Window::of_cluster(&ruled).unwrap().unwrap();
    insta::assert_snapshot!(window, @"Mon,Tue 12:31-12:31 +08:00, every 4 weeks since 2024-10-15, with 1 exclusion");
    insta::assert_snapshot!(openings(&window, "2024-10-01T00:00:00Z", 4), @r"
    2024-10-15T04:31:00Z to 2024-10-16T04:31:00Z (24 h)
    2024-11-11T04:31:00Z to 2024-11-13T04:31:00Z (48 h)
    2024-12-09T04:31:00Z to 2024-12-09T16:00:00Z (11.483333333333333 h)
    2024-12-10T16:00:00Z to 2024-12-11T04:31:00Z (12.516666666666667 h)
    ");
    let stored = serde_json::to_string(&window).unwrap();
    assert_eq!(serde_json::from_str::<Window>(&stored).unwrap(), window, "{stored}");
}

#[test]
fn what_a_cluster_says_is_not_guessed_at() {
    let with_rule =
        |rule: &str, time: &str| MaintenanceWindow { recurrence: Some(rule.to_owned()), ..maintenance(time, "3h") };
    let cases = [
        maintenance("", "3h"),
        maintenance("3 am", "3h"),
        maintenance("03:00:00", "3h"),
        maintenance("03:00:00Z", ""),
        maintenance("03:00:00Z", "25h"),
        maintenance("03:00:00Z", "soon"),
        with_rule("FREQ=MONTHLY;BYDAY=1MO", "03:00:00Z"),
        with_rule("FREQ=WEEKLY;INTERVAL=2", "03:00:00Z"),
        with_rule("FREQ=WEEKLY;COUNT=2", "03:00:00Z"),
        with_rule("weekly", "03:00:00Z"),
        MaintenanceWindow { weekly_period: Some("Montag".to_owned()), ..maintenance("03:00:00Z", "3h") },
        MaintenanceWindow { exclusions: Some(vec![MaintenanceExclusion::default()]), ..maintenance("03:00:00Z", "3h") },
    ];
    let told = cases.map(|window| Window::of_cluster(&window).unwrap_err().to_string());
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn exclusions_in_any_order_and_any_number() {
    let window = |exclusions: Vec<(String, String)>| {
        let exclusions = exclusions.into_iter().map(|(from, to)| MaintenanceExclusion {
            start_time: Some(from),
            end_time: Some(to),
            ..MaintenanceExclusion::default()
        });
        let window = MaintenanceWindow { exclusions: Some(exclusions.collect()), ..maintenance("01:00:00Z", "4h") };
        Window::of_cluster(&window).unwrap().unwrap()
    };
    let times = |pairs: &[(&str, &str)]| {
        let time = |text: &str| format!("2026-01-02T{text}:00Z");
        pairs.iter().map(|(from, to)| (time(from), time(to))).collect::<Vec<_>>()
    };
    // They overlap, lie within another, touch, end before they begin, and reach beyond the window.
    let pairs = [
        ("04:30", "06:00"),
        ("01:30", "02:30"),
        ("02:00", "02:15"),
        ("02:30", "03:00"),
        ("04:00", "03:30"),
        ("00:00", "01:10"),
    ];
    let window = window(times(&pairs));
    insta::assert_snapshot!(openings(&window, "2026-01-02T00:00:00Z", 4), @r"
    2026-01-02T01:10:00Z to 2026-01-02T01:30:00Z (0.3333333333333333 h)
    2026-01-02T03:00:00Z to 2026-01-02T04:30:00Z (1.5 h)
    2026-01-03T01:00:00Z to 2026-01-03T05:00:00Z (4 h)
    2026-01-04T01:00:00Z to 2026-01-04T05:00:00Z (4 h)
    ");
    let stored: Window = serde_json::from_value(serde_json::to_value(&window).unwrap()).unwrap();
    assert_eq!(stored, window);
}

#[test]
fn very_many_exclusions() {
    let second = |second: usize| {
        let time = at("2026-01-02T01:00:00Z") + Duration::from_secs(second as u64);
        Some(shown(time))
    };
    // As many as there are seconds in five hours, the last ones first: it opens for a second at a time.
    let exclusions = (0..9_000).rev().map(|number| MaintenanceExclusion {
        start_time: second(2 * number),
        end_time: second(2 * number + 1),
        ..MaintenanceExclusion::default()
    });
    let window = MaintenanceWindow { exclusions: Some(exclusions.collect()), ..maintenance("01:00:00Z", "5h") };
    let window = Window::of_cluster(&window).unwrap().unwrap();
    assert_eq!(window.next_opening(at("2026-01-02T00:00:00Z")), Some(at("2026-01-02T01:00:01Z")));
    assert_eq!(window.time_left(at("2026-01-02T05:59:59Z")), Some(Duration::from_secs(1)));
}
