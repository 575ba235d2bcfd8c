//! The documented samples, decoded into their models and snapshotted.

use std::path::{Path, PathBuf};

use ack_codec::{Decoder, Format, Root};
use ack_models::{
    DescribeClusterDetailResponse, DescribeClusterTasksResponse, DescribeTaskInfoResponse, GetUpgradeStatusResponse,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn sample(name: &str) -> Vec<u8> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn decode<T: DeserializeOwned>(name: &str) -> T {
    let format = if name.ends_with(".xml") { Format::Xml } else { Format::Json };
    let decoded = Decoder::new(format).decode::<T>(&sample(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(decoded.drift.is_empty(), "{name}: {:?}", decoded.drift);
    decoded.value
}

fn snapshot<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(operation: &str, names: &[&str]) {
    let values: Vec<T> = names.iter().map(|name| decode(name)).collect();
    for (value, name) in values.iter().zip(names) {
        assert_eq!(value, &values[0], "{name} and {} differ", names[0]);
    }
    insta::assert_json_snapshot!(operation, values[0]);
}

#[test]
fn the_samples_of_get_upgrade_status_decode_to_one_value() {
    let names = ["GetUpgradeStatus.3.json", "GetUpgradeStatus.3.xml", "GetUpgradeStatus.4.xml"];
    snapshot::<GetUpgradeStatusResponse>("get_upgrade_status", &names);
}

#[test]
fn the_samples_of_describe_task_info_decode() {
    snapshot::<DescribeTaskInfoResponse>("describe_task_info", &["DescribeTaskInfo.3.json", "DescribeTaskInfo.3.xml"]);
    snapshot::<DescribeTaskInfoResponse>("describe_task_info_reconstructed", &["reconstructed/DescribeTaskInfo.json"]);
}

#[test]
fn the_samples_of_describe_cluster_detail_decode_to_one_value() {
    let names = ["DescribeClusterDetail.2.json", "DescribeClusterDetail.2.xml"];
    snapshot::<DescribeClusterDetailResponse>("describe_cluster_detail", &names);
}

#[test]
fn the_sample_of_describe_cluster_tasks_decodes() {
    let names = ["reconstructed/DescribeClusterTasks.json"];
    snapshot::<DescribeClusterTasksResponse>("describe_cluster_tasks", &names);
}

/// The page of UpgradeCluster prints a status line and no body.
#[test]
fn the_sample_of_upgrade_cluster_has_no_body() {
    let text = String::from_utf8(sample("UpgradeCluster.1.json")).unwrap();
    assert_eq!(text.trim(), "HTTP/1.1 200 OK");
}

#[test]
fn a_decoded_sample_encodes_to_the_same_value_in_both_formats() {
    let value: GetUpgradeStatusResponse = decode("GetUpgradeStatus.3.json");
    for (name, format, root) in [
        ("json", Format::Json, Root::Fragment),
        ("xml_fragment", Format::Xml, Root::Fragment),
        ("xml_rooted", Format::Xml, Root::Named("GetUpgradeStatusResponse")),
    ] {
        let body = ack_codec::encode(format, root, &value).unwrap();
        insta::assert_snapshot!(format!("encoded_{name}"), String::from_utf8(body.clone()).unwrap());
        assert_eq!(ack_codec::decode::<GetUpgradeStatusResponse>(format, &body).unwrap(), value);
    }
}
