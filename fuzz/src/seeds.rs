//! Inputs to start from. They come from the samples and vectors that the tests use, so that none is kept twice.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The variable that names a folder to write seeds to.
const FOLDER: &str = "ACK_FUZZ_SEEDS";

/// Writes the seeds of a target to the folder that the variable `ACK_FUZZ_SEEDS` names, if it is set, and ends the
/// program then.
///
/// # Panics
///
/// If they cannot be written.
pub fn write_seeds_if_asked(target: &str) {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    for (index, seed) in (crate::target(target).seeds)().into_iter().enumerate() {
        fs::write(folder.join(format!("{index:04}")), seed).expect("the folder for seeds can be written to");
    }
    std::process::exit(0);
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests")
}

/// The files of a folder of the tests, by name.
fn files(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(tests().join(folder)).expect("the folder is part of the repository");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|own| own == extension));
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a file of the repository can be read")).collect()
}

fn owned<const N: usize>(texts: [&str; N]) -> Vec<Vec<u8>> {
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub(crate) fn json() -> Vec<Vec<u8>> {
    let mut seeds = files("samples", "json");
    seeds.extend(files("samples/reconstructed", "json"));
    seeds.extend(owned([
        "",
        " null ",
        "[]",
        "\u{feff}{}",
        r#"{"a":[1,-0,0.5,1e300,-1E-9,18446744073709551616,true,false,null,"\u00e9\ud83d\ude00\n"]}"#,
        r#"{"nodepools":{"scaling_group":{"tags":"x"}},"tags":{"tag":[{"key":"a"},{"key":"b"}]}}"#,
    ]));
    seeds.push([b"[".repeat(129), b"]".repeat(129)].concat());
    seeds
}

pub(crate) fn xml() -> Vec<Vec<u8>> {
    let mut seeds = files("samples", "xml");
    seeds.extend(owned([
        "",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><AResponse/>",
        "<0><a>1</a></0><1>x</1>",
        "<tags><tag><key>a</key></tag><tag><key>b</key></tag></tags><tags/>",
        "<!-- c --><a:b c='d'><![CDATA[<&]]>&lt;&#x4e2d;&#13;\r\n</a:b><?pi ?>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
    ]));
    seeds.push([b"<a>".repeat(129), b"</a>".repeat(129)].concat());
    seeds
}

/// Beginning, piece to repeat and end, between bytes that no text holds.
pub(crate) fn growth() -> Vec<Vec<u8>> {
    let parts = [
        ["[", "{\"a\":1},", "0]"],
        ["{", "\"k#\":[\"v\"],", "\"z\":[]}"],
        ["{\"nodepools\":[", "{\"scaling_group\":{\"u#\":1}},", "{}]}"],
        ["[\"", "\\u0041\\n", "\"]"],
        ["[", "[", ""],
        ["<AResponse>", "<k#>v</k#>", "</AResponse>"],
        ["<AResponse>", "<nodepools><u#/></nodepools><b>1</b>", "</AResponse>"],
        ["<a>", "&lt;x\r\n<![CDATA[y]]>", "</a>"],
        ["", "<a>", ""],
        ["<a ", "b#='c' ", "/>"],
        ["", "<0><a/></0>", ""],
    ];
    parts.map(|parts| parts.map(str::as_bytes).join(&0xFF)).to_vec()
}

pub(crate) fn error_body() -> Vec<Vec<u8>> {
    owned([
        "404 application/json\n{\"code\":\"ErrorClusterNotFound\",\"message\":\"cluster (c1) not found\",\"requestId\":\"B0\",\"status\":404}",
        "400 application/json;charset=utf-8\n{\"Code\":\"Throttling.User\",\"Message\":\"Request was denied due to user flow control.\",\"RequestId\":\"B2\",\"HostId\":\"cs\",\"Recommend\":\"x\"}",
        "403 application/json\n{\"code\":\"StatusForbidden\",\"message\":\"RAM policy Forbidden\",\"accessDeniedDetail\":{\"AuthAction\":\"cs:GetUpgradeStatus\",\"AuthPrincipalType\":\"SubUser\"}}",
        "400 text/xml;charset=utf-8\n<?xml version=\"1.0\"?><Error><RequestId>X1</RequestId><HostId>cs</HostId><Code>SignatureDoesNotMatch</Code><Message>Specified signature is not matched.</Message></Error>",
        "503 \n<code>ServiceUnavailable</code><message>later</message>",
        "502 text/html\n<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
        "415 text/plain\ncode=415, message=Unsupported Media Type",
        "500 application/json\n",
        "503 application/json\n{\"detail\":\"later\"}",
        "400 \n{\"code\":403,\"message\":[\"x\"],\"request_id\":\"\"}",
    ])
}

pub(crate) fn cli_config() -> Vec<Vec<u8>> {
    const KEYS: &str = r#"{"Code":"Success","AccessKeyId":"STS.NU","AccessKeySecret":"5ecret","SecurityToken":"5ecret","Expiration":"2026-01-02T04:04:05Z"}"#;
    let pair = r#""access_key_id":"LTAI5tExample","access_key_secret":"5ecret/of+the=pair""#;
    let role =
        r#""ram_role_arn":"acs:ram::1:role/r","ram_session_name":"s","expired_seconds":900,"sts_region":"cn-hangzhou""#;
    let modes = [
        format!(r#""mode":"AK",{pair}"#),
        format!(r#""mode":"StsToken",{pair},"sts_token":"5ecret-token","sts_expiration":1767326645"#),
        format!(r#""mode":"RamRoleArn",{pair},{role},"policy":"{{}}","external_id":"5ecret""#),
        format!(r#""mode":"ChainableRamRoleArn","source_profile":"other",{role}"#),
        r#""mode":"EcsRamRole","ram_role_name":"r""#.to_owned(),
        format!(r#""mode":"OIDC","oidc_provider_arn":"acs:ram::1:oidc-provider/p","oidc_token_file":"/token",{role}"#),
        r#""mode":"External","process_command":"helper --for 'a b'""#.to_owned(),
        r#""mode":"CredentialsURI","credentials_uri":"http://127.0.0.1:8080/x""#.to_owned(),
        r#""mode":"BearerToken","bearer_token":"5ecret""#.to_owned(),
        format!(
            r#""mode":"CloudSSO","cloud_sso_sign_in_url":"https://signin-cn-shanghai.alibabacloudsso.com/x/login","access_token":"5ecret","cloud_sso_access_token_expire":1767326645,"cloud_sso_account_id":"1","cloud_sso_access_config":"a",{pair},"sts_token":"5ecret""#
        ),
        format!(
            r#""mode":"OAuth","oauth_site_type":"CN","oauth_access_token":"5ecret","oauth_access_token_expire":1767326645,"sts_expiration":1767326645,{pair},"sts_token":"5ecret""#
        ),
    ];
    let answers = [
        KEYS.to_owned(),
        format!(r#"{{"RequestId":"1","Credentials":{KEYS}}}"#),
        r#"{"mode":"StsToken","access_key_id":"id","access_key_secret":"5ecret","sts_token":"5ecret","expiration":"2026-01-02T04:04:05Z"}"#.to_owned(),
        " {\"Code\":\"NoPermission\",\"Message\":\"no\",\"RequestId\":\"1\"}".to_owned(),
    ];
    let mut seeds = owned(["", "{}", r#"{"current":"default","profiles":[]}"#, r#"{"current":"x","profiles":null}"#]);
    for mode in &modes {
        for answer in &answers {
            let text = format!(
                r#"{{"current":"default","profiles":[{{"name":"default",{mode}}},{{"name":"other","mode":"AK",{pair}}}]}}"#
            );
            seeds.push(format!("{text}\n---\n{answer}").into_bytes());
        }
    }
    seeds
}

pub(crate) fn ini_file() -> Vec<Vec<u8>> {
    const ANSWER: &str = "\n---\n{\"Credentials\":{\"AccessKeyId\":\"STS.NU\",\"AccessKeySecret\":\"5ecret\",\"SecurityToken\":\"5ecret\",\"Expiration\":\"2026-01-02T04:04:05Z\"}}";
    let pair = "access_key_id = LTAI5tExample\naccess_key_secret = 5ecret/of+the=pair\n";
    let role = "role_arn = acs:ram::1:role/r\nrole_session_name = s\npolicy = {}\n";
    let sections = [
        format!("[default]\ntype = access_key\n{pair}[other]\ntype=ecs_ram_role\nrole_name=r"),
        format!(
            "; c\n[default]\ntype = sts\n{pair}security_token = 5ecret\n# c\n[other]\ntype=sts\n{pair}sts_token:5ecret"
        ),
        format!("[default]\ntype = ram_role_arn\n{pair}{role}{ANSWER}"),
        format!("[other]\ntype = oidc_role_arn\n{role}oidc_provider_arn = p\noidc_token_file_path = /token\n{ANSWER}"),
        "\u{feff}[default]\r\ntype = rsa_key_pair\r\nprivate_key = 5ecret\r\n".to_owned(),
        "[default\ntype".to_owned(),
        "key = value\n[a]\n[a]\nx = \"y\\n\"".to_owned(),
    ];
    sections.map(String::into_bytes).to_vec()
}

/// The vectors as requests on the wire, signed.
pub(crate) fn authorization() -> Vec<Vec<u8>> {
    let vectors = files("signing-vectors", "json");
    let texts = vectors.iter().map(|vector| {
        let vector: Value = serde_json::from_slice(vector).expect("a vector is JSON");
        let text = |pointer: &str| vector.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let headers = vector["headers"].as_object().expect("a vector has headers");
        let mut lines: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.as_str().unwrap_or_default())).collect();
        lines.push(format!("authorization: {}", text("/expected/authorization")));
        let target = format!("{}?{}", text("/encoded_path"), text("/expected/canonical_query"));
        format!("{} {target}\n{}\n\n{}", text("/method"), lines.join("\n"), text("/body"))
    });
    texts.map(String::into_bytes).collect()
}

/// The vectors as requests to sign, and one for each way of signing.
pub(crate) fn signature() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for (index, request) in authorization().into_iter().enumerate() {
        let request = String::from_utf8(request).expect("a vector is text");
        // What the signer writes itself is no part of what it is given.
        let given: Vec<&str> = request
            .split('\n')
            .filter(|line| !["authorization:", "x-acs-", "accept:"].iter().any(|own| line.starts_with(own)))
            .collect();
        let how = u8::try_from(index % 4).unwrap_or_default();
        seeds.push([&[how, 7], given.join("\n").as_bytes()].concat());
    }
    seeds.push(
        b"\x03\x00POST /a%20b?x=%C3%A9&x=+\nhost: [::1]:80\nx-acs-extra: b\nX-Acs-Extra: a\nvia: 1\n\n{}".to_vec(),
    );
    seeds
}
