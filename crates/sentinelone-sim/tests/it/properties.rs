//! Random requests of a console to which random things happen, held against a naive reading of
//! the whole collection. What a seed did is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex_lite::Regex;
use sentinelone::OPERATIONS;
use sentinelone_runtime::operation::{Operation, Pagination, Parameter, Sort, ValueType};
use sentinelone_sim::{Simulator, threat};
use sentinelone_tests::reading::{is_hidden, selects, sort_key, values};
use serde_json::{Value, json};

use crate::client::{Client, ids};

/// How many seeds each property is held against.
const SEEDS: u64 = 25;

#[tokio::test]
async fn a_walk_yields_what_a_naive_reading_selects() {
    let (mut items, mut walks) = (0, 0);
    for seed in 0..SEEDS {
        let mut world = World::start(seed).await;
        let requests: Vec<Request> = (0..4).map(|_| world.request()).collect();
        // The same requests again after every change, as their views are kept.
        for _ in 0..4 {
            let shown = world.shown();
            for request in &requests {
                items += world.check(request, &shown).await;
                walks += 1;
            }
            for _ in 0..world.random.usize(0..4) {
                world.step();
            }
        }
    }
    // Requests that select nothing prove little.
    println!("{items} items on {walks} walks");
    assert!(walks * 5 < items, "{items} items on {walks} walks");
}

#[tokio::test]
async fn changes_during_an_incremental_walk_neither_repeat_nor_lose_an_item() {
    let mut moved = 0;
    for seed in 0..2 * SEEDS {
        let mut world = World::start(seed).await;
        for _ in 0..world.random.usize(0..6) {
            world.step();
        }
        // What was stamped before the walk and shows during it is late, which no walk can help.
        world.advance(Duration::from_secs(1_000));
        let start = world.console.now();
        let before: BTreeSet<String> = world.shown().into_keys().collect();

        let bound = start.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let limit = world.random.usize(1..9);
        let query = format!("sortBy=updatedAt&sortOrder=asc&updatedAt__lt={bound}&limit={limit}");
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = world.page(&format!("{query}{cursor}")).await;
            found.extend(ids(&page));
            match page["pagination"]["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
            for _ in 0..world.random.usize(0..3) {
                world.step();
            }
        }
        let once = BTreeSet::from_iter(found.iter().cloned());
        assert_eq!(once.len(), found.len(), "seed {seed}: {query} repeats an item");
        for Tracked { id, changes, .. } in &world.tracked {
            let is_unchanged = changes.iter().all(|change| change.stamped < start);
            let is_found = once.contains(id) || !before.contains(id);
            assert!(is_found || !is_unchanged, "seed {seed}: {query} loses {id}");
        }
        moved += before.len() - once.len();
    }
    assert!(0 < moved, "nothing changed before its page was asked for");
}

/// A console, and what is to be seen of it.
struct World {
    seed: u64,
    random: fastrand::Rng,
    console: Simulator,
    client: Client,
    tracked: Vec<Tracked>,
}

/// An item and what has been done to it.
struct Tracked {
    id: String,
    /// As it was at first, once that is known.
    first: Option<Value>,
    visible: DateTime<Utc>,
    changes: Vec<Change>,
}

struct Change {
    pointer: String,
    value: Value,
    stamped: DateTime<Utc>,
    visible: DateTime<Utc>,
}

/// What is asked for, apart from the page.
struct Request {
    filters: Vec<(&'static Parameter, String)>,
    column: (&'static str, &'static str),
}

impl World {
    async fn start(seed: u64) -> World {
        let mut random = fastrand::Rng::with_seed(seed);
        let count = random.u32(0..45);
        println!("seed {seed}: {count} threats");
        let console = Simulator::builder().threats(count).seed(seed);
        let console = console.start().await.expect("a console");
        let client = Client::new(&console).await;
        let tracked = (0..count).map(|number| {
            let first = threat(seed, number);
            let id = first["id"].as_str().expect("an id").to_owned();
            Tracked { id, first: Some(first), visible: console.now(), changes: Vec::new() }
        });
        let tracked = tracked.collect();
        World { seed, random, console, client, tracked }
    }

    /// Lets something happen.
    fn step(&mut self) {
        let late = self.random.bool().then(|| self.random.u64(1..300));
        let delay = Duration::from_secs(late.unwrap_or(0));
        let pause = Duration::from_millis(self.random.u64(1..200_000));
        match self.random.u32(0..4) {
            0 => self.add(delay),
            1 => self.advance(pause),
            _ => self.change(delay),
        }
    }

    fn advance(&mut self, duration: Duration) {
        println!("seed {}: {duration:?} pass", self.seed);
        self.console.advance(duration);
        self.notice();
    }

    fn add(&mut self, delay: Duration) {
        let count = self.random.u32(1..4);
        println!("seed {}: add {count}, {delay:?} late", self.seed);
        for _ in 0..count {
            let id = self.console.threats().late(delay).add(1).expect("an added threat").remove(0);
            let visible = self.console.now() + delay;
            self.tracked.push(Tracked { id, first: None, visible, changes: Vec::new() });
        }
        self.notice();
    }

    /// Looks at added items as soon as they show.
    fn notice(&mut self) {
        for tracked in self.tracked.iter_mut().filter(|it| it.first.is_none()) {
            tracked.first = self.console.threats().get(&tracked.id);
        }
    }

    /// Changes a text of several threats, whether they show or not.
    fn change(&mut self, delay: Duration) {
        let mut any = || {
            let tracked = self.random.choice(&self.tracked)?;
            self.console.threats().get(&tracked.id)
        };
        let (Some(one), Some(other)) = (any(), any()) else { return };
        let texts = texts("", &one);
        let pointer = match self.random.u32(0..4) {
            0 => "/threatInfo/incidentStatus".to_owned(),
            1 => "/threatInfo/analystVerdict".to_owned(),
            _ => texts[self.random.usize(..texts.len())].clone(),
        };
        let value = match self.random.u32(0..6) {
            0 => Value::Null,
            1 => format!("New {}", self.random.u32(0..4)).into(),
            _ => other.pointer(&pointer).cloned().unwrap_or_default(),
        };
        let patch = pointer.split('/').skip(1).collect::<Vec<_>>().into_iter().rev();
        let patch = patch.fold(value.clone(), |value, name| json!({ name: value }));

        let count = self.random.usize(1..6).min(self.tracked.len());
        let chosen = self.random.choose_multiple(0..self.tracked.len(), count);
        let chosen_ids: Vec<_> = chosen.iter().map(|it| self.tracked[*it].id.clone()).collect();
        println!("seed {}: {delay:?} late {patch} of {chosen_ids:?}", self.seed);
        self.console.threats().late(delay).change(&chosen_ids, &patch).expect("changed threats");
        let stamped = self.console.now();
        for number in chosen {
            let tracked = &mut self.tracked[number];
            // No change overtakes what happened to the item before.
            let earlier = tracked.changes.iter().map(|it| it.visible).max();
            let visible = (stamped + delay).max(tracked.visible);
            let visible = earlier.map_or(visible, |earlier| visible.max(earlier));
            let (pointer, value) = (pointer.clone(), value.clone());
            tracked.changes.push(Change { pointer, value, stamped, visible });
        }
    }

    /// The items that show, each as it is to be after what was done to it.
    fn shown(&mut self) -> BTreeMap<String, Value> {
        let now = self.console.now();
        let mut shown = BTreeMap::new();
        for tracked in &mut self.tracked {
            let found = self.console.threats().get(&tracked.id);
            assert_eq!(found.is_some(), tracked.visible <= now, "{} shows", tracked.id);
            let Some(item) = found else { continue };
            let mut expected = tracked.first.clone().expect("it has been noticed");
            for change in tracked.changes.iter().filter(|it| it.visible <= now) {
                set(&mut expected, &change.pointer, change.value.clone());
                let stamp = change.stamped.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
                set(&mut expected, "/threatInfo/updatedAt", stamp.into());
            }
            assert_eq!(without_derived(&item), without_derived(&expected), "{}", tracked.id);
            shown.insert(tracked.id.clone(), item);
        }
        shown
    }

    fn request(&mut self) -> Request {
        let all: Vec<Value> = self.shown().into_values().collect();
        let filters = operation().parameters.iter().filter(|it| it.filter.is_some());
        let filters: Vec<_> = filters.filter(|it| !is_hidden(it)).collect();
        let count = self.random.usize(0..5);
        let chosen = self.random.choose_multiple(filters, count);
        // Most values are of one item, so that there is one that all filters select.
        let one = self.random.choice(&all).cloned();
        let mut filters: Vec<_> = Vec::new();
        for parameter in chosen {
            let source = match &one {
                Some(one) if 0 < self.random.u32(0..4) => std::slice::from_ref(one),
                _ => &all,
            };
            let value = value(&mut self.random, parameter, source);
            filters.extend(value.map(|value| (parameter, value)));
        }
        // Only the one that every change moves is worth more than the others.
        let often = sort().fields.iter().filter(|(name, _)| *name == "updatedAt").cycle().take(9);
        let columns = sort().fields.iter().chain(often);
        let column = *self.random.choice(columns.collect::<Vec<_>>()).expect("columns");
        Request { filters, column }
    }

    /// Holds a walk, the total and a skip against the naive reading.
    async fn check(&mut self, request: &Request, shown: &BTreeMap<String, Value>) -> usize {
        let holds = |item: &&Value| request.filters.iter().all(|(it, v)| selects(it, v, item));
        let mut expected: Vec<&Value> = shown.values().filter(holds).collect();
        let (column, path) = request.column;
        expected.sort_by_cached_key(|it| (sort_key(path, it), sort_key("id", it)));
        let (by, order) = (sort().by, sort().order);
        let orders = [String::new(), format!("&{order}=asc"), format!("&{order}=desc")];
        let order = &orders[self.random.usize(..3)];
        if order.ends_with("desc") {
            expected.reverse();
        }
        let filters = request.filters.iter().map(|(parameter, value)| {
            format!("&{}={}", parameter.name, utf8_percent_encode(value, NON_ALPHANUMERIC))
        });
        let filters: String = filters.collect();
        let query = format!("{by}={column}{order}{filters}");
        let limit = if self.random.bool() { 1_000 } else { self.random.usize(1..20) };
        println!("seed {}: {} of {query} by {limit}", self.seed, expected.len());

        let Pagination { cursor, limit: limit_name, skip, count_only, .. } = pagination();
        let (mut from, mut rest) = (String::new(), &expected[..]);
        loop {
            let page = self.page(&format!("{query}&{limit_name}={limit}{from}")).await;
            let (expected_here, more) = rest.split_at(limit.min(rest.len()));
            same_items(&page, expected_here);
            assert_eq!(total(&page), expected.len());
            rest = more;
            match page.pointer(pagination().next_cursor).and_then(Value::as_str) {
                Some(next) => from = format!("&{cursor}={next}"),
                None => break,
            }
            assert!(!rest.is_empty(), "a cursor on the last page");
        }
        assert_eq!(rest.len(), 0, "no cursor, but more items");

        let count = self.page(&format!("{query}&{}=true", count_only.expect("countOnly"))).await;
        assert_eq!(total(&count), expected.len());
        same_items(&count, &[]);
        let skipped = self.random.usize(0..=expected.len() + 1);
        let skip = format!("{}={skipped}&{limit_name}={limit}", skip.expect("skip"));
        let page = self.page(&format!("{query}&{skip}")).await;
        let expected_here: Vec<_> = expected.iter().skip(skipped).take(limit).copied().collect();
        same_items(&page, &expected_here);
        expected.len()
    }

    async fn page(&mut self, query: &str) -> Value {
        let answer = self.client.get(&format!("{}?{query}", operation().path)).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        answer.json()
    }
}

fn operation() -> &'static Operation {
    OPERATIONS.iter().find(|it| it.id == "getThreats").expect("the operation")
}

fn pagination() -> &'static Pagination {
    operation().pagination.as_ref().expect("a list")
}

fn sort() -> &'static Sort {
    pagination().sort.as_ref().expect("a sorted list")
}

/// A value for the parameter, from the items or one that selects none of them.
fn value(random: &mut fastrand::Rng, parameter: &Parameter, items: &[Value]) -> Option<String> {
    let own = values(parameter, items);
    let foreign = [
        "no item has this",
        "999999999999999999",
        "ffffffffffffffffffffffffffffffffffffffff",
        "2001-02-03T04:05:06.789Z",
        "2101-02-03T04:05:06Z",
    ];
    let foreign = foreign.iter().chain(parameter.known_values).map(|it| (*it).to_owned());
    let own_only = parameter.value_type == ValueType::Boolean;
    let foreign: Vec<_> = foreign.filter(|it| !own_only && is_valid(parameter, it)).collect();
    let own: Vec<_> = own.into_iter().filter(|it| is_valid(parameter, it)).collect();
    let count = if parameter.list { random.usize(1..4) } else { 1 };
    let chosen = (0..count).filter_map(|_| {
        let of_items = !own.is_empty() && 0 < random.u32(0..6);
        random.choice(if of_items { &own } else { &foreign }).cloned()
    });
    let chosen: Vec<String> = chosen.collect();
    (!chosen.is_empty()).then(|| chosen.join(","))
}

fn is_valid(parameter: &Parameter, value: &str) -> bool {
    let known = parameter.known_values;
    let fits = match parameter.value_type {
        ValueType::DateTime => value.starts_with('2') && value.get(4..5) == Some("-"),
        _ => known.is_empty() || known.contains(&value),
    };
    let is_match = |pattern| Regex::new(pattern).expect("a pattern").is_match(value);
    let length = value.chars().count();
    let allowed = parameter.constraints;
    fits && allowed.pattern.is_none_or(is_match)
        && allowed.min_length.is_none_or(|least| least <= length)
        && allowed.max_length.is_none_or(|most| length <= most)
}

/// Pointers to the texts of an item that may change, but not in lists.
fn texts(prefix: &str, value: &Value) -> Vec<String> {
    const KEPT: [&str; 5] = ["/id", "/threatId", "/createdAt", "/updatedAt", "Description"];
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(name, it)| texts(&format!("{prefix}/{name}"), it)).collect()
        }
        Value::String(_) if !KEPT.iter().any(|it| prefix.ends_with(it)) => vec![prefix.to_owned()],
        _ => Vec::new(),
    }
}

fn set(item: &mut Value, pointer: &str, value: Value) {
    let place = pointer.split('/').skip(1).fold(item, |place, name| {
        if !place.is_object() {
            *place = json!({});
        }
        &mut place[name]
    });
    *place = value;
}

/// The item without what follows from its other members.
fn without_derived(item: &Value) -> Value {
    let mut item = item.clone();
    let info = item["threatInfo"].as_object_mut().expect("an object");
    info.retain(|name, _| !name.ends_with("Description") && name != "externalTicketExists");
    item
}

fn total(page: &Value) -> usize {
    let total = pagination().total_items.and_then(|it| page.pointer(it)?.as_u64());
    usize::try_from(total.expect("a total")).expect("a small number")
}

#[track_caller]
fn same_items(page: &Value, expected: &[&Value]) {
    let items = page.pointer(pagination().items).and_then(Value::as_array).expect("a list");
    let found = ids(page);
    let wanted = ids(&json!({ "data": expected }));
    assert_eq!(found, wanted);
    assert!(items.iter().eq(expected.iter().copied()), "an item is not as the console has it");
}
