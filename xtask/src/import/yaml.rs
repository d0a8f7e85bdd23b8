//! Writes YAML as the spec is written by hand: blocks, set in by two spaces, and no quotes where
//! they are not needed.

use serde_json::Value;

/// A member of a block, at this depth.
pub(super) fn member(key: &str, value: &Value, indent: usize, text: &mut String) {
    text.push_str(&format!("{}{}:", " ".repeat(indent), scalar(key)));
    below(value, indent, text);
}

/// An item of a list, at this depth.
pub(super) fn item(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            let start = text.len();
            for (key, value) in object {
                member(key, value, indent + 2, text);
            }
            text.replace_range(start + indent..start + indent + 1, "-");
        }
        value => {
            text.push_str(&format!("{}- {}\n", " ".repeat(indent), inline(value)));
        }
    }
}

fn below(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            text.push('\n');
            for (key, value) in object {
                member(key, value, indent + 2, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            for value in items {
                item(value, indent + 2, text);
            }
        }
        value => text.push_str(&format!(" {}\n", inline(value))),
    }
}

/// What stands in one line: a scalar, or something empty.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text, in quotes if it would be read as something else.
fn scalar(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else if !text.chars().all(is_printable) {
        let quoted = Value::from(text).to_string();
        // JSON has most of them as they are, which YAML does not take.
        let escaped = |it: char| match is_printable(it) {
            true => it.to_string(),
            false => format!("\\u{:04x}", u32::from(it)),
        };
        quoted.chars().map(escaped).collect()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// Whether a character may stand in YAML as it is, and means nothing there.
fn is_printable(it: char) -> bool {
    !it.is_control()
        && !matches!(it, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn is_plain(text: &str) -> bool {
    // What YAML 1.1 takes for a boolean, or for a number in base 60, not every reader leaves alone.
    const WORDS: [&str; 10] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"];
    let is_word = WORDS.contains(&text.to_lowercase().as_str());
    let is_number = text.starts_with(|it: char| it.is_ascii_digit() || "+-.".contains(it))
        && text.chars().all(|it| it.is_ascii_hexdigit() || "+-._:xoT".contains(it));
    if text.is_empty() || is_word || is_number || !text.chars().all(is_printable) {
        return false;
    }
    // Most texts are of this sort, and need no parser.
    let is_simple = text.starts_with(|it: char| it.is_ascii_alphabetic() || "/$".contains(it))
        && text.chars().all(|it| it.is_ascii_alphanumeric() || "_-./{}$".contains(it));
    is_simple
        || matches!(serde_yaml::from_str(text), Ok(serde_yaml::Value::String(read)) if read == text)
}
