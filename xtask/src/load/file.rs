//! A file of a spec: its value as JSON, and the line of each part of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use saphyr_parser::{Event, Parser};
use serde_json::Value;

use super::reference::{Reference, references};
use crate::fault::{Fault, Faults};
use crate::pointer::escaped;

/// A root file and the files that it leads to.
pub(super) struct Files {
    /// Those that were read, the root first.
    pub(super) read: Vec<File>,
    /// Those that were not, by name, with the reason.
    pub(super) unread: BTreeMap<String, io::Error>,
}

/// A file of YAML.
#[derive(Debug)]
pub(super) struct File {
    /// The path from the directory of the root, with `/`.
    pub(super) name: String,
    /// The path as it is shown in errors.
    pub(super) shown: String,
    /// The text as it was read.
    pub(super) text: String,
    /// The value, with members in the order of the text.
    pub(super) value: Value,
    /// Read when the first of them is asked for, which a spec without faults is spared.
    lines: OnceLock<BTreeMap<String, usize>>,
}

impl Files {
    /// Reads a root file and what it leads to; all must be YAML, and all but the root may be
    /// missing.
    pub(super) fn read(
        root: &Path,
        mut text_of: impl FnMut(&Path) -> io::Result<String>,
    ) -> Result<Files, Faults> {
        let shown = root.display().to_string();
        let text = text_of(root).map_err(|error| {
            let remedy = "give the path of a spec in YAML";
            let fault = whole_file(&shown, None, format!("cannot be read: {error}"), remedy);
            Faults { faults: vec![fault] }
        })?;
        let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let dir = root.parent().unwrap_or(Path::new(""));
        let mut files = Files { read: Vec::new(), unread: BTreeMap::new() };
        let mut faults = Vec::new();
        let mut known = BTreeSet::from([name.clone()]);
        let mut found = VecDeque::from([(name, shown, text)]);
        while let Some((name, shown, text)) = found.pop_front() {
            let file = match File::parse(name, shown, &text) {
                Ok(file) => file,
                Err(fault) => {
                    faults.push(fault);
                    continue;
                }
            };
            for reference in references(&file.value) {
                let Some(Reference { file: name, .. }) = Reference::read(reference, &file.name)
                else {
                    continue;
                };
                if known.insert(name.clone()) {
                    let path = dir.join(&name);
                    match text_of(&path) {
                        Ok(text) => found.push_back((name, path.display().to_string(), text)),
                        Err(error) => drop(files.unread.insert(name, error)),
                    }
                }
            }
            files.read.push(file);
        }
        if faults.is_empty() { Ok(files) } else { Err(Faults { faults }) }
    }
}

impl File {
    fn parse(name: String, shown: String, text: &str) -> Result<File, Fault> {
        let value = read(&plain(text)).map_err(|error| {
            let line = error.location().map(|location| location.line());
            let problem = format!("not valid YAML: {error}");
            whole_file(&shown, line, problem, "correct it at that place")
        })?;
        let value = serde_json::to_value(value).map_err(|error| {
            let problem = format!("not writable as JSON: {error}");
            whole_file(&shown, None, problem, "use texts as keys")
        })?;
        Ok(File { name, shown, value, lines: OnceLock::new(), text: text.to_owned() })
    }

    /// The line of the part at a JSON pointer, or of the nearest part around it.
    pub(super) fn line(&self, pointer: &str) -> Option<usize> {
        let lines = self.lines.get_or_init(|| lines(&plain(&self.text)));
        let mut pointer = pointer;
        loop {
            match lines.get(pointer) {
                Some(line) => return Some(*line),
                None => pointer = &pointer[..pointer.rfind('/')?],
            }
        }
    }
}

/// Reads into a value of YAML, which refuses a key that comes twice; JSON would take the second.
fn read(text: &str) -> Result<serde_yaml::Value, serde_yaml::Error> {
    let mut value: serde_yaml::Value = serde_yaml::from_str(text)?;
    value.apply_merge()?;
    Ok(value)
}

fn whole_file(file: &str, line: Option<usize>, problem: String, remedy: &str) -> Fault {
    let (file, remedy) = (file.to_owned(), remedy.to_owned());
    Fault { file, pointer: String::new(), line, problem, remedy }
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
            let name = escaped(key);
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

/// A text without what only some editors write, which says nothing.
pub(super) fn plain(text: &str) -> String {
    text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
}
