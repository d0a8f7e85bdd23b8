//! Infers how a list is paged and what its parameters select, from names.

use std::collections::VecDeque;

use heck::ToUpperCamelCase;
use serde_json::{Map, Value, json};

use super::base::{member_name, values};
use super::graph::{Graph, Node, node_of, reference};
use super::json::{items, members, object, text};
use super::names::singular;
use super::parameters::default_text;
use super::schemas::{Converter, ordered};

/// The largest page where the document does not say.
const LARGEST_PAGE: i64 = 1000;

/// Parameters that page a list, or say for whom it is made.
const NO_FILTERS: [&str; 9] = [
    "cursor",
    "limit",
    "skip",
    "countOnly",
    "skipCount",
    "sortBy",
    "sortOrder",
    "tenant",
    "countsFor",
];

/// How an operation's list is paged.
pub(super) struct List {
    /// The `x-pagination`.
    pub(super) pagination: Value,
    /// The schema of an item.
    item: Node,
    fields: Vec<Field>,
}

impl List {
    /// Tells whether the operation answers with a list, and puts a bound on its pages.
    pub(super) fn find(
        converter: &mut Converter,
        answer: Node,
        one: &str,
        parameters: &mut [Value],
        declared: &[Value],
    ) -> Option<List> {
        let has = |name: &str| {
            let found = parameters.iter().find(|it| it["name"] == name && it["in"] == "query")?;
            Some(&found["schema"])
        };
        has("cursor")?;
        let answer = &converter.graph.entry(answer).schema;
        let cursor = next_cursor(&converter.graph, answer);
        let (Some("integer"), Some(cursor)) = (text(has("limit")?, "type"), cursor) else {
            converter.note("has a `cursor` but no `nextCursor` or `limit`: no `x-pagination`");
            return None;
        };
        let Some((pointer, item)) = list_items(&converter.graph, answer) else {
            converter.note("has a `cursor` but no list of objects: no `x-pagination`");
            return None;
        };
        let total = cursor.replace("nextCursor", "totalItems");
        let has_total = at(&converter.graph, answer, &total).is_some();
        let fields = fields(&converter.graph, item, one);
        let sort = sort(converter, &fields, has("sortBy"), has("sortOrder"), declared);
        let optional = |name: &str| has(name).map(|_| json!(name)).unwrap_or_default();
        let pagination = object([
            ("cursor", json!("cursor")),
            ("limit", json!("limit")),
            ("skip", optional("skip")),
            ("countOnly", optional("countOnly")),
            ("skipCount", optional("skipCount")),
            ("items", json!(pointer)),
            ("nextCursor", json!(cursor)),
            ("totalItems", json!(has_total.then_some(total))),
            ("sort", sort.unwrap_or_default()),
        ]);
        for limit in parameters.iter_mut().filter(|it| it["name"] == "limit") {
            if limit["schema"].get("maximum").is_none() {
                limit["schema"]["format"] = json!("int32");
                limit["schema"]["maximum"] = json!(LARGEST_PAGE);
                limit["schema"] = ordered(limit["schema"].take());
                converter.note(format!("`limit` has no maximum; {LARGEST_PAGE} is assumed"));
            }
        }
        Some(List { pagination, item, fields })
    }

    /// The schema of an item, by `$ref`.
    pub(super) fn item(&self) -> Value {
        reference(self.item)
    }

    /// Adds what a query parameter selects, by its name. If it takes some of the values that the
    /// field has, it gets the field's enum.
    pub(super) fn add_filter(&self, converter: &mut Converter, parameter: &mut Value) {
        let Some((filter, field)) = self.filter(converter, parameter) else { return };
        let is_list = parameter["schema"]["type"] == "array";
        let own = if is_list { &parameter["schema"]["items"] } else { &parameter["schema"] };
        let of_field = field.and_then(|field| field.node).map(reference);
        if let (Some(node), Some(of_field)) = (node_of(own), of_field) {
            let (taken, all) =
                (&converter.graph.entry(node).schema, converter.graph.resolve(&of_field));
            if values(taken).is_subset(&values(all)) {
                let lacking = values(all).len() - values(taken).len();
                if lacking != 0 {
                    let name = text(parameter, "name").unwrap_or_default();
                    converter
                        .note(format!("`{name}` does not take {lacking} of the field's values"));
                }
                if is_list {
                    parameter["schema"]["items"] = of_field;
                } else {
                    parameter["schema"] = of_field;
                }
            }
        }
        parameter["x-filter"] = filter;
    }

    fn filter(
        &self,
        converter: &mut Converter,
        parameter: &Value,
    ) -> Option<(Value, Option<&Field>)> {
        let name = text(parameter, "name").filter(|name| !NO_FILTERS.contains(name))?;
        let list = parameter["schema"]["type"] == "array";
        let schema = if list { &parameter["schema"]["items"] } else { &parameter["schema"] };
        let kind = kind(converter.graph.resolve(schema));
        if kind == "boolean"
            && ["include", "with", "return", "disable"].iter().any(|it| name.starts_with(it))
        {
            return None;
        }
        let (base, suffix) = name.split_once("__").unwrap_or((name, ""));
        let ordered = matches!(kind, "integer" | "date-time");
        let (base, op) = match suffix {
            "" if name == "query" && kind == "string" && !list => (base, "full-text"),
            "" if list && base.ends_with("Nin") => (&base[..base.len() - 3], "not-in"),
            "" if list => (base, "in"),
            "" => (base, "equals"),
            "nin" if list => (base, "not-in"),
            "in" if list => (base, "in"),
            "contains" | "like" if list => (base, "contains"),
            "contains" | "like" if kind == "string" => (base, "full-text"),
            "gt" | "gte" | "lt" | "lte" if ordered && !list => (base, suffix),
            _ => {
                converter.note(format!("`{name}` may filter, but no op is like `__{suffix}`"));
                return None;
            }
        };
        let called = plain(base);
        let field = self.fields.iter().find(|field| field.is_called(&called, kind));
        let path = match field {
            Some(field) => field.path.clone(),
            None => format!("${}", if list { member_name(base) } else { base.to_owned() }),
        };
        Some((json!({ "op": op, "fields": [path] }), field))
    }
}

fn sort(
    converter: &mut Converter,
    fields: &[Field],
    by: Option<&Value>,
    order: Option<&Value>,
    declared: &[Value],
) -> Option<Value> {
    let by = converter.graph.resolve(by?);
    order?;
    let columns = items(by, "enum").to_vec();
    if columns.is_empty() {
        converter.note("`sortBy` does not name its columns: no `sort` in `x-pagination`");
        return None;
    }
    let raw = declared.iter().find(|raw| raw["name"] == "sortBy").unwrap_or(&Value::Null);
    let default = match default_text(raw, &columns) {
        Some(default) => json!(default),
        None if columns.contains(&json!("id")) => json!("id"),
        None => {
            let first = &columns[0];
            converter.note(format!("the column without `sortBy` is not told; {first} is assumed"));
            first.clone()
        }
    };
    let field = |column: &str| {
        let called = plain(column);
        match fields.iter().find(|field| field.is_called(&called, "")) {
            Some(field) => field.path.clone(),
            None => format!("${column}"),
        }
    };
    let columns: Map<String, Value> = columns
        .iter()
        .filter_map(Value::as_str)
        .map(|column| (column.to_owned(), json!(field(column))))
        .collect();
    Some(json!({ "by": "sortBy", "order": "sortOrder", "default": default, "fields": columns }))
}

/// The pointer to the cursor of the next page.
fn next_cursor(graph: &Graph, answer: &Value) -> Option<String> {
    let has = |schema: &Value| schema["properties"].get("nextCursor").is_some();
    if has(answer) {
        return Some("/nextCursor".to_owned());
    }
    let holder =
        members(&answer["properties"]).find(|(_, property)| has(graph.resolve(property)))?;
    Some(format!("/{}/nextCursor", holder.0))
}

/// The pointer to the list, and the schema of an item.
fn list_items(graph: &Graph, answer: &Value) -> Option<(String, Node)> {
    let item = |property: &Value| {
        let node = node_of(&graph.resolve(property)["items"])?;
        graph.entry(node).schema.get("properties").map(|_| node)
    };
    let data = answer["properties"].get("data")?;
    if let Some(node) = item(data) {
        return Some(("/data".to_owned(), node));
    }
    let lists = members(&graph.resolve(data)["properties"]);
    let lists: Vec<_> =
        lists.filter_map(|(name, it)| Some((format!("/data/{name}"), item(it)?))).collect();
    match lists.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

fn at<'g>(graph: &'g Graph, answer: &'g Value, pointer: &str) -> Option<&'g Value> {
    pointer
        .split('/')
        .skip(1)
        .try_fold(answer, |schema, name| Some(graph.resolve(schema.get("properties")?.get(name)?)))
}

/// A field of an item.
struct Field {
    path: String,
    /// What a parameter for it may be called, without what `plain` removes.
    names: Vec<String>,
    kind: &'static str,
    /// The enum that it is.
    node: Option<Node>,
}

impl Field {
    /// Whether a parameter of this plain name and kind looks at it; any kind if it is empty.
    fn is_called(&self, plain: &str, kind: &str) -> bool {
        let fits = match kind {
            "" => true,
            "string" => matches!(self.kind, "string" | "date-time"),
            "integer" => matches!(self.kind, "integer" | "number"),
            other => self.kind == other,
        };
        fits && self.names.iter().any(|it| it == plain)
    }
}

/// The fields of an item, the nearest first.
fn fields(graph: &Graph, item: Node, one: &str) -> Vec<Field> {
    const MOST: usize = 5_000;
    const DEEPEST: usize = 6;
    let mut found = Vec::new();
    let mut pending = VecDeque::from([(item, String::new(), one.to_owned(), vec![item])]);
    while let Some((node, path, owner, above)) = pending.pop_front() {
        for (name, property) in members(&graph.entry(node).schema["properties"]) {
            if name.contains(['.', '[', ']', '*', '~', '$']) {
                continue;
            }
            let mut path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let mut schema = property;
            loop {
                if let Some(node) = node_of(schema)
                    && graph.entry(node).schema["properties"].is_object()
                {
                    if !above.contains(&node) && above.len() < DEEPEST && found.len() < MOST {
                        let above = above.iter().copied().chain([node]).collect();
                        pending.push_back((node, path, name.clone(), above));
                    }
                    break;
                }
                let resolved = graph.resolve(schema);
                if resolved["items"].is_object() {
                    path.push_str("[]");
                    schema = &resolved["items"];
                } else if resolved["additionalProperties"].is_object() {
                    path.push_str(".*");
                    schema = &resolved["additionalProperties"];
                } else {
                    let joined = format!("{}{}", singular(&owner), name.to_upper_camel_case());
                    let names = vec![plain(name), plain(&joined)];
                    let node = node_of(schema).filter(|_| resolved.get("enum").is_some());
                    found.push(Field { path, names, kind: kind(resolved), node });
                    break;
                }
            }
        }
    }
    found
}

fn kind(schema: &Value) -> &'static str {
    match (text(schema, "type"), text(schema, "format")) {
        (Some("string"), Some("date-time")) => "date-time",
        (Some("string"), _) => "string",
        (Some("integer"), _) => "integer",
        (Some("number"), _) => "number",
        (Some("boolean"), _) => "boolean",
        _ => "any",
    }
}

/// A name without case, underscores and plural.
fn plain(name: &str) -> String {
    singular(&name.replace('_', "")).to_lowercase()
}
