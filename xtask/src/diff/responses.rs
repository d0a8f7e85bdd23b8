//! How answers changed, and bodies of either sort.

use serde_json::Value;

use super::facets::ANSWERED;
use super::side::Role;
use super::{Class, Diff, Place, Sort, differing, members, union};
use crate::model::Operation;

impl<'a> Diff<'a> {
    pub(super) fn responses(&mut self, place: &Place, old: &Operation, new: &Operation) {
        let was = members(Some(&self.before.raw(old).0["responses"]));
        let is = members(Some(&self.after.raw(new).0["responses"]));
        let signatures = (self.before.signature(old).1, self.after.signature(new).1);
        let success = |status: &str| status.starts_with('2');
        let (first, second) =
            (was.keys().find(|status| success(status)), is.keys().find(|status| success(status)));
        if let (Some(first), Some(second)) = (first, second) {
            let place = place.under(second);
            if first != second {
                let what = format!("`{second}` instead of `{first}`");
                self.tell(place.clone(), Sort::Changed, what, Class::None, Class::Breaking);
            }
            self.response(&place, &was[first], &is[second], Some(&signatures));
        }
        for status in union(was.keys(), is.keys()).into_iter().filter(|status| !success(status)) {
            let place = place.under(status);
            match (was.get(status), is.get(status)) {
                (Some(was), Some(is)) => self.response(&place, was, is, None),
                (None, _) => {
                    self.tell(place, Sort::Added, "new", Class::None, Class::Compatible);
                }
                (_, None) => {
                    self.tell(place, Sort::Removed, "removed", Class::None, Class::Compatible);
                }
            }
        }
    }

    /// How an answer changed; `types` are what the method gives, if it is a success.
    pub(super) fn response(
        &mut self,
        place: &Place,
        was: &'a Value,
        is: &'a Value,
        types: Option<&(String, String)>,
    ) {
        // What is shared is told where it stands.
        if was["$ref"].is_string() && was["$ref"] == is["$ref"] {
            return;
        }
        let (was, is) = (self.before.resolve(was), self.after.resolve(is));
        for (key, was, is) in differing(members(Some(was)), members(Some(is))) {
            let place = place.under(key);
            match key {
                "content" => self.content(&place, was, is, ANSWERED, types),
                "headers" => self.headers(&place, was, is),
                _ => self.tell_text(place, was.is_some(), is.is_some()),
            }
        }
    }

    /// How the `content` of a request or an answer changed.
    pub(super) fn content(
        &mut self,
        place: &Place,
        was: Option<&Value>,
        is: Option<&Value>,
        role: Role,
        types: Option<&(String, String)>,
    ) {
        let rust = match types {
            Some((before, after)) if before != after => Class::Breaking,
            _ => Class::None,
        };
        let wire = |breaks| if breaks { Class::Breaking } else { Class::Compatible };
        for (media, was, is) in differing(members(was), members(is)) {
            let place = place.under(media);
            let (Some(was), Some(is)) = (was, is) else {
                let (sort, what, breaks) = match is {
                    // Errors are read whatever their type.
                    Some(_) => (Sort::Added, "new", role.answered && types.is_some()),
                    None => (Sort::Removed, "removed", role.requested || rust == Class::Breaking),
                };
                self.tell(place, sort, what, rust, wire(breaks));
                continue;
            };
            for (key, was, is) in differing(members(Some(was)), members(Some(is))) {
                match (key, was, is) {
                    ("schema", Some(was), Some(is)) => {
                        self.schema(&place, (was, is), role, types.cloned());
                    }
                    _ => self.tell_text(place.under(key), was.is_some(), is.is_some()),
                }
            }
        }
    }

    pub(super) fn headers(&mut self, place: &Place, was: Option<&'a Value>, is: Option<&'a Value>) {
        for (name, was, is) in differing(members(was), members(is)) {
            let place = place.under(name);
            match (was, is) {
                (Some(was), Some(is)) => self.header(&place, was, is),
                (None, _) => {
                    self.tell(place, Sort::Added, "new", Class::None, Class::Compatible);
                }
                (_, None) => {
                    self.tell(place, Sort::Removed, "removed", Class::None, Class::Breaking);
                }
            }
        }
    }

    pub(super) fn header(&mut self, place: &Place, was: &'a Value, is: &'a Value) {
        let (was, is) = (self.before.resolve(was), self.after.resolve(is));
        for (key, was, is) in differing(members(Some(was)), members(Some(is))) {
            match (key, was, is) {
                ("schema", Some(was), Some(is)) => self.schema(place, (was, is), ANSWERED, None),
                _ => self.tell_text(place.under(key), was.is_some(), is.is_some()),
            }
        }
    }
}
