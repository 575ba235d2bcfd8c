//! Kubernetes cluster upgrades on Alibaba Cloud ACK, as something to look at, start and follow to the end.
//!
//! * [`Upgrades::status`] gives one view of an upgrade, whichever of the service's interfaces still answers:
//!   GetUpgradeStatus where the region serves it, else the task API.
//! * [`Upgrades::plan`] says what it takes to bring a whole cluster to a version: the hops, the node pools and add-ons to bring
//!   along, what stands in the way, and the very requests; [`Window`] says when they may be sent.
//! * [`Upgrades::run`] carries a plan out as one stream of [`RunEvent`]s, resumable at any point: from its [`Checkpoint`], or by
//!   a new plan for what is left.
//! * [`Upgrades::start`], [`start_node_pool`](Upgrades::start_node_pool) and [`start_addons`](Upgrades::start_addons) start an
//!   upgrade at most once: they look for a running one first, and look again when the answer to the start is lost.
//! * [`Upgrades::watch`] follows an upgrade as a stream of [`Event`]s that is also awaitable for its [`Outcome`];
//!   [`Upgrades::attach`] takes one up again that was stored as an [`UpgradeHandle`], in another process or on another day.
//! * [`Upgrades::pause`], [`resume`](Upgrades::resume) and [`cancel`](Upgrades::cancel) steer it, and wait until that has
//!   taken effect.
//! * [`Upgrades::history`] lists what came before.
//! * [`fleet`] does all of that for many clusters, of many accounts and regions: one look, one stream of events, and
//!   upgrades in waves.
//!
//! All of them work for control planes, node pools and add-ons alike: [`UpgradeKind`] says what an upgrade is about.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use ack_client::Client;
//! use ack_upgrade::{Outcome, Upgrades};
//!
//! let upgrades = Upgrades::new(Client::builder().region("cn-hangzhou").build()?);
//! let started = upgrades.start("c106f377e16f34eb1808d6b9362c9test", "1.32.1-aliyun.1").await?;
//! match upgrades.watch(started.handle()).await {
//!     Outcome::Succeeded { version, .. } => println!("running at {version:?}"),
//!     other => println!("{other}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Success means that the task succeeded *and* the cluster is `running` *at the target version*. Running out of
//! time is an outcome, not an error, and nothing is paused, resumed or cancelled unless that is asked for.
//!
//! [`client`] is the crate `ack-client`, from which a [`Client`](client::Client) comes: programs need not name it among their dependencies.
//!
//! What it does not do: it looks at no workloads.

mod checks;
mod control;
mod counted;
mod error;
mod event;
mod finding;
pub mod fleet;
mod handle;
mod history;
mod node_pool;
mod observe;
mod outcome;
mod phase;
mod plan;
mod run;
mod skew;
mod stall;
mod start;
mod status;
mod stored;
mod upgrades;
mod version;
mod watch;
mod window;

pub use ack_client as client;
pub use control::{Action, ControlOptions, Controlled};
pub use error::Error;
pub use event::{EVENT_SCHEMA, Event, EventKind, Level, Notice};
pub use finding::{PrecheckFinding, Severity};
pub use handle::{AddonTarget, UpgradeHandle, UpgradeKind};
pub use history::PastUpgrade;
pub use node_pool::NodePoolUpgrade;
pub use outcome::{Outcome, PausedBy};
pub use phase::Phase;
pub use plan::{
    AddonChange, AddonSnapshot, Change, ClusterSnapshot, ExpectedDurations, NodePoolSnapshot, Plan, PlanOptions,
    PlannedRequest, Selection, Step, Target, VersionSource,
};
pub use run::{
    Checkpoint, CheckpointFile, CheckpointLock, CheckpointStore, Run, RunEvent, RunEventKind, RunNews, RunOptions,
    StepProgress, UnderWay, WindowPause, WindowReason,
};
pub use stall::{Stall, StallCause};
pub use start::Started;
pub use status::{AddonStatus, Count, Progress, Source, UpgradeStatus};
pub use upgrades::Upgrades;
pub use watch::{OnPause, PauseMark, Watch, WatchOptions};
pub use window::{Window, WindowState};

/// The code of the README is compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
