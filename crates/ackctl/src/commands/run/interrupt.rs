//! What an interruption does to the upgrades that a run has under way.

use std::time::Duration;

use ack_upgrade::{ControlOptions, UnderWay, Upgrades};
use tokio::task::JoinSet;

use super::Again;
use crate::arguments::OnInterrupt;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::record::Fact;
use crate::session::Session;

/// How long an interruption waits for pauses or cancels that it was told to ask for.
const LAST_WISH: Duration = Duration::from_secs(120);

/// Does to what is under way what the user wants done on Ctrl-C, which is nothing unless they say so, and says how to go on.
pub(super) async fn interrupted(
    upgrades: &Upgrades,
    under_way: Vec<UnderWay>,
    action: OnInterrupt,
    again: &Again,
    session: &mut Session,
) -> Result<Exit, Failure> {
    session.record(&Fact::interrupted(action));
    let doing = match action {
        OnInterrupt::Pause => "pausing",
        OnInterrupt::Cancel => "cancelling",
        OnInterrupt::Leave => {
            session.note("interrupted; what is under way goes on");
            again.say("go on with:", session);
            return Ok(Exit::Interrupted);
        }
    };
    if under_way.is_empty() {
        session.note(&format!("interrupted; nothing is known to be under way, so {doing} has no use"));
        again.say("go on with:", session);
        return Ok(Exit::Interrupted);
    }
    session.note(&format!("interrupted; {doing} what is under way (interrupt again to stop waiting for that)"));
    let mut steering = JoinSet::new();
    for own in under_way {
        let upgrades = upgrades.clone();
        steering.spawn(async move {
            let options = ControlOptions::default().time_limit(LAST_WISH);
            let done = match action {
                OnInterrupt::Cancel => upgrades.cancel(&own.handle, &options).await,
                _ => upgrades.pause(&own.handle, &options).await,
            };
            (own, done)
        });
    }
    let unknown = format!("interrupted while {doing} what is under way: whether that takes effect is not known");
    let mut failed: Option<Failure> = None;
    loop {
        let next = session.unless_interrupted(steering.join_next(), Some(unknown.clone())).await;
        let (own, done) = match next {
            Ok(Some(Ok(done))) => done,
            Ok(Some(Err(error))) => {
                failed = Some(Failure::error(error.to_string()));
                continue;
            }
            Ok(None) => break,
            Err(failure) => {
                failed = Some(failure);
                break;
            }
        };
        match done {
            Ok(done) => {
                session.record(&Fact::from(&done));
                session.note(&format!("{}: {}", own.step, done.status.phase));
                if action == OnInterrupt::Pause {
                    session.note("resume it with:");
                    let mut handle = own.handle;
                    handle.task_id = done.status.task_id;
                    session.note(&format!("  {}", session.command("resume", &handle, None, Vec::new())));
                }
            }
            // Its start was being sent, and is on record as such: whoever goes on looks for it first.
            Err(error) if error.is_refused() && own.handle.task_id.is_none() => {
                session.note(&format!(
                    "{}: it has not been seen to start, though its start may have been sent; look at its status",
                    own.step
                ));
            }
            Err(error) => {
                session.note(&format!("{}: {error}", own.step));
                failed = Some(Failure::silent(Exit::from(&error)));
            }
        }
    }
    again.say(if action == OnInterrupt::Pause { "then go on with:" } else { "begin again with:" }, session);
    failed.map_or(Ok(Exit::Interrupted), Err)
}
