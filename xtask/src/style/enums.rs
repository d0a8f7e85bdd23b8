//! What is said of the values of an enum tells them apart.

use std::collections::BTreeMap;

use crate::import::TODO;
use crate::lint::{Kind, Lint, Node};
use crate::pointer::escaped;

pub(super) fn check(lint: &mut Lint, nodes: &[Node]) {
    for Node { pointer, value, .. } in nodes.iter().filter(|node| node.kind == Kind::Schema) {
        let descriptions = value.get("x-enumDescriptions").and_then(|it| it.as_object());
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, description) in descriptions.into_iter().flatten() {
            let Some(description) = description.as_str().map(str::trim) else { continue };
            if description == TODO {
                continue;
            }
            if let Some(first) = seen.insert(description, name) {
                let at = format!("{pointer}/x-enumDescriptions/{}", escaped(name));
                let problem = format!("`{first}` and `{name}` have the same description");
                lint.fault(&at, problem, "say what tells them apart");
            }
        }
    }
}
