//! Checks of schemas.

use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::Value;

use super::operations::require_description;
use super::shape::{Kind, Node};
use super::{Lint, collisions, escaped, items, text};

pub(super) fn check(lint: &mut Lint, nodes: &[Node]) {
    check_names(lint);
    for node in nodes {
        match node.kind {
            Kind::Schema => check_schema(lint, node),
            Kind::Response => require_description(lint, node, "a response"),
            Kind::Header => require_description(lint, node, "a header"),
            _ => {}
        }
    }
}

fn check_names(lint: &mut Lint) {
    let schemas = lint.document.value.pointer("/components/schemas").and_then(Value::as_object);
    let names: Vec<&String> = schemas.into_iter().flatten().map(|(name, _)| name).collect();
    let at = |name: &str| format!("/components/schemas/{}", escaped(name));
    let pairs = names.iter().map(|name| (name.as_str(), at(name)));
    for (first, second, renamed, at) in collisions(pairs, |name| name.to_upper_camel_case()) {
        let problem = format!("`{first}` and `{second}` both become the type `{renamed}`");
        lint.fault(&at, problem, "rename one of the two");
    }
    for name in names {
        let renamed = name.to_upper_camel_case();
        if *name != renamed {
            let problem = format!("`{name}` is not the name of a Rust type");
            lint.fault(&at(name), problem, format!("rename it to `{renamed}`"));
        }
    }
}

fn check_schema(lint: &mut Lint, node: &Node) {
    let Node { pointer, value, .. } = node;
    let place = Place::of(pointer);
    if value.is_boolean() {
        return;
    }
    match place {
        Place::Component => require_description(lint, node, "a schema"),
        Place::Property if items(value, "allOf").is_empty() => {
            require_description(lint, node, "a property");
        }
        _ => {}
    }
    if value.get("type").is_some_and(Value::is_array) {
        let at = format!("{pointer}/type");
        lint.fault(
            &at,
            "a list of types is OpenAPI 3.1",
            "write one type, and `nullable: true` for null",
        );
    }
    for key in ["anyOf", "not"] {
        if value.get(key).is_some() {
            let remedy = "write `oneOf` with a `title` for each, or one type";
            lint.fault(&format!("{pointer}/{key}"), format!("`{key}` is not supported"), remedy);
        }
    }
    if 1 < items(value, "allOf").len() {
        let remedy = "write the properties out in one schema";
        lint.fault(
            &format!("{pointer}/allOf"),
            "`allOf` of several schemas is not supported",
            remedy,
        );
    }
    if value["type"] == "array" && value.get("items").is_none() {
        lint.fault(pointer, "an array without `items`", "add the schema of an item");
    }
    if value["additionalProperties"] == false {
        let remedy = "remove it; the vendor adds members";
        lint.fault(
            &format!("{pointer}/additionalProperties"),
            "`additionalProperties: false` is not kept",
            remedy,
        );
    }
    if place != Place::Component {
        for key in ["properties", "oneOf", "enum"] {
            if value.get(key).is_some() {
                let problem = format!("a schema with `{key}` needs a name");
                lint.fault(pointer, problem, "move it to `components/schemas` and `$ref` it");
            }
        }
    }
    if let Some(properties) = value.get("properties").and_then(Value::as_object) {
        let at = |name: &str| format!("{pointer}/properties/{}", escaped(name));
        let names = properties.keys().map(|name| (name.as_str(), at(name)));
        for (first, second, renamed, at) in collisions(names, |name| name.to_snake_case()) {
            let problem = format!("`{first}` and `{second}` both become the field `{renamed}`");
            lint.fault(&at, problem, "remove one of the two");
        }
        for name in properties.keys() {
            let field = name.to_snake_case();
            if ["new", "self", "unknown_members"].contains(&field.as_str()) {
                let problem = format!("`{field}` is a name that generated code uses itself");
                lint.fault(
                    &at(name),
                    problem,
                    "remove the property; it is kept as an unknown member",
                );
            }
        }
    }
    check_union(lint, node);
    check_constraints(lint, pointer, value);
    if value.get("enum").is_some() && place == Place::Component {
        check_enum(lint, node);
    }
}

/// Constraints that nothing can meet, or that the schema's own default does not meet.
fn check_constraints(lint: &mut Lint, at: &str, schema: &Value) {
    for (least, most) in
        [("minimum", "maximum"), ("minItems", "maxItems"), ("minLength", "maxLength")]
    {
        if let (Some(low), Some(high)) = (schema[least].as_f64(), schema[most].as_f64())
            && high < low
        {
            let problem = format!("`{least}` {low} is greater than `{most}` {high}");
            lint.fault(&format!("{at}/{least}"), problem, "exchange the two");
        }
    }
    for key in ["minimum", "maximum"] {
        if schema[key].is_f64() {
            let remedy = "write a whole number, or say it in the description";
            lint.fault(&format!("{at}/{key}"), format!("`{key}` is no whole number"), remedy);
        }
    }
    if let Some(pattern) = text(schema, "pattern")
        && let Err(error) = regex_lite::Regex::new(pattern)
    {
        let problem = format!("the pattern is not one that the runtime reads: {error}");
        lint.fault(&format!("{at}/pattern"), problem, "write it in the syntax of regex-lite");
    }
    if let Some(default) = schema.get("default") {
        let number = default.as_f64();
        let low = number.zip(schema["minimum"].as_f64()).is_some_and(|(it, least)| it < least);
        let high = number.zip(schema["maximum"].as_f64()).is_some_and(|(it, most)| most < it);
        let values = items(schema, "enum");
        if low || high || (!values.is_empty() && !values.contains(default)) {
            let problem = format!("the default {default} is not a value that the schema allows");
            lint.fault(&format!("{at}/default"), problem, "write one that is, or remove it");
        }
    }
}

fn check_union(lint: &mut Lint, node: &Node) {
    for (index, variant) in items(node.value, "oneOf").iter().enumerate() {
        let at = format!("{}/oneOf/{index}", node.pointer);
        for key in ["title", "description"] {
            if text(variant, key).is_none() {
                let remedy = format!("add `{key}`; the variant is named and documented by these");
                lint.fault(&at, format!("a variant without `{key}`"), remedy);
            }
        }
        if let Some(title) =
            text(variant, "title").filter(|title| title.to_upper_camel_case() != *title)
        {
            let problem = format!("`{title}` is not the name of a Rust variant");
            lint.fault(&at, problem, format!("write `{}`", title.to_upper_camel_case()));
        }
    }
}

fn check_enum(lint: &mut Lint, node: &Node) {
    let Node { pointer, value, .. } = node;
    let at = format!("{pointer}/enum");
    let listed = items(value, "enum");
    if value["type"] != "string" || !listed.iter().all(Value::is_string) {
        let remedy = "write `type: string` and texts, or for numbers `type: integer` alone, with \
                      what they mean in its description; `null` is `nullable: true` where the enum \
                      is used";
        lint.fault(&at, "an enum of something else than texts", remedy);
        return;
    }
    if value["x-open-enum"] != true {
        let remedy = "add `x-open-enum: true`; other values are then kept as they came";
        lint.fault(pointer, "a closed enum would fail on the vendor's next value", remedy);
    }
    let values: Vec<&str> = listed.iter().filter_map(Value::as_str).collect();
    let described = value["x-enumDescriptions"].as_object();
    for one in &values {
        let description = described.and_then(|it| it.get(*one)).and_then(Value::as_str);
        if description.is_none_or(|it| it.trim().is_empty()) {
            let remedy = format!("add it to `x-enumDescriptions`: `{one}: …`");
            lint.fault(&at, format!("the value `{one}` has no description"), remedy);
        }
    }
    for name in described.into_iter().flatten().map(|(name, _)| name) {
        if !values.contains(&name.as_str()) {
            let at = format!("{pointer}/x-enumDescriptions/{}", escaped(name));
            lint.fault(
                &at,
                format!("`{name}` is not a value of the enum"),
                "add it to `enum`, or remove it here",
            );
        }
    }
    check_variants(lint, node, &values);
}

fn check_variants(lint: &mut Lint, node: &Node, values: &[&str]) {
    let Node { pointer, value, .. } = node;
    let at = format!("{pointer}/x-enum-varnames");
    let given = items(value, "x-enum-varnames");
    if value.get("x-enum-varnames").is_some() && given.len() != values.len() {
        let problem = format!("{} names for {} values", given.len(), values.len());
        lint.fault(&at, problem, "write one name for each value, in the same order");
        return;
    }
    let names: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(index, value)| match given.get(index).and_then(Value::as_str) {
            Some(name) => name.to_owned(),
            None => value.to_upper_camel_case(),
        })
        .collect();
    let at = if given.is_empty() { format!("{pointer}/enum") } else { at };
    let pairs = names.iter().map(|name| (name.as_str(), at.clone()));
    for (name, _, _, at) in collisions(pairs, str::to_owned) {
        let same = values
            .iter()
            .zip(&names)
            .filter(|(_, it)| *it == name)
            .map(|(value, _)| format!("`{value}`"));
        let problem =
            format!("{} become the same variant `{name}`", same.collect::<Vec<_>>().join(" and "));
        lint.fault(&at, problem, "add `x-enum-varnames` with a name for each value");
    }
    for (value, name) in values.iter().zip(&names) {
        let is_name =
            syn::parse_str::<syn::Ident>(name).is_ok() && name.to_upper_camel_case() == *name;
        if !is_name || name == "Other" || name == "Self" {
            let problem = format!("`{value}` becomes `{name}`, which cannot name a variant");
            lint.fault(&at, problem, "add `x-enum-varnames` with a name for each value");
        }
    }
}

/// Where a schema stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Component,
    Property,
    Elsewhere,
}

impl Place {
    fn of(pointer: &str) -> Place {
        let mut parents = pointer.rsplit('/').skip(1);
        match (parents.next(), parents.next()) {
            (Some("schemas"), Some("components")) => Place::Component,
            (Some("properties"), _) => Place::Property,
            _ => Place::Elsewhere,
        }
    }
}
