//! Values that an operation takes, for tests of operations that nobody has written a test for.

use regex_lite::Regex;
use sentinelone_runtime::operation::{Constraints, Field, FieldType, Parameter, ValueType};
use serde_json::{Map, Value, json};

/// Texts, of which patterns have met one so far.
const TEXTS: [&str; 5] = ["225494730938493804", "text", "7", "1-2", "a1"];

/// A value that a parameter takes, or one of its items.
pub fn argument(parameter: &Parameter) -> String {
    match (parameter.known_values, parameter.value_type) {
        ([known, ..], _) => (*known).to_owned(),
        (_, ValueType::Integer) => parameter.constraints.minimum.unwrap_or(1).to_string(),
        (_, ValueType::Boolean) => "true".to_owned(),
        (_, ValueType::DateTime) => TIME.to_owned(),
        _ => text(&parameter.constraints),
    }
}

/// A body with what it must have.
pub fn body(content: FieldType) -> Value {
    value(content, &Constraints::new())
}

const TIME: &str = "2026-01-02T03:04:05Z";

fn value(content: FieldType, allowed: &Constraints) -> Value {
    match content {
        FieldType::Object(schema) => {
            let required = schema.fields.iter().filter(|field| field.required);
            let member = |it: &Field| (it.name.to_owned(), value(it.field_type, &it.constraints));
            Value::Object(required.map(member).collect::<Map<_, _>>())
        }
        FieldType::List(element) => {
            let least = allowed.min_items.unwrap_or(0);
            (0..least).map(|_| value(*element, allowed)).collect()
        }
        FieldType::Enum([known, ..]) => json!(known),
        FieldType::Integer | FieldType::Number => json!(allowed.minimum.unwrap_or(1)),
        FieldType::Boolean => json!(true),
        FieldType::DateTime => json!(TIME),
        FieldType::Map(_) => json!({}),
        _ => json!(text(allowed)),
    }
}

fn text(allowed: &Constraints) -> String {
    let pattern = allowed.pattern.map(|pattern| Regex::new(pattern).expect("a pattern"));
    let least = allowed.min_length.unwrap_or(0);
    let padded = TEXTS.iter().map(|text| format!("{text:x<least$}"));
    let mut fitting = padded.filter(|text| {
        let most = allowed.max_length.unwrap_or(usize::MAX);
        let fits = pattern.as_ref().is_none_or(|pattern| pattern.is_match(text));
        fits && text.chars().count() <= most
    });
    fitting.next().unwrap_or_else(|| panic!("add a text that meets {allowed:?}"))
}
