//! Makes one document of files that refer to each other, in which every component has one name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Origin;
use super::file::Files;
use super::reference::Reference;
use super::resolve::{Complaint, Resolver};
use crate::fault::Fault;
use crate::pointer::escaped;

/// The document that files make.
pub(super) struct Bundle {
    pub(super) value: Value,
    pub(super) origins: BTreeMap<String, Origin>,
    pub(super) faults: Vec<Fault>,
}

/// The root with the paths that it refers to, and the components of all files.
pub(super) fn bundle(files: &Files) -> Bundle {
    let mut bundler = Bundler {
        resolver: Resolver { files, faults: Vec::new() },
        document: Map::new(),
        origins: BTreeMap::new(),
        placed: BTreeSet::new(),
        aliases: Vec::new(),
    };
    let value = match &files.read[0].value {
        Value::Object(root) => {
            bundler.root(root);
            for number in 1..files.read.len() {
                bundler.beside(number);
            }
            bundler.check_aliases();
            Value::Object(bundler.document)
        }
        other => other.clone(),
    };
    Bundle { value, origins: bundler.origins, faults: bundler.resolver.faults }
}

struct Bundler<'a> {
    resolver: Resolver<'a>,
    document: Map<String, Value>,
    origins: BTreeMap<String, Origin>,
    /// The paths of other files that the root refers to, by the file's number and the pointer.
    placed: BTreeSet<(usize, String)>,
    /// Components that are nothing but a `$ref` to one of the same name in another file.
    aliases: Vec<(usize, String)>,
}

impl Bundler<'_> {
    fn root(&mut self, root: &Map<String, Value>) {
        for (key, member) in root {
            let at = format!("/{}", escaped(key));
            match (key.as_str(), member) {
                ("paths", Value::Object(paths)) => {
                    let paths = self.paths(paths);
                    self.document.insert(key.clone(), paths);
                }
                ("components", Value::Object(kinds)) => {
                    self.document.insert(key.clone(), Value::Object(Map::new()));
                    self.components(0, kinds);
                }
                _ => {
                    let member = self.resolver.rewritten(0, &at, member);
                    self.document.insert(key.clone(), member);
                }
            }
        }
    }

    /// A file beside the root: its paths stand where the root refers to them.
    fn beside(&mut self, number: usize) {
        let Some(members) = self.resolver.file(number).value.as_object() else {
            self.resolver.fault(number, "", "it is no object", "write `paths` and `components`");
            return;
        };
        for (key, member) in members {
            let at = format!("/{}", escaped(key));
            match (key.as_str(), member.as_object()) {
                ("paths", Some(paths)) => self.check_placed(number, paths),
                ("components", Some(kinds)) => self.components(number, kinds),
                ("paths" | "components", None) => {
                    self.resolver.fault(number, &at, "it is no object", "write an object here");
                }
                _ => {
                    let problem = format!("`{key}` does not stand in a file beside the root");
                    let remedy = format!("move it to {}", self.resolver.file(0).shown);
                    self.resolver.fault(number, &at, problem, remedy);
                }
            }
        }
    }

    fn paths(&mut self, paths: &Map<String, Value>) -> Value {
        let mut bundled = Map::new();
        for (path, item) in paths {
            let at = format!("/paths/{}", escaped(path));
            let item = match item.get("$ref").and_then(Value::as_str) {
                Some(reference) => match self.path(&at, reference) {
                    Ok(described) => {
                        self.check_alone(&at, item);
                        described
                    }
                    Err((problem, remedy)) => {
                        self.resolver.fault(0, &format!("{at}/$ref"), problem, remedy);
                        item.clone()
                    }
                },
                None => self.resolver.rewritten(0, &at, item),
            };
            bundled.insert(path.clone(), item);
        }
        Value::Object(bundled)
    }

    /// The path that the root describes in another file.
    fn path(&mut self, at: &str, reference: &str) -> Result<Value, Complaint> {
        let (number, pointer) = self.resolver.locate(0, reference)?;
        let (name, shown) = (&self.resolver.file(number).name, &self.resolver.file(number).shown);
        if number == 0 || pointer != at {
            let problem = format!("`{reference}` is not the same path in another file");
            let name = if number == 0 { "FILE" } else { name };
            return Err((problem, format!("write `$ref: '{name}#{at}'`")));
        }
        let Some(item) = self.resolver.file(number).value.pointer(at) else {
            let problem = format!("`{reference}` points to nothing");
            return Err((problem, format!("add the path to the `paths` of {shown}")));
        };
        self.placed.insert((number, at.to_owned()));
        self.origins.insert(at.to_owned(), Origin { file: number, pointer: at.to_owned() });
        if item.get("$ref").is_none() {
            return Ok(self.resolver.rewritten(number, at, item));
        }
        let remedy = format!("write this `$ref` in {}", self.resolver.file(0).shown);
        let at = format!("{at}/$ref");
        self.resolver.fault(number, &at, "the path is in yet another file", remedy);
        Ok(item.clone())
    }

    fn check_alone(&mut self, at: &str, item: &Value) {
        if item.as_object().is_some_and(|item| item.len() != 1) {
            let remedy = "move the other keys to where the path is described";
            let problem = "keys beside a `$ref` are ignored by OpenAPI 3.0";
            self.resolver.fault(0, &format!("{at}/$ref"), problem, remedy);
        }
    }

    /// A path that the root does not have would be lost.
    fn check_placed(&mut self, number: usize, paths: &Map<String, Value>) {
        for path in paths.keys() {
            let at = format!("/paths/{}", escaped(path));
            if !self.placed.contains(&(number, at.clone())) {
                let (root, name) = (&self.resolver.file(0).shown, &self.resolver.file(number).name);
                let remedy = format!("write `{path}: {{$ref: '{name}#{at}'}}` there");
                let problem = format!("the `paths` of {root} do not refer to it");
                self.resolver.fault(number, &at, problem, remedy);
            }
        }
    }

    fn components(&mut self, number: usize, kinds: &Map<String, Value>) {
        for (kind, members) in kinds {
            let at = format!("/components/{}", escaped(kind));
            let components = self.document.entry("components");
            let components = components.or_insert_with(|| Value::Object(Map::new()));
            // Lint tells of a root whose components are no object.
            let Some(components) = components.as_object_mut() else { return };
            let is_new = !components.contains_key(kind);
            match members.as_object() {
                Some(members) => {
                    components.entry(kind).or_insert_with(|| Value::Object(Map::new()));
                    for (name, member) in members {
                        self.component(number, kind, name, member);
                    }
                }
                // Of these, too.
                None if is_new => drop(components.insert(kind.clone(), members.clone())),
                None => self.resolver.fault(number, &at, "it is no object", "write an object here"),
            }
            if is_new {
                self.origins.insert(at.clone(), Origin { file: number, pointer: at });
            }
        }
    }

    fn component(&mut self, number: usize, kind: &str, name: &str, member: &Value) {
        let at = format!("/components/{}/{}", escaped(kind), escaped(name));
        let rewritten = self.resolver.rewritten(number, &at, member);
        if self.is_alias(number, &at, member, &rewritten) {
            self.aliases.push((number, at));
            return;
        }
        let Some(members) = self.document["components"][kind].as_object_mut() else { return };
        match members.get(name) {
            None => {
                members.insert(name.to_owned(), rewritten);
                self.origins.insert(at.clone(), Origin { file: number, pointer: at });
            }
            Some(other) if *other == rewritten => {}
            Some(_) => {
                let first = self.resolver.file(self.origins[&at].file);
                let line = first.line(&at).map(|line| format!(":{line}")).unwrap_or_default();
                let problem = format!("`{name}` is something else in {}{line}", first.shown);
                let remedy = "rename one of the two, or keep one and `$ref` it";
                self.resolver.fault(number, &at, problem, remedy);
            }
        }
    }

    /// Whether a component is only another file's of the same name.
    fn is_alias(&self, number: usize, at: &str, member: &Value, rewritten: &Value) -> bool {
        let from = &self.resolver.file(number).name;
        let reference = member.get("$ref").and_then(Value::as_str);
        let reference = reference.and_then(|reference| Reference::read(reference, from));
        reference.is_some_and(|it| it.file != *from)
            && rewritten["$ref"].as_str().and_then(|it| it.strip_prefix('#')) == Some(at)
    }

    fn check_aliases(&mut self) {
        for (number, at) in std::mem::take(&mut self.aliases) {
            if !self.origins.contains_key(&at) {
                let remedy = "write out in one of the files what it is";
                self.resolver.fault(number, &at, "the `$ref`s lead back to itself", remedy);
            }
        }
    }
}
