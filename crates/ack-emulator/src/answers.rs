//! Answers as the API reference prints them, for operations whose printed sample says more than an example made up from
//! the catalogue does: real keys in a map, entries that belong together. A sample that does not fit the declared types
//! and values, such as one with numbers as text, has no place here.

use serde_json::Value;

/// The samples by operation.
static SAMPLES: &[(&str, &str)] = &[
    ("DescribeAddons", include_str!("answers/DescribeAddons.json")),
    ("DescribeUserQuota", include_str!("answers/DescribeUserQuota.json")),
];

/// The printed answer of an operation, if there is a good one.
pub(crate) fn sample(operation_id: &str) -> Option<Value> {
    let (_, text) = SAMPLES.iter().find(|(id, _)| *id == operation_id)?;
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use ack_models::catalogue::Catalogue;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_sample_is_an_answer_of_its_operation() {
        for (id, text) in SAMPLES {
            // Only inputs can be checked, so the answer is taken for the body of a like operation.
            let mut catalogue = Catalogue::get().clone();
            let operation = catalogue.operations.get_mut(*id).unwrap();
            operation.path_parameters.clear();
            operation.query = None;
            operation.body = Some(operation.answer.clone().unwrap());
            let sample: Value = serde_json::from_str(text).unwrap();
            assert_eq!(catalogue.check(id, &json!({"body": sample})), [], "{id}");
            assert_eq!(super::sample(id), Some(sample));
        }
        assert_eq!(sample("DescribeClusterDetail"), None);
    }
}
