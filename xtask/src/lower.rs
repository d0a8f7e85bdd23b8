//! Turns an honest document into one that progenitor takes, and reads right.
//!
//! The YAML says what is on the wire. What progenitor ignores, confuses or panics at is removed
//! here: other responses than success, constraints, defaults, closed properties. Nothing is lost
//! by that, for the later passes read constraints and the like from the document itself.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::model::METHODS;

/// Lowers a linted document.
pub fn lower(document: &Value) -> Value {
    let mut lowered = document.clone();
    inline_scalars(&mut lowered, document);
    let answered = reachable(document, &schemas_of(document, "responses"));
    if let Some(schemas) = lowered.pointer_mut("/components/schemas").and_then(Value::as_object_mut)
    {
        for (name, schema) in schemas.iter_mut() {
            lower_component(schema, answered.contains(name));
        }
        drop_inlined(schemas, document);
    }
    for (_, item) in lowered["paths"].as_object_mut().into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                lower_operation(operation, document);
            }
        }
        lower_parameters(item, document);
    }
    if let Some(components) = lowered.get_mut("components").and_then(Value::as_object_mut) {
        components.retain(|key, _| key == "schemas");
    }
    lowered
}

/// Keeps the one success, without headers and with a body only if that is JSON, and the parameters'
/// bare types.
fn lower_operation(operation: &mut Value, document: &Value) {
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    responses.retain(|status, _| status.starts_with('2'));
    for response in responses.values_mut() {
        follow(response, document);
        if let Some(response) = response.as_object_mut() {
            response.remove("headers");
            let content = response.get("content").and_then(Value::as_object);
            if content.is_some_and(|content| !content.contains_key("application/json")) {
                response.remove("content");
            }
        }
    }
    if let Some(body) = operation.get_mut("requestBody") {
        follow(body, document);
    }
    lower_parameters(operation, document);
}

fn lower_parameters(holder: &mut Value, document: &Value) {
    for parameter in
        holder.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten()
    {
        follow(parameter, document);
        // A shared one comes from the document as it was.
        inline_scalars(parameter, document);
        for key in ["example", "examples"] {
            if let Some(parameter) = parameter.as_object_mut() {
                parameter.remove(key);
            }
        }
        if let Some(schema) = parameter.get_mut("schema") {
            drop_constraints(schema);
        }
    }
}

/// In answers every property may be missing or null, whatever the document promises. In bodies of
/// requests what is not required may be left out, and an empty list is not left out by accident.
fn lower_component(schema: &mut Value, answered: bool) {
    drop_constraints(schema);
    let Some(object) = schema.as_object_mut() else { return };
    object.remove("nullable");
    // A null is a missing value, whichever alternative allows it.
    for alternative in object.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(alternative) = alternative.as_object_mut() {
            alternative.remove("nullable");
        }
    }
    if answered {
        object.remove("required");
    }
    let required: Vec<String> = match object.get("required").and_then(Value::as_array) {
        Some(names) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None => Vec::new(),
    };
    for (name, property) in
        object.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
    {
        if let Some([only]) = property.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            *property = only.clone();
        }
        if property.get("$ref").is_none() && !required.contains(name) {
            property["nullable"] = json!(true);
        }
    }
}

/// Drops what would make progenitor emit a type of its own for a constrained value, or a default
/// that rejects null.
fn drop_constraints(schema: &mut Value) {
    const CONSTRAINTS: [&str; 13] = [
        "default",
        "example",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "multipleOf",
        "pattern",
        "uniqueItems",
    ];
    let Some(object) = schema.as_object_mut() else { return };
    object.retain(|key, _| !CONSTRAINTS.contains(&key.as_str()));
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = object.get_mut(key) {
            drop_constraints(inner);
        }
    }
    for key in ["allOf", "oneOf"] {
        object
            .get_mut(key)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
            .for_each(drop_constraints);
    }
    for (_, property) in
        object.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
    {
        drop_constraints(property);
    }
}

/// A named scalar or array is no type of its own in Rust, so it is written out where it is named.
fn inline_scalars(value: &mut Value, document: &Value) {
    match value {
        Value::Object(object) => {
            let target =
                object.get("$ref").and_then(Value::as_str).and_then(|name| inlined(name, document));
            if let Some(mut target) = target {
                drop_constraints(&mut target);
                *value = target;
                inline_scalars(value, document);
            } else {
                object.values_mut().for_each(|value| inline_scalars(value, document));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|value| inline_scalars(value, document)),
        _ => {}
    }
}

fn drop_inlined(schemas: &mut Map<String, Value>, document: &Value) {
    schemas.retain(|name, _| inlined(&format!("#/components/schemas/{name}"), document).is_none());
}

/// The schema that a `$ref` names, unless it becomes a type of its own.
fn inlined(reference: &str, document: &Value) -> Option<Value> {
    reference.strip_prefix("#/components/schemas/")?;
    let schema = document.pointer(reference.strip_prefix('#')?)?;
    let is_type = ["properties", "enum", "oneOf"].iter().any(|key| schema.get(key).is_some());
    if is_type { None } else { Some(schema.clone()) }
}

/// Replaces a `$ref` to another part of the components by what it names.
fn follow(value: &mut Value, document: &Value) {
    // A `$ref` may lead back to itself.
    for _ in 0..32 {
        let reference = value.get("$ref").and_then(Value::as_str);
        let pointer = reference.and_then(|reference| reference.strip_prefix('#'));
        match pointer.and_then(|pointer| document.pointer(pointer)) {
            Some(target) => *value = target.clone(),
            None => return,
        }
    }
}

/// The schemas named right under `key` of an operation.
pub(crate) fn schemas_of(document: &Value, key: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            for response in item[method][key].as_object().into_iter().flatten().map(|(_, it)| it) {
                let mut response = response.clone();
                follow(&mut response, document);
                collect_references(&response, &mut names);
            }
        }
    }
    names
}

/// The schemas that `names` lead to, and they themselves.
pub fn reachable(document: &Value, names: &BTreeSet<String>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut pending: Vec<String> = names.iter().cloned().collect();
    while let Some(name) = pending.pop() {
        if reached.insert(name.clone()) {
            let mut next = BTreeSet::new();
            collect_references(&document["components"]["schemas"][&name], &mut next);
            pending.extend(next);
        }
    }
    reached
}

pub(crate) fn collect_references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let reference = object.get("$ref").and_then(Value::as_str);
            let name = reference.and_then(|name| name.strip_prefix("#/components/schemas/"));
            names.extend(name.map(str::to_owned));
            object.values().for_each(|value| collect_references(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_references(value, names)),
        _ => {}
    }
}
