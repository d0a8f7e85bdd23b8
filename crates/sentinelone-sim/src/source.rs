//! Where the items of a collection come from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::clock::Micros;
use crate::field::Path;

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
    Only(&'a Members),
    /// Those with these names.
    Named(&'a [&'static str]),
}

/// The members that some paths lead through, and the names within each; none for all of it.
pub(crate) struct Members(Vec<(&'static str, Option<Vec<&'static str>>)>);

impl<'a> Wanted<'a> {
    pub(crate) fn includes(self, member: &str) -> bool {
        match self {
            Wanted::All => true,
            Wanted::Only(Members(members)) => members.iter().any(|(name, _)| *name == member),
            Wanted::Named(names) => names.contains(&member),
        }
    }

    /// What is wanted of a member that is an object.
    pub(crate) fn within(self, member: &str) -> Wanted<'a> {
        let Wanted::Only(Members(members)) = self else { return Wanted::All };
        let names = members.iter().find(|(name, _)| *name == member);
        names.and_then(|(_, names)| names.as_deref()).map_or(Wanted::All, Wanted::Named)
    }
}

impl Members {
    pub(crate) fn of<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Members {
        let mut members = BTreeMap::new();
        for (member, name) in paths.into_iter().map(Path::members) {
            let names = members.entry(member).or_insert(Some(BTreeSet::new()));
            match (&mut *names, name) {
                (Some(names), Some(name)) => _ = names.insert(name),
                _ => *names = None,
            }
        }
        let listed = |names: BTreeSet<_>| names.into_iter().collect();
        Members(members.into_iter().map(|(member, names)| (member, names.map(listed))).collect())
    }
}

#[cfg(test)]
mod tests {
    use sentinelone::OPERATIONS;
    use serde_json::json;

    use super::*;
    use crate::collection::Collection;
    use crate::synth::Threats;

    #[test]
    fn a_part_is_as_it_is_in_the_whole() {
        let mut collection = Collection::new(Box::new(Threats::new(7, 200)));
        let verdict = json!({ "threatInfo": { "analystVerdict": "suspicious" } });
        let ticket = json!({ "threatInfo": { "externalTicketId": "INC-1" } });
        (0..100).for_each(|number| collection.change(number, &verdict, 0, 0));
        (50..150).for_each(|number| collection.change(number, &ticket, 0, 0));

        let parameters = OPERATIONS.iter().flat_map(|operation| operation.parameters);
        let filters = parameters.filter_map(|parameter| parameter.filter.as_ref());
        let paths: Vec<_> =
            filters.flat_map(|filter| filter.fields).map(|it| Path::new(it)).collect();
        assert!(paths.len() > 100, "{}", paths.len());
        let values = |item: &Value, path: &Path| {
            let mut values = Vec::new();
            path.any(item, |value| {
                values.push(value.clone());
                false
            });
            values
        };
        for number in 0..200 {
            let whole = collection.item(number, Wanted::All);
            let together = collection.item(number, Wanted::Only(&Members::of(&paths)));
            for path in &paths {
                let part = collection.item(number, Wanted::Only(&Members::of([path])));
                assert_eq!(values(&part, path), values(&whole, path), "{number} {path:?}");
                assert_eq!(values(&together, path), values(&whole, path), "{number} {path:?}");
            }
        }
    }
}
