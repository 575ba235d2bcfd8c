use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::join_all;

use super::*;
use crate::ready::now;
use crate::stand_ins::World;

/// Gives what is queued, each after one round of waiting, and counts how often it was asked.
#[derive(Debug, Default)]
struct Queue {
    outcomes: Mutex<VecDeque<Result<Credential, Error>>>,
    asked: Mutex<u32>,
    refused: Mutex<Vec<String>>,
}

impl Credentials for Queue {
    fn credential(&self) -> CredentialFuture<'_> {
        *self.asked.lock().unwrap() += 1;
        Box::pin(async {
            Yield(false).await;
            self.outcomes.lock().unwrap().pop_front().unwrap_or_else(|| Err(refused()))
        })
    }

    fn refused(&self, credential: &Credential) {
        self.refused.lock().unwrap().push(credential.access_key_id().unwrap().to_owned());
    }
}

/// Waits once, waking itself.
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

fn refused() -> Error {
    Error::source_failed("the queue", "it is empty")
}

fn lasting(id: &str) -> Result<Credential, Error> {
    Ok(Credential::access_key(id, "secret"))
}

fn expiring(world: &World, id: &str, seconds: u64) -> Result<Credential, Error> {
    Ok(Credential::access_key(id, "secret").with_expiration(world.now() + Duration::from_secs(seconds)))
}

struct Scene {
    world: World,
    cached: CachedCredentials<Arc<Queue>>,
    queue: Arc<Queue>,
}

impl Scene {
    fn new() -> Self {
        let (world, queue) = (World::new(), Arc::new(Queue::default()));
        Self { cached: CachedCredentials::new(queue.clone(), world.clone()), world, queue }
    }

    fn will_give(&self, outcome: Result<Credential, Error>) {
        self.queue.outcomes.lock().unwrap().push_back(outcome);
    }

    fn get(&self) -> String {
        text(crate::ready::block_on(self.cached.credential()))
    }

    fn after(&self, seconds: u64) -> String {
        self.world.pass(Duration::from_secs(seconds));
        self.get()
    }

    fn asked(&self) -> u32 {
        *self.queue.asked.lock().unwrap()
    }
}

fn text(outcome: Result<Credential, Error>) -> String {
    outcome.map_or_else(|error| error.to_string(), |credential| credential.access_key_id().unwrap().to_owned())
}

const FAILED: &str = "credentials from the queue could not be obtained: it is empty";

#[test]
fn it_is_renewed_a_quarter_of_its_life_ahead_but_no_more_than_15_minutes() {
    let scene = Scene::new();
    scene.will_give(expiring(&scene.world, "short", 900));
    assert_eq!((scene.get(), scene.after(674)), ("short".to_owned(), "short".to_owned()));
    assert_eq!(scene.asked(), 1);
    scene.world.pass(Duration::from_secs(1));
    scene.will_give(expiring(&scene.world, "long", 36_000));
    assert_eq!((scene.get(), scene.after(35_099)), ("long".to_owned(), "long".to_owned()));
    assert_eq!(scene.asked(), 2);
    scene.will_give(lasting("lasting"));
    assert_eq!((scene.after(1), scene.after(299), scene.asked()), ("lasting".to_owned(), "lasting".to_owned(), 3));
    scene.will_give(lasting("replaced"));
    assert_eq!(scene.after(1), "replaced");
}

#[test]
fn a_failure_is_not_kept_and_a_valid_credential_outlives_it() {
    let scene = Scene::new();
    assert_eq!(scene.get(), FAILED);
    scene.will_give(expiring(&scene.world, "first", 1000));
    assert_eq!(scene.get(), "first");
    assert_eq!((scene.after(750), scene.asked()), ("first".to_owned(), 3));
    assert_eq!((scene.after(9), scene.asked()), ("first".to_owned(), 3));
    assert_eq!((scene.after(1), scene.asked()), ("first".to_owned(), 4));
    assert_eq!((scene.after(240), scene.asked()), (FAILED.to_owned(), 5));
    scene.will_give(expiring(&scene.world, "second", 1000));
    assert_eq!(scene.get(), "second");
}

#[test]
fn a_lasting_key_outlives_a_failure_but_not_its_removal() {
    let scene = Scene::new();
    scene.will_give(lasting("key"));
    assert_eq!((scene.get(), scene.after(300)), ("key".to_owned(), "key".to_owned()));
    scene.will_give(Err(Error::not_configured("the queue", "fill it")));
    assert_eq!(scene.after(10), "the queue holds no credentials: fill it");
}

#[test]
fn a_refused_credential_is_dropped_unless_another_has_come_since() {
    let scene = Scene::new();
    scene.will_give(expiring(&scene.world, "first", 10_000));
    scene.will_give(expiring(&scene.world, "second", 10_000));
    assert_eq!(scene.get(), "first");
    let first = lasting("first").unwrap();
    scene.cached.refused(&first);
    assert_eq!((scene.get(), scene.asked()), ("second".to_owned(), 2));
    scene.cached.refused(&first);
    assert_eq!((scene.get(), scene.asked()), ("second".to_owned(), 2));
    assert_eq!(*scene.queue.refused.lock().unwrap(), ["first", "first"]);
}

#[test]
fn concurrent_callers_make_one_refresh() {
    let scene = Scene::new();
    scene.will_give(expiring(&scene.world, "first", 1000));
    let all = |scene: &Scene| -> Vec<String> {
        let callers = (0..9).map(|_| scene.cached.credential());
        crate::ready::block_on(join_all(callers)).into_iter().map(text).collect()
    };
    assert_eq!((all(&scene), scene.asked()), (vec!["first".to_owned(); 9], 1));
    scene.world.pass(Duration::from_secs(800));
    scene.will_give(expiring(&scene.world, "second", 1000));
    let mut expected = vec!["first".to_owned(); 9];
    expected[0] = "second".to_owned();
    assert_eq!((all(&scene), scene.asked()), (expected, 2));
}

#[test]
fn concurrent_callers_share_a_failure() {
    let scene = Scene::new();
    let callers = (0..9).map(|_| scene.cached.credential());
    let outcomes = crate::ready::block_on(join_all(callers));
    assert!(outcomes.into_iter().all(|outcome| text(outcome) == FAILED));
    assert_eq!(scene.asked(), 1);
    scene.will_give(lasting("later"));
    assert_eq!((scene.get(), scene.asked()), ("later".to_owned(), 2));
}

#[test]
fn a_caller_that_gives_up_leaves_the_refresh_to_the_next() {
    let scene = Scene::new();
    let mut first = scene.cached.credential();
    let mut context = Context::from_waker(std::task::Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    drop(first);
    scene.will_give(lasting("key"));
    assert_eq!((scene.get(), scene.asked()), ("key".to_owned(), 2));
    assert_eq!(text(now(scene.cached.credential())), "key");
    let shown = format!("{:?}", CachedCredentials::new(Credential::bearer("hidden"), scene.world.clone()));
    assert!(shown.starts_with("CachedCredentials { source: ") && !shown.contains("hidden"), "{shown}");
}
