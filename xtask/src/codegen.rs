//! `cargo xtask codegen`: from the spec to the crate.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::emit::{Files, Layout, Source, emit, is_reserved};
use crate::fault::Faults;
use crate::generate::generate;
use crate::lint::lint;
use crate::load::Document;
use crate::lower::lower;
use crate::model::{Api, Schema};
use crate::verify::verify;
use crate::write::{Change, apply, changes};

/// The crate as it should be, and what it was made from.
#[derive(Debug)]
pub struct Generation {
    /// The files by their path within the crate.
    pub files: Files,
    /// How many of each thing there are.
    pub counts: Counts,
}

/// How many of each thing the crate has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Operations.
    pub operations: usize,
    /// Parameters of all operations.
    pub parameters: usize,
    /// Structs and unions.
    pub types: usize,
    /// Open enums.
    pub enums: usize,
}

/// Runs the passes over a document that is in memory.
pub fn passes(document: &Document) -> Result<Generation> {
    lint(document)?;
    let api = Api::read(&document.value)?;
    let layout = Layout::new(&api, &document.value);
    let enums: Vec<String> = api
        .schemas
        .iter()
        .filter(|(_, schema)| matches!(schema, Schema::Enum(_)))
        .map(|(name, _)| name.clone())
        .collect();
    check_names(document, &api, &layout)?;
    let generated = generate(&lower(&document.value), &enums)?;
    let source = Source {
        api: &api,
        generated: &generated,
        layout: &layout,
        file: &document.file,
        sha256: &document.sha256,
    };
    let files = emit(&source)?;
    verify(&api, &generated, &layout, &files)?;

    let types = || layout.modules.iter().flat_map(|module| &module.types);
    let enums = types().filter(|name| matches!(api.schemas[*name], Schema::Enum(_))).count();
    let counts = Counts {
        operations: api.operations.len(),
        parameters: api.operations.iter().map(|operation| operation.parameters.len()).sum(),
        types: types().count() - enums,
        enums,
    };
    Ok(Generation { files, counts })
}

/// A type may not hide what generated code needs.
fn check_names(document: &Document, api: &Api, layout: &Layout) -> Result<(), Faults> {
    let is_taken = |name: &str| is_reserved(name) || api.is_query(name);
    let names = layout.modules.iter().flat_map(|module| &module.types);
    let faults: Vec<_> = names
        .filter(|name| is_taken(name))
        .map(|name| {
            let at = format!("/components/schemas/{name}");
            let problem = format!("generated code has its own `{name}`");
            document.fault(&at, problem, "give the schema another name")
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Faults { faults }) }
}

/// What a run did, or would do.
#[derive(Debug)]
pub struct Report {
    /// How many of each thing the crate has.
    pub counts: Counts,
    /// What differed.
    pub changes: Vec<Change>,
    /// How many files did not differ.
    pub unchanged: usize,
    /// How long the run took.
    pub elapsed: Duration,
}

/// Generates the crate in `dir` from the spec; with `check`, only says what differs.
pub fn codegen(spec: &Path, dir: &Path, check: bool) -> Result<Report> {
    let start = Instant::now();
    let generation = passes(&Document::load(spec)?)?;
    let changes = changes(dir, &generation.files)?;
    if !check {
        apply(dir, &changes)?;
    }
    let written = changes.iter().filter(|change| change.verb() != "remove").count();
    Ok(Report {
        counts: generation.counts,
        unchanged: generation.files.len() - written,
        changes,
        elapsed: start.elapsed(),
    })
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.operations, "operation"),
            (self.parameters, "parameter"),
            (self.types, "type"),
            (self.enums, "enum"),
        ];
        for (index, (count, thing)) in counts.into_iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let plural = if count == 1 { "" } else { "s" };
            write!(f, "{separator}{count} {thing}{plural}")?;
        }
        Ok(())
    }
}
