//! The retry budget: an outage is not multiplied, and no single failure is given up for it.

use super::{builder, client, read};
use crate::retry::RetryBudget;
use crate::runtime::{Script, Step};

#[tokio::test(start_paused = true)]
async fn an_outage_spends_the_budget_and_successes_refill_it() {
    let budget = RetryBudget::new(20);
    let script = Script::new((0..9).map(|_| Step::answer(503, "")));
    let client = client(builder().retry_throttle(budget.clone()), &script);
    let clone = client.clone();
    assert_eq!(read(&client).await.unwrap_err().attempts(), 4);
    assert_eq!(budget.left(), 5);
    let error = read(&clone).await.unwrap_err();
    assert_eq!((error.attempts(), error.is_retries_exhausted(), budget.left()), (2, true, 0));
    let error = read(&client).await.unwrap_err();
    assert_eq!((error.attempts(), error.is_retries_exhausted()), (1, true));

    script.then([]);
    let left: Vec<u32> = {
        let mut left = Vec::new();
        // Two failures of the script are left.
        for _ in 0..8 {
            let _ = read(&client).await;
            left.push(budget.left());
        }
        left
    };
    assert_eq!(left, [0, 0, 1, 2, 3, 4, 5, 6]);
    for _ in 0..30 {
        read(&client).await.unwrap();
    }
    assert_eq!(budget.left(), 20);
    script.then([Step::answer(503, "")]);
    read(&client).await.unwrap();
    assert_eq!(budget.left(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_a_timeout_costs_twice() {
    let budget = RetryBudget::new(100);
    let script = Script::new([Step::never()]);
    let client = client(builder().retry_throttle(budget.clone()), &script);
    read(&client).await.unwrap();
    assert_eq!(budget.left(), 95);
    assert_eq!(format!("{budget:?}"), "RetryBudget { capacity: 100, left: 95 }");
}
