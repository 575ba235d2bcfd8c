//! `upgrade watch`: following an upgrade to its end.

use ack_upgrade::{Outcome, UpgradeHandle, Watch, WatchOptions};

use crate::arguments::WatchArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::{Followed, follow};
use crate::session::Session;

pub(crate) async fn run(arguments: &WatchArguments, session: &mut Session) -> Result<Exit, Failure> {
    let upgrades = session.connect().await?;
    let mut handle = UpgradeHandle::new(&arguments.cluster_id);
    handle.task_id.clone_from(&arguments.task);
    handle.target_version.clone_from(&arguments.to);
    let mut options = WatchOptions::default().time_limit(arguments.time_limit);
    if let Some(interval) = arguments.interval {
        options = options.interval(interval);
    }
    follow_to_the_end(upgrades.watch_with(handle, options), session).await
}

/// Follows an upgrade, and says how to take it up again where it may go on.
pub(crate) async fn follow_to_the_end(mut watch: Watch, session: &mut Session) -> Result<Exit, Failure> {
    match follow(&mut watch, session).await? {
        Followed::Interrupted => {
            session.note("interrupted; the upgrade goes on");
            say_how_to_follow(&watch, session);
            Err(Failure::silent(Exit::Interrupted))
        }
        Followed::Ended(outcome) => {
            if matches!(outcome, Outcome::StillRunning { .. } | Outcome::Paused { .. } | Outcome::Lost { .. }) {
                say_how_to_follow(&watch, session);
            }
            Ok(Exit::from(&outcome))
        }
    }
}

fn say_how_to_follow(watch: &Watch, session: &Session) {
    session.note("follow it again with:");
    session.note(&format!("  {}", session.follow_command(watch.handle())));
}
