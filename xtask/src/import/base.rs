//! What the spec has already, for imported operations to refer to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::graph::{Entry, Graph, Node, Side, is_type, node_of, reference};
use super::json::{items, members, text};
use super::names::{Taken, singular};
use crate::load::Document;
use crate::model::METHODS;
use crate::pointer::escaped;

/// The spec as it was before the import.
#[derive(Debug)]
pub(super) struct Base<'a> {
    pub(super) document: &'a Value,
    spec: &'a Document,
    /// The spec's schemas on either side.
    nodes: BTreeMap<(&'a str, bool), Node>,
    /// The schemas that properties and parameters of a name refer to.
    by_member: BTreeMap<String, BTreeSet<&'a str>>,
    /// The tags of the operations that take each shared parameter.
    takers: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// The shared response of each status, and whether most operations answer with it.
    pub(super) responses: BTreeMap<&'a str, (&'a str, bool)>,
    /// The shared headers that most successes come with.
    pub(super) headers: Vec<(&'a str, &'a str)>,
    /// The paths, by their templates without names.
    paths: BTreeMap<String, (&'a String, &'a Value)>,
}

impl<'a> Base<'a> {
    pub(super) fn new(spec: &'a Document, graph: &mut Graph, taken: &mut Taken) -> Base<'a> {
        let document = &spec.value;
        let schemas = || members(&document["components"]["schemas"]);
        let mut nodes = BTreeMap::new();
        for (name, schema) in schemas() {
            taken.keep_type(name);
            for side in [Side::Request, Side::Answer] {
                let entry = Entry {
                    schema: schema.clone(),
                    side,
                    existing: Some(name.clone()),
                    definition: None,
                };
                nodes.insert((name.as_str(), side == Side::Request), graph.add(entry));
            }
        }
        let paths = members(&document["paths"]).rev();
        let mut base = Base {
            document,
            spec,
            nodes,
            by_member: BTreeMap::new(),
            takers: takers(document),
            responses: BTreeMap::new(),
            headers: Vec::new(),
            paths: paths.map(|(path, item)| (without_names(path), (path, item))).collect(),
        };
        base.responses = base.shared_responses();
        base.headers = base.shared_headers();
        for (name, schema) in schemas() {
            for side in [Side::Request, Side::Answer] {
                if let Some(node) = base.schema(name, side) {
                    graph.set(node, base.with_nodes(schema, side));
                }
            }
            for (member, property) in members(&schema["properties"]) {
                base.note_member(member, property);
            }
        }
        for (_, operation) in operations(document) {
            taken.keep_operation(text(operation, "operationId").unwrap_or_default());
            for parameter in items(operation, "parameters") {
                let parameter = base.resolve(parameter);
                let name = text(parameter, "name").unwrap_or_default();
                base.note_member(name, &parameter["schema"]);
            }
        }
        base
    }

    fn note_member(&mut self, member: &str, schema: &'a Value) {
        let item = if schema["items"].is_object() { &schema["items"] } else { schema };
        let inner = items(item, "allOf").first().unwrap_or(item);
        if let Some(name) = text(inner, "$ref").and_then(schema_name) {
            self.by_member.entry(member_name(member)).or_default().insert(name);
        }
    }

    /// The node of a schema of the spec.
    pub(super) fn schema(&self, name: &str, side: Side) -> Option<Node> {
        self.nodes.get(&(name, side == Side::Request)).copied()
    }

    /// The nodes of the schemas that members of this name refer to.
    pub(super) fn of_member(&self, member: &str, side: Side) -> Vec<(&'a str, Node)> {
        let names = self.by_member.get(&member_name(member)).into_iter().flatten();
        names.filter_map(|name| Some((*name, self.schema(name, side)?))).collect()
    }

    /// A schema of the spec with nodes for its `$ref`s.
    pub(super) fn with_nodes(&self, schema: &Value, side: Side) -> Value {
        if let Some(name) = text(schema, "$ref").and_then(schema_name) {
            return match self.schema(name, side) {
                Some(node) => reference(node),
                None => Value::Object(Default::default()),
            };
        }
        match schema {
            Value::Object(object) => {
                object.iter().map(|(key, it)| (key.clone(), self.with_nodes(it, side))).collect()
            }
            Value::Array(items) => items.iter().map(|it| self.with_nodes(it, side)).collect(),
            other => other.clone(),
        }
    }

    /// Follows a `$ref` to any part of the spec.
    pub(super) fn resolve(&self, value: &'a Value) -> &'a Value {
        let pointer = text(value, "$ref").and_then(|reference| reference.strip_prefix('#'));
        pointer.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(value)
    }

    /// The path of the spec that is this one, but for the names of its parameters.
    pub(super) fn path(&self, path: &str) -> Option<(&'a String, &'a Value)> {
        self.paths.get(&without_names(path)).copied()
    }

    /// The file that a path of the spec is in, or comes into.
    pub(super) fn file_of(&self, path: &str) -> &'a str {
        self.spec.file_of(&format!("/paths/{}", escaped(path)))
    }

    /// The tag of the spec that makes the same module.
    pub(super) fn tag(&self, tag: &str) -> Option<&'a str> {
        use heck::ToSnakeCase;
        let names = items(self.document, "tags").iter().filter_map(|tag| text(tag, "name"));
        names.into_iter().find(|name| name.to_snake_case() == tag.to_snake_case())
    }

    /// A shared parameter that is the same, but for its description. One that selects items tells of
    /// those of its own tag.
    pub(super) fn parameter(&self, graph: &Graph, parameter: &Value, tag: &str) -> Option<String> {
        let shape = |parameter: &Value, schema: &Value| {
            let mut below = Vec::new();
            let shape = graph.shape(schema, Side::Request, &mut below, 0);
            let names: Vec<_> =
                below.iter().map(|node| graph.entry(*node).existing.clone()).collect();
            let facts = ["name", "in", "required", "explode", "x-filter"];
            let facts: Vec<Value> = facts.iter().map(|key| parameter[*key].clone()).collect();
            (shape, names, facts)
        };
        let wanted = shape(parameter, &parameter["schema"]);
        if wanted.1.contains(&None) {
            return None;
        }
        let shared = members(&self.document["components"]["parameters"])
            .filter(|(_, it)| it["name"] == parameter["name"])
            .filter(|(name, it)| {
                let takers = self.takers.get(name.as_str());
                it["x-filter"].is_null() || takers.is_some_and(|it| it.iter().all(|it| *it == tag))
            });
        let mut same = shared
            .filter(|(_, it)| shape(it, &self.with_nodes(&it["schema"], Side::Request)) == wanted);
        same.next().map(|(name, _)| format!("#/components/parameters/{name}"))
    }

    fn shared_responses(&self) -> BTreeMap<&'a str, (&'a str, bool)> {
        let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        for (_, operation) in operations(self.document) {
            for (status, response) in members(&operation["responses"]) {
                if let Some(reference) = text(response, "$ref") {
                    *counts.entry(status).or_default().entry(reference).or_default() += 1;
                }
            }
        }
        let all = operations(self.document).count();
        let most = |references: BTreeMap<&'a str, usize>| {
            let (reference, count) = references.into_iter().max_by_key(|(_, count)| *count)?;
            Some((reference, all < 2 * count))
        };
        counts.into_iter().filter_map(|(status, it)| Some((status, most(it)?))).collect()
    }

    fn shared_headers(&self) -> Vec<(&'a str, &'a str)> {
        let mut counts: Vec<((&str, &str), usize)> = Vec::new();
        for (_, operation) in operations(self.document) {
            let success = members(&operation["responses"]).find(|(it, _)| it.starts_with('2'));
            let headers = success.map(|(_, response)| &self.resolve(response)["headers"]);
            for (name, header) in headers.into_iter().flat_map(members) {
                let Some(reference) = text(header, "$ref") else { continue };
                match counts.iter_mut().find(|(it, _)| *it == (name.as_str(), reference)) {
                    Some((_, count)) => *count += 1,
                    None => counts.push(((name.as_str(), reference), 1)),
                }
            }
        }
        let all = operations(self.document).count();
        counts.retain(|(_, count)| all < 2 * count);
        counts.into_iter().map(|(header, _)| header).collect()
    }
}

/// The operations of a spec, with their paths.
fn operations(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    members(&document["paths"]).flat_map(|(path, item)| {
        let methods = METHODS.iter().filter_map(|method| item.get(method));
        methods.map(move |operation| (path, operation))
    })
}

fn takers(document: &Value) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut takers: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (_, operation) in operations(document) {
        let tag = items(operation, "tags").first().and_then(Value::as_str).unwrap_or_default();
        for parameter in items(operation, "parameters") {
            let name = text(parameter, "$ref");
            if let Some(name) = name.and_then(|it| it.strip_prefix("#/components/parameters/")) {
                takers.entry(name).or_default().insert(tag);
            }
        }
    }
    takers
}

fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/")
}

/// A path template without the names in it.
pub(super) fn without_names(path: &str) -> String {
    let mut bare = String::new();
    for part in path.split_inclusive(['{', '}']) {
        bare.push_str(if part.ends_with('}') { "}" } else { part });
    }
    bare
}

/// A member's name without what makes it one of several filters of a field.
pub(super) fn member_name(name: &str) -> String {
    let name = name.split("__").next().unwrap_or(name);
    singular(name.strip_suffix("Nin").unwrap_or(name))
}

/// The values of an enum.
pub(super) fn values(schema: &Value) -> BTreeSet<&str> {
    items(schema, "enum").iter().filter_map(Value::as_str).collect()
}

/// The members of an object.
pub(super) fn names(schema: &Value) -> BTreeSet<&str> {
    members(&schema["properties"]).map(|(name, _)| name.as_str()).collect()
}

/// Whether a schema is an object whose members name no other types.
pub(super) fn is_flat(schema: &Value) -> bool {
    let names_types = Graph::children(schema).is_empty();
    is_type(schema) && schema["properties"].is_object() && names_types && node_of(schema).is_none()
}
