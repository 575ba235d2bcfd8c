//! Calls that were recorded with the official Python SDK, made through the client.

use std::path::Path;

#[tokio::test]
async fn every_recorded_call_goes_out_alike_and_its_answer_survives() {
    let cases = conformance::cases::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")).unwrap();
    assert_eq!(cases.len(), 56);
    let failures = conformance::cases::check(&cases).await;
    assert!(failures.is_empty(), "{failures:#?}");
}
