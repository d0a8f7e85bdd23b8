//! How schemas changed, and the types that become of them.

use serde_json::{Map, Value};

use super::facets::without;
use super::side::Role;
use super::{Class, Diff, Place, Sort, differing, members, union};
use crate::lint::{items, text};
use crate::model::{Enum, Schema};

impl Diff<'_> {
    pub(super) fn schemas(&mut self) {
        let of = |value| members(Some(value)).get("components").map(|it| &it["schemas"]);
        let (was, is) = (members(of(self.before.value)), members(of(self.after.value)));
        for name in union(was.keys(), is.keys()) {
            let place = Place::of("schemas").under(name);
            let (had, has) = (self.before.rust_paths(name), self.after.rust_paths(name));
            match (was.get(name), is.get(name)) {
                (Some(was), Some(is)) => {
                    self.module(&place, name);
                    self.component(&place, name, was, is);
                }
                (None, _) => {
                    let rust = if has.is_empty() { Class::None } else { Class::Compatible };
                    self.tell(place, Sort::Added, "new", rust, Class::None);
                }
                (_, None) => {
                    let rust = if had.is_empty() { Class::None } else { Class::Breaking };
                    self.tell(place, Sort::Removed, "removed", rust, Class::None);
                }
            }
        }
    }

    /// Where the type of a schema stands in the crate, and how it is made.
    fn module(&mut self, place: &Place, name: &str) {
        let (had, has) = (self.before.rust_paths(name), self.after.rust_paths(name));
        let listed = |paths: &[&String]| {
            paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
        };
        let lost: Vec<&String> = had.difference(&has).collect();
        let gained: Vec<&String> = has.difference(&had).collect();
        let place = place.under("module");
        if !lost.is_empty() {
            let now = match has.len() {
                0 => "it is not generated".to_owned(),
                _ => format!("it is {}", listed(&Vec::from_iter(&has))),
            };
            let what = format!("no longer {}; {now}", listed(&lost));
            self.tell(place.clone(), Sort::Changed, what, Class::Breaking, Class::None);
        } else if !gained.is_empty() {
            let what = match had.len() {
                0 => format!("{}; it was not generated", listed(&gained)),
                _ => format!("also {}", listed(&gained)),
            };
            self.tell(place.clone(), Sort::Changed, what, Class::Compatible, Class::None);
        }
        if self.reshaped(name) {
            let what = match self.after.is_read(name) {
                true => "a struct of answers without `new` and setters",
                false => "a struct of requests, whose required fields are no `Option`",
            };
            self.tell(place, Sort::Changed, what, Class::Breaking, Class::None);
        }
    }

    /// Whether an object is read in one spec and made in the other.
    fn reshaped(&self, name: &str) -> bool {
        self.is_in_both(name)
            && matches!(self.after.api.schemas.get(name), Some(Schema::Object(_)))
            && self.before.is_read(name) != self.after.is_read(name)
    }

    fn is_in_both(&self, name: &str) -> bool {
        !self.before.rust_paths(name).is_empty() && !self.after.rust_paths(name).is_empty()
    }

    fn component(&mut self, place: &Place, name: &str, was: &Value, is: &Value) {
        let role = self.after.role(name);
        let before = self.before.api.schemas.get(name);
        match (before, self.after.api.schemas.get(name)) {
            (Some(Schema::Object(_)), Some(Schema::Object(_))) => {
                self.object(place, name, was, is, role);
            }
            (Some(Schema::Enum(old)), Some(Schema::Enum(new))) => {
                self.open_enum(place, old, new, self.is_in_both(name), role);
                let own = ["enum", "x-enum-varnames", "x-enumDescriptions"];
                self.schema(place, (&without(was, &own), &without(is, &own)), role, None);
            }
            (Some(Schema::Union(_)), Some(Schema::Union(_))) => {
                self.union(place, name, was, is, role);
                self.schema(
                    place,
                    (&without(was, &["oneOf"]), &without(is, &["oneOf"])),
                    role,
                    None,
                );
            }
            (Some(Schema::Inline), Some(Schema::Inline)) => {
                self.schema(place, (was, is), role, None);
            }
            (old, new) => {
                let what = format!("{} instead of {}", kind(new), kind(old));
                let gone = !self.before.rust_paths(name).is_empty();
                let rust = if gone { Class::Breaking } else { Class::Compatible };
                self.tell(place.clone(), Sort::Changed, what, rust, Class::Breaking);
            }
        }
    }

    fn object(&mut self, place: &Place, name: &str, was: &Value, is: &Value, role: Role) {
        let is_type = |paths: std::collections::BTreeSet<String>| !paths.is_empty();
        let had = is_type(self.before.rust_paths(name));
        let is_made = self.is_in_both(name) && !self.after.is_read(name);
        let required =
            |schema: &Value, name: &str| items(schema, "required").iter().any(|it| it == name);
        let (old, new) = (members(was.get("properties")), members(is.get("properties")));
        for property in union(old.keys(), new.keys()) {
            let place = place.under(property);
            let must = required(is, property);
            match (old.get(property), new.get(property)) {
                (None, _) => {
                    let breaks = role.requested && must;
                    let rust = match had {
                        true if is_made && must => Class::Breaking,
                        true => Class::Compatible,
                        false => Class::None,
                    };
                    let what = if must && role.requested { "new, required" } else { "new" };
                    self.tell(place, Sort::Added, what, rust, class(breaks, role));
                }
                (_, None) => {
                    let rust = if had { Class::Breaking } else { Class::None };
                    self.tell(place, Sort::Removed, "removed", rust, class(true, role));
                }
                (Some(old), Some(new)) => {
                    let mut types = self
                        .before
                        .field_type(name, property)
                        .zip(self.after.field_type(name, property))
                        .filter(|_| self.is_in_both(name) && !self.reshaped(name));
                    if required(was, property) != must {
                        let breaks = if must { role.requested } else { role.answered };
                        let rust = if is_made { Class::Breaking } else { Class::None };
                        let what = if must { "required now" } else { "no longer required" };
                        let wire = class(breaks, role);
                        self.tell(place.clone(), Sort::Changed, what, rust, wire);
                        types = types.filter(|(old, new)| inner(old) != inner(new));
                    }
                    self.schema(&place, (old, new), role, types);
                }
            }
        }
        let own = ["properties", "required"];
        self.schema(place, (&without(was, &own), &without(is, &own)), role, None);
    }

    fn open_enum(&mut self, place: &Place, old: &Enum, new: &Enum, is_type: bool, role: Role) {
        let values = |it: &Enum| it.variants.iter().map(|it| it.value.clone()).collect::<Vec<_>>();
        let (was, is) = (values(old), values(new));
        let place = place.under("values");
        let in_rust = |class| if is_type { class } else { Class::None };
        for value in union(&was, &is) {
            let place = place.under(value);
            let find = |it: &'_ Enum| it.variants.iter().position(|it| &it.value == value);
            match (find(old), find(new)) {
                (Some(first), Some(second)) => {
                    let (first, second) = (&old.variants[first], &new.variants[second]);
                    if first.name != second.name {
                        let what = format!("`{}` instead of `{}` in Rust", second.name, first.name);
                        let rust = in_rust(Class::Breaking);
                        self.tell(place.clone(), Sort::Changed, what, rust, Class::None);
                    }
                    if first.description != second.description {
                        self.tell_text(place.under("description"), true, true);
                    }
                }
                (None, _) => {
                    let rust = in_rust(Class::Compatible);
                    self.tell(place, Sort::Added, "new", rust, class(false, role));
                }
                (_, None) => {
                    let rust = in_rust(Class::Breaking);
                    self.tell(place, Sort::Removed, "removed", rust, class(role.requested, role));
                }
            }
        }
        let common = |values: &[String], other: &[String]| -> Vec<String> {
            values.iter().filter(|it| other.contains(it)).cloned().collect()
        };
        if common(&was, &is) != common(&is, &was) {
            // The variants compare in this order.
            let rust = in_rust(Class::Compatible);
            self.tell(place, Sort::Changed, "in another order", rust, Class::None);
        }
    }

    fn union(&mut self, place: &Place, name: &str, was: &Value, is: &Value, role: Role) {
        let titled = |schema: &Value| -> Map<String, Value> {
            let variants = items(schema, "oneOf").iter();
            variants
                .map(|it| (text(it, "title").unwrap_or_default().to_owned(), it.clone()))
                .collect()
        };
        let is_type = self.is_in_both(name);
        let in_rust = |class| if is_type { class } else { Class::None };
        for (title, was, is) in differing(&titled(was), &titled(is)) {
            let place = place.under("variants").under(title);
            match (was, is) {
                (Some(was), Some(is)) => {
                    let types = self
                        .before
                        .variant_type(name, title)
                        .zip(self.after.variant_type(name, title));
                    self.schema(&place, (was, is), role, types.filter(|_| is_type));
                }
                (None, _) => {
                    let rust = in_rust(Class::Compatible);
                    self.tell(place, Sort::Added, "new", rust, class(role.answered, role));
                }
                (_, None) => {
                    let rust = in_rust(Class::Breaking);
                    self.tell(place, Sort::Removed, "removed", rust, class(role.requested, role));
                }
            }
        }
    }
}

/// The class on the wire of what is on the wire at all.
fn class(breaks: bool, role: Role) -> Class {
    match (role.requested || role.answered, breaks) {
        (false, _) => Class::None,
        (_, true) => Class::Breaking,
        (_, false) => Class::Compatible,
    }
}

/// The type that may be in an `Option`.
fn inner(ty: &str) -> &str {
    ty.strip_prefix("Option<").and_then(|it| it.strip_suffix('>')).unwrap_or(ty)
}

fn kind(schema: Option<&Schema>) -> &'static str {
    match schema {
        Some(Schema::Object(_)) => "an object",
        Some(Schema::Enum(_)) => "an enum",
        Some(Schema::Union(_)) => "one of several types",
        Some(Schema::Inline) | None => "a plain value",
    }
}
