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
//! `UpgradeCluster`, `GetUpgradeStatus`, `DescribeTaskInfo`, `DescribeClusterTasks`, `DescribeClusterDetail` and
//! `DescribeClustersForRegion`. An upgrade goes through a precheck, the control plane (one stage for a managed cluster,
//! three masters for a dedicated one) and, unless `master_only` is true, the worker nodes; then the task reports success
//! while the cluster stays `upgrading` at its old version for a while, as clients of the real service have to expect.
//!
//! # What is assumed
//!
//! ACK documents neither all of its error codes nor how the fields of GetUpgradeStatus combine. Where the documents are
//! silent, the emulator does what clients in use rely on, or else something plausible: the codes `ErrorClusterState`,
//! `ErrorTaskNotFound`, `InvalidParameter`, `RequestEntityTooLarge` and `InvalidSecurityToken.Malformed`, the names of
//! stages, and the default page size of 10 are of that kind.
//!
//! # What it does not do
//!
//! No other operation, no pausing or cancelling, no add-ons and node pools, no quotas, no RAM policies, no TLS. A request
//! of an operation without behaviour is answered with HTTP 501. State lives in memory and ends with the emulator.

mod announcement;
mod authenticate;
mod builder;
mod clock;
mod connections;
mod durations;
mod emulator;
mod error;
mod failure;
mod ids;
mod keys;
mod nonces;
mod operate;
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

pub use ack_auth::Clock;
pub use announcement::Announcement;
pub use builder::EmulatorBuilder;
pub use clock::{ManualClock, ScaledClock};
pub use durations::UpgradeDurations;
pub use emulator::Emulator;
pub use error::Error;
pub use failure::{UpgradeFailure, UpgradeStage};
pub use keys::{DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET};
pub use recorded::RecordedRequest;
pub use render::XmlStyle;
pub use running::RunningEmulator;
pub use seed::ClusterSeed;
pub use version::KUBERNETES_VERSIONS;
