//! What is added to a spec, and how it is written.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::base::Base;
use super::graph::{Graph, with_names};
use super::insert::Text;
use super::json::items;
use super::naming::Named;
use super::operations::Draft;
use super::schemas::ordered;
use super::{TODO, names, yaml};
use crate::load::Document;

/// What is added to a spec.
pub(super) struct Additions {
    /// Tags with their descriptions.
    tags: Vec<Value>,
    paths: Vec<Path>,
    /// Schemas by name.
    pub(super) schemas: Vec<(String, Value)>,
}

/// A path with operations that are added to it.
struct Path {
    path: String,
    /// Operations by method.
    operations: Vec<(String, Value)>,
    /// Whether the spec has the path.
    is_known: bool,
}

impl Additions {
    pub(super) fn new(base: &Base, graph: &Graph, named: &Named, drafts: &[Draft]) -> Additions {
        let name = |node| named.name(node);
        let mut tags: Vec<Value> = Vec::new();
        let mut paths: Vec<Path> = Vec::new();
        for draft in drafts {
            let tag = json!({ "name": draft.tag, "description": TODO });
            if base.tag(&draft.tag).is_none() && !tags.contains(&tag) {
                tags.push(tag);
            }
            let operation = (draft.method.to_lowercase(), with_names(&draft.value, &name));
            match paths.iter_mut().find(|it| it.path == draft.path) {
                Some(path) => path.operations.push(operation),
                None => paths.push(Path {
                    path: draft.path.clone(),
                    operations: vec![operation],
                    is_known: base.path(&draft.path).is_some(),
                }),
            }
        }
        let mut schemas: Vec<(String, Value)> = named
            .order
            .iter()
            .map(|node| (name(*node), with_variants(with_names(&graph.entry(*node).schema, &name))))
            .collect();
        // Enums stand behind the objects in the spec, by name.
        schemas.sort_by_key(|(name, schema)| {
            let is_enum = schema.get("enum").is_some();
            (is_enum, if is_enum { name.clone() } else { String::new() })
        });
        Additions { tags, paths, schemas }
    }

    pub(super) fn write(&self, spec: &Document, text: &str) -> Result<String> {
        let block = |key: &str, value: &Value, depth: usize| {
            let mut text = String::new();
            yaml::member(key, &with_files(value, spec), depth, &mut text);
            text
        };
        let mut root = Text::new(text);
        if !self.tags.is_empty() {
            root.append(&["tags"], false, |depth| {
                let mut text = String::new();
                self.tags.iter().for_each(|tag| yaml::item(tag, depth, &mut text));
                vec![text]
            })?;
        }
        let members = |members: &[(String, Value)], depth: usize| {
            members.iter().map(|(key, value)| block(key, value, depth)).collect::<Vec<_>>()
        };
        for path in self.paths.iter().filter(|it| it.is_known) {
            let keys = ["paths", &path.path];
            root.append(&keys, false, |depth| members(&path.operations, depth))?;
        }
        let new: Vec<(String, Value)> = self
            .paths
            .iter()
            .filter(|it| !it.is_known)
            .map(|it| (it.path.clone(), Value::Object(it.operations.iter().cloned().collect())))
            .collect();
        if !new.is_empty() {
            root.append(&["paths"], true, |depth| members(&new, depth))?;
        }
        if !self.schemas.is_empty() {
            root.append(&["components", "schemas"], true, |depth| members(&self.schemas, depth))?;
        }
        Ok(root.finish())
    }

    /// Reads the text again, which must say what it said before and what is added.
    pub(super) fn verify(&self, spec: &Document, text: &str) -> Result<()> {
        let mut expected = spec.value.clone();
        if !self.tags.is_empty() {
            let tags = items(&spec.value, "tags").iter().chain(&self.tags).cloned();
            expected["tags"] = tags.collect();
        }
        for Path { path, operations, .. } in &self.paths {
            for (method, operation) in operations {
                expected["paths"][path][method] = operation.clone();
            }
        }
        for (name, schema) in &self.schemas {
            expected["components"]["schemas"][name] = schema.clone();
        }
        let written = spec.with_root(text).context("what was written is no YAML")?;
        if written.value != expected {
            bail!("what was written is not what was meant; nothing is changed");
        }
        Ok(())
    }

    pub(super) fn todos(&self) -> usize {
        let operations = self.paths.iter().flat_map(|it| &it.operations);
        let schemas = self.schemas.iter().chain(operations).map(|(_, value)| value);
        schemas.chain(&self.tags).map(count_todos).sum()
    }
}

/// An enum with names for its values, if they need any.
fn with_variants(schema: Value) -> Value {
    let mut schema = schema;
    let values = items(&schema, "enum").iter().filter_map(Value::as_str).map(str::to_owned);
    if let Some(names) = names::variants(&values.collect::<Vec<_>>()) {
        schema["x-enum-varnames"] = json!(names);
    }
    ordered(schema)
}

/// With the names of files in `$ref`s to what is not in the root.
fn with_files(value: &Value, spec: &Document) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix('#') {
            Some(pointer) if pointer.starts_with("/components/") => json!(spec.reference(pointer)),
            _ => value.clone(),
        },
        Value::Object(object) => {
            object.iter().map(|(key, it)| (key.clone(), with_files(it, spec))).collect()
        }
        Value::Array(items) => items.iter().map(|it| with_files(it, spec)).collect(),
        other => other.clone(),
    }
}

fn count_todos(value: &Value) -> usize {
    match value {
        Value::String(text) => usize::from(text == TODO),
        Value::Array(items) => items.iter().map(count_todos).sum(),
        Value::Object(object) => object.values().map(count_todos).sum(),
        _ => 0,
    }
}
