//! Makes parameters of the path and the query, which are simpler in the spec than anywhere else.

use serde_json::{Value, json};

use super::TODO;
use super::graph::Side;
use super::json::{is_true, items, object, text};
use super::schemas::{Converter, Place};
use super::types::Type;

impl Converter<'_> {
    /// A parameter in the spec's form. `name` is what the spec calls it.
    pub(super) fn parameter(&mut self, raw: &Value, name: &str, in_path: bool) -> Value {
        let at = format!("`{name}`");
        let value = if raw.get("type").is_none() { raw.get("schema") } else { None };
        let value = self.target(value.unwrap_or(raw));
        let place = Place::new(&at, name, Side::Request);
        let (list, schema) = match Type::of(&value) {
            Ok(Type { name: "array", .. }) if in_path => {
                self.note(format!("{at} is a list in the path, which is written as a text"));
                (false, json!({ "type": "string" }))
            }
            Ok(Type { name: "array", .. }) => (true, self.list(&value, &place)),
            _ => (false, self.scalar(&value, &place)),
        };
        let required = (in_path || is_true(raw, "required")).then_some(true);
        object([
            ("name", json!(name)),
            ("in", json!(if in_path { "path" } else { "query" })),
            ("required", json!(required)),
            ("description", json!(TODO)),
            ("deprecated", json!(is_true(raw, "deprecated").then_some(true))),
            ("style", json!(list.then_some("form"))),
            ("explode", json!(list.then_some(false))),
            ("schema", schema),
        ])
    }

    fn list(&mut self, value: &Value, place: &Place) -> Value {
        if let Some(format) = text(value, "collectionFormat").filter(|it| *it != "csv") {
            self.note(format!("{} is a list by `{format}`, which is written as csv", place.at));
        }
        let element = match &value["items"] {
            Value::Array(list) if list.len() == 1 => self.target(&list[0]),
            Value::Object(_) => self.target(&value["items"]),
            _ => {
                self.note(format!("{} has items without a type, which are texts", place.at));
                json!({ "type": "string" })
            }
        };
        let element = match Type::of(&element) {
            Ok(Type { name: "array", .. }) => {
                self.note(format!("{} is a list of lists, whose items are texts", place.at));
                json!({ "type": "string" })
            }
            _ => self.scalar(&element, place),
        };
        let schema = json!({ "type": "array", "items": element });
        self.bounded(schema, value, "array", &place.at)
    }

    fn scalar(&mut self, value: &Value, place: &Place) -> Value {
        let ty = match Type::of(value) {
            Ok(Type { name: name @ ("string" | "integer" | "boolean"), .. }) => name,
            Ok(Type { name: "number", .. }) => {
                if !["limit", "skip"].iter().any(|it| place.at == format!("`{it}`")) {
                    self.note(format!("{} is a number, which is written as integer", place.at));
                }
                "integer"
            }
            Ok(Type { name: "", .. }) => {
                self.note(format!("{} has no type, and is a text", place.at));
                "string"
            }
            Ok(Type { name, .. }) => {
                self.note(format!("{} is of type {name}, and is a text", place.at));
                "string"
            }
            Err(problem) => {
                self.note(format!("{} {problem}, and is a text", place.at));
                "string"
            }
        };
        if ty == "string" {
            let named = self.enumeration(value, place).or_else(|| self.identifier(value, place));
            if let Some(named) = named {
                let default = &value["default"];
                if !default.is_null() && text(value, "name") != Some("sortBy") {
                    let problem = format!("has the default {default}");
                    self.note(format!("{} {problem}, for which a `$ref` has no room", place.at));
                }
                return named;
            }
        } else {
            self.no_enum(value, ty, &place.at);
        }
        let is_time = ty == "string" && self.is_time(value, place.member_name());
        let format = match ty {
            "string" if is_time => Some("date-time"),
            "integer" if value["format"] == "int64" => Some("int64"),
            "integer" if value["format"] == "int32" || is_small(value) => Some("int32"),
            "integer" => Some("int64"),
            _ => None,
        };
        self.bounded(json!({ "type": ty, "format": format }), value, ty, &place.at)
    }

    /// What a `$ref` names, or the value itself.
    pub(super) fn target(&mut self, value: &Value) -> Value {
        let mut value = value.clone();
        for _ in 0..8 {
            let Some(name) = text(&value, "$ref") else { return value };
            let Some((_, target)) = self.swagger.target(name) else {
                self.note(format!("the `$ref` `{name}` names nothing"));
                return json!({});
            };
            value = target.clone();
        }
        json!({})
    }
}

/// Whether all values that a schema allows are small.
fn is_small(value: &Value) -> bool {
    value["maximum"].as_f64().is_some_and(|most| most <= f64::from(i32::MAX))
}

/// The default of a parameter, if it is a text.
pub(super) fn default_text<'v>(raw: &'v Value, values: &[Value]) -> Option<&'v str> {
    let default = text(raw, "default")?;
    values.iter().any(|it| it == default).then_some(default)
}

/// The parameters of a path and of an operation, of which the latter prevail.
pub(super) fn declared(converter: &mut Converter, shared: &Value, own: &Value) -> Vec<Value> {
    let mut declared: Vec<Value> = Vec::new();
    for raw in items(shared, "parameters").iter().chain(items(own, "parameters")) {
        let mut raw = converter.target(raw);
        let Some(name) = text(&raw, "name").map(|name| name.trim().to_owned()) else {
            converter.note("a parameter without a name is left out");
            continue;
        };
        if raw["name"] != name.as_str() {
            converter.note(format!("`{name}` has white space around its name, which is left out"));
            raw["name"] = json!(name);
        }
        match declared.iter_mut().find(|it| it["name"] == name.as_str() && it["in"] == raw["in"]) {
            Some(earlier) => *earlier = raw,
            None => declared.push(raw),
        }
    }
    declared
}
