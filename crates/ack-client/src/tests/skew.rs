//! A wrong clock, and what the service's date makes of it.

use std::time::Duration;

use super::{RuntimeClock, builder, client, read, upgrade};
use crate::ClientBuilder;
use crate::runtime::{Script, Step};

const EXPIRED: &str = "InvalidTimeStamp.Expired";
const SERVICE_TIME: &str = "Fri, 02 Jan 2026 03:04:05 GMT";

fn slow_by_an_hour() -> ClientBuilder {
    builder().clock(RuntimeClock::new(-3600))
}

fn dates(script: &Script) -> Vec<String> {
    script.sent().iter().map(|request| request.header("x-acs-date").unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn it_is_learned_once_for_all_clones_and_any_method_is_repeated() {
    let script = Script::new([Step::refusal(400, EXPIRED).header("date", SERVICE_TIME)]);
    let client = client(slow_by_an_hour(), &script);
    upgrade(&client).await.unwrap();
    tokio::time::advance(Duration::from_secs(60)).await;
    read(&client.clone()).await.unwrap();
    assert_eq!(dates(&script), ["2026-01-02T02:04:05Z", "2026-01-02T03:04:05Z", "2026-01-02T03:05:05Z"]);
    assert_eq!(script.sent()[1].header("x-acs-retry-delay"), Some("0"));
}

#[tokio::test(start_paused = true)]
async fn a_second_refusal_is_final() {
    let refused = || Step::refusal(400, EXPIRED).header("date", SERVICE_TIME);
    let script = Script::new([refused(), refused()]);
    let error = read(&client(slow_by_an_hour(), &script)).await.unwrap_err();
    assert_eq!((error.attempts(), error.code()), (2, Some(EXPIRED)));
    assert!(error.is_bad_signature() && !error.is_retries_exhausted());
}

#[tokio::test(start_paused = true)]
async fn a_date_that_cannot_be_believed_or_explains_nothing_changes_nothing() {
    for date in ["Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 02 Jan 2026 02:04:30 GMT", "soon"] {
        let script = Script::new([Step::refusal(400, EXPIRED).header("date", date)]);
        let error = read(&client(slow_by_an_hour(), &script)).await.unwrap_err();
        assert_eq!(error.attempts(), 1, "{date}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_can_be_turned_off() {
    let script = Script::new([Step::refusal(400, EXPIRED).header("date", SERVICE_TIME)]);
    let error = read(&client(slow_by_an_hour().correct_clock_skew(false), &script)).await.unwrap_err();
    assert_eq!(error.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_second_attempt_the_next_call_is_right() {
    let script = Script::new([Step::refusal(400, EXPIRED).header("date", SERVICE_TIME)]);
    let client = client(slow_by_an_hour().max_attempts(1), &script);
    assert_eq!(read(&client).await.unwrap_err().attempts(), 1);
    read(&client).await.unwrap();
    assert_eq!(dates(&script), ["2026-01-02T02:04:05Z", "2026-01-02T03:04:05Z"]);
}
