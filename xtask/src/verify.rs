//! Holds the generated files against the spec, so that nothing of either is lost on the way.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use crate::emit::{Files, Layout};
use crate::generate::Generated;
use crate::model::{Api, Schema};

/// Checks that progenitor's output was used in full and that none of what it brings along is left.
pub fn verify(api: &Api, generated: &Generated, layout: &Layout, files: &Files) -> Result<()> {
    for operation in &api.operations {
        let Some(method) = generated.methods.get(&operation.method_name()) else {
            bail!("progenitor made no method {} of {}", operation.method_name(), operation.id);
        };
        for name in method.query.keys() {
            if !operation.query().any(|parameter| &parameter.name == name) {
                bail!("progenitor made {name} of {}, which the spec does not have", operation.id);
            }
        }
        let in_path = operation.parameters.iter().filter(|parameter| parameter.in_path).count();
        if method.path.len() != in_path {
            bail!("progenitor gave {} other path parameters than the spec", operation.id);
        }
    }
    let text: String = files.values().map(String::as_str).collect();
    let defined: BTreeSet<&str> = text.lines().filter_map(defined_type).collect();
    for name in layout.modules.iter().flat_map(|module| &module.types) {
        if !defined.contains(name.as_str()) {
            bail!("the type {name} was not written");
        }
    }
    let compact = without_spaces(&text);
    let schemas: BTreeMap<&str, &str> = compact
        .split("Schema::new(\"")
        .skip(1)
        .filter_map(|schema| schema.split_once("\","))
        .collect();
    for name in layout.listed.keys() {
        let Some(schema) = schemas.get(name.as_str()) else {
            bail!("the schema {name} was not written");
        };
        if let Schema::Object(object) = &api.schemas[name] {
            for property in &object.properties {
                let field = without_spaces(&format!("Field::new({:?},", property.name));
                if !schema.contains(&field) {
                    bail!("the schema {name} lacks {}", property.name);
                }
            }
        }
    }
    // As code has them: a type of the spec may well be called `HashMap`.
    let leftovers = [
        "progenitor_client",
        "from_static(\"api-version\")",
        "collections::HashMap",
        "types ::",
        "reqwest::header",
    ];
    for leftover in leftovers {
        if let Some((path, _)) = files.iter().find(|(_, text)| text.contains(leftover)) {
            bail!("{} still holds `{leftover}`", path.display());
        }
    }
    Ok(())
}

/// The type that a line begins to define.
fn defined_type(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub struct ").or(line.strip_prefix("pub enum "))?;
    rest.split(' ').next()
}

/// Code whatever way it is broken into lines.
fn without_spaces(code: &str) -> String {
    code.split_whitespace().collect()
}
