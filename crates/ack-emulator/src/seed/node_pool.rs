//! The node pools and nodes that a cluster starts with.

use std::time::Duration;

use serde::Deserialize;

use super::{check_text, duration_text};
use crate::Error;
use crate::version::Version;

/// A node pool of a [`ClusterSeed`](crate::ClusterSeed).
///
/// In a file: `{"id": "np-1", "nodes": 5, "version": "1.30.7-aliyun.1", "troubles": [{"node": 0, "trouble": "drain_sticks"}]}`;
/// all but the id may be left out.
///
/// ```
/// use ack_emulator::{ClusterSeed, NodePoolSeed, NodeTrouble};
///
/// let pool = NodePoolSeed::new("np-workers", 5)
///     .with_version("1.30.7-aliyun.1")
///     .with_trouble(2, NodeTrouble::DrainSticks);
/// let seed = ClusterSeed::managed("c106f377e16f", "demo", "1.31.1-aliyun.1").with_node_pool(pool);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodePoolSeed {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default = "default_nodes")]
    pub(crate) nodes: u32,
    #[serde(default)]
    pub(crate) version: Option<String>,
    #[serde(default)]
    pub(crate) troubles: Vec<NodeInTrouble>,
}

/// What goes wrong with one node when it is upgraded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum NodeTrouble {
    /// Its drain takes this long instead.
    DrainTakes {
        /// From the start of the drain to its end.
        #[serde(deserialize_with = "duration_text::required")]
        duration: Duration,
    },
    /// Its drain does not end until the task is paused and resumed, or the drain is
    /// [released](crate::Emulator::release_drain); the next attempt goes through.
    DrainSticks,
    /// No drain of it ends, until it is [released](crate::Emulator::release_drain).
    DrainSticksForever,
    /// Its upgrade fails once; another attempt goes through.
    Fails {
        /// What the API reports, in words for people.
        message: String,
    },
}

/// Which node is in trouble, and which trouble.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeInTrouble {
    /// The position in the pool, from 0.
    pub(crate) node: u32,
    pub(crate) trouble: NodeTrouble,
}

impl NodePoolSeed {
    /// A node pool with this many nodes, at the version of the control plane.
    pub fn new(id: impl Into<String>, nodes: u32) -> Self {
        Self { id: id.into(), name: None, nodes, version: None, troubles: Vec::new() }
    }

    /// Sets the name. Default: the id.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Sets the Kubernetes version of the nodes, not above that of the control plane. Default: that of the control
    /// plane.
    #[must_use]
    pub fn with_version(self, version: impl Into<String>) -> Self {
        Self { version: Some(version.into()), ..self }
    }

    /// Lets something go wrong with the node at this position, from 0. The later of two for the same node counts.
    #[must_use]
    pub fn with_trouble(mut self, node: u32, trouble: NodeTrouble) -> Self {
        self.troubles.push(NodeInTrouble { node, trouble });
        self
    }

    pub(crate) fn check(&self, control_plane: Version) -> Result<(), Error> {
        check_text("node pool id", &self.id, false)?;
        if let Some(name) = &self.name {
            check_text("node pool name", name, false)?;
        }
        if let Some(text) = &self.version {
            let remedy = "use one such as 1.31.1-aliyun.1, not above that of the cluster";
            match Version::parse(text) {
                None => return Err(Error::setting("node pool version", text, "is not a Kubernetes version", remedy)),
                Some(version) if version > control_plane => {
                    return Err(Error::setting("node pool version", text, "is above that of the cluster", remedy));
                }
                Some(_) => {}
            }
        }
        for NodeInTrouble { node, trouble } in &self.troubles {
            if *node >= self.nodes {
                let problem = "is beyond the nodes of its pool";
                return Err(Error::setting("node in trouble", node.to_string(), problem, "count from 0"));
            }
            if let NodeTrouble::Fails { message } = trouble {
                check_text("failure message", message, false)?;
            }
        }
        Ok(())
    }
}

fn default_nodes() -> u32 {
    super::DEFAULT_NODES
}
