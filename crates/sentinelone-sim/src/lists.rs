//! The lists of a console: those of its own, and those that belong to items of these.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sentinelone_runtime::operation::{FilterOp, Operation, Parameter, Schema};
use serde_json::Value;

use crate::clock::Micros;
use crate::collection::Collection;
use crate::invented::{Invented, Owner};
use crate::list::List;
use crate::source::{Source, Wanted};
use crate::synth::{self, DAY, Random, Stream, time_of};

/// The lists of one console, by the schema of their items.
pub(crate) struct Lists {
    seed: u64,
    operations: &'static [&'static Operation],
    own: HashMap<&'static str, Arc<List>>,
    /// By the schema of the items that they belong to, too.
    belonging: HashMap<(&'static str, &'static str), Belonging>,
}

/// The lists of a schema of which each item of another has one.
struct Belonging {
    schema: &'static Schema,
    /// The fields that hold the id of the item which a list belongs to.
    references: Vec<&'static str>,
    /// The lists that requests were to change, by that id. Any other is made when it is asked for.
    changed: Mutex<HashMap<String, Arc<List>>>,
}

impl Lists {
    /// The threats, and as many items of every other schema that an operation lists.
    pub(crate) fn new(
        operations: &'static [&'static Operation],
        seed: u64,
        threats: Box<dyn Source>,
    ) -> Lists {
        let count = threats.len();
        let mut own = HashMap::from([(synth::SCHEMA, Arc::new(List::new(threats)))]);
        let mut belonging = HashMap::new();
        for operation in operations {
            let pagination = operation.pagination.as_ref();
            let Some(schema) = pagination.and_then(|pagination| pagination.item) else { continue };
            match operation.parameters.iter().find_map(|it| Some((it, it.identifies?))) {
                Some((parameter, owners)) => {
                    belonging
                        .entry((schema.name, owners))
                        .or_insert_with(|| Belonging::new(schema, parameter));
                }
                None => {
                    own.entry(schema.name).or_insert_with(|| {
                        let items = Invented::new(seed, count, schema, operations);
                        Arc::new(List::new(Box::new(items)))
                    });
                }
            }
        }
        Lists { seed, operations, own, belonging }
    }

    /// The list of a schema that belongs to no item.
    pub(crate) fn get(&self, schema: &str) -> Option<&Arc<List>> {
        self.own.get(schema)
    }

    /// The schemas of the lists that belong to no items.
    pub(crate) fn schemas(&self) -> impl Iterator<Item = &'static str> {
        self.own.keys().copied()
    }

    /// A time when the items of all these lists have been there for long.
    pub(crate) fn end(&self) -> Micros {
        let ends = self.own.values().map(|list| list.read(Micros::MIN).source().end());
        ends.max().unwrap_or_default()
    }

    /// The list of a schema that belongs to the item with that number, to be read, or to be changed,
    /// which keeps it.
    pub(crate) fn of_item(
        &self,
        schema: &'static str,
        owners: (&'static str, &Collection),
        number: u32,
        access: Access,
    ) -> Option<Arc<List>> {
        let (name, owners) = owners;
        let belonging = self.belonging.get(&(schema, name))?;
        let id = owners.identity(number);
        let make = || {
            let items = self.made_up(belonging, owners, number, &id);
            Arc::new(List::new(Box::new(items)))
        };
        let mut changed = belonging.changed.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match access {
            Access::Change => Arc::clone(changed.entry(id.clone()).or_insert_with(make)),
            Access::Read => changed.get(&id).map_or_else(make, Arc::clone),
        })
    }

    fn made_up(
        &self,
        belonging: &Belonging,
        owners: &Collection,
        number: u32,
        id: &str,
    ) -> Invented {
        let bytes = belonging.schema.name.bytes().chain(id.bytes()).map(u64::from);
        let stream = [self.seed, Stream::Belonging as u64];
        let mut random = Random::new(&stream.into_iter().chain(bytes).collect::<Vec<_>>());
        let attribute = attribute(belonging.schema.name);
        let has_some = owners.source().has(&attribute);
        let known = has_some.then(|| owners.item(number, Wanted::All)[&attribute].take());
        let (count, known) = match known {
            // What has just been added has nothing yet.
            _ if owners.source().len() <= number => (0, Vec::new()),
            Some(Value::Null) => (0, Vec::new()),
            Some(Value::Array(known)) => (known.len() as u64, known),
            _ => (50 + random.below(100), Vec::new()),
        };
        let latest = owners.source().end() - 2 * DAY;
        let owner = Owner {
            id: id.to_owned(),
            since: time_of(id).map_or(latest, |time| time.min(latest)),
            references: belonging.references.clone(),
            known,
        };
        let (seed, count) = (random.next(), u32::try_from(count).unwrap_or(u32::MAX));
        Invented::new(seed, count, belonging.schema, self.operations).belonging_to(owner)
    }
}

/// What a list is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access {
    Read,
    Change,
}

/// What the items of a list are as an attribute of the item that it belongs to.
pub(crate) fn attribute(schema: &str) -> String {
    format!("${schema}")
}

impl Belonging {
    fn new(schema: &'static Schema, parameter: &'static Parameter) -> Belonging {
        let filter = parameter.filter.as_ref().filter(|filter| filter.op == FilterOp::Equals);
        let references = filter.map(|filter| filter.fields.to_vec()).unwrap_or_default();
        Belonging { schema, references, changed: Mutex::default() }
    }
}
