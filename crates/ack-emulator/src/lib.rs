//! A local emulator of the Alibaba Cloud ACK API (product `CS`, version `2015-12-15`), for tests and demonstrations.
//!
//! It checks ACS3-HMAC-SHA256 signatures as the service does, answers in JSON and XML, and runs cluster upgrades on a
//! clock that can be sped up or moved by hand. It knows nothing of this workspace's client, so any SDK can be tested
//! against it.
//!
//! ```
//! use ack_emulator::{ClusterSeed, Emulator, UpgradeFailure, UpgradeStage, XmlStyle};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let emulator = Emulator::builder()
//!     .region("cn-hangzhou")
//!     .cluster(ClusterSeed::managed("c106f377e16f34eb1808d6b9362c9test", "demo-cluster", "1.31.1-aliyun.1"))
//!     .time_scale(60.0)
//!     .xml_style(XmlStyle::Rooted)
//!     .start()
//!     .await?;
//! println!("{} {:?}", emulator.endpoint(), emulator.cluster_ids());
//!
//! let failure = UpgradeFailure::new(UpgradeStage::Precheck, "2 nodes are NotReady");
//! emulator.fail_next_upgrade("c106f377e16f34eb1808d6b9362c9test", failure)?;
//! // ... point a client at the endpoint, and afterwards look at what it did:
//! assert_eq!(emulator.count("UpgradeCluster"), 0);
//! emulator.shutdown().await;
//! # Ok::<(), ack_emulator::Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it answers
//!
//! Every operation of the API. Six of them have a state: `UpgradeCluster`, `GetUpgradeStatus`, `DescribeTaskInfo`,
//! `DescribeClusterTasks`, `DescribeClusterDetail` and `DescribeClustersForRegion`. An upgrade goes through a precheck,
//! the control plane (one stage for a managed cluster, three masters for a dedicated one) and, unless `master_only` is
//! true, the worker nodes; then the task reports success while the cluster stays `upgrading` at its old version for a
//! while, as clients of the real service have to expect.
//!
//! All other operations change nothing and answer the same every time:
//!
//! - The request is checked against the [catalogue](ack_models::catalogue). A body must be JSON; a field that is missing
//!   or of another type is refused with `MissingParameter` or `InvalidParameter` and its path, such as
//!   `body.nodepool_info.name`. Unknown fields and parameters are ignored, null counts as absent, and numbers may come
//!   as text. In a query, `True` is a boolean, lists and objects are JSON text, and the `ClusterIds` of
//!   `CleanUserPermissions` are joined by commas.
//! - A cluster id in the path must be one of [`Emulator::cluster_ids`], else the answer is `ErrorClusterNotFound`; see
//!   [`EmulatorBuilder::strict_ids`]. Other ids are taken as they come.
//! - The answer is the sample of the API reference where that is sound, else one made from the documented examples of
//!   all fields. At its top, the ids of cluster, node pool, task and region are those of the path, and the request id is
//!   the real one.
//! - An operation without an answer has an empty body and no content type, in JSON as in XML. (Some pages of the
//!   reference print `{}` there, others nothing.)
//! - An answer that is a string, that of `DescribeClusterAttachScripts`, is the bare text as
//!   `text/plain;charset=utf-8`, for it is no JSON; in XML it is escaped text, within the root if answers have one.
//! - XML leaves out what it cannot carry: keys that are no element names, such as `kubernetes.io/role`, and lists
//!   directly in lists.
//!
//! # What is assumed
//!
//! ACK documents neither all of its error codes nor how the fields of GetUpgradeStatus combine. Where the documents are
//! silent, the emulator does what clients in use rely on, or else something plausible: the codes `ErrorClusterState`,
//! `ErrorTaskNotFound`, `ErrorJsonDecode`, `InvalidParameter`, `MissingParameter` for a field, `IncompleteBody`,
//! `RequestEntityTooLarge`, `InvalidSecurityToken.Malformed` and `InvalidSecurityToken.MismatchWithAccessKey`, the codes
//! `PrecheckFailed` and `UpgradeFailed` in the error of a task, the names of stages, and the default page size of 10 are
//! of that kind.
//!
//! # What it does not do
//!
//! Operations without a state have no effect: a cluster that was created is not listed, a task that was cancelled goes
//! on, and an add-on or node pool never changes. There are no quotas, no RAM policies and no TLS. State lives in memory
//! and ends with the emulator.

mod announcement;
mod answers;
mod authenticate;
mod builder;
mod clock;
mod connections;
mod durations;
mod emulator;
mod error;
mod failure;
mod ids;
mod incident;
mod keys;
mod nonces;
mod operate;
mod orders;
mod receive;
mod recorded;
mod refusal;
mod render;
mod route;
mod running;
mod seed;
mod state;
mod times;
mod version;
mod wording;

pub use ack_auth::Clock;
pub use announcement::Announcement;
pub use builder::EmulatorBuilder;
pub use clock::{ManualClock, ScaledClock};
pub use durations::{Lag, UpgradeDurations};
pub use emulator::Emulator;
pub use error::Error;
pub use failure::{UpgradeFailure, UpgradeStage};
pub use incident::{Effect, Incident};
pub use keys::{DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET};
pub use recorded::RecordedRequest;
pub use render::XmlStyle;
pub use running::RunningEmulator;
pub use seed::{AddonSeed, ClusterSeed, Finding, FindingLevel, NodePoolSeed, NodeTrouble, PlanSeed, TaskSeed};
pub use version::KUBERNETES_VERSIONS;
pub use wording::{Vocabulary, Wording};
