//! Schemas of OpenAPI 3.0 as JSON Schema, for a validator.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::lower::reachable;

/// The JSON Schema of a schema, with the components that it leads to.
///
/// It is of draft 4, whose `exclusiveMinimum` and `exclusiveMaximum` are those of OpenAPI 3.0.
pub(super) fn json_schema(document: &Value, schema: &Value) -> Value {
    let mut named = BTreeSet::new();
    references(schema, &mut named);
    let mut schemas = Map::new();
    for name in reachable(document, &named) {
        let component = &document["components"]["schemas"][&name];
        schemas.insert(name, lowered(component));
    }
    json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "allOf": [lowered(schema)],
        "components": { "schemas": schemas },
    })
}

fn references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let reference = object.get("$ref").and_then(Value::as_str);
            let name = reference.and_then(|it| it.strip_prefix("#/components/schemas/"));
            names.extend(name.map(str::to_owned));
            object.values().for_each(|member| references(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}

/// A schema in which null is a type.
fn lowered(schema: &Value) -> Value {
    let Some(object) = schema.as_object() else { return schema.clone() };
    let mut lowered = Map::new();
    for (key, member) in object {
        let member = match (key.as_str(), member) {
            // These are values and not schemas.
            ("nullable" | "default" | "example", _) => continue,
            ("properties", Value::Object(properties)) => {
                properties.iter().map(|(name, it)| (name.clone(), property(it))).collect()
            }
            ("items" | "not" | "additionalProperties", it) => self::lowered(it),
            ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                schemas.iter().map(self::lowered).collect()
            }
            _ => member.clone(),
        };
        lowered.insert(key.clone(), member);
    }
    let nullable = object.get("nullable") == Some(&Value::Bool(true));
    if nullable { or_null(lowered) } else { Value::Object(lowered) }
}

/// A property that is a bare `$ref` has no room for `nullable`, and may be null.
fn property(schema: &Value) -> Value {
    match schema.as_object() {
        Some(bare) if bare.contains_key("$ref") => or_null(bare.clone()),
        _ => lowered(schema),
    }
}

/// A plain type takes null as another type, for then a validator names the fault of a value that is
/// not null.
fn or_null(mut schema: Map<String, Value>) -> Value {
    let Some(Value::String(ty)) = schema.get("type") else {
        return json!({ "anyOf": [{ "type": "null" }, schema] });
    };
    let types = json!([ty, "null"]);
    schema.insert("type".to_owned(), types);
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
    Value::Object(schema)
}
