//! Lists are declared as such, and so is what their parameters do.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::lint::{Kind, Lint, Node, items, text};
use crate::pointer::escaped;

/// The operation's key that names query parameters which neither page, sort nor select.
const EXEMPTION: &str = "x-no-filter";

pub(super) fn check<'a>(lint: &mut Lint<'a>, nodes: &[Node<'a>]) {
    for node in nodes.iter().filter(|node| node.kind == Kind::Operation) {
        match node.value.get("x-pagination") {
            Some(pagination) => {
                let paging = paging(pagination);
                check_exemptions(lint, node, &paging);
                check_filters(lint, node, &paging);
            }
            None => check_plain(lint, node),
        }
    }
}

/// An operation that is not declared to be a list is none.
fn check_plain<'a>(lint: &mut Lint<'a>, node: &Node<'a>) {
    if node.value.get(EXEMPTION).is_some() {
        let at = format!("{}/{EXEMPTION}", node.pointer);
        lint.fault(&at, "the operation is no list", "add `x-pagination`, or remove it");
    }
    // A list that takes a body, or no cursor, cannot be paged.
    let takes_cursor =
        lint.parameters(node).iter().any(|it| text(it.value, "name") == Some("cursor"));
    if node.value.get("requestBody").is_some() || !takes_cursor {
        return;
    }
    if let Some((items, cursor)) = list(lint, node) {
        let remedy = format!("add `x-pagination` with `items: {items}` and `nextCursor: {cursor}`");
        lint.fault(&node.pointer, "it answers with a list, but is not declared as one", remedy);
    }
}

fn check_filters<'a>(lint: &mut Lint<'a>, node: &Node<'a>, paging: &BTreeSet<&str>) {
    let exempt: Vec<&str> = items(node.value, EXEMPTION).iter().filter_map(Value::as_str).collect();
    for parameter in lint.parameters(node) {
        let name = text(parameter.value, "name").unwrap_or_default();
        let filters = parameter.value.get("x-filter").is_some();
        let is_query = text(parameter.value, "in") == Some("query");
        if is_query && !filters && !paging.contains(name) && !exempt.contains(&name) {
            let problem = format!("`{name}` does not say what it selects");
            let remedy = format!(
                "add `x-filter`, or name it in the operation's `{EXEMPTION}` if it selects nothing"
            );
            lint.fault(&parameter.pointer, problem, remedy);
        }
    }
}

fn check_exemptions<'a>(lint: &mut Lint<'a>, node: &Node<'a>, paging: &BTreeSet<&str>) {
    let Some(exemptions) = node.value.get(EXEMPTION) else { return };
    let at = format!("{}/{EXEMPTION}", node.pointer);
    let Some(names) = exemptions.as_array() else {
        return lint.fault(&at, "it is no list", "write the names of query parameters");
    };
    let parameters = lint.parameters(node);
    for (index, name) in names.iter().enumerate() {
        let name = name.as_str().unwrap_or_default();
        let at = format!("{at}/{index}");
        let named = parameters.iter().find(|it| {
            text(it.value, "name") == Some(name) && text(it.value, "in") == Some("query")
        });
        match named {
            None => {
                let problem = format!("the operation has no query parameter `{name}`");
                lint.fault(&at, problem, "write the name of one, or remove it");
            }
            Some(parameter) if parameter.value.get("x-filter").is_some() => {
                let problem = format!("`{name}` has an `x-filter`");
                lint.fault(&at, problem, "remove one of the two");
            }
            Some(_) if paging.contains(name) => {
                let problem = format!("`{name}` is in `x-pagination` already");
                lint.fault(&at, problem, "remove it here");
            }
            Some(_) => {}
        }
    }
}

/// The parameters that an `x-pagination` names.
pub(crate) fn paging(pagination: &Value) -> BTreeSet<&str> {
    let of = |holder, keys: &[&str]| -> Vec<&str> {
        keys.iter().filter_map(|key| text(holder, key)).collect()
    };
    let mut names = of(pagination, &["cursor", "limit", "skip", "countOnly", "skipCount"]);
    names.extend(of(&pagination["sort"], &["by", "order"]));
    names.into_iter().collect()
}

/// Where a list and its next cursor stand in the answer of an operation, if they do.
fn list<'a>(lint: &Lint<'a>, node: &Node<'a>) -> Option<(String, String)> {
    let responses = node.value.get("responses")?.as_object()?;
    let (_, success) = responses.iter().find(|(status, _)| status.starts_with('2'))?;
    let content = lint.resolve(success).get("content")?.get("application/json")?;
    let answer = lint.resolve(content.get("schema")?);

    let data = lint.resolve(answer.get("properties")?.get("data")?);
    let items = if is_list(lint, data) {
        "/data".to_owned()
    } else {
        let (name, _) = properties(lint, data).find(|(_, it)| is_list(lint, it))?;
        format!("/data/{}", escaped(name))
    };
    let has_cursor = |schema| properties(lint, schema).any(|(name, _)| name == "nextCursor");
    if has_cursor(answer) {
        return Some((items, "/nextCursor".to_owned()));
    }
    let (name, _) = properties(lint, answer).find(|(_, it)| has_cursor(it))?;
    Some((items, format!("/{}/nextCursor", escaped(name))))
}

fn is_list<'a>(lint: &Lint<'a>, schema: &'a Value) -> bool {
    let item = schema.get("items").map(|item| lint.resolve(item));
    schema["type"] == "array" && item.is_some_and(|item| item.get("properties").is_some())
}

fn properties<'a>(
    lint: &Lint<'a>,
    schema: &'a Value,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let members = schema.get("properties").and_then(Value::as_object);
    members.into_iter().flatten().map(|(name, it)| (name, lint.resolve(it)))
}
