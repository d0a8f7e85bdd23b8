//! Made-up items of any schema, for lists that nobody has written a source for.
//!
//! What an item may hold is known from its schema and from the filters that look at it. The
//! values are few, so that every filter finds some items and not others.

use std::collections::BTreeMap;

use sentinelone_runtime::operation::{
    Field, FieldType, FilterOp, Operation, Parameter, Schema, ValueType,
};
use serde_json::{Map, Value, json};

use crate::clock::Micros;
use crate::collection::{merge, nested};
use crate::source::{Source, Wanted};
use crate::synth::{DAY, Random, SECOND, Stream, end, id, micros, start};

/// So many items of a schema.
pub(crate) struct Invented {
    seed: u64,
    count: u32,
    schema: &'static Schema,
    rising: Vec<&'static str>,
    /// What a text may be, for the fields of which a filter knows more than the schema.
    known: BTreeMap<&'static str, Vec<&'static str>>,
    /// The attributes that only filters tell of, with one of these.
    hidden: BTreeMap<&'static str, &'static Parameter>,
    owner: Option<Owner>,
}

/// The item of another list that the items belong to.
pub(crate) struct Owner {
    pub(crate) id: String,
    /// When the first of the items was made.
    pub(crate) since: Micros,
    /// The fields of an item that hold the owner's id.
    pub(crate) references: Vec<&'static str>,
    /// What is known of the first items.
    pub(crate) known: Vec<Value>,
}

/// How long it takes from one item of an owner to the next.
const INTERVAL: Micros = 60 * SECOND;

/// The field that tells items apart if the schema has none for it.
const NUMBER: &str = "$number";

/// The field that tells items apart, and those with the times of an item.
const ID: &str = "id";
const CREATED: &str = "createdAt";
const UPDATED: &str = "updatedAt";

/// What a text is that is compared as a version.
const VERSIONS: [&str; 5] = ["4.7.1.201", "21.10.3.3", "22.3.5.887", "23.4.2.14", "24.1.4.257"];

/// How deep an item is made, as some schemas contain themselves.
const DEPTH: usize = 6;

impl Invented {
    /// Items of `schema`, of which the operations list some.
    pub(crate) fn new(
        seed: u64,
        count: u32,
        schema: &'static Schema,
        operations: &[&'static Operation],
    ) -> Invented {
        let mut invented = Invented {
            seed,
            count,
            schema,
            rising: Vec::new(),
            known: BTreeMap::new(),
            hidden: BTreeMap::new(),
            owner: None,
        };
        invented.rising.push(invented.identity());
        if schema.at(CREATED) == Some(FieldType::DateTime) {
            invented.rising.push(CREATED);
        }
        let listing = operations
            .iter()
            .filter(|it| it.pagination.as_ref().and_then(|it| it.item) == Some(schema));
        for parameter in listing.flat_map(|operation| operation.parameters) {
            let Some(filter) = &parameter.filter else { continue };
            for field in filter.fields {
                let known = invented.known.entry(field).or_default();
                known.extend(filter.value.iter().chain(parameter.known_values));
                let compares = matches!(filter.op, FilterOp::Gt | FilterOp::Lt);
                if compares && schema.at(field) == Some(FieldType::String) {
                    known.extend(VERSIONS);
                }
                if field.starts_with('$') {
                    let told = invented.hidden.entry(field).or_insert(parameter);
                    // A range is a text, whatever the field is.
                    if filter.op != FilterOp::Between {
                        *told = parameter;
                    }
                }
            }
        }
        invented.known.retain(|_, known| !known.is_empty());
        invented
    }

    /// The same items as those of one item of another list.
    pub(crate) fn belonging_to(self, owner: Owner) -> Invented {
        Invented { owner: Some(owner), ..self }
    }

    /// When the item with that number was made, unless it was added.
    fn start(&self, number: u32) -> Micros {
        self.owner
            .as_ref()
            .map_or_else(|| start(number), |owner| owner.since + Micros::from(number) * INTERVAL)
    }

    fn has_field(&self, name: &str) -> bool {
        self.schema.at(name).is_some()
    }

    /// What a field holds, if it is there. Anything but what tells items apart may be missing on a
    /// console; whether it may be null is not known here.
    fn value(
        &self,
        path: &str,
        name: &str,
        field_type: FieldType,
        random: &mut Random,
    ) -> Option<Value> {
        match random.percent(5) {
            true => None,
            false => self.present(path, name, field_type, random),
        }
    }

    fn present(
        &self,
        path: &str,
        name: &str,
        field_type: FieldType,
        random: &mut Random,
    ) -> Option<Value> {
        Some(match field_type {
            FieldType::String => self.text(path, name, random).into(),
            FieldType::Enum(values) if !values.is_empty() => random.pick(values).into(),
            FieldType::Enum(_) => "unknown".into(),
            FieldType::Integer => random.below(100).into(),
            FieldType::Number => (random.below(1_000) as f64 / 8.0).into(),
            FieldType::Boolean => random.percent(50).into(),
            FieldType::DateTime => micros(random.between(self.start(0), self.end())).into(),
            FieldType::Object(schema) => self.object(path, schema, random),
            FieldType::List(elements) => {
                let length = if depth(path) < DEPTH { random.below(4) } else { 0 };
                let path = format!("{path}[]");
                (0..length).filter_map(|_| self.present(&path, name, *elements, random)).collect()
            }
            FieldType::Map(values) => {
                let length = if depth(path) < DEPTH { 1 + random.below(2) } else { 0 };
                let start = random.below(3);
                let mut members = Map::new();
                for number in start..start + length {
                    let value = self.present(&format!("{path}.*"), name, *values, random);
                    members.extend(value.map(|value| (format!("key {number}"), value)));
                }
                members.into()
            }
            // It may be one of several types that the schema does not tell.
            _ => return None,
        })
    }

    fn object(&self, path: &str, schema: &Schema, random: &mut Random) -> Value {
        let fields = if depth(path) < DEPTH { schema.fields } else { &[] };
        let member = |Field { name, field_type, .. }: &Field| {
            let value = self.value(&format!("{path}.{name}"), name, *field_type, random)?;
            Some(((*name).to_owned(), value))
        };
        Value::Object(fields.iter().filter_map(member).collect())
    }

    /// A text as it may stand in that field.
    fn text(&self, path: &str, name: &str, random: &mut Random) -> String {
        if let Some(known) = self.known.get(path) {
            return random.pick(known).to_owned();
        }
        let number = random.below(8);
        if name == ID || name.ends_with("Id") || name.ends_with("Ids") {
            let name = name.bytes().fold(0, |all: u64, byte| all.rotate_left(5) ^ u64::from(byte));
            let random = &mut Random::new(&[self.seed, Stream::Invented as u64, name, number]);
            return id(start(0), random);
        }
        format!("{name} {number}")
    }

    fn hidden(&self, path: &str, parameter: &Parameter, random: &mut Random) -> Value {
        let is_tags = parameter.filter.as_ref().is_some_and(|it| it.op == FilterOp::Tags);
        let name = path.trim_start_matches('$');
        match parameter.value_type {
            _ if is_tags => {
                json!({ format!("key {}", random.below(3)): [format!("value {}", random.below(3))] })
            }
            _ if self.known.contains_key(path) => self.text(path, name, random).into(),
            ValueType::Boolean => random.percent(50).then_some(true).into(),
            ValueType::Integer => random.below(100).into(),
            ValueType::DateTime => self.value(path, name, FieldType::DateTime, random).into(),
            _ => self.text(path, name, random).into(),
        }
    }
}

impl Source for Invented {
    fn len(&self) -> u32 {
        self.count
    }

    fn item(&self, number: u32, born: Option<Micros>, wanted: Wanted<'_>) -> Value {
        let name = self.schema.name.bytes().map(u64::from).collect::<Vec<_>>();
        let name = Random::new(&name).next();
        let stream = [self.seed, Stream::Invented as u64, name, u64::from(number)];
        let created = born.unwrap_or_else(|| self.start(number));
        let mut members = Map::new();
        // Each member has a stream of its own, so that it is the same whatever else is wanted.
        let random = |member: &str| {
            let member = member.bytes().map(u64::from);
            Random::new(&stream.into_iter().chain(member).collect::<Vec<_>>())
        };
        for Field { name, field_type, .. } in self.schema.fields {
            if wanted.includes(name) {
                let value = match (*name, field_type) {
                    (ID, FieldType::String) => Some(id(created, &mut random(name)).into()),
                    (CREATED, FieldType::DateTime) => Some(micros(created).into()),
                    (UPDATED, FieldType::DateTime) if born.is_some() => {
                        Some(micros(created).into())
                    }
                    (UPDATED, FieldType::DateTime) if self.owner.is_some() => {
                        let later = random(name).between(0, 60 * INTERVAL);
                        Some(micros(created + later).into())
                    }
                    _ => self.value(name, name, *field_type, &mut random(name)),
                };
                members.extend(value.map(|value| ((*name).to_owned(), value)));
            }
        }
        for (path, parameter) in &self.hidden {
            if wanted.includes(path) {
                let value = self.hidden(path, parameter, &mut random(path));
                members.insert((*path).to_owned(), value);
            }
        }
        if wanted.includes(NUMBER) {
            members.insert(NUMBER.to_owned(), id(created, &mut random(NUMBER)).into());
        }
        let mut item = Value::Object(members);
        if let Some(owner) = &self.owner {
            owner.known.get(number as usize).into_iter().for_each(|known| merge(&mut item, known));
            for field in &owner.references {
                merge(&mut item, &nested(field, owner.id.as_str().into()));
            }
        }
        item
    }

    fn identity(&self) -> &'static str {
        match self.schema.at(ID) {
            Some(FieldType::String) => ID,
            _ => NUMBER,
        }
    }

    fn updated(&self) -> Option<&'static str> {
        self.has_field(UPDATED).then_some(UPDATED)
    }

    fn rising(&self) -> &[&'static str] {
        &self.rising
    }

    fn has(&self, field: &str) -> bool {
        field == NUMBER || self.hidden.contains_key(field) || self.has_field(field)
    }

    fn settle(&self, _: &mut Value) {}

    fn end(&self) -> Micros {
        self.owner.as_ref().map_or_else(|| end(self.count), |_| self.start(self.count) + DAY)
    }
}

fn depth(path: &str) -> usize {
    path.matches(['.', '[']).count()
}
