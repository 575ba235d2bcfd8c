//! Lists in all their forms.

use ack_codec::Format::{Json, Xml};
use serde::Deserialize;
use serde_json::json;

use super::{reads, refuses};
use crate::codec::model::{State, Tag};

#[derive(Debug, Deserialize, PartialEq)]
struct Tagged<T> {
    tags: Vec<T>,
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

#[test]
fn lists_of_structs() {
    let two = || Tagged { tags: vec![tag("a", "1"), tag("b", "2")] };
    reads(
        Json,
        two(),
        &[
            r#"{"tags":[{"key":"a","value":1},{"key":"b","value":"2"}]}"#,
            r#"{"tags":{"tag":[{"key":"a","value":1},{"key":"b","value":"2"}]}}"#,
        ],
    );
    reads(
        Xml,
        two(),
        &[
            "<tags><key>a</key><value>1</value></tags><tags><key>b</key><value>2</value></tags>",
            "<R><tags><key>a</key><value>1</value></tags><x/><tags><value>2</value><key>b</key></tags></R>",
            "<tags><tag><key>a</key><value>1</value></tag><tag><key>b</key><value>2</value></tag></tags>",
            "<tags>\n <tag><key>a</key><value>1</value></tag>\n <tag><key>b</key><value>2</value></tag>\n</tags>",
        ],
    );
    let one = || Tagged { tags: vec![tag("a", "")] };
    reads(
        Json,
        one(),
        &[
            r#"{"tags":[{"key":"a"}]}"#,
            r#"{"tags":{"key":"a"}}"#,
            r#"{"tags":{"tag":{"key":"a"}}}"#,
            r#"{"tags":{"tag":[{"key":"a"}]}}"#,
        ],
    );
    reads(
        Xml,
        one(),
        &[
            "<tags><key>a</key><value></value></tags>",
            "<tags><key>a</key></tags>",
            "<tags><tag><key>a</key></tag></tags>",
        ],
    );
}

#[test]
fn nothing_is_an_empty_list() {
    reads(
        Json,
        Tagged::<Tag> { tags: Vec::new() },
        &[
            r#"{"tags":[]}"#,
            r#"{"tags":null}"#,
            r#"{"tags":""}"#,
            r#"{"tags":{"tag":[]}}"#,
            r#"{"tags":{"tag":null}}"#,
            r#"{"tags":{"tag":""}}"#,
        ],
    );
    reads(Xml, Tagged::<Tag> { tags: Vec::new() }, &["<tags/>", "<tags></tags>", "<tags><tag/></tags>"]);
    reads(Json, Tagged::<String> { tags: Vec::new() }, &[r#"{"tags":{"tag":[]}}"#, r#"{"tags":""}"#]);
    reads(Xml, Tagged::<String> { tags: Vec::new() }, &["<tags/>", "<tags><tag/></tags>"]);
    reads(Xml, Tagged::<Option<String>> { tags: Vec::new() }, &["<tags/>"]);
}

#[test]
fn lists_of_scalars() {
    let strings = || Tagged { tags: vec!["a".to_owned(), String::new(), " c ".to_owned()] };
    reads(Json, strings(), &[r#"{"tags":["a",""," c "]}"#, r#"{"tags":{"tag":["a",""," c "]}}"#]);
    reads(
        Xml,
        strings(),
        &[
            "<tags>a</tags><tags/><tags> c </tags>",
            "<tags>a</tags><other/><tags></tags><tags> c </tags>",
            "<tags><tag>a</tag><tag/><tag> c </tag></tags>",
        ],
    );
    reads(Json, Tagged { tags: vec!["a".to_owned()] }, &[r#"{"tags":"a"}"#, r#"{"tags":{"default":"a"}}"#]);
    reads(Xml, Tagged { tags: vec!["a".to_owned()] }, &["<tags>a</tags>", "<tags><tag>a</tag></tags>"]);
    reads(Json, Tagged { tags: vec![1u8, 2] }, &[r#"{"tags":["1",2.0]}"#, r#"{"tags":{"n":[1,2]}}"#]);
    reads(Xml, Tagged { tags: vec![1u8, 2] }, &["<tags>1</tags><tags>2</tags>", "<tags><n>1</n><n>2</n></tags>"]);
    reads(Json, Tagged { tags: vec![State::Fail, State::Running] }, &[r#"{"tags":["FAIL","running"]}"#]);
    reads(
        Xml,
        Tagged { tags: vec![State::Fail, State::Running] },
        &["<tags>FAIL</tags><tags>running</tags>", "<tags><state>fail</state><state>running</state></tags>"],
    );
    reads(Json, Tagged { tags: vec![Some(true), None] }, &[r#"{"tags":["true",null]}"#, r#"{"tags":[1,""]}"#]);
}

#[test]
fn only_the_type_of_the_items_tells_a_wrapper() {
    // Free-form items are never unwrapped.
    reads(Json, Tagged { tags: vec![json!({"tag": [1, 2]})] }, &[r#"{"tags":{"tag":[1,2]}}"#]);
    reads(Xml, Tagged { tags: vec![json!({"tag": ["1", "2"]})] }, &["<tags><tag>1</tag><tag>2</tag></tags>"]);
    // Two names cannot be a wrapper, and neither can an item of a real list.
    refuses::<Tagged<String>>(Json, &[r#"{"tags":{"a":"x","b":"y"}}"#, r#"{"tags":[{"a":"x"}]}"#]);
    refuses::<Tagged<String>>(Xml, &["<tags><a>x</a><b>y</b></tags>", "<tags><a>x</a></tags><tags>y</tags>"]);
    refuses::<Tagged<Tag>>(Json, &[r#"{"tags":{"a":"x"}}"#, r#"{"tags":[{"a":{"key":"x"}}]}"#, r#"{"tags":"x"}"#]);
    refuses::<Tagged<Tag>>(Xml, &["<tags>x</tags>", "<tags><a>x</a></tags>"]);
}

#[test]
fn lists_of_lists_and_tuples() {
    reads(Json, vec![vec![1, 2], vec![3]], &["[[1,2],[3]]", "[[1,2],3]", "[[\"1\",2],\"3\"]"]);
    reads(Json, ("a".to_owned(), 1u8), &["[\"a\",1]"]);
    reads(Xml, ("a".to_owned(), 1u8), &["<0>a</0><1>1</1>", "<x>a</x><x>1</x>"]);
    reads(Json, [1u8; 3], &["[1,1,1]"]);
    refuses::<[u8; 2]>(Json, &["[1]", "[1,2,3]", "1"]);
    refuses::<[u8; 2]>(Xml, &["<0>1</0>", "<0>1</0><1>2</1><2>3</2>"]);
}

/// DescribeClusterLogs.3 is printed so: the fields of the only item, without a list around them.
#[test]
fn fields_where_a_top_level_list_is_declared_are_its_only_item() {
    let bare = "<key>a</key><value>1</value>";
    let rooted = format!("<DescribeTagsResponse>{bare}</DescribeTagsResponse>");
    reads(Xml, vec![tag("a", "1")], &[bare, &rooted]);
}

#[test]
fn top_level_lists() {
    let two = || vec![tag("a", "1"), tag("b", "2")];
    let (a, b) = ("<key>a</key><value>1</value>", "<key>b</key><value>2</value>");
    let wrap = |outer: &str, one: &str, two: &str| {
        let inner = format!("<{one}>{a}</{one}>\n<{two}>{b}</{two}>");
        if outer.is_empty() { inner } else { format!("<{outer}>\n{inner}</{outer}>") }
    };
    let bodies = [
        wrap("", "0", "1"),
        wrap("ListResponse", "0", "1"),
        wrap("list", "0", "1"),
        wrap("ListResponse", "tag", "tag"),
        wrap("", "tag", "tag"),
        wrap("tags", "tag", "tag"),
        format!("<ListResponse><RequestId>r</RequestId>{}</ListResponse>", wrap("", "0", "1")),
        format!("<ListResponse>{}<RequestId>r</RequestId></ListResponse>", wrap("", "tag", "tag")),
        format!("<ListResponse><RequestId>r</RequestId>{}</ListResponse>", wrap("tags", "tag", "tag")),
    ];
    reads(Xml, two(), &bodies.iter().map(String::as_str).collect::<Vec<_>>());
    reads(
        Json,
        two(),
        &[
            r#"[{"key":"a","value":"1"},{"key":"b","value":"2"}]"#,
            r#"{"tags":[{"key":"a","value":"1"},{"key":"b","value":"2"}]}"#,
        ],
    );
    reads(Json, vec![tag("a", "")], &[r#"{"key":"a"}"#, r#"[{"key":"a"}]"#]);
    reads(Xml, vec![tag("a", "")], &["<0><key>a</key></0>", "<R><key>a</key></R>", "<t><key>a</key><value/></t>"]);
    reads(
        Xml,
        Vec::<Tag>::new(),
        &["<ListResponse/>", "<R/>", "<ListResponse><RequestId>r</RequestId></ListResponse>"],
    );
    reads(
        Xml,
        vec!["kube-system".to_owned(), "default".to_owned()],
        &[
            "<0>kube-system</0><1>default</1>",
            "<name>kube-system</name><name>default</name>",
            "<names><name>kube-system</name><name>default</name></names>",
        ],
    );
    refuses::<Vec<Tag>>(Xml, &["<0><key>a</key></0><tag><key>b</key></tag>"]);
}
