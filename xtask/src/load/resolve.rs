//! Resolves `$ref`s between files into those of one document.

use serde_json::{Map, Value};

use super::file::{File, Files};
use super::reference::Reference;
use crate::closest::closest;
use crate::fault::Fault;
use crate::pointer::escaped;

/// Resolves, and keeps what is wrong.
pub(super) struct Resolver<'a> {
    pub(super) files: &'a Files,
    pub(super) faults: Vec<Fault>,
}

/// A problem and its remedy.
pub(super) type Complaint = (String, String);

impl<'a> Resolver<'a> {
    /// A part of a file, with `$ref`s that are good in the document.
    pub(super) fn rewritten(&mut self, number: usize, at: &str, value: &Value) -> Value {
        match value {
            Value::Object(object) => {
                let mut members = Map::new();
                for (key, member) in object {
                    let at = format!("{at}/{}", escaped(key));
                    let member = match (key.as_str(), member) {
                        ("$ref", Value::String(reference)) => {
                            Value::String(self.reference(number, &at, reference))
                        }
                        _ => self.rewritten(number, &at, member),
                    };
                    members.insert(key.clone(), member);
                }
                Value::Object(members)
            }
            Value::Array(items) => {
                let rewrite =
                    |(index, item)| self.rewritten(number, &format!("{at}/{index}"), item);
                Value::Array(items.iter().enumerate().map(rewrite).collect())
            }
            other => other.clone(),
        }
    }

    fn reference(&mut self, number: usize, at: &str, reference: &str) -> String {
        match self.target(number, reference) {
            Ok(pointer) => format!("#{pointer}"),
            Err((problem, remedy)) => {
                self.fault(number, at, problem, remedy);
                reference.to_owned()
            }
        }
    }

    /// The pointer of the component that a `$ref` names.
    fn target(&self, from: usize, reference: &str) -> Result<String, Complaint> {
        let (number, pointer) = self.locate(from, reference)?;
        let File { shown, value, .. } = self.file(number);
        let path = reference.split('#').next().unwrap_or_default();
        if !pointer.starts_with("/components/") {
            let problem = format!("`{reference}` is not in the components of {shown}");
            return Err((problem, format!("write `$ref: '{path}#/components/…'`")));
        }
        if value.pointer(&pointer).is_none() {
            let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
            let names = value.pointer(parent).and_then(Value::as_object);
            let close = names.and_then(|names| closest(name, names.keys().map(String::as_str)));
            let remedy = match (self.elsewhere(from, &pointer), close) {
                (Some(path), _) => format!("write `{path}#{pointer}`"),
                (None, Some(name)) => format!("write `{path}#{parent}/{name}`"),
                (None, None) => format!("add what it names to the components of {shown}"),
            };
            return Err((format!("`{reference}` points to nothing"), remedy));
        }
        Ok(pointer)
    }

    /// The path to a file that has something at a pointer.
    fn elsewhere(&self, from: usize, pointer: &str) -> Option<String> {
        let file = self.files.read.iter().find(|file| file.value.pointer(pointer).is_some())?;
        let from = &self.file(from).name;
        let up = "../".repeat(from.matches('/').count());
        Some(if file.name == *from { String::new() } else { format!("{up}{}", file.name) })
    }

    /// The file and the pointer that a `$ref` names.
    pub(super) fn locate(
        &self,
        number: usize,
        reference: &str,
    ) -> Result<(usize, String), Complaint> {
        let remedy = || "write the path of a file from that of this one, as in `agents.yaml#/…`";
        let Some(Reference { file, pointer }) = Reference::read(reference, &self.file(number).name)
        else {
            let root = &self.file(0).shown;
            let problem = format!("`{reference}` is not in the directory of {root}");
            return Err((problem, remedy().to_owned()));
        };
        let number = self.files.read.iter().position(|it| it.name == file);
        number.map(|number| (number, pointer)).ok_or_else(|| {
            let error = self.files.unread.get(&file).map(|it| format!(": {it}"));
            let problem = format!("`{file}` cannot be read{}", error.unwrap_or_default());
            (problem, remedy().to_owned())
        })
    }

    pub(super) fn file(&self, number: usize) -> &'a File {
        &self.files.read[number]
    }

    pub(super) fn fault(
        &mut self,
        number: usize,
        pointer: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let file = self.file(number);
        self.faults.push(Fault {
            file: file.shown.clone(),
            pointer: pointer.to_owned(),
            line: file.line(pointer),
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }
}
