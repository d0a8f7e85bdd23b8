//! Makes an operation in the spec's form, or says why it cannot.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::{Value, json};

use super::TODO;
use super::answers::is_json;
use super::base::without_names;
use super::graph::{Node, Side, node_of};
use super::json::{is_true, items, object, text};
use super::lists::List;
use super::names::{Naming, Taken, tag};
use super::parameters::declared;
use super::schemas::{Converter, Place};
use super::swagger::Operation;
use crate::style::paging;

/// An operation that is ready but for the names of its schemas.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) method: String,
    /// As the spec writes it.
    pub(super) path: String,
    pub(super) id: String,
    pub(super) tag: String,
    /// The operation, with nodes for its schemas.
    pub(super) value: Value,
    pub(super) naming: Naming,
    pub(super) roots: Vec<Root>,
    pub(super) parameters: usize,
    pub(super) is_list: bool,
    /// What could not be carried over.
    pub(super) notes: Vec<String>,
}

/// A schema that an operation begins with, or leads to.
#[derive(Clone, Debug)]
pub(super) struct Root {
    pub(super) node: Node,
    pub(super) part: Part,
    /// Names for it, the best first.
    pub(super) names: Vec<String>,
}

/// What part of an operation a schema is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Parameter,
    Body,
    Answer,
    Page,
    Item,
    /// Within one of the others.
    Inner,
}

/// Why an operation is left out.
#[derive(Debug)]
pub(super) struct Skip(pub(super) String);

/// Drafts operations one after the other, so that none takes the name of another.
pub(super) struct Drafter<'c, 'a> {
    pub(super) converter: &'c mut Converter<'a>,
    pub(super) taken: Taken,
    /// The paths of earlier drafts, by their templates without names.
    pub(super) paths: BTreeMap<String, String>,
    done: BTreeSet<(String, String)>,
    tags: BTreeMap<String, String>,
}

impl<'c, 'a> Drafter<'c, 'a> {
    pub(super) fn new(converter: &'c mut Converter<'a>, taken: Taken) -> Drafter<'c, 'a> {
        Drafter {
            converter,
            taken,
            paths: BTreeMap::new(),
            done: BTreeSet::new(),
            tags: BTreeMap::new(),
        }
    }

    pub(super) fn draft(&mut self, operation: &Operation) -> Result<Draft, Skip> {
        self.converter.notes.clear();
        self.converter.times.clear();
        self.can_be_made(operation)?;
        let raw = declared(self.converter, operation.item, operation.value);
        self.refuse_forms(&raw)?;

        let (path, mut parameters) = self.parameters(operation, &raw);
        let naming = Naming::new(&operation.method, &operation.path);
        let id = self.taken.choose_operation(&naming.ids);
        let tag = self.tag(operation);
        let title = id.to_upper_camel_case();

        let mut roots = Vec::new();
        let body = self.body(operation, &raw);
        if let Some(node) = body.as_ref().and_then(json_node) {
            roots.push(Root { node, part: Part::Body, names: vec![format!("{title}Body")] });
        }
        let (mut responses, answer) = self.responses(operation);
        let subject = if operation.method == "GET" { &naming.noun } else { &title };
        let list = answer.filter(|_| body.is_none()).and_then(|answer| {
            let one = &naming.one;
            List::find(self.converter, answer, one, &mut parameters, &raw)
        });
        if let Some(node) = answer {
            let part = if list.is_some() { Part::Page } else { Part::Answer };
            let page = list.is_some().then(|| format!("{}Page", naming.noun));
            let names = page.into_iter().chain([format!("{subject}Response")]).collect();
            roots.push(Root { node, part, names });
        }
        let mut no_filter: Vec<String> = Vec::new();
        if let Some(list) = &list {
            for parameter in parameters.iter_mut().filter(|it| it["in"] == "query") {
                list.add_filter(self.converter, parameter);
            }
            let paging = paging(&list.pagination);
            let names = parameters
                .iter()
                .filter(|it| it["in"] == "query" && it.get("x-filter").is_none())
                .filter_map(|it| text(it, "name").filter(|name| !paging.contains(name)));
            no_filter = names.map(str::to_owned).collect();
            if let Some(node) = node_of(&list.item()) {
                roots.push(Root { node, part: Part::Item, names: vec![naming.one.clone()] });
            }
        }
        roots.splice(0..0, parameter_roots(&parameters, &naming.one));
        self.add_errors(operation, &mut responses);
        let count = parameters.len();
        let parameters: Vec<Value> = parameters
            .into_iter()
            .map(|it| match self.converter.base.parameter(&self.converter.graph, &it, &tag) {
                Some(shared) => json!({ "$ref": shared }),
                None => it,
            })
            .collect();
        let deprecated = is_true(operation.value, "deprecated").then_some(true);
        let is_list = list.is_some();
        let value = object([
            ("operationId", json!(id)),
            ("tags", json!([tag])),
            ("summary", json!(TODO)),
            ("description", json!(TODO)),
            ("deprecated", json!(deprecated)),
            ("parameters", if count == 0 { Value::Null } else { json!(parameters) }),
            ("requestBody", body.unwrap_or_default()),
            ("responses", Value::Object(responses)),
            ("x-no-filter", if no_filter.is_empty() { Value::Null } else { json!(no_filter) }),
            ("x-pagination", list.map(|list| list.pagination).unwrap_or_default()),
        ]);
        if !self.converter.times.is_empty() {
            let times: Vec<&str> = self.converter.times.iter().map(String::as_str).collect();
            let note = format!("taken for times by their names: {}", times.join(", "));
            self.converter.note(note);
        }
        Ok(Draft {
            method: operation.method.clone(),
            path,
            id,
            tag,
            value,
            naming,
            roots,
            parameters: count,
            is_list,
            notes: std::mem::take(&mut self.converter.notes),
        })
    }

    fn can_be_made(&mut self, operation: &Operation) -> Result<(), Skip> {
        let path = &operation.path;
        let parts: Vec<&str> = path.split(['{', '}']).collect();
        let balanced = parts.len() % 2 == 1
            && without_names(path).matches("{}").count() == parts.len() / 2
            && parts.iter().skip(1).step_by(2).all(|name| !name.is_empty());
        if !balanced || path.contains(['?', '#', ' ']) {
            return Err(Skip("its path is no template".to_owned()));
        }
        let bare = without_names(path);
        let existing = self.converter.base.path(path);
        let method = operation.method.to_lowercase();
        if existing.is_some_and(|(_, item)| item.get(&method).is_some()) {
            return Err(Skip("it is in the spec".to_owned()));
        }
        if !self.done.insert((method, bare)) {
            return Err(Skip("its path differs from another one in names alone".to_owned()));
        }
        Ok(())
    }

    /// A form that needs a file, or any member, has nothing left without its body.
    fn refuse_forms(&mut self, raw: &[Value]) -> Result<(), Skip> {
        let form: Vec<&Value> = raw.iter().filter(|it| it["in"] == "formData").collect();
        let needed = form.iter().any(|it| it["type"] == "file" || is_true(it, "required"));
        let names: Vec<&str> = form.iter().filter_map(|it| text(it, "name")).collect();
        if needed {
            let names = names.join(", ");
            return Err(Skip(format!("it takes a form ({names}), which codegen does not know")));
        }
        if !names.is_empty() {
            self.converter.note(format!("the form is left out: {}", names.join(", ")));
        }
        Ok(())
    }

    fn tag(&mut self, operation: &Operation) -> String {
        let named = items(operation.value, "tags").iter().filter_map(Value::as_str);
        let mut named = named.filter(|it| !it.trim().is_empty());
        let name = match named.next() {
            Some(name) => tag(name),
            None => {
                let naming = Naming::new("GET", &operation.path);
                tag(naming.ids[0].strip_prefix("get").unwrap_or_default())
            }
        };
        match self.converter.base.tag(&name) {
            Some(existing) => existing.to_owned(),
            None => self.tags.entry(name.to_snake_case()).or_insert(name).clone(),
        }
    }

    fn body(&mut self, operation: &Operation, raw: &[Value]) -> Option<Value> {
        let mut bodies = raw.iter().filter(|it| it["in"] == "body");
        let body = bodies.next()?;
        if bodies.next().is_some() {
            self.converter.note("the bodies after the first are left out");
        }
        let media = self.converter.swagger.media(operation.value, "consumes");
        if !media.is_empty() && !media.iter().any(|it| is_json(it)) {
            let media = media.join(", ");
            self.converter.note(format!("the body is of type {media}, and is written as JSON"));
        }
        if matches!(operation.method.as_str(), "GET" | "HEAD") {
            self.converter.note(format!("a body of {} is unusual", operation.method));
        }
        let place = Place::new("body", "body", Side::Request);
        let any = json!({ "type": "object" });
        let schema = match body.get("schema") {
            Some(schema) => schema,
            None => {
                self.converter.note("the body has no schema, and may be any object");
                &any
            }
        };
        let schema = self.converter.component(schema, &place);
        Some(object([
            ("required", json!(is_true(body, "required").then_some(true))),
            ("content", json!({ "application/json": { "schema": schema } })),
        ]))
    }
}

/// The schemas that parameters name.
fn parameter_roots(parameters: &[Value], one: &str) -> Vec<Root> {
    let mut roots = Vec::new();
    for parameter in parameters {
        let name = text(parameter, "name").unwrap_or_default();
        let schema = &parameter["schema"];
        let schema = if schema["items"].is_object() { &schema["items"] } else { schema };
        if let Some(node) = node_of(schema) {
            let names = match name {
                "sortBy" => vec![format!("{one}SortColumn")],
                "sortOrder" => vec!["SortOrder".to_owned(), format!("{one}SortOrder")],
                name => super::naming::of_member(one, &super::base::member_name(name)),
            };
            roots.push(Root { node, part: Part::Parameter, names });
        }
    }
    roots
}

/// The node of a JSON body.
fn json_node(body: &Value) -> Option<Node> {
    node_of(&body["content"]["application/json"]["schema"])
}
