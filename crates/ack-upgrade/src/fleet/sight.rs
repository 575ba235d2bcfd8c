//! What there is to tell of a cluster after a look.

use std::time::{Duration, SystemTime};

use ack_client::models::ClusterState;

use super::event::{FleetEventKind, FleetNews};
use super::member::{Following, Member};
use super::options::{FleetWatchOptions, Looks};
use super::shared::State;
use crate::event::EventKind;
use crate::observe::{Look, Rest};
use crate::outcome::{Outcome, PausedBy};
use crate::phase::Phase;
use crate::status::UpgradeStatus;
use crate::version::is_newer;
use crate::watch::judge::Judge;
use crate::watch::{pace, quiet};
use crate::window::time_of;

/// How far the service's clock may be behind ours.
const CLOCK_DIFFERENCE: Duration = Duration::from_secs(60);

/// What one look has come to.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// What to tell, oldest first.
    pub(super) kinds: Vec<FleetEventKind>,
    /// How the upgrade has ended, if one has.
    pub(super) outcome: Option<Outcome>,
    /// How long to wait until the next look; none until the list shows a change.
    pub(super) wait: Option<Duration>,
}

/// Takes a look into account.
pub(super) fn see(
    state: &mut State,
    position: usize,
    look: &Look,
    options: &FleetWatchOptions,
    now: SystemTime,
) -> Sight {
    let status = &look.status;
    let version = status.current_version.as_deref().map(|version| state.text(version));
    let target = status.target_version.as_deref().map(|version| state.text(version));
    let mut sight = Sight::default();
    let Some(member) = state.members.get_mut(position) else { return sight };
    let is_new = member.is_named && member.last_look.is_none();
    if member.is_cluster() && (is_new || member.is_gone) {
        sight.kinds.push(FleetEventKind::Fleet(FleetNews::ClusterFound {
            name: member.name.as_deref().map(str::to_owned),
            version: status.current_version.clone(),
            state: status.cluster_state.as_ref().map(|state| state.as_str().to_owned()),
        }));
    }
    member.is_gone = false;
    member.errors = 0;
    member.last_look = Some(now);
    member.state.clone_from(&status.cluster_state);
    let change = version.filter(|_| member.is_cluster()).and_then(|version| member.version_changed(version));
    let has_new_version = change.is_some();
    sight.kinds.extend(change.map(FleetEventKind::Fleet));
    let mut kinds = Vec::new();
    if member.following.is_some() {
        sight.outcome = follow(member, look, options, now, &mut kinds);
    } else if is_going_on(member, look) {
        member.following = Some(Box::new(Following::new(status, target, now)));
        member.phase = Some(status.phase);
        kinds.push(EventKind::Started { status: Box::new(status.clone()) });
        kinds.extend((status.phase == Phase::Paused).then(|| paused(status)));
        learn(member, status);
        sight.outcome = judge(member, look, options);
    } else if let Some(from) = ended_unseen(member, status, has_new_version) {
        kinds.push(EventKind::PhaseChanged { from, to: status.phase });
        sight.outcome = Judge::default().judge(&member.handle(), look, None, &options.watch);
    }
    kinds.extend(sight.outcome.clone().map(|outcome| EventKind::Finished { outcome }));
    sight.kinds.extend(kinds.into_iter().map(FleetEventKind::Upgrade));
    if sight.outcome.is_some() {
        member.following = None;
    }
    if member.following.is_none() {
        member.task_id = status.task_id.as_deref().map(Box::from);
        member.phase = Some(status.phase);
    }
    sight.wait = wait(member, options);
    sight
}

impl Member {
    /// A version that the control plane was not known to have. It never goes back, but lists and looks may be behind.
    pub(super) fn version_changed(&mut self, version: std::sync::Arc<str>) -> Option<FleetNews> {
        let from = match &self.version {
            Some(known) if is_newer(&version, known) => Some(known.to_string()),
            Some(_) => return None,
            None => None,
        };
        let to = version.to_string();
        self.version = Some(version);
        from.map(|from| FleetNews::VersionChanged { from, to })
    }
}

/// Whether an upgrade is going on that was not followed so far.
fn is_going_on(member: &Member, look: &Look) -> bool {
    let status = &look.status;
    let is_same = member.task_id.is_some() && member.task_id.as_deref() == status.task_id.as_deref();
    match status.phase {
        Phase::Prechecking | Phase::Upgrading | Phase::Paused => true,
        // Its task was going on a moment ago.
        Phase::Finishing | Phase::Unknown if !member.is_cluster() => true,
        // A task of some time ago, whose result is not to be seen on the cluster, is no news. Nor is one that was told of.
        Phase::Finishing => look.rest == Rest::Moving && !is_same,
        Phase::Unknown => look.rest == Rest::Moving,
        _ => false,
    }
}

/// The phase before that of an upgrade which has come to its end between two looks.
fn ended_unseen(member: &Member, status: &UpgradeStatus, has_new_version: bool) -> Option<Phase> {
    let before = member.phase.unwrap_or(Phase::NotStarted);
    if !status.phase.is_final() {
        return None;
    }
    let is_news = match (&member.task_id, &status.task_id) {
        (Some(known), Some(own)) if **known == **own => before != status.phase,
        (Some(_), Some(_)) => true,
        _ if has_new_version => true,
        _ => status.started_at.as_deref().and_then(time_of).is_some_and(|at| at + CLOCK_DIFFERENCE >= member.since),
    };
    is_news.then_some(before)
}

/// Tells what has changed of an upgrade that is followed, and how it has ended if it has.
fn follow(
    member: &mut Member,
    look: &Look,
    options: &FleetWatchOptions,
    now: SystemTime,
    kinds: &mut Vec<EventKind>,
) -> Option<Outcome> {
    let status = &look.status;
    let handle = member.handle();
    let from = member.phase.unwrap_or(Phase::Unknown);
    let following = member.following.as_mut()?;
    if from != status.phase {
        kinds.push(EventKind::PhaseChanged { from, to: status.phase });
        if from == Phase::Paused && status.phase.is_running() {
            kinds.push(EventKind::Resumed);
        }
        if status.phase == Phase::Paused {
            kinds.push(paused(status));
        }
    }
    // What a look lacks is as it was.
    if let Some(stage) = status.stage.as_deref().filter(|stage| following.stage.as_deref() != Some(stage)) {
        following.stage = Some(stage.into());
        following.stage_since = now;
        kinds.push(EventKind::StageChanged { stage: stage.to_owned() });
    }
    if let Some(progress) = status.progress.filter(|progress| following.progress != Some(*progress)) {
        following.progress = Some(progress);
        kinds.push(EventKind::Progress { progress });
    }
    following.paused_by = status.paused_by;
    if !kinds.is_empty() {
        following.quiet.end();
        following.is_stalled = false;
    }
    let latest = quiet::latest(&look.told);
    if let Some(stall) = following.quiet.stall(options.stall_after, &handle, status, &latest) {
        following.is_stalled = true;
        kinds.push(EventKind::Stalled { stall });
    }
    member.phase = Some(status.phase);
    learn(member, status);
    judge(member, look, options)
}

/// From the moment an upgrade is seen at work, an older one cannot be taken for it.
fn learn(member: &mut Member, status: &UpgradeStatus) {
    if member.following.is_some() && status.task_id.is_some() {
        member.task_id = status.task_id.as_deref().map(Box::from);
    }
    if let Some(following) = &mut member.following
        && following.target.is_none()
    {
        following.target = status.target_version.as_deref().map(Into::into);
    }
}

fn judge(member: &mut Member, look: &Look, options: &FleetWatchOptions) -> Option<Outcome> {
    let handle = member.handle();
    let following = member.following.as_mut()?;
    following.judge.judge(&handle, look, None, &options.watch)
}

fn wait(member: &Member, options: &FleetWatchOptions) -> Option<Duration> {
    if options.is_once {
        return None;
    }
    match &member.following {
        None if !member.is_cluster() => None,
        Some(following) => {
            let (phase, quiet) = (member.phase.unwrap_or(Phase::Unknown), following.quiet.since.elapsed());
            Some(pace::after_look(&options.watch, &member.kind(), phase, quiet))
        }
        None if member.is_named || options.looks == Looks::Every => Some(options.idle),
        None if member.state == Some(ClusterState::Running) => None,
        None => Some(options.idle),
    }
}

fn paused(status: &UpgradeStatus) -> EventKind {
    EventKind::Paused { by: status.paused_by.unwrap_or(PausedBy::Person), reason: status.error_message.clone() }
}
