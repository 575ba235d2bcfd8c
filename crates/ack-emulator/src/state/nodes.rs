//! Node pools and their nodes.

use ack_models::{ClusterType, RuntimeName};
use jiff::Timestamp;

use crate::seed::{DEFAULT_NODES, NodeInTrouble, NodePoolSeed};
use crate::version::Version;
use crate::{ClusterSeed, NodeTrouble};

#[derive(Debug)]
pub(crate) struct NodePool {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) is_default: bool,
    pub(crate) runtime: RuntimeName,
    pub(crate) runtime_version: String,
    pub(crate) image_id: String,
    /// Whether a task of its own is at work on its nodes.
    pub(crate) is_busy: bool,
    pub(crate) updated: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Node {
    /// The position of its pool.
    pub(crate) pool: usize,
    pub(crate) version: String,
    pub(crate) trouble: Option<NodeTrouble>,
    pub(crate) status: NodeCondition,
}

/// What is going on with a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeCondition {
    Ready,
    Draining,
    Upgrading,
    /// Its upgrade failed.
    Failed,
}

#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) pools: Vec<NodePool>,
    pub(crate) nodes: Vec<Node>,
    region: String,
    cluster_id: String,
}

impl Node {
    /// Lets it be drained without trouble.
    pub(crate) fn forget_drain_trouble(&mut self) {
        self.trouble.take_if(|trouble| !matches!(trouble, NodeTrouble::Fails { .. }));
    }
}

impl Nodes {
    pub(crate) fn new(seed: &ClusterSeed, region: &str, created: Timestamp) -> Self {
        let default_id = format!("np{:.32}", seed.id.trim_start_matches('c'));
        let nodes = seed.nodes.unwrap_or(DEFAULT_NODES);
        let default = NodePoolSeed::new(default_id, nodes).with_name("default-nodepool");
        let has_default = seed.nodes.is_some() || seed.node_pools.is_empty();
        let pools = has_default.then_some(&default).into_iter().chain(&seed.node_pools);
        let mut all =
            Self { pools: Vec::new(), nodes: Vec::new(), region: region.to_owned(), cluster_id: seed.id.clone() };
        for (position, pool) in pools.enumerate() {
            let first = all.nodes.len();
            let version = pool.version.as_ref().unwrap_or(&seed.version);
            all.nodes.extend((0..pool.nodes).map(|_| Node {
                pool: position,
                version: version.clone(),
                trouble: None,
                status: NodeCondition::Ready,
            }));
            for NodeInTrouble { node, trouble } in &pool.troubles {
                if let Some(node) = all.nodes.get_mut(first.saturating_add(*node as usize)) {
                    node.trouble = Some(trouble.clone());
                }
            }
            all.pools.push(NodePool {
                id: pool.id.clone(),
                name: pool.name.clone().unwrap_or_else(|| pool.id.clone()),
                is_default: position == 0,
                runtime: RuntimeName::Containerd,
                runtime_version: "1.6.28".to_owned(),
                image_id: "aliyun_3_x64_20G_alibase_20240528.vhd".to_owned(),
                is_busy: false,
                updated: created,
            });
        }
        all
    }

    /// How many masters there are besides: those of a managed cluster are ACK's own.
    pub(crate) fn masters(cluster_type: &ClusterType) -> u32 {
        if *cluster_type == ClusterType::Kubernetes { 3 } else { 0 }
    }

    /// The name of the node at a position, made from its address.
    pub(crate) fn name(&self, position: usize) -> String {
        format!("{}.{}", self.region, self.address(position))
    }

    pub(crate) fn address(&self, position: usize) -> String {
        format!("192.168.{}.{}", position / 250, position % 250 + 1)
    }

    /// The id of the instance that the node at a position runs on.
    pub(crate) fn instance_id(&self, position: usize) -> String {
        let own: String = self.cluster_id.chars().rev().take(12).filter(char::is_ascii_alphanumeric).collect();
        format!("i-{own}{position:05}")
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        let address = name.strip_prefix(&self.region)?.strip_prefix(".192.168.")?;
        let (high, low) = address.split_once('.')?;
        let position = high.parse::<usize>().ok()?.checked_mul(250)?.checked_add(low.parse::<usize>().ok()?)?;
        position.checked_sub(1).filter(|position| *position < self.nodes.len() && self.name(*position) == name)
    }

    pub(crate) fn pool_position(&self, id: &str) -> Option<usize> {
        self.pools.iter().position(|pool| pool.id == id)
    }

    /// The positions of the nodes of a pool.
    pub(crate) fn of_pool(&self, pool: usize) -> impl Iterator<Item = usize> {
        self.nodes.iter().enumerate().filter(move |(_, node)| node.pool == pool).map(|(position, _)| position)
    }

    /// The oldest version of any node of a pool; none for an empty pool.
    pub(crate) fn pool_version(&self, pool: usize) -> Option<&str> {
        let versions = self.nodes.iter().filter(|node| node.pool == pool).map(|node| node.version.as_str());
        versions.min_by_key(|version| Version::parse(version))
    }
}
