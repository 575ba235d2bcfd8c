//! Pausing, resuming and cancelling an upgrade, and waiting until that has taken effect.

use std::fmt;
use std::time::Duration;

use ack_client::models::{ClusterState, UpgradeStep};
use ack_client::{Error as ClientError, ResponseValue};
use serde::Serialize;
use tokio::time::Instant;

use crate::error::Error;
use crate::handle::{UpgradeHandle, UpgradeKind};
use crate::observe::{Amiss, Look, is_no_longer_served, is_unknown_task, observe};
use crate::phase::Phase;
use crate::status::{Source, UpgradeStatus};
use crate::upgrades::Upgrades;

/// What to do to an upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Stop for now. The nodes that are being worked on are finished first.
    Pause,
    /// Go on after a pause.
    Resume,
    /// Stop for good. What is done stays done, and there is no way back.
    Cancel,
}

/// How to steer an upgrade.
#[derive(Clone, Debug)]
pub struct ControlOptions {
    time_limit: Duration,
}

/// What came of steering an upgrade.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Controlled {
    /// What was asked for.
    pub action: Action,
    /// Where the upgrade stands now.
    pub status: UpgradeStatus,
    /// Whether it stood so already, and nothing was sent.
    pub already: bool,
    /// The request ID of the call that was sent, if its answer arrived.
    pub request_id: Option<String>,
}

impl ControlOptions {
    /// How long it may take to take effect; 10 minutes by default. A pause waits for the nodes that are being worked on.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }
}

impl Default for ControlOptions {
    fn default() -> Self {
        Self { time_limit: Duration::from_secs(10 * 60) }
    }
}

/// The time between two looks at whether it has taken effect, at first and later on.
const SOON: Duration = Duration::from_secs(3);
const LATER: Duration = Duration::from_secs(10);

/// How an upgrade ended, after its subject.
fn ended(phase: Phase) -> String {
    match phase {
        Phase::Cancelled => "was cancelled".to_owned(),
        phase => format!("has {phase}"),
    }
}

/// What was sent.
#[derive(Debug)]
pub(crate) struct Sent {
    request_id: Option<String>,
}

pub(crate) async fn control(
    upgrades: &Upgrades,
    action: Action,
    handle: &UpgradeHandle,
    options: &ControlOptions,
) -> Result<Controlled, Error> {
    let started = Instant::now();
    let look = observe(upgrades, handle).await?;
    refuse_another_task(action, handle, &look)?;
    let before = look.status;
    if action.is_so(&before) {
        return Ok(Controlled { action, status: before, already: true, request_id: None });
    }
    refuse_senseless(action, handle, &before)?;
    // The task is named from here on, so that no later one can be taken for it.
    let handle = UpgradeHandle { task_id: before.task_id.clone(), ..handle.clone() };
    let (request_id, lost) = match request(upgrades, action, &handle, &before).await {
        Ok(Some(sent)) => (sent.request_id, None),
        Ok(None) => {
            return Err(Error::refused(format!("no task of {handle} is known, so it cannot be told to {action}")));
        }
        Err(error) if error.may_have_taken_effect() => {
            tracing::warn!(%error, %action, "the answer is lost; looking whether it takes effect");
            (None, Some(error))
        }
        Err(error) => {
            // Somebody else may have been faster: what counts is where it stands.
            let status = observe(upgrades, &handle).await?.status;
            if action.has_taken_effect(&before, &status) {
                return Ok(Controlled { action, status, already: true, request_id: None });
            }
            return Err(error.into());
        }
    };
    loop {
        let waited = started.elapsed();
        let stands = match observe(upgrades, &handle).await {
            Ok(look) if action.has_taken_effect(&before, &look.status) => {
                return Ok(Controlled { action, status: look.status, already: false, request_id });
            }
            Ok(look) if look.status.phase.is_final() && look.status.phase != before.phase => {
                return Err(Error::not_in_effect(
                    action,
                    &handle,
                    request_id,
                    format!("it {} meanwhile", ended(look.status.phase)),
                ));
            }
            Ok(look) => format!("it is still {}", look.status.phase),
            Err(error) => format!("its status cannot be read ({error})"),
        };
        if waited >= options.time_limit {
            let asked = match &lost {
                Some(error) => format!("the answer was lost ({error})"),
                None => "the service has taken the request".to_owned(),
            };
            let problem = format!("{asked}, but {stands} after {} s", waited.as_secs());
            return Err(Error::not_in_effect(action, &handle, request_id, problem));
        }
        let pause = if waited < Duration::from_secs(60) { SOON } else { LATER };
        tokio::time::sleep(pause.min(options.time_limit.saturating_sub(waited)).max(Duration::from_millis(50))).await;
    }
}

/// What is at work is left alone unless it is what the task that was named does.
fn refuse_another_task(action: Action, handle: &UpgradeHandle, look: &Look) -> Result<(), Error> {
    match (&look.amiss, &handle.task_id) {
        (Some(Amiss::Foreign(problem)), _) => Err(Error::invalid(format!("cannot {action} {handle}: {problem}"))),
        (Some(Amiss::Unknown), Some(task_id)) => Err(Error::refused(format!(
            "there is nothing to {action}: the service does not know task {task_id} of {handle}; leave the task out to \
             {action} the newest"
        ))),
        _ => Ok(()),
    }
}

/// What makes no sense is not sent.
fn refuse_senseless(action: Action, handle: &UpgradeHandle, status: &UpgradeStatus) -> Result<(), Error> {
    // GetUpgradeStatus shows an upgrade that an error has stopped as paused, and the service can resume that; the
    // cluster is still `upgrading` then.
    let is_paused = status.source == Source::GetUpgradeStatus && status.upgrade_step == Some(UpgradeStep::Pause);
    let is_stopped = is_paused || status.cluster_state == Some(ClusterState::Upgrading);
    let makes_sense = match status.phase {
        Phase::NotStarted | Phase::Succeeded | Phase::Cancelled | Phase::Finishing => false,
        Phase::Failed => is_stopped && action != Action::Pause,
        _ => true,
    };
    if makes_sense {
        return Ok(());
    }
    let stands = match status.phase {
        Phase::NotStarted => "the service knows of none".to_owned(),
        Phase::Finishing => "its task has succeeded already".to_owned(),
        phase => format!("it {}", ended(phase)),
    };
    Err(Error::refused(format!("there is nothing to {action}: {handle} is not at work, {stands}")))
}

/// Sends the request: to the task API, or where that does not know the task to the deprecated operations. `None` if
/// there is nowhere to send it.
pub(crate) async fn request(
    upgrades: &Upgrades,
    action: Action,
    handle: &UpgradeHandle,
    status: &UpgradeStatus,
) -> Result<Option<Sent>, ClientError> {
    let client = &upgrades.client;
    let unknown = match handle.task_id.as_deref().or(status.task_id.as_deref()) {
        Some(task_id) => {
            let answer = match action {
                Action::Pause => client.pause_task(task_id).await,
                Action::Resume => client.resume_task(task_id).await,
                Action::Cancel => client.cancel_task(task_id).await,
            };
            match answer {
                Ok(answer) => return Ok(Some(Sent::by(&answer))),
                Err(error) if is_unknown_task(&error) => Some(error),
                Err(error) => return Err(error),
            }
        }
        None => None,
    };
    match (by_deprecated(upgrades, action, handle).await, unknown) {
        // That an old operation is no longer served tells less than that the task is not known.
        (Err(error), Some(unknown)) if is_no_longer_served(&error) && !has_reason(&error) => Err(unknown),
        (Ok(None), Some(unknown)) => Err(unknown),
        (sent, _) => sent,
    }
}

/// Whether an old operation refuses for a reason of the upgrade's, such as that only what is paused can be cancelled. How one
/// that is switched off refuses is not documented; no code of the service's that says so leaves out what was not found.
fn has_reason(error: &ClientError) -> bool {
    let is_about_the_operation =
        |code: &str| ["NotFound", "Api", "Action", "Acl"].iter().any(|word| code.contains(word));
    error.status().is_some_and(|status| status == 400) && error.code().is_some_and(|code| !is_about_the_operation(code))
}

/// The operations that came before the task API; `None` where there never was one.
#[expect(deprecated, reason = "they are the fall-back where the task is not known")]
async fn by_deprecated(
    upgrades: &Upgrades,
    action: Action,
    handle: &UpgradeHandle,
) -> Result<Option<Sent>, ClientError> {
    let (client, cluster_id) = (&upgrades.client, handle.cluster_id.as_str());
    match &handle.kind {
        UpgradeKind::ControlPlane => {
            let answer = match action {
                Action::Pause => client.pause_cluster_upgrade(cluster_id).await,
                Action::Resume => client.resume_upgrade_cluster(cluster_id).await,
                Action::Cancel => client.cancel_cluster_upgrade(cluster_id).await,
            };
            Ok(Some(Sent::by(&answer?)))
        }
        UpgradeKind::NodePool { .. } => Ok(None),
        UpgradeKind::Addons { addons } => {
            let mut sent = None;
            for addon in addons {
                let answer = match action {
                    Action::Pause => client.pause_component_upgrade(cluster_id, &addon.name).await,
                    Action::Resume => client.resume_component_upgrade(cluster_id, &addon.name).await,
                    Action::Cancel => client.cancel_component_upgrade(cluster_id, &addon.name).await,
                };
                sent = Some(Sent::by(&answer?));
            }
            Ok(sent)
        }
    }
}

impl Sent {
    fn by(answer: &ResponseValue<()>) -> Self {
        Self { request_id: answer.request_id().map(str::to_owned) }
    }
}

impl Action {
    /// Whether an upgrade stands where the action leads, without having been sent there.
    fn is_so(self, status: &UpgradeStatus) -> bool {
        match self {
            Self::Pause => status.phase == Phase::Paused,
            Self::Resume => matches!(status.phase, Phase::Prechecking | Phase::Upgrading),
            Self::Cancel => status.phase == Phase::Cancelled,
        }
    }

    /// Whether an upgrade has gone where the action leads. Resuming is done once the pause is left, however it goes on.
    fn has_taken_effect(self, before: &UpgradeStatus, now: &UpgradeStatus) -> bool {
        match self {
            Self::Pause => now.phase == Phase::Paused,
            Self::Resume => now.phase.is_running() || now.phase == Phase::Succeeded,
            // GetUpgradeStatus may know of no upgrade any more once it is cancelled.
            Self::Cancel => {
                now.phase == Phase::Cancelled || now.phase == Phase::NotStarted && before.phase != Phase::NotStarted
            }
        }
    }
}

/// The verb: `pause`, `resume`, `cancel`.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
        })
    }
}
