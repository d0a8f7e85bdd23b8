//! Where the items of a collection come from.

use serde_json::Value;

use crate::clock::Micros;

/// A numbered supply of items: the item of a greater number has a greater identity.
pub(crate) trait Source: Send + Sync {
    /// How many items there are before any is added.
    fn len(&self) -> u32;

    /// The item with that number, with what the console knows of it besides in members that begin
    /// with `$`. Members that are not among the wanted ones may be left out.
    ///
    /// `born` is when an item was added; an item past the first [`len`](Source::len) has it.
    fn item(&self, number: u32, born: Option<Micros>, wanted: Wanted<'_>) -> Value;

    /// The field that tells items apart.
    fn identity(&self) -> &'static str;

    /// The field that says when an item was last changed.
    fn updated(&self) -> Option<&'static str>;

    /// The fields of which a greater number always means a greater value, also among items that
    /// are added. The identity is one of them.
    fn rising(&self) -> &[&'static str];

    /// Whether items have the field, as far as that is known beforehand.
    fn has(&self, field: &str) -> bool;

    /// Makes members agree with the changed ones that they follow from.
    fn settle(&self, item: &mut Value);

    /// A time when all items have been there for long.
    fn end(&self) -> Micros;
}

/// Which members of an item are asked for.
#[derive(Clone, Copy)]
pub(crate) enum Wanted<'a> {
    All,
    Only(&'a [&'a str]),
}

impl Wanted<'_> {
    pub(crate) fn includes(self, member: &str) -> bool {
        match self {
            Wanted::All => true,
            Wanted::Only(members) => members.contains(&member),
        }
    }
}
