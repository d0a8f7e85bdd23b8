//! What is added to a spec, and how it is written.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::base::Base;
use super::graph::{Graph, with_names};
use super::insert::Text;
use super::json::items;
use super::naming::Named;
use super::operations::Draft;
use super::schemas::ordered;
use super::{TODO, names, yaml};
use crate::load::Document;
use crate::lower::{collect_references, reachable};

/// What is added to a spec.
pub(super) struct Additions {
    /// Tags with their descriptions.
    tags: Vec<Value>,
    paths: Vec<Path>,
    /// Schemas by name.
    pub(super) schemas: Vec<(String, Value)>,
    /// The files of those that nothing in the root refers to.
    homes: BTreeMap<String, String>,
}

/// A path with operations that are added to it.
struct Path {
    path: String,
    /// Operations by method.
    operations: Vec<(String, Value)>,
    /// Whether the spec has the path.
    is_known: bool,
    /// The file that it is in.
    file: String,
}

impl Additions {
    pub(super) fn new(
        spec: &Document,
        base: &Base,
        graph: &Graph,
        named: &Named,
        drafts: &[Draft],
    ) -> Additions {
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
                    file: base.file_of(&draft.path).to_owned(),
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
        let homes = homes(&spec.file, &paths, &schemas);
        Additions { tags, paths, schemas, homes }
    }

    /// The texts of the files that have additions, by their paths as they are shown.
    pub(super) fn write(&self, spec: &Document) -> Result<BTreeMap<String, String>> {
        let mut files: BTreeSet<&str> = self.paths.iter().map(|it| it.file.as_str()).collect();
        if !files.is_empty() {
            files.insert(&spec.file);
        }
        let text = |file: &str| {
            let text = self.write_file(spec, file).with_context(|| file.to_owned())?;
            Ok((file.to_owned(), text))
        };
        let mut texts = files.into_iter().map(text).collect::<Result<BTreeMap<_, _>>>()?;
        texts.retain(|file, text| !text.lines().eq(spec.text(file).lines()));
        Ok(texts)
    }

    fn write_file(&self, spec: &Document, file: &str) -> Result<String> {
        let block = |key: &str, value: &Value, depth: usize| {
            let mut text = String::new();
            yaml::member(key, &self.with_files(value, spec, file), depth, &mut text);
            text
        };
        let mut root = Text::new(spec.text(file));
        let is_root = file == spec.file;
        if is_root && !self.tags.is_empty() {
            root.append(&["tags"], false, |depth| {
                let mut text = String::new();
                self.tags.iter().for_each(|tag| yaml::item(tag, depth, &mut text));
                vec![text]
            })?;
        }
        let members = |members: &[(String, Value)], depth: usize| {
            members.iter().map(|(key, value)| block(key, value, depth)).collect::<Vec<_>>()
        };
        for path in self.paths.iter().filter(|it| it.is_known && it.file == file) {
            let keys = ["paths", &path.path];
            root.append(&keys, false, |depth| members(&path.operations, depth))?;
        }
        let new: Vec<(String, Value)> = self
            .paths
            .iter()
            .filter(|it| !it.is_known && is_root)
            .map(|it| (it.path.clone(), Value::Object(it.operations.iter().cloned().collect())))
            .collect();
        if !new.is_empty() {
            root.append(&["paths"], true, |depth| members(&new, depth))?;
        }
        let home = |name: &String| self.homes.get(name).unwrap_or(&spec.file);
        let schemas: Vec<(String, Value)> =
            self.schemas.iter().filter(|(name, _)| home(name) == file).cloned().collect();
        if !schemas.is_empty() {
            root.append(&["components", "schemas"], true, |depth| members(&schemas, depth))?;
        }
        Ok(root.finish())
    }

    /// With the names of files in `$ref`s to what is not in this one.
    fn with_files(&self, value: &Value, spec: &Document, file: &str) -> Value {
        let inner = |it: &Value| self.with_files(it, spec, file);
        match value {
            Value::String(text) => match text.strip_prefix('#') {
                Some(pointer) if pointer.starts_with("/components/") => {
                    let name = pointer.strip_prefix("/components/schemas/");
                    let home = name.and_then(|name| self.homes.get(name));
                    let home = home.map_or_else(|| spec.file_of(pointer), String::as_str);
                    json!(spec.reference(file, home, pointer))
                }
                _ => value.clone(),
            },
            Value::Object(object) => {
                object.iter().map(|(key, it)| (key.clone(), inner(it))).collect()
            }
            Value::Array(items) => items.iter().map(inner).collect(),
            other => other.clone(),
        }
    }

    /// Reads the texts again, which must say what they said before and what is added.
    pub(super) fn verify(&self, spec: &Document, texts: &BTreeMap<String, String>) -> Result<()> {
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
        const REMEDY: &str =
            "nothing is changed; write `tags`, `paths`, each path and `components` as plain blocks";
        let written = spec.with_texts(texts).context(REMEDY)?;
        if written.value != expected || !written.faults.is_empty() && spec.faults.is_empty() {
            bail!("the spec would not say what is meant; {REMEDY}");
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

/// Where schemas belong that only operations beside the root lead to: in the first of their files.
fn homes(root: &str, paths: &[Path], schemas: &[(String, Value)]) -> BTreeMap<String, String> {
    if paths.iter().all(|it| it.file == root) {
        return BTreeMap::new();
    }
    let schemas: Map<String, Value> = schemas.iter().cloned().collect();
    let document = json!({ "components": { "schemas": schemas } });
    let mut users: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for path in paths {
        let mut named = BTreeSet::new();
        path.operations.iter().for_each(|(_, it)| collect_references(it, &mut named));
        for name in reachable(&document, &named) {
            users.entry(name).or_default().insert(&path.file);
        }
    }
    let home = |files: BTreeSet<&str>| match files.contains(root) {
        true => None,
        false => files.first().map(|file| (*file).to_owned()),
    };
    users.into_iter().filter_map(|(name, files)| Some((name, home(files)?))).collect()
}

fn count_todos(value: &Value) -> usize {
    match value {
        Value::String(text) => usize::from(text == TODO),
        Value::Array(items) => items.iter().map(count_todos).sum(),
        Value::Object(object) => object.values().map(count_todos).sum(),
        _ => 0,
    }
}
