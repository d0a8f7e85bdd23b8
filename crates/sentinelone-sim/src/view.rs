//! Which items a request selects, in which order.
//!
//! A view that takes long to work out is kept and brought up to date from the collection's log, so
//! that the next page of the same walk costs what the page costs. It holds numbers, not items:
//! these are made again when they are served.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use sentinelone_runtime::operation::FilterOp;

use crate::collection::{Collection, boundary};
use crate::condition::Condition;
use crate::field::{Key, Path};
use crate::source::{Members, Wanted};

/// The latest views of a collection.
#[derive(Default)]
pub(crate) struct Views(Mutex<VecDeque<(Selection, Slot)>>);

/// What determines a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) conditions: Vec<Condition>,
    pub(crate) sorted_on: Path,
}

type Slot = Arc<Mutex<Option<View>>>;

/// The selected items in ascending order.
#[derive(Debug)]
pub(crate) struct View {
    order: Order,
    /// How much of the collection's log the view has seen.
    seen: usize,
}

#[derive(Debug)]
enum Order {
    /// All items from one number to another.
    Range(Range<u32>),
    /// The items with these numbers.
    Listed(Vec<u32>),
}

/// Walks over more orders than this at a time make each other start again.
const KEPT: usize = 16;

/// So many candidates are looked through in no time.
const FEW: usize = 200;

impl Views {
    /// Calls `use_view` with the view of the selection, which no other request uses meanwhile.
    pub(crate) fn with<T>(
        &self,
        collection: &Collection,
        selection: &Selection,
        use_view: impl FnOnce(&View) -> T,
    ) -> T {
        let plan = Plan::new(collection, selection);
        if plan.is_quick() {
            return use_view(&plan.carry_out(collection));
        }
        let slot = self.slot(selection);
        let mut view = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let view = match view.take() {
            Some(mut kept) => {
                kept.catch_up(collection, selection);
                view.insert(kept)
            }
            None => view.insert(plan.carry_out(collection)),
        };
        use_view(view)
    }

    /// The place of the view, which is filled outside of the lock.
    fn slot(&self, selection: &Selection) -> Slot {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().position(|(known, _)| known == selection);
        let entry = found.and_then(|index| kept.remove(index));
        let (selection, view) = entry.unwrap_or_else(|| (selection.clone(), Slot::default()));
        let slot = Arc::clone(&view);
        kept.push_front((selection, view));
        kept.truncate(KEPT);
        slot
    }
}

/// How a view is worked out.
struct Plan<'a> {
    candidates: Order,
    /// What the candidates have to meet.
    conditions: Vec<&'a Condition>,
    /// What they are to be sorted on, if they do not have that order.
    sorted_on: Option<&'a Path>,
    /// Whether the candidates are the view.
    is_done: bool,
}

impl<'a> Plan<'a> {
    fn new(collection: &Collection, selection: &'a Selection) -> Plan<'a> {
        let (bounds, mut conditions): (Vec<_>, Vec<_>) =
            selection.conditions.iter().partition(|it| is_bound(collection, it));
        let range = bounds
            .iter()
            .fold(0..collection.len(), |range, bound| narrow(collection, range, bound));
        let is_visible = collection.are_visible(range.clone());
        let named = conditions.iter().position(|it| names_items(collection, it));
        let candidates = match named {
            Some(index) => Order::Listed(look_up(collection, &range, conditions.remove(index))),
            None => Order::Range(range),
        };
        let is_sorted = collection.source().rising().contains(&selection.sorted_on.text());
        let sorted_on = (!is_sorted).then_some(&selection.sorted_on);
        let is_done = is_sorted && conditions.is_empty() && is_visible;
        Plan { candidates, conditions, sorted_on, is_done }
    }

    /// Whether it costs less than a place among the views that are kept.
    fn is_quick(&self) -> bool {
        self.is_done || self.candidates.len() <= FEW
    }

    fn carry_out(self, collection: &Collection) -> View {
        let seen = collection.log().len();
        if self.is_done {
            return View { order: self.candidates, seen };
        }
        let mut selected = select(collection, &self.candidates, &self.conditions, self.sorted_on);
        selected.sort_unstable();
        let numbers = selected.into_iter().map(|(_, number)| number).collect();
        View { order: Order::Listed(numbers), seen }
    }
}

impl View {
    /// How many items are selected.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// The number of the item at that place.
    pub(crate) fn number(&self, place: usize) -> u32 {
        self.order.number(place)
    }

    /// The places of the items that meet the bounds, which are on the field that sorts the view.
    pub(crate) fn within(&self, collection: &Collection, bounds: &[Condition]) -> Range<usize> {
        let Some(first) = bounds.first() else { return 0..self.len() };
        let key = |place| collection.key(self.number(place), &first.fields[0]);
        // An item with nothing, or nothing of the kind, in the field meets no bound.
        let kind = first.operands.first().map_or(0, |operand| Key::from(operand).kind());
        let start = self.first_not(0..self.len(), |place| key(place).kind() < kind);
        let end = self.first_not(start..self.len(), |place| key(place).kind() == kind);
        bounds.iter().fold(start..end, |Range { start, end }, bound| {
            let holds = |place: usize| bound.holds_of(&key(place));
            match bound.op {
                FilterOp::Gt | FilterOp::Gte => {
                    self.first_not(start..end, |place| !holds(place))..end
                }
                _ => start..self.first_not(start..end, holds),
            }
        })
    }

    /// The first of the places for which `before` does not hold, if it holds up to there.
    pub(crate) fn first_not(&self, places: Range<usize>, before: impl Fn(usize) -> bool) -> usize {
        // There are no more items than a `u32` numbers.
        let numbers = places.start as u32..places.end as u32;
        boundary(numbers, |place| before(place as usize)) as usize
    }

    /// Takes the items to their places that were added or changed since.
    fn catch_up(&mut self, collection: &Collection, selection: &Selection) {
        let news = &collection.log()[self.seen..];
        if news.len() > 1_000 && news.len() > self.len() / 8 {
            *self = Plan::new(collection, selection).carry_out(collection);
            return;
        }
        let changed = BTreeSet::from_iter(news.iter().map(|entry| entry.number));
        self.refresh(collection, selection, &changed);
        self.seen = collection.log().len();
    }

    fn refresh(&mut self, collection: &Collection, selection: &Selection, changed: &BTreeSet<u32>) {
        let field = &selection.sorted_on;
        let members = members(&selection.conditions, Some(field));
        let own_key = |number: u32| {
            let item = collection.item(number, Wanted::Only(&members));
            let belongs = collection.is_visible(number)
                && selection.conditions.iter().all(|condition| condition.holds(&item));
            belongs.then(|| (Key::from(&field.first(&item)), number))
        };
        // A range is never kept.
        let Order::Listed(numbers) = &mut self.order else { return };
        // All of them go first, as one at its old place would mislead the search.
        numbers.retain(|number| !changed.contains(number));
        for own in changed.iter().filter_map(|number| own_key(*number)) {
            let place = numbers.partition_point(|it| (collection.key(*it, field), *it) < own);
            numbers.insert(place, own.1);
        }
    }
}

impl Order {
    fn len(&self) -> usize {
        match self {
            Order::Range(range) => range.len(),
            Order::Listed(numbers) => numbers.len(),
        }
    }

    fn number(&self, place: usize) -> u32 {
        match self {
            // A place is less than the length, which is a `u32`.
            Order::Range(range) => range.start + place as u32,
            Order::Listed(numbers) => numbers[place],
        }
    }
}

/// The candidates that meet the conditions, with what they are sorted on.
fn select(
    collection: &Collection,
    candidates: &Order,
    conditions: &[&Condition],
    sorted_on: Option<&Path>,
) -> Vec<(Key, u32)> {
    let members = members(conditions.iter().copied(), sorted_on);
    let look_through = |places: Range<usize>| {
        let numbers = places.map(|place| candidates.number(place));
        let select = |number: u32| {
            let item = collection.item(number, Wanted::Only(&members));
            let belongs = conditions.iter().all(|condition| condition.holds(&item));
            let key = || sorted_on.map_or(Key::Missing, |field| Key::from(&field.first(&item)));
            belongs.then(|| (key(), number))
        };
        numbers.filter(|it| collection.is_visible(*it)).filter_map(select).collect::<Vec<_>>()
    };
    // To look through a million items takes seconds, of which every processor takes its share.
    let length = candidates.len();
    let share = length.div_ceil(std::thread::available_parallelism().map_or(1, usize::from));
    if length < 10_000 {
        return look_through(0..length);
    }
    std::thread::scope(|scope| {
        let shares = (0..length).step_by(share).map(|start| start..(start + share).min(length));
        let threads: Vec<_> = shares.map(|it| scope.spawn(|| look_through(it))).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.flat_map(|found| found.unwrap_or_else(|it| std::panic::resume_unwind(it))).collect()
    })
}

/// What the conditions and the order look at.
fn members<'a>(
    conditions: impl IntoIterator<Item = &'a Condition>,
    sorted_on: Option<&'a Path>,
) -> Members {
    let fields = conditions.into_iter().flat_map(|condition| &condition.fields);
    Members::of(fields.chain(sorted_on))
}

/// Whether the condition cuts off a run of numbers.
fn is_bound(collection: &Collection, condition: &Condition) -> bool {
    condition.is_bound() && on_rising_field(collection, condition)
}

fn narrow(collection: &Collection, range: Range<u32>, bound: &Condition) -> Range<u32> {
    let holds = |number| bound.holds_of(&collection.key(number, &bound.fields[0]));
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
    let value = |number| collection.key(number, &condition.fields[0]);
    let places = condition.operands.iter().filter_map(|operand| {
        let wanted = Key::from(operand);
        let number = boundary(range.clone(), |number| value(number) < wanted);
        (range.contains(&number) && value(number) == wanted).then_some(number)
    });
    let mut numbers: Vec<u32> = places.collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn on_rising_field(collection: &Collection, condition: &Condition) -> bool {
    matches!(&condition.fields[..], [field] if collection.source().rising().contains(&field.text()))
}
