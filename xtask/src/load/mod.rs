//! Reads a spec: its root and the files that it refers to, as one document of which it is known
//! where each part stands.

mod bundle;
mod file;
mod reference;
mod resolve;

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::fault::{Fault, Faults};
use file::{File, Files, plain};

/// A spec as it was read.
#[derive(Debug)]
pub struct Document {
    /// The root file, as it is shown in headers.
    pub file: String,
    /// The one document that the files make, with members in their order. Its `$ref`s are local.
    pub value: Value,
    /// The SHA-256 of all files with LF line ends, in hexadecimal digits.
    pub sha256: String,
    /// What is wrong with the way in which the files refer to each other.
    pub faults: Vec<Fault>,
    files: Vec<File>,
    /// Which part of which file stands at a JSON pointer, for those that others stand within.
    origins: BTreeMap<String, Origin>,
}

/// Where a part of the document came from.
#[derive(Clone, Debug)]
struct Origin {
    /// The number of the file.
    file: usize,
    /// The JSON pointer in it.
    pointer: String,
}

/// Where a part of the document stands.
#[derive(Debug)]
pub struct Place<'a> {
    /// The file, as it is shown in errors.
    pub file: &'a str,
    /// The JSON pointer in that file.
    pub pointer: String,
    /// The line in that file.
    pub line: Option<usize>,
}

impl Document {
    /// Reads a root file, and those that it refers to.
    pub fn load(root: &Path) -> Result<Document, Faults> {
        Document::read(root, |path| fs::read_to_string(path))
    }

    /// Reads a text that refers to no other file; `file` is what errors call it.
    pub fn parse(file: &str, text: &str) -> Result<Document, Faults> {
        let root = Path::new(file);
        Document::read(root, |path| match path == root {
            true => Ok(text.to_owned()),
            false => Err(io::ErrorKind::NotFound.into()),
        })
    }

    /// Reads a root file, and those that it refers to, each by `text_of`.
    pub fn read(
        root: &Path,
        text_of: impl FnMut(&Path) -> io::Result<String>,
    ) -> Result<Document, Faults> {
        let files = Files::read(root, text_of)?;
        let sha256 = sha256(&files.read);
        let bundle = bundle::bundle(&files);
        Ok(Document {
            file: root.display().to_string(),
            value: bundle.value,
            sha256,
            faults: bundle.faults,
            files: files.read,
            origins: bundle.origins,
        })
    }

    /// The same files but for those with another text, by their paths as they are shown.
    pub fn with_texts(&self, texts: &BTreeMap<String, String>) -> Result<Document, Faults> {
        Document::read(Path::new(&self.file), |path| {
            let file = self.files.iter().find(|file| Path::new(&file.shown) == path);
            let file = file.ok_or(io::ErrorKind::NotFound)?;
            Ok(texts.get(&file.shown).unwrap_or(&file.text).clone())
        })
    }

    /// The text of a file, by its path as it is shown.
    pub fn text(&self, shown: &str) -> &str {
        self.files.iter().find(|it| it.shown == shown).map_or("", |it| &it.text)
    }

    /// The file that a part at a JSON pointer is in, by its path as it is shown.
    pub fn file_of(&self, pointer: &str) -> &str {
        &self.files[self.origin(pointer).0].shown
    }

    /// What a `$ref` in one file to the part at a JSON pointer of another has to be.
    pub fn reference(&self, from: &str, to: &str, pointer: &str) -> String {
        let name = |shown: &str| {
            self.files.iter().find(|it| it.shown == shown).map_or("", |it| it.name.as_str())
        };
        let up = "../".repeat(name(from).matches('/').count());
        if from == to { format!("#{pointer}") } else { format!("{up}{}#{pointer}", name(to)) }
    }

    /// Where the part at a JSON pointer stands; its line is that of the nearest part around it, if
    /// it has none itself.
    pub fn place(&self, pointer: &str) -> Place<'_> {
        let (number, pointer) = self.origin(pointer);
        let file = &self.files[number];
        Place { file: &file.shown, line: file.line(&pointer), pointer }
    }

    /// The number of the file that the part at a JSON pointer is in, and the pointer there.
    fn origin(&self, pointer: &str) -> (usize, String) {
        let mut outer = pointer;
        loop {
            match (self.origins.get(outer), outer.rfind('/')) {
                (Some(origin), _) => {
                    let inner = &pointer[outer.len()..];
                    return (origin.file, format!("{}{inner}", origin.pointer));
                }
                (None, Some(end)) => outer = &outer[..end],
                (None, None) => return (0, pointer.to_owned()),
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
        let Place { file, pointer, line } = self.place(pointer);
        Fault {
            file: file.to_owned(),
            pointer,
            line,
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

/// Of a single file, it is that of its text.
fn sha256(files: &[File]) -> String {
    let mut digest = Sha256::new();
    for (number, file) in files.iter().enumerate() {
        if number != 0 {
            digest.update(format!("\0{}\0", file.name));
        }
        digest.update(plain(&file.text));
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
