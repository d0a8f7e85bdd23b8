//! What an object of the spec is made of, as data.

use std::fmt;

use crate::constraints::Constraints;

/// An object schema of the spec, which may contain itself.
///
/// Its name says which it is: `Debug` shows nothing else, and `PartialEq` compares nothing else.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Schema {
    /// The name in the spec.
    pub name: &'static str,
    /// The fields, in the order of the spec.
    pub fields: &'static [Field],
}

impl Schema {
    /// An object with these fields.
    pub const fn new(name: &'static str, fields: &'static [Field]) -> Self {
        Schema { name, fields }
    }

    /// The type of what stands at `path`, in the notation of
    /// [`Filter::fields`](crate::operation::Filter::fields), as far as the spec says.
    ///
    /// There is nothing at an attribute that the console does not return, nor within
    /// [`FieldType::Any`].
    pub fn at(&self, path: &str) -> Option<FieldType> {
        let (first, rest) = match path.split_once('.') {
            Some((first, rest)) => (first, Some(rest)),
            None => (path, None),
        };
        let (name, depth) = split_elements(first);
        let first = self.field(name)?.element(depth)?;
        rest.into_iter().flat_map(|rest| rest.split('.')).try_fold(first, FieldType::step)
    }

    fn field(&self, name: &str) -> Option<FieldType> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.field_type)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schema").field(&self.name).finish()
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Schema {}

/// A field of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The name on the wire.
    pub name: &'static str,
    /// What it holds, unless it is null or missing.
    pub field_type: FieldType,
    /// Whether a body must have it. An answer need not, whatever the spec says.
    pub required: bool,
    /// What its value may be in a body.
    pub constraints: Constraints,
}

impl Field {
    /// A field of that name and type.
    pub const fn new(name: &'static str, field_type: FieldType) -> Self {
        Field { name, field_type, required: false, constraints: Constraints::new() }
    }

    /// Says that a body must have it.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Says what its value may be in a body.
    pub const fn constrained(mut self, constraints: Constraints) -> Self {
        self.constraints = constraints;
        self
    }
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// Any text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A text with an RFC 3339 date-time.
    DateTime,
    /// A text, usually one of these. The console may send others.
    Enum(&'static [&'static str]),
    /// An object with fields that the spec names.
    Object(&'static Schema),
    /// An array of elements of one type.
    List(&'static FieldType),
    /// An object with values of one type, under keys that the console chooses.
    Map(&'static FieldType),
    /// Anything: an object of any form, or one of several types.
    Any,
}

impl FieldType {
    /// The type one part of a path further.
    fn step(self, part: &str) -> Option<FieldType> {
        let (name, depth) = split_elements(part);
        let found = match self {
            FieldType::Object(schema) => schema.field(name)?,
            FieldType::Map(values) if name == "*" => *values,
            FieldType::Map(_) if name == "~" => FieldType::String,
            _ => return None,
        };
        found.element(depth)
    }

    /// The type of an element, so many lists deep.
    fn element(self, depth: usize) -> Option<FieldType> {
        (0..depth).try_fold(self, |found, _| match found {
            FieldType::List(elements) => Some(*elements),
            _ => None,
        })
    }
}

/// Splits `name[][]` into `name` and the number of `[]`.
fn split_elements(part: &str) -> (&str, usize) {
    let name = part.trim_end_matches("[]");
    (name, (part.len() - name.len()) / "[]".len())
}

#[cfg(test)]
mod tests {
    use super::*;

    static PART: Schema = Schema::new(
        "Part",
        &[
            Field::new("name", FieldType::String),
            Field::new("parts", FieldType::List(&ANY_PART)),
            Field::new("byName", FieldType::Map(&ANY_PART)),
            Field::new("grid", FieldType::List(&FieldType::List(&FieldType::Integer))),
            Field::new("lists", FieldType::Map(&FieldType::List(&FieldType::Number))),
            Field::new("madeBy", FieldType::Object(&MAKER)),
            Field::new("extra", FieldType::Any),
        ],
    );

    static ANY_PART: FieldType = FieldType::Object(&PART);

    static MAKER: Schema = Schema::new(
        "Maker",
        &[
            Field::new("since", FieldType::DateTime),
            Field::new("size", FieldType::Enum(&["small", "large"])),
        ],
    );

    #[test]
    fn paths_lead_to_types() {
        let check = |path: &str, expect: Option<FieldType>| {
            assert_eq!(PART.at(path), expect, "{path}");
        };
        check("name", Some(FieldType::String));
        check("madeBy", Some(FieldType::Object(&MAKER)));
        check("madeBy.since", Some(FieldType::DateTime));
        check("madeBy.size", Some(FieldType::Enum(&["small", "large"])));
        check("parts", Some(FieldType::List(&ANY_PART)));
        check("parts[]", Some(ANY_PART));
        check("parts[].parts[].name", Some(FieldType::String));
        check("byName.*", Some(ANY_PART));
        check("byName.*.madeBy.since", Some(FieldType::DateTime));
        check("byName.~", Some(FieldType::String));
        check("grid[]", Some(FieldType::List(&FieldType::Integer)));
        check("grid[][]", Some(FieldType::Integer));
        check("lists.*[]", Some(FieldType::Number));
        check("extra", Some(FieldType::Any));
    }

    #[test]
    fn other_paths_lead_nowhere() {
        let check = |path: &str| assert_eq!(PART.at(path), None, "{path}");
        check("");
        check(".");
        check("[]");
        check("$name");
        check("missing");
        check("Name");
        check("name.");
        check("name[]");
        check("name.more");
        check("parts.name");
        check("parts[][]");
        check("parts.*");
        check("byName[]");
        check("byName.name");
        check("byName.~.name");
        check("madeBy.*");
        check("extra.more");
        check("*");
        check("~");
    }

    #[test]
    fn a_schema_that_contains_itself_is_shown_and_compared_by_name() {
        assert_eq!(format!("{PART:?}"), r#"Schema("Part")"#);
        assert_eq!(format!("{:?}", PART.at("parts[]")), r#"Some(Object(Schema("Part")))"#);
        assert_eq!(PART, Schema::new("Part", &[]));
        assert_ne!(PART, MAKER);
    }
}
