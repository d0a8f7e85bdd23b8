//! The fields of an item: paths to them, and how their values compare.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::query::date_time;

/// A path in the notation of [`sentinelone_runtime::operation::Filter::fields`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    text: &'static str,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(&'static str),
    Elements,
    Values,
    Keys,
}

impl Path {
    pub(crate) fn new(text: &'static str) -> Path {
        let steps = text.split('.').flat_map(|part| match part.strip_suffix("[]") {
            Some(name) => vec![Step::Member(name), Step::Elements],
            None if part == "*" => vec![Step::Values],
            None if part == "~" => vec![Step::Keys],
            None => vec![Step::Member(part)],
        });
        Path { text, steps: steps.collect() }
    }

    pub(crate) fn text(&self) -> &'static str {
        self.text
    }

    /// The member of the item that the path leads through, and the member of that one.
    pub(crate) fn members(&self) -> (&'static str, Option<&'static str>) {
        match self.steps[..] {
            [Step::Member(member), Step::Member(inner), ..] => (member, Some(inner)),
            [Step::Member(member), ..] => (member, None),
            _ => (self.text, None),
        }
    }

    /// Whether there is at most one value at the path.
    pub(crate) fn is_single(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Member(_)))
    }

    /// Whether the test holds for any value at the path.
    pub(crate) fn any(&self, item: &Value, mut test: impl FnMut(&Value) -> bool) -> bool {
        any(&self.steps, item, &mut test)
    }

    /// The first value at the path, or null.
    pub(crate) fn first(&self, item: &Value) -> Value {
        let mut first = Value::Null;
        self.any(item, |value| {
            first = value.clone();
            true
        });
        first
    }
}

fn any(steps: &[Step], value: &Value, test: &mut dyn FnMut(&Value) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else { return test(value) };
    match (step, value) {
        (Step::Member(name), Value::Object(members)) => {
            members.get(*name).is_some_and(|member| any(rest, member, test))
        }
        (Step::Values, Value::Object(members)) => {
            members.values().any(|member| any(rest, member, test))
        }
        (Step::Keys, Value::Object(members)) => {
            members.keys().any(|key| any(rest, &Value::from(key.as_str()), test))
        }
        (Step::Elements, Value::Array(elements)) => {
            elements.iter().any(|element| any(rest, element, test))
        }
        _ => false,
    }
}

/// A value as it sorts: ids by number, date-times by time and versions by their parts, whatever their
/// number of digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Missing,
    Boolean(bool),
    Number(i64),
    Time(DateTime<Utc>),
    Version(Vec<u64>),
    Text(String),
}

impl Key {
    /// Keys stand next to those of the same kind, and only these can be greater or less.
    pub(crate) fn kind(&self) -> u8 {
        match self {
            Key::Missing => 0,
            Key::Boolean(_) => 1,
            Key::Number(_) => 2,
            Key::Time(_) => 3,
            Key::Version(_) => 4,
            Key::Text(_) => 5,
        }
    }
}

impl From<&Value> for Key {
    fn from(value: &Value) -> Key {
        match value {
            Value::Null => Key::Missing,
            Value::Bool(value) => Key::Boolean(*value),
            Value::String(text) => Key::from(text.as_str()),
            // A text with a sign is no id, but a number may have one.
            other => match other.as_i64() {
                Some(number) => Key::Number(number),
                None => Key::from(other.to_string().as_str()),
            },
        }
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Key {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let may_be_time = text.as_bytes().get(4) == Some(&b'-');
        let number = is_number.then(|| text.parse().ok().map(Key::Number)).flatten();
        let time = || may_be_time.then(|| date_time(text).map(Key::Time)).flatten();
        let version = || version(text).map(Key::Version);
        number.or_else(time).or_else(version).unwrap_or_else(|| Key::Text(text.to_owned()))
    }
}

/// The numbers of a version, of which there are more than two.
fn version(text: &str) -> Option<Vec<u64>> {
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.split('.').map(|part| part.parse().ok().filter(|_| is_number(part)));
    let parts = parts.collect::<Option<Vec<u64>>>()?;
    (2 < parts.len()).then_some(parts)
}
