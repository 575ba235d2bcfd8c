//! How fast requests go out: paced, in order, and adapted to throttling.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::{builder, client, read, times};
use crate::limit::RateLimiter;
use crate::retry::NeverRetry;
use crate::runtime::{Script, Step};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_bucket_is_spent_and_refilled_in_order() {
    let script = Script::new([]);
    let client = client(builder().rate_limiter(RateLimiter::new(4, SECOND).unwrap()), &script);
    let ended = std::sync::Mutex::new(Vec::new());
    join_all((0..9).map(|number| {
        let (client, ended) = (&client, &ended);
        async move {
            read(client).await.unwrap();
            ended.lock().unwrap().push(number);
        }
    }))
    .await;
    assert_eq!(times(&script), [0, 0, 0, 0, 250, 500, 750, 1000, 1250]);
    assert_eq!(ended.into_inner().unwrap(), (0..9).collect::<Vec<_>>());
    tokio::time::sleep(10 * SECOND).await;
    join_all((0..5).map(|_| read(&client))).await;
    assert_eq!(times(&script)[9..], [11_250, 11_250, 11_250, 11_250, 11_500]);
}

#[tokio::test(start_paused = true)]
async fn several_clients_share_a_limiter() {
    let script = Script::new([]);
    let limiter = RateLimiter::new(1, SECOND).unwrap();
    let [one, other] = [(); 2].map(|()| client(builder().rate_limiter(limiter.clone()), &script));
    join_all([&one, &other, &one, &other].map(read)).await;
    assert_eq!(times(&script), [0, 1000, 2000, 3000]);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_takes_nothing_and_holds_nobody_up() {
    let script = Script::new([]);
    let limiter = RateLimiter::new(1, SECOND).unwrap();
    let patient = client(builder().rate_limiter(limiter.clone()), &script);
    let hasty = client(builder().rate_limiter(limiter).timeout(SECOND / 2), &script);
    let (_, gave_up, last) = tokio::join!(read(&patient), read(&hasty), read(&patient));
    assert!(gave_up.unwrap_err().is_timeout());
    last.unwrap();
    assert_eq!(times(&script), [0, 1000]);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_cannot_come_in_time_is_not_waited_for() {
    let limiter = || RateLimiter::new(1, 60 * SECOND).unwrap();
    let script = Script::new([]);
    let client_of = |limit| client(builder().rate_limiter(limiter()).timeout(limit), &script);
    let once = client_of(59 * SECOND);
    read(&once).await.unwrap();
    let error = read(&once).await.unwrap_err();
    assert_eq!((error.elapsed(), error.attempts()), (Some(Duration::ZERO), 0));
    assert!(error.is_timeout() && !error.may_have_taken_effect(), "{error}");

    script.then([Step::refusal(400, "Throttling.User")]);
    let error = read(&client_of(59 * SECOND)).await.unwrap_err();
    assert!(error.is_throttled() && error.is_retries_exhausted());
    insta::assert_snapshot!(error, @"DescribeClusterDetail failed after 1 attempt in 0.1s (the client's own limits of rate and concurrency left no turn for another within 59s, the limit of the call): the service answered HTTP 400 Throttling.User: so it is (request id 0527AC9A-TEST); too many calls at once: wait and repeat it");
}

#[tokio::test(start_paused = true)]
async fn throttling_halves_the_rate_and_time_brings_it_back() {
    // 20 requests a second go out, and the last of them are throttled.
    let limiter = RateLimiter::adaptive();
    let mut steps: Vec<Step> = (0..37).map(|_| Step::answer(200, "{}")).collect();
    steps.extend((0..3).map(|_| Step::refusal(400, "Throttling.User")));
    let script = Script::new(steps);
    let client = client(builder().rate_limiter(limiter.clone()).retry_policy(NeverRetry), &script);
    join_all((0..40).map(|number| {
        let client = client.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(50) * number).await;
            let _ = read(&client).await;
        }
    }))
    .await;
    assert_eq!(script.sent().len(), 40);
    let mut rates = Vec::new();
    let began = Instant::now();
    for seconds in [0, 10, 30, 60, 85, 95] {
        tokio::time::sleep_until(began + SECOND * seconds).await;
        rates.push(limiter.rate().map(|rate| rate.round()));
    }
    // One fall for the three of them, for the last two came too soon to tell anything of the lower rate.
    assert_eq!(rates, [Some(10.0), Some(13.0), Some(20.0), Some(30.0), Some(38.0), None]);
}

#[tokio::test(start_paused = true)]
async fn requests_under_way_together_lower_the_rate_once() {
    let limiter = RateLimiter::adaptive();
    let script = Script::new((0..32).map(|_| Step::refusal(400, "Throttling").after(SECOND)));
    let client = client(builder().rate_limiter(limiter.clone()).retry_policy(NeverRetry), &script);
    join_all((0..32).map(|_| read(&client))).await;
    assert_eq!(limiter.rate(), Some(16.0));
    assert_eq!(times(&script), [0; 32]);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_client_goes_on_at_an_even_pace() {
    let script = Script::new([Step::refusal(400, "Throttling").header("x-acs-retry-after", "100")]);
    let client = client(builder().rate_limiter(RateLimiter::adaptive()), &script);
    read(&client).await.unwrap();
    // A single request is no more than one a second, and no rate falls below that. It has begun to rise again.
    let waited = times(&script)[1];
    assert!((990..=1000).contains(&waited), "{waited} ms");
}

#[tokio::test(start_paused = true)]
async fn a_rate_of_its_own_is_the_most_it_recovers_to() {
    let limiter = RateLimiter::new(10, SECOND).unwrap();
    let script = Script::new((0..10).map(|_| Step::refusal(400, "Throttling").after(SECOND)));
    let client = client(builder().rate_limiter(limiter.clone()).retry_policy(NeverRetry), &script);
    join_all((0..10).map(|_| read(&client))).await;
    assert_eq!(limiter.rate(), Some(5.0));
    tokio::time::sleep(31 * SECOND).await;
    assert_eq!(limiter.rate(), Some(10.0));
}

#[test]
fn limiters_that_cannot_be() {
    let errors = [RateLimiter::new(0, SECOND), RateLimiter::new(1, Duration::ZERO)].map(|made| made.unwrap_err());
    insta::assert_snapshot!(errors.map(|error| error.to_string()).join("\n"), @r#"
    rate_limiter "0 requests" sends nothing: allow at least 1, or use RateLimiter::unlimited()
    rate_limiter "a period of 0" is no rate: give a period such as a second
    "#);
    assert_eq!(RateLimiter::unlimited().rate(), None);
}
