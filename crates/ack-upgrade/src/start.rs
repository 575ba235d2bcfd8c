//! Starting an upgrade at most once, without an idempotency token.

mod send;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use ack_client::Error as ClientError;

use crate::error::Error;
use crate::handle::{UpgradeHandle, UpgradeKind};
use crate::observe::{Look, Rest, Wanted, newest_task, observe, target_of};
use crate::phase::Phase;
use crate::plan::Start;
use crate::status::UpgradeStatus;
use crate::upgrades::Upgrades;
use crate::version::{Version, is_line};

pub(crate) use send::begin;

/// Lists lag up to ten seconds, so what was sent is looked for twice as long.
const LOOKS: u32 = 7;
const BETWEEN_LOOKS: Duration = Duration::from_secs(3);

/// An upgrade that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Started {
    handle: UpgradeHandle,
    joined: bool,
}

impl Started {
    /// What to follow it by.
    #[must_use]
    pub fn handle(&self) -> &UpgradeHandle {
        &self.handle
    }

    /// Whether it was found running instead of being started by this call.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.joined
    }

    /// The request ID of the start, if its answer arrived.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.handle.request_id.as_deref()
    }
}

/// What the service said to a start it has accepted.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) task_id: Option<String>,
    pub(crate) request_id: Option<String>,
}

/// A start on its way.
pub(crate) type Sending<'a> = Pin<Box<dyn Future<Output = Result<Accepted, ClientError>> + Send + 'a>>;

pub(crate) async fn start(upgrades: &Upgrades, cluster_id: &str, version: &str) -> Result<Started, Error> {
    check_version(version)?;
    let wanted = UpgradeHandle::new(cluster_id).with_target_version(version);
    begin(upgrades, wanted, &Start::control_plane(version)).await
}

/// Refuses what the service could take for one version of several, and what is none.
pub(crate) fn check_version(version: &str) -> Result<(), Error> {
    if version.trim() != version || version.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(Error::invalid(format!("the version {version:?} holds white space: remove it")));
    }
    if Version::parse(version).is_none() || is_line(version) {
        return Err(Error::invalid(format!(
            "the version {version:?} leaves open which one it is: give a whole one such as 1.32.6-aliyun.1; a plan takes a \
             minor version, next and latest, and finds it"
        )));
    }
    Ok(())
}

/// Starts what `send` sends unless it is under way or done already, and finds out what became of it where the answer
/// does not tell. `wanted` names what is to be upgraded and where to.
pub(crate) async fn at_most_once<'a>(
    upgrades: &Upgrades,
    wanted: UpgradeHandle,
    send: &(dyn Fn() -> Sending<'a> + Sync),
) -> Result<Started, Error> {
    let anything = UpgradeHandle { target_version: None, task_id: None, started_at: None, ..wanted.clone() };
    let mut wanted = UpgradeHandle { region: upgrades.client.region().map(str::to_owned), ..wanted };
    let before = look_before(upgrades, &anything).await?;
    if before.status.phase == Phase::Failed && before.rest == Rest::Moving {
        return Err(Error::refused(stopped(&before.status, &wanted)));
    }
    if is_under_way(&before) {
        return join(&before.status, wanted);
    }
    if is_done(&before, &wanted) {
        return Err(Error::refused(done(&wanted)));
    }
    wanted.started_at = Some(upgrades.clock.now());
    let known = before.status.task_id.as_deref();
    let lost = match sent(send).await {
        Ok(accepted) => return Ok(accepted_as(upgrades, wanted, accepted, known).await),
        Err(error) if error.may_have_taken_effect() => error,
        Err(error) => return refused(upgrades, wanted, &anything, error).await,
    };
    tracing::warn!(error = %lost, "the answer to the start is lost; looking whether it was accepted");
    match look_for_it(upgrades, &anything, &wanted, known).await {
        Found::Under(started) => return Ok(started),
        Found::Other(error) => return Err(error),
        Found::Unclear => return Err(Error::unclear(&wanted, lost)),
        Found::Nothing => {}
    }
    // For twice as long as lists lag, nothing has shown up and everything was at rest: it was not accepted.
    tracing::warn!("no upgrade has shown up; starting it once more");
    wanted.started_at = Some(upgrades.clock.now());
    match sent(send).await {
        Ok(accepted) => Ok(accepted_as(upgrades, wanted, accepted, known).await),
        Err(error) if error.may_have_taken_effect() => match look_for_it(upgrades, &anything, &wanted, known).await {
            Found::Under(started) => Ok(started),
            Found::Other(error) => Err(error),
            Found::Nothing | Found::Unclear => Err(Error::unclear(&wanted, error)),
        },
        Err(error) => refused(upgrades, wanted, &anything, error).await,
    }
}

/// Sends a start. A success that cannot be read has been accepted all the same, as services of before 2024 answer with
/// nothing at all.
async fn sent<'a>(send: &(dyn Fn() -> Sending<'a> + Sync)) -> Result<Accepted, ClientError> {
    match send().await {
        Err(error) if error.is_decode() => {
            Ok(Accepted { task_id: None, request_id: error.request_id().map(str::to_owned) })
        }
        answer => answer,
    }
}

/// A look that tells where an upgrade that is under way leads. Another process may have started it just now, and the
/// lists lag.
async fn look_before(upgrades: &Upgrades, anything: &UpgradeHandle) -> Result<Look, ClientError> {
    let mut look = observe(upgrades, anything).await?;
    for _ in 0..LOOKS {
        if !is_under_way(&look) || look.status.target_version.is_some() {
            break;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
        look = observe(upgrades, anything).await?;
    }
    Ok(look)
}

/// A start whose answer has arrived. Services of before 2024 name no task, so it is looked for.
async fn accepted_as(upgrades: &Upgrades, wanted: UpgradeHandle, accepted: Accepted, known: Option<&str>) -> Started {
    let Accepted { task_id, request_id } = accepted;
    let mut handle = UpgradeHandle { request_id, task_id: task_id.filter(|id| !id.is_empty()), ..wanted };
    if handle.task_id.is_none() {
        for _ in 0..LOOKS {
            tokio::time::sleep(BETWEEN_LOOKS).await;
            if let Ok(Some(task_id)) = new_task(upgrades, &handle, known).await {
                handle.task_id = Some(task_id);
                break;
            }
        }
    }
    Started { handle, joined: false }
}

/// The service refused. Somebody else may have started the same at the same time, which is as good.
async fn refused(
    upgrades: &Upgrades,
    wanted: UpgradeHandle,
    anything: &UpgradeHandle,
    error: ClientError,
) -> Result<Started, Error> {
    let says_nothing = error.is_throttled() || error.is_forbidden() || error.is_bad_signature();
    if error.status().is_some_and(|status| status.is_client_error()) && !says_nothing {
        match observe(upgrades, anything).await {
            Ok(now) if is_under_way(&now) => return join(&now.status, wanted),
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "looking why the start was refused"),
        }
    }
    Err(error.into())
}

/// What has shown up after a start whose answer is lost.
enum Found {
    Under(Started),
    Other(Error),
    /// Nothing, although every look went well and everything was at rest.
    Nothing,
    /// Nothing, but not every look went well, or something is going on.
    Unclear,
}

async fn look_for_it(
    upgrades: &Upgrades,
    anything: &UpgradeHandle,
    wanted: &UpgradeHandle,
    known: Option<&str>,
) -> Found {
    let mut is_clear = true;
    for _ in 0..LOOKS {
        tokio::time::sleep(BETWEEN_LOOKS).await;
        match observe(upgrades, anything).await {
            // It may even have ended: a precheck that fails is quick.
            Ok(now) if now.status.task_id.is_some() && now.status.task_id.as_deref() != known => {
                return Found::of(join(&now.status, wanted.clone()));
            }
            Ok(now) if is_under_way(&now) && now.status.task_id.is_none() => is_clear = false,
            Ok(now) if is_under_way(&now) => return Found::of(join(&now.status, wanted.clone())),
            Ok(now) => is_clear = now.rest == Rest::InOrder,
            Err(error) => {
                tracing::debug!(%error, "looking for the new upgrade");
                is_clear = false;
            }
        }
    }
    if is_clear { Found::Nothing } else { Found::Unclear }
}

impl Found {
    fn of(joined: Result<Started, Error>) -> Self {
        joined.map_or_else(Self::Other, Self::Under)
    }
}

async fn new_task(
    upgrades: &Upgrades,
    handle: &UpgradeHandle,
    known: Option<&str>,
) -> Result<Option<String>, ClientError> {
    let task = newest_task(upgrades, &handle.cluster_id, &Wanted::of(handle)).await?;
    let fits = |target: Option<String>| target.is_none() || target == handle.target_version;
    let task = task.filter(|task| fits(target_of(task)));
    Ok(task.and_then(|task| task.into_inner().task_id).filter(|task_id| Some(task_id.as_str()) != known))
}

/// A task that succeeded while the cluster runs another version is an old one: the version was changed since.
pub(crate) fn is_under_way(look: &Look) -> bool {
    match look.status.phase {
        Phase::Finishing => look.rest == Rest::Moving,
        phase => phase.is_running() || phase == Phase::Paused,
    }
}

/// Whether there is nothing to do.
pub(crate) fn is_done(before: &Look, wanted: &UpgradeHandle) -> bool {
    if let UpgradeKind::Addons { .. } = wanted.kind {
        return before.is_verified && before.shortfall.is_none() && before.rest == Rest::InOrder;
    }
    wanted.target_version.is_some() && before.status.current_version == wanted.target_version
}

/// What is to be upgraded, as the subject of a sentence.
fn subject(wanted: &UpgradeHandle) -> String {
    match &wanted.kind {
        UpgradeKind::ControlPlane => format!("cluster {}", wanted.cluster_id),
        kind => format!("{kind} of cluster {}", wanted.cluster_id),
    }
}

fn done(wanted: &UpgradeHandle) -> String {
    if let UpgradeKind::Addons { .. } = wanted.kind {
        return format!("{} cannot be upgraded: the versions wanted are installed already", subject(wanted));
    }
    let version = wanted.target_version.as_deref().unwrap_or_default();
    format!("{} is at version {version} already", subject(wanted))
}

fn stopped(status: &UpgradeStatus, wanted: &UpgradeHandle) -> String {
    let task = status.task_id.as_deref().unwrap_or("of unknown ID");
    let reason = status.error_message.as_deref().unwrap_or("the service names no reason");
    let subject = subject(wanted);
    format!(
        "{subject} has an upgrade, task {task}, that was stopped by an error ({reason}): resume it or cancel it first"
    )
}

/// Joins a running upgrade if it leads to the wanted version.
fn join(running: &UpgradeStatus, wanted: UpgradeHandle) -> Result<Started, Error> {
    let task = running.task_id.as_deref().unwrap_or("of unknown ID");
    if running.target_version == wanted.target_version {
        let handle = UpgradeHandle { task_id: running.task_id.clone(), ..wanted };
        return Ok(Started { handle, joined: true });
    }
    let target = running.target_version.as_deref().unwrap_or("a version it does not name");
    Err(Error::refused(format!(
        "{} has an upgrade already, task {task}, {} on its way to {target}: follow it, or wait for its end",
        subject(&wanted),
        running.phase
    )))
}
