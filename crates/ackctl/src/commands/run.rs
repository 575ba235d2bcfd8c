//! `upgrade apply` and `upgrade run`: carrying a plan out.

mod interrupt;

use std::io;

use ack_upgrade::{
    Checkpoint, CheckpointFile, CheckpointLock, CheckpointStore as _, Outcome, Plan, Run, RunOptions, StepProgress,
    Target, UpgradeHandle, Upgrades,
};

use crate::arguments::{ApplyArguments, PlanningArguments, RunArguments, RunningArguments};
use crate::commands::plan::refuse_blocked;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::record::Subject;
use crate::report::{Followed, follow_run};
use crate::session::Session;
use crate::text_file::{source, text_of};

pub(crate) async fn apply(arguments: &ApplyArguments, session: &mut Session) -> Result<Exit, Failure> {
    let plan = read(&arguments.file, session)?;
    let file = match &arguments.checkpoint {
        Some(file) => file.clone(),
        None if arguments.file == "-" => {
            return Err(Failure::usage(
                "--checkpoint is missing: a plan from standard input has no file beside which to keep it",
            ));
        }
        None => format!("{}.checkpoint", arguments.file),
    };
    let planned = [plan.cluster.cluster_id.clone(), "--target".to_owned(), plan.target_version.clone()];
    let keeper = Keeper::open(&file)?;
    let mut handle = UpgradeHandle::new(&plan.cluster.cluster_id);
    handle.region.clone_from(&plan.cluster.region);
    let subject = subject(&plan.cluster.cluster_id, Some(&plan.target_version));
    session.begin_record(&arguments.record, "upgrade apply", &subject)?;
    let upgrades = session.connect_for(&handle).await?;
    let options = arguments.running.options();
    let options = keep(options, Some(&keeper.file), session);
    let run = match &keeper.found {
        Some(checkpoint) if checkpoint.plan == plan => keeper.go_on(checkpoint, &upgrades, options, session),
        Some(checkpoint) if !checkpoint.finished => {
            return Err(keeper.of_another_plan(checkpoint, session));
        }
        _ => {
            refuse_blocked(&plan)?;
            let changes = session.unless_interrupted(Box::pin(upgrades.changes_since(&plan)), None).await??;
            refuse_outdated(&plan, changes)?;
            upgrades.run(plan, options)
        }
    };
    let mut words = vec![arguments.file.clone()];
    if let Some(file) = &arguments.checkpoint {
        words.extend(["--checkpoint".to_owned(), file.clone()]);
    }
    words.extend(arguments.running.words());
    let next = if arguments.file == "-" { "plan.json".to_owned() } else { numbered(&arguments.file) };
    let anew = planned.into_iter().chain(["--plan-out".to_owned(), next]).collect();
    let again = Again { name: "apply", words, anew: ("plan", anew) };
    carry_out(run, &upgrades, &arguments.running, &again, session).await
}

pub(crate) async fn run(arguments: &RunArguments, session: &mut Session) -> Result<Exit, Failure> {
    let what = &arguments.what;
    let plan_options = what.options()?;
    let keeper = arguments.checkpoint.as_deref().map(Keeper::open).transpose()?;
    let checkpoint = match keeper.as_ref().and_then(|keeper| Some((keeper, keeper.found.as_ref()?))) {
        Some((_, checkpoint)) if fits(&checkpoint.plan, what) => Some(checkpoint),
        Some((keeper, checkpoint)) if !checkpoint.finished => {
            return Err(keeper.of_another_plan(checkpoint, session));
        }
        _ => None,
    };
    let target = Some(what.target.as_str()).filter(|_| matches!(what.target(), Target::Version(_)));
    session.begin_record(&arguments.record, "upgrade run", &subject(&what.cluster_id, target))?;
    let upgrades = session.connect().await?;
    let options = keep(arguments.running.options(), keeper.as_ref().map(|keeper| &keeper.file), session);
    let run = match (&keeper, checkpoint) {
        (Some(keeper), Some(checkpoint)) => keeper.go_on(checkpoint, &upgrades, options, session),
        _ => {
            let planning = Box::pin(upgrades.plan(&what.cluster_id, &plan_options));
            let plan = session.unless_interrupted(planning, None).await??;
            refuse_blocked(&plan)?;
            upgrades.run(plan, options)
        }
    };
    let words = |checkpoint: Option<String>| {
        let mut words = what.words();
        words.extend(checkpoint.into_iter().flat_map(|file| ["--checkpoint".to_owned(), file]));
        words.extend(arguments.running.words());
        words
    };
    let anew = words(arguments.checkpoint.as_deref().map(numbered));
    let again = Again { name: "run", words: words(arguments.checkpoint.clone()), anew: ("run", anew) };
    carry_out(run, &upgrades, &arguments.running, &again, session).await
}

/// Keeps checkpoints in the file, and tells the record of each start before it is sent, where there are such.
fn keep(options: RunOptions, file: Option<&CheckpointFile>, session: &Session) -> RunOptions {
    match session.checkpoints(file) {
        Some(store) => options.checkpoints(store),
        None => options,
    }
}

/// What a record says the command is about: the cluster as a whole.
fn subject<'a>(cluster_id: &'a str, target_version: Option<&'a str>) -> Subject<'a> {
    Subject { cluster_id, target_version, ..Subject::default() }
}

/// The command that goes on.
struct Again {
    name: &'static str,
    words: Vec<String>,
    /// The command that makes a new plan, where this one leads nowhere any more. Its target comes third.
    anew: (&'static str, Vec<String>),
}

impl Again {
    /// Says how to make a new plan for a cluster that somebody else has brought to a version that this one does not lead over.
    fn say_anew(&self, version: &str, session: &Session) {
        let (name, mut words) = self.anew.clone();
        // A control plane that is past the target keeps its version; its node pools and add-ons may have to catch up.
        if let Some(target) = words.get_mut(2).filter(|target| Target::from(target.as_str()).is_behind(version)) {
            version.clone_into(target);
        }
        session.note(match name {
            "plan" => "this plan cannot be gone on with; make a new one, by the same options, and apply that:",
            _ => "this plan cannot be gone on with; go on by a new one with:",
        });
        session.note(&format!("  {}", session.command_of(name, words)));
    }

    fn say(&self, introduction: &str, session: &Session) {
        session.note(introduction);
        session.note(&format!("  {}", session.command_of(self.name, self.words.clone())));
    }
}

/// Carries a plan out, and says how to go on where it ends before its end.
async fn carry_out(
    mut run: Run,
    upgrades: &Upgrades,
    arguments: &RunningArguments,
    again: &Again,
    session: &mut Session,
) -> Result<Exit, Failure> {
    let outcome = match follow_run(&mut run, session).await? {
        Followed::Ended(outcome) => outcome,
        Followed::Interrupted => {
            let under_way = run.under_way();
            // Nothing is sent from here on but what the interruption is to lead to.
            drop(run);
            let action = arguments.follow.on_interrupt.unwrap_or_default();
            return interrupt::interrupted(upgrades, under_way, action, again, session).await;
        }
    };
    match &outcome {
        Outcome::StillRunning { .. } | Outcome::Lost { .. } => again.say("go on with:", session),
        Outcome::Failed { .. } => match run.unplanned_version() {
            Some(version) => again.say_anew(&version, session),
            None => again.say("once the cause is mended, go on with:", session),
        },
        Outcome::Paused { .. } => {
            for own in run.under_way() {
                session.note("resume it with:");
                session.note(&format!("  {}", session.command("resume", &own.handle, None, Vec::new())));
            }
            again.say("then go on with:", session);
        }
        _ => {}
    }
    Ok(Exit::from(&outcome))
}

fn read(file: &str, session: &mut Session) -> Result<Plan, Failure> {
    let written = shlex::try_quote(file).unwrap_or(file.into());
    let remedy = format!("write one with `ackctl upgrade plan CLUSTER_ID --target VERSION --plan-out {written}`");
    let text = text_of("plan", file, &remedy, &mut session.stdin)?;
    Plan::from_json(&text).map_err(|error| Failure::usage(format!("{}: {error}", source("plan", file))))
}

fn refuse_outdated(plan: &Plan, changes: Vec<String>) -> Result<(), Failure> {
    if changes.is_empty() {
        return Ok(());
    }
    let message = format!(
        "cluster {} has changed since the plan was made at {}, so nothing was started, and there is no checkpoint of it to \
         remove; make a new plan as this one was made:",
        plan.cluster.cluster_id, plan.created_at
    );
    Err(Failure { details: changes, ..Failure::new(Exit::Refused, message) })
}

/// The name of the next file after one of this name: `plan-2.json` after `plan.json`, `plan-3.json` after that.
fn numbered(file: &str) -> String {
    let name_at = file.rfind('/').map_or(0, |at| at + 1);
    let end = file[name_at..].rfind('.').filter(|at| *at > 0).map_or(file.len(), |at| name_at + at);
    let (start, extension) = file.split_at(end);
    match start.rsplit_once('-').and_then(|(start, number)| Some((start, number.parse::<u32>().ok()?.checked_add(1)?)))
    {
        Some((start, next)) => format!("{start}-{next}{extension}"),
        None => format!("{start}-2{extension}"),
    }
}

/// Whether a plan that was begun is for what is wanted now.
fn fits(plan: &Plan, what: &PlanningArguments) -> bool {
    let is_same_target = match what.target() {
        Target::Version(version) => version == plan.target_version,
        Target::Minor(line) => plan.target_version.starts_with(&format!("{line}.")),
        // What is newest may have changed meanwhile; the plan was made for what was newest then.
        _ => true,
    };
    plan.cluster.cluster_id == what.cluster_id && is_same_target
}

/// A checkpoint that nobody else works by.
struct Keeper {
    name: String,
    file: CheckpointFile,
    found: Option<Checkpoint>,
    // Held until the run has ended.
    _lock: CheckpointLock,
}

impl Keeper {
    fn open(name: &str) -> Result<Self, Failure> {
        let file = CheckpointFile::new(name);
        let lock = file.lock().map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => Failure::new(
                Exit::Refused,
                format!("checkpoint {name} is in use: {error}; wait for its end, or interrupt it first"),
            ),
            io::ErrorKind::NotFound => Failure::usage(format!(
                "checkpoint {name} cannot be kept, for its folder does not exist: make the folder, or name another file"
            )),
            _ => Failure::error(format!("checkpoint {name} cannot be locked: {error}")),
        })?;
        let text = file.load().map_err(|error| Failure::error(format!("checkpoint {name} cannot be read: {error}")))?;
        let found = text.map(|text| Checkpoint::from_json(&text)).transpose();
        let found = found.map_err(|error| Failure::usage(format!("{name}: {error}")))?;
        Ok(Self { name: name.to_owned(), file, found, _lock: lock })
    }

    /// The refusal to write over one that is not finished. It holds its plan, so it can be gone on with even if the file
    /// of the plan holds another by now.
    fn of_another_plan(&self, checkpoint: &Checkpoint, session: &Session) -> Failure {
        let plan = &checkpoint.plan;
        let (cluster_id, version) = (plan.cluster.cluster_id.clone(), plan.target_version.clone());
        let message = format!(
            "checkpoint {} is of another plan, made at {} to bring cluster {cluster_id} to {version}, and that is not \
             finished: name another file with --checkpoint, remove this one once nothing of it is under way, or go on with it:",
            self.name, plan.created_at
        );
        let words = [cluster_id, "--target".to_owned(), version, "--checkpoint".to_owned(), self.name.clone()];
        let command = session.command_of("run", words.into());
        Failure { details: vec![command], ..Failure::new(Exit::Refused, message) }
    }

    fn go_on(&self, checkpoint: &Checkpoint, upgrades: &Upgrades, options: RunOptions, session: &Session) -> Run {
        let plan = &checkpoint.plan;
        let done = checkpoint.steps.values().filter(|progress| **progress == StepProgress::Done).count();
        session.note(&format!(
            "going on from {}: the plan of {} to {}, {done} of {} steps done",
            self.name,
            plan.created_at,
            plan.target_version,
            plan.steps.len()
        ));
        upgrades.continue_run(checkpoint.clone(), options)
    }
}
