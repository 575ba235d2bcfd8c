//! The arguments of every command that may have to wait for a time to begin.

use ack_upgrade::{PlanOptions, Window};
use clap::Args;

use super::upgrade::given;
use crate::failure::Failure;

/// When work may begin.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WindowArguments {
    /// When steps may begin, such as 01:00-05:00 or "Sat,Sun 22:00-06:00", and end before it closes
    #[arg(long, requires = "tz", value_name = "TIMES")]
    window: Option<String>,

    /// Time zone of the window, such as Asia/Shanghai, UTC or +08:00
    #[arg(long, requires = "window", value_name = "ZONE")]
    tz: Option<String>,

    /// Take the maintenance window that the cluster has itself
    #[arg(long, conflicts_with = "window")]
    cluster_window: bool,
}

impl WindowArguments {
    /// The options of a plan with this window.
    pub(crate) fn apply(&self, options: PlanOptions) -> Result<PlanOptions, Failure> {
        match (&self.window, &self.tz) {
            (Some(times), Some(zone)) => {
                let window = Window::parse(times, zone);
                Ok(options.window(window.map_err(|error| Failure::usage(format!("--window, --tz: {error}")))?))
            }
            _ if self.cluster_window => Ok(options.cluster_window()),
            _ => Ok(options),
        }
    }

    /// The arguments as they were given, for a command to repeat.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = given([("--window", self.window.clone()), ("--tz", self.tz.clone())]);
        words.extend(self.cluster_window.then(|| "--cluster-window".to_owned()));
        words
    }
}
