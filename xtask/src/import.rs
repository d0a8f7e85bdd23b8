//! `cargo xtask import`: operations of the document that a console serves, as YAML to be edited.
//!
//! What a person has to write, such as every description, is `TODO.`: the document's sentences are
//! the vendor's.

mod additions;
mod answers;
mod base;
mod bounds;
mod graph;
mod insert;
mod json;
mod lists;
mod names;
mod naming;
mod operations;
mod parameters;
mod paths;
mod schemas;
mod swagger;
mod types;
mod yaml;

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Result, ensure};

use crate::load::Document;
use additions::Additions;
use base::Base;
use graph::Graph;
use names::Taken;
use naming::name_schemas;
use operations::{Drafter, Skip};
use schemas::Converter;
pub use swagger::Swagger;

/// What stands where a person has to write something.
pub const TODO: &str = "TODO.";

/// A spec with more operations than before.
#[derive(Debug)]
pub struct Import {
    /// The texts of the spec's files that have additions, by their paths as they are shown.
    pub texts: BTreeMap<String, String>,
    /// What became of each operation that was asked for.
    pub operations: Vec<Outcome>,
    /// How many objects and the like were added to the spec's schemas.
    pub types: usize,
    /// How many enums were added to them.
    pub enums: usize,
    /// How many of the schemas that the spec had are used by what was added.
    pub reused: usize,
    /// How often [`TODO`] was added.
    pub todos: usize,
}

/// What became of an operation.
#[derive(Debug)]
pub struct Outcome {
    /// Its method and path in the document.
    pub name: String,
    /// What was made of it, or why it was left out.
    pub made: Result<Made, String>,
}

/// An operation that was added to the spec.
#[derive(Debug)]
pub struct Made {
    /// Its `operationId`.
    pub id: String,
    /// Whether it is a paged list.
    pub is_list: bool,
    /// How many parameters it has.
    pub parameters: usize,
    /// How many new schemas it uses.
    pub schemas: usize,
    /// What could not be carried over.
    pub notes: Vec<String>,
}

/// Adds the operations of these names to a spec, or all that the document has: to the file that has
/// their path, or else to the root.
pub fn import(swagger: &Swagger, spec: &Document, names: Option<&[String]>) -> Result<Import> {
    let wanted = match names {
        Some(names) => swagger.find(names)?,
        None => swagger.operations(),
    };
    let file = &spec.file;
    let is_spec = spec.value["openapi"].is_string();
    ensure!(is_spec, "{file} is no spec; give one of OpenAPI 3.0 in YAML");

    let (mut graph, mut taken) = (Graph::default(), Taken::default());
    let base = Base::new(spec, &mut graph, &mut taken);
    let mut converter = Converter::new(swagger, &base, graph);
    let mut drafter = Drafter::new(&mut converter, taken);
    let outcomes: Vec<_> = wanted.iter().map(|operation| drafter.draft(operation)).collect();
    let mut taken = drafter.taken;
    let graph = converter.graph;

    let mut drafts = Vec::new();
    let mut made = Vec::new();
    for outcome in outcomes {
        made.push(match outcome {
            Ok(draft) => {
                drafts.push(draft);
                Ok(drafts.len() - 1)
            }
            Err(Skip(reason)) => Err(reason),
        });
    }
    let named = name_schemas(&graph, &mut drafts, &mut taken);
    let additions = Additions::new(spec, &base, &graph, &named, &drafts);
    let texts = additions.write(spec)?;
    additions.verify(spec, &texts)?;

    let outcome = |(operation, made): (&swagger::Operation, Result<usize, String>)| Outcome {
        name: operation.name(),
        made: made.map(|number| {
            let draft = &drafts[number];
            Made {
                id: draft.id.clone(),
                is_list: draft.is_list,
                parameters: draft.parameters,
                schemas: named.count_below(&graph, draft),
                notes: draft.notes.clone(),
            }
        }),
    };
    let enums = additions.schemas.iter().filter(|(_, it)| it.get("enum").is_some()).count();
    Ok(Import {
        texts,
        operations: wanted.iter().zip(made).map(outcome).collect(),
        types: additions.schemas.len() - enums,
        enums,
        reused: named.reused.len(),
        todos: additions.todos(),
    })
}

impl Import {
    /// One line for each operation: what it would need.
    pub fn list(&self) -> String {
        let longest = self.operations.iter().map(|it| it.name.len()).max().unwrap_or_default();
        let mut list = String::new();
        for Outcome { name, made } in &self.operations {
            let needs = match made {
                Ok(made) if made.notes.is_empty() => made.to_string(),
                Ok(made) => format!("{made}, {}", counted(made.notes.len(), "note")),
                Err(reason) => format!("left out: {reason}"),
            };
            list.push_str(&format!("{name:longest$}  {needs}\n"));
        }
        list
    }
}

impl fmt::Display for Import {
    /// What became of each operation, with its notes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Outcome { name, made } in &self.operations {
            match made {
                Ok(made) => {
                    writeln!(f, "{name}: {made}")?;
                    for note in &made.notes {
                        writeln!(f, "    {note}")?;
                    }
                }
                Err(reason) => writeln!(f, "{name}: left out: {reason}")?,
            }
        }
        let added = self.operations.iter().filter(|it| it.made.is_ok()).count();
        write!(
            f,
            "{}, {} and {} added, {} of the spec used; {} to write: search for {TODO}",
            counted(added, "operation"),
            counted(self.types, "type"),
            counted(self.enums, "enum"),
            counted(self.reused, "schema"),
            counted(self.todos, "text"),
        )
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_list { ", a list" } else { "" };
        let parameters = counted(self.parameters, "parameter");
        write!(f, "{}{kind}, {parameters}, {}", self.id, counted(self.schemas, "new schema"))
    }
}

fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}
