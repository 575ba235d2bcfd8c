//! Every public type is formatted, in success and in failure; no secret may show.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::time::{Duration, SystemTime};

use crate::ready::now;
use crate::*;

const SECRET: &str = "5ecret-in-the-pair";
const TOKEN: &str = "t0ken-of-the-pair";

fn debug(value: impl Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

fn both<T: Debug + Display>(value: &T) -> String {
    format!("{value}\n{value:#}\n{}", debug(value))
}

fn date() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045)
}

fn assert_clean(texts: &[String]) {
    for text in texts {
        assert!(!text.is_empty());
        assert!(!text.contains("5ecret") && !text.contains("t0ken"), "{text}");
    }
}

#[test]
fn what_holds_a_secret_does_not_show_it() {
    let body = format!("{{\"key\":\"{SECRET}\"}}");
    let request = SigningRequest::new("POST", "localhost", "/", "Action", "1")
        .with_query_pair("q", TOKEN)
        .with_header("x-trace", TOKEN)
        .with_body(body.as_bytes());
    let mut texts = vec![debug(&request), debug(Signer::default()), debug(HeaderPolicy::All)];
    for credential in [
        Credential::access_key("LTAI5tExampleabcd", SECRET),
        Credential::sts("LTAI5tExampleabcd", SECRET, TOKEN),
        Credential::bearer(TOKEN),
        Credential::anonymous(),
    ] {
        let plain = SigningRequest::new("GET", "localhost", "/", "Action", "1");
        let signed = Signer::new(HeaderPolicy::All).sign(&plain, &credential, date(), "nonce").unwrap();
        texts.extend([
            debug(&credential),
            debug(credential.kind()),
            debug(&signed),
            debug(now(credential.credential())),
        ]);
        let Some(authorization) = signed.authorization() else {
            continue;
        };
        let authorization: Authorization = authorization.parse().unwrap();
        let received = ReceivedRequest::new("GET", "/", "").with_headers(signed.headers());
        let refused = verify(&received, &authorization, "another").unwrap_err();
        texts.extend([both(&authorization), debug(&received), both(&refused)]);
        texts.push(format!("{:?} {:?}", refused.canonical_request(), refused.string_to_sign()));
        let tampered = received.with_body(body.as_bytes());
        texts.push(both(&verify(&tampered, &authorization, SECRET).unwrap_err()));
    }
    assert_clean(&texts);
}

#[test]
fn sources_and_their_errors_do_not_show_it() {
    let variables = |pairs: &[(&str, &str)]| {
        let map: BTreeMap<String, String> =
            pairs.iter().map(|(name, value)| (format!("ALIBABA_CLOUD_{name}"), (*value).to_owned())).collect();
        EnvironmentCredentials::from_environment(map)
    };
    let full = variables(&[("ACCESS_KEY_ID", "id"), ("ACCESS_KEY_SECRET", SECRET), ("SECURITY_TOKEN", TOKEN)]);
    let failing = [
        variables(&[("ACCESS_KEY_SECRET", SECRET), ("SECURITY_TOKEN", TOKEN)]),
        variables(&[("ACCESS_KEY_ID", "id"), ("ACCESS_KEY_SECRET", "5ecret\n")]),
        variables(&[("ACCESS_KEY_ID", "id"), ("ACCESS_KEY_SECRET", SECRET), ("SECURITY_TOKEN", "t0ken é")]),
        variables(&[("SECURITY_TOKEN", TOKEN)]),
    ];
    let mut texts = vec![debug(&full), debug(full.read()), debug(StaticCredentials::sts("id", SECRET, TOKEN))];
    texts.extend(failing.iter().map(|source| both(&source.read().unwrap_err())));
    texts.push(both(&StaticCredentials::access_key("5ecret pasted in the wrong place", SECRET).unwrap_err()));
    texts.push(both(&StaticCredentials::sts("id", SECRET, "t0ken\r\n").unwrap_err()));
    assert_clean(&texts);
}

#[test]
fn refused_requests_do_not_show_it() {
    let sign = |request: &SigningRequest<'_>, credential: &Credential| {
        both(&Signer::default().sign(request, credential, date(), "nonce").unwrap_err())
    };
    let request = SigningRequest::new("GET", "localhost", "/", "Action", "1");
    let pair = Credential::access_key("id", SECRET);
    let mut texts = vec![
        sign(&request.clone().with_header("x-trace", "t0ken\n"), &pair),
        sign(&request.clone().with_header("x-acs-security-token", TOKEN), &pair),
        sign(&request, &Credential::bearer("t0ken\n")),
        sign(&request, &Credential::access_key("id", "5ecret\n")),
    ];
    let malformed =
        ["t0ken", "Bearer t0ken", "ACS3-HMAC-SHA256 t0ken", "ACS3-HMAC-SHA256 Credential=id,Signature=t0ken"];
    texts.extend(malformed.map(|text| both(&text.parse::<Authorization>().unwrap_err())));
    assert_clean(&texts);
}
