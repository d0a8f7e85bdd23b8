//! What the sync needs to know of a threat, without decoding the rest of it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::state::hash;
use crate::format::Unfit;

pub(super) struct Peek {
    pub(super) updated: DateTime<Utc>,
    /// Its exact text.
    pub(super) text: String,
    /// What identifies this version of the threat.
    pub(super) key: String,
}

/// What the console knows of the endpoint now. It changes without an update of the threat, and so
/// is no part of a version.
const LIVE: &str = "agentRealtimeInfo";

type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

#[derive(Deserialize)]
struct Info<'a> {
    #[serde(borrow, rename = "updatedAt")]
    updated_at: Option<Cow<'a, str>>,
}

impl Peek {
    pub(super) fn at(raw: &str) -> Result<Peek, Unfit> {
        let unfit = |path: &str, reason: String| Unfit { path: path.to_owned(), reason };
        let members: Members<'_> =
            serde_json::from_str(raw).map_err(|error| unfit("", error.to_string()))?;
        let id = members.get("id").map(|id| serde_json::from_str::<Option<Cow<'_, str>>>(id.get()));
        match id {
            Some(Ok(Some(id))) if !id.is_empty() => {}
            Some(Err(error)) => return Err(unfit("id", error.to_string())),
            _ => return Err(unfit("id", "there is no id".to_owned())),
        }
        let info = members.get("threatInfo").map(|info| serde_json::from_str(info.get()));
        let info: Option<Info<'_>> = match info.transpose() {
            Ok(info) => info.flatten(),
            Err(error) => return Err(unfit("threatInfo.updatedAt", error.to_string())),
        };
        let text = info.and_then(|info| info.updated_at).unwrap_or_default();
        match DateTime::parse_from_rfc3339(&text) {
            Ok(time) => {
                Ok(Peek { updated: time.to_utc(), text: text.into_owned(), key: key(&members) })
            }
            Err(error) => Err(unfit("threatInfo.updatedAt", format!("not a date-time: {error}"))),
        }
    }
}

/// The hash of all members but what is live.
fn key(members: &Members<'_>) -> String {
    let lasting = members.iter().filter(|(name, _)| *name != LIVE);
    let parts = lasting.flat_map(|(name, value)| [name.as_ref(), "\0", value.get(), "\0"]);
    hash(parts.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(raw: &str) -> String {
        Peek::at(raw).map(|peek| peek.key).unwrap_or_else(|unfit| panic!("{unfit:?}"))
    }

    #[test]
    fn a_version_is_all_but_what_is_live() {
        let threat = |verdict: &str, active: bool| {
            format!(
                r#"{{"id":"1","agentRealtimeInfo":{{"agentIsActive":{active}}},"threatInfo":
                {{"updatedAt":"2026-01-01T00:00:00Z","analystVerdict":"{verdict}"}}}}"#
            )
        };
        assert_eq!(key_of(&threat("suspicious", true)), key_of(&threat("suspicious", false)));
        assert_ne!(key_of(&threat("suspicious", true)), key_of(&threat("undefined", true)));
    }

    #[test]
    fn what_cannot_be_placed() {
        let check = |raw: &str, path: &str, reason: &str| {
            let unfit = Peek::at(raw).err().unwrap_or_else(|| panic!("{raw} can be placed"));
            assert_eq!(unfit.path, path, "{raw}");
            assert!(unfit.reason.starts_with(reason), "{raw}: {}", unfit.reason);
        };
        check("17", "", "invalid type: integer");
        check("{}", "id", "there is no id");
        check(r#"{"id":null}"#, "id", "there is no id");
        check(r#"{"id":""}"#, "id", "there is no id");
        check(r#"{"id":1}"#, "id", "invalid type: integer");
        check(r#"{"id":"1"}"#, "threatInfo.updatedAt", "not a date-time: premature end");
        check(r#"{"id":"1","threatInfo":null}"#, "threatInfo.updatedAt", "not a date-time");
        check(r#"{"id":"1","threatInfo":[1]}"#, "threatInfo.updatedAt", "invalid type");
        check(
            r#"{"id":"1","threatInfo":{"updatedAt":"yesterday"}}"#,
            "threatInfo.updatedAt",
            "not a date-time",
        );
    }
}
