//! How many threats there are of each sort.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Map, Value, json};

/// How many values of a sort are counted by themselves. The console's lists are short, but there is
/// no end to what it could send.
const DISTINCT: usize = 10_000;

/// What has no value, and what is beyond [`DISTINCT`].
const NONE: &str = "(none)";
const REST: &str = "(rest)";

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) total: u64,
    /// Records that are no JSON objects.
    pub(super) unreadable: u64,
    classifications: Tally,
    verdicts: Tally,
    statuses: Tally,
    engines: Tally,
    days: Tally,
}

impl Counts {
    pub(super) fn add(&mut self, raw: &str) {
        self.total += 1;
        let Ok(Value::Object(record)) = serde_json::from_str(raw) else {
            self.unreadable += 1;
            return;
        };
        let info = record.get("threatInfo").unwrap_or(&Value::Null);
        self.classifications.add(text(&info["classification"]));
        self.verdicts.add(text(&info["analystVerdict"]));
        self.statuses.add(text(&info["incidentStatus"]));
        self.days.add(day(&info["createdAt"]));
        let mut engines = engines(info);
        engines.sort_unstable();
        engines.dedup();
        engines.into_iter().for_each(|engine| self.engines.add(engine));
    }

    /// The sorts with their headings: the frequent first, and days in their order.
    pub(super) fn sorts(&self) -> [(&'static str, Vec<(&str, u64)>); 5] {
        [
            ("classification", self.classifications.frequent_first()),
            ("analystVerdict", self.verdicts.frequent_first()),
            ("incidentStatus", self.statuses.frequent_first()),
            ("detectionEngine", self.engines.frequent_first()),
            ("day", self.days.in_order()),
        ]
    }

    pub(super) fn json(&self) -> Value {
        let mut json = json!({ "total": self.total, "unreadable": self.unreadable });
        for (name, counts) in self.sorts() {
            let counts = counts.into_iter().map(|(value, count)| (value.to_owned(), count.into()));
            json[name] = Value::Object(counts.collect::<Map<_, _>>());
        }
        json
    }
}

#[derive(Debug, Default)]
struct Tally(BTreeMap<String, u64>);

impl Tally {
    fn add(&mut self, value: String) {
        let is_full = self.0.len() >= DISTINCT && !self.0.contains_key(&value);
        let value = if is_full { REST.to_owned() } else { value };
        *self.0.entry(value).or_default() += 1;
    }

    fn in_order(&self) -> Vec<(&str, u64)> {
        self.0.iter().map(|(value, count)| (value.as_str(), *count)).collect()
    }

    fn frequent_first(&self) -> Vec<(&str, u64)> {
        let mut counts = self.in_order();
        counts.sort_by_key(|(_, count)| Reverse(*count));
        counts
    }
}

/// The keys of the engines. Consoles before about 2021 tell only their titles.
fn engines(info: &Value) -> Vec<String> {
    let engines = info["detectionEngines"].as_array().filter(|it| !it.is_empty());
    match (engines, info["engines"].as_array().filter(|it| !it.is_empty())) {
        (Some(engines), _) => engines.iter().map(|engine| text(&engine["key"])).collect(),
        (None, Some(titles)) => titles.iter().map(text).collect(),
        (None, None) => vec![NONE.to_owned()],
    }
}

/// The day in UTC.
fn day(created: &Value) -> String {
    match DateTime::parse_from_rfc3339(created.as_str().unwrap_or_default()) {
        Ok(time) => time.to_utc().date_naive().to_string(),
        Err(_) => text(created),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => NONE.to_owned(),
        Value::String(text) if text.is_empty() => NONE.to_owned(),
        Value::String(text) => text.clone(),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(records: &[&str], expect: &str) {
        let mut counts = Counts::default();
        records.iter().for_each(|raw| counts.add(raw));
        assert_eq!(counts.json().to_string(), expect);
    }

    #[test]
    fn threats_are_counted() {
        check(
            &[],
            r#"{"total":0,"unreadable":0,"classification":{},"analystVerdict":{},"incidentStatus":{},"detectionEngine":{},"day":{}}"#,
        );
        check(
            &[
                r#"{"threatInfo":{"classification":"PUA","analystVerdict":"undefined","incidentStatus":"unresolved",
                "createdAt":"2026-11-25T23:30:00-01:00","detectionEngines":[{"key":"pup"},{"key":"manual"},{"key":"pup"}],"engines":["x"]}}"#,
                r#"{"threatInfo":{"classification":"Trojan","createdAt":"2026-11-25T00:00:00Z","detectionEngines":[{"key":"pup"}]}}"#,
                r#"{"threatInfo":{"classification":"Trojan","createdAt":"soon","detectionEngines":[],"engines":["On-Write DFI"]}}"#,
            ],
            r#"{"total":3,"unreadable":0,"classification":{"Trojan":2,"PUA":1},"analystVerdict":{"(none)":2,"undefined":1},"incidentStatus":{"(none)":2,"unresolved":1},"detectionEngine":{"pup":2,"On-Write DFI":1,"manual":1},"day":{"2026-11-25":1,"2026-11-26":1,"soon":1}}"#,
        );
    }

    #[test]
    fn what_is_odd_is_counted_too() {
        check(
            &[
                "7",
                "{",
                r#"{"threatInfo":"x"}"#,
                r#"{"threatInfo":{"classification":7,"analystVerdict":"","incidentStatus":{}}}"#,
            ],
            r#"{"total":4,"unreadable":2,"classification":{"(none)":1,"7":1},"analystVerdict":{"(none)":2},"incidentStatus":{"(none)":1,"{}":1},"detectionEngine":{"(none)":2},"day":{"(none)":2}}"#,
        );
    }

    #[test]
    fn counters_are_bounded() {
        let mut tally = Tally::default();
        (0..DISTINCT + 5).for_each(|value| tally.add(value.to_string()));
        tally.add("1".to_owned());
        assert_eq!(tally.frequent_first()[..3], [(REST, 5), ("1", 2), ("0", 1)]);
        assert_eq!(tally.0.len(), DISTINCT + 1);
    }
}
