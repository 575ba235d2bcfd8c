//! Requests that nobody would send in earnest.

use ack_auth::SigningRequest;
use bytes::Bytes;
use http::Request;
use proptest::prelude::*;

use crate::emulator::probe::{MANAGED, probe};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn unsigned_requests_of_any_shape_are_refused(
        method in "[A-Z]{1,8}",
        path in "(/[!-~]{0,12}){1,5}",
        headers in proptest::collection::vec(("(accept|authorization|x-acs-[a-z]{1,12})", "[ -~]{0,60}"), 0..6),
        body in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut request = Request::builder().method(method.as_str()).uri(path);
        for (name, value) in &headers {
            request = request.header(name.as_str(), value.as_str());
        }
        // Paths that are no URI cannot reach a server.
        if let Ok(request) = request.body(Bytes::from(body)) {
            let response = probe().emulator.handle(request);
            prop_assert!(response.status().is_client_error());
            prop_assert!(response.headers().contains_key("x-acs-request-id"));
            prop_assert!(!response.body().is_empty());
        }
    }

    #[test]
    fn signed_requests_with_any_content_are_answered(
        id in "[^/?#%\\\\]{1,20}",
        query in "[ -~]{0,30}",
        body in proptest::collection::vec(any::<u8>(), 0..64),
        accept in prop_oneof![Just("application/json"), Just("application/xml")],
    ) {
        let mut probe = probe();
        probe.accept = accept;
        let id = ack_auth::encode_component(&id);
        prop_assume!(id != "." && id != "..");
        for (action, path) in [
            ("DescribeTaskInfo", format!("/tasks/{id}")),
            ("DescribeClusterTasks", format!("/clusters/{MANAGED}/tasks?page_size={}", ack_auth::encode_component(&query))),
        ] {
            let (path, query) = path.split_once('?').unwrap_or((&path, ""));
            let request = SigningRequest::new("GET", "emulator", path, action, "2015-12-15").with_accept(accept);
            let decoded = query.split_once('=').map(|(key, value)| {
                (key, percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned())
            });
            let request = decoded.into_iter().fold(request, |request, (key, value)| request.with_query_pair(key.to_owned(), value));
            let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
            let reply = probe.send(&probe.signed(&request), "GET", &target, b"");
            prop_assert!(matches!(reply.status, 200 | 400 | 404), "{} {}", reply.status, reply.body);
            prop_assert!(!reply.body.contains("SignatureDoesNotMatch"), "{}", reply.body);
            prop_assert!(!reply.body.is_empty());
        }
        let text = String::from_utf8_lossy(&body).into_owned();
        let reply = probe.upgrade(MANAGED, &text);
        prop_assert_eq!(reply.status, 400, "{}", reply.body);
        prop_assert!(!reply.body.is_empty());
    }
}
