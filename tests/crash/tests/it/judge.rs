//! Holds an output against what has been on the console, and when.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use sentinelone_sim::Simulator;
use serde_json::Value;

use crate::scenario::{SETTLE, first_versions, version};

/// A version of a threat: its id, and when it was updated.
type Version = (String, String);

#[derive(Default)]
pub(crate) struct Judge {
    /// Everything that must be in the output.
    due: BTreeSet<Version>,
}

/// The console as it was when a run began.
pub(crate) struct Begun {
    now: DateTime<Utc>,
    current: BTreeMap<String, String>,
}

impl Judge {
    pub(crate) fn begin(&self, console: &Simulator) -> Begun {
        Begun { now: console.now(), current: current(console) }
    }

    /// A run has come to its end. What could be read from its beginning to its end, and had settled
    /// before, is due.
    pub(crate) fn end(&mut self, console: &Simulator, begun: Begun) {
        // The console's time has no fraction where a client can see it.
        let bound = begun.now.trunc_subsecs(0) - SETTLE;
        let bound = bound.to_rfc3339_opts(SecondsFormat::Micros, true);
        let current = current(console);
        let lasted = begun.current.into_iter().filter(|(id, time)| current.get(id) == Some(time));
        self.due.extend(lasted.filter(|(_, time)| *time < bound));
    }

    /// What is wrong with an output of a threat a line.
    pub(crate) fn judge(&self, console: &Simulator, output: &str) -> Vec<String> {
        // Two changes at the same moment are two versions that look alike here.
        let mut known: BTreeMap<Version, usize> = BTreeMap::new();
        for version in first_versions().chain(changes(console)) {
            *known.entry(version).or_default() += 1;
        }
        let mut problems = Vec::new();
        let (mut found, mut lines) = (BTreeSet::new(), BTreeSet::new());
        for line in output.lines() {
            let threat: Value = serde_json::from_str(line).expect("every line is JSON");
            let version = version(&threat);
            let left = known.get_mut(&version);
            if !lines.insert(line) || left.as_ref().is_some_and(|left| **left == 0) {
                problems.push(format!("repeated: {version:?}"));
            }
            match left {
                Some(left) => *left = left.saturating_sub(1),
                None => problems.push(format!("made up: {version:?}")),
            }
            found.insert(version);
        }
        let lost = self.due.difference(&found);
        problems.extend(lost.map(|version| format!("lost: {version:?}")));
        problems
    }
}

/// The current version of each threat that shows.
fn current(console: &Simulator) -> BTreeMap<String, String> {
    first_versions().chain(changes(console)).collect()
}

/// Everything that was added or changed, in the order in which it began to show.
fn changes(console: &Simulator) -> impl Iterator<Item = Version> {
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Micros, true);
    console.threats().versions().into_iter().map(move |it| (it.id, time(it.stamped)))
}
