//! `cargo xtask lint`: everything that is wrong with a spec, or against its style, in one run.
//!
//! The lint pass finds what would make a wrong crate. The rules in the modules here are about what
//! a reader of the spec relies on; some of what they find can be mended in the text.

mod edits;
mod enums;
mod json_schema;
mod lists;
mod names;
mod sentences;
mod source;
mod unused;
mod values;
mod whitespace;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use anyhow::{Context, Result};

use crate::fault::{Fault, Faults};
use crate::lint::{Lint, lint};
use crate::load::Document;
use edits::Edit;
pub(crate) use lists::paging;
use source::Source;
pub(crate) use values::allows;

/// What a run over a file found.
#[derive(Debug)]
pub struct Report {
    /// What is wrong, as it stands in the file now.
    pub findings: Vec<Finding>,
    /// The file, as it is shown.
    pub file: String,
    /// How many findings were mended.
    pub fixed: usize,
}

/// One thing that is wrong with a spec.
#[derive(Debug)]
pub struct Finding {
    /// What and where it is, and what to write instead.
    pub fault: Fault,
    edit: Option<Edit>,
}

impl Finding {
    /// Whether it can be mended in the text.
    pub fn is_fixable(&self) -> bool {
        self.edit.is_some()
    }
}

impl Report {
    /// The findings as text, one a line; none if there are none.
    pub fn faults(&self) -> Option<Faults> {
        let faults: Vec<Fault> = self.findings.iter().map(|it| it.fault.clone()).collect();
        (!faults.is_empty()).then_some(Faults { faults })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.findings.len();
        let fixable = self.findings.iter().filter(|it| it.is_fixable()).count();
        write!(f, "{}: ", self.file)?;
        if self.fixed != 0 {
            write!(f, "{} mended, ", self.fixed)?;
        }
        write!(f, "{count} finding{}", if count == 1 { "" } else { "s" })?;
        if fixable != 0 {
            write!(f, "; `cargo xtask lint --fix` mends {fixable}")?;
        }
        Ok(())
    }
}

/// Checks a spec, its root and the files that it refers to; with `fix`, mends in them what can be
/// mended.
pub fn check_file(root: &Path, fix: bool) -> Result<Report> {
    let file = root.display().to_string();
    fs::metadata(root).with_context(|| format!("reading {file}"))?;
    let (findings, texts) = check_files(root, |path| fs::read_to_string(path));
    if !fix {
        return Ok(Report { findings, file, fixed: 0 });
    }
    let mut fixed = 0;
    for (path, text) in &texts {
        let shown = path.display().to_string();
        let (mended, count) = mend(text, findings.iter().filter(|it| it.fault.file == shown));
        if mended != *text {
            fs::write(path, &mended).with_context(|| format!("writing {shown}"))?;
        }
        fixed += count;
    }
    let (findings, _) = check_files(root, |path| fs::read_to_string(path));
    Ok(Report { findings, file, fixed })
}

/// Everything that is wrong with a text; `file` is what it is called.
pub fn check(file: &str, text: &str) -> Vec<Finding> {
    let (findings, _) = check_files(Path::new(file), |path| match path == Path::new(file) {
        true => Ok(text.to_owned()),
        false => Err(io::ErrorKind::NotFound.into()),
    });
    findings
}

/// Everything that is wrong with a spec, whose files are read by `text_of`, and their texts.
fn check_files(
    root: &Path,
    text_of: impl Fn(&Path) -> io::Result<String>,
) -> (Vec<Finding>, Vec<(PathBuf, String)>) {
    let mut texts = Vec::new();
    let read = Document::read(root, |path| {
        let text = text_of(path)?;
        texts.push((path.to_owned(), text.clone()));
        Ok(text)
    });
    let document = match read {
        Ok(document) => document,
        Err(faults) => return (faults.faults.into_iter().map(Finding::from).collect(), texts),
    };
    let mut findings: Vec<Finding> = match lint(&document) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.faults.into_iter().map(Finding::from).collect(),
    };
    let sources: Vec<Source> =
        texts.iter().map(|(path, text)| Source::read(&path.display().to_string(), text)).collect();
    let style = rules(&document, &sources);
    // What the lint pass says of a part is the cause of what a rule says of it.
    let place = |fault: &Fault| (fault.file.clone(), fault.pointer.clone());
    let known: BTreeSet<_> = findings.iter().map(|it| place(&it.fault)).collect();
    let is_known = |fault: &Fault| !fault.pointer.is_empty() && known.contains(&place(fault));
    findings.extend(style.into_iter().filter(|it| !is_known(&it.fault)));
    let order = |it: &Finding| (it.fault.file.clone(), it.fault.line, it.fault.pointer.clone());
    findings.sort_by_key(order);
    drop(sources);
    (findings, texts)
}

/// The text with what can be mended, and how many findings that were.
pub fn mend<'f>(text: &str, findings: impl IntoIterator<Item = &'f Finding>) -> (String, usize) {
    let edits: Vec<&Edit> = findings.into_iter().filter_map(|it| it.edit.as_ref()).collect();
    edits::apply(text, &edits)
}

fn rules(document: &Document, sources: &[Source]) -> Vec<Finding> {
    let (mut lint, nodes) = Lint::walked(document);
    if nodes.is_empty() {
        return Vec::new();
    }
    lists::check(&mut lint, &nodes);
    names::check(&mut lint, &nodes);
    values::check(&mut lint, &nodes);
    enums::check(&mut lint, &nodes);
    unused::check(&mut lint);
    let mut findings: Vec<Finding> = lint.faults.drain(..).map(Finding::from).collect();
    findings.extend(sentences::check(document, &nodes, sources));
    for source in sources {
        findings.extend(whitespace::check(document, source, &nodes));
    }
    findings
}

impl From<Fault> for Finding {
    fn from(fault: Fault) -> Finding {
        Finding { fault, edit: None }
    }
}
