//! The JSON body of a request, held against what the operation takes.

use sentinelone_runtime::operation::{Body, Constraints, FieldType, Schema};
use serde_json::{Map, Value};

use crate::console::Patterns;
use crate::problem::Refusal;
use crate::query::{in_range, matches, within};

/// The body, if it is what it must be.
pub(crate) fn read(body: Body, bytes: &[u8], patterns: &Patterns) -> Result<Value, Refusal> {
    if bytes.is_empty() && !body.required {
        return Ok(Value::Null);
    }
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|_| Refusal::invalid(vec!["Invalid JSON body".to_owned()]))?;
    let mut check = Check { patterns, problems: Vec::new() };
    check.value("", body.content, &Constraints::new(), &value);
    match check.problems {
        problems if problems.is_empty() => Ok(value),
        problems => Err(Refusal::invalid(problems)),
    }
}

/// The problems of a body so far.
struct Check<'a> {
    patterns: &'a Patterns,
    problems: Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, path: &str, content: FieldType, allowed: &Constraints, value: &Value) {
        let problem = match (content, value) {
            (FieldType::Object(schema), Value::Object(members)) => {
                self.members(path, schema, members);
                Ok(())
            }
            (FieldType::List(content), Value::Array(items)) => {
                items.iter().for_each(|item| self.value(path, *content, allowed, item));
                within(items.len(), allowed.min_items, allowed.max_items)
            }
            (FieldType::Map(content), Value::Object(members)) => {
                members.values().for_each(|member| self.value(path, *content, allowed, member));
                Ok(())
            }
            (FieldType::Enum(known), Value::String(text)) if !known.contains(&text.as_str()) => {
                Err(format!("\"{text}\" is not a valid choice."))
            }
            (FieldType::String, Value::String(text)) => {
                within(text.chars().count(), allowed.min_length, allowed.max_length)
                    .and_then(|()| matches(text, allowed.pattern, self.patterns))
            }
            (FieldType::Integer, Value::Number(number)) => match number.as_i64() {
                Some(number) => in_range(number, allowed.minimum, allowed.maximum),
                None => Err("Not a valid integer.".to_owned()),
            },
            (FieldType::Number, Value::Number(_)) | (FieldType::Boolean, Value::Bool(_)) => Ok(()),
            (FieldType::DateTime | FieldType::Enum(_), Value::String(_)) => Ok(()),
            (FieldType::Any, _) => Ok(()),
            _ => Err("Invalid input type.".to_owned()),
        };
        if let Err(problem) = problem {
            self.problems.push(format!("{path}: {problem}"));
        }
    }

    fn members(&mut self, path: &str, schema: &Schema, members: &Map<String, Value>) {
        let within = |name: &str| match path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        let is_known = |name: &str| schema.fields.iter().any(|field| field.name == name);
        let unknown = members.keys().filter(|name| !is_known(name));
        self.problems.extend(unknown.map(|it| format!("dict_values(['{it}']): Unknown field")));
        for field in schema.fields {
            let path = within(field.name);
            let problem = match members.get(field.name) {
                Some(Value::Null) if field.required => "Field may not be null.",
                None if field.required => "Missing data for required field.",
                Some(Value::Null) | None => continue,
                Some(value) => {
                    self.value(&path, field.field_type, &field.constraints, value);
                    continue;
                }
            };
            self.problems.push(format!("{path}: {problem}"));
        }
    }
}
