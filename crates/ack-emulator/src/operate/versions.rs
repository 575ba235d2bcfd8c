//! DescribeKubernetesVersionMetadata: the versions on offer, and what each can be upgraded to.

use ack_models::{ClusterType, KubernetesVersionMetadata, KubernetesVersionMode, Runtime, RuntimeName};
use serde_json::json;

use super::paging::Query;
use super::{Answer, read};
use crate::KUBERNETES_VERSIONS;
use crate::receive::Received;
use crate::refusal::Refusal;
use crate::route::Call;
use crate::version::{Version, upgradable_versions};

pub(super) fn describe(call: &Call, received: &Received, body: &[u8]) -> Result<Answer, Refusal> {
    read::request(call, received, body)?;
    let query = Query::parse(received.query());
    let known = |name: &str, values: &[&str]| match query.get(name) {
        Some(value) if !values.iter().any(|known| known.eq_ignore_ascii_case(value)) => {
            Err(Refusal::invalid_parameter(name, value, &format!("is none of {}", values.join(", "))))
        }
        _ => Ok(()),
    };
    known("ClusterType", ClusterType::VALUES)?;
    known("Mode", KubernetesVersionMode::VALUES)?;
    let asked = query.get("KubernetesVersion");
    if let Some(version) = asked.filter(|version| Version::parse(version).is_none()) {
        return Err(Refusal::invalid_parameter("KubernetesVersion", version, "is not a Kubernetes version"));
    }
    let wants_upgradable = query.get("QueryUpgradableVersion").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let only_creatable = query.get("Mode").is_some_and(|mode| KubernetesVersionMode::Creatable == *mode);
    let fits = |version: &&str| match asked {
        Some(asked) => *version == asked,
        None => !only_creatable || is_creatable(version),
    };
    // As the documents say, the versions to upgrade to are told for one version only.
    let entry = |version: &str| metadata(version, wants_upgradable && asked.is_some());
    let mut answer: Vec<_> = KUBERNETES_VERSIONS.iter().copied().rev().filter(fits).map(entry).collect();
    if answer.is_empty()
        && let Some(version) = asked
    {
        // A version that is not offered any more, which some cluster may still have.
        answer.push(metadata(version, wants_upgradable));
    }
    Answer::of(&answer)
}

/// Clusters can be made at the newest versions of the three newest minor versions.
fn is_creatable(version: &str) -> bool {
    let newest = KUBERNETES_VERSIONS.last().and_then(|newest| Version::parse(newest));
    let (Some(newest), Some(version)) = (newest, Version::parse(version)) else { return false };
    newest.minors_ahead_of(version) < 3
}

fn metadata(version: &str, with_upgradable: bool) -> KubernetesVersionMetadata {
    let upgradable =
        if with_upgradable { upgradable_versions(version).map(ToOwned::to_owned).collect() } else { vec![] };
    let capabilities = json!({"AnyAZ": true, "ChargeType": "PostPaid"});
    KubernetesVersionMetadata {
        capabilities: capabilities.as_object().cloned().unwrap_or_default(),
        creatable: Some(KUBERNETES_VERSIONS.contains(&version) && is_creatable(version)),
        meta_data: json!({"KubernetesVersion": version}).as_object().cloned().unwrap_or_default(),
        runtimes: vec![Runtime { name: Some(RuntimeName::Containerd), version: Some("1.6.28".to_owned()) }],
        upgradable_versions: upgradable,
        version: Some(version.to_owned()),
        ..Default::default()
    }
}
