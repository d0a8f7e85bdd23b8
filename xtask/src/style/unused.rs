//! Every component is used.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::lint::Lint;
use crate::pointer::escaped;

pub(super) fn check(lint: &mut Lint) {
    let document = &lint.document.value;
    let mut used = BTreeSet::new();
    for (key, value) in document.as_object().into_iter().flatten() {
        if key != "components" {
            follow_member(document, key, value, &mut used);
        }
    }
    let components = document.get("components").and_then(Value::as_object);
    for (section, members) in components.into_iter().flatten() {
        for name in members.as_object().into_iter().flatten().map(|(name, _)| name) {
            let at = format!("/components/{}/{}", escaped(section), escaped(name));
            if !section.starts_with("x-") && !used.contains(&at) {
                let remedy = "remove it, or `$ref` it where it belongs";
                lint.fault(&at, "nothing uses it", remedy);
            }
        }
    }
}

/// Collects the components that a value names, and those that they name.
fn follow(document: &Value, value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(key, member)| follow_member(document, key, member, used));
        }
        Value::Array(items) => items.iter().for_each(|item| follow(document, item, used)),
        _ => {}
    }
}

fn follow_member(document: &Value, key: &str, member: &Value, used: &mut BTreeSet<String>) {
    match (key, member) {
        ("$ref", Value::String(reference)) => name(document, reference, used),
        ("security", Value::Array(alternatives)) => {
            for (scheme, _) in alternatives.iter().filter_map(Value::as_object).flatten() {
                let at = format!("#/components/securitySchemes/{}", escaped(scheme));
                name(document, &at, used);
            }
        }
        ("mapping", Value::Object(targets)) => {
            for target in targets.values().filter_map(Value::as_str) {
                name(document, target, used);
            }
        }
        _ => {}
    }
    follow(document, member, used);
}

fn name(document: &Value, reference: &str, used: &mut BTreeSet<String>) {
    let Some(pointer) = reference.strip_prefix('#') else { return };
    if used.insert(pointer.to_owned())
        && let Some(target) = document.pointer(pointer)
    {
        follow(document, target, used);
    }
}
