//! The state of a sync: what it has written, and up to where.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
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
    seen: Seen,
    pub(super) output: Mark,
    pub(super) rejected: Mark,
    /// Set while there may be more in the files than is accounted for.
    pub(super) writing: bool,
}

/// How much of a file is accounted for.
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

/// The threats that may come once more, by what they look like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Seen {
    /// The exact text of the latest time of all.
    watermark: Option<String>,
    /// By the hash of the whole text, when the threat was updated, if that is known.
    hashes: BTreeMap<String, Option<DateTime<Utc>>>,
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
    /// The state of a sync that has not written anything.
    pub(super) fn new(console: &str, query: &Value) -> Self {
        State {
            version: VERSION,
            console: console.to_owned(),
            query: query.clone(),
            seen: Seen::default(),
            output: Mark::default(),
            rejected: Mark::default(),
            writing: false,
        }
    }

    /// Reads the text of a state file, which must be the state of the same sync as `self`.
    pub(super) fn read(&self, text: &str) -> Result<State, SyncError> {
        let refuse = |message: String| SyncError::new(SyncErrorKind::State, message);
        let damaged = "it is damaged, or was edited; take it from a backup, or begin anew with \
                       another state and output";
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
        if state.console != self.console {
            let State { console, .. } = state;
            let message = format!("it is of the console {console}, not {}", self.console);
            return Err(refuse(message));
        }
        if state.query != self.query {
            let message = format!(
                "it is of another query, {}; give the same filters, or begin anew with another \
                 state and output",
                state.query
            );
            return Err(refuse(message));
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

    pub(super) fn watermark(&self) -> Option<&str> {
        self.seen.watermark.as_deref()
    }

    pub(super) fn watermark_time(&self) -> Option<DateTime<Utc>> {
        self.seen.watermark_time()
    }

    pub(super) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// The state with the watermark at the latest time that was seen.
    pub(super) fn advanced(&self, seen: &Seen, overlap: TimeDelta, writing: bool) -> State {
        let oldest = seen.watermark_time().and_then(|time| time.checked_sub_signed(overlap));
        let may_come = |(_, time): &(&String, &Option<DateTime<Utc>>)| {
            time.is_none_or(|time| oldest.is_none_or(|oldest| oldest <= time))
        };
        let hashes = seen.hashes.iter().filter(may_come);
        let seen = Seen {
            watermark: seen.watermark.clone(),
            hashes: hashes.map(|(hash, time)| (hash.clone(), *time)).collect(),
        };
        State { seen, writing: self.writing && writing, ..self.clone() }
    }
}

impl Seen {
    /// Notes a threat by its hash, and the time and text of its update. False if it is known.
    pub(super) fn insert(&mut self, hash: String, updated: Option<(DateTime<Utc>, &str)>) -> bool {
        if self.hashes.insert(hash, updated.map(|(time, _)| time)).is_some() {
            return false;
        }
        if let Some((time, text)) = updated
            && self.watermark_time().is_none_or(|watermark| watermark < time)
        {
            self.watermark = Some(text.to_owned());
        }
        true
    }

    fn watermark_time(&self) -> Option<DateTime<Utc>> {
        self.watermark.as_deref()?.parse().ok()
    }
}

/// The first half of the text's SHA-256.
pub(super) fn hash(text: impl AsRef<[u8]>) -> String {
    Sha256::digest(text)[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}
