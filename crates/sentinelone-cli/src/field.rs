//! The fields of a record, by dotted paths: which there are, and what a record holds in them.

use sentinelone::operation::{FieldType, Schema};
use serde_json::Value;

use crate::failure::Failure;

/// A field that has no members with names of their own: a scalar, a list or a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// The members on the way, joined by dots, such as `threatInfo.createdAt`.
    pub(crate) path: String,
    pub(crate) field_type: FieldType,
}

impl Column {
    /// What a record holds there; a null is nothing.
    pub(crate) fn of<'v>(&self, record: &'v Value) -> Option<&'v Value> {
        let value = self.path.split('.').try_fold(record, |value, name| value.get(name))?;
        Some(value).filter(|value| !value.is_null())
    }
}

/// All columns of a schema, in the order of the spec.
pub(crate) fn columns(schema: &Schema) -> Vec<Column> {
    let mut columns = Vec::new();
    for field in schema.fields {
        expand(field.name.to_owned(), field.field_type, &mut columns);
    }
    columns
}

/// The columns at these paths, in their order. A path to an object stands for all its columns.
pub(crate) fn select(schema: &Schema, paths: &[String]) -> Result<Vec<Column>, Failure> {
    let mut columns = Vec::new();
    for path in paths {
        let Some(field_type) = schema.at(path) else { return Err(unknown(schema, path)) };
        expand(path.clone(), field_type, &mut columns);
    }
    Ok(columns)
}

fn expand(path: String, field_type: FieldType, columns: &mut Vec<Column>) {
    match field_type {
        FieldType::Object(schema) => {
            for field in schema.fields {
                expand(format!("{path}.{}", field.name), field.field_type, columns);
            }
        }
        _ => columns.push(Column { path, field_type }),
    }
}

fn unknown(schema: &Schema, path: &str) -> Failure {
    let failure = Failure::usage(format!("there is no field `{path}`"));
    let known = columns(schema);
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_lowercase();
    let alike = |column: &Column| {
        let whole = strsim::jaro_winkler(&column.path, path);
        let member = strsim::jaro_winkler(&last(&column.path), &last(path));
        whole.max(member)
    };
    let nearest = known.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)));
    match nearest {
        Some(nearest) => failure.hint(format!("did you mean `{}`?", nearest.path)),
        None => failure,
    }
}
