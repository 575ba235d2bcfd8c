//! The settings of an emulator.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use ack_auth::{Clock, SystemClock};

use crate::authenticate::Gate;
use crate::clock::{CloudTime, timestamp};
use crate::emulator::{Cloud, Start};
use crate::error::Kind;
use crate::fault::{Faults, compiled};
use crate::ids::Ids;
use crate::keys::{Key, Keys};
use crate::seed::check_text;
use crate::{
    AdminAccess, ClusterSeed, Emulator, Error, Fault, Lag, RunningEmulator, ScaledClock, UpgradeDurations, XmlStyle,
};

/// The settings of an emulator. Made by [`Emulator::builder`]; nothing is checked before the end.
#[derive(Debug)]
#[must_use = "a builder does nothing until start() or build() is called"]
pub struct EmulatorBuilder {
    region: String,
    keys: Vec<Key>,
    clusters: Vec<ClusterSeed>,
    faults: Vec<Fault>,
    durations: UpgradeDurations,
    lag: Lag,
    seed: u64,
    time_scale: Option<f64>,
    clock: Option<Arc<dyn Clock>>,
    wall_clock: Arc<dyn Clock>,
    xml_style: XmlStyle,
    strict_ids: bool,
    listen: SocketAddr,
    allow_non_loopback: bool,
    admin: AdminAccess,
}

impl Default for EmulatorBuilder {
    fn default() -> Self {
        Self {
            region: "cn-hangzhou".to_owned(),
            keys: Vec::new(),
            clusters: Vec::new(),
            faults: Vec::new(),
            durations: UpgradeDurations::default(),
            lag: Lag::default(),
            seed: 0,
            time_scale: None,
            clock: None,
            wall_clock: Arc::new(SystemClock),
            xml_style: XmlStyle::default(),
            strict_ids: true,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allow_non_loopback: false,
            admin: AdminAccess::default(),
        }
    }
}

impl EmulatorBuilder {
    /// Sets the region id. Default: `cn-hangzhou`.
    pub fn region(self, region: impl Into<String>) -> Self {
        Self { region: region.into(), ..self }
    }

    /// Adds an access key that requests may be signed with. Default, if no key is added at all:
    /// [`DEFAULT_ACCESS_KEY_ID`](crate::DEFAULT_ACCESS_KEY_ID) with
    /// [`DEFAULT_ACCESS_KEY_SECRET`](crate::DEFAULT_ACCESS_KEY_SECRET). Do not use a real one.
    pub fn access_key(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.keys.push(Key::new(id.into(), secret.into(), None));
        self
    }

    /// Adds a temporary access key as STS gives them, to be sent with its security token.
    pub fn sts_key(mut self, id: impl Into<String>, secret: impl Into<String>, token: impl Into<String>) -> Self {
        self.keys.push(Key::new(id.into(), secret.into(), Some(token.into())));
        self
    }

    pub(crate) fn key(mut self, key: Key) -> Self {
        self.keys.push(key);
        self
    }

    /// Adds a cluster. Default, if none is added: a managed one at 1.31.1, a dedicated one at 1.30.7 and a managed one
    /// at the newest of [`KUBERNETES_VERSIONS`](crate::KUBERNETES_VERSIONS).
    pub fn cluster(mut self, cluster: ClusterSeed) -> Self {
        self.clusters.push(cluster);
        self
    }

    /// Adds a fault that waits from the start. Default: none.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Sets how long the stages of an upgrade take. Default: see [`UpgradeDurations`].
    pub fn durations(self, durations: UpgradeDurations) -> Self {
        Self { durations, ..self }
    }

    /// Sets how late lists and events are. Default: not at all; see [`Lag`].
    pub fn lag(self, lag: Lag) -> Self {
        Self { lag, ..self }
    }

    /// Sets the number that task ids, request ids and the chances of faults are made from. Emulators with the same one give
    /// the same ids in the same order. Default: 0.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Sets how fast the time of upgrades runs: 60 lets a minute pass in a second. Default: 1. More than 0 and at most
    /// 1,000,000. It excludes [`clock`](Self::clock).
    pub fn time_scale(self, scale: f64) -> Self {
        Self { time_scale: Some(scale), ..self }
    }

    /// Sets the clock that upgrades run on, such as a [`ManualClock`](crate::ManualClock). Default: a [`ScaledClock`].
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        Self { clock: Some(Arc::new(clock)), ..self }
    }

    /// Sets the clock that the dates of requests are compared with. Default: that of the system.
    pub fn wall_clock(self, clock: impl Clock + 'static) -> Self {
        Self { wall_clock: Arc::new(clock), ..self }
    }

    /// Sets whether XML answers have a root. Default: [`XmlStyle::Fragment`].
    pub fn xml_style(self, style: XmlStyle) -> Self {
        Self { xml_style: style, ..self }
    }

    /// Sets whether operations that only give a documented answer refuse a cluster id in their path that is not one of
    /// this emulator's, with `ErrorClusterNotFound`. Default: true. Set it to false to try calls with ids from
    /// elsewhere; the operations that have a state of their own refuse unknown ids all the same.
    pub fn strict_ids(self, strict: bool) -> Self {
        Self { strict_ids: strict, ..self }
    }

    /// Sets the address to listen on; port 0 takes a free one. Default: `127.0.0.1:0`.
    pub fn listen(self, address: SocketAddr) -> Self {
        Self { listen: address, ..self }
    }

    /// Allows to listen on an address that others on the network can reach. Default: false. The emulator speaks plain
    /// HTTP and its keys are no secret, so use it in a closed network only, such as that of a container.
    pub fn allow_non_loopback(self, allow: bool) -> Self {
        Self { allow_non_loopback: allow, ..self }
    }

    /// Sets who may make [admin calls](crate::ADMIN_CALLS). Default: programs on the same machine, and callers of
    /// [`Emulator::handle`].
    pub fn admin(self, access: AdminAccess) -> Self {
        Self { admin: access, ..self }
    }

    /// Makes the emulator without a socket, for [`Emulator::handle`].
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_setting`] for a key, cluster, region, time scale or fault that is not acceptable.
    pub fn build(self) -> Result<Emulator, Error> {
        check_text("region", &self.region, false)?;
        let seeds = if self.clusters.is_empty() { ClusterSeed::defaults() } else { self.clusters };
        let mut ids = HashSet::new();
        for seed in &seeds {
            seed.check()?;
            if !ids.insert(seed.id.as_str()) {
                return Err(Error::setting("cluster id", seed.id.as_str(), "is given twice", "leave one of them out"));
            }
        }
        let clock = match (self.clock, self.time_scale) {
            (Some(_), Some(scale)) => {
                let problem = "is set together with a clock of one's own";
                return Err(Error::setting("time scale", scale.to_string(), problem, "set one of the two"));
            }
            (Some(clock), None) => clock,
            (None, scale) => Arc::new(ScaledClock::new(scale.unwrap_or(1.0))?.starting_at(self.wall_clock.now())),
        };
        let known: Vec<String> = seeds.iter().map(|seed| seed.id.clone()).collect();
        let known = self.strict_ids.then_some(known);
        let faults = compiled(self.faults, known.as_deref(), |position| format!("faults[{position}]"))?;
        let start = Start { clusters: seeds, durations: self.durations, lag: self.lag, faults };
        let state = start.state(&self.region, timestamp(clock.now()));
        let mut waiting = Faults::new(self.seed);
        waiting.inject(start.faults.clone())?;
        Ok(Emulator::of(Cloud {
            xml_style: self.xml_style,
            strict_ids: self.strict_ids,
            time_scale: self.time_scale.unwrap_or(1.0),
            gate: Gate::new(Keys::new(self.keys)?),
            ids: Ids::new(self.seed),
            wall_clock: self.wall_clock,
            time: CloudTime::new(clock),
            state: Mutex::new(state),
            recorder: Mutex::default(),
            faults: Mutex::new(waiting),
            admin: self.admin,
            start,
            region: self.region,
        }))
    }

    /// Makes the emulator and serves it on the address of [`listen`](Self::listen), on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build); [`Error::is_not_loopback`] for another address that was not allowed;
    /// [`Error::is_bind`] if the address cannot be listened on.
    pub async fn start(self) -> Result<RunningEmulator, Error> {
        let address = self.listen;
        if !address.ip().is_loopback() && !self.allow_non_loopback {
            return Err(Kind::NotLoopback(address).into());
        }
        RunningEmulator::serve(self.build()?, address).await
    }
}
