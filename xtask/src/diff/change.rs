//! A change, and whom it breaks.

use std::fmt;

/// One change of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What changed.
    pub place: Place,
    /// Whether it is new, gone or another.
    pub sort: Sort,
    /// How it changed.
    pub what: String,
    /// What it means for a program that uses the crate, when it is compiled.
    pub rust: Class,
    /// What it means for requests and answers, when it runs.
    pub wire: Class,
}

/// What a change means for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Nothing.
    None,
    /// All that was good before still is.
    Compatible,
    /// Something that was good before no longer is.
    Breaking,
}

/// The section of a changelog that a change belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// It is new.
    Added,
    /// It is another.
    Changed,
    /// It is gone.
    Removed,
    /// It is a text for readers, or an example.
    Text,
}

/// A part of a spec, as a path of names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(Vec<String>);

impl Place {
    /// A part of the document itself.
    pub(super) fn of(name: &str) -> Place {
        Place(vec![name.to_owned()])
    }

    /// A part of this part.
    pub(super) fn under(&self, name: &str) -> Place {
        let mut names = self.0.clone();
        names.push(name.to_owned());
        Place(names)
    }

    /// The names, outermost first.
    pub(super) fn names(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }
}

impl Change {
    /// Whether something that was good before no longer is, for anybody.
    pub fn is_breaking(&self) -> bool {
        self.rust.max(self.wire) == Class::Breaking
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rust, wire) = (self.rust.to_string(), self.wire.to_string());
        write!(f, "{rust:<10}  {wire:<10}  {}: {}", self.place, self.what)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Class::None => "none",
            Class::Compatible => "compatible",
            Class::Breaking => "breaking",
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}
