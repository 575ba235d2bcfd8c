//! How many requests are under way at once, and who goes first.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;

use super::{builder, client, read, times};
use crate::limit::ConcurrencyLimit;
use crate::runtime::{Script, Step};

fn slow(count: usize) -> Vec<Step> {
    (0..count).map(|_| Step::answer(200, "{}").after(Duration::from_secs(1))).collect()
}

#[tokio::test(start_paused = true)]
async fn calls_take_turns_first_come_first_served() {
    let script = Script::new(slow(9));
    let client = client(builder().concurrency_limit(ConcurrencyLimit::new(2).unwrap()), &script);
    let ended = Arc::new(Mutex::new(Vec::new()));
    join_all((0..9).map(|number| {
        let (client, ended) = (client.clone(), Arc::clone(&ended));
        async move {
            read(&client).await.unwrap();
            ended.lock().unwrap().push(number);
        }
    }))
    .await;
    assert_eq!(script.most_under_way(), 2);
    assert_eq!(times(&script), [0, 0, 1000, 1000, 2000, 2000, 3000, 3000, 4000]);
    assert_eq!(*ended.lock().unwrap(), (0..9).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_turn_ends_with_the_time_of_the_call() {
    let script = Script::new(slow(1));
    let limit = ConcurrencyLimit::new(1).unwrap();
    let patient = client(builder().concurrency_limit(limit.clone()), &script);
    let hasty = client(builder().concurrency_limit(limit).timeout(Duration::from_millis(300)), &script);
    let (first, second) = tokio::join!(read(&patient), read(&hasty));
    first.unwrap();
    let error = second.unwrap_err();
    assert_eq!((error.attempts(), error.elapsed()), (0, Some(Duration::from_millis(300))));
    assert_eq!(
        error.to_string(),
        "DescribeClusterDetail failed: no turn under the client's own limits of rate and concurrency comes within \
         300ms, the limit of the call"
    );
    read(&hasty).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_its_retry_keeps_no_turn() {
    let script = Script::new([Step::refusal(400, "Throttling").header("x-acs-retry-after", "5000")]);
    let client = client(builder().concurrency_limit(ConcurrencyLimit::new(1).unwrap()), &script);
    let (first, second) = tokio::join!(read(&client), read(&client));
    first.unwrap();
    second.unwrap();
    assert_eq!(times(&script), [0, 0, 5000]);
}

#[tokio::test(start_paused = true)]
async fn it_can_be_lifted_but_not_be_none() {
    let script = Script::new(slow(100));
    let client = client(builder().concurrency_limit(ConcurrencyLimit::unlimited()), &script);
    join_all((0..100).map(|_| read(&client))).await;
    assert_eq!(script.most_under_way(), 100);
    let error = ConcurrencyLimit::new(0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "concurrency_limit \"0\" sends nothing: allow at least 1, or use ConcurrencyLimit::unlimited()"
    );
    assert_eq!(format!("{:?}", ConcurrencyLimit::default()), "ConcurrencyLimit { most: Some(64), free: Some(64) }");
}
