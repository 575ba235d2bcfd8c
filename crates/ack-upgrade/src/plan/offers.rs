//! What the service offers: versions of Kubernetes, and of add-ons.

use ack_client::models::{AddonNewerVersion, DescribeAddonQuery, DescribeKubernetesVersionMetadataQuery};
use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::options::Selection;
use super::path::{Offers, Search, search};
use super::snapshot::{AddonSnapshot, ClusterSnapshot};
use super::step::AddonChange;
use super::{Target, steps};
use crate::error::Error;
use crate::finding::{PrecheckFinding, Severity};
use crate::upgrades::Upgrades;
use crate::version::{Version, compare_addon_versions};

/// How many add-ons are asked for at the same time.
const AT_ONCE: usize = 4;

/// The versions on the way from one to the target, without the first.
pub(super) async fn hops(
    upgrades: &Upgrades,
    cluster: &ClusterSnapshot,
    from: &str,
    target: &Target,
) -> Result<Vec<String>, Error> {
    let mut offers = Offers::new();
    loop {
        match search(from, target, &offers)? {
            Search::Found(hops) => return Ok(hops),
            Search::Ask(version) => {
                let upgradable = upgradable_versions(upgrades, cluster, &version).await?;
                offers.insert(version, upgradable);
            }
        }
    }
}

async fn upgradable_versions(
    upgrades: &Upgrades,
    cluster: &ClusterSnapshot,
    version: &str,
) -> Result<Vec<String>, Error> {
    let Some(region) = cluster.region.clone() else {
        return Err(Error::refused(format!(
            "the region of cluster {} is not known, and the service lists versions by region: give the client a region",
            cluster.cluster_id
        )));
    };
    let query = DescribeKubernetesVersionMetadataQuery {
        cluster_type: cluster.cluster_type.clone().unwrap_or_default(),
        kubernetes_version: Some(version.to_owned()),
        profile: cluster.profile.clone(),
        query_upgradable_version: Some(true),
        region,
        ..Default::default()
    };
    let answer = upgrades.client.describe_kubernetes_version_metadata(&query).await?.into_inner();
    // Asked for one version, the service answers with that one; others are of no use here.
    let own = answer.into_iter().filter(|metadata| metadata.version.as_deref().is_none_or(|own| own == version));
    Ok(own.flat_map(|metadata| metadata.upgradable_versions).collect())
}

/// The add-ons that can be moved once the cluster is at the target, and what could not be found out.
pub(super) async fn addons(
    upgrades: &Upgrades,
    cluster: &ClusterSnapshot,
    target: &str,
    selection: &Selection,
) -> Result<(Vec<AddonChange>, Vec<PrecheckFinding>), Error> {
    let installed = cluster.addons.as_deref().unwrap_or_default();
    let names = installed.iter().map(|addon| vec![addon.name.as_str()]);
    steps::check_names(selection, names, "add-on", &cluster.cluster_id)?;
    let wanted: Vec<&AddonSnapshot> = installed.iter().filter(|addon| selection.contains(&[&addon.name])).collect();
    let mut asked: Vec<BoxFuture<'_, Result<Offer, Error>>> = Vec::new();
    for addon in wanted {
        // Boxed, or the compiler could not tell that planning may move between threads.
        asked.push(Box::pin(offer(upgrades, cluster, addon, target)));
    }
    let offers: Vec<Offer> = futures_util::stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    let (mut changes, mut findings) = (Vec::new(), Vec::new());
    for offer in offers {
        match offer {
            Offer::Newer(change) => changes.push(change),
            Offer::Nothing => {}
            Offer::Unknown(finding) => findings.push(finding),
        }
    }
    Ok((changes, findings))
}

enum Offer {
    Newer(AddonChange),
    Nothing,
    Unknown(PrecheckFinding),
}

async fn offer(
    upgrades: &Upgrades,
    cluster: &ClusterSnapshot,
    addon: &AddonSnapshot,
    target: &str,
) -> Result<Offer, Error> {
    let query = query(cluster, addon, target);
    let answer = match upgrades.client.describe_addon(&addon.name, &query).await {
        Ok(answer) => answer.into_inner(),
        Err(error) if error.is_not_found() => {
            let message = format!("what the add-on can be upgraded to is not known: {error}");
            let finding = PrecheckFinding::new(Severity::Warning, message).with_check("Addons");
            return Ok(Offer::Unknown(finding.with_targets([addon.name.clone()])));
        }
        Err(error) => return Err(error.into()),
    };
    let present = addon.version.as_deref().or(answer.version.as_deref());
    let newest = answer
        .newer_versions
        .iter()
        .filter(|offer| fits(offer, target))
        .filter_map(|offer| offer.version.as_deref())
        .filter(|version| present.is_none_or(|present| compare_addon_versions(version, present).is_gt()))
        .max_by(|left, right| compare_addon_versions(left, right));
    Ok(newest.map_or(Offer::Nothing, |newest| {
        Offer::Newer(AddonChange { name: addon.name.clone(), from: addon.version.clone(), to: newest.to_owned() })
    }))
}

/// Asks for the cluster as it will be; for the cluster as it is, if that is the same or not all that describes it is
/// known.
fn query(cluster: &ClusterSnapshot, addon: &AddonSnapshot, target: &str) -> DescribeAddonQuery {
    let version = addon.version.clone();
    let described = (&cluster.cluster_spec, &cluster.cluster_type, &cluster.profile, &cluster.region);
    match described {
        (Some(spec), Some(cluster_type), Some(profile), Some(region)) if cluster.version != target => {
            DescribeAddonQuery {
                cluster_spec: Some(spec.clone()),
                cluster_type: Some(cluster_type.clone()),
                cluster_version: Some(target.to_owned()),
                profile: Some(profile.clone()),
                region_id: Some(region.clone()),
                version,
                ..Default::default()
            }
        }
        _ => DescribeAddonQuery { cluster_id: Some(cluster.cluster_id.clone()), version, ..Default::default() },
    }
}

fn fits(offer: &AddonNewerVersion, target: &str) -> bool {
    let minimum = offer.minimum_cluster_version.as_deref().and_then(Version::parse);
    let is_new_enough = match (minimum, Version::parse(target)) {
        (Some(minimum), Some(target)) => minimum <= target,
        _ => true,
    };
    offer.upgradable != Some(false) && is_new_enough
}
