//! Which items a request selects, in which order.
//!
//! A view is worked out once and kept, so that the next page of the same walk costs what the page
//! costs. It holds numbers, not items: these are made again when they are served.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sentinelone_runtime::operation::FilterOp;
use serde_json::Value;

use crate::collection::Collection;
use crate::condition::Condition;
use crate::cursor::Direction;
use crate::field::{Key, Path};

/// The latest views of a collection.
pub(crate) struct Views {
    collection: Collection,
    kept: Mutex<VecDeque<(Selection, Arc<OnceLock<View>>)>>,
}

/// What determines a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) conditions: Vec<Condition>,
    pub(crate) sorted_on: Path,
}

/// The selected items in ascending order.
#[derive(Debug)]
pub(crate) enum View {
    /// All items from one number to another.
    Range(Range<u32>),
    /// The items with these numbers.
    Listed(Vec<u32>),
}

/// Walks over more orders than this at a time make each other start again.
const KEPT: usize = 16;

impl Views {
    pub(crate) fn new(collection: Collection) -> Views {
        Views { collection, kept: Mutex::default() }
    }

    pub(crate) fn collection(&self) -> &Collection {
        &self.collection
    }

    /// Calls `use_view` with the view of the selection.
    pub(crate) fn with<T>(&self, selection: &Selection, use_view: impl FnOnce(&View) -> T) -> T {
        let view = self.slot(selection);
        use_view(view.get_or_init(|| View::new(&self.collection, selection)))
    }

    /// The place of the view, which is filled outside of the lock.
    fn slot(&self, selection: &Selection) -> Arc<OnceLock<View>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().position(|(known, _)| known == selection);
        let entry = found.and_then(|index| kept.remove(index));
        let (selection, view) = entry.unwrap_or_else(|| (selection.clone(), Arc::default()));
        let slot = Arc::clone(&view);
        kept.push_front((selection, view));
        kept.truncate(KEPT);
        slot
    }
}

impl View {
    fn new(collection: &Collection, selection: &Selection) -> View {
        let (bounds, mut others): (Vec<_>, Vec<_>) =
            selection.conditions.iter().partition(|it| is_bound(collection, it));
        let range = bounds
            .iter()
            .fold(0..collection.len(), |range, bound| narrow(collection, range, bound));
        let named = others.iter().position(|it| names_items(collection, it));
        let candidates = match named {
            Some(index) => View::Listed(look_up(collection, &range, others.remove(index))),
            None => View::Range(range),
        };

        let is_sorted = collection.rises_with(selection.sorted_on.text());
        if others.is_empty() && is_sorted {
            return candidates;
        }
        let mut selected = Vec::new();
        for number in (0..candidates.len()).map(|place| candidates.number(place)) {
            let item = collection.item(number);
            if others.iter().all(|condition| condition.holds(&item)) {
                let key = if is_sorted { Key::Missing } else { key(&selection.sorted_on, &item) };
                selected.push((key, number));
            }
        }
        selected.sort_unstable();
        View::Listed(selected.into_iter().map(|(_, number)| number).collect())
    }

    /// How many items are selected.
    pub(crate) fn len(&self) -> usize {
        match self {
            View::Range(range) => range.len(),
            View::Listed(numbers) => numbers.len(),
        }
    }

    /// The number of the item at that place when the view is read in that direction.
    pub(crate) fn read(&self, place: usize, direction: Direction) -> u32 {
        match direction {
            Direction::Ascending => self.number(place),
            Direction::Descending => self.number(self.len() - 1 - place),
        }
    }

    /// The first place after all items for which `before` holds, in the direction of reading.
    pub(crate) fn place_after(&self, direction: Direction, before: impl Fn(u32) -> bool) -> usize {
        let places = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let place = boundary(0..places, |place| before(self.read(place as usize, direction)));
        place as usize
    }

    fn number(&self, place: usize) -> u32 {
        match self {
            // A place is less than the length, which is a `u32`.
            View::Range(range) => range.start + place as u32,
            View::Listed(numbers) => numbers[place],
        }
    }
}

/// The first number of the range for which `holds` does not hold, if it holds up to there.
fn boundary(range: Range<u32>, holds: impl Fn(u32) -> bool) -> u32 {
    let Range { mut start, mut end } = range;
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

/// Whether the condition cuts off a run of numbers.
fn is_bound(collection: &Collection, condition: &Condition) -> bool {
    use FilterOp::{Gt, Gte, Lt, Lte};
    matches!(condition.op, Gt | Gte | Lt | Lte) && on_rising_field(collection, condition)
}

fn narrow(collection: &Collection, range: Range<u32>, bound: &Condition) -> Range<u32> {
    let holds = |number| bound.holds(&collection.item(number));
    match bound.op {
        FilterOp::Gt | FilterOp::Gte => boundary(range.clone(), |it| !holds(it))..range.end,
        _ => range.start..boundary(range, holds),
    }
}

/// Whether the condition names the few items that meet it.
fn names_items(collection: &Collection, condition: &Condition) -> bool {
    condition.op == FilterOp::In && on_rising_field(collection, condition)
}

fn look_up(collection: &Collection, range: &Range<u32>, condition: &Condition) -> Vec<u32> {
    let value = |number| key(&condition.fields[0], &collection.item(number));
    let places = condition.operands.iter().map(|operand| {
        let wanted = Key::from(operand);
        boundary(range.clone(), |number| value(number) < wanted)
    });
    let mut numbers: Vec<u32> =
        places.filter(|it| range.contains(it) && condition.holds(&collection.item(*it))).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn on_rising_field(collection: &Collection, condition: &Condition) -> bool {
    matches!(&condition.fields[..], [field] if collection.rises_with(field.text()))
}

fn key(field: &Path, item: &Value) -> Key {
    Key::from(&field.first(item))
}
