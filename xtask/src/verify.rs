//! Holds the generated files against the spec, so that nothing of either is lost on the way.

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
    for name in layout.modules.iter().flat_map(|module| &module.types) {
        let defined =
            ["struct", "enum"].iter().any(|kind| text.contains(&format!("pub {kind} {name} ")));
        if !defined {
            bail!("the type {name} was not written");
        }
    }
    let compact = without_spaces(&text);
    for name in layout.listed.keys() {
        let start = format!("Schema::new({name:?},");
        let Some((_, rest)) = compact.split_once(&start) else {
            bail!("the schema {name} was not written");
        };
        let schema = rest.split("Schema::new(").next().unwrap_or_default();
        if let Schema::Object(object) = &api.schemas[name] {
            for property in &object.properties {
                let field = without_spaces(&format!("Field::new({:?},", property.name));
                if !schema.contains(&field) {
                    bail!("the schema {name} lacks {}", property.name);
                }
            }
        }
    }
    for leftover in ["progenitor", "api-version", "HashMap", "types ::", "reqwest::header"] {
        if let Some((path, _)) = files.iter().find(|(_, text)| text.contains(leftover)) {
            bail!("{} still holds `{leftover}`", path.display());
        }
    }
    Ok(())
}

/// Code whatever way it is broken into lines.
fn without_spaces(code: &str) -> String {
    code.split_whitespace().collect()
}
