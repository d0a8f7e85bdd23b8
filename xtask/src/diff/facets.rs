//! How two schemas differ, facet by facet.

use serde_json::{Map, Value};

use super::side::{Followed, Role, Side};
use super::{Class, Diff, Place, Sort, differing, shown};
use crate::model::Schema;

/// One difference of two schemas.
struct Facet {
    /// Where in the schema.
    path: Vec<String>,
    what: String,
    effect: Effect,
    /// Whether it has a say in the type in Rust.
    typed: bool,
}

/// Which values a schema takes, compared with an earlier one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// All that it took, and more.
    Wider,
    /// Some of those that it took.
    Narrower,
    /// Others.
    Other,
    /// The same, but another one if none is sent.
    Default,
    /// The same, under another name.
    Same,
    /// The same, and what is written of it is for readers.
    Text,
}

impl Diff<'_> {
    /// Tells how a schema changed. `types` are its types in Rust, if it has any.
    pub(super) fn schema(
        &mut self,
        place: &Place,
        (before, after): (&Value, &Value),
        role: Role,
        types: Option<(String, String)>,
    ) {
        let mut facets = Vec::new();
        compare((self.before, before), (self.after, after), &[], &mut facets);
        let types = types.filter(|(before, after)| before != after);
        let mut explained = types.is_none();
        for Facet { path, what, effect, typed } in facets {
            let place = path.iter().fold(place.clone(), |place, name| place.under(name));
            let typed = typed && effect != Effect::Text;
            let rust = if typed && types.is_some() { Class::Breaking } else { Class::None };
            explained |= rust == Class::Breaking;
            let sort = if effect == Effect::Text { Sort::Text } else { Sort::Changed };
            self.tell(place, sort, what, rust, effect.on_wire(role));
        }
        if let Some((before, after)) = types
            && !explained
        {
            let what = format!("`{after}` instead of `{before}` in Rust");
            self.tell(place.clone(), Sort::Changed, what, Class::Breaking, Class::None);
        }
    }
}

impl Effect {
    /// What is sent may become less and what is answered more without breaking anybody.
    fn on_wire(self, role: Role) -> Class {
        let breaks = match self {
            Effect::Wider => role.answered,
            Effect::Narrower => role.requested,
            Effect::Other => role.answered || role.requested,
            Effect::Default => role.requested,
            Effect::Same | Effect::Text => return Class::None,
        };
        match breaks {
            true => Class::Breaking,
            false if role.answered || role.requested => Class::Compatible,
            false => Class::None,
        }
    }
}

fn compare(
    (before, old): (&Side, &Value),
    (after, new): (&Side, &Value),
    path: &[String],
    facets: &mut Vec<Facet>,
) {
    let (old, new) = (before.follow(old), after.follow(new));
    if old.type_name != new.type_name {
        let what = format!("{} instead of {}", kind(&new), kind(&old));
        let effect = exchange((before, &old), (after, &new));
        return facets.push(Facet { path: path.to_vec(), what, effect, typed: true });
    }
    // What both name is compared where it stands.
    let same =
        old.type_name.is_some() || (old.reference.is_some() && old.reference == new.reference);
    let (old, new) = if same { (&old.own, &new.own) } else { (&old.full, &new.full) };
    for (key, old, new) in differing(old, new) {
        let path = [path, &[key.to_owned()]].concat();
        match (key, old, new) {
            ("items" | "additionalProperties", Some(old), Some(new))
                if old.is_object() && new.is_object() =>
            {
                compare((before, old), (after, new), &path, facets);
            }
            _ => facets.push(facet(key, old, new, path)),
        }
    }
}

/// What it means that one type stands for another.
fn exchange((before, old): (&Side, &Followed), (after, new): (&Side, &Followed)) -> Effect {
    let is_enum = |side: &Side, it: &Followed| {
        let schema = it.type_name.and_then(|name| side.api.schemas.get(name));
        matches!(schema, Some(Schema::Enum(_)))
    };
    let is_text = |it: &Followed| {
        it.full.get("type").is_some_and(|ty| ty == "string") && !it.full.contains_key("format")
    };
    match (old.type_name, new.type_name) {
        (Some(old), Some(new)) if before.component(old) == after.component(new) => Effect::Same,
        (None, Some(_)) if is_text(old) && is_enum(after, new) => Effect::Narrower,
        (Some(_), None) if is_enum(before, old) && is_text(new) => Effect::Wider,
        _ => Effect::Other,
    }
}

fn facet(key: &str, old: Option<&Value>, new: Option<&Value>, path: Vec<String>) -> Facet {
    let (effect, typed) = match key {
        "type" | "items" | "additionalProperties" | "properties" | "oneOf" | "enum" => {
            (Effect::Other, true)
        }
        "format" => (format(old, new), true),
        "nullable" => (switched(old, new, Effect::Wider), true),
        "minimum" | "minLength" | "minItems" | "minProperties" => (bound(old, new, 1.0), false),
        "maximum" | "maxLength" | "maxItems" | "maxProperties" => (bound(old, new, -1.0), false),
        "exclusiveMinimum" | "exclusiveMaximum" | "uniqueItems" => {
            (switched(old, new, Effect::Narrower), false)
        }
        "pattern" | "multipleOf" | "required" => (restricted(old, new), false),
        "default" => (Effect::Default, false),
        _ => (Effect::Text, false),
    };
    let what = match (old, new) {
        _ if effect == Effect::Text => match (old, new) {
            (None, _) => "new".to_owned(),
            (_, None) => "removed".to_owned(),
            _ => "changed".to_owned(),
        },
        (Some(old), Some(new)) if is_short(old) && is_short(new) => {
            format!("{} instead of {}", shown(new), shown(old))
        }
        (None, Some(new)) if is_short(new) => format!("{} instead of none", shown(new)),
        (Some(old), None) if is_short(old) => format!("none instead of {}", shown(old)),
        _ => "another".to_owned(),
    };
    Facet { path, what, effect, typed }
}

fn is_short(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn format(old: Option<&Value>, new: Option<&Value>) -> Effect {
    match (old.and_then(Value::as_str), new.and_then(Value::as_str)) {
        (Some("int32"), Some("int64") | None) => Effect::Wider,
        (Some("int64") | None, Some("int32")) => Effect::Narrower,
        // An integer is one of 64 bits unless something else is said.
        (Some("int64"), None) | (None, Some("int64")) => Effect::Text,
        _ => restricted(old, new),
    }
}

/// A restriction that is there or not.
fn restricted(old: Option<&Value>, new: Option<&Value>) -> Effect {
    match (old, new) {
        (None, _) => Effect::Narrower,
        (_, None) => Effect::Wider,
        _ => Effect::Other,
    }
}

/// A number that restricts more the greater it is, times `sign`.
fn bound(old: Option<&Value>, new: Option<&Value>, sign: f64) -> Effect {
    match (old.and_then(Value::as_f64), new.and_then(Value::as_f64)) {
        (Some(old), Some(new)) if sign * old < sign * new => Effect::Narrower,
        (Some(_), Some(_)) => Effect::Wider,
        _ => restricted(old, new),
    }
}

/// A switch that is off if it is not there, and has an effect if it is on.
fn switched(old: Option<&Value>, new: Option<&Value>, on: Effect) -> Effect {
    let is_on = |it: Option<&Value>| it.and_then(Value::as_bool).unwrap_or(false);
    match (is_on(old), is_on(new)) {
        (false, true) => on,
        (true, false) if on == Effect::Wider => Effect::Narrower,
        (true, false) => Effect::Wider,
        _ => Effect::Text,
    }
}

/// What a schema is, in a word.
fn kind(followed: &Followed) -> String {
    match followed.type_name {
        Some(name) => format!("`{name}`"),
        None => {
            let text = |key: &str| followed.full.get(key).and_then(Value::as_str);
            format!("`{}`", text("format").or(text("type")).unwrap_or("any"))
        }
    }
}

/// The role of what requests alone hold.
pub(super) const REQUESTED: Role = Role { requested: true, answered: false };
/// The role of what answers alone hold.
pub(super) const ANSWERED: Role = Role { requested: false, answered: true };

/// The members of an object that are neither of `keys`.
pub(super) fn without(value: &Value, keys: &[&str]) -> Value {
    let members: Map<String, Value> = super::members(Some(value))
        .iter()
        .filter(|(key, _)| !keys.contains(&key.as_str()))
        .map(|(key, member)| (key.clone(), member.clone()))
        .collect();
    Value::Object(members)
}
