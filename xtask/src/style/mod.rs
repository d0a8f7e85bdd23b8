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

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::fault::{Fault, Faults};
use crate::lint::{Lint, lint};
use crate::load::Document;
use edits::Edit;
use source::Source;

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
        (!faults.is_empty()).then(|| Faults { file: self.file.clone(), faults })
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

/// Checks a file; with `fix`, mends in it what can be mended.
pub fn check_file(path: &Path, fix: bool) -> Result<Report> {
    let file = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| format!("reading {file}"))?;
    let findings = check(&file, &text);
    if !fix {
        return Ok(Report { findings, file, fixed: 0 });
    }
    let (mended, fixed) = mend(&text, &findings);
    if mended != text {
        fs::write(path, &mended).with_context(|| format!("writing {file}"))?;
    }
    Ok(Report { findings: check(&file, &mended), file, fixed })
}

/// Everything that is wrong with a text; `file` is what it is called.
pub fn check(file: &str, text: &str) -> Vec<Finding> {
    let document = match Document::parse(file, text) {
        Ok(document) => document,
        Err(faults) => return faults.faults.into_iter().map(Finding::from).collect(),
    };
    let mut findings: Vec<Finding> = match lint(&document) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.faults.into_iter().map(Finding::from).collect(),
    };
    let source = Source::read(text);
    let style = rules(&document, &source);
    // What the lint pass says of a part is the cause of what a rule says of it.
    let known = |fault: &Fault| {
        !fault.pointer.is_empty() && findings.iter().any(|it| it.fault.pointer == fault.pointer)
    };
    let style: Vec<Finding> = style.into_iter().filter(|it| !known(&it.fault)).collect();
    findings.extend(style);
    findings
        .sort_by(|a, b| (a.fault.line, &a.fault.pointer).cmp(&(b.fault.line, &b.fault.pointer)));
    findings
}

/// The text with what can be mended, and how many findings that were.
pub fn mend(text: &str, findings: &[Finding]) -> (String, usize) {
    let edits: Vec<&Edit> = findings.iter().filter_map(|it| it.edit.as_ref()).collect();
    edits::apply(text, &edits)
}

fn rules(document: &Document, source: &Source) -> Vec<Finding> {
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
    findings.extend(sentences::check(document, &nodes, source));
    findings.extend(whitespace::check(source, &nodes));
    findings
}

impl From<Fault> for Finding {
    fn from(fault: Fault) -> Finding {
        Finding { fault, edit: None }
    }
}
