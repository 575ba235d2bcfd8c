//! Which rows are measured.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::rows;

/// All rows, or those that were asked for.
#[derive(Debug)]
pub(super) struct Choice(Option<BTreeSet<&'static str>>);

impl Choice {
    /// The rows whose names hold one of the words, in any case; without words all of them.
    ///
    /// # Errors
    ///
    /// A word that no name holds, with the names there are.
    pub(super) fn of(words: &[String]) -> Result<Self> {
        if words.is_empty() {
            return Ok(Self(None));
        }
        let mut chosen = BTreeSet::new();
        for word in words {
            let holding: Vec<&str> = rows::names().filter(|(_, name)| holds(name, word)).map(|(id, _)| id).collect();
            if holding.is_empty() {
                let names: Vec<String> = rows::names().map(|(_, name)| name).collect();
                bail!("no row's name holds {word:?}; the rows are\n  {}", names.join("\n  "));
            }
            chosen.extend(holding);
        }
        Ok(Self(Some(chosen)))
    }

    pub(super) fn is_all(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.0.as_ref().is_none_or(|chosen| chosen.contains(id))
    }

    pub(super) fn has_any(&self, ids: &[&str]) -> bool {
        ids.iter().any(|id| self.has(id))
    }

    /// Whether a row is chosen whose id begins like this.
    pub(super) fn has_some_of(&self, group: &str) -> bool {
        self.0.as_ref().is_none_or(|chosen| chosen.iter().any(|id| id.starts_with(group)))
    }

    /// What tells the programs of `bench/` to measure no other rows.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut ids = self.0.clone().unwrap_or_default();
        if self.0.is_some() && self.has_any(&super::CALLED) {
            // Their own side is that of this row.
            ids.insert("call/reqwest");
        }
        if self.0.is_some() && self.has_some_of("growth/time/") {
            // What they stand beside where they miss.
            ids.insert(rows::STRICT_GROWTH);
        }
        ids.iter().map(|id| format!("--row={id}")).collect()
    }
}

fn holds(name: &str, word: &str) -> bool {
    name.to_lowercase().contains(&word.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Result<Choice> {
        Choice::of(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn rows_are_chosen_by_any_part_of_their_names() {
        let sdks = of(&["python sdk", "TypeScript"]).unwrap();
        assert_eq!(
            sdks.arguments(),
            ["--row=call/python", "--row=call/reqwest", "--row=call/typescript", "--row=process/status"]
        );
        assert!(
            !sdks.is_all() && !sdks.has("call/reqwest") && sdks.has_some_of("call/") && !sdks.has_some_of("decode/")
        );
        let build = of(&["clean release build"]).unwrap();
        assert!(build.has("build/clean") && !build.has_any(&["build/incremental", "size", "signing"]));
    }

    #[test]
    fn without_a_word_every_row_is_measured() {
        let all = of(&[]).unwrap();
        assert!(all.is_all() && all.arguments().is_empty() && rows::names().all(|(id, _)| all.has(id)));
    }

    #[test]
    fn a_word_that_no_row_holds_is_refused_with_the_names() {
        let error = of(&["signing", "sinning"]).unwrap_err().to_string();
        assert!(error.starts_with("no row's name holds \"sinning\"; the rows are\n  one signed call"), "{error}");
        assert!(error.contains("\n  signing one request, beside two SHA-256 and one HMAC\n"), "{error}");
    }
}
