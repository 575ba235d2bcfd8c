//! DescribeClustersForRegion, DescribeClustersV1 and DescribeClusters: the clusters that fit the filters.
//!
//! The lists are as old as the lag of the emulator says. A list without filters, and one of a single id, takes no longer
//! however many clusters there are.

use ack_models::{
    ClusterListEntry, ClusterProfile, ClusterSpec, ClusterSummary, ClusterSummaryV1, ClusterType,
    DescribeClusterDetailResponse, DescribeClustersForRegionResponse, DescribeClustersV1Response, NetworkMode,
    PageInfo,
};

use super::cluster_detail::detail;
use super::paging::{Page, Query};
use super::{Answer, Scene};
use crate::clock::before;
use crate::refusal::Refusal;
use crate::state::Cluster;

/// DescribeClustersForRegion.
pub(super) fn for_region(scene: &mut Scene<'_>, region: &str, query: &str) -> Result<Answer, Refusal> {
    let query = Query::parse(query);
    let (details, page_info) = page(scene, Page::parse(&query)?, &Filter::new(&query, "cluster_type", Some(region)));
    Answer::of(&DescribeClustersForRegionResponse {
        clusters: details.into_iter().map(summary).collect(),
        page_info: Some(page_info),
    })
}

/// DescribeClustersV1: the clusters of all regions, or of one.
pub(super) fn v1(scene: &mut Scene<'_>, query: &str) -> Result<Answer, Refusal> {
    let query = Query::parse(query);
    let filter = Filter::new(&query, "cluster_type", query.get("region_id"));
    let (details, page_info) = page(scene, Page::parse(&query)?, &filter);
    Answer::of(&DescribeClustersV1Response {
        clusters: details.into_iter().map(summary_v1).collect(),
        page_info: Some(page_info),
    })
}

/// DescribeClusters: all clusters that fit, in a bare list without pages.
pub(super) fn old(scene: &mut Scene<'_>, query: &str) -> Result<Answer, Refusal> {
    let query = Query::parse(query);
    let filter = Filter::new(&query, "clusterType", None);
    let (details, _) = page(scene, Page::whole(), &filter);
    let fits = |detail: &DescribeClusterDetailResponse| {
        query.get("resource_group_id").is_none_or(|id| detail.resource_group_id.as_deref() == Some(id))
    };
    Answer::of(&details.into_iter().filter(fits).map(entry).collect::<Vec<_>>())
}

struct Filter<'a> {
    region: Option<&'a str>,
    id: Option<&'a str>,
    name: Option<&'a str>,
    cluster_type: Option<ClusterType>,
    spec: Option<ClusterSpec>,
    profile: Option<ClusterProfile>,
}

impl<'a> Filter<'a> {
    /// The filters of a query, in which the type of cluster goes by a name of its own.
    fn new(query: &'a Query, cluster_type: &str, region: Option<&'a str>) -> Self {
        Self {
            region,
            id: query.get("cluster_id"),
            name: query.get("name"),
            cluster_type: query.get(cluster_type).map(ClusterType::from),
            spec: query.get("cluster_spec").map(ClusterSpec::from),
            profile: query.get("profile").map(ClusterProfile::from),
        }
    }

    fn fits(&self, cluster: &Cluster) -> bool {
        let seed = &cluster.seed;
        self.region.is_none_or(|region| cluster.region == region)
            && self.id.is_none_or(|id| seed.id == id)
            && self.name.is_none_or(|part| cluster.name.contains(part))
            && self.cluster_type.as_ref().is_none_or(|cluster_type| seed.cluster_type == *cluster_type)
            && self.spec.as_ref().is_none_or(|spec| seed.cluster_spec.as_ref() == Some(spec))
            && self.profile.as_ref().is_none_or(|profile| seed.profile == *profile)
    }

    /// Whether every cluster of the region fits.
    fn is_open(&self) -> bool {
        let is_named = self.id.is_some() || self.name.is_some();
        !is_named && self.cluster_type.is_none() && self.spec.is_none() && self.profile.is_none()
    }
}

/// The details of the clusters on a page.
fn page(scene: &mut Scene<'_>, page: Page, filter: &Filter<'_>) -> (Vec<DescribeClusterDetailResponse>, PageInfo) {
    let (now, seen_at) = (scene.now, before(scene.now, scene.state.lag.clusters));
    let (on_page, info) = match (filter.id, filter.region) {
        (Some(id), _) => page.of(scene.state.position(id).filter(|it| fits(scene, *it, filter)).into_iter()),
        (None, Some(region)) if filter.is_open() => page.of_slice(scene.state.in_region(region).iter().copied()),
        (None, None) if filter.is_open() => page.of_slice(0..scene.state.clusters().len()),
        (None, Some(region)) => {
            page.of(scene.state.in_region(region).iter().copied().filter(|it| fits(scene, *it, filter)))
        }
        (None, None) => page.of((0..scene.state.clusters().len()).filter(|it| fits(scene, *it, filter))),
    };
    let detail = |position: usize| {
        let cluster = scene.state.at(position, now)?;
        Some(detail(cluster, cluster.world.face_at(seen_at)))
    };
    (on_page.into_iter().filter_map(detail).collect(), info)
}

fn fits(scene: &Scene<'_>, position: usize, filter: &Filter<'_>) -> bool {
    scene.state.peek(position).is_some_and(|cluster| filter.fits(cluster))
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

fn summary_v1(detail: DescribeClusterDetailResponse) -> ClusterSummaryV1 {
    ClusterSummaryV1 {
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
        maintenance_window: detail.maintenance_window,
        master_url: detail.master_url,
        meta_data: detail.meta_data,
        name: detail.name,
        next_version: detail.next_version,
        operation_policy: detail.operation_policy,
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
        ..Default::default()
    }
}

fn entry(detail: DescribeClusterDetailResponse) -> ClusterListEntry {
    ClusterListEntry {
        cluster_id: detail.cluster_id,
        cluster_type: detail.cluster_type,
        created: detail.created,
        current_version: detail.current_version,
        deletion_protection: detail.deletion_protection,
        init_version: detail.init_version,
        master_url: detail.master_url,
        meta_data: detail.meta_data,
        name: detail.name,
        network_mode: Some(NetworkMode::Vpc),
        private_zone: Some(false),
        profile: detail.profile,
        region_id: detail.region_id,
        resource_group_id: detail.resource_group_id,
        security_group_id: detail.security_group_id,
        size: detail.size,
        state: detail.state,
        tags: detail.tags,
        updated: detail.updated,
        vpc_id: detail.vpc_id,
        vswitch_id: Some(detail.vswitch_ids.join(",")),
        worker_ram_role_name: detail.worker_ram_role_name,
        ..Default::default()
    }
}
