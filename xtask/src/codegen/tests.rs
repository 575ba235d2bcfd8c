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
