//! What a `$ref` names: a file and a JSON pointer in it.

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A `$ref` as it was taken apart.
pub(super) struct Reference {
    /// The name of the file, from the directory of the root.
    pub(super) file: String,
    /// The JSON pointer.
    pub(super) pointer: String,
}

impl Reference {
    /// Reads a `$ref` in the file of that name; none if it leads out of the directory of the root.
    pub(super) fn read(reference: &str, from: &str) -> Option<Reference> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let pointer = percent_decode_str(fragment).decode_utf8_lossy().into_owned();
        Some(Reference { file: file_name(path, from)?, pointer })
    }
}

/// All `$ref`s of a value, in its order.
pub(super) fn references(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str));
            object.values().for_each(|value| collect(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}

fn file_name(path: &str, from: &str) -> Option<String> {
    if path.is_empty() {
        return Some(from.to_owned());
    }
    // An address, the root of a disk, or a path that means something else on another system.
    if path.contains([':', '\\']) || path.starts_with('/') {
        return None;
    }
    let mut segments: Vec<&str> = from.split('/').collect();
    segments.pop();
    for segment in path.split('/') {
        match segment {
            "." | "" => {}
            ".." => drop(segments.pop()?),
            name => segments.push(name),
        }
    }
    Some(segments.join("/"))
}
