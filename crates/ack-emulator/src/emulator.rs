//! The emulated cloud without a socket: requests in, responses out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ack_auth::Clock;
use bytes::Bytes;
use http::{Request, Response};

use crate::authenticate::Gate;
use crate::clock::{CloudTime, timestamp};
use crate::ids::Ids;
use crate::operate::{Answer, Scene, operate};
use crate::receive::Received;
use crate::recorded::{RecordedRequest, Recorder};
use crate::refusal::Refusal;
use crate::render::Rendering;
use crate::route::{matching, route};
use crate::state::State;
use crate::{EmulatorBuilder, XmlStyle};

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
        self.state(|state| state.clusters().map(|cluster| cluster.seed.id.clone()).collect())
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
        self.recorder(|recorder| recorder.requests())
    }

    /// How many requests of an operation were answered, accepted or not, such as `count("UpgradeCluster")`.
    pub fn count(&self, operation: &str) -> usize {
        self.recorder(|recorder| recorder.count(operation))
    }

    /// Moves the time of upgrades forward, whatever clock it runs on. The dates of requests are not affected.
    pub fn advance(&self, by: Duration) {
        self.cloud.time.skip(by);
    }

    /// Takes a request through the stages: receive (done by the caller), authenticate, route, operate, render. Faults
    /// to inject belong between them.
    pub(crate) fn answer(&self, received: &Received) -> Response<Bytes> {
        let request_id = self.cloud.ids.request_id();
        let rendering = Rendering {
            format: received.answer_format(),
            xml_style: self.cloud.xml_style,
            request_id: &request_id,
            host: received.host(),
        };
        let outcome = self.carry_out(received, &request_id);
        let (response, code) = match outcome.and_then(|(operation_id, answer)| rendering.answer(operation_id, &answer))
        {
            Ok(response) => (response, None),
            Err(refusal) => (rendering.refusal(&refusal), Some(refusal.code.into_owned())),
        };
        self.record(received, response.status().as_u16(), code, request_id);
        response
    }

    fn carry_out(&self, received: &Received, request_id: &str) -> Result<(&'static str, Answer), Refusal> {
        let cloud = &*self.cloud;
        let body = received.body.as_ref().map_err(Clone::clone)?;
        cloud.gate.authenticate(received, body, timestamp(cloud.wall_clock.now()))?;
        let call = route(received)?;
        let answer = self.state(|state| {
            // The time is read under the lock, so that no request sees a time before that of one already answered.
            let now = cloud.time.now();
            let (ids, strict_ids) = (&cloud.ids, cloud.strict_ids);
            let mut scene = Scene { state, ids, now, request_id, strict_ids };
            operate(&mut scene, &call, received, body)
        })?;
        Ok((call.operation.id, answer))
    }

    fn record(&self, received: &Received, status: u16, code: Option<String>, request_id: String) {
        let operation = matching(received).map(|call| call.operation.id);
        tracing::debug!(operation, status, code = code.as_deref(), request_id, "answered a request");
        let request = RecordedRequest {
            operation,
            method: received.parts.method.as_str().to_owned(),
            path: received.path().to_owned(),
            query: received.query().to_owned(),
            status,
            code,
            request_id,
        };
        self.recorder(|recorder| recorder.record(request));
    }

    pub(crate) fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.cloud.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn recorder<T>(&self, work: impl FnOnce(&mut Recorder) -> T) -> T {
        work(&mut self.cloud.recorder.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
