use proptest::prelude::*;

use crate::ready::now;
use crate::stand_ins::{SECRET, TOKEN, World, keys, sts};

const PATH: &str = "/home/ada/.alibabacloud/credentials";

fn section(body: &str) -> World {
    World::new().with_file(PATH, format!("[default]\n{body}"))
}

fn pair() -> String {
    format!("access_key_id = id\naccess_key_secret = {SECRET}\n")
}

#[test]
fn every_type_is_read() {
    let access_key = section(&format!("type = access_key\n{}", pair()));
    assert_eq!(access_key.outcome(), "default/profile/static_ak AccessKey id");
    let temporary = section(&format!("type = sts\n{}security_token = {TOKEN}\n", pair()));
    assert_eq!(temporary.outcome(), "default/profile/static_sts Sts id");
    let ecs = section("type = ecs_ram_role\nrole_name = role").with_answer(200, "t").with_answer(200, keys("id"));
    assert_eq!(ecs.outcome(), "default/profile/ecs_ram_role Sts id");
    let oidc = "type = oidc_role_arn\nrole_arn = arn\noidc_provider_arn = arn\noidc_token_file_path = /token";
    let oidc = section(oidc).with_file("/token", TOKEN).with_answer(200, sts("id"));
    assert_eq!(oidc.outcome(), "default/profile/oidc_role_arn Sts id");
    let role = format!("type = ram_role_arn\n{}role_arn = arn\nrole_session_name = me\npolicy = {{\"a\": 1}}", pair());
    let role = section(&role).with_answer(200, sts("id"));
    assert_eq!(role.outcome(), "default/profile/ram_role_arn/static_ak Sts id");
    assert!(role.requests().ends_with("RoleSessionName=me"), "{}", role.requests());
    assert!(role.requests().contains("Policy=%7B%22a%22%3A%201%7D&"), "{}", role.requests());
}

/// The AccessKey id and secret that a file gives.
fn read(text: &str) -> (String, String) {
    let chain = World::new().with_file(PATH, text).chain();
    let credential = now(crate::Credentials::credential(&chain)).unwrap();
    let crate::credential::Identity::Keyed { id, secret, .. } = credential.identity() else { panic!("no pair") };
    (id.clone(), secrecy::ExposeSecret::expose_secret(secret).to_owned())
}

#[test]
fn values_are_taken_as_they_are_written() {
    let text =
        "\u{feff}# a note\r\n[default]\r\ntype=access_key\r\naccess_key_id=id\r\naccess_key_secret=a#b;c\\d\"e'=:f\r\n";
    assert_eq!(read(text), ("id".to_owned(), "a#b;c\\d\"e'=:f".to_owned()));
    let quoted = "[default]\ntype=access_key\naccess_key_id='id'\naccess_key_secret=\"s\"";
    assert_eq!(read(quoted), ("'id'".to_owned(), "\"s\"".to_owned()));
}

/// A reader that goes on to the next sign would take such a comment, and the line below it, for one key.
#[test]
fn a_comment_may_be_indented_or_follow_a_section() {
    let text =
        "[default] # mine\n  # type=sts\n\t;\ntype=access_key\n  # the id\naccess_key_id=id\naccess_key_secret=s";
    assert_eq!(read(text), ("id".to_owned(), "s".to_owned()));
}

#[test]
fn what_comes_twice_is_no_concern_where_it_is_not_used() {
    let text = format!("[a]\nx=1\nx=2\n[default]\ntype=access_key\nx=1\nx=2\n{}[a]\n", pair());
    assert_eq!(World::new().with_file(PATH, text).outcome(), "default/profile/static_ak AccessKey id");
}

#[test]
fn lines_may_be_laid_out_in_many_ways() {
    let expected = ("id".to_owned(), "secret".to_owned());
    for text in [
        "[default]\ntype = access_key\naccess_key_id = id\naccess_key_secret = secret\n",
        "[default]\ntype:access_key\naccess_key_id: id\naccess_key_secret :\tsecret",
        "\n\n[ default ]\n\n  type=access_key\n\taccess_key_id=id\n \n access_key_secret=secret  \n\n",
        "[default]\r\ntype=access_key\r\n\r\naccess_key_id=id\r\naccess_key_secret=secret",
        "[default]\rtype=access_key\raccess_key_id=id\raccess_key_secret=secret\r",
        "; one\n[default]\n# access_key_id=no\ntype=access_key\n;[other]\naccess_key_id=id\n#\naccess_key_secret=secret\n# end",
        "type=sts\nalone=1\n[a]\naccess_key_id=no\n[default]\naccess_key_secret=secret\ntype=access_key\naccess_key_id=id\n[b]\ntype=sts",
        "[default]\ntype=access_key\nempty=\naccess_key_id=id\naccess_key_secret=secret\nACCESS_KEY_ID=other\n名=值",
    ] {
        assert_eq!(read(text), expected, "{text:?}");
    }
}

#[test]
fn file_and_section_are_chosen_by_the_environment() {
    let text = format!("[other]\ntype=access_key\n{}", pair());
    let other = |world: World| world.with_var("PROFILE", "other").outcome();
    assert_eq!(other(World::new().with_file(PATH, text.as_str())), "default/profile/static_ak AccessKey id");
    let ini = World::new().with_file("/home/ada/.alibabacloud/credentials.ini", text.as_str());
    assert_eq!(other(ini), "default/profile/static_ak AccessKey id");
    let named = World::new().with_file("/keys", text.as_str()).with_var("CREDENTIALS_FILE", "/keys");
    assert_eq!(other(named), "default/profile/static_ak AccessKey id");
}

#[test]
fn mistakes_are_named_and_not_quoted() {
    let texts = [
        section("access_key_id=id"),
        section("type=rsa_key_pair"),
        section("type=access_key\naccess_key_id=id\naccess_key_secret="),
        section("type=access_key\naccess_key_id=id\naccess_key_secret=5ecret word"),
        section("type=sts\naccess_key_id=id\naccess_key_secret=5ecret"),
        section(&format!("type=ram_role_arn\n{}", pair())),
        section("type=access_key\n5ecret without a sign\naccess_key_id=id"),
        section("=5ecret"),
        World::new().with_file(PATH, "[unclosed\n5ecret=1"),
        World::new().with_file(PATH, "\r\n# a note\r\n[default] 5ecret\r\n"),
        section("access_key_secret=5ecret\ntype=access_key\n\naccess_key_id=id\naccess_key_secret=5ecret2"),
        section("type=access_key\n[a]\n[default]\ntype=sts"),
    ]
    .map(|world| world.outcome());
    assert!(!texts.join("\n").contains("5ecret"), "{texts:?}");
    insta::assert_snapshot!(texts.join("\n"), @r#"
    type is missing from the section [default] of /home/ada/.alibabacloud/credentials: add it to the section
    type "rsa_key_pair" of the section [default] of /home/ada/.alibabacloud/credentials is not supported: use access_key, sts, ram_role_arn, oidc_role_arn or ecs_ram_role
    access_key_secret is missing from the section [default] of /home/ada/.alibabacloud/credentials: add it to the section
    credentials from the section [default] of /home/ada/.alibabacloud/credentials could not be obtained: AccessKey secret holds white space, perhaps a line end that was copied with it: copy it again, exactly as the console or STS shows it
    security_token is missing from the section [default] of /home/ada/.alibabacloud/credentials: add it to the section
    role ARN is missing from the section [default] of /home/ada/.alibabacloud/credentials: name the role, as acs:ram::<account>:role/<name>
    credentials from /home/ada/.alibabacloud/credentials could not be obtained: line 3 is no section, no comment and not key = value
    credentials from /home/ada/.alibabacloud/credentials could not be obtained: line 2 is no section, no comment and not key = value
    credentials from /home/ada/.alibabacloud/credentials could not be obtained: line 1 begins a section and is not [name]
    credentials from /home/ada/.alibabacloud/credentials could not be obtained: line 3 begins a section and is not [name]
    credentials from the section [default] of /home/ada/.alibabacloud/credentials could not be obtained: lines 2 and 6 both set access_key_secret: remove one of them
    credentials from /home/ada/.alibabacloud/credentials could not be obtained: line 4 begins the section of line 1 again: make them one section
    "#);
}

#[test]
fn a_line_that_would_swallow_the_next_is_refused_and_shows_no_secret() {
    let outcome = section("type = rsa_key_pair\\\nprivate_key = 5ecret").outcome();
    insta::assert_snapshot!(outcome, @"credentials from /home/ada/.alibabacloud/credentials could not be obtained: line 2 ends in a backslash: remove it");
    assert!(section("type = x\\\r\nprivate_key = 5ecret").outcome().contains("line 2 ends in a backslash"));
    assert_eq!(
        section(&format!("# C:\\\ntype = access_key\n{}", pair())).outcome(),
        "default/profile/static_ak AccessKey id"
    );
}

#[test]
fn other_sections_alone_are_not_configured() {
    let report = World::new().with_file(PATH, "[other]\ntype=access_key").explain();
    insta::assert_snapshot!(report.lines().nth(3).unwrap(), @"credentials file: skipped, the credentials file holds no credentials: /home/ada/.alibabacloud/credentials has no section [default]");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        prop_assert!(!World::new().with_file(PATH, text).outcome().is_empty());
    }

    #[test]
    fn ini_like_text_is_read_or_refused(text in "(\\[|\\]|default|type|=|:|#|;|\\\\|\"|'|\n|\r| |access_key|x)*") {
        let outcome = section(&text).outcome();
        prop_assert!(!outcome.is_empty());
    }
}
