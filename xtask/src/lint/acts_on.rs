//! Checks of `x-acts-on`.

use serde_json::{Map, Value};

use super::extensions::{answer, at_pointer, body, check_field, check_pointers};
use super::shape::Node;
use super::{Lint, escaped};
use crate::model::{ActsOn, Addition};

/// Checks an `x-acts-on`, and gives the schema of an item if there is one.
pub(super) fn check<'a>(
    lint: &mut Lint<'a>,
    node: &Node<'a>,
    at: &str,
    acts_on: &ActsOn,
) -> Option<&'a Value> {
    let ActsOn { items, set, add, remove: _, count, item, link, rows, most } = acts_on;
    let schema = check_items(lint, &format!("{at}/items"), items);
    let body = body(lint, node);
    check_assignments(lint, &format!("{at}/set"), set, schema, body);
    if let Some(rows) = rows
        && let Some(schema) = schema
    {
        check_field(lint, &format!("{at}/rows"), rows, schema);
    }
    if let Some(Addition { items, set }) = add {
        let schema = check_items(lint, &format!("{at}/add/items"), items);
        check_assignments(lint, &format!("{at}/add/set"), set, schema, body);
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

/// The schema of items with that name, if it is there.
pub(super) fn check_items<'a>(lint: &mut Lint<'a>, at: &str, name: &str) -> Option<&'a Value> {
    let schema = lint.document.value.pointer(&format!("/components/schemas/{}", escaped(name)));
    let schema = schema.filter(|schema| schema.get("properties").is_some());
    if schema.is_none() {
        let remedy = "write the name of the schema of a list's items";
        lint.fault(at, format!("there is no object `{name}`"), remedy);
    }
    schema
}

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
        if let Some(item) = item {
            check_field(lint, &at, field, item);
        }
        if from.is_object() || from.is_array() {
            let remedy = "write a JSON pointer into the body, or a text, number or boolean";
            lint.fault(&at, "it is set to what is no single value", remedy);
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
