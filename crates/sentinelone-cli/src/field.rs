//! The fields of a record, by dotted paths: which there are, and what a record holds in them.

use std::borrow::Cow;

use sentinelone::operation::{FieldType, Schema};
use serde_json::Value;

use crate::failure::Failure;
use crate::format::Unfit;

/// A field that has no members with names of their own: a scalar, a list or a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// The members on the way, joined by dots, such as `threatInfo.createdAt`.
    pub(crate) path: String,
    pub(crate) field_type: FieldType,
}

impl Column {
    /// What a record holds there; a null is nothing. Where an object should be on the way and
    /// something else is, it would be lost, so that is refused.
    pub(crate) fn find<'v>(&self, record: &'v Value) -> Result<Option<&'v Value>, Unfit> {
        let mut value = record;
        let mut rest = self.path.as_str();
        while !rest.is_empty() {
            let Value::Object(members) = value else {
                let above = self.path[..self.path.len() - rest.len()].trim_end_matches('.');
                return Err(Unfit::not(above, "an object", value));
            };
            let name;
            (name, rest) = rest.split_once('.').unwrap_or((rest, ""));
            match members.get(name) {
                None | Some(Value::Null) => return Ok(None),
                Some(member) => value = member,
            }
        }
        Ok(Some(value))
    }

    /// A value as a cell has it: a text as it is, all else as compact JSON. Where the spec knows
    /// of no single type, texts are JSON too, so that they can be told from what is not a text.
    pub(crate) fn text<'v>(&self, value: &'v Value) -> Cow<'v, str> {
        match (value, self.field_type) {
            (_, FieldType::Any) => value.to_string().into(),
            (Value::String(text), _) => text.into(),
            _ => value.to_string().into(),
        }
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

#[cfg(test)]
mod tests {
    use sentinelone::operation::Field;
    use serde_json::json;

    use super::*;

    static OUTER: Schema = Schema::new(
        "Outer",
        &[
            Field::new("id", FieldType::String),
            Field::new("inner", FieldType::Object(&INNER)),
            Field::new("list", FieldType::List(&FieldType::Object(&INNER))),
        ],
    );

    static INNER: Schema = Schema::new(
        "Inner",
        &[Field::new("a", FieldType::Any), Field::new("b", FieldType::String)],
    );

    #[track_caller]
    fn check_select(paths: &[&str], expect: Result<&[&str], &str>) {
        let paths: Vec<_> = paths.iter().map(ToString::to_string).collect();
        let found = select(&OUTER, &paths)
            .map(|columns| columns.into_iter().map(|it| it.path).collect::<Vec<_>>())
            .map_err(|failure| format!("{failure:?}"));
        match (found, expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect),
            (Err(found), Err(expect)) => assert!(found.contains(expect), "{found}"),
            (found, expect) => panic!("{found:?}, not {expect:?}"),
        }
    }

    #[test]
    fn columns_are_leaves() {
        let all: Vec<_> = columns(&OUTER).into_iter().map(|it| it.path).collect();
        assert_eq!(all, ["id", "inner.a", "inner.b", "list"]);
        check_select(&["list", "inner"], Ok(&["list", "inner.a", "inner.b"]));
        check_select(&["inner.b"], Ok(&["inner.b"]));
        check_select(&["ID"], Err("did you mean `id`?"));
        check_select(&["inner.c"], Err("there is no field `inner.c`"));
        check_select(&[""], Err("there is no field ``"));
    }

    #[track_caller]
    fn check_find(path: &str, record: &Value, expect: Result<Option<&str>, &str>) {
        let column = &select(&OUTER, &[path.to_owned()]).expect("a path")[0];
        let found = column.find(record).map(|found| found.map(|it| column.text(it).into_owned()));
        let expect = expect.map(|it| it.map(str::to_owned));
        assert_eq!(
            found.map_err(|it| format!("{}: {}", it.path, it.reason)),
            expect.map_err(str::to_owned)
        );
    }

    #[test]
    fn what_a_record_holds() {
        let record = json!({ "id": "7", "inner": { "a": "x", "b": null }, "list": [{ "b": "y" }] });
        check_find("id", &record, Ok(Some("7")));
        check_find("inner.a", &record, Ok(Some("\"x\"")));
        check_find("inner.b", &record, Ok(None));
        check_find("list", &record, Ok(Some("[{\"b\":\"y\"}]")));
        check_find("inner.a", &json!({}), Ok(None));
        check_find("inner.a", &json!({ "inner": null }), Ok(None));
        check_find("id", &json!({ "id": { "x": 1 } }), Ok(Some("{\"x\":1}")));
        check_find("inner.a", &json!({ "inner": "x" }), Err("inner: not an object, but a text"));
        check_find("id", &json!([]), Err(": not an object, but a list"));
    }
}
