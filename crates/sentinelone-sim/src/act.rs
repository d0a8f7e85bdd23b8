//! Operations that do something to the items of a list, or count them.

use sentinelone_runtime::operation::{ActsOn, Body, FieldType, Operation};
use serde_json::{Map, Value, json};

use crate::collection::nested;
use crate::console::Console;
use crate::field::Path;
use crate::filter::conditions;
use crate::page::put;
use crate::problem::Refusal;
use crate::query::Query;
use crate::view::Selection;

/// The body of the answer, after what was asked for has been done.
pub(crate) fn act(
    console: &Console,
    operation: &'static Operation,
    acts_on: &ActsOn,
    query: &Query,
    body: &[u8],
) -> Result<Value, Refusal> {
    let list = console.lists.get(acts_on.items).ok_or_else(Refusal::internal)?;
    let request = operation.body.map(|it| read(it, body)).transpose()?.unwrap_or_default();
    let now = console.clock.now();
    let mut collection = list.write(now);

    let filter = operation.body.and_then(|body| request.get(body.filter?));
    let conditions = match filter {
        Some(filter) => {
            let listing = listing(console, acts_on.items)?;
            let filter = filter.as_object().ok_or_else(|| no_object("filter"))?;
            conditions(&Query::of_body(listing, filter, &console.patterns)?, collection.source())?
        }
        None => conditions(query, collection.source())?,
    };
    let sorted_on = Path::new(collection.source().identity());
    let selection = Selection { conditions, sorted_on };
    let numbers: Vec<u32> = list.views.with(&collection, &selection, |view| {
        (0..view.len()).map(|place| view.number(place)).collect()
    });
    if !acts_on.set.is_empty() {
        let patch = patch(acts_on, &request);
        for number in &numbers {
            collection.change(*number, &patch, now, now);
        }
    }
    let mut answer = json!({});
    put(&mut answer, acts_on.count, numbers.len().into());
    Ok(answer)
}

/// The operation that lists the items, whose parameters are what a filter can say.
fn listing(console: &Console, items: &str) -> Result<&'static Operation, Refusal> {
    let lists_them = |operation: &&&'static Operation| {
        let item = operation.pagination.as_ref().and_then(|it| it.item);
        item.is_some_and(|item| item.name == items)
    };
    console.operations.iter().find(lists_them).copied().ok_or_else(Refusal::internal)
}

/// The body as JSON, if it holds what it must.
fn read(body: Body, bytes: &[u8]) -> Result<Value, Refusal> {
    let request: Value = serde_json::from_slice(bytes)
        .map_err(|_| Refusal::invalid(vec!["Invalid JSON body".to_owned()]))?;
    let mut problems = Vec::new();
    check("", body.content, &request, &mut problems);
    if problems.is_empty() { Ok(request) } else { Err(Refusal::invalid(problems)) }
}

/// Notes where a value is not of its type, lacks what is required, or is not one of an enum.
fn check(path: &str, content: FieldType, value: &Value, problems: &mut Vec<String>) {
    let within = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match (content, value) {
        (_, Value::Null) => {}
        (FieldType::Object(schema), Value::Object(members)) => {
            for field in schema.fields {
                match members.get(field.name) {
                    Some(value) => check(&within(field.name), field.field_type, value, problems),
                    None if field.required => {
                        let name = within(field.name);
                        problems.push(format!("{name}: Missing data for required field."));
                    }
                    None => {}
                }
            }
        }
        (FieldType::Object(_), _) => problems.push(format!("{path}: Invalid input type.")),
        (FieldType::List(content), Value::Array(items)) => {
            items.iter().for_each(|item| check(path, *content, item, problems));
        }
        (FieldType::Enum(known), Value::String(text)) if !known.contains(&text.as_str()) => {
            problems.push(format!("{path}: \"{text}\" is not a valid choice."));
        }
        _ => {}
    }
}

/// What is to be changed of each item. What the body leaves out stays as it is.
fn patch(acts_on: &ActsOn, request: &Value) -> Value {
    let mut patch = Value::Object(Map::new());
    for (field, from) in acts_on.set {
        let value = match from.starts_with('/') {
            true => request.pointer(from).cloned(),
            false => Some(Value::from(*from)),
        };
        if let Some(value) = value.filter(|value| !value.is_null()) {
            crate::collection::merge(&mut patch, &nested(field, value));
        }
    }
    patch
}

fn no_object(name: &str) -> Refusal {
    Refusal::invalid(vec![format!("{name}: Invalid input type.")])
}
