//! What is sent goes to the endpoint and nowhere else.

use ack_client::models::{DescribeClustersForRegionQuery, UpgradeClusterRequest};

use crate::canned::{Canned, answer};

const CLUSTER: &str = "c106f377e16f34eb1808d6b9362c9test";

fn redirect(status: &str, location: &str) -> String {
    format!("HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

#[tokio::test]
async fn redirects_are_told_and_not_followed() {
    let elsewhere = Canned::new([answer("200 OK", "application/json", "{}")]).await;
    let target = elsewhere.url("/stolen?token=hidden");
    let cases = [
        redirect("301 Moved Permanently", &target),
        redirect("302 Found", &target),
        redirect("303 See Other", &target),
        redirect("307 Temporary Redirect", &target),
        redirect("308 Permanent Redirect", &target),
        redirect("302 Found", "https://user:hidden@portal.example:8443/hidden?hidden#hidden"),
        redirect("302 Found", "//portal.example/hidden"),
        redirect("302 Found", "/hidden"),
        redirect("302 Found", "hidden://"),
    ];
    let server = Canned::new(cases.iter().cycle().take(cases.len() * 2).cloned()).await;
    let client = server.client();
    let mut report = String::new();
    for case in &cases {
        let query = DescribeClustersForRegionQuery::default();
        let error = client.describe_clusters_for_region("cn-hangzhou", &query).await.unwrap_err();
        assert!(error.is_redirect() && error.may_have_taken_effect() && !error.is_transient(), "{error:?}");
        assert_eq!(error.attempts(), 1);
        report.push_str(&format!("{}: {error}\n", case.lines().nth(1).unwrap()));
    }
    for _ in &cases {
        let error = client.upgrade_cluster(CLUSTER, &UpgradeClusterRequest::default()).await.unwrap_err();
        assert!(error.is_redirect() && error.attempts() == 1, "{error:?}");
        assert!(!format!("{error} {error:?}").contains("hidden"), "{error:?}");
    }
    assert_eq!((server.requests().len(), elsewhere.requests().len()), (cases.len() * 2, 0));
    let address = target.split('/').nth(2).unwrap();
    insta::assert_snapshot!(report.replace(address, "ELSEWHERE"));
}

#[tokio::test]
async fn a_status_of_the_300s_without_a_target_is_no_redirect() {
    let server = Canned::new([answer("304 Not Modified", "text/plain", "")]).await;
    let query = DescribeClustersForRegionQuery::default();
    let error = server.client().describe_clusters_for_region("cn-hangzhou", &query).await.unwrap_err();
    assert!(!error.is_redirect() && error.status().is_some_and(|status| status == 304), "{error}");
}
