//! Descriptions and summaries are sentences.

use super::Finding;
use super::edits::Edit;
use super::source::Source;
use crate::import::TODO;
use crate::lint::{Kind, Node, text};
use crate::load::{Document, Place};
use crate::pointer::escaped;

pub(super) fn check(document: &Document, nodes: &[Node], sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (pointer, sentence) in sentences(nodes) {
        let sentence = sentence.trim();
        if sentence == TODO {
            let problem = "it is to be written since its import";
            let fault = document.fault(&pointer, problem, "tell in a sentence what it is");
            findings.push(Finding { fault, edit: None });
        }
        if sentence.is_empty() || sentence.ends_with('.') {
            continue;
        }
        let goes_on = |character: char| character.is_alphanumeric() || "`)'\"%".contains(character);
        let edit = match sentence.ends_with(goes_on) {
            true => stop(sources, &document.place(&pointer)),
            false => None,
        };
        let words: Vec<&str> = sentence.split_whitespace().collect();
        let last = words[words.len().saturating_sub(2)..].join(" ");
        let remedy = match edit {
            Some(_) => format!("write `{last}.`"),
            None => format!("end it with one instead of `{last}`"),
        };
        let fault = document.fault(&pointer, "it does not end with a full stop", remedy);
        findings.push(Finding { fault, edit });
    }
    findings
}

/// The texts for readers, with their pointers.
pub(super) fn sentences<'a>(nodes: &[Node<'a>]) -> Vec<(String, &'a str)> {
    let mut sentences = Vec::new();
    for Node { pointer, kind, value } in nodes {
        for key in ["summary", "description"] {
            sentences.extend(text(value, key).map(|it| (format!("{pointer}/{key}"), it)));
        }
        let of_values = value.get("x-enumDescriptions").and_then(|it| it.as_object());
        if *kind == Kind::Schema {
            for (name, sentence) in of_values.into_iter().flatten() {
                let at = format!("{pointer}/x-enumDescriptions/{}", escaped(name));
                sentences.extend(sentence.as_str().map(|it| (at, it)));
            }
        }
    }
    sentences
}

fn stop(sources: &[Source], place: &Place<'_>) -> Option<Edit> {
    let source = sources.iter().find(|source| source.file == place.file)?;
    let end = source.scalar(&place.pointer)?.end(source.text);
    Some(Edit { range: end..end, replacement: ".", ended: Some(place.pointer.clone()) })
}
