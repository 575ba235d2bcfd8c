//! `upgrade watch` and `upgrade wait`: following an upgrade to its end.

use std::time::Duration;

use ack_upgrade::{ControlOptions, Outcome, UpgradeHandle, Upgrades, Watch};

use crate::arguments::{FollowArguments, OnInterrupt, WatchArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::record::{Fact, Subject};
use crate::report::{Followed, Telling, follow};
use crate::session::Session;

/// How long an interruption waits for a pause or a cancel that it was told to ask for.
const LAST_WISH: Duration = Duration::from_secs(120);

pub(crate) async fn run(arguments: &WatchArguments, telling: Telling, session: &mut Session) -> Result<Exit, Failure> {
    let handle = session.handle(&arguments.target)?;
    let command = match telling {
        Telling::All => "upgrade watch",
        Telling::End => "upgrade wait",
    };
    session.begin_record(&arguments.record, command, &Subject::from(&handle))?;
    let upgrades = session.connect_for(&handle).await?;
    let file = arguments.target.handle.as_deref().filter(|file| *file != "-");
    follow_to_the_end(&upgrades, &handle, &arguments.follow, (telling, file), session).await
}

/// Follows an upgrade, and says how to take it up again where it may go on. `file` is where its handle is.
pub(crate) async fn follow_to_the_end(
    upgrades: &Upgrades,
    handle: &UpgradeHandle,
    arguments: &FollowArguments,
    (telling, file): (Telling, Option<&str>),
    session: &mut Session,
) -> Result<Exit, Failure> {
    let mut watch = upgrades.attach(handle.clone(), arguments.options())?;
    match follow(&mut watch, telling, session).await? {
        Followed::Interrupted => {
            let exit = interrupted(upgrades, &watch, arguments, (telling, file), session).await?;
            Err(Failure::silent(exit))
        }
        Followed::Ended(outcome) => {
            match outcome {
                Outcome::StillRunning { .. } | Outcome::Lost { .. } => {
                    say_how("follow it again with:", telling.command(), &watch, arguments.words(), file, session);
                }
                Outcome::Paused { .. } => {
                    say_how("resume it with:", "resume", &watch, Vec::new(), file, session);
                    say_how("follow it again with:", telling.command(), &watch, arguments.words(), file, session);
                }
                _ => {}
            }
            Ok(Exit::from(&outcome))
        }
    }
}

/// Does to the upgrade what the user wants done on Ctrl-C, which is nothing unless they say so.
async fn interrupted(
    upgrades: &Upgrades,
    watch: &Watch,
    arguments: &FollowArguments,
    (telling, file): (Telling, Option<&str>),
    session: &mut Session,
) -> Result<Exit, Failure> {
    let again = |session: &Session| {
        say_how("follow it again with:", telling.command(), watch, arguments.words(), file, session);
    };
    let action = arguments.on_interrupt.unwrap_or_default();
    session.record(&Fact::interrupted(action));
    let doing = match action {
        OnInterrupt::Leave => {
            session.note("interrupted; the upgrade goes on");
            again(session);
            return Ok(Exit::Interrupted);
        }
        OnInterrupt::Pause => "pausing",
        OnInterrupt::Cancel => "cancelling",
    };
    session.note(&format!("interrupted; {doing} the upgrade (interrupt again to stop waiting for that)"));
    let options = ControlOptions::default().time_limit(LAST_WISH);
    let handle = watch.handle().clone();
    let unknown = format!("interrupted while {doing} the upgrade: whether that takes effect is not known");
    let steering = async {
        match action {
            OnInterrupt::Cancel => upgrades.cancel(handle, &options).await,
            _ => upgrades.pause(handle, &options).await,
        }
    };
    match session.unless_interrupted(Box::pin(steering), Some(unknown)).await {
        Ok(Ok(done)) => {
            session.record(&Fact::from(&done));
            session.note(&format!("the upgrade is {}", done.status.phase));
            if action == OnInterrupt::Pause {
                say_how("resume it with:", "resume", watch, Vec::new(), file, session);
            }
            Ok(Exit::Interrupted)
        }
        Ok(Err(error)) => {
            again(session);
            Err(error.into())
        }
        Err(failure) => {
            again(session);
            Err(failure)
        }
    }
}

fn say_how(
    introduction: &str,
    command: &str,
    watch: &Watch,
    words: Vec<String>,
    file: Option<&str>,
    session: &Session,
) {
    session.note(introduction);
    session.note(&format!("  {}", session.command(command, watch.handle(), file, words)));
}
