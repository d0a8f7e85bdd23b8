//! Checks of operations, their parameters and their answers.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::Value;

use super::shape::{Kind, Node};
use super::{Lint, collisions, escaped, items, text};
use crate::model::STREAM_SUFFIXES;

pub(super) fn check<'a>(lint: &mut Lint<'a>, nodes: &[Node<'a>]) {
    check_ids(lint, nodes);
    check_tags(lint, nodes);
    for node in nodes {
        match node.kind {
            Kind::Operation => {
                check_operation(lint, node);
                check_responses(lint, node);
                check_parameters(lint, node);
            }
            Kind::Parameter => check_parameter(lint, node),
            Kind::RequestBody => check_body(lint, node),
            Kind::PathItem if node.value.get("trace").is_some() => {
                let at = format!("{}/trace", node.pointer);
                lint.fault(&at, "the method TRACE is not supported", "remove the operation");
            }
            _ => {}
        }
    }
}

fn check_ids(lint: &mut Lint, nodes: &[Node]) {
    let operations = || nodes.iter().filter(|node| node.kind == Kind::Operation);
    let ids = || {
        operations().filter_map(|node| {
            Some((text(node.value, "operationId")?, format!("{}/operationId", node.pointer)))
        })
    };
    for (first, second, renamed, at) in collisions(ids(), |id| id.to_snake_case()) {
        let problem = format!("`{first}` and `{second}` both become the method `{renamed}`");
        lint.fault(&at, problem, "give one another `operationId`");
    }
    for (id, at) in ids().filter(|(id, _)| CLIENT_METHODS.contains(&&*id.to_snake_case())) {
        let problem = format!("`{id}` becomes `{}`, a method of every client", id.to_snake_case());
        lint.fault(&at, problem, "give it another `operationId`");
    }
    let methods: BTreeMap<String, (&str, String)> =
        ids().map(|(id, at)| (id.to_snake_case(), (id, at))).collect();
    for list in operations().filter(|node| node.value.get("x-pagination").is_some()) {
        let Some(id) = text(list.value, "operationId") else { continue };
        for suffix in STREAM_SUFFIXES {
            let method = format!("{}{suffix}", id.to_snake_case());
            if let Some((other, at)) = methods.get(&method) {
                let problem = format!("`{other}` becomes `{method}`, a method of the list `{id}`");
                lint.fault(at, problem, "give it another `operationId`");
            }
        }
    }
}

/// What a client has beside the methods of its operations.
const CLIENT_METHODS: [&str; 7] =
    ["builder", "call", "call_download", "call_pages", "download", "from_env", "url"];

/// What the crate's root has by itself.
const MODULES: [&str; 8] =
    ["bytes", "chrono", "client", "common", "http", "operation", "reqwest", "table"];

/// The features that the crate has by itself.
const FEATURES: [&str; 4] = ["clap", "default", "rustls", "tracing"];

/// Whether a tag may make this module, and a feature of its name.
pub(crate) fn is_module(module: &str) -> bool {
    let taken = MODULES.contains(&module) || FEATURES.contains(&module);
    !taken && syn::parse_str::<syn::Ident>(module).is_ok()
}

fn check_tags(lint: &mut Lint, nodes: &[Node]) {
    let declared: BTreeSet<&str> =
        items(&lint.document.value, "tags").iter().filter_map(|tag| text(tag, "name")).collect();
    let tags = || nodes.iter().filter(|node| node.kind == Kind::Tag);
    let names = tags().filter_map(|it| Some((text(it.value, "name")?, it.pointer.clone())));
    for (first, second, renamed, at) in collisions(names, |name| name.to_snake_case()) {
        let problem = format!("`{first}` and `{second}` both become the module `{renamed}`");
        lint.fault(&at, problem, "rename one of the two");
    }
    for node in tags() {
        require_description(lint, node, "a tag");
        let module = text(node.value, "name").unwrap_or_default().to_snake_case();
        if !is_module(&module) {
            let problem = format!("`{module}` cannot name a module and a feature of the crate");
            lint.fault(&format!("{}/name", node.pointer), problem, "give the tag another name");
        }
    }
    for node in nodes.iter().filter(|node| node.kind == Kind::Operation) {
        match items(node.value, "tags").first().and_then(Value::as_str) {
            None => lint.fault(
                &node.pointer,
                "the operation has no tag",
                "add `tags: [name]`; its module is named after it",
            ),
            Some(tag) if !declared.contains(tag) => {
                let at = format!("{}/tags/0", node.pointer);
                let remedy = "add it to `tags` at the top, with a description";
                lint.fault(&at, format!("the tag `{tag}` is not declared"), remedy);
            }
            Some(_) => {}
        }
    }
}

fn check_operation(lint: &mut Lint, node: &Node) {
    require_description(lint, node, "an operation");
    if text(node.value, "operationId").is_none() {
        let remedy = "add `operationId: verbNoun`; its method is named after it";
        lint.fault(&node.pointer, "the operation has no `operationId`", remedy);
    }
    if text(node.value, "summary").is_none_or(|summary| summary.trim().is_empty()) {
        lint.fault(&node.pointer, "the operation has no `summary`", "add one sentence");
    }
}

fn check_responses<'a>(lint: &mut Lint<'a>, node: &Node<'a>) {
    let at = format!("{}/responses", node.pointer);
    let Some(responses) = node.value.get("responses").and_then(Value::as_object) else {
        lint.fault(
            &node.pointer,
            "the operation has no `responses`",
            "add the response of status 200",
        );
        return;
    };
    if responses.contains_key("default") {
        let remedy = "write the statuses out: `'400'`, `'401'`, `5XX`";
        lint.fault(
            &format!("{at}/default"),
            "a `default` response would be taken for a success",
            remedy,
        );
    }
    let successes: Vec<_> =
        responses.iter().filter(|(status, _)| status.starts_with('2')).collect();
    match successes[..] {
        [] => lint.fault(&at, "no response is a success", "add the response of status 200"),
        [(status, response)] => {
            let pointer = format!("{at}/{status}");
            let response = Node { pointer, kind: Kind::Response, value: lint.resolve(response) };
            check_content(lint, &response, "an answer");
        }
        [_, (second, _), ..] => {
            let problem = format!("`{second}` is a second success, and a method returns one type");
            lint.fault(&format!("{at}/{second}"), problem, "keep the one that the API sends");
        }
    }
}

fn check_body(lint: &mut Lint, node: &Node) {
    if let Some((at, media)) = check_content(lint, node, "a request body")
        && media != JSON
    {
        let problem = format!("a request body of type {media} is not supported");
        lint.fault(&at, problem, format!("write `{JSON}`"));
    }
}

/// An answer or a body has one type, and if that is JSON, a schema with a name. Gives the type and
/// where it stands.
fn check_content<'a>(lint: &mut Lint, node: &Node<'a>, what: &str) -> Option<(String, &'a String)> {
    let content = node.value.get("content")?.as_object()?;
    let at = format!("{}/content", node.pointer);
    if 1 < content.len() {
        let remedy = format!("keep the one that is asked for, such as `{JSON}`");
        lint.fault(&at, format!("{what} has {} types", content.len()), remedy);
        return None;
    }
    let (media, value) = content.iter().next()?;
    let at = format!("{at}/{}", escaped(media));
    let is_named = value.get("schema").is_some_and(|schema| schema.get("$ref").is_some());
    if media == JSON && !is_named {
        let remedy = "move the schema to `components/schemas` and `$ref` it";
        lint.fault(&at, format!("{what} has a schema without a name"), remedy);
    } else if media.contains('*') || !media.contains('/') {
        let remedy = "write the type that is sent, such as `text/csv`";
        lint.fault(&at, format!("`{media}` is not the type of an answer"), remedy);
    }
    Some((at, media))
}

/// The type of bodies that are read and written; an answer of another is streamed.
const JSON: &str = "application/json";

fn check_parameters<'a>(lint: &mut Lint<'a>, node: &Node<'a>) {
    let parameters = lint.parameters(node);
    let names =
        parameters.iter().filter_map(|it| Some((text(it.value, "name")?, it.pointer.clone())));
    for (first, second, renamed, at) in collisions(names, |name| name.to_snake_case()) {
        let problem = if first == second {
            format!("there are two parameters `{first}`")
        } else {
            format!("`{first}` and `{second}` both become `{renamed}`")
        };
        lint.fault(&at, problem, "remove one of the two");
    }

    let path = node.pointer.rsplit('/').nth(1).unwrap_or_default().replace("~1", "/");
    let in_template: BTreeSet<&str> =
        path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
    let in_list: BTreeSet<&str> = parameters
        .iter()
        .filter(|parameter| text(parameter.value, "in") == Some("path"))
        .filter_map(|parameter| text(parameter.value, "name"))
        .collect();
    for name in in_template.difference(&in_list) {
        let remedy = format!("add a parameter `{name}` with `in: path` and `required: true`");
        lint.fault(
            &node.pointer,
            format!("the path has `{{{name}}}`, the parameters do not"),
            remedy,
        );
    }
    for name in in_list.difference(&in_template) {
        let remedy = format!("write `{{{name}}}` into the path, or remove the parameter");
        lint.fault(&node.pointer, format!("the path has no `{{{name}}}`"), remedy);
    }
}

fn check_parameter<'a>(lint: &mut Lint<'a>, node: &Node<'a>) {
    let Node { pointer, value, .. } = node;
    require_description(lint, node, "a parameter");
    let name = text(value, "name").unwrap_or_default();
    if name.to_upper_camel_case().is_empty() {
        lint.fault(pointer, "the parameter has no name", "add `name`");
    }
    let place = text(value, "in").unwrap_or_default();
    let taken: &[&str] =
        if place == "path" { &["body", "query", "self"] } else { &["new", "self"] };
    if taken.contains(&name.to_snake_case().as_str()) {
        let problem = format!("`{name}` is a name that generated code uses itself");
        lint.fault(&format!("{pointer}/name"), problem, "this parameter is not supported");
    }
    match place {
        "query" => {}
        "path" if value["required"] != true => {
            lint.fault(
                pointer,
                format!("`{name}` is in the path but not required"),
                "add `required: true`",
            );
        }
        "path" => {}
        "header" | "cookie" => {
            let problem = format!("a parameter in the {place} is not supported");
            lint.fault(
                &format!("{pointer}/in"),
                problem,
                "remove it; the runtime sets what all requests need",
            );
        }
        _ => {
            let problem = format!("`{name}` does not say where it stands");
            lint.fault(pointer, problem, "write `in: query` or `in: path`");
        }
    }
    let Some(schema) = value.get("schema") else {
        lint.fault(pointer, "the parameter has no `schema`", "add one; `content` is not supported");
        return;
    };
    let schema = lint.resolve(schema);
    let at = format!("{pointer}/schema");
    match text(schema, "type") {
        Some("array") => {
            if place == "path" {
                lint.fault(&at, "a list in the path is not supported", "write `type: string`");
            }
            if value["style"] != "form" || value["explode"] != false {
                let remedy = "write `style: form` and `explode: false`";
                lint.fault(
                    pointer,
                    format!("the list `{name}` is not separated by commas"),
                    remedy,
                );
            }
            let item = lint.resolve(&schema["items"]);
            check_scalar(lint, &format!("{at}/items"), item);
        }
        _ => {
            let style = text(value, "style").unwrap_or("form");
            if !matches!(style, "form" | "simple") {
                let problem = format!("the style `{style}` is not supported");
                lint.fault(
                    &format!("{pointer}/style"),
                    problem,
                    "remove it, or write `style: form`",
                );
            }
            check_scalar(lint, &at, schema);
        }
    }
}

fn check_scalar(lint: &mut Lint, at: &str, schema: &Value) {
    // A `$ref` to nothing is told as that.
    if schema.get("$ref").is_some() {
        return;
    }
    let ty = text(schema, "type").unwrap_or("nothing");
    if !matches!(ty, "string" | "integer" | "boolean") {
        let problem = format!("a parameter's value of type {ty} is not supported");
        lint.fault(at, problem, "write `string`, `integer` or `boolean`");
    }
}

/// Whatever becomes an item of the SDK has documentation.
pub(super) fn require_description(lint: &mut Lint, node: &Node, what: &str) {
    if text(node.value, "description").is_none_or(|it| it.trim().is_empty()) {
        let remedy = "add `description: …`; it becomes the documentation";
        lint.fault(&node.pointer, format!("{what} has no description"), remedy);
    }
}
