//! How a call is repeated: signatures, waits, limits.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::{TOKEN, builder, client, read, times, upgrade};
use crate::retry::{Backoff, ExponentialBackoff, FailedAttempt, NeverRetry, RetryPolicy, RetryThrottle, Unthrottled};
use crate::runtime::{Lost, Script, Step};

#[tokio::test(start_paused = true)]
async fn each_attempt_is_signed_anew_and_says_which_it_is() {
    let script =
        Script::new([Step::answer(503, ""), Step::refusal(400, "Throttling").header("x-acs-retry-after", "1500")]);
    read(&client(builder(), &script)).await.unwrap();
    let sent = script.sent();
    assert_eq!(times(&script), [0, 100, 1600]);
    let of = |name: &str| -> Vec<Option<String>> {
        sent.iter().map(|request| request.header(name).map(str::to_owned)).collect()
    };
    assert_eq!(of("x-acs-retry-attempts"), [None, Some("1".to_owned()), Some("2".to_owned())]);
    assert_eq!(of("x-acs-retry-delay"), [None, Some("100".to_owned()), Some("1500".to_owned())]);
    let dates = of("x-acs-date");
    assert_eq!(dates[0].as_deref(), Some("2026-01-02T03:04:05Z"));
    assert_eq!(dates[2].as_deref(), Some("2026-01-02T03:04:06Z"));
    for name in ["x-acs-signature-nonce", "authorization"] {
        assert_eq!(of(name).into_iter().flatten().collect::<HashSet<_>>().len(), 3, "{name}");
    }
    let signed = sent[1].header("authorization").unwrap();
    assert!(signed.contains(";x-acs-retry-attempts;x-acs-retry-delay;"), "{}", signed.replace(TOKEN, ""));
}

#[tokio::test(start_paused = true)]
async fn waits_grow_and_the_last_failure_is_told() {
    let script = Script::new((0..9).map(|_| Step::refusal(503, "ServiceUnavailable")));
    let error = read(&client(builder(), &script)).await.unwrap_err();
    assert_eq!(times(&script), [0, 100, 300, 700]);
    assert!(error.is_retries_exhausted() && error.is_server());
    assert_eq!((error.attempts(), error.elapsed()), (4, Some(Duration::from_millis(700))));
}

#[tokio::test(start_paused = true)]
async fn hints_go_before_the_backoff_and_other_texts_are_no_hints() {
    for (hint, wait) in
        [("1", 1), ("2500", 2500), ("99999999", 30_000), ("99999999999999999999999", 30_000), (" 7 ", 7)]
    {
        let script = Script::new([Step::refusal(400, "Throttling").header("x-acs-retry-after", hint)]);
        read(&client(builder().max_retry_after(Duration::from_secs(30)), &script)).await.unwrap();
        assert_eq!(times(&script), [0, wait], "{hint}");
    }
    for hint in ["0", "-5", "", "1.5", "1e3", "Wed, 21 Oct 2026 07:28:00 GMT"] {
        let script = Script::new([Step::refusal(400, "Throttling").header("x-acs-retry-after", hint)]);
        read(&client(builder(), &script)).await.unwrap();
        assert_eq!(times(&script), [0, 100], "{hint}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_would_pass_the_time_of_the_call_is_not_begun() {
    let script = Script::new([Step::refusal(400, "Throttling").header("x-acs-retry-after", "10000")]);
    let error = upgrade(&client(builder().timeout(Duration::from_secs(10)), &script)).await.unwrap_err();
    assert_eq!(error.elapsed(), Some(Duration::ZERO));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(10)));
    assert!(error.is_retries_exhausted() && error.is_throttled() && !error.may_have_taken_effect());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_and_a_call_have_their_times() {
    let script = Script::new([Step::never(), Step::never(), Step::never()]);
    let builder = builder().attempt_timeout(Duration::from_secs(4)).timeout(Duration::from_secs(10));
    let error = read(&client(builder, &script)).await.unwrap_err();
    assert_eq!(times(&script), [0, 4100, 8300]);
    assert_eq!(error.elapsed(), Some(Duration::from_secs(10)));
    assert!(error.is_timeout() && error.may_have_taken_effect());

    let script = Script::new([Step::never()]);
    let builder = super::builder().attempt_timeout(None).timeout(Duration::from_secs(10));
    let error = read(&client(builder, &script)).await.unwrap_err();
    assert_eq!((error.attempts(), error.elapsed()), (1, Some(Duration::from_secs(10))));
}

#[tokio::test(start_paused = true)]
async fn retries_can_be_turned_off() {
    for settings in [builder().max_attempts(1), builder().retry_policy(NeverRetry)] {
        let script = Script::new([Step::answer(503, "")]);
        let error = read(&client(settings, &script)).await.unwrap_err();
        assert_eq!(error.attempts(), 1);
        assert!(error.is_transient() && !error.is_retries_exhausted());
    }
    let error = builder().max_attempts(0).build().unwrap_err();
    assert_eq!(error.to_string(), "max_attempts \"0\" sends nothing: allow at least 1 attempt; 1 turns retries off");
    assert!(builder().attempt_timeout(Duration::ZERO).build().unwrap_err().is_invalid_input());
}

#[tokio::test(start_paused = true)]
async fn each_policy_is_replaceable() {
    #[derive(Debug)]
    struct OnlyLost;
    impl RetryPolicy for OnlyLost {
        fn may_retry(&self, failed: &FailedAttempt<'_>) -> bool {
            assert_eq!(failed.operation.id, "UpgradeCluster");
            failed.error.is_transport() && failed.attempt < 3
        }
    }
    #[derive(Debug)]
    struct EverySecond;
    impl Backoff for EverySecond {
        fn delay(&self, _retry: u32) -> Duration {
            Duration::from_secs(1)
        }
    }
    let script = Script::new((0..9).map(|_| Step::lost(Lost::Exchanging)));
    let settings = builder().retry_policy(OnlyLost).backoff(EverySecond).retry_throttle(Arc::new(Unthrottled));
    let error = upgrade(&client(settings.max_attempts(9), &script)).await.unwrap_err();
    assert_eq!((error.attempts(), times(&script)), (3, vec![0, 1000, 2000]));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_sends_nothing_more() {
    let script = Script::new((0..9).map(|_| Step::answer(503, "")));
    let client = client(builder(), &script);
    assert!(tokio::time::timeout(Duration::from_millis(150), read(&client)).await.is_err());
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(script.sent().len(), 2);
}

/// Repeats whatever may pass, as somebody may who knows that it is safe.
#[derive(Debug)]
struct Daring;

impl RetryPolicy for Daring {
    fn may_retry(&self, failed: &FailedAttempt<'_>) -> bool {
        failed.error.is_transient()
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_attempt_may_have_done_is_not_forgotten() {
    let unclear = [Step::lost(Lost::Exchanging), Step::answer(502, ""), Step::refusal(400, "SignatureNonceUsed")];
    let refused =
        [Step::refusal(400, "ErrorClusterState"), Step::refusal(400, "Throttling"), Step::lost(Lost::Connecting)];
    for first in &unclear {
        for last in &refused {
            let settings = || builder().retry_policy(Daring).max_attempts(3);
            let script = Script::new([last.clone(), last.clone(), last.clone()]);
            assert!(!upgrade(&client(settings(), &script)).await.unwrap_err().may_have_taken_effect());
            let script = Script::new([first.clone(), last.clone(), last.clone()]);
            let error = upgrade(&client(settings(), &script)).await.unwrap_err();
            assert!(error.attempts() > 1 && error.may_have_taken_effect(), "{error}");
            assert!(error.to_string().ends_with("look before repeating it"), "{error}");
        }
    }
    // The next attempt waits for its turn, or for credentials, until time is over.
    let script = Script::new([Step::lost(Lost::Exchanging)]);
    let limit = crate::limit::RateLimiter::new(1, Duration::from_secs(100)).unwrap();
    let settings = builder().retry_policy(Daring).rate_limiter(limit).timeout(Duration::from_secs(5));
    let error = upgrade(&client(settings, &script)).await.unwrap_err();
    assert!(script.sent().len() == 1 && error.may_have_taken_effect(), "{error}");
}

/// A throttle that looks on.
#[derive(Debug)]
struct Watching(std::sync::Mutex<Vec<u32>>);

impl RetryThrottle for Watching {
    fn permit(&self, failed: &FailedAttempt<'_>) -> bool {
        self.0.lock().unwrap().push(failed.attempt);
        true
    }

    fn succeeded(&self, attempts: u32) {
        self.0.lock().unwrap().push(100 + attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn the_throttle_hears_of_retries_and_successes() {
    let script = Script::new([Step::answer(503, ""), Step::answer(503, "")]);
    let watching = Arc::new(Watching(std::sync::Mutex::default()));
    read(&client(builder().retry_throttle(Arc::clone(&watching)), &script)).await.unwrap();
    assert_eq!(*watching.0.lock().unwrap(), [1, 2, 103]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever answers come when: no call takes longer than its time, makes more attempts than allowed, waits less
    /// than the service asks for, or more than the backoff may.
    #[test]
    fn schedules_keep_their_bounds(
        took in prop::collection::vec(0_u64..3000, 8),
        hints in prop::collection::vec(prop::option::of(1_u64..4000), 8),
        attempts in 1_u32..8,
        limit in 1_u64..12_000,
        fraction in 0.0_f64..1.0,
    ) {
        let millis = Duration::from_millis;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let steps = took.iter().zip(&hints).map(|(took, hint)| {
                let step = Step::answer(503, "").after(millis(*took));
                hint.map_or(step.clone(), |hint| step.header("x-acs-retry-after", &hint.to_string()))
            });
            let script = Script::new(steps.collect::<Vec<_>>());
            let backoff = ExponentialBackoff::new().initial(millis(100)).cap(millis(1000)).random(move || fraction);
            let settings = builder().max_attempts(attempts).timeout(millis(limit)).max_retry_after(millis(2000));
            let client = client(settings.backoff(backoff), &script);
            let began = Instant::now();
            let error = read(&client).await.unwrap_err();
            assert!(began.elapsed() <= millis(limit), "{:?} is over {limit} ms", began.elapsed());
            assert_eq!(error.elapsed(), Some(began.elapsed()));
            let times = times(&script);
            assert!(times.len() <= attempts as usize);
            assert_eq!(error.attempts() as usize, times.len());
            for (index, pair) in times.windows(2).enumerate() {
                let waited = pair[1] - pair[0] - u128::from(took[index]);
                match hints[index] {
                    Some(hint) => assert_eq!(waited, u128::from(hint.min(2000))),
                    None => assert!((50..=1000).contains(&waited), "{waited} ms"),
                }
            }
        });
    }
}
