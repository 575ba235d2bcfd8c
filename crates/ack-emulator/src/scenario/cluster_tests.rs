//! The tables of scenario files against the types that read them.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::cluster::{self, KEYS};
use super::{DURATIONS, LAG};
use crate::form::{Form, Key};
use crate::{
    AddonSeed, ClusterSeed, Effect, Finding, Incident, Lag, NodePoolSeed, NodeTrouble, PlanSeed, TaskSeed,
    UpgradeDurations, Wording,
};

/// The names that a type takes, as it says itself when it is given another.
fn taken<T: DeserializeOwned>(probe: Value) -> BTreeSet<String> {
    let error = serde_json::from_value::<T>(probe).err().unwrap().to_string();
    let (_, names) = error.split_once(", expected").unwrap_or_else(|| panic!("{error}"));
    names.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

fn fields<T: DeserializeOwned>() -> BTreeSet<String> {
    taken::<T>(json!({"?": {}}))
}

fn names(keys: &[Key]) -> BTreeSet<String> {
    keys.iter().map(|key| key.name.to_owned()).collect()
}

/// The keys below a key, whatever stands between.
fn below(keys: &'static [Key], name: &str) -> &'static [Key] {
    match &keys.iter().find(|key| key.name == name).unwrap().form {
        Form::Object(keys) | Form::Objects(keys) | Form::Variant(keys) => keys,
        _ => panic!("{name} has no keys"),
    }
}

#[test]
fn the_tables_have_every_setting_of_the_seeds_and_no_other() {
    assert_eq!(names(KEYS), fields::<ClusterSeed>());
    let pool = below(KEYS, "node_pools");
    assert_eq!(names(pool), fields::<NodePoolSeed>());
    assert_eq!(names(below(below(pool, "troubles"), "trouble")), fields::<NodeTrouble>());
    assert_eq!(names(below(KEYS, "addons")), fields::<AddonSeed>());
    assert_eq!(names(below(KEYS, "findings")), fields::<Finding>());
    let incident = below(KEYS, "incidents");
    assert_eq!(names(incident), fields::<Incident>());
    assert_eq!(names(below(incident, "effect")), fields::<Effect>());
    let Form::Word(stages) = incident[0].form else { panic!("a stage is a word") };
    let stages: BTreeSet<String> = stages.iter().map(ToString::to_string).collect();
    assert_eq!(stages, taken::<crate::UpgradeStage>(json!("?")));
    assert_eq!(names(below(KEYS, "tasks")), fields::<TaskSeed>());
    assert_eq!(names(below(KEYS, "operation_plans")), fields::<PlanSeed>());
    assert_eq!(names(below(KEYS, "wording")), fields::<Wording>());
    assert_eq!(names(DURATIONS), fields::<UpgradeDurations>());
    assert_eq!(names(LAG), fields::<Lag>());
}

/// A value that fits a form; `turn` chooses among several.
fn example(form: &Form, turn: usize) -> Value {
    let object =
        |keys: &[Key]| Value::Object(keys.iter().map(|key| (key.name.to_owned(), example(&key.form, turn))).collect());
    match form {
        Form::Text | Form::AnyText | Form::Secret => "1.30.7-aliyun.1".into(),
        Form::Texts | Form::TextList => json!(["text"]),
        Form::TextMap => json!({"running": "at work"}),
        Form::Flag => true.into(),
        Form::Whole(least, _) => (*least).into(),
        Form::WholeOf(numbers) => numbers[0].into(),
        Form::Number(_, most) => (*most).into(),
        Form::Duration | Form::Shift => "1m 30s".into(),
        Form::Word(words) => words[turn % words.len()].into(),
        Form::Nothing => Value::Null,
        Form::Object(keys) => object(keys),
        Form::Objects(keys) => json!([object(keys)]),
        Form::Variant(kinds) => {
            let kind = &kinds[turn % kinds.len()];
            if matches!(kind.form, Form::Nothing) {
                kind.name.into()
            } else {
                json!({kind.name: example(&kind.form, turn)})
            }
        }
        Form::Tagged(_) => json!([]),
    }
}

#[test]
fn what_fits_the_tables_is_read_in_every_variant() {
    for turn in 0..12 {
        let example = example(&Form::Object(KEYS), turn);
        let mut problems = crate::form::Problems::default();
        crate::form::check(KEYS, "", &example, &mut problems);
        assert_eq!(problems.to_string(), "");
        cluster::read::<ClusterSeed>(example).unwrap();
    }
    cluster::read::<UpgradeDurations>(example(&Form::Object(DURATIONS), 0)).unwrap();
    cluster::read::<Lag>(example(&Form::Object(LAG), 0)).unwrap();
}
