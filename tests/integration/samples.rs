//! The documented samples, decoded into their models and snapshotted.

use std::path::{Path, PathBuf};

use ack_client::decode_answer;
use ack_codec::{Decoder, Format, Root};
use ack_models::GetUpgradeStatusResponse;
use conformance::samples::{check, known_disagreements, read};
use serde::de::DeserializeOwned;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

fn decode<T: DeserializeOwned>(name: &str) -> T {
    let format = if name.ends_with(".xml") { Format::Xml } else { Format::Json };
    let bytes = std::fs::read(folder().join(name)).unwrap();
    let decoded = Decoder::new(format).decode::<T>(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(decoded.drift.is_empty(), "{name}: {:?}", decoded.drift);
    decoded.value
}

#[test]
fn every_sample_decodes_and_pairs_agree() {
    let files = read(&folder()).unwrap();
    assert_eq!(files.len(), 119);
    let failures = check(&files, &known_disagreements().unwrap());
    assert!(failures.is_empty(), "{failures:#?}");
}

/// One snapshot for each JSON sample; the XML of the pair gives the same value but for the written-down disagreements.
#[test]
fn every_sample_gives_the_model_it_gave() {
    for (name, bytes) in read(&folder()).unwrap() {
        let Some(stem) = name.strip_suffix(".json") else { continue };
        let operation = stem.split('.').next().unwrap();
        if let Ok(answer) = decode_answer(operation, Format::Json, &bytes) {
            insta::assert_json_snapshot!(stem.replace('.', "_"), answer.value);
        }
    }
}

/// The reconstructed samples are printed nowhere; they hold the fields that no printed sample has.
#[test]
fn reconstructed_samples_decode_without_drift() {
    for (name, bytes) in read(&folder().join("reconstructed")).unwrap() {
        let operation = name.split('.').next().unwrap();
        let answer = decode_answer(operation, Format::Json, &bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(answer.drift.is_empty(), "{name}: {:?}", answer.drift);
        insta::assert_json_snapshot!(format!("reconstructed_{operation}"), answer.value);
    }
}

#[test]
fn the_samples_of_get_upgrade_status_decode_to_one_value() {
    let names = ["GetUpgradeStatus.3.json", "GetUpgradeStatus.3.xml", "GetUpgradeStatus.4.xml"];
    let values = names.map(decode::<GetUpgradeStatusResponse>);
    assert_eq!(values[0], values[1]);
    assert_eq!(values[0], values[2]);
}

#[test]
fn a_decoded_sample_encodes_to_the_same_value_in_both_formats() {
    let value: GetUpgradeStatusResponse = decode("GetUpgradeStatus.3.json");
    for (name, format, root) in [
        ("json", Format::Json, Root::Fragment),
        ("xml_fragment", Format::Xml, Root::Fragment),
        ("xml_rooted", Format::Xml, Root::Named("GetUpgradeStatusResponse")),
    ] {
        let body = ack_codec::encode(format, root, &value).unwrap();
        insta::assert_snapshot!(format!("encoded_{name}"), String::from_utf8(body.clone()).unwrap());
        assert_eq!(ack_codec::decode::<GetUpgradeStatusResponse>(format, &body).unwrap(), value);
    }
}
