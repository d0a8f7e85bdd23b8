//! Edits of a text that leave all else of it as it is.

use std::ops::Range;

use serde_json::Value;

use crate::load::Document;

/// A replacement in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// The bytes that are replaced.
    pub(super) range: Range<usize>,
    pub(super) replacement: &'static str,
    /// The part of the document that is to end with a full stop after it.
    pub(super) ended: Option<String>,
}

/// Makes the edits that do what they are meant to and nothing else; the text, and how many.
pub(super) fn apply(text: &str, edits: &[&Edit]) -> (String, usize) {
    if let Some(edited) = all(text, edits) {
        return (edited, edits.len());
    }
    let good: Vec<&Edit> =
        edits.iter().copied().filter(|edit| all(text, &[*edit]).is_some()).collect();
    let edited = all(text, &good).unwrap_or_else(|| text.to_owned());
    let count = if edited == text { 0 } else { good.len() };
    (edited, count)
}

/// The edited text, if its value is what it should be.
fn all(text: &str, edits: &[&Edit]) -> Option<String> {
    let mut ordered = edits.to_vec();
    ordered.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut edited = text.to_owned();
    for edit in ordered.into_iter().rev() {
        edited.replace_range(edit.range.clone(), edit.replacement);
    }
    let mut expected = trimmed(&Document::parse("", text).ok()?.value);
    for pointer in edits.iter().filter_map(|edit| edit.ended.as_ref()) {
        if let Some(Value::String(sentence)) = expected.pointer_mut(pointer) {
            sentence.push('.');
        }
    }
    let reached = trimmed(&Document::parse("", &edited).ok()?.value);
    (reached == expected).then_some(edited)
}

/// The value without white space at the ends of lines.
fn trimmed(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
            Value::String(lines.join("\n"))
        }
        Value::Array(items) => items.iter().map(trimmed).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), trimmed(member))).collect()
        }
        other => other.clone(),
    }
}
