//! The manifest of the generated crate.

use super::{Files, Source};

/// Everything that does not come from the spec.
const TEMPLATE: &str = include_str!("manifest.toml");

pub(super) fn manifest(source: &Source, files: &Files) -> String {
    let header: String = source.header().iter().map(|line| format!("# {line}\n")).collect();
    let uses_json = files.values().any(|text| text.contains("serde_json::"));
    let json = if uses_json { "serde_json.workspace = true\n" } else { "" };
    let features: Vec<&str> = source.layout.features().map(|it| it.name.as_str()).collect();
    let default: Vec<String> =
        ["rustls", "tracing"].iter().chain(&features).map(|it| format!("{it:?}")).collect();
    let tags = match features[..] {
        [] => String::new(),
        _ => {
            let tags: String = features.iter().map(|it| format!("{it} = []\n")).collect();
            format!("# The modules of the spec's tags.\n{tags}")
        }
    };
    let template = TEMPLATE
        .replace("# default\n", &format!("default = [{}]\n", default.join(", ")))
        .replace("# tags\n", &tags)
        .replace("# serde_json\n", json);
    format!("{header}\n{template}")
}
