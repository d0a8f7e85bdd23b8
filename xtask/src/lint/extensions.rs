//! Checks of the `x-` keys, whose vocabulary is in `spec/README.md`.

use serde_json::Value;

use super::shape::{Kind, Node};
use super::{Lint, acts_on, escaped, items, text};
use crate::lower::{reachable, schemas_of};
use crate::model::{ActsOn, Filter, Pagination, RateLimit};

pub(super) fn check<'a>(lint: &mut Lint<'a>, nodes: &[Node<'a>]) {
    let lists = Lists::of(lint, nodes);
    for node in nodes {
        match node.kind {
            Kind::Operation => check_operation(lint, node, &lists),
            Kind::Schema if node.value.get("x-open-enum").is_some() => {
                let at = format!("{}/x-open-enum", node.pointer);
                if node.value["x-open-enum"] != true {
                    lint.fault(&at, "it is not `true`", "write `x-open-enum: true`");
                }
                if node.value.get("enum").is_none() {
                    lint.fault(
                        &at,
                        "there is no `enum` beside it",
                        "add the known values as `enum`",
                    );
                }
            }
            _ => {}
        }
    }
}

/// What the operations of a document list: the schema of the items, and of what they belong to.
pub(super) struct Lists<'a>(Vec<(&'a str, Option<&'a str>)>);

impl<'a> Lists<'a> {
    fn of(lint: &Lint<'a>, nodes: &[Node<'a>]) -> Lists<'a> {
        let list = |node: &Node<'a>| {
            let items = text(node.value.get("x-pagination")?, "items")?;
            let list = at_pointer(lint, answer(lint, node)?, items)?;
            let item = text(list.get("items")?, "$ref")?.strip_prefix("#/components/schemas/")?;
            let parameters = lint.parameters(node);
            Some((item, parameters.iter().find_map(|it| text(it.value, "x-identifies"))))
        };
        let operations = nodes.iter().filter(|node| node.kind == Kind::Operation);
        Lists(operations.filter_map(list).collect())
    }

    /// Whether there is a list of that schema that belongs to items of the other, or to none.
    pub(super) fn has(&self, items: &str, owners: Option<&str>) -> bool {
        self.0.contains(&(items, owners))
    }

    /// Whether there is a list of that schema, whatever it belongs to.
    pub(super) fn has_any(&self, items: &str) -> bool {
        self.0.iter().any(|list| list.0 == items)
    }
}

fn check_operation<'a>(lint: &mut Lint<'a>, node: &Node<'a>, lists: &Lists<'a>) {
    if let Some((at, limit)) = read::<RateLimit>(lint, node, "x-rate-limit")
        && (limit.requests_per_second <= 0.0 || limit.burst == 0)
    {
        lint.fault(&at, "it would let no request through", "write numbers greater than 0");
    }
    read::<bool>(lint, node, "x-idempotent");
    if let Some((at, member)) = read::<String>(lint, node, "x-requires-filter") {
        check_required_filter(lint, node, &at, &member);
    }
    let acts_on = read::<ActsOn>(lint, node, "x-acts-on");
    let acted_on = acts_on.as_ref().and_then(|(at, it)| acts_on::check(lint, node, at, it, lists));
    let item = read::<Pagination>(lint, node, "x-pagination")
        .and_then(|(at, pagination)| check_pagination(lint, node, &at, &pagination))
        .or(acted_on);
    for parameter in lint.parameters(node) {
        if let Some((at, schema)) = read::<String>(lint, &parameter, "x-identifies") {
            if parameter.value["in"] != "path" {
                let remedy = "remove it; an `x-filter` selects items of a list";
                lint.fault(&at, "it is on a parameter that is not in the path", remedy);
            }
            let is_acted_on = acts_on.as_ref().is_some_and(|(_, it)| it.items == schema);
            if !is_acted_on && !lists.has(&schema, None) {
                let remedy = "write the schema of the items of a list that belongs to no item";
                lint.fault(&at, format!("no operation lists every `{schema}`"), remedy);
            }
        }
        if let Some((at, filter)) = read::<Filter>(lint, &parameter, "x-filter") {
            // What several operations share may select items of a list that only one of them is.
            let is_shared = lint.document.value.pointer(&parameter.pointer);
            let is_shared = is_shared.is_some_and(|it| it.get("$ref").is_some());
            let selects =
                ["x-pagination", "x-acts-on"].iter().any(|it| node.value.get(it).is_some());
            if !selects && !is_shared {
                let remedy = "add `x-pagination`, or remove the filter";
                lint.fault(&at, "the operation is no list", remedy);
            }
            check_filter(lint, &at, &parameter, &filter, item);
        }
    }
}

/// The value of an extension, with its pointer, if it is there and has the right form.
fn read<T: serde::de::DeserializeOwned>(
    lint: &mut Lint,
    node: &Node,
    key: &str,
) -> Option<(String, T)> {
    let value = node.value.get(key)?;
    let at = format!("{}/{key}", node.pointer);
    match serde_json::from_value(value.clone()) {
        Ok(read) => Some((at, read)),
        Err(error) => {
            let remedy = "see the vocabulary in spec/README.md";
            lint.fault(&at, format!("`{key}` has a bad value: {error}"), remedy);
            None
        }
    }
}

/// Checks that `member` of the body is an object of filters that cannot be forgotten.
fn check_required_filter(lint: &mut Lint, node: &Node, at: &str, member: &str) {
    let taken = node.value.get("requestBody").map(|body| lint.resolve(body));
    let schema = taken.and_then(json_schema);
    let (Some(taken), Some(schema)) = (taken, schema) else {
        let remedy = "add a `requestBody` of `application/json`, or remove the key";
        return lint.fault(at, "the operation has no body with a filter", remedy);
    };
    if taken["required"] != true {
        let remedy = "write `required: true` in the `requestBody`";
        lint.fault(at, "the body with the filter may be left out", remedy);
    }
    let body = lint.resolve(schema);
    let Some(filter) = body.get("properties").and_then(|properties| properties.get(member)) else {
        let remedy = "write the name of the member that holds the filters";
        return lint.fault(at, format!("the body has no member `{member}`"), remedy);
    };
    if !items(body, "required").iter().any(|name| name == member) {
        let remedy = format!("add `{member}` to `required` of the body's schema");
        lint.fault(at, format!("`{member}` may be left out"), remedy);
    }
    let filter = lint.resolve(filter);
    if filter.get("properties").is_none() {
        let remedy = "`$ref` an object whose properties are the filters";
        lint.fault(at, format!("`{member}` is no object of filters"), remedy);
    }
    if !items(filter, "required").is_empty() {
        let remedy = "remove the key, as no filter is empty, or `required` of the filter's schema";
        lint.fault(at, format!("`{member}` has filters that are required"), remedy);
    }
    let document = &lint.document.value;
    let answered = reachable(document, &schemas_of(document, "responses"));
    let name = text(schema, "$ref").and_then(|it| it.strip_prefix("#/components/schemas/"));
    if let Some(name) = name.filter(|name| answered.contains(*name)) {
        let problem = format!("the body `{name}` is also part of an answer, and can be made empty");
        lint.fault(at, problem, "give the body a schema of its own");
    }
}

/// Checks an `x-pagination`, and gives the schema of an item if there is one.
fn check_pagination<'a>(
    lint: &mut Lint<'a>,
    node: &Node<'a>,
    at: &str,
    it: &Pagination,
) -> Option<&'a Value> {
    if node.value.get("requestBody").is_some() {
        let remedy = "remove `x-pagination`, or write the body's members as parameters";
        lint.fault(at, "a list that takes a body cannot be paged", remedy);
    }
    let parameters = lint.parameters(node);
    let find = |name: &str| {
        let named = |parameter: &&Node| text(parameter.value, "name") == Some(name);
        parameters.iter().find(named).map(|parameter| parameter.value)
    };
    let sort = it.sort.as_ref();
    let named = [
        ("cursor", Some(&it.cursor)),
        ("limit", Some(&it.limit)),
        ("skip", it.skip.as_ref()),
        ("countOnly", it.count_only.as_ref()),
        ("skipCount", it.skip_count.as_ref()),
        ("sort/by", sort.map(|sort| &sort.by)),
        ("sort/order", sort.map(|sort| &sort.order)),
    ];
    for (key, name) in named {
        if let Some(name) = name.filter(|name| find(name).is_none()) {
            let problem = format!("the operation has no parameter `{name}`");
            lint.fault(&format!("{at}/{key}"), problem, "write the name of a query parameter");
        }
    }
    if let Some(limit) = find(&it.limit)
        && lint.resolve(&limit["schema"])["maximum"].as_i64().is_none()
    {
        let remedy = format!("add `maximum` to the schema of `{}`", it.limit);
        lint.fault(&format!("{at}/limit"), "the largest page is not known", remedy);
    }

    let answer = answer(lint, node);
    check_pointers(
        lint,
        at,
        answer,
        &[
            ("items", Some(&it.items)),
            ("nextCursor", Some(&it.next_cursor)),
            ("totalItems", it.total_items.as_ref()),
        ],
    );
    let list = answer.and_then(|answer| at_pointer(lint, answer, &it.items))?;
    let item = list.get("items").filter(|item| item.get("$ref").is_some());
    let Some(item) = item.map(|item| lint.resolve(item)) else {
        let remedy = "point to an array whose items are a `$ref`";
        lint.fault(
            &format!("{at}/items"),
            format!("`{}` is no list of named items", it.items),
            remedy,
        );
        return None;
    };

    if let Some(sort) = sort {
        let columns =
            find(&sort.by).map(|by| items(lint.resolve(&by["schema"]), "enum")).unwrap_or_default();
        for column in columns.iter().filter_map(Value::as_str) {
            if !sort.fields.contains_key(column) {
                let remedy = format!("add `{column}: path.to.field`");
                lint.fault(
                    &format!("{at}/sort/fields"),
                    format!("the column `{column}` has no field"),
                    remedy,
                );
            }
        }
        for (column, field) in &sort.fields {
            let at = format!("{at}/sort/fields/{}", escaped(column));
            if !columns.iter().any(|it| it == column) {
                let problem = format!("`{column}` is not a value of `{}`", sort.by);
                lint.fault(&at, problem, "add it to the enum, or remove it here");
            }
            check_field(lint, &at, field.as_str().unwrap_or_default(), item);
        }
        if !sort.fields.contains_key(&sort.default) {
            let problem = format!("the default column `{}` has no field", sort.default);
            lint.fault(
                &format!("{at}/sort/default"),
                problem,
                "write one of the columns in `fields`",
            );
        }
    }
    Some(item)
}

const OPS: [&str; 12] = [
    "in",
    "not-in",
    "contains",
    "equals",
    "gt",
    "gte",
    "lt",
    "lte",
    "between",
    "exists",
    "full-text",
    "tags",
];

fn check_filter<'a>(
    lint: &mut Lint<'a>,
    at: &str,
    parameter: &Node<'a>,
    filter: &Filter,
    item: Option<&'a Value>,
) {
    let schema = lint.resolve(&parameter.value["schema"]);
    let ty = text(schema, "type").unwrap_or_default();
    let fits = match filter.op.as_str() {
        "in" | "not-in" | "contains" => ty == "array",
        "gt" | "gte" | "lt" | "lte" => {
            ty == "integer" || ty == "string" && schema.get("enum").is_none()
        }
        "exists" => ty == "boolean",
        "between" | "full-text" | "tags" => ty == "string",
        "equals" => ty != "array",
        _ => {
            let problem = format!("`{}` is not an op", filter.op);
            lint.fault(&format!("{at}/op"), problem, format!("write one of {}", OPS.join(", ")));
            true
        }
    };
    if !fits {
        let problem = format!("`{}` does not go with a parameter of type {ty}", filter.op);
        lint.fault(&format!("{at}/op"), problem, "see the table of ops in spec/README.md");
    }
    if filter.fields.is_empty() {
        lint.fault(&format!("{at}/fields"), "there are no fields", "write at least one path");
    }
    if filter.value.is_some() && (ty != "boolean" || filter.op != "equals") {
        let remedy = "remove it; it goes with `equals` and a boolean parameter";
        lint.fault(&format!("{at}/value"), "`value` does not belong here", remedy);
    }
    for (index, field) in filter.fields.iter().enumerate() {
        if let Some(item) = item {
            check_field(lint, &format!("{at}/fields/{index}"), field, item);
        }
    }
}

/// Follows a field's path through the schema of an item, and gives the schema that it leads to.
pub(super) fn check_field<'a>(
    lint: &mut Lint<'a>,
    at: &str,
    field: &str,
    item: &'a Value,
) -> Option<&'a Value> {
    // What begins with `$` is known to the console alone.
    if field.starts_with('$') {
        return None;
    }
    let reached = field.split('.').try_fold(item, |schema, segment| {
        let next = match segment {
            "*" => schema.get("additionalProperties")?,
            "~" => return schema.get("additionalProperties").map(|_| &Value::Null),
            name => {
                let (name, is_list) = match name.strip_suffix("[]") {
                    Some(name) => (name, true),
                    None => (name, false),
                };
                let property = lint.resolve(schema.get("properties")?.get(name)?);
                if is_list { property.get("items")? } else { property }
            }
        };
        Some(lint.resolve(next))
    });
    if reached.is_none() {
        let problem = format!("an item has no field `{field}`");
        let remedy = "write members joined by `.`, with `[]` after a list, `*` for the values of a \
                      map and `~` for its keys";
        lint.fault(at, problem, remedy);
    }
    reached
}

/// The schema of the operation's body.
pub(super) fn body<'a>(lint: &Lint<'a>, node: &Node<'a>) -> Option<&'a Value> {
    let taken = lint.resolve(node.value.get("requestBody")?);
    Some(lint.resolve(json_schema(taken)?))
}

/// The schema of a body or an answer in JSON.
fn json_schema(holder: &Value) -> Option<&Value> {
    holder.get("content")?.get("application/json")?.get("schema")
}

/// The schema of the operation's answer.
pub(super) fn answer<'a>(lint: &Lint<'a>, node: &Node<'a>) -> Option<&'a Value> {
    let responses = node.value.get("responses")?.as_object()?;
    let (_, success) = responses.iter().find(|(status, _)| status.starts_with('2'))?;
    Some(lint.resolve(json_schema(lint.resolve(success))?))
}

/// Checks that JSON pointers lead to something in an answer.
pub(super) fn check_pointers<'a>(
    lint: &mut Lint<'a>,
    at: &str,
    answer: Option<&'a Value>,
    pointers: &[(&str, Option<&String>)],
) {
    for (key, pointer) in pointers {
        let Some(pointer) = pointer else { continue };
        if answer.and_then(|answer| at_pointer(lint, answer, pointer)).is_none() {
            let problem = format!("the answer has nothing at `{pointer}`");
            lint.fault(&format!("{at}/{key}"), problem, "write a JSON pointer such as `/data`");
        }
    }
}

/// The schema of what stands at a JSON pointer into an answer or a body.
pub(super) fn at_pointer<'a>(
    lint: &Lint<'a>,
    answer: &'a Value,
    pointer: &str,
) -> Option<&'a Value> {
    if pointer.is_empty() {
        return Some(answer);
    }
    let mut names = pointer.strip_prefix('/')?.split('/');
    names.try_fold(answer, |schema, name| Some(lint.resolve(schema.get("properties")?.get(name)?)))
}
