//! Maps, structs, roots, and markup that is read through.

use std::collections::{BTreeMap, HashMap};

use ack_codec::Format::{Json, Xml};
use serde::Deserialize;
use serde_json::json;

use super::{reads, refuses};
use crate::codec::model::{Cluster, State, Tag, UpgradeStatus, UpgradeTask};

#[derive(Debug, Deserialize, PartialEq)]
struct Labelled {
    labels: BTreeMap<String, String>,
}

fn labels(pairs: &[(&str, &str)]) -> Labelled {
    Labelled { labels: pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect() }
}

#[test]
fn maps_are_children_named_after_keys() {
    let two = || labels(&[("cloud-controller-manager", "1.2"), ("metric-server", "")]);
    reads(Json, two(), &[r#"{"labels":{"cloud-controller-manager":1.2,"metric-server":""}}"#]);
    reads(
        Xml,
        two(),
        &[
            "<labels><metric-server/><cloud-controller-manager>1.2</cloud-controller-manager></labels>",
            "<R><labels>\n<cloud-controller-manager>1.2</cloud-controller-manager><metric-server></metric-server></labels></R>",
        ],
    );
    reads(Json, labels(&[]), &[r#"{"labels":{}}"#, r#"{"labels":null}"#, r#"{"labels":""}"#]);
    reads(Xml, labels(&[]), &["<labels/>", "<labels></labels>", "<labels>\n</labels>"]);
    // As the API reference prints it, although a name cannot be a hyphen.
    reads(Xml, labels(&[("-", "PayByTraffic")]), &["<labels><->PayByTraffic</-></labels>"]);
    refuses::<Labelled>(Json, &[r#"{"labels":"x"}"#, r#"{"labels":[]}"#, r#"{"labels":{"a":{}}}"#]);
    refuses::<Labelled>(
        Xml,
        &["<labels>x</labels>", "<labels><a>1</a></labels><labels/>", "<labels><a/><a/></labels>"],
    );
}

#[test]
fn maps_at_the_top() {
    let map = || HashMap::from([("a".to_owned(), 1u8), ("b".to_owned(), 2)]);
    reads(Json, map(), &[r#"{"a":1,"b":"2"}"#]);
    reads(Xml, map(), &["<a>1</a><b>2</b>", "<MapResponse><b>2</b><a>1</a></MapResponse>"]);
    reads(Xml, HashMap::<String, u8>::new(), &["<MapResponse/>"]);
    reads(Json, BTreeMap::from([(7u32, true)]), &[r#"{"7":true}"#]);
    reads(Xml, BTreeMap::from([(7u32, true)]), &["<7>true</7>"]);
}

#[test]
fn the_last_of_two_names_counts_in_a_json_map() {
    reads(Json, HashMap::from([("a".to_owned(), 2u8)]), &[r#"{"a":1,"a":2}"#, r#"{"a":1,"\u0061":2}"#]);
    reads(Json, json!({"a": 2}), &[r#"{"a":1,"a":2}"#]);
}

#[test]
fn maps_of_lists() {
    let tag = |key: &str| Tag { key: key.to_owned(), value: String::new() };
    let checks = BTreeMap::from([("cni".to_owned(), vec![tag("a")]), ("nodes".to_owned(), vec![tag("b"), tag("c")])]);
    let cluster = || Cluster { checks: checks.clone(), ..Cluster::default() };
    reads(Json, cluster(), &[r#"{"checks":{"cni":{"key":"a"},"nodes":[{"key":"b"},{"key":"c"}]}}"#]);
    reads(
        Xml,
        cluster(),
        &["<checks><nodes><key>b</key></nodes><cni><key>a</key></cni><nodes><key>c</key></nodes></checks>"],
    );
}

#[test]
fn a_root_is_what_is_not_a_field() {
    let status = || UpgradeStatus {
        upgrade_task: Some(UpgradeTask { status: Some(State::Success), message: None }),
        ..UpgradeStatus::default()
    };
    reads(
        Xml,
        status(),
        &[
            "<upgrade_task><status>Success</status></upgrade_task>",
            "<Anything><upgrade_task><status>Success</status></upgrade_task></Anything>",
            "<ns:GetUpgradeStatusResponse xmlns:ns='urn:x'><ns:upgrade_task><status>Success</status></ns:upgrade_task></ns:GetUpgradeStatusResponse>",
            "<requestId>r</requestId><upgrade_task><status>Success</status></upgrade_task>",
        ],
    );
    reads(Xml, UpgradeStatus::default(), &["<GetUpgradeStatusResponse/>", "<R>\n</R>", "<requestId>8DA7</requestId>"]);
    reads(Json, UpgradeStatus::default(), &["{}", r#"{"requestId":"8DA7"}"#]);
    refuses::<UpgradeStatus>(Xml, &["text", "<XResponse>text</XResponse>"]);
    refuses::<UpgradeStatus>(Json, &["null", "\"\"", "[]", "1"]);
}

#[test]
fn a_single_root_gives_its_text() {
    reads(Xml, "a b".to_owned(), &["a b", "<result>a b</result>", "<?xml version='1.0'?><x:r y='z'>a b</x:r>"]);
    reads(Xml, 6u8, &["6", " <n>6</n> "]);
    reads(Json, "a b".to_owned(), &["\"a b\""]);
    refuses::<String>(Xml, &["<a>1</a><b>2</b>", "<a>1</a><a>2</a>"]);
}

#[test]
fn markup_that_says_nothing_is_read_through() {
    let value = || json!({"a": "1 < 2", "b": {"c": ""}});
    reads(
        Xml,
        value(),
        &[
            "<a>1 &lt; 2</a><b><c/></b>",
            "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes'?>\r\n<a>1 &#60; 2</a>\r\n<b>\r\n<c/>\r\n</b>\r\n",
            "<!-- <x/> --><a><!-- - -->1 <![CDATA[<]]> 2</a><?pi a='>'?><b><c><!-- --></c></b>",
            "<XResponse xmlns=\"urn:y\" z=\"a>b\"><a q='1'>1 &lt; 2</a><n:b xmlns:n='m'><n:c n:i=\"\" /></n:b ></XResponse>",
        ],
    );
}

#[test]
fn transparent_types_pass_through() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Id(String);
    #[derive(Debug, Deserialize, PartialEq)]
    struct Unit;
    #[derive(Debug, Deserialize, PartialEq)]
    struct Holder {
        id: Id,
        #[serde(default)]
        unit: Option<Unit>,
        #[serde(flatten)]
        rest: BTreeMap<String, serde_json::Value>,
    }
    let holder = || Holder {
        id: Id("x".to_owned()),
        unit: None,
        rest: BTreeMap::from([("more".to_owned(), json!(["1", "2"]))]),
    };
    reads(Json, holder(), &[r#"{"id":"x","more":["1","2"]}"#]);
    reads(
        Xml,
        holder(),
        &["<id>x</id><more>1</more><more>2</more>", "<RResponse><more>1</more><id>x</id><more>2</more></RResponse>"],
    );
}
