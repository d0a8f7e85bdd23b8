//! What a scenario does to the items of a console.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::clock::{Clock, Micros, micros};
use crate::collection::Entry;
use crate::list::List;

/// The items of a list, to be added to and changed while the console runs.
///
/// ```no_run
/// # use std::time::Duration;
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let console = sentinelone_sim::Simulator::builder().start().await?;
/// let new = console.threats().add(3)?;
/// console.advance(Duration::from_secs(60));
/// let verdict = serde_json::json!({ "threatInfo": { "analystVerdict": "true_positive" } });
/// console.threats().change(&new[..1], &verdict)?;
/// // This one gets its timestamps now, and can be read a minute and a half later.
/// console.threats().late(Duration::from_secs(90)).add(1)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
#[must_use = "it does nothing by itself"]
pub struct Items<'a> {
    list: &'a List,
    clock: &'a Clock,
    delay: Duration,
}

/// An item as it was added, changed or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Version {
    /// The item's id.
    pub id: String,
    /// When it was added, changed or removed, which is what the item itself says of it.
    pub stamped: DateTime<Utc>,
    /// Since when it can be read.
    pub visible: DateTime<Utc>,
}

impl<'a> Items<'a> {
    pub(crate) fn new(list: &'a List, clock: &'a Clock) -> Self {
        Items { list, clock, delay: Duration::ZERO }
    }

    /// The same items; what is added and changed now shows only after `delay`, though it is
    /// stamped at once.
    pub fn late(self, delay: Duration) -> Self {
        Items { delay, ..self }
    }

    /// How many items there are, with those that do not show yet or were removed.
    #[expect(clippy::len_without_is_empty, reason = "whether there are any is of no interest")]
    pub fn len(&self) -> usize {
        self.list.read(self.clock.now()).len() as usize
    }

    /// The ids of the items that show, in their order.
    pub fn ids(&self) -> Vec<String> {
        let collection = self.list.read(self.clock.now());
        let numbers = (0..collection.len()).filter(|number| collection.is_visible(*number));
        numbers.map(|number| collection.identity(number)).collect()
    }

    /// Adds made-up items, found one after another at a distance of a millisecond, by which the
    /// clock moves. Returns their ids.
    ///
    /// # Errors
    ///
    /// If the console serves a file whose ids are later than those of the clock's time.
    pub fn add(&self, count: u32) -> Result<Vec<String>, ScenarioError> {
        let mut ids = Vec::new();
        for _ in 0..count {
            // The time is taken by whoever has the list, so that no one is overtaken.
            let mut collection = self.list.write(self.clock.now());
            let now = self.clock.advance(Duration::from_millis(1));
            let added = collection.add(now, self.visible(now));
            let number = added.map_err(|_| ScenarioError(Reason::OutOfOrder))?;
            ids.push(collection.identity(number));
        }
        Ok(ids)
    }

    /// Changes items by a patch, an object of the members to be set, and stamps them.
    ///
    /// # Errors
    ///
    /// If there is no such item, or the patch is not an object, or sets what orders the items. Then
    /// nothing is changed.
    pub fn change(&self, ids: &[impl AsRef<str>], patch: &Value) -> Result<(), ScenarioError> {
        let mut collection = self.list.write(self.clock.now());
        let now = self.clock.now();
        if !patch.is_object() {
            return Err(ScenarioError(Reason::NoObject));
        }
        let is_set = |field: &&&'static str| sets(patch, &field.split('.').collect::<Vec<_>>());
        if let Some(field) = collection.source().rising().iter().find(is_set) {
            return Err(ScenarioError(Reason::Fixed(field)));
        }
        let find = |id: &str| {
            let found = collection.find(id);
            found.ok_or_else(|| ScenarioError(Reason::Unknown(id.to_owned())))
        };
        let numbers = ids.iter().map(|id| find(id.as_ref())).collect::<Result<Vec<_>, _>>()?;
        for number in numbers {
            collection.change(number, patch, now, self.visible(now));
        }
        Ok(())
    }

    /// The item with that id as it shows now, if it does.
    pub fn get(&self, id: &str) -> Option<Value> {
        let collection = self.list.read(self.clock.now());
        let number = collection.find(id).filter(|number| collection.is_visible(*number))?;
        Some(collection.shown(number))
    }

    /// Everything that was added, changed or removed and shows by now, in that order.
    pub fn versions(&self) -> Vec<Version> {
        let collection = self.list.read(self.clock.now());
        let version = |entry: &Entry| Version {
            id: collection.identity(entry.number),
            stamped: date_time(entry.stamped),
            visible: date_time(entry.visible),
        };
        collection.log().iter().map(version).collect()
    }

    fn visible(&self, now: Micros) -> Micros {
        now.saturating_add(micros(self.delay))
    }
}

impl fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// Why a scenario cannot do something.
#[derive(Debug, PartialEq, Eq)]
pub struct ScenarioError(Reason);

#[derive(Debug, PartialEq, Eq)]
enum Reason {
    Unknown(String),
    NoObject,
    Fixed(&'static str),
    OutOfOrder,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Unknown(id) => write!(f, "there is no item with the id `{id}`"),
            Reason::NoObject => f.write_str(
                "the patch is not an object; write the members to be set, such as \
                 {\"threatInfo\": {\"analystVerdict\": \"suspicious\"}}",
            ),
            Reason::Fixed(field) => {
                write!(f, "`{field}` never changes on a console; leave it out of the patch")
            }
            Reason::OutOfOrder => f.write_str(
                "the file that is served has ids later than those of the clock's time, so that no \
                 item can be added",
            ),
        }
    }
}

impl Error for ScenarioError {}

pub(crate) fn date_time(time: Micros) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time).unwrap_or_default()
}

/// Whether the patch sets the field at that path, or what it is in.
fn sets(patch: &Value, path: &[&str]) -> bool {
    match (patch, path) {
        (Value::Object(members), [name, rest @ ..]) => {
            members.get(*name).is_some_and(|patch| sets(patch, rest))
        }
        _ => true,
    }
}
