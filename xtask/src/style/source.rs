//! Where the scalars of a document stand in its text.

use std::collections::BTreeMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::pointer::escaped;

/// A text with the places of its scalars.
pub(super) struct Source<'a> {
    /// What the file is called.
    pub(super) file: String,
    pub(super) text: &'a str,
    /// The values by JSON pointer; keys are not among them.
    scalars: BTreeMap<String, Scalar>,
}

/// A scalar in the text.
pub(super) struct Scalar {
    /// Its bytes with quotes; of a block, its lines without the header.
    pub(super) range: Range<usize>,
    pub(super) style: ScalarStyle,
}

impl<'a> Source<'a> {
    pub(super) fn read(file: &str, text: &'a str) -> Source<'a> {
        Source { file: file.to_owned(), text, scalars: scalars(text) }
    }

    pub(super) fn scalar(&self, pointer: &str) -> Option<&Scalar> {
        self.scalars.get(pointer)
    }

    /// The lines of text that are kept as they are, with their pointers.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        let is_block = |it: &Scalar| matches!(it.style, ScalarStyle::Literal | ScalarStyle::Folded);
        let blocks = self.scalars.iter().filter(move |(_, scalar)| is_block(scalar));
        blocks.map(|(pointer, scalar)| (pointer.as_str(), scalar.range.clone()))
    }
}

impl Scalar {
    /// The byte after the last visible character of the value.
    pub(super) fn end(&self, text: &str) -> usize {
        let quoted = matches!(self.style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let written = &text[self.range.start..self.range.end - usize::from(quoted)];
        self.range.start + written.trim_end().len()
    }
}

/// The part of a collection that comes next.
enum Next {
    Key,
    Member(String),
    Item(usize),
}

fn scalars(text: &str) -> BTreeMap<String, Scalar> {
    // The parser counts characters.
    let mut bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    bytes.push(text.len());
    let byte = |index: usize| bytes.get(index).copied().unwrap_or(text.len());

    let mut scalars = BTreeMap::new();
    let mut levels: Vec<(String, Next)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        match event {
            Event::Scalar(value, style, ..) => {
                if let Some((_, next @ Next::Key)) = levels.last_mut() {
                    *next = Next::Member(escaped(&value));
                    continue;
                }
                let range = byte(span.start.index())..byte(span.end.index());
                scalars.insert(enter(&mut levels), Scalar { range, style });
            }
            Event::Alias(_) => {
                enter(&mut levels);
            }
            Event::MappingStart(..) => {
                let pointer = enter(&mut levels);
                levels.push((pointer, Next::Key));
            }
            Event::SequenceStart(..) => {
                let pointer = enter(&mut levels);
                levels.push((pointer, Next::Item(0)));
            }
            Event::MappingEnd | Event::SequenceEnd => {
                levels.pop();
            }
            _ => {}
        }
    }
    scalars
}

/// The pointer of the value that begins, in the innermost collection.
fn enter(levels: &mut [(String, Next)]) -> String {
    let Some((pointer, next)) = levels.last_mut() else { return String::new() };
    match std::mem::replace(next, Next::Key) {
        Next::Item(number) => {
            *next = Next::Item(number + 1);
            format!("{pointer}/{number}")
        }
        Next::Member(name) => format!("{pointer}/{name}"),
        Next::Key => format!("{pointer}/"),
    }
}
