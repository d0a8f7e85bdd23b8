//! How the paging of a list and its limits changed.

use serde_json::Value;

use super::{Class, Diff, Place, Sort, differing, members, shown};

impl Diff<'_> {
    /// `differs` tells whether the method gives something else.
    pub(super) fn pagination(
        &mut self,
        place: &Place,
        was: Option<&Value>,
        is: Option<&Value>,
        differs: bool,
    ) {
        let rust = if differs { Class::Breaking } else { Class::None };
        match (was, is) {
            (None, _) => self.tell(place.clone(), Sort::Added, "new", rust, Class::Compatible),
            (_, None) => {
                self.tell(place.clone(), Sort::Removed, "removed", rust, Class::Breaking);
            }
            (Some(was), Some(is)) => {
                for (key, was, is) in differing(members(Some(was)), members(Some(is))) {
                    let rust = if key == "items" { rust } else { Class::None };
                    self.part(place.under(key), was, is, rust);
                }
            }
        }
    }

    /// A part of the pagination, down to single texts.
    fn part(&mut self, place: Place, was: Option<&Value>, is: Option<&Value>, rust: Class) {
        match (was, is) {
            (Some(Value::Object(was)), Some(Value::Object(is))) => {
                for (key, was, is) in differing(was, is) {
                    self.part(place.under(key), was, is, rust);
                }
            }
            (None, _) => self.tell(place, Sort::Added, "new", rust, Class::Compatible),
            (_, None) => self.tell(place, Sort::Removed, "removed", rust, Class::Breaking),
            (Some(was), Some(is)) => {
                let what = format!("{} instead of {}", shown(is), shown(was));
                self.tell(place, Sort::Changed, what, rust, Class::Breaking);
            }
        }
    }

    pub(super) fn rate_limit(&mut self, place: &Place, was: Option<&Value>, is: Option<&Value>) {
        match (was, is) {
            (None, _) => {
                self.tell(place.clone(), Sort::Added, "new", Class::None, Class::Breaking);
            }
            (_, None) => {
                self.tell(place.clone(), Sort::Removed, "removed", Class::None, Class::Compatible);
            }
            (Some(was), Some(is)) => {
                for (key, was, is) in differing(members(Some(was)), members(Some(is))) {
                    let number = |it: Option<&Value>| it.and_then(Value::as_f64).unwrap_or(0.0);
                    let less = number(is) < number(was);
                    let wire = if less { Class::Breaking } else { Class::Compatible };
                    let what = format!("{} instead of {}", number(is), number(was));
                    self.tell(place.under(key), Sort::Changed, what, Class::None, wire);
                }
            }
        }
    }
}
