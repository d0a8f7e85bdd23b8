//! Finds what is wrong with a document, all of it in one run.
//!
//! The walk in `shape` knows which kind of OpenAPI object stands where, and collects them; the
//! checks in the other modules go over what it has collected.

mod acts_on;
mod extensions;
mod operations;
mod schemas;
mod shape;

use std::collections::BTreeMap;

use openapiv3::OpenAPI;
use serde_json::Value;

use crate::fault::{Fault, Faults};
use crate::load::Document;
use crate::pointer::escaped;
pub(crate) use operations::is_module;
pub(crate) use shape::{Kind, Node};

/// Checks a document, and reads it as OpenAPI.
pub fn lint(document: &Document) -> Result<OpenAPI, Faults> {
    let mut lint = Lint { document, faults: Vec::new() };
    let mut api = None;
    if lint.version() {
        lint.faults.extend(document.faults.iter().cloned());
        let nodes = shape::walk(&mut lint);
        operations::check(&mut lint, &nodes);
        schemas::check(&mut lint, &nodes);
        extensions::check(&mut lint, &nodes);
        if lint.faults.is_empty() {
            match serde_json::from_value(document.value.clone()) {
                Ok(read) => api = Some(read),
                Err(error) => {
                    let problem = format!("it is not OpenAPI 3.0: {error}");
                    lint.fault("", problem, "correct that part");
                }
            }
        }
    }
    match api {
        Some(api) if lint.faults.is_empty() => Ok(api),
        _ => {
            let mut faults = lint.faults;
            faults
                .sort_by(|a, b| (&a.file, a.line, &a.pointer).cmp(&(&b.file, b.line, &b.pointer)));
            faults.dedup();
            Err(Faults { faults })
        }
    }
}

/// A run over a document.
pub(crate) struct Lint<'a> {
    pub(crate) document: &'a Document,
    pub(crate) faults: Vec<Fault>,
}

impl<'a> Lint<'a> {
    /// A run with the nodes of the document, for checks of other passes.
    pub(crate) fn walked(document: &'a Document) -> (Lint<'a>, Vec<Node<'a>>) {
        let mut lint = Lint { document, faults: Vec::new() };
        let nodes = if lint.version() { shape::walk(&mut lint) } else { Vec::new() };
        lint.faults.clear();
        (lint, nodes)
    }

    pub(crate) fn fault(
        &mut self,
        pointer: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults.push(self.document.fault(pointer, problem, remedy));
    }

    /// Whether the document is of a version that the other checks know.
    fn version(&mut self) -> bool {
        let value = &self.document.value;
        let version = &value["openapi"];
        if version.as_str().is_some_and(|version| version.starts_with("3.0.")) {
            return true;
        }
        let problem = match version.as_str() {
            Some(version) => format!("OpenAPI {version} is not supported"),
            None if value.get("swagger").is_some() => "Swagger is not supported".to_owned(),
            None => "the document does not say its version of OpenAPI".to_owned(),
        };
        self.fault("/openapi", problem, "write `openapi: 3.0.3` and what that version has");
        false
    }

    /// What a local `$ref` names.
    fn target(&self, reference: &str) -> Option<&'a Value> {
        self.document.value.pointer(reference.strip_prefix('#')?)
    }

    /// Follows `$ref`s, also one alone in an `allOf`, as far as they lead somewhere.
    pub(crate) fn resolve(&self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..32 {
            let only = match value.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
                Some([only]) => Some(only),
                _ => None,
            };
            let named = value.get("$ref").and_then(Value::as_str);
            match named.and_then(|reference| self.target(reference)).or(only) {
                Some(target) => value = target,
                None => break,
            }
        }
        value
    }

    /// The nodes of the parameters of an operation with those of its path, `$ref`s followed.
    pub(crate) fn parameters(&self, operation: &Node<'a>) -> Vec<Node<'a>> {
        let path = operation.pointer.rsplit_once('/').map_or("", |(path, _)| path);
        let mut parameters = Vec::new();
        for holder in [path, &operation.pointer] {
            let list = self.document.value.pointer(holder).and_then(|it| it.get("parameters"));
            for (index, parameter) in
                list.and_then(Value::as_array).into_iter().flatten().enumerate()
            {
                parameters.push(Node {
                    pointer: format!("{holder}/parameters/{index}"),
                    kind: shape::Kind::Parameter,
                    value: self.resolve(parameter),
                });
            }
        }
        parameters
    }
}

pub(crate) fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

pub(crate) fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Two names that become one in Rust, found by `rename`; each pair is told at the second.
fn collisions<'n>(
    names: impl IntoIterator<Item = (&'n str, String)>,
    rename: impl Fn(&str) -> String,
) -> Vec<(&'n str, &'n str, String, String)> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for (name, pointer) in names {
        let renamed = rename(name);
        match seen.get(&renamed) {
            Some(first) => found.push((*first, name, renamed, pointer)),
            None => drop(seen.insert(renamed, name)),
        }
    }
    found
}
