//! From the settings of a fault to what it does.

use serde_json::{Map, Value};

use super::effect::{Effect, StallAt, When};
use super::kinds::{self, Strikes};
use super::target::{self, Target};
use crate::form::{Fields, Problems, Tagged};

/// The forms of all faults.
pub(crate) static FAULTS: Tagged = Tagged { tag: "fault", noun: "fault", kinds: kinds::tagged, shared: target::KEYS };

/// A fault ready to strike.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub(crate) name: &'static str,
    pub(crate) effect: Effect,
    pub(crate) when: When,
    pub(crate) target: Target,
}

/// Makes a fault of its settings. `path` is where they stand; empty for a fault on its own.
pub(crate) fn compile(settings: &Map<String, Value>, path: &str) -> Result<Compiled, Problems> {
    let mut problems = Problems::default();
    FAULTS.check(path, &Value::Object(settings.clone()), &mut problems);
    let mut problems = match problems.none_or(()) {
        Ok(()) => Problems::default(),
        Err(problems) => return Err(problems),
    };
    let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
    let fields = Fields::of(settings);
    let name = fields.text("fault").unwrap_or_default();
    let Some(kind) = kinds::all().find(|kind| kind.name == name) else {
        problems.add(format_args!("{prefix}fault"), "is no fault there is");
        return Err(problems);
    };
    let target = Target::read(fields, &prefix, kind.name == "retired", &mut problems);
    let effect = match (kind.make)(fields) {
        Ok(effect) => effect,
        Err((key, problem)) => {
            problems.add(format_args!("{prefix}{key}"), problem);
            return Err(problems);
        }
    };
    // The head and the half of an answer are there only once there is an answer.
    let strikes = match effect {
        Effect::Stall { at: StallAt::Head | StallAt::Half, .. } => Strikes::TheAnswer,
        _ => kind.strikes,
    };
    let asked = fields.text("when").map(|word| if word == "after" { When::After } else { When::Before });
    let when = asked.unwrap_or(strikes.default());
    if strikes != Strikes::InPlaceOfTheAnswer && when != strikes.default() {
        let problem = match when {
            When::Before => "is \"before\", but this fault needs the answer: leave it out",
            When::After => "is \"after\", but this fault waits for the request: leave it out",
        };
        problems.add(format_args!("{prefix}when"), problem);
    }
    problems.none_or(Compiled { name: kind.name, effect, when, target })
}
