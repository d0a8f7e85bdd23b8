//! How operations changed, and their methods.

use serde_json::Value;

use super::facets::REQUESTED;
use super::{Class, Diff, Place, Sort, differing, members, shown};
use crate::model::Operation;

impl<'a> Diff<'a> {
    pub(super) fn operations(&mut self) {
        let (before, after) = (self.before, self.after);
        let mut left: Vec<&Operation> = after.api.operations.iter().collect();
        for old in &before.api.operations {
            let found = left.iter().position(|new| same(old, new));
            // One that stands elsewhere in the other spec is no counterpart for its name alone.
            let moved = |new: &&Operation| {
                new.id == old.id && !before.api.operations.iter().any(|it| same(it, new))
            };
            match found.or_else(|| left.iter().position(moved)) {
                Some(index) => self.operation(old, left.remove(index)),
                None => {
                    let what = format!("removed, `{} {}`", old.method, old.path);
                    let (rust, wire) = (Class::Breaking, Class::Breaking);
                    self.tell(place(old), Sort::Removed, what, rust, wire);
                }
            }
        }
        for new in left {
            let what = format!("new, `{} {}`", new.method, new.path);
            self.tell(place(new), Sort::Added, what, Class::Compatible, Class::Compatible);
        }
    }

    fn operation(&mut self, old: &Operation, new: &Operation) {
        let start = self.changes.len();
        let place = place(new);
        if !same(old, new) {
            let what =
                format!("`{} {}` instead of `{} {}`", new.method, new.path, old.method, old.path);
            self.tell(place.under("path"), Sort::Changed, what, Class::None, Class::Breaking);
        } else if old.path != new.path {
            self.tell_text(place.under("path"), true, true);
        }
        let ((old_raw, old_path), (new_raw, new_path)) =
            (self.before.raw(old), self.after.raw(new));
        self.parameters(&place, old, new);
        for (key, was, is) in differing(members(Some(old_raw)), members(Some(new_raw))) {
            let place = place.under(key);
            match key {
                "operationId" => {
                    let what = format!("`{}` instead of `{}`", new.id, old.id);
                    self.tell(place, Sort::Changed, what, Class::Breaking, Class::None);
                }
                "tags" if old.tag != new.tag => {
                    let what = format!("`{}` instead of `{}`", new.tag, old.tag);
                    // The query struct moves, the method does not.
                    let moves = old.query().next().is_some() && new.query().next().is_some();
                    let rust = if moves { Class::Breaking } else { Class::None };
                    self.tell(place, Sort::Changed, what, rust, Class::None);
                }
                "parameters" => {}
                "requestBody" => self.body(&place, was, is, old, new),
                "responses" => self.responses(&place, old, new),
                "x-pagination" => self.pagination(&place, was, is, self.answers_differ(old, new)),
                "x-rate-limit" => self.rate_limit(&place, was, is),
                "x-idempotent" => self.idempotent(place, old, new),
                "x-requires-filter" => self.required_filter(place, old, new),
                "security" | "servers" => {
                    self.tell(place, Sort::Changed, "changed", Class::None, Class::Breaking);
                }
                _ => self.tell_text(place, was.is_some(), is.is_some()),
            }
        }
        for (key, was, is) in differing(members(Some(old_path)), members(Some(new_path))) {
            let shared =
                ["summary", "description", "servers"].contains(&key) || key.starts_with("x-");
            if shared {
                self.tell_text(place.under("path").under(key), was.is_some(), is.is_some());
            }
        }
        self.signature(&place, start, old, new);
    }

    /// Tells of a method that changed, unless a change since `start` has its cause.
    fn signature(&mut self, place: &Place, start: usize, old: &Operation, new: &Operation) {
        let (was, is) = (self.before.signature(old), self.after.signature(new));
        let told = self.changes[start..].iter().any(|it| it.rust == Class::Breaking);
        if was != is && !told {
            let text = |(arguments, answer): (Vec<String>, String)| {
                format!("`({}) -> {answer}`", arguments.join(", "))
            };
            let what = format!("{} instead of {} in Rust", text(is), text(was));
            self.tell(place.under("method"), Sort::Changed, what, Class::Breaking, Class::None);
        }
    }

    pub(super) fn answers_differ(&self, old: &Operation, new: &Operation) -> bool {
        self.before.signature(old).1 != self.after.signature(new).1
    }

    fn body(
        &mut self,
        place: &Place,
        was: Option<&'a Value>,
        is: Option<&'a Value>,
        old: &Operation,
        new: &Operation,
    ) {
        let reference = |it: Option<&'a Value>| it.and_then(|it| it["$ref"].as_str());
        let (old_ref, new_ref) = (reference(was), reference(is));
        let was = was.map(|it| self.before.resolve(it));
        let is = is.map(|it| self.after.resolve(it));
        let (was, is) = match (was, is) {
            (Some(was), Some(is)) => (was, is),
            (None, Some(is)) => {
                let required = is["required"] == true;
                let wire = if required { Class::Breaking } else { Class::Compatible };
                let what = if required { "new, required" } else { "new" };
                return self.tell(place.clone(), Sort::Added, what, Class::Breaking, wire);
            }
            _ => {
                let (rust, wire) = (Class::Breaking, Class::Breaking);
                return self.tell(place.clone(), Sort::Removed, "removed", rust, wire);
            }
        };
        // What is shared is told where it stands.
        if old_ref.is_none() || old_ref != new_ref {
            let name = |it: &Operation| it.body.clone().unwrap_or_default();
            self.body_parts(place, was, is, Some(&(name(old), name(new))));
        }
    }

    /// How a body changed that both specs have.
    pub(super) fn body_parts(
        &mut self,
        place: &Place,
        was: &Value,
        is: &Value,
        types: Option<&(String, String)>,
    ) {
        for (key, was, is) in differing(members(Some(was)), members(Some(is))) {
            let place = place.under(key);
            match key {
                "required" => self.required(place, was, is),
                "content" => self.content(&place, was, is, REQUESTED, types),
                _ => self.tell_text(place, was.is_some(), is.is_some()),
            }
        }
    }

    /// What a request must hold, or no longer must.
    pub(super) fn required(&mut self, place: Place, was: Option<&Value>, is: Option<&Value>) {
        let must = |it: Option<&Value>| it.and_then(Value::as_bool).unwrap_or(false);
        let (what, wire) = match (must(was), must(is)) {
            (false, true) => ("required now", Class::Breaking),
            (true, false) => ("no longer required", Class::Compatible),
            _ => return self.tell_text(place, was.is_some(), is.is_some()),
        };
        self.tell(place, Sort::Changed, what, Class::None, wire);
    }

    /// A request that was sent without a filter no longer is, or a program that asks for everything
    /// no longer compiles.
    fn required_filter(&mut self, place: Place, old: &Operation, new: &Operation) {
        let (was, is) = (old.requires_filter.is_some(), new.requires_filter.is_some());
        let what = match &new.requires_filter {
            Some(member) => format!("`{member}` must be set now"),
            None => "nothing must be set now".to_owned(),
        };
        let rust = if was && !is { Class::Breaking } else { Class::None };
        let wire = if is { Class::Breaking } else { Class::Compatible };
        self.tell(place, Sort::Changed, what, rust, wire);
    }

    fn idempotent(&mut self, place: Place, old: &Operation, new: &Operation) {
        let effective = |it: &Operation| {
            it.idempotent.unwrap_or(!["POST", "PATCH"].contains(&it.method.as_str()))
        };
        let what = format!("{} now", shown(&effective(new).into()));
        let wire = match (effective(old), effective(new)) {
            (true, false) => Class::Breaking,
            (false, true) => Class::Compatible,
            _ => return self.tell_text(place, true, true),
        };
        self.tell(place, Sort::Changed, what, Class::None, wire);
    }
}

fn place(operation: &Operation) -> Place {
    Place::of("operations").under(&operation.id)
}

/// Whether two operations have one address, whatever the names in the path.
fn same(a: &Operation, b: &Operation) -> bool {
    let blank = |path: &str| -> Vec<String> {
        let parts = path.split('{');
        parts.map(|part| part.split_once('}').map_or(part, |(_, rest)| rest).to_owned()).collect()
    };
    a.method == b.method && blank(&a.path) == blank(&b.path)
}
