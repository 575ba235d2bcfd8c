//! DescribeClustersForRegion: the clusters of a region that fit the filters.

use ack_models::{
    ClusterProfile, ClusterSpec, ClusterSummary, ClusterType, DescribeClusterDetailResponse,
    DescribeClustersForRegionResponse,
};

use super::cluster_detail::detail;
use super::paging::{Page, Query};
use super::{Answer, Scene};
use crate::refusal::Refusal;
use crate::state::Cluster;

pub(super) fn describe(scene: &Scene<'_>, region: &str, query: &str) -> Result<Answer, Refusal> {
    let query = Query::parse(query);
    let page = Page::parse(&query)?;
    let filter = Filter {
        region,
        id: query.get("cluster_id"),
        name: query.get("name"),
        cluster_type: query.get("cluster_type").map(ClusterType::from),
        spec: query.get("cluster_spec").map(ClusterSpec::from),
        profile: query.get("profile").map(ClusterProfile::from),
    };
    let (clusters, page_info) = page.of(scene.state.clusters().filter(|cluster| filter.fits(cluster)));
    Ok(Answer::ClustersForRegion(DescribeClustersForRegionResponse {
        clusters: clusters.into_iter().map(|cluster| summary(detail(cluster, scene.now))).collect(),
        page_info: Some(page_info),
    }))
}

struct Filter<'a> {
    region: &'a str,
    id: Option<&'a str>,
    name: Option<&'a str>,
    cluster_type: Option<ClusterType>,
    spec: Option<ClusterSpec>,
    profile: Option<ClusterProfile>,
}

impl Filter<'_> {
    fn fits(&self, cluster: &Cluster) -> bool {
        let seed = &cluster.seed;
        cluster.region == self.region
            && self.id.is_none_or(|id| seed.id == id)
            && self.name.is_none_or(|part| seed.name.contains(part))
            && self.cluster_type.as_ref().is_none_or(|cluster_type| seed.cluster_type == *cluster_type)
            && self.spec.as_ref().is_none_or(|spec| seed.cluster_spec.as_ref() == Some(spec))
            && self.profile.as_ref().is_none_or(|profile| seed.profile == *profile)
    }
}

/// A list tells less of a cluster than its detail does, but nothing else.
fn summary(detail: DescribeClusterDetailResponse) -> ClusterSummary {
    ClusterSummary {
        cluster_domain: detail.cluster_domain,
        cluster_id: detail.cluster_id,
        cluster_spec: detail.cluster_spec,
        cluster_type: detail.cluster_type,
        container_cidr: detail.container_cidr,
        created: detail.created,
        current_version: detail.current_version,
        deletion_protection: detail.deletion_protection,
        init_version: detail.init_version,
        ip_stack: detail.ip_stack,
        name: detail.name,
        next_version: detail.next_version,
        profile: detail.profile,
        proxy_mode: detail.proxy_mode,
        region_id: detail.region_id,
        resource_group_id: detail.resource_group_id,
        security_group_id: detail.security_group_id,
        service_cidr: detail.service_cidr,
        size: detail.size,
        state: detail.state,
        tags: detail.tags,
        timezone: detail.timezone,
        updated: detail.updated,
        vpc_id: detail.vpc_id,
        vswitch_ids: detail.vswitch_ids,
    }
}
