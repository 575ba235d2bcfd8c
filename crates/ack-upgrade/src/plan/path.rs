//! The way from one version to another, one minor version at a time.

use std::collections::{BTreeMap, BTreeSet};

use super::Target;
use crate::error::Error;
use crate::version::Version;

/// What the service offers, by the version it can be upgraded from.
pub(super) type Offers = BTreeMap<String, Vec<String>>;

/// More questions than any real way takes.
const MOST_QUESTIONS: usize = 40;

/// What to do to find the way.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Search {
    /// Ask what this version can be upgraded to.
    Ask(String),
    /// The versions after the present one, in order; none if it is reached already.
    Found(Vec<String>),
}

/// Takes the search one question further, from all answers so far.
///
/// Of the versions known to be reachable the newest is looked at first, so hops are as wide as they may be.
pub(super) fn search(current: &str, target: &Target, offers: &Offers) -> Result<Search, Error> {
    let Some(start) = Version::parse(current) else {
        return Err(Error::refused(format!("the version of the cluster, {current:?}, is not understood")));
    };
    let bound = bound(current, target)?;
    let mut parents: BTreeMap<(Version, String), Option<String>> = BTreeMap::new();
    parents.insert((start.clone(), current.to_owned()), None);
    let mut expanded: BTreeSet<String> = BTreeSet::new();
    let asked = |version: &String| offers.contains_key(version);
    loop {
        if let Target::Version(wanted) = target
            && let Some((goal, _)) = parents.keys().find(|(_, text)| text == wanted)
        {
            return Ok(Search::Found(way(&parents, (goal.clone(), wanted.clone()))));
        }
        let newest = parents.keys().rev().find(|(_, text)| !expanded.contains(text)).cloned();
        let Some((version, text)) = newest else { break };
        if matches!(target, Target::Next) && !expanded.is_empty() {
            break;
        }
        if !asked(&text) {
            if offers.len() >= MOST_QUESTIONS {
                break;
            }
            return Ok(Search::Ask(text));
        }
        for offer in offers.get(&text).into_iter().flatten() {
            let Some(next) = Version::parse(offer) else { continue };
            let hop = next.minors_ahead_of(&version);
            if next > version && matches!(hop, Some(0 | 1)) && bound.as_ref().is_none_or(|bound| bound.allows(&next)) {
                parents.entry((next, offer.clone())).or_insert_with(|| Some(text.clone()));
            }
        }
        expanded.insert(text);
        // Once it has been asked what the newest version so far leads to, there is no newer one of its minor version.
        if let Target::Minor(_) = target
            && let Some(newest) = parents.keys().next_back()
            && bound.as_ref().is_some_and(|bound| bound.is_reached(&newest.0))
            && expanded.contains(&newest.1)
        {
            return Ok(Search::Found(way(&parents, newest.clone())));
        }
    }
    let newest = parents.keys().next_back().cloned().unwrap_or((start, current.to_owned()));
    match (target, bound) {
        (Target::Latest | Target::Next, _) => Ok(Search::Found(way(&parents, newest))),
        (Target::Minor(_), Some(bound)) if bound.is_reached(&newest.0) => Ok(Search::Found(way(&parents, newest))),
        _ => Err(unreachable(current, target, &newest.1, offers.get(current))),
    }
}

/// Up to where to look.
struct Bound {
    version: Version,
    is_line: bool,
}

impl Bound {
    fn allows(&self, version: &Version) -> bool {
        version <= &self.version || (self.is_line && self.is_reached(version))
    }

    fn is_reached(&self, version: &Version) -> bool {
        (version.major, version.minor) == (self.version.major, self.version.minor)
    }
}

fn bound(current: &str, target: &Target) -> Result<Option<Bound>, Error> {
    let Some(version) = target.number()? else { return Ok(None) };
    if target.is_behind(current) {
        return Err(Error::newer(
            current,
            format!("the cluster is at {current}, which is newer than {target}: a control plane cannot go back"),
        ));
    }
    Ok(Some(Bound { version, is_line: matches!(target, Target::Minor(_)) }))
}

fn way(parents: &BTreeMap<(Version, String), Option<String>>, goal: (Version, String)) -> Vec<String> {
    let mut way = Vec::new();
    let mut at = Some(goal);
    while let Some(key) = at {
        let Some(Some(parent)) = parents.get(&key) else { break };
        way.push(key.1);
        at = Version::parse(parent).map(|version| (version, parent.clone()));
    }
    way.reverse();
    way
}

fn unreachable(current: &str, target: &Target, nearest: &str, offered: Option<&Vec<String>>) -> Error {
    let next = match offered {
        Some(offered) if !offered.is_empty() => {
            format!("; the next versions from here are {}", offered.join(", "))
        }
        _ => "; the service offers no upgrade from here".to_owned(),
    };
    let nearest = if nearest == current {
        "nothing on the way to it can be reached".to_owned()
    } else {
        format!("the nearest version that can is {nearest}")
    };
    Error::refused(format!("version {target} cannot be reached from {current}: {nearest}{next}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers() -> Offers {
        let offer = |from: &str, to: &[&str]| (from.to_owned(), to.iter().map(|to| (*to).to_owned()).collect());
        Offers::from([
            offer("1.30.7-aliyun.1", &["1.30.8-aliyun.1", "1.31.1-aliyun.1", "1.31.9-aliyun.1"]),
            offer("1.30.8-aliyun.1", &["1.31.9-aliyun.1"]),
            // The newest 1.31 leads nowhere, so that the search has to turn back.
            offer("1.31.9-aliyun.1", &[]),
            offer("1.31.1-aliyun.1", &["1.31.9-aliyun.1", "1.32.1-aliyun.1", "1.32.6-aliyun.1", "1.34.1-aliyun.1"]),
            offer("1.32.6-aliyun.1", &["1.33.3-aliyun.1", "1.32.1-aliyun.1"]),
            offer("1.32.1-aliyun.1", &["1.32.6-aliyun.1"]),
            offer("1.33.3-aliyun.1", &[]),
        ])
    }

    /// The way, and how many questions it took.
    fn way(current: &str, target: &str) -> String {
        let all = offers();
        let mut known = Offers::new();
        loop {
            match search(current, &target.into(), &known) {
                Ok(Search::Ask(version)) => {
                    assert!(!known.contains_key(&version), "{version} is asked for twice");
                    known.insert(version.clone(), all.get(&version).cloned().unwrap_or_default());
                }
                Ok(Search::Found(way)) => return format!("{} ({} questions)", way.join(" -> "), known.len()),
                Err(error) => return error.to_string(),
            }
        }
    }

    #[test]
    fn ways_go_one_minor_version_at_a_time() {
        let from = "1.30.7-aliyun.1";
        let ways = [
            (from, "1.33.3-aliyun.1"),
            (from, "latest"),
            (from, "next"),
            (from, "1.32"),
            (from, "1.31"),
            (from, "1.31.1-aliyun.1"),
            (from, from),
            ("1.33.3-aliyun.1", "latest"),
            ("1.33.3-aliyun.1", "next"),
            ("1.33.3-aliyun.1", "1.33"),
            ("1.32.1-aliyun.1", "1.32"),
        ]
        .map(|(from, to)| format!("{from} to {to}: {}", way(from, to)));
        insta::assert_snapshot!(ways.join("\n"));
    }

    #[test]
    fn what_cannot_be_reached_names_what_can() {
        let errors = [
            ("1.30.7-aliyun.1", "1.34.1-aliyun.1"),
            ("1.30.7-aliyun.1", "1.34"),
            ("1.30.7-aliyun.1", "1.32.5-aliyun.1"),
            ("1.33.3-aliyun.1", "1.34.1-aliyun.1"),
            ("1.33.3-aliyun.1", "1.32.1-aliyun.1"),
            ("1.33.3-aliyun.1", "1.32"),
            ("1.33.3-aliyun.1", "newest"),
            ("one", "latest"),
        ]
        .map(|(from, to)| way(from, to));
        insta::assert_snapshot!(errors.join("\n"));
    }
}
