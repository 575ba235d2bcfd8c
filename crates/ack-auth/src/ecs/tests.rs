use crate::stand_ins::{World, keys};

fn world() -> World {
    World::new()
}

#[test]
fn the_role_is_found_with_a_session_token() {
    let world = world().with_answer(200, "t0ken").with_answer(200, "node-role\n").with_answer(200, keys("id"));
    assert_eq!(world.outcome(), "default/ecs_ram_role Sts id");
    insta::assert_snapshot!(world.requests(), @r"
    PUT http://100.100.100.200/latest/api/token [x-aliyun-ecs-metadata-token-ttl-seconds: 21600]
    GET http://100.100.100.200/latest/meta-data/ram/security-credentials/ [x-aliyun-ecs-metadata-token: t0ken]
    GET http://100.100.100.200/latest/meta-data/ram/security-credentials/node-role [x-aliyun-ecs-metadata-token: t0ken]
    ");
}

#[test]
fn the_credential_names_the_role() {
    let world = world().with_answer(200, "t0ken").with_answer(200, "node-role\n").with_answer(200, keys("id"));
    let credential = crate::ready::now(crate::Credentials::credential(&world.chain())).unwrap();
    assert_eq!(credential.role(), Some("node-role"));
}

#[test]
fn a_named_role_is_not_looked_up_and_encoded() {
    let world = world().with_var("ECS_METADATA", "a/../b").with_answer(200, "t0ken").with_answer(200, keys("id"));
    assert_eq!(world.outcome(), "default/ecs_ram_role Sts id");
    assert!(world.requests().contains("/security-credentials/a%2F..%2Fb ["), "{}", world.requests());
}

#[test]
fn version_1_stands_in_unless_it_is_disabled() {
    let no_token = world().with_no_answer().with_answer(200, "role").with_answer(200, keys("id"));
    assert_eq!(no_token.outcome(), "default/ecs_ram_role Sts id");
    assert!(!no_token.requests().contains("metadata-token:"));
    let refused_token = world()
        .with_var("ECS_METADATA", "role")
        .with_answer(200, "t0ken")
        .with_answer(403, "")
        .with_answer(200, keys("id"));
    assert_eq!(refused_token.outcome(), "default/ecs_ram_role Sts id");
    let strict = |world: World| world.with_var("IMDSV1_DISABLED", "true");
    let texts = [
        strict(world()).with_answer(403, ""),
        strict(world()).with_answer(200, "two words"),
        strict(world()).with_var("ECS_METADATA", "role").with_answer(200, "t0ken").with_answer(403, ""),
    ]
    .map(|world| world.outcome());
    insta::assert_snapshot!(texts.join("\n"), @r#"
    credentials from the ECS metadata service could not be obtained: it answered with HTTP status 403 for a token
    credentials from the ECS metadata service could not be obtained: it gave no usable token
    credentials from the ECS metadata service could not be obtained: it answered with HTTP status 403 for the role "role"
    "#);
}

#[test]
fn without_a_name_an_absent_service_is_passed_over_and_with_one_it_is_an_error() {
    let absent = [
        world().with_no_answer().with_no_answer(),
        world().with_answer(404, "").with_answer(404, ""),
        world().with_answer(200, "t0ken").with_answer(404, ""),
        world().with_answer(200, "<html>").with_answer(200, "<html> sign in"),
        world().with_answer(200, "t0ken").with_answer(200, " \n"),
        world().with_var("ECS_METADATA_DISABLED", "true").with_var("ECS_METADATA", "role"),
    ];
    let line = |world: World| {
        let text = world.explain();
        text.lines().nth(4).unwrap().to_owned()
    };
    insta::assert_snapshot!(absent.map(line).join("\n"), @r"
    ECS RAM role: skipped, the ECS metadata service holds no credentials: it did not answer (connection refused); on an ECS instance, attach a RAM role to it
    ECS RAM role: skipped, the ECS metadata service holds no credentials: the instance has no RAM role; on an ECS instance, attach a RAM role to it
    ECS RAM role: skipped, the ECS metadata service holds no credentials: the instance has no RAM role; on an ECS instance, attach a RAM role to it
    ECS RAM role: skipped, the ECS metadata service holds no credentials: what answers at its address names no RAM role; on an ECS instance, attach a RAM role to it
    ECS RAM role: skipped, the ECS metadata service holds no credentials: what answers at its address names no RAM role; on an ECS instance, attach a RAM role to it
    ECS RAM role: skipped, the ECS metadata service holds no credentials: unset ALIBABA_CLOUD_ECS_METADATA_DISABLED to use the role of the instance
    ");
    let broken = [
        world().with_var("ECS_METADATA", "role"),
        world().with_var("ECS_METADATA", "role").with_answer(200, "t0ken").with_answer(404, ""),
        world().with_answer(200, "t0ken").with_answer(500, "").with_answer(500, ""),
        world().with_answer(200, "t0ken").with_answer(200, "role").with_answer(200, "<html>"),
        world().with_answer(200, "t0ken").with_answer(200, "role").with_answer(200, r#"{"Code":"Failed"}"#),
    ];
    insta::assert_snapshot!(broken.map(line).join("\n"), @r#"
    ECS RAM role: broken, credentials from the ECS metadata service could not be obtained: it did not answer (no route to host)
    ECS RAM role: broken, credentials from the ECS metadata service could not be obtained: it answered with HTTP status 404 for the role "role"
    ECS RAM role: broken, credentials from the ECS metadata service could not be obtained: it answered with HTTP status 500 for the name of the role
    ECS RAM role: broken, credentials from the ECS metadata service could not be obtained: its answer is not JSON (line 1, column 1)
    ECS RAM role: broken, credentials from the ECS metadata service could not be obtained: it answered with the code Failed
    "#);
}
