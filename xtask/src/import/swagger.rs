//! The document that a console serves, as it is: little of what Swagger 2.0 promises is relied on.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::json::{items, members, text};
use crate::closest::distance;
use crate::model::METHODS;

/// A Swagger 2.0 document.
#[derive(Debug)]
pub struct Swagger {
    /// The file, as it is shown in errors.
    pub file: String,
    pub(super) value: Value,
}

/// An operation of the document.
#[derive(Clone, Debug)]
pub(super) struct Operation<'a> {
    /// In upper case.
    pub(super) method: String,
    /// With the document's base path.
    pub(super) path: String,
    pub(super) value: &'a Value,
    /// What all operations of the path share.
    pub(super) item: &'a Value,
}

impl Operation<'_> {
    /// Method and path, as they are written on the command line.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl Swagger {
    /// Reads a file.
    pub fn load(path: &Path) -> Result<Swagger> {
        let file = path.display().to_string();
        let bytes = fs::read(path).with_context(|| format!("{file} cannot be read"))?;
        match String::from_utf8(bytes) {
            Ok(text) => Swagger::parse(&file, &text),
            Err(_) => bail!("{file} is not UTF-8; download it without a change of its encoding"),
        }
    }

    /// Reads a text; `file` is what errors call it.
    pub fn parse(file: &str, text: &str) -> Result<Swagger> {
        let text = text.trim_start_matches('\u{feff}');
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => {
                bail!("{file} is not JSON: {error}; download the document that the console serves")
            }
        };
        let found = match (&value["swagger"], &value["openapi"]) {
            (Value::String(version), _) if version == "2.0" => None,
            (Value::Number(version), _) if version.as_f64() == Some(2.0) => None,
            (Value::Null, Value::Null) => Some("it does not say its version".to_owned()),
            (Value::Null, version) => Some(format!("it is OpenAPI {version}")),
            (version, _) => Some(format!("it is Swagger {version}")),
        };
        if let Some(found) = found {
            bail!("{file} is not Swagger 2.0: {found}; give the document that the console serves");
        }
        if !value["paths"].is_object() {
            bail!("{file} has no `paths`; give the document that the console serves");
        }
        Ok(Swagger { file: file.to_owned(), value })
    }

    /// All operations, in the document's order.
    pub(super) fn operations(&self) -> Vec<Operation<'_>> {
        let mut operations = Vec::new();
        for (path, item) in members(&self.value["paths"]) {
            for (method, value) in members(item) {
                if METHODS.contains(&method.as_str()) && value.is_object() {
                    let (method, path) = (method.to_uppercase(), self.full_path(path));
                    operations.push(Operation { method, path, value, item });
                }
            }
        }
        operations
    }

    /// The operations of these names, such as `GET /web/api/v2.1/threats`, in this order.
    pub(super) fn find(&self, names: &[String]) -> Result<Vec<Operation<'_>>> {
        let all = self.operations();
        let mut found: Vec<Operation> = Vec::new();
        let base = self.base_path();
        for name in names {
            let wanted = canonical(name);
            let exact = all.iter().find(|operation| operation.name() == *name);
            let matching = exact.or_else(|| {
                all.iter().find(|operation| {
                    let short = operation.path.strip_prefix(&base).unwrap_or_default();
                    let short = format!("{} {short}", operation.method);
                    canonical(&operation.name()) == wanted || canonical(&short) == wanted
                })
            });
            let Some(operation) = matching else { bail!(self.unknown(name, &all)) };
            if !found.iter().any(|it| it.name() == operation.name()) {
                found.push(operation.clone());
            }
        }
        Ok(found)
    }

    fn unknown(&self, name: &str, all: &[Operation]) -> String {
        let wanted = canonical(name);
        let words = |name: &str| -> BTreeSet<String> {
            name.split(['/', ' ', '-', '_'])
                .filter(|it| !it.is_empty())
                .map(singular_word)
                .collect()
        };
        let wanted_words = words(&wanted);
        let mut near: Vec<(usize, usize, String)> = all
            .iter()
            .map(|operation| {
                let name = operation.name();
                let apart = words(&canonical(&name)).symmetric_difference(&wanted_words).count();
                (apart, distance(&name, &wanted), name)
            })
            .collect();
        near.sort();
        let near: Vec<String> = near.iter().take(3).map(|it| format!("`{}`", it.2)).collect();
        let remedy = if near.is_empty() {
            "it has none at all".to_owned()
        } else if !name.contains(char::is_whitespace) {
            format!("write method and path as one argument, such as {}", near[0].replace('`', "'"))
        } else {
            format!("near it are {}; `--list` shows all", near.join(", "))
        };
        format!("{} has no operation `{name}`; {remedy}", self.file)
    }

    fn base_path(&self) -> String {
        let path = text(&self.value, "basePath").unwrap_or_default().trim_matches('/');
        if path.is_empty() { String::new() } else { format!("/{path}") }
    }

    fn full_path(&self, path: &str) -> String {
        let base = self.base_path();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let has_base = base.is_empty() || path == base || path.starts_with(&format!("{base}/"));
        if has_base { path } else { format!("{base}{path}") }
    }

    /// What a local `$ref` names, with the pointer to it.
    pub(super) fn target(&self, reference: &str) -> Option<(String, &Value)> {
        let pointer = percent_decoded(reference.strip_prefix('#')?);
        // A name with a slash in it may stand there unescaped.
        let direct = self.value.pointer(&pointer);
        let target = direct.or_else(|| {
            let (section, name) = pointer.strip_prefix('/')?.split_once('/')?;
            self.value.get(section)?.get(name)
        })?;
        Some((pointer, target))
    }

    /// The types that an operation takes or gives.
    pub(super) fn media(&self, operation: &Value, key: &str) -> Vec<String> {
        let own = items(operation, key);
        let all = if own.is_empty() { items(&self.value, key) } else { own };
        let bare = |media: &str| media.split(';').next().unwrap_or_default().trim().to_lowercase();
        // One that stands for several, such as `*/*`, tells nothing.
        let tells = |media: &String| {
            media == "json" || media.split('/').count() == 2 && !media.contains(['*', ' ', '{'])
        };
        all.iter().filter_map(Value::as_str).map(bare).filter(tells).collect()
    }
}

/// A name of an operation without what people write in different ways.
fn canonical(name: &str) -> String {
    let mut words = name.split_whitespace();
    let method = words.next().unwrap_or_default().to_uppercase();
    let path = words.collect::<Vec<_>>().join(" ");
    format!("{method} {}", path.trim_end_matches('/'))
}

fn singular_word(word: &str) -> String {
    super::names::singular(&word.to_lowercase())
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match hex.filter(|_| *first == b'%').and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
