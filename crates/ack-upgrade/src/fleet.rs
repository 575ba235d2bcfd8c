//! Many clusters, of many accounts and regions: found, looked at, followed and upgraded together.
//!
//! A [`Fleet`] is made of [`Account`]s. [`Fleet::status`] looks at its clusters once, [`Fleet::watch`] follows all of them as one
//! stream of [`FleetEvent`]s, and [`Fleet::run`] upgrades them in [`Waves`], from a canary to the rest.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use ack_client::limit::RateLimiter;
//! use ack_upgrade::fleet::{Account, Fleet, FleetWatchOptions, Selector};
//!
//! // What is left out comes from where it always does: here the credentials.
//! let account = Account::new("production", "cn-hangzhou", |client| client.build())
//!     .regions(["cn-hangzhou", "cn-beijing"])
//!     .rate_limiter(RateLimiter::new(20, Duration::from_secs(1))?);
//! let fleet = Fleet::new([account])?.select(Selector::default().label("env", "production").version("1.31"));
//! let mut watch = fleet.watch(FleetWatchOptions::default());
//! while let Some(event) = watch.next().await {
//!     println!("{event}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! All clients of an account share one rate limiter, and wait for their turn. What a fleet remembers of a cluster is a few
//! hundred bytes, and looks at it share a bounded number of places: no task and no buffer belongs to a cluster. A cluster
//! or region that fails is an event and never the end of the stream.
//!
//! Upgrades of node pools and add-ons are told as upgrades of their own. They run while the control plane rests, and a list does not
//! show them: a look at a cluster finds them, so clusters at rest have to be looked at for it ([`Looks::Every`]). One that has
//! both begun and ended between two looks is not told.
//!
//! What it does not do: the service's events about single nodes are told by [`Upgrades::watch`](crate::Upgrades::watch), and by a
//! run, which upgrades whole clusters.

mod account;
mod event;
mod find;
mod launch;
mod listing;
mod member;
mod options;
mod parts;
mod places;
mod run;
mod selector;
mod shared;
mod sight;
mod status;
mod view;
mod watch;

use std::collections::BTreeSet;
use std::sync::Arc;

use ack_client::auth::{Clock, SystemClock};

use crate::error::Error;

pub use self::account::Account;
pub use self::event::{FLEET_EVENT_SCHEMA, FleetEnd, FleetEvent, FleetEventKind, FleetNews, FleetSummary};
pub use self::find::FleetCluster;
pub use self::options::{FleetWatchOptions, Looks};
pub use self::run::{
    FailureBudget, FleetCheckpoint, FleetFolder, FleetMember, FleetRun, FleetRunOptions, FleetStore, FleetWave,
    MemberProgress, Waves,
};
pub use self::selector::Selector;
pub use self::status::FleetStatus;
pub use self::view::{ClusterStatus, FleetView, RegionStatus, UnderWayStatus};
pub use self::watch::FleetWatch;

/// Clusters of some accounts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Fleet {
    accounts: Arc<[Account]>,
    selector: Selector,
    clock: Arc<dyn Clock>,
}

impl Fleet {
    /// All clusters of these accounts.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`] without an account, with two of the same name, and with a name that is empty or not
    /// printable.
    pub fn new(accounts: impl IntoIterator<Item = Account>) -> Result<Self, Error> {
        let accounts: Arc<[Account]> = accounts.into_iter().collect();
        let mut names = BTreeSet::new();
        for account in accounts.iter() {
            account.check()?;
            if !names.insert(account.name()) {
                return Err(Error::invalid(format!(
                    "the account {:?} is given twice: give each a name of its own, and all its regions at once",
                    account.name()
                )));
            }
        }
        if names.is_empty() {
            return Err(Error::invalid("the fleet has no account: give one at least"));
        }
        Ok(Self { accounts, selector: Selector::default(), clock: Arc::new(SystemClock) })
    }

    /// Only the clusters that fit.
    #[must_use]
    pub fn select(self, selector: Selector) -> Self {
        Self { selector, ..self }
    }

    /// Sets the clock that dates events; for tests. Waiting is done in the time of tokio.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Follows all clusters as one stream of events. Nothing is sent before it is awaited for the first time.
    #[must_use]
    pub fn watch(&self, options: FleetWatchOptions) -> FleetWatch {
        FleetWatch::new(self.clone(), options)
    }
}
