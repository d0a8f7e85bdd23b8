//! What the sync needs to know of a threat, without decoding the rest of it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::format::Unfit;

pub(super) struct Peek {
    pub(super) updated: DateTime<Utc>,
    /// Its exact text.
    pub(super) text: String,
}

#[derive(Deserialize)]
struct Threat<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "threatInfo")]
    info: Option<Info<'a>>,
}

#[derive(Deserialize)]
struct Info<'a> {
    #[serde(borrow, rename = "updatedAt")]
    updated_at: Option<Cow<'a, str>>,
}

impl Peek {
    pub(super) fn at(raw: &str) -> Result<Peek, Unfit> {
        let unfit = |path: &str, reason: String| Unfit { path: path.to_owned(), reason };
        let threat: Threat<'_> =
            serde_json::from_str(raw).map_err(|error| unfit("", error.to_string()))?;
        if threat.id.is_none_or(|id| id.is_empty()) {
            return Err(unfit("id", "there is no id".to_owned()));
        }
        let text = threat.info.and_then(|info| info.updated_at).unwrap_or_default();
        match DateTime::parse_from_rfc3339(&text) {
            Ok(time) => Ok(Peek { updated: time.to_utc(), text: text.into_owned() }),
            Err(error) => Err(unfit("threatInfo.updatedAt", format!("not a date-time: {error}"))),
        }
    }
}
