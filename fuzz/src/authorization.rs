//! Requests that come with any `Authorization` at all.

use ack_auth::{Authorization, ReceivedRequest, canonical_query, parse_date, verify};

use crate::request::Request;

/// Nobody knows it, so no request can be signed with it.
const SECRET: &str = "0f67c1a2-5ecret";

/// An input is a request as text.
pub(crate) fn run(input: &[u8]) {
    let request = Request::parse(input);
    query_is_canonical_once(&request);
    if let Some(date) = request.header("x-acs-date")
        && let Ok(read) = parse_date(date)
    {
        assert_eq!(ack_auth::format_date(read).ok().as_deref(), Some(date));
    }
    let Some(text) = request.header("authorization") else { return };
    let authorization = match text.parse::<Authorization>() {
        Ok(authorization) => authorization,
        Err(error) => {
            assert!(error.to_string().len() < 512, "{error}");
            return;
        }
    };
    let again: Authorization = authorization.to_string().parse().expect("a header reads back from its own text");
    assert_eq!(again, authorization);

    let received = ReceivedRequest::new(&request.method, &request.path, &request.query)
        .with_headers(request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())))
        .with_body(&request.body);
    let mismatch = verify(&received, &authorization, SECRET).expect_err("the secret is not known to anyone");
    let shown = format!("{mismatch} {mismatch:?} {received:?} {:?}", mismatch.string_to_sign());
    let is_given = String::from_utf8_lossy(input).contains(SECRET);
    assert!(is_given || !shown.contains(SECRET), "{shown}");
}

/// Making a query canonical changes nothing about a query that is.
fn query_is_canonical_once(request: &Request) {
    let once = canonical_query(&request.pairs());
    let pairs = Request { query: once.clone(), ..request.clone() }.pairs();
    assert_eq!(canonical_query(&pairs), once);
}
