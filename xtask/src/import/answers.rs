//! What an operation answers with: one success, and errors.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::TODO;
use super::graph::{Node, Side, node_of};
use super::json::{members, object, text};
use super::operations::Drafter;
use super::schemas::Place;
use super::swagger::Operation;

impl Drafter<'_, '_> {
    /// The one success, and the node of its JSON answer.
    pub(super) fn responses(
        &mut self,
        operation: &Operation,
    ) -> (Map<String, Value>, Option<Node>) {
        let all: Vec<(&String, &Value)> = members(&operation.value["responses"]).collect();
        let mut successes: Vec<(&str, &Value)> = all
            .iter()
            .filter(|(status, _)| status.starts_with('2') && status.len() == 3)
            .map(|(status, it)| (status.as_str(), *it))
            .collect();
        successes.sort_by_key(|(status, it)| {
            let it = self.converter.swagger.target(text(it, "$ref").unwrap_or_default());
            let it = it.map_or(Value::Null, |(_, it)| it.clone());
            (*status != "200", it.get("schema").is_none(), (*status).to_owned())
        });
        let (status, response) = match successes.as_slice() {
            [] => match all.iter().find(|(status, _)| *status == "default") {
                Some((_, response)) => {
                    self.converter.note("no answer is a success; `default` is taken for one");
                    ("200", *response)
                }
                None => {
                    self.converter.note("no answer is a success; an empty one is assumed");
                    ("200", &Value::Null)
                }
            },
            [only] => *only,
            [first, others @ ..] => {
                let others: Vec<&str> = others.iter().map(|(status, _)| *status).collect();
                let note = format!("other successes are left out: {}", others.join(", "));
                self.converter.note(note);
                *first
            }
        };
        let response = self.converter.target(response);
        let (content, node) = self.content(operation, status, &response);
        let headers: Map<String, Value> = self
            .converter
            .base
            .headers
            .iter()
            .map(|(name, header)| ((*name).to_owned(), json!({ "$ref": header })))
            .collect();
        let headers = if headers.is_empty() { Value::Null } else { Value::Object(headers) };
        let status = if status.bytes().all(|it| it.is_ascii_digit()) { status } else { "200" };
        let response = object([
            ("description", json!(TODO)),
            ("headers", headers),
            ("content", content.unwrap_or_default()),
        ]);
        (Map::from_iter([(status.to_owned(), response)]), node)
    }

    fn content(
        &mut self,
        operation: &Operation,
        status: &str,
        response: &Value,
    ) -> (Option<Value>, Option<Node>) {
        let media = self.converter.swagger.media(operation.value, "produces");
        let (json, other): (Vec<&str>, Vec<&str>) =
            media.iter().map(String::as_str).partition(|it| is_json(it));
        let schema = response.get("schema").filter(|it| !it.is_null());
        let is_file = schema.is_some_and(|it| it["type"] == "file" || it["format"] == "binary");
        let is_json = !is_file && (!json.is_empty() || other.is_empty());
        if matches!(status, "204" | "205") {
            return (None, None);
        }
        if !is_json {
            let media = other.first().copied().unwrap_or("application/octet-stream");
            self.converter.note(format!("answers with {media}"));
            let format = (!media.starts_with("text/")).then_some("binary");
            let schema = object([("type", json!("string")), ("format", json!(format))]);
            return (Some(json!({ media: { "schema": schema } })), None);
        }
        if !other.is_empty() {
            let other = other.join(", ");
            self.converter.note(format!("answers with {other} too, which is left out"));
        }
        let Some(schema) = schema else {
            self.converter.note("the answer has no schema, and is taken for empty");
            return (None, None);
        };
        let place = Place::new("answer", "answer", Side::Answer);
        let schema = self.converter.component(schema, &place);
        let node = node_of(&schema);
        (Some(json!({ "application/json": { "schema": schema } })), node)
    }

    /// The errors of the document, and those that most operations of the spec have.
    pub(super) fn add_errors(&mut self, operation: &Operation, responses: &mut Map<String, Value>) {
        let shared = &self.converter.base.responses;
        let mut errors: BTreeMap<String, Value> = BTreeMap::new();
        for (status, (reference, most)) in shared {
            if *most && !status.starts_with('2') {
                errors.insert((*status).to_owned(), json!({ "$ref": reference }));
            }
        }
        for (status, _) in members(&operation.value["responses"]) {
            let is_error = status.len() == 3
                && status.starts_with(['3', '4', '5'])
                && status.bytes().all(|it| it.is_ascii_digit());
            let class = format!("{}XX", status.chars().next().unwrap_or_default());
            if is_error && !errors.contains_key(&class) && !errors.contains_key(status) {
                let known = shared.get(status.as_str()).or(shared.get(class.as_str()));
                let error = match known {
                    Some((reference, _)) => json!({ "$ref": reference }),
                    None => json!({ "description": TODO }),
                };
                errors.insert(status.clone(), error);
            }
        }
        responses.extend(errors);
    }
}

/// Whether a type is one of JSON. A list of JSON by lines is none.
pub(super) fn is_json(media: &str) -> bool {
    matches!(media, "json" | "application/json" | "text/json") || media.ends_with("+json")
}
