//! Credentials that the service finds expired, that fail, and that do not come.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ack_auth::{CachedCredentials, Credential, CredentialFuture, Credentials, Error as AuthError, SystemClock};

use super::{SECRET, builder, client, read, upgrade};
use crate::runtime::{Lost, Script, Step};

const EXPIRED: &str = "InvalidSecurityToken.Expired";

/// Gives sessions of these names, the last of them for ever, and fails at an empty one.
#[derive(Debug)]
struct Sessions(Mutex<VecDeque<&'static str>>);

impl Sessions {
    fn new(names: impl IntoIterator<Item = &'static str>) -> CachedCredentials<Self> {
        CachedCredentials::new(Self(Mutex::new(names.into_iter().collect())), SystemClock)
    }
}

impl Credentials for Sessions {
    fn credential(&self) -> CredentialFuture<'_> {
        let mut names = self.0.lock().unwrap();
        let name = if names.len() > 1 { names.pop_front() } else { names.front().copied() };
        let outcome = match name {
            Some("") | None => Err(AuthError::source_failed("the session store", "it is closed")),
            Some(name) => Ok(Credential::sts(name, SECRET, format!("token-of-{name}"))),
        };
        Box::pin(std::future::ready(outcome))
    }
}

fn keys(script: &Script) -> Vec<String> {
    script.sent().iter().map(|request| request.header("x-acs-accesskey-id").unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn an_expired_session_is_replaced_once_and_any_method_is_repeated() {
    let script = Script::new([Step::refusal(400, EXPIRED)]);
    let client = client(builder().credentials(Sessions::new(["first", "second"])), &script);
    upgrade(&client).await.unwrap();
    read(&client).await.unwrap();
    assert_eq!(keys(&script), ["first", "second", "second"]);
}

#[tokio::test(start_paused = true)]
async fn a_second_refusal_is_final() {
    let script = Script::new([Step::refusal(400, EXPIRED), Step::refusal(400, EXPIRED)]);
    let client = client(builder().credentials(Sessions::new(["first", "second", "third"])), &script);
    let error = upgrade(&client).await.unwrap_err();
    assert_eq!((error.attempts(), error.code()), (2, Some(EXPIRED)));
    assert_eq!(keys(&script), ["first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn without_another_session_the_refusal_stands_and_nothing_is_sent_again() {
    let script = Script::new([Step::refusal(400, EXPIRED)]);
    let error = read(&client(builder(), &script)).await.unwrap_err();
    assert_eq!((error.attempts(), error.code()), (1, Some(EXPIRED)));
    assert!(!error.is_retries_exhausted());

    let script = Script::new([Step::refusal(400, EXPIRED)]);
    let client = client(builder().credentials(Sessions::new(["first", ""])), &script);
    let error = read(&client).await.unwrap_err();
    assert!(error.is_credentials());
    assert_eq!((error.attempts(), script.sent().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn credentials_that_fail_send_nothing() {
    let script = Script::new([]);
    let error = read(&client(builder().credentials(Sessions::new([])), &script)).await.unwrap_err();
    assert!(error.is_credentials() && !error.may_have_taken_effect());
    assert_eq!((error.attempts(), script.sent().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn credentials_that_fail_later_on_do_not_undo_what_was_sent() {
    /// Gives one credential, and then fails or never ends.
    #[derive(Debug)]
    struct Once {
        given: AtomicBool,
        then_fails: bool,
    }
    impl Credentials for Once {
        fn credential(&self) -> CredentialFuture<'_> {
            match (self.given.swap(true, Ordering::Relaxed), self.then_fails) {
                (false, _) => Box::pin(std::future::ready(Ok(Credential::access_key("first", SECRET)))),
                (true, true) => {
                    Box::pin(std::future::ready(Err(AuthError::source_failed("the session store", "it is closed"))))
                }
                (true, false) => Box::pin(std::future::pending()),
            }
        }
    }
    for then_fails in [true, false] {
        let script = Script::new([Step::lost(Lost::Exchanging)]);
        let source = Once { given: AtomicBool::new(false), then_fails };
        let client = client(builder().credentials(source).timeout(Duration::from_secs(7)), &script);
        let error = read(&client).await.unwrap_err();
        assert_eq!((error.is_credentials(), error.is_timeout()), (then_fails, !then_fails), "{error}");
        assert!(error.attempts() == 1 && error.may_have_taken_effect(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_do_not_come_end_with_the_time_of_the_call() {
    #[derive(Debug)]
    struct Stalled;
    impl Credentials for Stalled {
        fn credential(&self) -> CredentialFuture<'_> {
            Box::pin(std::future::pending())
        }
    }
    let script = Script::new([]);
    let settings = builder().credentials(Arc::new(Stalled)).timeout(Duration::from_secs(7));
    let error = upgrade(&client(settings, &script)).await.unwrap_err();
    assert!(error.is_timeout() && !error.may_have_taken_effect());
    assert_eq!(error.elapsed(), Some(Duration::from_secs(7)));
    assert_eq!(error.to_string(), "UpgradeCluster failed: no credentials came within 7s, the limit of the call");
}
