//! Documentation comments.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value};

/// The width of a doc comment's text.
const WIDTH: usize = 92;

/// `///` lines for an item.
pub(super) fn outer(markdown: &str) -> TokenStream {
    let lines = lines(markdown);
    quote!(#(#[doc = #lines])*)
}

/// `//!` lines for a module.
pub(super) fn inner(markdown: &str) -> TokenStream {
    let lines = lines(markdown);
    quote!(#(#![doc = #lines])*)
}

/// Makes markdown of a description in the spec, which is paragraphs of plain text with code in
/// backticks.
pub(super) fn escape(description: &str) -> String {
    // Lines begin at the margin: what is set in by four spaces is code, which rustdoc would run.
    let flowing = |paragraph: &str| paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let paragraphs = description.split("\n\n").map(flowing);
    let description = paragraphs.collect::<Vec<_>>().join("\n\n");
    let mut escaped = String::new();
    for (index, part) in description.split('`').enumerate() {
        if index % 2 == 1 {
            escaped.push_str(&format!("`{part}`"));
        } else {
            escaped.extend(part.split_inclusive([' ', '\n']).map(escape_word));
        }
    }
    escaped
}

/// Makes a word plain, and an address a link.
fn escape_word(word: &str) -> String {
    if word.starts_with("https://") || word.starts_with("http://") {
        let address = word.trim_end_matches([' ', '\n', '.', ',', ';', ':']);
        return format!("<{address}>{}", &word[address.len()..]);
    }
    let special = |character| matches!(character, '<' | '>' | '[' | ']' | '*' | '_' | '#' | '\\');
    let mut escaped = String::new();
    for character in word.chars() {
        if special(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// What a schema allows as a value, in words.
pub(super) fn rules(schema: &Map<String, Value>) -> Vec<String> {
    let mut rules = Vec::new();
    rules.extend(range(schema, "minLength", "maxLength", " characters"));
    rules.extend(range(schema, "minimum", "maximum", ""));
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        rules.push(format!("`{pattern}`"));
    }
    rules
}

/// What is allowed from one key of a schema to another.
pub(super) fn range(
    schema: &Map<String, Value>,
    least: &str,
    most: &str,
    what: &str,
) -> Option<String> {
    match (schema.get(least), schema.get(most)) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}{what}")),
        (Some(least), None) => Some(format!("at least {least}{what}")),
        (None, Some(most)) => Some(format!("at most {most}{what}")),
        (None, None) => None,
    }
}

/// A sentence of rules, if there are any.
pub(super) fn takes(rules: &[String]) -> String {
    if rules.is_empty() { String::new() } else { format!(" Takes {}.", rules.join(", ")) }
}

/// The first sentence of a description.
pub(super) fn first_sentence(description: &str) -> &str {
    match description.find(". ") {
        Some(end) => &description[..=end],
        None => description,
    }
}

/// Puts an empty line between items, as prettyplease does not.
pub(super) fn space_items(code: &str) -> String {
    let mut spaced = String::with_capacity(code.len() + code.len() / 16);
    let mut previous = "";
    for line in code.lines() {
        let (before, text) = (previous.trim_start(), line.trim_start());
        // An attribute of several lines ends in the last of these.
        let after_header = before.starts_with("//") || before.starts_with("#[") || previous == ")]";
        let goes_on = before.is_empty() || after_header || before.ends_with(['{', '(', '[']);
        let documented = text.starts_with("///");
        let after_function = before == "}" && (text.starts_with("fn ") || text.starts_with("#["));
        let other_item = !line.starts_with([' ', '}', ')', ']']) && kind(previous) != kind(line);
        if !goes_on && (documented || after_function || other_item) {
            spaced.push('\n');
        }
        if before.starts_with("//!") && !text.starts_with("//!") {
            spaced.push('\n');
        }
        spaced.push_str(line);
        spaced.push('\n');
        previous = line;
    }
    spaced
}

/// What sort of item begins in a line, so that a block of one-line items stays together.
fn kind(line: &str) -> &str {
    const ONE_LINERS: [&str; 4] = ["mod ", "pub(crate) mod ", "pub use ", "use "];
    match ONE_LINERS.iter().find(|start| line.starts_with(**start)) {
        Some(start) => start.trim_start_matches("pub(crate) "),
        None => line,
    }
}

fn lines(markdown: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in markdown.trim().lines() {
        let mut current = String::new();
        let text = line.trim_start();
        let margin = " ".repeat(1 + line.len() - text.len());
        let hanging = if text.starts_with("- ") { format!("{margin}  ") } else { margin.clone() };
        for word in words(text) {
            if current.is_empty() {
                current.push_str(&margin);
            } else if WIDTH < current.len() + 1 + word.len() {
                lines.push(std::mem::replace(&mut current, hanging.clone()));
            } else {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(current);
    }
    lines
}

/// Words, where what stands in backticks is one word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.split(move |character: char| {
        in_code ^= character == '`';
        character == ' ' && !in_code
    })
    .filter(|word| !word.is_empty())
}
