//! What a user reads when a body cannot be decoded.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ack_codec::{Decoder, Error, Format, Limits, decode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::codec::model::{Cluster, UpgradeStatus};

use Format::{Json, Xml};

#[track_caller]
fn error<T: DeserializeOwned>(format: Format, body: impl AsRef<[u8]>) -> Error {
    match decode::<T>(format, body.as_ref()) {
        Ok(_) => panic!("{} was read", String::from_utf8_lossy(body.as_ref())),
        Err(error) => error,
    }
}

/// One line an error: its class, where in the body it points to, and its text.
fn list(errors: &[Error]) -> String {
    let mut text = String::new();
    for error in errors {
        let classes = [
            (error.is_syntax(), "syntax"),
            (error.is_eof(), "eof"),
            (error.is_data(), "data"),
            (error.is_limit(), "limit"),
            (error.is_empty_body(), "empty"),
            (error.is_encode(), "encode"),
        ];
        let classes: Vec<_> = classes.iter().filter(|class| class.0).map(|class| class.1).collect();
        writeln!(text, "{}: {error}", classes.join("+")).unwrap();
    }
    text
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only failing to read it matters")]
struct Tasks {
    tasks: Vec<Task>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only failing to read it matters")]
struct Task {
    id: String,
    #[serde(default)]
    error: BTreeMap<String, i32>,
}

#[test]
fn wrong_shapes() {
    let errors = [
        error::<UpgradeStatus>(Json, r#"{"status":"running","upgrade_task":{"status":["x"]}}"#),
        error::<UpgradeStatus>(Json, r#"{"upgrade_task":{"status":null,"message":{"a":1}}}"#),
        error::<UpgradeStatus>(Json, r#"{"upgrade_task":"none\n"}"#),
        error::<UpgradeStatus>(Json, "\u{feff}[]"),
        error::<Tasks>(Json, r#"{"tasks":[{"id":"a"},{"id":"b","error":{"code.x":"4 0"}}]}"#),
        error::<Tasks>(Json, r#"{"tasks":{"task":[{"id":"a"},{"id":"b","error":{"c":99999999999}}]}}"#),
        error::<Tasks>(Json, r#"{"tasks":[{"id":"a"},{"name":"b"}]}"#),
        error::<Tasks>(Json, r#"{"tasks":[{"id":"a"},{"id":"\u0062","id":"c"}]}"#),
        error::<Tasks>(Json, r#"{"tasks":[{"id":"a"},{"id":"\u0062","error":"\t\u0031"}]}"#),
        error::<Tasks>(Json, r#"{"tasks":3}"#),
        error::<Cluster>(Json, r#"{"protected":"a very long text that says neither yes nor no, \u4e2d"}"#),
    ];
    insta::assert_snapshot!(list(&errors), @r#"
    data: upgrade_task.status: expected a string, found a list, at byte 45 of the JSON body
    data: upgrade_task.message: expected a string, found an object, at byte 41 of the JSON body
    data: upgrade_task: expected an object, found "none\n", at byte 16 of the JSON body
    data: the document: expected an object, found a list, at byte 3 of the JSON body
    data: tasks[1].error["code.x"]: expected a whole number from -2147483648 to 2147483647, found "4 0", at byte 49 of the JSON body
    data: tasks.task[1].error.c: expected a whole number from -2147483648 to 2147483647, found 99999999999, at byte 52 of the JSON body
    data: tasks[1].id: expected a value, found no such field, at byte 21 of the JSON body
    data: tasks[1].id: expected the field once, found it again, at byte 36 of the JSON body
    data: tasks[1].error: expected an object, found "\t1", at byte 44 of the JSON body
    data: tasks: expected an object, found 3, at byte 9 of the JSON body
    data: protected: expected true or false, found "a very long text that says neither yes n…", at byte 13 of the JSON body
    "#);
    let errors = [
        error::<UpgradeStatus>(Xml, "<R><upgrade_task><status>x</status><status>y</status></upgrade_task></R>"),
        error::<UpgradeStatus>(Xml, "<R><upgrade_task><status/><message>\n<a/></message></upgrade_task></R>"),
        error::<UpgradeStatus>(Xml, "<upgrade_task>none</upgrade_task>"),
        error::<UpgradeStatus>(Xml, "<upgrade_task>none<status/></upgrade_task>"),
        error::<UpgradeStatus>(Xml, "text"),
        error::<Tasks>(Xml, "<tasks><id>a</id></tasks><x/><tasks><id>b</id><error><code>4 0</code></error></tasks>"),
        error::<Tasks>(Xml, "<R><tasks><task><id>a</id></task><task><id>b</id><error>x</error></task></tasks></R>"),
        error::<Tasks>(Xml, "<R><tasks><id>a</id></tasks><tasks/></R>"),
        error::<Vec<Task>>(Xml, "<R><0><id>a</id></0><1><id/><error><c>1.5</c></error></1></R>"),
        error::<Cluster>(Xml, "<\u{4e2d}><size>1&lt;2</size></\u{4e2d}>"),
        error::<String>(Xml, "<a/><b/>"),
    ];
    insta::assert_snapshot!(list(&errors), @r#"
    data: upgrade_task.status: expected one element, found 2 elements named `status`, at byte 18 of the XML body
    data: upgrade_task.message: expected a string, found child elements, at byte 26 of the XML body
    data: upgrade_task: expected an object, found "none", at byte 14 of the XML body
    data: upgrade_task: expected an object, found text mixed with child elements, at byte 0 of the XML body
    data: the document: expected an object, found "text", at byte 0 of the XML body
    data: tasks[1].error.code: expected a whole number from -2147483648 to 2147483647, found "4 0", at byte 59 of the XML body
    data: tasks.task[1].error: expected an object, found "x", at byte 56 of the XML body
    data: tasks[1].id: expected a value, found no such field, at byte 28 of the XML body
    data: 1.error.c: expected a whole number from -2147483648 to 2147483647, found "1.5", at byte 38 of the XML body
    data: size: expected a whole number from -9223372036854775808 to 9223372036854775807, found "1<2", at byte 11 of the XML body
    data: the document: expected a string, found child elements, at byte 0 of the XML body
    "#);
}

#[test]
fn malformed_json() {
    let errors = [
        r#"{"a":1,}"#,
        r#"[1,2,]"#,
        r#"{"a":{"b":[1,{"c":tru}]}}"#,
        r#"{"a":[1,01]}"#,
        r#"{"a":-}"#,
        r#"{"a":1.x}"#,
        r#"{"a" 1}"#,
        r#"{a:1}"#,
        r#"{"a":1 "b":2}"#,
        r#"[1 2]"#,
        r#"[1}"#,
        r#"{"a":1} x"#,
        "{\"a\":\"x\ny\"}",
        r#"{"a":"\x"}"#,
        r#"{"a":"\u12G4"}"#,
        r#"{"a":"\uD83D!"}"#,
        r#"{"a":"\uD83D\u0041"}"#,
        r#"{"a":["\uDE00"]}"#,
        "<html>",
        "`",
    ];
    let errors = errors.map(|body| error::<Value>(Json, body));
    insta::assert_snapshot!(list(&errors), @r#"
    syntax: the document: expected a field name in quotation marks, found `}`, at byte 7 of the JSON body
    syntax: [2]: expected a value, found `]`, at byte 5 of the JSON body
    syntax: a.b[1].c: expected a value, found `t`, at byte 18 of the JSON body
    syntax: a[1]: expected a number without leading zeros, found `1`, at byte 9 of the JSON body
    syntax: a: expected a digit, found `}`, at byte 6 of the JSON body
    syntax: a: expected a digit, found `x`, at byte 7 of the JSON body
    syntax: a: expected `:` after a field name, found `1`, at byte 5 of the JSON body
    syntax: the document: expected a field name in quotation marks, found `a`, at byte 1 of the JSON body
    syntax: the document: expected `,` or `}`, found `"`, at byte 7 of the JSON body
    syntax: the document: expected `,` or `]`, found `2`, at byte 3 of the JSON body
    syntax: the document: expected `,` or `]`, found `}`, at byte 2 of the JSON body
    syntax: the document: expected nothing after the value, found `x`, at byte 8 of the JSON body
    syntax: a: expected the rest of a string, found the control character U+000A, at byte 7 of the JSON body
    syntax: a: expected one of `"\/bfnrtu` after a backslash, found `x`, at byte 7 of the JSON body
    syntax: a: expected four hexadecimal digits after `\u`, found `G`, at byte 10 of the JSON body
    syntax: a: expected the second half of a surrogate pair, found `!`, at byte 12 of the JSON body
    syntax: a: expected the second half of a surrogate pair, found `0`, at byte 14 of the JSON body
    syntax: a[0]: expected the first half of a surrogate pair, found `D`, at byte 9 of the JSON body
    syntax: the document: expected a value, found `<`, at byte 0 of the JSON body
    syntax: the document: expected a value, found a backquote, at byte 0 of the JSON body
    "#);
}

#[test]
fn malformed_xml() {
    let errors = [
        "<a><b>x</a></b>",
        "<R><a>x</a></b></R>",
        "</a>",
        "<a><></></a>",
        "<a>&nbsp;</a>",
        "<a>&#0;</a>",
        "<a><b>x & y</b></a>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
        "<!DOCTYPE a [",
        "<a><!ELEMENT x></a>",
        "<a/>text",
        "text<a/>",
        "<a=\"b\">",
    ];
    let errors = errors.map(|body| error::<Value>(Xml, body));
    insta::assert_snapshot!(list(&errors), @r#"
    syntax: a.b: expected `</b>`, found `</a>`, at byte 7 of the XML body
    syntax: R: expected `</R>`, found `</b>`, at byte 11 of the XML body
    syntax: the document: expected no end tag here, found `</a>`, at byte 0 of the XML body
    syntax: a: expected an element name, found `<>`, at byte 3 of the XML body
    syntax: a: expected a character reference or one of `&lt;`, `&gt;`, `&amp;`, `&quot;`, `&apos;`, found `&nbsp;`, at byte 3 of the XML body
    syntax: a: expected a character reference or one of `&lt;`, `&gt;`, `&amp;`, `&quot;`, `&apos;`, found `&#0;`, at byte 3 of the XML body
    syntax: a.b: expected `;` at the end of a reference, found `& y</b></a>`, at byte 8 of the XML body
    syntax: the document: expected a document without a DTD, found a DOCTYPE declaration, at byte 0 of the XML body
    syntax: the document: expected a document without a DTD, found a DOCTYPE declaration, at byte 0 of the XML body
    syntax: a: expected a comment or a CDATA section, found `<!ELEMENT x></a>`, at byte 3 of the XML body
    syntax: the document: expected either elements or text, found both at the top, at byte 0 of the XML body
    syntax: the document: expected either elements or text, found both at the top, at byte 0 of the XML body
    syntax: the document: expected an element name, found `<a="b">`, at byte 0 of the XML body
    "#);
}

#[test]
fn cut_off_bodies() {
    let json = [
        r#"{"#,
        r#"{"upgrade_task""#,
        r#"{"upgrade_task":{"status":"run"#,
        r#"{"upgrade_task":{"status":"running","#,
        r#"{"upgrade_task":{"status":"running""#,
        r#"{"upgrade_task":{"status":tr"#,
        r#"{"tasks":[{},{"id":"\u00"#,
        r#"{"tasks":[{},"#,
        r#"{"tasks":[{}"#,
        "[-",
    ];
    let errors = json.map(|body| error::<Value>(Json, body));
    insta::assert_snapshot!(list(&errors), @r"
    eof: the document: expected a field name in quotation marks, found the end of the body, at byte 1 of the JSON body
    eof: upgrade_task: expected `:` after a field name, found the end of the body, at byte 15 of the JSON body
    eof: upgrade_task.status: expected the rest of a string, found the end of the body, at byte 30 of the JSON body
    eof: upgrade_task: expected a field name in quotation marks, found the end of the body, at byte 36 of the JSON body
    eof: upgrade_task: expected `,` or `}`, found the end of the body, at byte 35 of the JSON body
    eof: upgrade_task.status: expected a value, found the end of the body, at byte 28 of the JSON body
    eof: tasks[1].id: expected four hexadecimal digits after `\u`, found the end of the body, at byte 24 of the JSON body
    eof: tasks[1]: expected a value, found the end of the body, at byte 13 of the JSON body
    eof: tasks: expected `,` or `]`, found the end of the body, at byte 12 of the JSON body
    eof: [0]: expected a digit, found the end of the body, at byte 2 of the JSON body
    ");
    let xml = [
        "<GetUpgradeStatusResponse><upgrade_task><status>run",
        "<GetUpgradeStatusResponse><upgrade_task><status",
        "<GetUpgradeStatusResponse><tasks/><tasks><id>x</id>",
        "<GetUpgradeStatusResponse><upgrade_task><status>run</sta",
        "<upgrade_task><status>run</status>",
        "<a><![CDATA[x]]",
        "<a><!-- x",
        "<?xml version='1.0'",
        "<a b='",
        "<a>&am",
    ];
    let errors = xml.map(|body| error::<Value>(Xml, body));
    insta::assert_snapshot!(list(&errors), @"
    eof: upgrade_task.status: expected `</status>`, found the end of the body, at byte 51 of the XML body
    eof: upgrade_task: expected `>`, found the end of the body, at byte 47 of the XML body
    eof: tasks[1]: expected `</tasks>`, found the end of the body, at byte 51 of the XML body
    eof: upgrade_task.status: expected `>`, found the end of the body, at byte 56 of the XML body
    eof: upgrade_task: expected `</upgrade_task>`, found the end of the body, at byte 34 of the XML body
    eof: a: expected `]]>`, found the end of the body, at byte 15 of the XML body
    eof: a: expected `-->`, found the end of the body, at byte 9 of the XML body
    eof: the document: expected `?>`, found the end of the body, at byte 19 of the XML body
    eof: the document: expected `'` at the end of an attribute, found the end of the body, at byte 6 of the XML body
    eof: a: expected `;` at the end of a reference, found the end of the body, at byte 6 of the XML body
    ");
    let errors = [error::<Value>(Json, b"{\"a\":\"\xE4\xB8"), error::<Value>(Xml, b"<a>\xE4")];
    insta::assert_snapshot!(list(&errors), @"
    eof: the document: expected the rest of a UTF-8 character, found the end of the body, at byte 8 of the JSON body
    eof: the document: expected the rest of a UTF-8 character, found the end of the body, at byte 4 of the XML body
    ");
}

#[test]
fn every_beginning_of_a_body_is_cut_off() {
    let json = br#"{"a":[-1.5e+3,true,null,{"\u00e9\n":"\ud83d\ude00"}],"b":{},"c":[]}"#;
    let xml =
        b"<?xml version='1.0'?><AResponse x='>'><a>1&amp;<![CDATA[<]]></a><!-- c --><b/><c\n>\xC3\xA9</c ></AResponse>";
    for (format, body) in [(Json, &json[..]), (Xml, &xml[..])] {
        decode::<Value>(format, body).unwrap();
        for end in 0..body.len() {
            let cut = error::<Value>(format, &body[..end]);
            assert!(cut.is_eof() || cut.is_empty_body(), "{end}: {cut}");
        }
    }
}

#[test]
fn other_encodings_and_empty_bodies() {
    let errors = [
        error::<Value>(Json, b"{\"a\":\"\xD6\xD0\"}"),
        error::<Value>(Xml, b"\xEF\xBB\xBF<a>\xD6\xD0</a>"),
        error::<UpgradeStatus>(Json, ""),
        error::<UpgradeStatus>(Xml, " \r\n"),
        error::<Vec<String>>(Xml, "<?xml version='1.0'?><!-- nothing -->"),
        error::<Value>(Json, "\u{feff}\n"),
        error::<String>(Json, ""),
    ];
    insta::assert_snapshot!(list(&errors), @"
    syntax: the document: expected UTF-8 text, found the byte 0xD6, at byte 6 of the JSON body
    syntax: the document: expected UTF-8 text, found the byte 0xD6, at byte 6 of the XML body
    empty: the document: expected a value, found an empty body instead of JSON
    empty: the document: expected a value, found an empty body instead of XML
    empty: the document: expected a value, found an empty body instead of XML
    empty: the document: expected a value, found an empty body instead of JSON
    empty: the document: expected a value, found an empty body instead of JSON
    ");
}

#[test]
fn bodies_beyond_the_limits() {
    let limits = Limits::default().with_max_bytes(40).with_max_depth(3);
    let errors = [
        Decoder::new(Json).limits(limits).decode::<Value>(&[b' '; 41]).unwrap_err(),
        Decoder::new(Xml).limits(limits).decode::<()>(&[b' '; 41]).unwrap_err(),
        Decoder::new(Json).limits(limits).decode::<Value>(br#"{"a":[0,{"b":[1]}]}"#).unwrap_err(),
        Decoder::new(Xml).limits(limits).decode::<Value>(b"<R><a/><a><b><c/></b></a></R>").unwrap_err(),
        error::<Value>(Json, "[".repeat(1_000_000)),
        error::<Value>(Xml, "<a>".repeat(1_000_000)),
    ];
    insta::assert_snapshot!(list(&errors), @"
    limit: the document: expected a body of at most 40 bytes, found 41 bytes, in the JSON body
    limit: the document: expected a body of at most 40 bytes, found 41 bytes, in the XML body
    limit: a[1].b: expected at most 3 nested lists and objects, found one more, at byte 13 of the JSON body
    limit: R.a[1].b: expected at most 3 nested elements, found one more, at byte 13 of the XML body
    limit: [0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][…][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: expected at most 128 nested lists and objects, found one more, at byte 128 of the JSON body
    limit: a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a: expected at most 128 nested elements, found one more, at byte 384 of the XML body
    ");
    for (format, body) in [(Json, &br#"{"a":[0,{"b":1}]}"#[..]), (Xml, b"<a><b><c/></b></a>")] {
        Decoder::new(format).limits(limits).decode::<Value>(body).unwrap();
    }
    let deep = format!("{}{}", "[".repeat(128), "]".repeat(128));
    decode::<Value>(Json, deep.as_bytes()).unwrap();
    // The most that can be allowed fits the stack of any thread.
    let most = Limits::default().with_max_depth(usize::MAX);
    let deep = format!("{}{}", "{\"a\":[".repeat(128), "]}".repeat(128));
    Decoder::new(Json).limits(most).decode::<Value>(deep.as_bytes()).unwrap();
    let deep = format!("{}{}", "<a>".repeat(256), "</a>".repeat(256));
    Decoder::new(Xml).limits(most).decode::<Value>(deep.as_bytes()).unwrap();
}

#[test]
fn accessors_tell_the_parts() {
    let wrong = error::<UpgradeStatus>(Json, r#"{"status":"running","upgrade_task":{"message":["x"]}}"#);
    assert_eq!(wrong.path(), "upgrade_task.message");
    assert_eq!(wrong.offset(), Some(46));
    assert_eq!((wrong.expected(), wrong.found()), (Some("a string"), Some("a list")));
    assert_eq!(wrong.format(), Json);
    let empty = error::<UpgradeStatus>(Xml, "");
    assert_eq!((empty.path(), empty.offset(), empty.format()), ("$", None, Xml));
    let format = "Error(upgrade_task.message: expected a string, found a list, at byte 46 of the JSON body)";
    assert_eq!(format!("{wrong:?}"), format);
}

#[test]
fn complaints_of_a_type_are_located() {
    #[derive(Debug)]
    struct Even;

    impl<'de> Deserialize<'de> for Even {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let number = u32::deserialize(deserializer)?;
            if number % 2 == 0 { Ok(Self) } else { Err(serde::de::Error::custom("the number is odd")) }
        }
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only failing to read it matters")]
    struct Strict {
        numbers: Vec<Even>,
    }

    let errors = [
        error::<Strict>(Json, r#"{"numbers":[2,4,"5"]}"#),
        error::<Strict>(Xml, "<numbers>2</numbers><numbers>3</numbers>"),
        error::<Strict>(Json, r#"{"numbers":[],"other":1}"#),
        error::<Strict>(Xml, "<R/>"),
    ];
    insta::assert_snapshot!(list(&errors), @r#"
    data: numbers[2]: the number is odd, at byte 16 of the JSON body
    data: numbers[1]: the number is odd, at byte 29 of the XML body
    data: other: expected known fields only, found the field "other", at byte 15 of the JSON body
    data: numbers: expected a value, found no such field, at byte 0 of the XML body
    "#);
    assert_eq!((errors[0].expected(), errors[0].found()), (None, None));
}
