//! `cargo xtask diff`: what differs between two specs, and whom it breaks.
//!
//! Both specs go through the generator, so that types and signatures are compared as they are in
//! Rust; all else is compared as it is written. Every difference is told: what has no class of its
//! own is told as a change of the text.

mod change;
mod changelog;
mod components;
mod facets;
mod operations;
mod paging;
mod parameters;
mod responses;
mod revision;
mod schemas;
mod side;
mod version;

use std::sync::LazyLock;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::load::Document;
pub use change::{Change, Class, Place, Sort};
pub use changelog::changelog;
pub use revision::at_revision;
use side::Side;
pub use version::next_version;

/// The changes from one spec to another.
pub fn diff(before: &Document, after: &Document) -> Result<Vec<Change>> {
    let before = Side::read(before).with_context(|| before.file.clone())?;
    let after = Side::read(after).with_context(|| after.file.clone())?;
    let mut diff = Diff { before: &before, after: &after, changes: Vec::new() };
    diff.document();
    diff.operations();
    diff.components();
    diff.schemas();
    Ok(diff.changes)
}

/// A comparison that is under way.
struct Diff<'a> {
    before: &'a Side<'a>,
    after: &'a Side<'a>,
    changes: Vec<Change>,
}

impl<'a> Diff<'a> {
    fn tell(
        &mut self,
        place: Place,
        sort: Sort,
        what: impl Into<String>,
        rust: Class,
        wire: Class,
    ) {
        self.changes.push(Change { place, sort, what: what.into(), rust, wire });
    }

    /// A change that nobody's program notices.
    fn tell_text(&mut self, place: Place, was_there: bool, is_there: bool) {
        let what = match (was_there, is_there) {
            (false, _) => "new",
            (_, false) => "removed",
            _ => "changed",
        };
        self.tell(place, Sort::Text, what, Class::None, Class::None);
    }
}

/// The keys of two objects that have different values, and these values.
fn differing<'v>(
    before: &'v Map<String, Value>,
    after: &'v Map<String, Value>,
) -> Vec<(&'v str, Option<&'v Value>, Option<&'v Value>)> {
    let keys = union(before.keys(), after.keys());
    let pairs = keys.into_iter().map(|key| (key.as_str(), before.get(key), after.get(key)));
    pairs.filter(|(_, before, after)| before != after).collect()
}

/// What is in the first or the second, without repetition.
fn union<'v, T: PartialEq + ?Sized>(
    first: impl IntoIterator<Item = &'v T>,
    second: impl IntoIterator<Item = &'v T>,
) -> Vec<&'v T> {
    let mut all: Vec<&T> = Vec::new();
    for it in first.into_iter().chain(second) {
        if !all.contains(&it) {
            all.push(it);
        }
    }
    all
}

/// The members of an object; none of anything else.
fn members(value: Option<&Value>) -> &Map<String, Value> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.and_then(Value::as_object).unwrap_or(&NONE)
}

/// A value in a sentence.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}
