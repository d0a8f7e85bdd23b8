//! What a value that is sent must meet.

use serde_json::{Map, Value, json};

use super::json::{extend, text};
use super::schemas::{Converter, ordered};
use crate::style;

impl Converter<'_> {
    /// A schema with the constraints and the default of a value that is sent.
    pub(super) fn bounded(&mut self, schema: Value, value: &Value, ty: &str, at: &str) -> Value {
        let mut schema = schema;
        extend(&mut schema, self.bounds(value, ty, at));
        schema = ordered(schema);
        let default = value.get("default").filter(|it| !it.is_null() && **it != json!([]));
        if let Some(default) = default {
            match fitting(default, ty).filter(|it| allows(&schema, it)) {
                Some(default) => schema["default"] = default,
                None => self.note(format!("{at} cannot have its default {default}")),
            }
        }
        ordered(schema)
    }

    fn bounds(&mut self, value: &Value, ty: &str, at: &str) -> Map<String, Value> {
        let mut bounds = Map::new();
        let keys: &[&str] = match ty {
            "array" => &["minItems", "maxItems"],
            "string" => &["minLength", "maxLength"],
            "integer" | "number" => &["minimum", "maximum"],
            _ => &[],
        };
        for key in keys {
            let number = value.get(*key).and_then(number);
            if let Some(number) = number.filter(|it| it.fract() != 0.0) {
                self.note(format!("{at} has a `{key}` of {number}, which is left out"));
                continue;
            }
            let is_count = !key.ends_with("imum");
            let tells =
                |it: &f64| !is_count || (if *key == "maxLength" { 0.0 } else { 1.0 }) <= *it;
            if let Some(number) = number.filter(tells) {
                bounds.insert((*key).to_owned(), json!(number as i64));
            }
        }
        for key in ["exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems"] {
            if value.get(key).is_some_and(|it| !it.is_null() && *it != false) {
                self.note(format!("{at} has `{key}`, which is left out"));
            }
        }
        if let [least, most] = keys
            && let (Some(low), Some(high)) = (bounds.get(*least), bounds.get(*most))
            && high.as_i64() < low.as_i64()
        {
            self.note(format!("{at} has a `{least}` beyond its `{most}`; both are left out"));
            bounds.clear();
        }
        if let Some(pattern) = text(value, "pattern").filter(|_| ty == "string") {
            if regex_lite::Regex::new(pattern).is_ok() {
                bounds.insert("pattern".to_owned(), json!(pattern));
            } else {
                self.note(format!("{at} has the pattern `{pattern}`, which cannot be read here"));
            }
        }
        bounds
    }
}

/// Whether a schema takes a default.
fn allows(schema: &Value, default: &Value) -> bool {
    let number = default.as_f64();
    let is_below = number.zip(schema["minimum"].as_f64()).is_some_and(|(it, least)| it < least);
    let is_above = number.zip(schema["maximum"].as_f64()).is_some_and(|(it, most)| most < it);
    let is_bare = ["format", "minLength", "maxLength", "pattern"];
    let is_bare = is_bare.iter().all(|key| schema[*key].is_null());
    !is_below && !is_above && (number.is_some() || is_bare || style::allows(schema, default))
}

/// A default in the type of its schema.
fn fitting(default: &Value, ty: &str) -> Option<Value> {
    match ty {
        "string" => default.is_string().then(|| default.clone()),
        "boolean" => match default {
            Value::Bool(it) => Some(json!(it)),
            Value::String(it) => it.to_lowercase().parse::<bool>().ok().map(|it| json!(it)),
            _ => None,
        },
        "integer" => {
            let it = number(default).filter(|it| it.fract() == 0.0)?;
            Some(json!(it as i64))
        }
        "number" => default.is_number().then(|| default.clone()),
        _ => None,
    }
}

/// A number, also as a text, that an `i64` holds if it is whole.
pub(super) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(it) => it.as_f64(),
        Value::String(it) => it.trim().parse().ok(),
        _ => None,
    };
    number.filter(|it| it.abs() < 9e15)
}
