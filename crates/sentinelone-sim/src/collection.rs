//! The items that the lists are about, as they have become.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::clock::Micros;
use crate::field::{Key, Path};
use crate::source::{Members, Source, Wanted};
use crate::synth;

/// A numbered collection. The number of an item is also its place in the order of the identities.
///
/// What the source gives is never kept; changes are.
pub(crate) struct Collection {
    source: Box<dyn Source>,
    /// When the items were added that the source did not begin with.
    born: Vec<Micros>,
    /// What has been changed of an item, as merge patches to be applied in turn.
    patches: HashMap<u32, Vec<Value>>,
    /// The items that were added and do not show yet, and those that were removed.
    unseen: BTreeSet<u32>,
    /// What will show later, in that order.
    pending: BTreeMap<(Micros, u64), Event>,
    events: u64,
    log: Vec<Entry>,
}

/// An item that is added or changed.
struct Event {
    number: u32,
    patch: Option<Value>,
    stamped: Micros,
}

/// An addition, change or removal that shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) number: u32,
    /// When it happened, which is also what the item says of it.
    pub(crate) stamped: Micros,
    /// Since when it shows.
    pub(crate) visible: Micros,
}

impl Collection {
    pub(crate) fn new(source: Box<dyn Source>) -> Collection {
        Collection {
            source,
            born: Vec::new(),
            patches: HashMap::new(),
            unseen: BTreeSet::new(),
            pending: BTreeMap::new(),
            events: 0,
            log: Vec::new(),
        }
    }

    pub(crate) fn source(&self) -> &dyn Source {
        &*self.source
    }

    /// How many items there are, with those that do not show yet or no longer.
    pub(crate) fn len(&self) -> u32 {
        self.source.len() + u32::try_from(self.born.len()).unwrap_or(u32::MAX)
    }

    /// An item with what the console knows of it besides; at least its wanted members.
    pub(crate) fn item(&self, number: u32, wanted: Wanted<'_>) -> Value {
        let added = number.checked_sub(self.source.len());
        let born = added.and_then(|index| self.born.get(index as usize)).copied();
        let mut item = self.source.item(number, born, wanted);
        if let Some(patches) = self.patches.get(&number) {
            patches.iter().for_each(|patch| merge(&mut item, patch));
            self.source.settle(&mut item);
        }
        item
    }

    /// An item as it is answered with.
    pub(crate) fn shown(&self, number: u32) -> Value {
        let mut item = self.item(number, Wanted::All);
        if let Value::Object(members) = &mut item {
            members.retain(|name, _| !name.starts_with('$'));
        }
        item
    }

    pub(crate) fn is_visible(&self, number: u32) -> bool {
        !self.unseen.contains(&number)
    }

    pub(crate) fn are_visible(&self, numbers: std::ops::Range<u32>) -> bool {
        numbers.is_empty() || self.unseen.range(numbers).next().is_none()
    }

    /// What a field of an item sorts as.
    pub(crate) fn key(&self, number: u32, field: &Path) -> Key {
        Key::from(&field.first(&self.item(number, Wanted::Only(&Members::of([field])))))
    }

    /// What tells an item apart.
    pub(crate) fn identity(&self, number: u32) -> String {
        let path = Path::new(self.source.identity());
        let id = path.first(&self.item(number, Wanted::Only(&Members::of([&path]))));
        id.as_str().unwrap_or_default().to_owned()
    }

    /// The number of the item with that identity.
    pub(crate) fn find(&self, identity: &str) -> Option<u32> {
        let field = Path::new(self.source.identity());
        let wanted = Key::from(identity);
        let number = boundary(0..self.len(), |number| self.key(number, &field) < wanted);
        (number < self.len() && self.key(number, &field) == wanted).then_some(number)
    }

    /// Adds an item, which shows from `visible` on. Refuses one that would not be the last by
    /// its identity and all else that rises with it.
    pub(crate) fn add(&mut self, now: Micros, visible: Micros) -> Result<u32, OutOfOrder> {
        let number = self.len();
        self.born.push(now);
        let rises = |field: &&'static str| {
            let field = Path::new(field);
            let last = number.checked_sub(1).map(|last| self.key(last, &field));
            last.is_none_or(|last| last < self.key(number, &field))
        };
        if !self.source.rising().iter().all(rises) {
            self.born.pop();
            return Err(OutOfOrder);
        }
        self.unseen.insert(number);
        self.schedule(visible, Event { number, patch: None, stamped: now });
        self.catch_up(now);
        Ok(number)
    }

    /// Changes an item by a merge patch, which shows from `visible` on, or when an earlier change
    /// of the same item does if that is later.
    pub(crate) fn change(&mut self, number: u32, patch: &Value, now: Micros, visible: Micros) {
        let earlier = self.pending.iter().filter(|(_, event)| event.number == number);
        let visible = earlier.map(|((time, _), _)| *time).fold(visible, Micros::max);
        self.schedule(visible, Event { number, patch: Some(patch.clone()), stamped: now });
        self.catch_up(now);
    }

    /// Removes an item, at once.
    pub(crate) fn remove(&mut self, number: u32, now: Micros) {
        self.unseen.insert(number);
        self.log.push(Entry { number, stamped: now, visible: now });
    }

    /// Whether something is to show by then that does not yet.
    pub(crate) fn is_behind(&self, now: Micros) -> bool {
        self.pending.first_key_value().is_some_and(|((time, _), _)| *time <= now)
    }

    /// Lets everything show that is to show by then.
    pub(crate) fn catch_up(&mut self, now: Micros) {
        while let Some(next) = self.pending.first_entry().filter(|next| next.key().0 <= now) {
            let ((visible, _), Event { number, patch, stamped }) = next.remove_entry();
            match patch {
                Some(patch) => {
                    let patches = self.patches.entry(number).or_default();
                    append(patches, patch);
                    if let Some(updated) = self.source.updated() {
                        append(patches, nested(updated, synth::micros(stamped).into()));
                    }
                }
                None => {
                    self.unseen.remove(&number);
                }
            }
            self.log.push(Entry { number, stamped, visible });
        }
    }

    /// Everything that has been added, changed and removed, in the order in which it began to show.
    pub(crate) fn log(&self) -> &[Entry] {
        &self.log
    }

    fn schedule(&mut self, visible: Micros, event: Event) {
        self.pending.insert((visible, self.events), event);
        self.events += 1;
    }
}

/// An item that would come before another by what rises with the identity.
#[derive(Debug)]
pub(crate) struct OutOfOrder;

/// The first number of the range for which `holds` does not hold, if it holds up to there.
pub(crate) fn boundary(range: std::ops::Range<u32>, holds: impl Fn(u32) -> bool) -> u32 {
    let std::ops::Range { mut start, mut end } = range;
    while start < end {
        let middle = start + (end - start) / 2;
        if holds(middle) {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    start
}

/// Applies a merge patch (RFC 7396), but keeps its nulls, as the console writes them.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                merge(target.entry(name).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}

/// Appends a patch to those before it, or makes one of it and the last where that is the same.
fn append(patches: &mut Vec<Value>, patch: Value) {
    match patches.last_mut().filter(|last| is_mergeable(last, &patch)) {
        Some(last) => merge(last, &patch),
        None => patches.push(patch),
    }
}

/// Whether the later patch sets no members of what the earlier one has made other than an object.
fn is_mergeable(earlier: &Value, later: &Value) -> bool {
    match (earlier, later) {
        (Value::Object(earlier), Value::Object(later)) => later
            .iter()
            .all(|(name, value)| earlier.get(name).is_none_or(|it| is_mergeable(it, value))),
        (_, later) => !later.is_object(),
    }
}

/// An object that holds the value at a path of members.
pub(crate) fn nested(path: &str, value: Value) -> Value {
    let wrap = |value, name: &str| Value::Object(Map::from_iter([(name.to_owned(), value)]));
    path.rsplit('.').fold(value, wrap)
}
