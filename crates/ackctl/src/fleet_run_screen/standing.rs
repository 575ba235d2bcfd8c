//! How a run over a fleet stands, in words, by what its events have told.

use std::collections::{BTreeMap, HashMap};

use ack_upgrade::fleet::{FleetCheckpoint, FleetEvent, FleetEventKind, FleetNews, MemberProgress};
use ack_upgrade::{EventKind, RunNews, UpgradeStatus};

use crate::output::count;

/// Everything that is known.
pub(super) struct Standing {
    checkpoint: FleetCheckpoint,
    /// Where the clusters are in it: wave and position, by account and ID.
    places: HashMap<(String, String), (usize, usize)>,
    /// How many clusters may fail.
    allowed: usize,
    has_several_accounts: bool,
    /// The wave that has begun last.
    wave: Option<usize>,
    /// What is waited for between two waves.
    between: Option<String>,
    /// Why nothing new is started.
    stopped: Option<String>,
    /// The clusters that are at work, in the order in which they have begun.
    at_work: Vec<AtWork>,
}

/// A cluster that is at work.
struct AtWork {
    account: String,
    cluster_id: String,
    has_plan: bool,
    /// What is going on, by the IDs of the steps.
    steps: BTreeMap<String, Step>,
}

/// A step of its plan.
#[derive(Default)]
struct Step {
    what: String,
    target: Option<String>,
    doing: String,
    stage: Option<String>,
    progress: Option<String>,
    is_stalled: bool,
}

impl Standing {
    pub(super) fn new(checkpoint: FleetCheckpoint, allowed: usize) -> Self {
        let mut places = HashMap::new();
        for (number, wave) in checkpoint.waves.iter().enumerate() {
            for (position, member) in wave.clusters.iter().enumerate() {
                places.insert((member.account.clone(), member.cluster_id.clone()), (number, position));
            }
        }
        let first = checkpoint.members().next().map(|member| &member.account);
        let has_several_accounts = checkpoint.members().any(|member| Some(&member.account) != first);
        Self {
            checkpoint,
            places,
            allowed,
            has_several_accounts,
            wave: None,
            between: None,
            stopped: None,
            at_work: Vec::new(),
        }
    }

    /// Takes an event into account.
    pub(super) fn take(&mut self, event: &FleetEvent) {
        match &event.kind {
            FleetEventKind::Fleet(FleetNews::WaveStarted { .. }) => {
                self.wave = event.wave.and_then(|wave| wave.checked_sub(1));
                self.between = None;
            }
            FleetEventKind::Fleet(FleetNews::WaveFinished { .. }) => self.between = Some(String::new()),
            FleetEventKind::Fleet(news @ FleetNews::Soaking { .. }) => {
                self.between = Some(news.to_string().replace(" before the next wave", ""));
            }
            FleetEventKind::Fleet(
                news @ (FleetNews::BudgetSpent { .. } | FleetNews::FleetCheckpointNotKept { .. }),
            ) => self.stopped = Some(news.to_string()),
            _ => {}
        }
        let (Some(account), Some(cluster_id)) = (event.account.as_deref(), event.cluster_id.as_deref()) else { return };
        let ended = match &event.kind {
            FleetEventKind::Run(RunNews::Finished { outcome }) => Some(MemberProgress::of(outcome)),
            FleetEventKind::Fleet(FleetNews::ClusterUpToDate { .. }) => Some(MemberProgress::UpToDate),
            FleetEventKind::Fleet(FleetNews::ClusterNewer { version }) => {
                Some(MemberProgress::Newer { newer_version: version.clone() })
            }
            _ => None,
        };
        if let Some(progress) = ended {
            self.at_work.retain(|own| own.account != account || own.cluster_id != cluster_id);
            self.set(account, cluster_id, progress);
            return;
        }
        let known = self.at_work.iter().position(|own| own.account == account && own.cluster_id == cluster_id);
        let position = known.unwrap_or_else(|| {
            self.set(account, cluster_id, MemberProgress::UnderWay);
            let (account, cluster_id) = (account.to_owned(), cluster_id.to_owned());
            self.at_work.push(AtWork { account, cluster_id, has_plan: false, steps: BTreeMap::new() });
            self.at_work.len() - 1
        });
        if let Some(own) = self.at_work.get_mut(position) {
            own.take(event);
        }
    }

    fn set(&mut self, account: &str, cluster_id: &str, progress: MemberProgress) {
        let Some(&(wave, position)) = self.places.get(&(account.to_owned(), cluster_id.to_owned())) else { return };
        let member = self.checkpoint.waves.get_mut(wave).and_then(|wave| wave.clusters.get_mut(position));
        if let Some(member) = member {
            member.progress = progress;
        }
    }

    /// The wave: which it is, and how many of its clusters are done.
    pub(super) fn wave(&self) -> String {
        if let Some(stopped) = &self.stopped {
            return stopped.clone();
        }
        let Some((number, wave)) = self.wave.and_then(|wave| Some((wave, self.checkpoint.waves.get(wave)?))) else {
            return "looking for what is to be done".to_owned();
        };
        let name = wave.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        let done = wave.clusters.iter().filter(|member| has_ended(&member.progress)).count();
        let between = match self.between.as_deref() {
            None => String::new(),
            Some("") => ", succeeded".to_owned(),
            Some(waiting) => format!(", {waiting}"),
        };
        let (waves, clusters) = (self.checkpoint.waves.len(), wave.clusters.len());
        let clusters = count(clusters, "cluster");
        format!("wave {} of {waves}{name}: {done} of {clusters} done{between}", number + 1)
    }

    /// All clusters: how many stand how, and how many more may fail.
    pub(super) fn fleet(&self) -> String {
        let count = |fits: fn(&MemberProgress) -> bool| {
            let members = self.checkpoint.members().chain(&self.checkpoint.left_alone);
            members.filter(|member| fits(&member.progress)).count()
        };
        let failed = count(MemberProgress::is_failure);
        let up_to_date = count(|progress| *progress == MemberProgress::UpToDate);
        let newer = count(|progress| matches!(progress, MemberProgress::Newer { .. }));
        let counts = [
            (count(|progress| *progress == MemberProgress::Succeeded), "succeeded", true),
            (count(|progress| *progress == MemberProgress::UnderWay), "running", true),
            (failed, "failed", true),
            (count(|progress| *progress == MemberProgress::Waiting), "waiting", true),
            (up_to_date, "up to date", up_to_date > 0),
            (newer, "newer", newer > 0),
        ];
        let counts = counts.into_iter().filter(|(_, _, is_told)| *is_told);
        let counts = counts.map(|(number, word, _)| format!("{number} {word}")).collect::<Vec<_>>().join(", ");
        match self.allowed.checked_sub(failed) {
            Some(0) => format!("{counts}; no more may fail"),
            Some(left) => format!("{counts}; {left} more may fail"),
            None => format!("{counts}; {} might fail", self.allowed),
        }
    }

    /// The clusters that are at work.
    pub(super) fn rows(&self) -> impl Iterator<Item = String> + '_ {
        self.at_work.iter().map(|own| {
            let name = if self.has_several_accounts {
                format!("{}/{}", own.account, own.cluster_id)
            } else {
                own.cluster_id.clone()
            };
            let steps: Vec<String> = own.steps.values().map(Step::words).collect();
            match (steps.is_empty(), own.has_plan) {
                (false, _) => format!("{name}: {}", steps.join("; ")),
                (true, true) => format!("{name}: between steps"),
                (true, false) => format!("{name}: being planned"),
            }
        })
    }
}

impl AtWork {
    fn take(&mut self, event: &FleetEvent) {
        if matches!(event.kind, FleetEventKind::Run(RunNews::RunStarted { .. })) {
            self.has_plan = true;
        }
        let Some(id) = &event.step else { return };
        self.has_plan = true;
        if matches!(event.kind, FleetEventKind::Run(RunNews::StepFinished { .. } | RunNews::StepSkipped)) {
            self.steps.remove(id);
            return;
        }
        let step = self.steps.entry(id.clone()).or_default();
        if let Some(upgrade) = &event.upgrade {
            step.what = upgrade.to_string();
        }
        step.take(&event.kind);
    }
}

impl Step {
    fn take(&mut self, kind: &FleetEventKind) {
        // Whatever is heard ends a stall.
        self.is_stalled = false;
        match kind {
            FleetEventKind::Run(news @ RunNews::WaitingForWindow { .. }) => self.doing = news.to_string(),
            FleetEventKind::Run(RunNews::CheckFinding { .. } | RunNews::CheckFailed { .. }) => {
                "checked".clone_into(&mut self.doing);
            }
            FleetEventKind::Run(RunNews::StepStarted { joined }) => {
                (if *joined { "joined" } else { "started" }).clone_into(&mut self.doing);
            }
            FleetEventKind::Upgrade(kind) => match kind {
                EventKind::Started { status } => self.look(status),
                EventKind::PhaseChanged { to, .. } => self.doing = to.to_string(),
                EventKind::StageChanged { stage } => self.stage = Some(stage.clone()),
                EventKind::Progress { progress } => self.progress = Some(progress.to_string()),
                EventKind::Paused { by, .. } => self.doing = format!("paused by {by}"),
                EventKind::Resumed => "resumed".clone_into(&mut self.doing),
                EventKind::Stalled { .. } => self.is_stalled = true,
                _ => {}
            },
            _ => {}
        }
    }

    fn look(&mut self, status: &UpgradeStatus) {
        self.doing = status.phase.to_string();
        self.target.clone_from(&status.target_version);
        self.stage.clone_from(&status.stage);
        self.progress = status.progress.map(|progress| progress.to_string());
    }

    /// `control plane upgrading to 1.32.6-aliyun.1, upgrade_control_plane, 1 of 2 stages`
    fn words(&self) -> String {
        let mut words = [self.what.as_str(), self.doing.as_str()].map(str::trim).join(" ").trim().to_owned();
        if let Some(target) = &self.target {
            words.push_str(&format!(" to {target}"));
        }
        for more in [&self.stage, &self.progress].into_iter().flatten() {
            words.push_str(&format!(", {more}"));
        }
        if self.is_stalled {
            words.push_str(", stalled");
        }
        words
    }
}

fn has_ended(progress: &MemberProgress) -> bool {
    progress.has_ended() || progress.is_failure()
}
