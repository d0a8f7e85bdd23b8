//! The state of a sync: what it has written, and up to where.

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::error::{SyncError, SyncErrorKind};

/// What stands in the state file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct State {
    version: u32,
    console: String,
    query: Value,
    /// Where the output is: beside the state if it can be said so.
    pub(super) place: String,
    /// What counts as written.
    pub(super) written: Written,
    /// What counted when the pass began that is not complete yet.
    pub(super) start: Option<Written>,
    /// Set if threats did not come in order in this pass, so that it counts as a whole or not at
    /// all.
    pub(super) disordered: bool,
    /// Set while there may be more in the files than counts.
    pub(super) writing: bool,
}

/// What counts as written: up to where in time, and how much of each file that is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Written {
    pub(super) seen: Seen,
    pub(super) output: Mark,
    pub(super) rejected: Mark,
}

/// How much of a file counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Mark {
    /// The number of the file, in a directory of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<u64>,
    pub(super) length: u64,
    /// Of the last bytes, to tell the file from another.
    pub(super) tail: String,
}

/// The threats that may come once more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Seen {
    /// The exact text of the latest time of all.
    watermark: Option<String>,
    /// From when on every threat is remembered.
    since: Option<DateTime<Utc>>,
    /// By what identifies a version of a threat, when that was updated, if it is known.
    versions: BTreeMap<String, Option<DateTime<Utc>>>,
}

const VERSION: u32 = 1;

/// The state file: the state, and a checksum of its text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed<'a> {
    checksum: String,
    #[serde(borrow)]
    state: &'a RawValue,
}

impl State {
    /// The state of a sync that has not written anything. It begins at threats that were updated
    /// at `since` or later.
    pub(super) fn new(console: &str, query: &Value, since: Option<DateTime<Utc>>) -> Self {
        let since = since.map(micros);
        let seen = Seen { since, ..Seen::default() };
        State {
            version: VERSION,
            console: console.to_owned(),
            query: query.clone(),
            place: String::new(),
            written: Written { seen, ..Written::default() },
            start: None,
            disordered: false,
            writing: false,
        }
    }

    /// Reads the text of a state file, which must be the state of the same sync as `self`.
    pub(super) fn read(&self, text: &str) -> Result<State, SyncError> {
        let refuse = |message: String| SyncError::new(SyncErrorKind::State, message);
        let damaged = "it is damaged, or was edited; take it from a backup with the output that \
                       belongs to it, or begin anew with another state and output";
        let sealed: Sealed<'_> = serde_json::from_str(text)
            .map_err(|error| refuse(damaged.to_owned()).because(error))?;
        if hash(sealed.state.get()) != sealed.checksum {
            return Err(refuse(damaged.to_owned()));
        }
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let version = serde_json::from_str::<Version>(sealed.state.get()).map(|it| it.version);
        if let Ok(version) = version
            && version != VERSION
        {
            let message =
                format!("it has version {version}, and this program reads version {VERSION} only");
            return Err(refuse(message));
        }
        let state: State = serde_json::from_str(sealed.state.get())
            .map_err(|error| refuse(damaged.to_owned()).because(error))?;
        let State { console, query, place, .. } = &state;
        if *console != self.console {
            return Err(refuse(format!("it is of the console {console}, not {}", self.console)));
        }
        if *query != self.query {
            return Err(refuse(format!(
                "it is of another query, {query}; give the same filters, or begin anew with \
                 another state and output"
            )));
        }
        if *place != self.place {
            return Err(refuse(format!(
                "it is of the output {place}, not {}; name that one, or begin anew with another \
                 state and output",
                self.place
            )));
        }
        Ok(state)
    }

    /// The text of the state file.
    pub(super) fn text(&self) -> Result<String, SyncError> {
        let state = serde_json::to_string(self).map_err(|error| {
            SyncError::new(SyncErrorKind::State, "it cannot be written").because(error)
        })?;
        Ok(format!("{{\"checksum\":\"{}\",\"state\":{state}}}\n", hash(&state)))
    }

    /// The state when there may be more in the files than counts, or when there is not.
    pub(super) fn with_writing(&self, writing: bool) -> State {
        State { writing, ..self.clone() }
    }

    /// The state as it was when the pass began, to read it once more as a whole.
    pub(super) fn begun_anew(&self) -> State {
        let written = self.start.clone().unwrap_or_else(|| self.written.clone());
        State { written, disordered: true, ..self.clone() }
    }
}

impl Seen {
    /// Notes a version of a threat, and the time and text of its update. False if it is known.
    pub(super) fn insert(&mut self, key: String, updated: Option<(DateTime<Utc>, &str)>) -> bool {
        if self.versions.insert(key, updated.map(|(time, _)| time)).is_some() {
            return false;
        }
        if let Some((time, text)) = updated
            && self.watermark_time().is_none_or(|watermark| watermark < time)
        {
            self.watermark = Some(text.to_owned());
        }
        true
    }

    /// Where to go on: at the watermark, or as far before it as is asked for and remembered.
    pub(super) fn from(&self, overlap: TimeDelta) -> Option<DateTime<Utc>> {
        let watermark = self.watermark_time().map(micros);
        let from = watermark.map(|it| it.checked_sub_signed(overlap).unwrap_or(it));
        from.max(self.since)
    }

    /// What is seen, without what cannot come once more.
    pub(super) fn trimmed(&self, overlap: TimeDelta) -> Seen {
        let since = self.from(overlap);
        let may_come = |(_, time): &(&String, &Option<DateTime<Utc>>)| {
            time.is_none_or(|time| since.is_none_or(|since| since <= time))
        };
        let versions = self.versions.iter().filter(may_come);
        let versions = versions.map(|(key, time)| (key.clone(), *time)).collect();
        Seen { watermark: self.watermark.clone(), since, versions }
    }

    pub(super) fn watermark(&self) -> Option<&str> {
        self.watermark.as_deref()
    }

    fn watermark_time(&self) -> Option<DateTime<Utc>> {
        self.watermark.as_deref()?.parse().ok()
    }
}

/// The first half of the text's SHA-256.
pub(super) fn hash(text: impl AsRef<[u8]>) -> String {
    Sha256::digest(text)[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The time as the console compares it: a finer one must not be rounded up.
fn micros(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(6)
}
