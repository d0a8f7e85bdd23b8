//! How parameters changed.

use serde_json::Value;

use super::facets::REQUESTED;
use super::{Class, Diff, Place, Sort, differing, members, shown};
use crate::lint::text;
use crate::model::Operation;

impl Diff<'_> {
    pub(super) fn parameters(&mut self, place: &Place, old: &Operation, new: &Operation) {
        let place = place.under("parameters");
        let (was, is) = (self.before.parameters(old), self.after.parameters(new));
        let name = |it: &Value| text(it, "name").unwrap_or_default().to_owned();
        // In a path the place counts, and the name is for readers.
        let key = |it: &Value, operation: &Operation| match it["in"] == "path" {
            true => (path_index(&operation.path, &name(it)), String::new()),
            false => (None, name(it)),
        };
        for (_, parameter) in &was {
            if !is.iter().any(|(_, it)| key(it, new) == key(parameter, old)) {
                let (rust, wire) = (Class::Breaking, Class::Breaking);
                let place = place.under(&name(parameter));
                self.tell(place, Sort::Removed, "removed", rust, wire);
            }
        }
        for (reference, parameter) in &is {
            let place = place.under(&name(parameter));
            match was.iter().find(|(_, it)| key(it, old) == key(parameter, new)) {
                // What is shared is told where it stands.
                Some((other, _)) if reference.is_some() && other == reference => {}
                Some((_, before)) => {
                    let types = self.types((&name(before), &name(parameter)), old, new);
                    self.parameter(&place, before, parameter, types);
                }
                None => {
                    let in_path = parameter["in"] == "path";
                    let required = parameter["required"] == true;
                    // With its first parameter, a method takes a query.
                    let breaks = in_path || old.query().next().is_none();
                    let rust = if breaks { Class::Breaking } else { Class::Compatible };
                    let wire = if required { Class::Breaking } else { Class::Compatible };
                    let what = if required { "new, required" } else { "new" };
                    self.tell(place, Sort::Added, what, rust, wire);
                }
            }
        }
    }

    /// How a parameter changed that both specs have.
    pub(super) fn parameter(
        &mut self,
        place: &Place,
        before: &Value,
        after: &Value,
        types: Option<(String, String)>,
    ) {
        let mut types = types.filter(|(before, after)| before != after);
        for (key, was, is) in differing(members(Some(before)), members(Some(after))) {
            match (key, was, is) {
                ("schema", Some(was), Some(is)) => {
                    self.schema(place, (was, is), REQUESTED, types.take());
                }
                ("required", ..) => self.required(place.under(key), was, is),
                ("style" | "explode", ..) => {
                    let (rust, wire) = (Class::None, Class::Breaking);
                    self.tell(place.under(key), Sort::Changed, "changed", rust, wire);
                }
                ("x-filter", ..) => self.filter(&place.under(key), was, is),
                _ => self.tell_text(place.under(key), was.is_some(), is.is_some()),
            }
        }
        if let Some((before, after)) = types {
            let what = format!("`{after}` instead of `{before}` in Rust");
            self.tell(place.clone(), Sort::Changed, what, Class::Breaking, Class::None);
        }
    }

    /// The types of a parameter in Rust, by its names in the two specs.
    pub(super) fn types(
        &self,
        (before, after): (&str, &str),
        old: &Operation,
        new: &Operation,
    ) -> Option<(String, String)> {
        self.before.parameter_type(old, before).zip(self.after.parameter_type(new, after))
    }

    fn filter(&mut self, place: &Place, was: Option<&Value>, is: Option<&Value>) {
        let (was, is) = match (was, is) {
            (None, _) => {
                let (rust, wire) = (Class::None, Class::Compatible);
                return self.tell(place.clone(), Sort::Added, "new", rust, wire);
            }
            (_, None) => {
                let (rust, wire) = (Class::None, Class::Breaking);
                return self.tell(place.clone(), Sort::Removed, "removed", rust, wire);
            }
            (Some(was), Some(is)) => (was, is),
        };
        for (key, was, is) in differing(members(Some(was)), members(Some(is))) {
            let show = |it: Option<&Value>| it.map_or_else(|| "none".to_owned(), shown);
            let what = format!("{} instead of {}", show(is), show(was));
            self.tell(place.under(key), Sort::Changed, what, Class::None, Class::Breaking);
        }
    }
}

/// Which parameter of a path has a name, counted from 0.
pub(super) fn path_index(path: &str, name: &str) -> Option<usize> {
    let (before, _) = path.split_once(&format!("{{{name}}}"))?;
    Some(before.matches('{').count())
}
