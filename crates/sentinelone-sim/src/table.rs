//! Items as CSV.

use sentinelone_runtime::operation::{Field, FieldType, Schema};
use serde_json::Value;

use crate::clock::Clock;
use crate::condition::Condition;
use crate::field::Path;
use crate::list::List;

/// What a table has.
pub(crate) struct Rows {
    /// What is at this path in the items, or the items.
    pub(crate) path: Option<&'static str>,
    /// What of these is meant.
    pub(crate) conditions: Vec<Condition>,
}

/// So many items are looked at before others get their turn.
const CHUNK: usize = 500;

/// A line that names the columns, and one for each row.
pub(crate) fn table(
    list: &List,
    clock: &Clock,
    numbers: &[u32],
    schema: &'static Schema,
    rows: &Rows,
) -> csv::Result<Vec<u8>> {
    let row = match rows.path {
        None => Some(FieldType::Object(schema)),
        Some(path) => schema.at(path),
    };
    let columns = columns(row);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|(name, _)| name))?;
    for numbers in numbers.chunks(CHUNK) {
        let collection = list.read(clock.now());
        for number in numbers {
            for row in rows.of(collection.shown(*number)) {
                writer
                    .write_record(columns.iter().map(|(_, pointer)| cell(row.pointer(pointer))))?;
            }
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

impl Rows {
    fn of(&self, item: Value) -> Vec<Value> {
        let Some(path) = self.path else { return vec![item] };
        let mut found = Vec::new();
        Path::new(path).any(&item, |row| {
            if self.conditions.iter().all(|condition| condition.holds(row)) {
                found.push(row.clone());
            }
            false
        });
        found
    }
}

/// The columns of a row, by their paths, with the JSON pointers to them.
fn columns(row: Option<FieldType>) -> Vec<(String, String)> {
    let mut columns = Vec::new();
    if let Some(FieldType::Object(schema)) = row {
        schema.fields.iter().for_each(|field| expand("", field, &mut columns, DEPTH));
    }
    columns
}

/// How deep columns go, as some schemas contain themselves.
const DEPTH: usize = 6;

fn expand(within: &str, field: &Field, columns: &mut Vec<(String, String)>, depth: usize) {
    let pointer = format!("{within}/{}", field.name);
    match field.field_type {
        FieldType::Object(schema) if 0 < depth => {
            schema.fields.iter().for_each(|field| expand(&pointer, field, columns, depth - 1));
        }
        _ => columns.push((pointer[1..].replace('/', "."), pointer)),
    }
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
