//! What a value that is sent must meet.

use serde_json::{Map, Value, json};

use super::json::text;
use super::schemas::Converter;

impl Converter<'_> {
    /// The constraints and the default of a value that is sent.
    pub(super) fn bounds(
        &mut self,
        value: &Value,
        ty: &str,
        values: &[String],
        at: &str,
    ) -> Map<String, Value> {
        let mut bounds = Map::new();
        let keys: &[&str] = match ty {
            "array" => &["minItems", "maxItems"],
            "string" => &["minLength", "maxLength"],
            "integer" | "number" => &["minimum", "maximum"],
            _ => &[],
        };
        for key in keys {
            let number = value.get(*key).and_then(number).filter(|it| it.fract() == 0.0);
            let is_count = !key.ends_with("imum");
            let tells =
                |it: &f64| !is_count || (if *key == "maxLength" { 0.0 } else { 1.0 }) <= *it;
            if let Some(number) = number.filter(tells) {
                bounds.insert((*key).to_owned(), json!(number as i64));
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
        let default = value.get("default").filter(|it| !it.is_null());
        if let Some(default) = default.filter(|it| **it != json!([])) {
            let low = bounds.get("minimum").and_then(Value::as_i64);
            let high = bounds.get("maximum").and_then(Value::as_i64);
            match fitting(default, ty, values, low, high) {
                Some(default) => drop(bounds.insert("default".to_owned(), default)),
                None => self.note(format!("{at} cannot have its default {default}")),
            }
        }
        bounds
    }
}

/// A default in its type, if it is a value that the schema takes.
fn fitting(
    default: &Value,
    ty: &str,
    values: &[String],
    low: Option<i64>,
    high: Option<i64>,
) -> Option<Value> {
    match ty {
        "string" => {
            let text = default.as_str()?;
            (values.is_empty() || values.iter().any(|it| it == text)).then(|| json!(text))
        }
        "boolean" => match default {
            Value::Bool(it) => Some(json!(it)),
            Value::String(it) => it.to_lowercase().parse::<bool>().ok().map(|it| json!(it)),
            _ => None,
        },
        "integer" => {
            let it = number(default).filter(|it| it.fract() == 0.0)? as i64;
            let fits = low.is_none_or(|low| low <= it) && high.is_none_or(|high| it <= high);
            fits.then(|| json!(it))
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
