//! Reads a YAML document: its value as JSON, and the line of each part of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use saphyr_parser::{Event, Parser};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::fault::{Fault, Faults};

/// A document as it was read.
#[derive(Debug)]
pub struct Document {
    /// The file, as it is shown in errors.
    pub file: String,
    /// The document's value, with members in its order.
    pub value: Value,
    /// The SHA-256 of the text with LF line ends, in hexadecimal digits.
    pub sha256: String,
    lines: BTreeMap<String, usize>,
}

impl Document {
    /// Reads a file.
    pub fn load(path: &Path) -> Result<Document, Faults> {
        let file = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => Document::parse(&file, &text),
            Err(error) => {
                let remedy = "give the path of a spec in YAML";
                Err(whole_file(&file, None, format!("cannot be read: {error}"), remedy))
            }
        }
    }

    /// Reads a text; `file` is what errors call it.
    pub fn parse(file: &str, text: &str) -> Result<Document, Faults> {
        let text = text.replace("\r\n", "\n");
        let value = read(&text).map_err(|error| {
            let line = error.location().map(|location| location.line());
            whole_file(file, line, format!("not valid YAML: {error}"), "correct it at that place")
        })?;
        let value = serde_json::to_value(value).map_err(|error| {
            whole_file(file, None, format!("not writable as JSON: {error}"), "use texts as keys")
        })?;
        let digest = Sha256::digest(text.as_bytes());
        let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Document { file: file.to_owned(), value, sha256, lines: lines(&text) })
    }

    /// The line of the part at a JSON pointer, or of the nearest part around it.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        let mut pointer = pointer;
        loop {
            match self.lines.get(pointer) {
                Some(line) => return Some(*line),
                None => pointer = &pointer[..pointer.rfind('/')?],
            }
        }
    }

    /// A fault of the part at a JSON pointer.
    pub fn fault(
        &self,
        pointer: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Fault {
        Fault {
            pointer: pointer.to_owned(),
            line: self.line(pointer),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

/// Reads into a value of YAML, which refuses a key that comes twice; JSON would take the second.
fn read(text: &str) -> Result<serde_yaml::Value, serde_yaml::Error> {
    let mut value: serde_yaml::Value = serde_yaml::from_str(text)?;
    value.apply_merge()?;
    Ok(value)
}

fn whole_file(file: &str, line: Option<usize>, problem: String, remedy: &str) -> Faults {
    let fault = Fault { pointer: String::new(), line, problem, remedy: remedy.to_owned() };
    Faults { file: file.to_owned(), faults: vec![fault] }
}

/// A collection that the parser is within.
struct Level {
    pointer: String,
    /// What the next value is called: the key in a mapping, if it has come, or the number in a
    /// sequence.
    next: Next,
}

enum Next {
    Key(Option<String>),
    Number(usize),
}

/// The line of each part, by JSON pointer. A member's line is that of its key.
fn lines(text: &str) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    let mut levels: Vec<Level> = Vec::new();
    for event in Parser::new_from_str(text) {
        // serde_yaml has taken the text, so an error here is a quarrel of parsers; the lines so
        // far are good.
        let Ok((event, span)) = event else { break };
        if let Event::Scalar(key, ..) = &event
            && let Some(Level { pointer, next: Next::Key(awaited @ None) }) = levels.last_mut()
        {
            let name = key.replace('~', "~0").replace('/', "~1");
            lines.insert(format!("{pointer}/{name}"), span.start.line());
            *awaited = Some(name);
            continue;
        }
        match event {
            Event::Scalar(..) | Event::Alias(_) => {
                lines.entry(enter(&mut levels)).or_insert(span.start.line());
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                let pointer = enter(&mut levels);
                lines.entry(pointer.clone()).or_insert(span.start.line());
                let is_mapping = matches!(event, Event::MappingStart(..));
                let next = if is_mapping { Next::Key(None) } else { Next::Number(0) };
                levels.push(Level { pointer, next });
            }
            Event::MappingEnd | Event::SequenceEnd => {
                levels.pop();
            }
            _ => {}
        }
    }
    lines
}

/// The pointer of the value that begins, in the innermost collection.
fn enter(levels: &mut [Level]) -> String {
    match levels.last_mut() {
        None => String::new(),
        Some(Level { pointer, next: Next::Key(key) }) => {
            format!("{pointer}/{}", key.take().unwrap_or_default())
        }
        Some(Level { pointer, next: Next::Number(number) }) => {
            *number += 1;
            format!("{pointer}/{}", *number - 1)
        }
    }
}
