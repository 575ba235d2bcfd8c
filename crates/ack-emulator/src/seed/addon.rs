//! The add-ons that a cluster starts with.

use serde::Deserialize;

use super::check_text;
use crate::Error;

/// An add-on of a [`ClusterSeed`](crate::ClusterSeed). A cluster for which none is given has three: `coredns`, which is
/// required and can be upgraded, `metrics-server`, which can be upgraded, and `nginx-ingress-controller`, which is at its
/// newest version.
///
/// In a file: `{"name": "coredns", "version": "v1.9.3.6", "next_version": "v1.11.3.2", "required": true, "config": "{}"}`;
/// name and version have to be there.
///
/// ```
/// use ack_emulator::{AddonSeed, ClusterSeed};
///
/// let dns = AddonSeed::new("coredns", "v1.9.3.6-32932850-aliyun").with_next_version("v1.11.3.2-f57ea7ed6-aliyun");
/// let seed = ClusterSeed::managed("c106f377e16f", "demo", "1.31.1-aliyun.1").with_addon(dns);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddonSeed {
    pub(crate) name: String,
    pub(crate) version: String,
    #[serde(default)]
    pub(crate) next_version: Option<String>,
    #[serde(default, rename = "required")]
    pub(crate) is_required: bool,
    #[serde(default)]
    pub(crate) config: Option<String>,
}

impl AddonSeed {
    /// An add-on at its newest version.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { name: name.into(), version: version.into(), next_version: None, is_required: false, config: None }
    }

    /// Sets the version that it can be upgraded to. Default: none.
    #[must_use]
    pub fn with_next_version(self, version: impl Into<String>) -> Self {
        Self { next_version: Some(version.into()), ..self }
    }

    /// Sets whether the cluster cannot do without it. Default: false.
    #[must_use]
    pub fn with_required(self, is_required: bool) -> Self {
        Self { is_required, ..self }
    }

    /// Sets its settings, a JSON text. Default: none.
    #[must_use]
    pub fn with_config(self, config: impl Into<String>) -> Self {
        Self { config: Some(config.into()), ..self }
    }

    /// The add-ons of a cluster for which none were given.
    pub(crate) fn defaults() -> Vec<Self> {
        vec![
            Self::new("coredns", "v1.9.3.10-7dfca203-aliyun")
                .with_next_version("v1.11.3.2-f57ea7ed6-aliyun")
                .with_required(true),
            Self::new("metrics-server", "v0.3.9.7-bfa8d8a-aliyun").with_next_version("v0.6.4.1-9ed0d1d-aliyun"),
            Self::new("nginx-ingress-controller", "v1.10.4-aliyun.1"),
        ]
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check_text("add-on name", &self.name, false)?;
        check_text("add-on version", &self.version, false)?;
        if let Some(version) = &self.next_version {
            check_text("next version of an add-on", version, false)?;
        }
        match self.config.as_deref().map(serde_json::from_str::<serde::de::IgnoredAny>) {
            Some(Err(_)) => {
                let remedy = "write the settings as a JSON text, such as {\"CpuRequest\":\"800m\"}";
                Err(Error::setting("config of an add-on", self.name.as_str(), "has settings that are no JSON", remedy))
            }
            _ => Ok(()),
        }
    }
}
