//! The add-ons installed in a cluster.

use std::collections::BTreeMap;

use crate::ClusterSeed;

#[derive(Debug, Clone)]
pub(crate) struct Addon {
    pub(crate) version: String,
    /// The version it can be upgraded to, if any.
    pub(crate) next_version: Option<String>,
    pub(crate) is_required: bool,
    pub(crate) config: String,
    /// The latest task that upgrades or upgraded it.
    pub(crate) task: Option<String>,
}

/// The add-ons of a seed by name.
pub(crate) fn addons(seed: &ClusterSeed) -> BTreeMap<String, Addon> {
    let addon = |addon: &crate::AddonSeed| {
        let own = Addon {
            version: addon.version.clone(),
            next_version: addon.next_version.clone(),
            is_required: addon.is_required,
            config: addon.config.clone().unwrap_or_default(),
            task: None,
        };
        (addon.name.clone(), own)
    };
    seed.addons.iter().map(addon).collect()
}
