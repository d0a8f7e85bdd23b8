//! Items as CSV.

use sentinelone_runtime::operation::{Field, FieldType, Schema};
use serde_json::Value;

use crate::collection::Collection;
use crate::field::Path;

/// A line that names the columns, and one for each row: the items, or what is at that path in them.
pub(crate) fn table(
    collection: &Collection,
    numbers: &[u32],
    schema: &'static Schema,
    rows: Option<&'static str>,
) -> csv::Result<Vec<u8>> {
    let row = match rows {
        None => Some(FieldType::Object(schema)),
        Some(rows) => schema.at(rows),
    };
    let columns = columns(row);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|(name, _)| name))?;
    for number in numbers {
        let item = collection.shown(*number);
        let mut found = Vec::new();
        match rows.map(Path::new) {
            None => found.push(item),
            Some(path) => {
                path.any(&item, |row| {
                    found.push(row.clone());
                    false
                });
            }
        }
        for row in found {
            writer.write_record(columns.iter().map(|(_, pointer)| cell(row.pointer(pointer))))?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
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
