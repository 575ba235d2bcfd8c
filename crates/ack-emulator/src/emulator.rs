//! The emulated cloud without a socket: requests in, responses out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ack_auth::Clock;
use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use serde::Serialize;

use crate::admin;
use crate::authenticate::Gate;
use crate::clock::CloudTime;
use crate::exchange;
use crate::fault::{Compiled, Faults, compiled};
use crate::ids::Ids;
use crate::receive::Received;
use crate::recorded::{RecordedRequest, Recorder};
use crate::state::{Cluster, State};
use crate::{
    AdminAccess, ClusterSeed, EmulatorBuilder, Error, Fault, FaultId, InjectedFault, Lag, RequestCount,
    UpgradeDurations, XmlStyle,
};

/// An emulated ACK region.
///
/// [`Emulator::builder`] configures one. [`EmulatorBuilder::start`] serves it on a socket; [`handle`](Self::handle)
/// answers a request within the process. Clones are the same region.
///
/// ```
/// use ack_auth::{Clock, Credential, NonceSource, RandomNonce, Signer, SigningRequest, SystemClock};
/// use ack_emulator::{ClusterSeed, Emulator};
///
/// let emulator = Emulator::builder()
///     .access_key("id", "secret")
///     .cluster(ClusterSeed::managed("c106f377e16f", "demo-cluster", "1.31.1-aliyun.1"))
///     .build()?;
///
/// let request = SigningRequest::new("GET", "emulator", "/clusters/c106f377e16f", "DescribeClusterDetail", "2015-12-15");
/// let credential = Credential::access_key("id", "secret");
/// let signed = Signer::default().sign(&request, &credential, SystemClock.now(), &RandomNonce.nonce()?)?;
/// let mut request = http::Request::get("/clusters/c106f377e16f");
/// for (name, value) in signed.headers() {
///     request = request.header(name, value);
/// }
/// let response = emulator.handle(request.body(Vec::new().into())?);
/// assert_eq!(response.status(), 200);
/// assert_eq!(emulator.count("DescribeClusterDetail"), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Emulator {
    pub(crate) cloud: Arc<Cloud>,
}

/// Everything that the clones of an emulator share.
#[derive(Debug)]
pub(crate) struct Cloud {
    pub(crate) region: String,
    pub(crate) xml_style: XmlStyle,
    pub(crate) time_scale: f64,
    /// Whether answers that are no more than documented ones are given for known clusters only.
    pub(crate) strict_ids: bool,
    pub(crate) gate: Gate,
    pub(crate) ids: Ids,
    /// What the dates of requests are compared with.
    pub(crate) wall_clock: Arc<dyn Clock>,
    /// What upgrades take place in.
    pub(crate) time: CloudTime,
    pub(crate) state: Mutex<State>,
    pub(crate) recorder: Mutex<Recorder>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) admin: AdminAccess,
    pub(crate) start: Start,
}

impl Emulator {
    /// The settings of a new emulator, to be completed with [`EmulatorBuilder::start`] or [`EmulatorBuilder::build`].
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }

    pub(crate) fn of(cloud: Cloud) -> Self {
        Self { cloud: Arc::new(cloud) }
    }

    /// Answers a request, signed like one over the network.
    ///
    /// What a fault does to the sending of the answer is left to the caller: it is in the extensions of the response, as a
    /// [`Delivery`](crate::Delivery).
    pub fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.answer(&Received::whole(request))
    }

    /// The region id, such as `cn-hangzhou`.
    pub fn region(&self) -> &str {
        &self.cloud.region
    }

    /// The ids and secrets of the keys that requests may be signed with, in the order they were given, for printing.
    /// They open nothing but this emulator, unless it was given real ones.
    pub fn access_keys(&self) -> Vec<(String, String)> {
        let pair = |key: &crate::keys::Key| (key.id.clone(), key.secret().to_owned());
        self.cloud.gate.keys().iter().map(pair).collect()
    }

    /// The first key that needs no security token, else the first one.
    pub(crate) fn first_access_key(&self) -> Option<(String, String)> {
        let keys = self.cloud.gate.keys();
        let key = keys.iter().find(|key| key.token().is_none()).or_else(|| keys.iter().next())?;
        Some((key.id.clone(), key.secret().to_owned()))
    }

    /// The ids of the clusters, in the order they were given.
    pub fn cluster_ids(&self) -> Vec<String> {
        self.cloud.state(|state| state.clusters().map(|cluster| cluster.seed.id.clone()).collect())
    }

    /// How fast the time of upgrades runs: 1 is real time. Always 1 with a clock of one's own.
    pub fn time_scale(&self) -> f64 {
        self.cloud.time_scale
    }

    /// Whether XML answers have a root.
    pub fn xml_style(&self) -> XmlStyle {
        self.cloud.xml_style
    }

    /// The requests answered so far, oldest first; the latest 10,000 of them.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.cloud.recorder(|recorder| recorder.requests())
    }

    /// How many requests of an operation were answered, accepted or not, such as `count("UpgradeCluster")`.
    pub fn count(&self, operation: &str) -> usize {
        self.cloud.recorder(|recorder| recorder.count(operation).requests)
    }

    /// How many requests of an operation were carried out, whatever their clients got to see: after
    /// `accepted("UpgradeCluster")` upgrades were started, no more and no fewer.
    pub fn accepted(&self, operation: &str) -> usize {
        self.cloud.recorder(|recorder| recorder.count(operation).accepted)
    }

    /// How many requests there were, by operation.
    pub fn counts(&self) -> BTreeMap<&'static str, RequestCount> {
        self.cloud.recorder(|recorder| recorder.counts())
    }

    /// Puts a fault at the end of the queue.
    ///
    /// ```
    /// use ack_emulator::{Emulator, Fault};
    ///
    /// let emulator = Emulator::builder().build()?;
    /// let id = emulator.inject(Fault::lost_reply().operation("UpgradeCluster").times(1))?;
    /// // ... let a client start an upgrade, and then see that it did so once:
    /// assert_eq!(emulator.accepted("UpgradeCluster"), 0);
    /// assert_eq!(emulator.faults()[0].struck, 0);
    /// assert!(emulator.clear_fault(id));
    /// # Ok::<(), ack_emulator::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_setting`] for a setting that the fault does not have or that makes no sense, an operation that
    /// there is not, a cluster that the emulator does not have (unless ids are
    /// [not strict](EmulatorBuilder::strict_ids)), or more than 1000 faults.
    pub fn inject(&self, fault: Fault) -> Result<FaultId, Error> {
        let ids = self.inject_all(vec![fault])?;
        ids.first().copied().ok_or_else(|| Error::setting("number of faults", "0", "is too small", "give one"))
    }

    /// The faults in the order in which they wait, with those that are over, until they are cleared.
    pub fn faults(&self) -> Vec<InjectedFault> {
        self.cloud.faults(|faults| faults.list())
    }

    /// Takes a fault out of the queue; false if it is not there.
    pub fn clear_fault(&self, id: FaultId) -> bool {
        self.cloud.faults(|faults| faults.clear(id))
    }

    /// Takes all faults out of the queue.
    pub fn clear_faults(&self) {
        self.cloud.faults(Faults::clear_all);
    }

    /// Moves the time of upgrades forward, whatever clock it runs on. The dates of requests are not affected.
    pub fn advance(&self, by: Duration) {
        self.cloud.time.skip(by);
    }

    /// Forgets the requests and their counts.
    pub fn forget_requests(&self) {
        self.cloud.recorder(|recorder| *recorder = Recorder::default());
    }

    /// Makes clusters and faults what they were at the start, and forgets the requests. Time goes on, and neither task
    /// ids, request ids, numbers of faults nor used nonces come again.
    pub fn reset(&self) {
        let (cloud, start) = (&*self.cloud, &self.cloud.start);
        cloud.state(|state| *state = start.state(&cloud.region, cloud.time.now()));
        cloud.faults(|faults| {
            faults.clear_all();
            // They were accepted once, and there were not too many.
            let _ = faults.inject(start.faults.clone());
        });
        self.forget_requests();
    }

    /// The clusters as they are now, in the order they were given.
    pub fn clusters(&self) -> Vec<ClusterSummary> {
        self.cloud.state(|state| {
            let (now, count) = (self.cloud.time.now(), state.clusters().len());
            (0..count)
                .filter_map(|position| state.at(position, now).map(|cluster| ClusterSummary::of(cluster)))
                .collect()
        })
    }

    /// The time of upgrades.
    pub(crate) fn now(&self) -> Timestamp {
        self.cloud.time.now()
    }

    pub(crate) fn inject_all(&self, faults: Vec<Fault>) -> Result<Vec<FaultId>, Error> {
        let is_one = faults.len() == 1;
        self.cloud.inject(faults, |position| if is_one { String::new() } else { format!("[{position}]") })
    }

    pub(crate) fn answer(&self, received: &Received) -> Response<Bytes> {
        admin::answer(self, self.cloud.admin, received).unwrap_or_else(|| exchange::answer(&self.cloud, received))
    }
}

/// What an emulator starts with.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) clusters: Vec<ClusterSeed>,
    pub(crate) durations: UpgradeDurations,
    pub(crate) lag: Lag,
    pub(crate) faults: Vec<(Fault, Compiled)>,
}

impl Start {
    pub(crate) fn state(&self, region: &str, now: Timestamp) -> State {
        let cluster = |seed: &ClusterSeed| Cluster::new(seed.clone(), region, self.durations, now);
        State::new(self.clusters.iter().map(cluster).collect(), self.lag)
    }
}

/// A cluster as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClusterSummary {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// Its state, such as `running`.
    pub state: String,
    /// Its Kubernetes version, which changes when an upgrade has settled.
    pub version: String,
    /// Its newest task, if there is one.
    pub task_id: Option<String>,
}

impl ClusterSummary {
    fn of(cluster: &Cluster) -> Self {
        let face = cluster.world.face();
        Self {
            id: cluster.seed.id.clone(),
            name: cluster.name.clone(),
            region: cluster.region.clone(),
            state: face.state.to_string(),
            version: face.version.clone(),
            task_id: cluster.tasks().next().map(|task| task.id.clone()),
        }
    }
}

impl Cloud {
    /// Injects all faults, or none if there is a mistake in one. `path` is where each was written.
    fn inject(&self, faults: Vec<Fault>, path: impl Fn(usize) -> String) -> Result<Vec<FaultId>, Error> {
        let known: Vec<String> = self.state(|state| state.clusters().map(|cluster| cluster.seed.id.clone()).collect());
        let known = self.strict_ids.then_some(known);
        let faults = compiled(faults, known.as_deref(), path)?;
        self.faults(|queue| queue.inject(faults))
    }

    pub(crate) fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn recorder<T>(&self, work: impl FnOnce(&mut Recorder) -> T) -> T {
        work(&mut self.recorder.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn faults<T>(&self, work: impl FnOnce(&mut Faults) -> T) -> T {
        work(&mut self.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
