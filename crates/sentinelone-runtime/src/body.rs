//! A JSON body, held against what the spec says of it.

use chrono::DateTime;
use serde_json::{Map, Value};

use crate::call::Problem;
use crate::constraints::{Check, Constraints};
use crate::operation::Body;
use crate::schema::{Field, FieldType, Schema};

/// Everything that the spec does not allow about a body. A filter in which nothing is set is
/// allowed only to a caller who has said that everything is meant.
pub(crate) fn problems(body: &Body, text: &[u8], for_everything: bool) -> Vec<Problem> {
    let mut inspection = Inspection { problems: Vec::new() };
    match serde_json::from_slice::<Value>(text) {
        Err(_) => inspection.report("", "it is not JSON"),
        Ok(Value::Null) => inspection.report("", format!("it is not {}", name(body.content))),
        Ok(value) => {
            inspection.value("", &value, body.content, &Check::new(Constraints::new()));
            if let Some(filter) = body.filter {
                inspection.filter(filter, value.get(filter), for_everything);
            }
        }
    }
    inspection.problems
}

struct Inspection {
    problems: Vec<Problem>,
}

impl Inspection {
    fn value(&mut self, path: &str, value: &Value, expected: FieldType, check: &Check) {
        let mut report = |message| self.report(path, message);
        match (expected, value) {
            // Whatever may be left out may be null.
            (FieldType::Any, _) | (_, Value::Null) | (FieldType::Boolean, Value::Bool(_)) => {}
            (FieldType::String | FieldType::Enum(_), Value::String(text)) => {
                check.text(text, &mut report);
            }
            (FieldType::DateTime, Value::String(text)) => {
                if DateTime::parse_from_rfc3339(text).is_err() {
                    report("it is not a date-time such as 2026-11-01T00:00:00Z".to_owned());
                }
            }
            (FieldType::Integer, Value::Number(number)) if !number.is_f64() => {
                // What is beyond 64 bits with a sign is beyond every bound.
                check.integer(number.as_i64().unwrap_or(i64::MAX), &mut report);
            }
            (FieldType::Number, Value::Number(number)) => {
                check.number(number.as_f64().unwrap_or_default(), &mut report);
            }
            (FieldType::Object(schema), Value::Object(members)) => {
                self.object(path, members, schema);
            }
            (FieldType::List(elements), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(&format!("{path}[{index}]"), item, *elements, check);
                }
            }
            (FieldType::Map(values), Value::Object(members)) => {
                let path = join(path, "*");
                for value in members.values() {
                    self.value(&path, value, *values, check);
                }
            }
            _ => report(format!("it is not {}", name(expected))),
        }
    }

    fn object(&mut self, path: &str, members: &Map<String, Value>, schema: &Schema) {
        for field in schema.fields {
            let path = join(path, field.name);
            match members.get(field.name) {
                Some(value) => self.field(&path, value, field),
                None if field.required => self.report(&path, "it is required"),
                None => {}
            }
        }
    }

    fn field(&mut self, path: &str, value: &Value, field: &Field) {
        let check = Check::new(field.constraints);
        if let Value::Array(items) = value {
            check.count(items.len(), &mut |message| self.report(path, message));
        }
        self.value(path, value, field.field_type, &check);
    }

    fn filter(&mut self, path: &str, filter: Option<&Value>, for_everything: bool) {
        filter.into_iter().for_each(|filter| self.no_empty_list(path, filter));
        if !for_everything && filter.is_none_or(selects_nothing) {
            let what = "nothing is set in it, so that everything in its scope would be meant";
            self.report(path, format!("{what}; set a filter, or ask for that by `for_everything`"));
        }
    }

    fn no_empty_list(&mut self, path: &str, value: &Value) {
        match value {
            Value::Array(items) if items.is_empty() => {
                self.report(path, "an empty list would not filter; leave it unset for that");
            }
            Value::Object(members) => {
                for (name, member) in members {
                    self.no_empty_list(&join(path, name), member);
                }
            }
            _ => {}
        }
    }

    fn report(&mut self, path: &str, message: impl Into<String>) {
        let path = if path.is_empty() { "body" } else { path };
        self.problems.push(Problem { parameter: path.to_owned(), message: message.into() });
    }
}

/// Whether a console could take a part of a filter for none.
fn selects_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(selects_nothing),
        Value::Object(members) => members.values().all(selects_nothing),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn name(expected: FieldType) -> &'static str {
    match expected {
        FieldType::String | FieldType::Enum(_) => "a text",
        FieldType::Integer => "a whole number",
        FieldType::Number => "a number",
        FieldType::Boolean => "`true` or `false`",
        FieldType::DateTime => "a text with a date-time",
        FieldType::Object(_) | FieldType::Map(_) => "an object",
        FieldType::List(_) => "an array",
        FieldType::Any => "anything",
    }
}
