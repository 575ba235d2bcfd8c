//! Properties of signatures that hold for any request.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use ack_client::auth::{
    Authorization, Credential, HeaderPolicy, ReceivedRequest, SignedRequest, Signer, SigningRequest, canonical_query,
    encode_component, verify,
};
use proptest::prelude::*;

/// Everything that goes into a signature.
#[derive(Clone, Debug)]
struct Request {
    method: &'static str,
    host: String,
    path: String,
    action: String,
    version: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    content_type: String,
    accept: String,
    user_agent: String,
    body: Vec<u8>,
    secret: String,
    token: String,
    seconds: u64,
    nonce: String,
}

impl Request {
    fn sign(&self, policy: HeaderPolicy) -> SignedRequest {
        let request = SigningRequest::new(self.method, &self.host, &self.path, &self.action, &self.version)
            .with_query(&self.query)
            .with_headers(&self.headers)
            .with_content_type(&self.content_type)
            .with_accept(&self.accept)
            .with_user_agent(&self.user_agent)
            .with_body(&self.body);
        let credential = Credential::sts("testAccessKeyId", &self.secret, &self.token);
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(self.seconds);
        Signer::new(policy).sign(&request, &credential, date, &self.nonce).unwrap()
    }

    fn signature(&self, policy: HeaderPolicy) -> String {
        self.sign(policy).authorization().unwrap().parse::<Authorization>().unwrap().signature().to_owned()
    }

    fn changed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    /// The request with each signed part changed in turn.
    fn all_changed(&self) -> Vec<(&'static str, Self)> {
        let mut all = vec![
            ("method", self.changed(|own| own.method = if own.method == "GET" { "PUT" } else { "GET" })),
            ("host", self.changed(|own| own.host.push('x'))),
            ("path", self.changed(|own| own.path.push_str("/x"))),
            ("action", self.changed(|own| own.action.push('x'))),
            ("version", self.changed(|own| own.version.push('x'))),
            ("content type", self.changed(|own| own.content_type.push('x'))),
            ("body", self.changed(|own| own.body.push(0))),
            ("secret", self.changed(|own| own.secret.push('x'))),
            ("token", self.changed(|own| own.token.push('x'))),
            ("date", self.changed(|own| own.seconds += 1)),
            ("nonce", self.changed(|own| own.nonce.push('x'))),
            ("one more parameter", self.changed(|own| own.query.push(("q".into(), "v".into())))),
            ("one more header", self.changed(|own| own.headers.push(("x-acs-more".into(), "v".into())))),
        ];
        for at in 0..self.query.len() {
            all.push(("the name of a parameter", self.changed(|own| own.query[at].0.push('x'))));
            all.push(("the value of a parameter", self.changed(|own| own.query[at].1.push('x'))));
            all.push(("one parameter less", self.changed(|own| drop(own.query.remove(at)))));
        }
        for at in 0..self.headers.len() {
            all.push(("the value of a header", self.changed(|own| own.headers[at].1.push('x'))));
            all.push(("one header less", self.changed(|own| drop(own.headers.remove(at)))));
        }
        all
    }
}

fn requests() -> impl Strategy<Value = Request> {
    let word = || "[A-Za-z0-9]{1,12}";
    let value = || "[!-~]([ -~]{0,10}[!-~])?";
    let target = (
        prop::sample::select(&["GET", "POST", "PUT", "DELETE"][..]),
        "[a-z0-9.-]{1,20}(:[0-9]{1,5})?",
        prop::collection::vec(any::<String>(), 0..4),
        word(),
        word(),
        prop::collection::vec((any::<String>(), any::<String>()), 0..5),
    );
    let headers = (prop::collection::vec(("x-acs-e[a-z]{0,3}", value()), 0..4), value(), value(), value());
    let rest = (
        prop::collection::vec(any::<u8>(), 0..40),
        "[!-~]{1,30}",
        "[!-+.-~]{1,30}",
        0_u64..253_400_000_000,
        "[0-9a-f]{1,32}",
    );
    (target, headers, rest).prop_map(|(target, headers, rest)| {
        let (method, host, segments, action, version, query) = target;
        // An x keeps a segment from being one that moves through the path.
        let path = segments.iter().map(|segment| format!("/x{}", encode_component(segment))).collect();
        let (headers, content_type, accept, user_agent) = headers;
        let (body, secret, token, seconds, nonce) = rest;
        Request {
            method,
            host,
            path,
            action,
            version,
            query,
            headers,
            content_type,
            accept,
            user_agent,
            body,
            secret: secret.replace(',', "x"),
            token,
            seconds,
            nonce,
        }
    })
}

fn policies() -> impl Strategy<Value = HeaderPolicy> {
    prop_oneof![Just(HeaderPolicy::Minimal), Just(HeaderPolicy::All)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn the_order_of_parameters_and_headers_does_not_count(request in requests(), policy in policies()) {
        let mut other = request.clone();
        other.query.reverse();
        other.headers.reverse();
        for (name, _) in &mut other.headers {
            *name = name.to_uppercase();
        }
        prop_assert_eq!(other.signature(policy), request.signature(policy));
        let (other, request) = (other.sign(policy), request.sign(policy));
        prop_assert_eq!(other.canonical_query(), request.canonical_query());
    }

    #[test]
    fn the_same_request_has_the_same_signature(request in requests(), policy in policies()) {
        let (once, twice) = (request.sign(policy), request.sign(policy));
        prop_assert!(once.headers().eq(twice.headers()));
        prop_assert_eq!(once.canonical_request(), twice.canonical_request());
    }

    #[test]
    fn every_signed_part_counts(request in requests(), policy in policies()) {
        let mut signatures = BTreeSet::from([request.signature(policy)]);
        for (part, changed) in request.all_changed() {
            let signature = changed.signature(policy);
            // Changes of one parameter may come to the same as those of another, but never to no change.
            prop_assert_ne!(&signature, &request.signature(policy), "{}", part);
            signatures.insert(signature);
        }
        prop_assert!(signatures.len() > 13);
    }

    #[test]
    fn what_proxies_change_counts_only_if_all_headers_are_signed(request in requests()) {
        for changed in [request.changed(|own| own.accept.push('x')), request.changed(|own| own.user_agent.push('x'))] {
            prop_assert_eq!(changed.signature(HeaderPolicy::Minimal), request.signature(HeaderPolicy::Minimal));
            prop_assert_ne!(changed.signature(HeaderPolicy::All), request.signature(HeaderPolicy::All));
        }
    }

    #[test]
    fn the_verifier_agrees_with_the_signer(request in requests(), policy in policies()) {
        let signed = request.sign(policy);
        let authorization: Authorization = signed.authorization().unwrap().parse().unwrap();
        let received = |query| {
            ReceivedRequest::new(request.method, &request.path, query).with_headers(signed.headers()).with_body(&request.body)
        };
        prop_assert!(verify(&received(signed.canonical_query()), &authorization, &request.secret).is_ok());
        let spaced = signed.canonical_query().replace("%20", "+");
        prop_assert!(verify(&received(&spaced), &authorization, &request.secret).is_ok());
        let other = format!("{}x", request.secret);
        prop_assert!(verify(&received(signed.canonical_query()), &authorization, &other).is_err());
    }

    #[test]
    fn a_canonical_query_is_canonical(pairs in prop::collection::vec((any::<String>(), any::<String>()), 0..6)) {
        let once = canonical_query(&pairs);
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
        let again: Vec<(String, String)> = once
            .split('&')
            .filter(|piece| !piece.is_empty())
            .map(|piece| piece.split_once('=').unwrap())
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect();
        prop_assert_eq!(canonical_query(&again), once);
        let (mut again, mut pairs) = (again, pairs);
        again.sort();
        pairs.sort();
        prop_assert_eq!(again, pairs);
    }
}
