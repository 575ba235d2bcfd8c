//! Operations that give a documented answer: what they check, and what of the request they repeat.

use ack_auth::SigningRequest;
use ack_models::operations::{self, ALL};
use ack_models::{Operation, catalogue::Catalogue};

use crate::emulator::probe::{MANAGED, Probe, Reply, probe, settings};

fn named(id: &str) -> &'static Operation {
    ALL.iter().find(|operation| operation.id == id).unwrap()
}

fn pairs(query: &[(&str, &str)]) -> Vec<(String, String)> {
    query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn ids_of_the_path_are_repeated() {
    let probe = probe();
    let path = format!("/clusters/{MANAGED}/nodepools/np-1");
    let reply = probe.operation(named("ScaleClusterNodePool"), &path, &[], Some(r#"{"count":1}"#));
    assert_eq!(reply.status, 200, "{}", reply.body);
    let detail = probe.operation(named("DeleteCluster"), &format!("/clusters/{MANAGED}"), &[], None);
    assert_eq!(detail.field("/cluster_id"), MANAGED);
    assert_eq!(detail.field("/request_id"), detail.request_id);
    let pool = probe.operation(named("ModifyClusterNodePool"), &path, &[], Some("{}"));
    assert_eq!(pool.field("/nodepool_id"), "np-1");
    // The same request gives the same answer, for nothing has changed.
    let again = probe.operation(named("DeleteCluster"), &format!("/clusters/{MANAGED}"), &[], None);
    assert_eq!(again.field("/task_id"), detail.field("/task_id"));
    assert_eq!(probe.detail(MANAGED).field("/state"), "running");
}

#[test]
fn a_printed_sample_is_preferred() {
    let probe = probe();
    let reply = probe.operation(named("DescribeUserQuota"), "/quota", &[], None);
    insta::assert_snapshot!(reply.body, @r#"{"amk_cluster_quota":20,"ask_cluster_quota":3,"cluster_nodepool_quota":10,"cluster_quota":50,"node_quota":100}"#);
    let region = pairs(&[("region", "cn-hangzhou")]);
    let reply = probe.operation(named("DescribeAddons"), "/clusters/components/metadata", &region, None);
    assert_eq!(reply.field("/ComponentGroups/0/group_name"), "storage");
}

#[test]
fn unknown_clusters_are_refused_unless_any_will_do() {
    let delete = |probe: &Probe| probe.operation(named("DeleteCluster"), "/clusters/c-elsewhere", &[], None);
    insta::assert_snapshot!(delete(&probe()).refusal(), @"404 ErrorClusterNotFound: cluster (c-elsewhere) not found in our records");
    let lenient = Probe::new(settings().strict_ids(false).build().unwrap());
    let reply = delete(&lenient);
    assert_eq!((reply.status, reply.field("/cluster_id").as_str()), (200, "c-elsewhere"));
    assert_eq!(lenient.detail("c-elsewhere").status, 404);
    // Whatever the parameter is called.
    for operation in
        ALL.iter().filter(|operation| operation.path.to_lowercase().replace('_', "").contains("{clusterid}"))
    {
        let segments = operation.path.split('/').map(|segment| if segment.starts_with('{') { "nope" } else { segment });
        let path = segments.collect::<Vec<_>>().join("/");
        let catalogue = Catalogue::get();
        let entry = &catalogue.operations[operation.id];
        let body = entry.body.as_ref().map(|kind| catalogue.example(kind).to_string());
        let query = entry.query.as_ref().map(|kind| catalogue.example(kind));
        let query: Vec<(String, String)> = query
            .iter()
            .flat_map(|query| query.as_object().unwrap())
            .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect();
        let reply = probe().operation(operation, &path, &query, body.as_deref());
        assert_eq!((reply.status, reply.field("/code").as_str()), (404, "ErrorClusterNotFound"), "{}", operation.id);
    }
}

#[test]
fn what_official_clients_send_is_accepted() {
    let probe = probe();
    // The official client for Python prints booleans its own way and joins these ids by commas.
    let query = pairs(&[("ClusterIds", "c1,c2"), ("Force", "True")]);
    let accepted = [
        probe.operation(named("CleanUserPermissions"), "/users/1/permissions", &query, None),
        probe.operation(named("CreateCluster"), "/clusters", &[], Some(r#"{"name":"a","region_id":"cn-hangzhou","cluster_type":"ManagedKubernetes","unheard_of":1,"num_of_nodes":"3","tags":null}"#)),
        probe.operation(named("InstallClusterAddons"), &format!("/clusters/{MANAGED}/components/install"), &[], Some(r#"[{"name":"ack-arena","version":"0.5.0"}]"#)),
        // A body that the operation does not take.
        probe.operation(named("DeleteTemplate"), "/templates/1", &[], Some("{}")),
    ];
    for reply in accepted {
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let probe = probe();
    let install = named("InstallClusterAddons");
    let path = format!("/clusters/{MANAGED}/components/install");
    let tags = |query: &[(&str, &str)]| probe.operation(named("ListTagResources"), "/tags", &pairs(query), None);
    let replies = [
        probe.operation(install, &path, &[], None),
        probe.operation(install, &path, &[], Some(r#"{"name":"ack-arena"}"#)),
        probe.operation(install, &path, &[], Some(r#"[{"name":"ack-arena","version":"0.5.0"},{"version":"1"}]"#)),
        probe.operation(install, &path, &[], Some(r#"[{"name":5}]"#)),
        probe.operation(install, &path, &[], Some("[")),
        tags(&[]),
        tags(&[("resource_ids", "c1")]),
    ];
    let rows: Vec<String> = replies.iter().map(Reply::refusal).collect();
    insta::assert_snapshot!(rows.join("\n"), @r#"
    400 MissingParameter: The parameter body is missing; InstallClusterAddons needs it.
    400 InvalidParameter: The parameter body is an object; send a list.
    400 MissingParameter: The parameter body[1].name is missing; InstallClusterAddonsItem needs it.
    400 InvalidParameter: The parameter body[0].name is the number 5; send a string.
    400 ErrorJsonDecode: The request body cannot be read: EOF while parsing a list at line 1 column 1.
    400 MissingParameter: The parameter query.region_id is missing; ListTagResources needs it.
    400 InvalidParameter: The parameter query.resource_ids is the string "c1"; send a list as JSON text.
    "#);
    assert_eq!(replies[0].content_type, "application/json;charset=utf-8");
}

#[test]
fn a_body_that_is_no_json_is_refused_in_plain_text() {
    let probe = probe();
    let operation = &operations::CREATE_CLUSTER;
    let request = SigningRequest::new(operation.method, "emulator", operation.path, operation.id, "2015-12-15")
        .with_content_type("application/x-www-form-urlencoded")
        .with_body(b"name=a");
    let reply = probe.send(&probe.signed(&request), operation.method, operation.path, b"name=a");
    assert_eq!((reply.status, reply.body.as_str()), (415, "code=415, message=Unsupported Media Type"));
}

#[test]
fn an_operation_without_an_answer_has_an_empty_body() {
    for accept in ["application/json", "application/xml"] {
        let probe = Probe { accept, ..probe() };
        let reply = probe.operation(named("DeleteTemplate"), "/templates/1", &[], None);
        assert_eq!((reply.status, reply.body.as_str(), reply.content_type.as_str()), (200, "", ""));
        assert!(!reply.request_id.is_empty());
    }
}

#[test]
fn a_path_with_a_slash_at_its_end_keeps_it() {
    let probe = probe();
    let operation = named("CreateAutoscalingConfig");
    let call = |path: String| probe.operation(operation, &path, &[], Some("{}"));
    assert_eq!(call(format!("/cluster/{MANAGED}/autoscale/config/")).status, 200);
    assert_eq!(call(format!("/cluster/{MANAGED}/autoscale/config")).field("/Code"), "InvalidApi.NotFound");
}
