//! The path of an operation, and the parameters of path and query.

use std::collections::BTreeMap;

use heck::ToSnakeCase;
use serde_json::{Value, json};

use super::base::without_names;
use super::json::{items, text};
use super::names::ascii_words;
use super::operations::Drafter;
use super::swagger::Operation;

impl Drafter<'_, '_> {
    /// The path as the spec writes it, and the parameters of path and query.
    pub(super) fn parameters(
        &mut self,
        operation: &Operation,
        raw: &[Value],
    ) -> (String, Vec<Value>) {
        let template: Vec<&str> = operation.path.split(['{', '}']).skip(1).step_by(2).collect();
        let place = |it: &Value| match text(it, "in") {
            Some(place) => place.to_owned(),
            None if template.iter().any(|name| it["name"] == *name) => "path".to_owned(),
            None => "query".to_owned(),
        };
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        let mut query = Vec::new();
        for it in raw {
            let name = text(it, "name").unwrap_or_default();
            match place(it).as_str() {
                "query" => {
                    let field = name.to_snake_case();
                    if field.is_empty() || ["new", "self"].contains(&field.as_str()) {
                        let problem = "is left out, for it cannot name a field";
                        self.converter.note(format!("`{name}` {problem}"));
                    } else if let Some(other) = fields.get(&field) {
                        let problem = format!("is left out, for it collides with `{other}`");
                        self.converter.note(format!("`{name}` {problem}"));
                    } else {
                        fields.insert(field, name.to_owned());
                        query.push((name.to_owned(), it));
                    }
                }
                "path" if !template.contains(&name) => {
                    self.converter.note(format!("`{name}` is left out, for the path lacks it"));
                }
                "path" | "body" | "formData" => {}
                other => self.converter.note(format!("`{name}` is left out, for it is a {other}")),
            }
        }

        let (path, names, is_given) = self.path(operation, &template, &fields);
        let mut parameters = Vec::new();
        for (original, name) in template.iter().zip(&names) {
            let declared = raw.iter().find(|it| it["name"] == *original && place(it) == "path");
            if is_given.contains(name) {
                continue;
            }
            if declared.is_none() {
                self.converter.note(format!("`{name}` of the path is not declared, and is a text"));
            }
            let plain = json!({ "type": "string" });
            let raw = declared.unwrap_or(&plain);
            parameters.push(self.converter.parameter(raw, name, true));
        }
        query.sort_by_key(|(name, _)| name.to_lowercase());
        for (name, raw) in query {
            if is_given.contains(&name)
                || names.iter().any(|it| it.to_snake_case() == name.to_snake_case())
            {
                let problem = "is left out, for the path has one of that name";
                self.converter.note(format!("`{name}` {problem}"));
            } else {
                parameters.push(self.converter.parameter(raw, &name, false));
            }
        }
        (path, parameters)
    }

    /// The path with names that the spec or generated code takes, these names, and those that the
    /// spec declares for all operations of the path.
    fn path(
        &mut self,
        operation: &Operation,
        template: &[&str],
        query: &BTreeMap<String, String>,
    ) -> (String, Vec<String>, Vec<String>) {
        let bare = without_names(&operation.path);
        let existing = self.converter.base.path(&operation.path);
        let known = existing.map(|(path, _)| path.clone()).or(self.paths.get(&bare).cloned());
        let mut names: Vec<String> = Vec::new();
        if let Some(path) = &known {
            names.extend(path.split(['{', '}']).skip(1).step_by(2).map(str::to_owned));
        }
        for original in template.iter().skip(names.len()) {
            let is_plain = original.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
                && original.starts_with(|it: char| it.is_ascii_alphabetic());
            let words = ascii_words(original).to_snake_case();
            let name = if is_plain { (*original).to_owned() } else { words };
            let name = if name.starts_with(|it: char| it.is_ascii_alphabetic()) {
                name
            } else {
                format!("value{name}")
            };
            let is_free = |name: &String| {
                let field = name.to_snake_case();
                !["body", "query", "self"].contains(&field.as_str())
                    && !query.contains_key(&field)
                    && !names.iter().any(|it| it.to_snake_case() == field)
            };
            let others = (2..).map(|number| format!("path_{name}{number}"));
            let candidates = [name.clone(), format!("path_{name}")].into_iter().chain(others);
            names.push(candidates.into_iter().find(is_free).unwrap_or(name));
        }
        let mut path = String::new();
        for (index, part) in bare.split("{}").enumerate() {
            if 0 < index {
                path.push_str(&format!("{{{}}}", names[index - 1]));
            }
            path.push_str(part);
        }
        let path = known.unwrap_or(path);
        self.paths.insert(bare, path.clone());
        let base = self.converter.base;
        let shared = existing.map_or(&[][..], |(_, item)| items(item, "parameters"));
        let shared = shared.iter().filter_map(|it| text(base.resolve(it), "name"));
        (path, names, shared.map(str::to_owned).collect())
    }
}
