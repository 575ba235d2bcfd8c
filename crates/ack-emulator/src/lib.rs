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
//! Every operation of the API. Those of the upgrade lifecycle, and those one needs around them, have a state:
//!
//! | what | operations |
//! | --- | --- |
//! | upgrades of a cluster | `UpgradeCluster`, `GetUpgradeStatus`, `PauseClusterUpgrade`, `ResumeUpgradeCluster`, `CancelClusterUpgrade` |
//! | tasks | `DescribeTaskInfo`, `DescribeClusterTasks`, `PauseTask`, `ResumeTask`, `CancelTask` |
//! | clusters | `DescribeClusterDetail`, `DescribeClustersForRegion`, `DescribeClustersV1`, `DescribeClusters`, `DescribeClusterUserKubeconfig` |
//! | node pools | `UpgradeClusterNodepool`, `DescribeClusterNodePools`, `DescribeClusterNodePoolDetail`, `DescribeClusterNodes` |
//! | add-ons | `UpgradeClusterAddons`, `DescribeClusterAddonsVersion`, `DescribeClusterAddonUpgradeStatus`, `DescribeClusterAddonsUpgradeStatus`, `ListClusterAddonInstances`, `GetClusterAddonInstance`, `DescribeAddon`, `PauseComponentUpgrade`, `ResumeComponentUpgrade`, `CancelComponentUpgrade` |
//! | checks | `RunClusterCheck`, `GetClusterCheck`, `ListClusterChecks` |
//! | versions | `DescribeKubernetesVersionMetadata` |
//! | events | `DescribeClusterEvents`, `DescribeEvents`, `DescribeEventsForRegion` |
//! | plans | `ListOperationPlans`, `ListOperationPlansForRegion`, `CancelOperationPlan` |
//!
//! The upgrade of a cluster goes through a precheck, the control plane (one stage for a managed cluster, three masters for
//! a dedicated one) and, unless `master_only` is true, the worker nodes; then the task reports success while the cluster
//! stays `upgrading` at its old version for a while, as clients of the real service have to expect. That of a node pool
//! goes through a precheck and its nodes, batch by batch: each is drained and then upgraded. That of add-ons goes through
//! a precheck and one add-on after another. Pausing, resuming and cancelling take effect after a few seconds; before a
//! pause, nodes that are being upgraded are finished, and drains are given up.
//!
//! What happens out of the ordinary is ordered: [`Incident`]s befall tasks, [`NodeTrouble`] befalls nodes, [`Finding`]s
//! turn up in checks, [`TaskSeed`]s and [`PlanSeed`]s are the work of others, [`Wording`] spells values in other ways, and
//! [`Lag`] makes lists and events late. All seeds can be read from files with serde. Everything happens at its own time on
//! the clock of the emulator, however often somebody looks, so that the same requests at the same times have the same
//! answers.
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
//!   directly in lists. An answer with nothing in it has a root even where answers have none, for an empty body is no XML.
//!
//! # What can go wrong on purpose
//!
//! [`Fault`] lists every fault: errors of the gateway and of the service, what a proxy in between answers, bodies that
//! break off, drag on or never end, connections that die before or after an upgrade was started, clocks that are off, and
//! answers that say what no document knows. They are selected by operation, cluster, format, number and chance.
//! [`Emulator::accepted`] counts what was carried out in spite of them.
//!
//! ```
//! use ack_emulator::{Emulator, Fault};
//! use std::time::Duration;
//!
//! let emulator = Emulator::builder()
//!     .fault(Fault::throttle().retry_after(Duration::from_secs(2)).times(3))
//!     .fault(Fault::lost_reply().operation("UpgradeCluster").times(1))
//!     .build()?;
//! // ... let a client upgrade a cluster, and then:
//! assert!(emulator.accepted("UpgradeCluster") <= 1);
//! # Ok::<(), ack_emulator::Error>(())
//! ```
//!
//! A [`Scenario`] file holds clusters, keys, speed and faults; [`ADMIN_CALLS`] are the calls by which a test in any
//! language injects faults, moves the clock and looks at what was asked.
//!
//! # What is assumed
//!
//! ACK documents neither all of its error codes nor how the fields of GetUpgradeStatus combine. Where the documents are
//! silent, the emulator does what clients in use rely on, or else something plausible:
//!
//! - The codes `ErrorClusterState`, `ErrorNodePoolState`, `ErrorAddonState`, `ErrorTaskState`, `ErrorOperationPlanState` (all
//!   HTTP 400, for what the state does not allow), `ErrorNodeVersionSkew` (nodes would be too far behind the control plane),
//!   `ErrorTaskNotFound`, `ErrorCheckNotFound`, `ErrorOperationPlanNotFound`, `ErrorJsonDecode`, `InvalidParameter`,
//!   `MissingParameter` for a field, `IncompleteBody`, `RequestEntityTooLarge`, `BadGateway`, `GatewayTimeout`, `InvalidSecurityToken.Malformed` and
//!   `InvalidSecurityToken.MismatchWithAccessKey`; and in the error of a task `PrecheckFailed`, `UpgradeFailed`,
//!   `NodePoolUpgradeFailed` and `AddonUpgradeFailed`.
//! - The types `nodepool_upgrade` and `cluster_addon_upgrade`, which are those of the events; the names of stages and of the
//!   reasons of events; the status `Running` of a check, and the results of tasks that are not clusters.
//! - A task that failed is over: PauseTask, ResumeTask and CancelTask refuse it. ResumeUpgradeCluster and
//!   CancelClusterUpgrade take an upgrade of a cluster that an error stopped for a paused one, as GetUpgradeStatus does;
//!   until then the cluster stays `upgrading`. CancelClusterUpgrade refuses an upgrade that is not paused.
//! - After a cancel the step is `not_start` and `is_canceled` true; the cluster is `running`, at the new version if its
//!   control plane has it.
//! - Workers move along with the control plane one by one, or in batches of 1, 2, 4 and so on where the request has the
//!   `rolling_policy.max_parallelism` that is about to lose its effect. Node pools move in batches of `max_parallelism` nodes.
//!   Without `max_failed_nodes` the first node that fails ends the task.
//! - A node pool shows the version of kubelet that its oldest node has; nodes themselves show none.
//! - Only a cluster that is `running`, and in which no upgrade of anything is at work, can be upgraded. Node pools and
//!   add-ons can be upgraded side by side. A pool never gets ahead of the control plane, and the control plane no further
//!   than [`ClusterSeed::with_max_node_skew`] ahead of the nodes it leaves behind.
//! - Pages hold 10 entries if the request does not say, those of events 50.
//!
//! # What it does not do
//!
//! Operations without a state have no effect: a cluster that was created is not listed, and a node pool that was deleted is
//! still there. Maintenance windows are told of and not heeded. There are no quotas, no RAM policies and no TLS. State lives
//! in memory and ends with the emulator.

mod admin;
mod announcement;
mod answers;
mod authenticate;
mod builder;
mod clock;
mod connections;
mod deliver;
mod delivery;
mod durations;
mod emulator;
mod error;
mod exchange;
mod failure;
mod fault;
mod form;
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
mod scenario;
mod seed;
mod state;
mod times;
mod version;
mod wording;

pub use ack_auth::Clock;
pub use admin::{ADMIN_CALLS, AdminAccess, AdminCall};
pub use announcement::Announcement;
pub use builder::EmulatorBuilder;
pub use clock::{ManualClock, ScaledClock};
pub use delivery::Delivery;
pub use durations::{Lag, UpgradeDurations};
pub use emulator::{ClusterSummary, Emulator};
pub use error::Error;
pub use failure::{UpgradeFailure, UpgradeStage};
pub use fault::{ErrorShape, Fault, FaultHelp, FaultId, InjectedFault};
pub use incident::{Effect, Incident};
pub use keys::{DEFAULT_ACCESS_KEY_ID, DEFAULT_ACCESS_KEY_SECRET};
pub use recorded::{RecordedRequest, RequestCount, StruckBy};
pub use render::XmlStyle;
pub use running::RunningEmulator;
pub use scenario::Scenario;
pub use seed::{AddonSeed, ClusterSeed, Finding, FindingLevel, NodePoolSeed, NodeTrouble, PlanSeed, TaskSeed};
pub use version::KUBERNETES_VERSIONS;
pub use wording::{Vocabulary, Wording};
