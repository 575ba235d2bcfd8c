//! The generator against its golden document, and against documents it has to refuse.

use std::path::Path;

use super::*;

const ROOT: &str = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\nx-areas: [a]\n";

/// Generates from a spec made of the root above and one area file; answers the error as text.
fn refusal(area: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("openapi.yaml"), ROOT).unwrap();
    std::fs::write(folder.path().join("a.yaml"), area).unwrap();
    match generate_from(folder.path()) {
        Ok(files) => format!("generated {} files", files.len()),
        Err(error) => format!("{error:#}").replace(&folder.path().display().to_string(), "spec"),
    }
}

fn generate_from(folder: &Path) -> Result<emit::Files> {
    files(&Target { spec: folder.to_owned(), ..Target::golden(&workspace_root()?) })
}

fn operation(rest: &str) -> String {
    format!(
        "paths:\n  /things/{{id}}:\n    get:\n      operationId: GetThing\n      summary: Reads a thing.\n{rest}\
         components:\n  schemas:\n    Thing:\n      type: object\n      description: A thing.\n      properties:\n        \
         name: {{type: string, description: Its name.}}\n"
    )
}

const PARAMETER: &str =
    "      parameters: [{name: id, in: path, required: true, description: Which., schema: {type: string}}]\n";
const ANSWER: &str = "      responses: {'2XX': {description: ok, content: {application/json: {schema: {$ref: \
                      '#/components/schemas/Thing'}}}}}\n";

#[test]
fn the_golden_output_is_what_is_generated() {
    let root = workspace_root().unwrap();
    let target = Target::golden(&root);
    let diff = emit::diff(&files(&target).unwrap(), &target.folders(), &root).unwrap();
    assert!(diff.is_empty(), "{diff}\nrun `cargo xtask codegen --golden`");
}

#[test]
fn the_api_is_fresh_and_generation_is_deterministic() {
    let root = workspace_root().unwrap();
    let target = Target::api(&root);
    let first = files(&target).unwrap();
    assert_eq!(first, files(&target).unwrap());
    let diff = emit::diff(&first, &target.folders(), &root).unwrap();
    assert!(diff.is_empty(), "{diff}\nrun `cargo xtask codegen`");
}

#[test]
fn a_stale_file_shows_as_a_diff() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.rs");
    std::fs::write(&path, "old\n").unwrap();
    std::fs::write(folder.path().join("gone.rs"), "").unwrap();
    let files = emit::Files::from([(path, "new\n".to_owned())]);
    let diff = emit::diff(&files, &[folder.path()], folder.path()).unwrap();
    insta::assert_snapshot!(diff, @r"
    --- a.rs (as it is)
    +++ a.rs (as generated)
    @@ -1 +1 @@
    -old
    +new
    gone.rs: no longer generated
    ");
    emit::write(&files, &[folder.path()]).unwrap();
    assert_eq!(emit::diff(&files, &[folder.path()], folder.path()).unwrap(), "");
}

#[test]
fn a_complete_document_is_generated() {
    assert_eq!(refusal(&operation(&format!("{PARAMETER}{ANSWER}"))), "generated 6 files");
}

#[test]
fn mistakes_in_the_spec_are_named() {
    let declared = format!("{PARAMETER}{ANSWER}");
    let cases = [
        ("undeclared path parameter", operation(ANSWER)),
        ("two answers", operation(&declared.replace("'2XX': {", "'204': {description: none}, '200': {"))),
        ("unknown schema", operation(&declared.replace("schemas/Thing", "schemas/Thong"))),
        ("unused schema", operation(&declared) + "    Spare: {type: object, properties: {}}\n"),
        ("unfit schema name", operation(&declared).replace("Thing'", "ThingID'").replace("    Thing:", "    ThingID:")),
        (
            "clashing enum values",
            operation(&declared)
                .replace("{type: string, description: Its name.}", "{type: string, enum: [a b, a-b], description: x}"),
        ),
        (
            "described value that is none",
            operation(&declared).replace(
                "{type: string, description: Its name.}",
                "{type: string, enum: [a], x-enum-descriptions: {b: x}}",
            ),
        ),
        ("not YAML", "paths: [".to_owned()),
    ];
    let report: String = cases.iter().map(|(name, area)| format!("{name}: {}\n", refusal(area))).collect();
    insta::assert_snapshot!(report);
}

#[test]
fn an_area_file_that_is_not_listed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("openapi.yaml"), ROOT).unwrap();
    std::fs::write(folder.path().join("a.yaml"), "{}").unwrap();
    std::fs::write(folder.path().join("forgotten.yaml"), "{}").unwrap();
    let error = generate_from(folder.path()).unwrap_err().to_string();
    assert!(error.contains("forgotten.yaml is not listed under `x-areas`"), "{error}");
}

/// The YAML blocks of CONTRIBUTING.md: a field, and an operation with its schemas.
fn contributed() -> (serde_json::Value, serde_json::Value) {
    let guide = std::fs::read_to_string(workspace_root().unwrap().join("CONTRIBUTING.md")).unwrap();
    let mut blocks = guide.split("```yaml\n").skip(1).map(|rest| {
        let block = rest.split("```").next().unwrap();
        serde_norway::from_str::<serde_json::Value>(block).unwrap()
    });
    (blocks.next().unwrap(), blocks.next().unwrap())
}

#[test]
fn a_strangers_change_takes_one_file_and_one_command() {
    let root = workspace_root().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(root.join("spec")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    // Exactly the file the guide names is changed.
    let file = folder.path().join("tags.yaml");
    let mut area = document::read_yaml(&file).unwrap();
    let (field, operation) = contributed();
    for (path, item) in operation["paths"].as_object().unwrap() {
        area["paths"][path] = item.clone();
    }
    for (name, schema) in operation["components"]["schemas"].as_object().unwrap() {
        area["components"]["schemas"][name] = schema.clone();
    }
    area["components"]["schemas"]["ListTagResourcesResponse"]["properties"]["scope"] = field["scope"].clone();
    // JSON is YAML.
    std::fs::write(&file, serde_json::to_string(&area).unwrap()).unwrap();

    let out = folder.path().join("out");
    let target = Target {
        spec: folder.path().to_owned(),
        models: out.join("models"),
        client: out.join("client"),
        ..Target::api(&root)
    };
    let files = files(&target).unwrap();
    let text = |path: &str| files[&out.join(path)].as_str();
    for (path, expected) in [
        ("models/tags.rs", "pub scope: Option<String>"),
        ("models/tags.rs", "/// Who sees the tag. Absent for tags that everybody sees."),
        ("models/tags.rs", "pub struct DescribeTagHistoryQuery"),
        ("models/tags.rs", "/// Changes a page. From 1 to 100. Default: `50`."),
        ("models/tags.rs", "pub changes: Vec<TagChange>"),
        ("models/operations.rs", "pub static DESCRIBE_TAG_HISTORY: Operation"),
        ("models/catalogue.json", "\"DescribeTagHistory\":"),
        ("client/tags.rs", "pub async fn describe_tag_history("),
        ("client/by_name.rs", "\"DescribeTagHistory\" =>"),
    ] {
        assert!(text(path).contains(expected), "{path} lacks {expected:?}");
    }
}

#[test]
fn mistakes_in_paging_are_named() {
    let area = |paging: &str| {
        "paths:\n  /things:\n    get:\n      operationId: ListThings\n      summary: Lists things.\n      x-paging: {PAGING}\n      \
         parameters:\n        - {name: page, in: query, description: Which page., schema: {type: integer}}\n        \
         - {name: size, in: query, description: Things a page., schema: {type: integer}}\n        \
         - {name: all, in: query, description: Everything., schema: {type: boolean}}\n        \
         - {name: region, in: query, required: true, description: Where., schema: {type: string}}\n        \
         - {name: token, in: query, description: What comes next., schema: {type: string}}\n      \
         responses: {'2XX': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Things'}}}}}\n\
         components:\n  schemas:\n    Things:\n      type: object\n      description: Things.\n      properties:\n        \
         things: {type: array, description: The things., items: {type: string}}\n        \
         next: {type: string, description: What comes next.}\n        \
         info: {type: object, description: The place., properties: {page_number: {type: integer, description: Which.}, \
         page_size: {type: integer, description: How many.}, total_count: {type: integer, description: Of how many.}}}\n        \
         other: {type: object, description: A place., properties: {page_number: {type: string, description: Which.}}}\n"
            .replace("{PAGING}", &format!("{{{paging}}}"))
    };
    let pages = "style: page, items: things, number: page, size: size, info: info";
    let tokens = "style: token, items: things, token: token, answer_token: next";
    let cases = [
        pages.to_owned(),
        tokens.to_owned(),
        pages.replace("style: page", "style: book"),
        pages.replace(", info: info", ""),
        format!("{tokens}, size: size"),
        pages.replace("number: page", "number: pages"),
        pages.replace("size: size", "size: all"),
        tokens.replace("token: token", "token: region"),
        tokens.replace("token: token", "token: page"),
        format!("{tokens}, limit: sizes"),
        pages.replace("items: things", "items: next"),
        pages.replace("items: things", "items: info.things"),
        pages.replace("items: things", "items: next.things"),
        pages.replace("info: info", "info: where"),
        pages.replace("info: info", "info: other"),
        tokens.replace("next", "info"),
        tokens.replace(", answer_token: next", ""),
    ];
    let report: String = cases.iter().map(|paging| format!("{paging}\n  {}\n", refusal(&area(paging)))).collect();
    insta::assert_snapshot!(report);
}
