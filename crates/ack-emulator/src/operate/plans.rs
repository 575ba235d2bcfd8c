//! ListOperationPlans, ListOperationPlansForRegion and CancelOperationPlan.

use ack_models::{
    CancelOperationPlanResponse, ListOperationPlansForRegionResponse, ListOperationPlansResponse, OperationPlan,
    OperationPlanState, OperationPlanStateReason, OperationPlanType, RegionOperationPlan,
};

use super::paging::Query;
use super::{Answer, Scene};
use crate::refusal::Refusal;
use crate::state::{Cluster, Plan};
use crate::times::rfc3339;

/// How many plans a list of a region holds at most.
const MAX_PLANS: usize = 100;

/// ListOperationPlans: the plans of all clusters or of one, in the words of the old form.
pub(super) fn list(scene: &mut Scene<'_>, query: &str) -> Result<Answer, Refusal> {
    let query = Query::parse(query);
    let of_type = query.get("type").map(OperationPlanType::from);
    let is_wanted = of_type.is_none_or(|of_type| of_type == OperationPlanType::ClusterUpgrade);
    let positions = positions(scene, &query, None);
    let mut plans = Vec::new();
    for position in positions.into_iter().filter(|_| is_wanted) {
        let Some(cluster) = scene.state.at(position, scene.now) else { continue };
        plans.extend(cluster.plans.iter().map(|plan| old_form(cluster, plan)));
    }
    Answer::of(&ListOperationPlansResponse { plans })
}

/// ListOperationPlansForRegion: the latest plans of the clusters of a region.
pub(super) fn of_region(scene: &mut Scene<'_>, region: &str, query: &str) -> Result<Answer, Refusal> {
    let query = Query::parse(query);
    let of_type = query.get("type").map(OperationPlanType::from);
    let is_wanted = of_type.is_none_or(|of_type| of_type == OperationPlanType::ClusterUpgradeMaster);
    let in_state = query.get("state").map(OperationPlanState::from);
    let mut plans = Vec::new();
    for position in positions(scene, &query, Some(region)).into_iter().filter(|_| is_wanted) {
        let Some(cluster) = scene.state.at(position, scene.now) else { continue };
        let fits = |plan: &&Plan| in_state.as_ref().is_none_or(|state| state_of(cluster, plan) == *state);
        plans.extend(cluster.plans.iter().filter(fits).map(|plan| new_form(cluster, plan)));
    }
    let surplus = plans.len().saturating_sub(MAX_PLANS);
    plans.drain(..surplus);
    Answer::of(&ListOperationPlansForRegionResponse { plans })
}

/// CancelOperationPlan. One that was cancelled already stays so.
pub(super) fn cancel(scene: &mut Scene<'_>, plan_id: &str) -> Result<Answer, Refusal> {
    let (now, request_id) = (scene.now, scene.request_id);
    let cluster = scene.state.cluster_of_plan(plan_id, now).ok_or_else(|| Refusal::plan_not_found(plan_id))?;
    match cluster.cancel_plan(plan_id) {
        None => Err(Refusal::plan_not_found(plan_id)),
        Some(false) => Err(Refusal::plan_state(format!("operation plan ({plan_id}) has begun or ended"))),
        Some(true) => Answer::of(&CancelOperationPlanResponse { request_id: Some(request_id.to_owned()) }),
    }
}

fn positions(scene: &Scene<'_>, query: &Query, region: Option<&str>) -> Vec<usize> {
    let is_there = |position: &usize| {
        let cluster = scene.state.peek(*position);
        cluster.is_some_and(|cluster| !cluster.plans.is_empty() && region.is_none_or(|region| cluster.region == region))
    };
    match query.get("cluster_id") {
        Some(id) => scene.state.position(id).into_iter().filter(is_there).collect(),
        None => scene.state.planned().filter(is_there).collect(),
    }
}

fn state_of(cluster: &Cluster, plan: &Plan) -> OperationPlanState {
    plan.state(cluster.task(&plan.task_id))
}

fn old_form(cluster: &Cluster, plan: &Plan) -> OperationPlan {
    let state = cluster.seed.wording.spell(state_of(cluster, plan));
    OperationPlan {
        cluster_id: Some(cluster.seed.id.clone()),
        created: Some(rfc3339(plan.created)),
        end_time: Some(rfc3339(plan.ends)),
        plan_id: Some(plan.id.clone()),
        start_time: Some(rfc3339(plan.starts)),
        // The same states as in the newer form, in lower case.
        state: Some(OperationPlanState::Unknown(state.as_str().to_ascii_lowercase())),
        target_id: Some(cluster.seed.id.clone()),
        target_type: Some("cluster".to_owned()),
        task_id: plan.has_begun().then(|| plan.task_id.clone()),
        type_: Some(OperationPlanType::ClusterUpgrade),
    }
}

fn new_form(cluster: &Cluster, plan: &Plan) -> RegionOperationPlan {
    let old = old_form(cluster, plan);
    RegionOperationPlan {
        cluster_id: old.cluster_id,
        created: old.created,
        end_time: old.end_time,
        plan_id: old.plan_id,
        start_time: old.start_time,
        state: Some(cluster.seed.wording.spell(state_of(cluster, plan))),
        state_reason: plan.problem.as_ref().map(|problem| OperationPlanStateReason {
            code: Some("ClusterNotUpgradable".to_owned()),
            message: Some(problem.clone()),
        }),
        target_id: old.target_id,
        target_type: old.target_type,
        task_id: old.task_id,
        type_: Some(OperationPlanType::ClusterUpgradeMaster),
    }
}
