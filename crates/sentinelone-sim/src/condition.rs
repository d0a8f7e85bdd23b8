//! One filter of a request, ready to be held against items.

use std::cmp::Ordering;

use sentinelone_runtime::operation::FilterOp;
use serde_json::Value;

use crate::field::{Key, Path};
use crate::query::Operand;
use crate::tags::TagRule;

/// What an argument demands of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) op: FilterOp,
    /// The fields, of which any may match.
    pub(crate) fields: Vec<Path>,
    pub(crate) operands: Vec<Operand>,
    /// For a boolean operand: it asks whether a field has this value.
    pub(crate) value: Option<&'static str>,
    /// For a filter by tags: what it says of them.
    pub(crate) tags: Vec<TagRule>,
}

impl Condition {
    pub(crate) fn holds(&self, item: &Value) -> bool {
        match self.op {
            FilterOp::In => self.any(item, |value| self.operands.iter().any(|it| equal(it, value))),
            FilterOp::NotIn => {
                !self.any(item, |value| self.operands.iter().any(|it| equal(it, value)))
            }
            FilterOp::Contains | FilterOp::FullText => {
                let wanted: Vec<String> = self.operands.iter().map(folded).collect();
                self.any(item, |value| {
                    let text = value.as_str().unwrap_or_default().to_lowercase();
                    wanted.iter().any(|wanted| text.contains(wanted))
                })
            }
            FilterOp::Equals => match (self.value, self.operands.first()) {
                (Some(wanted), Some(Operand::Boolean(asked))) => {
                    let wanted = Operand::Text(wanted.to_owned());
                    self.any(item, |value| equal(&wanted, value)) == *asked
                }
                (_, operand) => operand.is_some_and(|it| self.any(item, |value| equal(it, value))),
            },
            FilterOp::Exists => {
                let exists = self.any(item, is_something);
                self.operands.first() == Some(&Operand::Boolean(exists))
            }
            FilterOp::Gt | FilterOp::Gte | FilterOp::Lt | FilterOp::Lte => {
                self.any(item, |value| self.holds_of(&Key::from(value)))
            }
            FilterOp::Between => self.any(item, |value| self.is_between(&Key::from(value))),
            FilterOp::Tags => self.any(item, |tags| self.tags.iter().all(|rule| rule.holds(tags))),
            // Refused before: see `filter::is_known`.
            _ => false,
        }
    }

    /// What the condition is of what is at that path in an item, if it is about that.
    pub(crate) fn within(mut self, path: &str) -> Option<Condition> {
        let inner = |field: &Path| {
            let rest = field.text().strip_prefix(path)?.strip_prefix('.')?;
            Some(Path::new(rest))
        };
        self.fields = self.fields.iter().map(inner).collect::<Option<_>>()?;
        Some(self)
    }

    fn any(&self, item: &Value, test: impl Fn(&Value) -> bool) -> bool {
        self.fields.iter().any(|field| field.any(item, &test))
    }

    /// Whether a number, a time in milliseconds or a version is between the operands or one of them.
    fn is_between(&self, key: &Key) -> bool {
        let in_milliseconds = match key {
            Key::Time(time) => &Key::Number(time.timestamp_millis()),
            other => other,
        };
        let [from, to] = &self.operands[..] else { return false };
        let (from, to) = (Key::from(from), Key::from(to));
        let kinds = [from.kind(), to.kind()];
        kinds == [in_milliseconds.kind(); 2] && (from..=to).contains(in_milliseconds)
    }

    /// Whether the condition is that a single value is greater or less than another.
    pub(crate) fn is_bound(&self) -> bool {
        use FilterOp::{Gt, Gte, Lt, Lte};
        let is_single = matches!(&self.fields[..], [field] if field.is_single());
        matches!(self.op, Gt | Gte | Lt | Lte) && is_single
    }

    /// Whether a value stands to the operand as asked. One of another kind does not.
    pub(crate) fn holds_of(&self, key: &Key) -> bool {
        let Some(operand) = self.operands.first().map(Key::from) else { return false };
        let ordering = key.cmp(&operand);
        key.kind() == operand.kind()
            && match self.op {
                FilterOp::Gt => ordering == Ordering::Greater,
                FilterOp::Gte => ordering != Ordering::Less,
                FilterOp::Lt => ordering == Ordering::Less,
                FilterOp::Lte => ordering != Ordering::Greater,
                _ => false,
            }
    }
}

impl From<&Operand> for Key {
    fn from(operand: &Operand) -> Key {
        match operand {
            Operand::Text(text) => Key::from(text.as_str()),
            Operand::Integer(number) => Key::Number(*number),
            Operand::Boolean(value) => Key::Boolean(*value),
            Operand::Time(time) => Key::Time(*time),
        }
    }
}

fn equal(operand: &Operand, value: &Value) -> bool {
    match (operand, value) {
        (_, Value::Null) => false,
        (Operand::Text(wanted), Value::String(text)) => wanted == text,
        (Operand::Text(wanted), Value::Bool(value)) => wanted.parse() == Ok(*value),
        (operand, value) => Key::from(operand) == Key::from(value),
    }
}

fn folded(operand: &Operand) -> String {
    match operand {
        Operand::Text(text) => text.to_lowercase(),
        Operand::Integer(number) => number.to_string(),
        Operand::Boolean(value) => value.to_string(),
        Operand::Time(time) => time.to_rfc3339(),
    }
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}
