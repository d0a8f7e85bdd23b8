//! How the rest of a document changed: what stands at its top, and shared components.

use serde_json::{Map, Value};

use super::{Class, Diff, Place, Sort, differing, members};
use crate::lint::text;

impl Diff<'_> {
    /// Everything at the top but paths and components.
    pub(super) fn document(&mut self) {
        let (was, is) = (self.before.value, self.after.value);
        for (key, was, is) in differing(members(Some(was)), members(Some(is))) {
            let place = Place::of(key);
            match key {
                "paths" | "components" => {}
                "info" => self.texts(&place, members(was), members(is)),
                "tags" => {
                    let named = |tags: Option<&Value>| -> Map<String, Value> {
                        let tags = tags.and_then(Value::as_array).into_iter().flatten();
                        tags.map(|it| (text(it, "name").unwrap_or_default().into(), it.clone()))
                            .collect()
                    };
                    self.tags(&place, &named(was), &named(is));
                }
                "security" => {
                    self.tell(place, Sort::Changed, "changed", Class::None, Class::Breaking);
                }
                _ => self.tell_text(place, was.is_some(), is.is_some()),
            }
        }
    }

    /// Each tag is a module, and a feature.
    fn tags(&mut self, place: &Place, was: &Map<String, Value>, is: &Map<String, Value>) {
        for (name, was, is) in differing(was, is) {
            let place = place.under(name);
            match (was, is) {
                (None, _) => self.tell(place, Sort::Added, "new", Class::Compatible, Class::None),
                (_, None) => {
                    self.tell(place, Sort::Removed, "removed", Class::Breaking, Class::None);
                }
                _ => self.tell_text(place, true, true),
            }
        }
    }

    /// Shared parameters, answers and headers. What is named by one spec alone is told where it is
    /// used.
    pub(super) fn components(&mut self) {
        let of = |value| members(members(Some(value)).get("components"));
        let (was, is) = (of(self.before.value), of(self.after.value));
        for (section, was, is) in differing(was, is) {
            let place = Place::of(section);
            if section == "schemas" {
                continue;
            }
            for (name, was, is) in differing(members(was), members(is)) {
                let place = place.under(name);
                let (Some(was), Some(is)) = (was, is) else {
                    if !["parameters", "responses", "headers", "requestBodies"].contains(&section) {
                        self.tell_text(place, was.is_some(), is.is_some());
                    }
                    continue;
                };
                match section {
                    "parameters" => {
                        let types = self.shared_types(text(was, "name").zip(text(is, "name")));
                        self.parameter(&place, was, is, types);
                    }
                    "responses" => self.response(&place, was, is, None),
                    "headers" => self.header(&place, was, is),
                    "securitySchemes" => {
                        self.tell(place, Sort::Changed, "changed", Class::None, Class::Breaking);
                    }
                    "requestBodies" => self.body_parts(&place, was, is, None),
                    _ => self.tell_text(place, true, true),
                }
            }
        }
    }

    /// The types in Rust of a parameter that operations share, if they changed in one of these.
    fn shared_types(&self, names: Option<(&str, &str)>) -> Option<(String, String)> {
        let names = names?;
        let pairs = self.before.api.operations.iter().filter_map(|old| {
            let new = self.after.api.operations.iter().find(|new| new.id == old.id)?;
            self.types(names, old, new)
        });
        pairs.into_iter().find(|(old, new)| old != new)
    }

    /// Texts by name, each told by itself.
    fn texts(&mut self, place: &Place, was: &Map<String, Value>, is: &Map<String, Value>) {
        for (key, was, is) in differing(was, is) {
            self.tell_text(place.under(key), was.is_some(), is.is_some());
        }
    }
}
