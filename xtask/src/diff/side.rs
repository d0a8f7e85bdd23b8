//! One of the two specs, with what the generator makes of it.

use std::collections::BTreeSet;

use anyhow::Result;
use quote::ToTokens;
use serde_json::{Map, Value};

use super::parameters::path_index;
use crate::emit::{Layout, wire_name_of};
use crate::generate::{Generated, generate};
use crate::lint::items;
use crate::load::Document;
use crate::lower::{lower, reachable};
use crate::model::{Api, METHODS, Operation, Schema};

pub(super) struct Side<'a> {
    pub(super) value: &'a Value,
    pub(super) api: Api,
    layout: Layout,
    generated: Generated,
    requested: BTreeSet<String>,
    answered: BTreeSet<String>,
}

/// Which way a value goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Role {
    pub(super) requested: bool,
    pub(super) answered: bool,
}

/// A `$ref` that was followed through the components.
pub(super) struct Followed<'a> {
    /// The component that was named first, if one was.
    pub(super) reference: Option<&'a str>,
    /// The schema that becomes a type of its own, if one was reached.
    pub(super) type_name: Option<&'a str>,
    /// What is written beside the `$ref`, or all if there is none.
    pub(super) own: Map<String, Value>,
    /// That with what it names, unless that is a type.
    pub(super) full: Map<String, Value>,
}

impl<'a> Side<'a> {
    pub(super) fn read(document: &'a Document) -> Result<Side<'a>> {
        let value = &document.value;
        let api = Api::read(value)?;
        let layout = Layout::new(&api, value);
        let is_enum = |(_, schema): &(&String, &Schema)| matches!(schema, Schema::Enum(_));
        let enums: Vec<String> =
            api.schemas.iter().filter(is_enum).map(|(name, _)| name.clone()).collect();
        let generated = generate(&lower(value), &enums)?;
        let (mut requested, mut answered) = (BTreeSet::new(), BTreeSet::new());
        for item in super::members(value.get("paths")).values() {
            collect_schemas(value, &item["parameters"], &mut requested);
            for method in METHODS {
                collect_schemas(value, &item[method]["parameters"], &mut requested);
                collect_schemas(value, &item[method]["requestBody"], &mut requested);
                collect_schemas(value, &item[method]["responses"], &mut answered);
            }
        }
        let (requested, answered) = (reachable(value, &requested), reachable(value, &answered));
        Ok(Side { value, api, layout, generated, requested, answered })
    }

    pub(super) fn role(&self, schema: &str) -> Role {
        let has = |names: &BTreeSet<String>| names.contains(schema);
        Role { requested: has(&self.requested), answered: has(&self.answered) }
    }

    /// A schema as it is written.
    pub(super) fn component(&self, schema: &str) -> &'a Value {
        &self.value["components"]["schemas"][schema]
    }

    /// The operation as it is written, and its path.
    pub(super) fn raw(&self, operation: &Operation) -> (&'a Value, &'a Value) {
        let path = &self.value["paths"][&operation.path];
        (&path[operation.method.to_lowercase()], path)
    }

    /// The parameters of an operation with those of its path.
    pub(super) fn parameters(&self, operation: &Operation) -> Vec<(Option<&'a str>, &'a Value)> {
        let (raw, path) = self.raw(operation);
        let all = items(path, "parameters").iter().chain(items(raw, "parameters"));
        all.map(|it| (it["$ref"].as_str(), self.resolve(it))).collect()
    }

    /// What a `$ref` names.
    pub(super) fn resolve(&self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..32 {
            match value["$ref"].as_str().and_then(|it| self.value.pointer(it.strip_prefix('#')?)) {
                Some(target) => value = target,
                None => break,
            }
        }
        value
    }

    /// Follows a schema to the type that it names, or to what it is.
    pub(super) fn follow(&self, schema: &'a Value) -> Followed<'a> {
        let mut followed = Followed {
            reference: None,
            type_name: None,
            own: Map::new(),
            full: super::members(Some(schema)).clone(),
        };
        let mut schema = schema;
        for depth in 0..32 {
            let wrapped = match items(schema, "allOf") {
                [only] => only["$ref"].as_str(),
                _ => None,
            };
            let Some(reference) = schema["$ref"].as_str().or(wrapped) else { break };
            let mut beside = super::members(Some(schema)).clone();
            beside.retain(|key, _| key != "$ref" && key != "allOf");
            if depth == 0 {
                followed.reference = Some(reference);
                followed.own = beside.clone();
                followed.full = beside;
            }
            let Some(target) = reference.strip_prefix('#').and_then(|it| self.value.pointer(it))
            else {
                break;
            };
            let name = reference.strip_prefix("#/components/schemas/").unwrap_or(reference);
            if !matches!(self.api.schemas.get(name), None | Some(Schema::Inline)) {
                followed.type_name = Some(name);
                break;
            }
            for (key, member) in super::members(Some(target)) {
                if key != "$ref" && key != "allOf" {
                    followed.full.entry(key.clone()).or_insert_with(|| member.clone());
                }
            }
            schema = target;
        }
        if followed.reference.is_none() {
            followed.own = followed.full.clone();
        }
        followed
    }

    /// The paths in the crate by which a program can name a type, without the crate's name.
    pub(super) fn rust_paths(&self, name: &str) -> BTreeSet<String> {
        let modules = self.layout.modules.iter();
        let holders = modules.filter(|it| it.types.contains(name) || it.shared.contains(name));
        holders.map(|module| format!("{}::{name}", module.name)).collect()
    }

    /// Whether a type is read leniently from answers; otherwise it is made with `new`.
    pub(super) fn is_read(&self, name: &str) -> bool {
        self.layout.answered.contains(name)
    }

    /// The type of a struct's field in Rust.
    pub(super) fn field_type(&self, schema: &str, property: &str) -> Option<String> {
        let syn::Item::Struct(item) = self.generated.types.get(schema)? else { return None };
        let field = item.fields.iter().find(|field| wire_name_of(field) == property)?;
        Some(rust(&field.ty))
    }

    /// What a variant of a union holds in Rust.
    pub(super) fn variant_type(&self, schema: &str, title: &str) -> Option<String> {
        let syn::Item::Enum(item) = self.generated.types.get(schema)? else { return None };
        let variant = item.variants.iter().find(|variant| variant.ident == title)?;
        Some(rust(&variant.fields))
    }

    /// The type of a parameter in Rust.
    pub(super) fn parameter_type(&self, operation: &Operation, name: &str) -> Option<String> {
        let method = self.generated.methods.get(&operation.method_name())?;
        let ty = match path_index(&operation.path, name) {
            Some(index) => method.path.get(index).map(|(_, ty)| ty),
            None => method.query.get(name).map(|(_, ty)| ty),
        };
        ty.map(rust)
    }

    /// What the method of an operation takes, and what it gives.
    pub(super) fn signature(&self, operation: &Operation) -> (Vec<String>, String) {
        let Some(method) = self.generated.methods.get(&operation.method_name()) else {
            return (Vec::new(), String::new());
        };
        let mut arguments: Vec<String> = method.path.iter().map(|(_, ty)| rust(ty)).collect();
        arguments.extend(method.body.iter().map(rust));
        arguments.extend(operation.query().next().map(|_| "query".to_owned()));
        let answer = match &operation.item {
            Some(item) => format!("Page<{item}>"),
            None if operation.download.is_some() => "Download".to_owned(),
            None => format!("Response<{}>", rust(&method.response)),
        };
        (arguments, answer)
    }
}

/// Adds the schemas that `value` names, also through components of other sorts.
fn collect_schemas(document: &Value, value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                let schema = reference.strip_prefix("#/components/schemas/");
                if names.insert(schema.unwrap_or(reference).to_owned())
                    && schema.is_none()
                    && let Some(at) = reference.strip_prefix('#')
                    && let Some(target) = document.pointer(at)
                {
                    collect_schemas(document, target, names);
                }
            }
            object.values().for_each(|member| collect_schemas(document, member, names));
        }
        Value::Array(items) => items.iter().for_each(|it| collect_schemas(document, it, names)),
        _ => {}
    }
}

fn rust(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(' ', "").replace(',', ", ")
}
