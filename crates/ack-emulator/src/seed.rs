//! What an emulator starts with: clusters, and what is in them.

mod addon;
mod cluster;
pub(crate) mod duration_text;
mod finding;
mod node_pool;
mod plan;
mod task;

pub use addon::AddonSeed;
pub use cluster::ClusterSeed;
pub use finding::{Finding, FindingLevel};
pub(crate) use node_pool::NodeInTrouble;
pub use node_pool::{NodePoolSeed, NodeTrouble};
pub use plan::PlanSeed;
pub use task::TaskSeed;

use crate::Error;

/// How many nodes a cluster or node pool has if its seed does not say.
pub(crate) const DEFAULT_NODES: u32 = 3;

/// The longest cluster id, name, region, tag or failure message, in bytes.
const MAX_TEXT: usize = 256;

/// Refuses text that is empty, overlong or holds control characters.
pub(crate) fn check_text(setting: &'static str, text: &str, may_be_empty: bool) -> Result<(), Error> {
    if text.is_empty() && !may_be_empty {
        return Err(Error::setting(setting, text, "is empty", "give it a text"));
    }
    if text.len() > MAX_TEXT {
        let shown: String = text.chars().take(16).collect();
        return Err(Error::setting(setting, shown, "goes on too long", "use 256 bytes at most"));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::setting(setting, text, "holds a control character", "leave it out"));
    }
    Ok(())
}
