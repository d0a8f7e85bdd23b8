//! The manifest of the generated crate.

use super::{Files, Source};

/// Everything that does not come from the spec.
const TEMPLATE: &str = include_str!("manifest.toml");

pub(super) fn manifest(source: &Source, files: &Files) -> String {
    let header: String = source.header().iter().map(|line| format!("# {line}\n")).collect();
    let uses_json = files.values().any(|text| text.contains("serde_json::"));
    let json = if uses_json { "serde_json.workspace = true\n" } else { "" };
    format!("{header}\n{}", TEMPLATE.replace("# serde_json\n", json))
}
