//! Checks of `x-acts-on`.

use serde_json::{Map, Value};

use super::extensions::{Lists, answer, at_pointer, body, check_field, check_pointers};
use super::shape::Node;
use super::{Lint, escaped, text};
use crate::model::{ActsOn, Addition};

/// Checks an `x-acts-on`, and gives the schema of an item if there is one.
pub(super) fn check<'a>(
    lint: &mut Lint<'a>,
    node: &Node<'a>,
    at: &str,
    acts_on: &ActsOn,
    lists: &Lists<'a>,
) -> Option<&'a Value> {
    let ActsOn { items, set, add, remove, count, item, link, rows, most } = acts_on;
    if !lists.has_any(items) {
        let remedy = "write the name of the schema of a list's items";
        lint.fault(&format!("{at}/items"), format!("no operation lists `{items}`"), remedy);
    }
    if *remove && !set.is_empty() {
        let remedy = "leave out one of the two";
        lint.fault(&format!("{at}/remove"), "the items are set and removed at once", remedy);
    }
    let schema = schema_of(lint, items);
    let body = body(lint, node);
    check_assignments(lint, &format!("{at}/set"), set, schema, body);
    if let Some(rows) = rows
        && let Some(schema) = schema
    {
        check_field(lint, &format!("{at}/rows"), rows, schema);
    }
    if let Some(Addition { items, set }) = add {
        if !lists.has(items, Some(&acts_on.items)) {
            let problem = format!("no list of `{items}` belongs to a `{}`", acts_on.items);
            let remedy = "write the schema of the items of one whose path has an `x-identifies`";
            lint.fault(&format!("{at}/add/items"), problem, remedy);
        }
        check_assignments(lint, &format!("{at}/add/set"), set, schema_of(lint, items), body);
    }
    let answer = answer(lint, node);
    let url = link.as_ref().map(|link| &link.url);
    check_pointers(
        lint,
        at,
        answer,
        &[("count", count.as_ref()), ("item", item.as_ref()), ("link/url", url)],
    );
    for (key, is_there) in [("rows", rows.is_some()), ("most", most.is_some())] {
        if is_there && answer.is_some() {
            let remedy = "remove it; it says what a table has, such as one of `text/csv`";
            lint.fault(&format!("{at}/{key}"), "the answer is no table", remedy);
        }
    }
    schema
}

fn schema_of<'a>(lint: &Lint<'a>, name: &str) -> Option<&'a Value> {
    let schema = lint.document.value.pointer(&format!("/components/schemas/{}", escaped(name)))?;
    schema.get("properties").map(|_| schema)
}

/// The fields by which items are told apart and ordered.
const FIXED: [&str; 2] = ["id", "createdAt"];

/// Checks what fields of an item are set to, from the body or as it stands there.
fn check_assignments<'a>(
    lint: &mut Lint<'a>,
    at: &str,
    set: &Map<String, Value>,
    item: Option<&'a Value>,
    body: Option<&'a Value>,
) {
    for (field, from) in set {
        let at = format!("{at}/{}", escaped(field));
        if FIXED.contains(&field.as_str()) {
            let remedy = "leave it out, as it says which item it is";
            lint.fault(&at, format!("`{field}` of an item never changes"), remedy);
        }
        let schema = item.and_then(|item| check_field(lint, &at, field, item));
        let expected = schema.and_then(|schema| text(schema, "type"));
        let given = match from {
            Value::String(text) if text.starts_with('/') => expected.unwrap_or_default(),
            Value::String(_) => "string",
            Value::Number(_) => "integer",
            Value::Bool(_) => "boolean",
            _ => "other",
        };
        if expected.is_some_and(|expected| expected != given) {
            let remedy = "write a JSON pointer into the body, or a value that the field can have";
            lint.fault(&at, "it is set to what is not of its type", remedy);
        }
        let pointer = from.as_str().filter(|from| from.starts_with('/'));
        // A body that cannot be read is told of elsewhere.
        let is_read = body.is_none_or(|body| body.get("properties").is_some());
        let Some(pointer) = pointer.filter(|_| is_read) else { continue };
        if body.and_then(|body| at_pointer(lint, body, pointer)).is_none() {
            let remedy = "write a JSON pointer such as `/data/reason`";
            lint.fault(&at, format!("the body has nothing at `{pointer}`"), remedy);
        }
    }
}
