//! Which clusters of the accounts belong to a fleet.

use ack_client::models::ClusterSummaryV1;

/// Which clusters of the accounts belong to a fleet: those that fit everything that is set. By default all.
///
/// Only the region and the part of a name are asked of the service; the rest is compared with its list. Clusters that an
/// account [names](super::Account::clusters) belong to it in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    name: Option<String>,
    labels: Vec<(String, Option<String>)>,
    regions: Vec<String>,
    version: Option<String>,
}

impl Selector {
    /// Clusters whose name contains this text.
    #[must_use]
    pub fn name(self, part: impl Into<String>) -> Self {
        Self { name: Some(part.into()), ..self }
    }

    /// Clusters with this tag. Given again, all of them have to be there.
    #[must_use]
    pub fn label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.push((key.into(), Some(value.into())));
        self
    }

    /// Clusters with a tag of this key, whatever its value.
    #[must_use]
    pub fn has_label(mut self, key: impl Into<String>) -> Self {
        self.labels.push((key.into(), None));
        self
    }

    /// Clusters of this region. Given again, of any of them.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.regions.push(region.into());
        self
    }

    /// Clusters whose control plane has this version when they are found: a whole one such as `1.31.1-aliyun.1`, or its
    /// beginning up to a dot or hyphen, such as `1.31`. A cluster that is upgraded later stays in the fleet.
    #[must_use]
    pub fn version(self, version: impl Into<String>) -> Self {
        Self { version: Some(version.into()), ..self }
    }

    /// What the service is asked for.
    pub(super) fn name_part(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether a cluster that is known already may fit where it would not if it were new.
    pub(super) fn depends_on_version(&self) -> bool {
        self.version.is_some()
    }

    /// Whether a cluster belongs to the fleet. One that is known already does not have to keep its version.
    pub(super) fn fits(&self, cluster: &ClusterSummaryV1, is_known: bool) -> bool {
        let name = cluster.name.as_deref().unwrap_or_default();
        let region = cluster.region_id.as_deref().unwrap_or_default();
        let has = |key: &String, value: &Option<String>| {
            let own = cluster.tags.iter().find(|tag| tag.key.as_deref() == Some(key));
            own.is_some_and(|tag| {
                value.is_none() || tag.value.as_deref().unwrap_or_default() == value.as_deref().unwrap_or_default()
            })
        };
        self.name.as_ref().is_none_or(|part| name.contains(part.as_str()))
            && (self.regions.is_empty() || self.regions.iter().any(|own| own == region))
            && self.labels.iter().all(|(key, value)| has(key, value))
            && (is_known || self.fits_version(cluster.current_version.as_deref()))
    }

    fn fits_version(&self, version: Option<&str>) -> bool {
        let Some(wanted) = &self.version else { return true };
        let Some(rest) = version.and_then(|version| version.strip_prefix(wanted.as_str())) else { return false };
        rest.is_empty() || rest.starts_with(['.', '-'])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_set_has_to_fit() {
        let cluster: ClusterSummaryV1 = serde_json::from_str(
            r#"{"cluster_id": "c1", "name": "shop-eu", "region_id": "eu-central-1", "current_version": "1.31.1-aliyun.1",
            "tags": [{"key": "env", "value": "production"}, {"key": "team"}]}"#,
        )
        .unwrap();
        let all = Selector::default;
        for (selector, fits) in [
            (all(), true),
            (all().name("shop"), true),
            (all().name("Shop"), false),
            (all().label("env", "production").has_label("team"), true),
            (all().label("team", ""), true),
            (all().label("env", "test"), false),
            (all().has_label("owner"), false),
            (all().region("cn-hangzhou").region("eu-central-1"), true),
            (all().region("cn-hangzhou"), false),
            (all().version("1.31"), true),
            (all().version("1.31.1-aliyun.1"), true),
            (all().version("1.3"), false),
            (all().version("1.32"), false),
            (all().name("shop").version("1.32"), false),
        ] {
            assert_eq!(selector.fits(&cluster, false), fits, "{selector:?}");
        }
        assert!(all().version("1.32").fits(&cluster, true));
    }
}
