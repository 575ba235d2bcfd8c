//! Signing and verifying against each other.

use std::time::{Duration, SystemTime};

use ack_auth::{
    Authorization, Credential, HeaderPolicy, Mismatch, ReceivedRequest, SignedRequest, Signer, SigningRequest,
    encode_component, verify,
};

use crate::request::Request;

const SECRET: &str = "5ecret-of-the-pair";
const TOKEN: &str = "t0ken-of-the-pair";

/// A request on the wire.
#[derive(Clone)]
struct Wire {
    method: String,
    path: String,
    pairs: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    authorization: Authorization,
}

/// An input is two bytes that choose how to sign and where to change, and a request as text.
pub(crate) fn run(input: &[u8]) {
    let (&[how, place], request) = input.split_first_chunk().unwrap_or((&[0, 0], input));
    // Every header is changed in turn, so that long inputs would only be slow ones.
    if input.len() > 4096 {
        return;
    }
    let request = Request::parse(request);
    let pairs = request.pairs();
    // No input may hold what is looked for in the texts that come out.
    if [SECRET, TOKEN].iter().any(|secret| String::from_utf8_lossy(input).contains(secret)) {
        return;
    }
    let Some(signed) = sign(&request, &pairs, how) else { return };
    let headers = signed.headers().map(|(name, value)| (name.to_uppercase(), value.to_owned())).collect();
    let authorization = signed.authorization().expect("a pair signs").parse().expect("what is written can be read");
    let wire = Wire { method: request.method, path: request.path, pairs, headers, body: request.body, authorization };
    assert!(wire.verify(SECRET).is_ok(), "what was signed is refused");
    wire.accepted_in_any_order();
    wire.refused_when_changed(usize::from(place), is_all(how));
}

fn is_all(how: u8) -> bool {
    how & 1 == 1
}

fn sign(request: &Request, pairs: &[(String, String)], how: u8) -> Option<SignedRequest> {
    let host = request.header("host").unwrap_or("127.0.0.1:8080").trim();
    let mut signing = SigningRequest::new(&request.method, host, &request.path, "UpgradeCluster", "2015-12-15")
        .with_query(pairs)
        .with_body(&request.body);
    for (name, value) in request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")) {
        match name.to_ascii_lowercase().as_str() {
            "content-type" => signing = signing.with_content_type(value),
            "user-agent" => signing = signing.with_user_agent(value),
            _ => signing = signing.with_header(name, value),
        }
    }
    let policy = if is_all(how) { HeaderPolicy::All } else { HeaderPolicy::Minimal };
    let credential = match how & 2 {
        0 => Credential::access_key("testAccessKeyId", SECRET),
        _ => Credential::sts("testAccessKeyId", SECRET, TOKEN),
    };
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    match Signer::new(policy).sign(&signing, &credential, date, "0123456789abcdef") {
        Ok(signed) => {
            assert!(!format!("{signed:?}").contains(TOKEN));
            Some(signed)
        }
        Err(error) => {
            assert!(error.is_signing() && error.to_string().len() < 1024, "{error}");
            None
        }
    }
}

impl Wire {
    /// The query in another order and with `+` for spaces, as official clients send it.
    fn query(&self) -> String {
        let encode = |text: &str| encode_component(text).replace("%20", "+");
        let pairs = self.pairs.iter().rev().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    fn verify(&self, secret: &str) -> Result<(), Mismatch> {
        let query = self.query();
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let received = ReceivedRequest::new(&self.method, &self.path, &query).with_headers(headers);
        verify(&received.with_body(&self.body), &self.authorization, secret)
    }

    /// Neither the order of headers nor blanks around their values count.
    fn accepted_in_any_order(&self) {
        let mut wire = self.clone();
        wire.headers.reverse();
        for (name, value) in &mut wire.headers {
            *name = name.to_lowercase();
            *value = format!(" {value}\t");
        }
        assert!(wire.verify(SECRET).is_ok(), "another order of headers is refused");
    }

    fn refused_when_changed(&self, place: usize, is_all: bool) {
        self.refused("another secret", |_| {}, "another");
        self.refused("another method", |wire| wire.method.push('X'), SECRET);
        self.refused("a longer path", |wire| wire.path.push_str("/x"), SECRET);
        self.refused("a longer body", |wire| wire.body.push(b' '), SECRET);
        self.refused("one more parameter", |wire| wire.pairs.push(("x".into(), String::new())), SECRET);
        if !self.pairs.is_empty() {
            let at = place % self.pairs.len();
            self.refused("one parameter less", |wire| drop(wire.pairs.remove(at)), SECRET);
            self.refused(
                "another value",
                |wire| wire.pairs.iter_mut().skip(at).take(1).for_each(|p| p.1.push('x')),
                SECRET,
            );
        }
        if !self.body.is_empty() {
            let at = place % self.body.len();
            self.refused("another body", |wire| wire.body.iter_mut().skip(at).take(1).for_each(|b| *b ^= 1), SECRET);
        }
        for name in self.authorization.signed_headers() {
            let is_it = |(own, _): &(String, String)| own.eq_ignore_ascii_case(name);
            self.refused(name, |wire| wire.headers.retain(|header| !is_it(header)), SECRET);
            self.refused(
                name,
                |wire| wire.headers.iter_mut().filter(|header| is_it(header)).take(1).for_each(|(_, v)| v.push('x')),
                SECRET,
            );
        }
        let extra = |name: &str| (name.to_owned(), "1".to_owned());
        self.refused("a header of the service", |wire| wire.headers.push(extra("x-acs-fuzz-extra")), SECRET);
        let mut wire = self.clone();
        wire.headers.push(extra("via"));
        let relisted = is_all && self.authorization.signed_headers().iter().any(|name| name == "via");
        assert!(relisted || wire.verify(SECRET).is_ok(), "a proxy's header is refused");
        self.refused_with_another_signature(place);
    }

    fn refused(&self, what: &str, change: impl Fn(&mut Self), secret: &str) {
        let mut wire = self.clone();
        change(&mut wire);
        let Err(mismatch) = wire.verify(secret) else { unreachable!("accepted with {what} changed") };
        let shown = format!("{mismatch} {mismatch:?} {:?} {:?}", mismatch.canonical_request(), mismatch.header());
        assert!(!shown.contains(SECRET) && !shown.contains(TOKEN), "{shown}");
    }

    fn refused_with_another_signature(&self, place: usize) {
        let signature = self.authorization.signature();
        let at = place % signature.len();
        let changed: String = signature
            .chars()
            .enumerate()
            .map(|(index, c)| {
                if index != at {
                    c
                } else if c == '0' {
                    '1'
                } else {
                    '0'
                }
            })
            .collect();
        let text = self.authorization.to_string().replace(signature, &changed);
        let authorization = text.parse().expect("it differs in one digit");
        self.refused("signature", |wire| wire.authorization = Authorization::clone(&authorization), SECRET);
    }
}
