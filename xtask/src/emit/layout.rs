//! Which module each type stands in: that of the one tag that uses it, or the common one.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::gate::Gate;
use super::{Part, Source, docs};
use crate::lower::reachable;
use crate::model::{Api, Operation, PropertyType, Schema};

/// The modules of the crate.
#[derive(Debug)]
pub struct Layout {
    /// One module for each tag with operations, and `common` if tags share types.
    pub modules: Vec<Module>,
    /// Types that are in an answer: they are read leniently.
    pub answered: BTreeSet<String>,
    /// Objects that the items of paged lists and bodies are made of: they are written as data, too.
    /// With the features whose they are.
    pub listed: BTreeMap<String, Gate>,
    /// The features that each type is for.
    gates: BTreeMap<String, Gate>,
}

/// A module of the crate.
#[derive(Debug)]
pub struct Module {
    /// The module's name.
    pub name: String,
    /// The tag whose operations stand in it.
    pub tag: Option<String>,
    /// The feature of the tag, or those of all tags that share it. A crate with one tag has none.
    pub gate: Gate,
    /// The types that are defined in it.
    pub types: BTreeSet<String>,
    /// The types of the common module that it uses.
    pub shared: BTreeSet<String>,
}

impl Layout {
    /// Lays out the types that operations use. What only the envelope of a page uses, or an
    /// error body, is not among them: the runtime reads those.
    pub fn new(api: &Api, document: &Value) -> Layout {
        let is_type = |name: &String| !matches!(api.schemas.get(name), None | Some(Schema::Inline));
        let mut used: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut answered = BTreeSet::new();
        for operation in &api.operations {
            let answer = operation.item.iter().chain(&operation.response).take(1);
            let answer = reachable(document, &answer.cloned().collect());
            let mut types = reachable(document, &named(operation));
            types.extend(answer.iter().cloned());
            answered.extend(answer);
            used.entry(&operation.tag).or_default().extend(types.into_iter().filter(is_type));
        }
        let mut users: BTreeMap<&String, BTreeSet<&str>> = BTreeMap::new();
        for (tag, types) in &used {
            for name in types {
                users.entry(name).or_default().insert(tag);
            }
        }
        let features = Features { needed: 1 < used.len() };
        let gates = users.iter().map(|(name, tags)| ((*name).clone(), features.of(tags)));
        let gates: BTreeMap<String, Gate> = gates.collect();
        let shared = users.iter().filter(|(_, tags)| 1 < tags.len());
        let common: BTreeSet<String> = shared.map(|(name, _)| (*name).clone()).collect();
        let mut modules = Vec::new();
        for tag in api.tags.iter().filter(|tag| used.contains_key(tag.name.as_str())) {
            let types = &used[tag.name.as_str()];
            modules.push(Module {
                name: tag.name.to_snake_case(),
                tag: Some(tag.name.clone()),
                gate: features.of([&*tag.name]),
                types: types.difference(&common).cloned().collect(),
                shared: types.intersection(&common).cloned().collect(),
            });
        }
        if !common.is_empty() {
            let gate = Gate::around(common.iter().map(|name| &gates[name]));
            let (name, shared) = ("common".to_owned(), BTreeSet::new());
            modules.push(Module { name, tag: None, gate, types: common, shared });
        }
        Layout { modules, answered, listed: listed(api, features), gates }
    }

    /// The features that a type is for.
    pub(super) fn gate(&self, name: &str) -> Gate {
        self.gates.get(name).cloned().unwrap_or_default()
    }

    /// The modules that are features of the crate.
    pub(super) fn features(&self) -> impl Iterator<Item = &Module> {
        self.modules.iter().filter(|module| module.tag.is_some() && module.gate != Gate::open())
    }
}

/// The features of the crate: one for each tag, if there are several.
#[derive(Clone, Copy)]
struct Features {
    needed: bool,
}

impl Features {
    fn of<'t>(self, tags: impl IntoIterator<Item = impl AsRef<str> + 't>) -> Gate {
        if self.needed {
            Gate::any(tags.into_iter().map(|tag| tag.as_ref().to_snake_case()))
        } else {
            Gate::open()
        }
    }
}

fn listed(api: &Api, features: Features) -> BTreeMap<String, Gate> {
    let mut listed: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for operation in &api.operations {
        let body = operation.body_type.as_ref().and_then(PropertyType::object);
        let mut pending: Vec<&String> = operation.item.iter().chain(body).collect();
        while let Some(name) = pending.pop() {
            if let Some(Schema::Object(object)) = api.schemas.get(name)
                && listed.entry(name.clone()).or_default().insert(&operation.tag)
            {
                let properties = object.properties.iter();
                pending.extend(properties.filter_map(|it| it.property_type.object()));
            }
        }
    }
    listed.into_iter().map(|(name, tags)| (name, features.of(tags))).collect()
}

/// The schemas that the request of an operation names.
fn named(operation: &Operation) -> BTreeSet<String> {
    let enums = operation.parameters.iter().filter_map(|parameter| parameter.enum_name.clone());
    enums.chain(operation.body.clone()).collect()
}

/// The `mod.rs` of a module with these files.
pub(super) fn module(source: &Source, module: &Module, parts: &[Part]) -> TokenStream {
    let doc = docs::inner(&documentation(source, module));
    // The attribute of a tag's module stands where the module is declared. That of the common one
    // may be long, and rustfmt has a say there.
    let condition = module.gate.condition().filter(|_| module.tag.is_none());
    let condition = condition.map(|condition| quote!(#![cfg(#condition)]));
    let modules = parts.iter().map(|part| {
        let gate = part.gate().behind(&module.gate).attribute();
        let visible = ["schemas", "table"].contains(&part.name).then(|| quote!(pub(crate)));
        let name = format_ident!("{}", part.name);
        quote!(#gate #visible mod #name;)
    });
    let exported = parts.iter().filter(|part| ["enums", "queries", "types"].contains(&part.name));
    let exported = exported.map(|part| {
        let gate = part.gate().behind(&module.gate).attribute();
        let name = format_ident!("{}", part.name);
        quote!(#gate pub use self::#name::*;)
    });
    let shared = if module.shared.is_empty() {
        quote!()
    } else {
        let shared = module.shared.iter().map(|name| format_ident!("{name}"));
        quote!(pub use crate::common::{#(#shared),*};)
    };
    quote! {
        #doc
        #condition
        #(#modules)*
        #shared
        #(#exported)*
    }
}

fn documentation(source: &Source, module: &Module) -> String {
    let tag = source.api.tags.iter().find(|tag| Some(&tag.name) == module.tag.as_ref());
    match (tag, module.gate == Gate::open()) {
        (Some(tag), true) => tag.description.clone(),
        (Some(tag), false) => {
            let name = &module.name;
            format!("{}\n\nNeeds the feature `{name}`, which is on by default.", tag.description)
        }
        (None, _) => "Types that operations of several tags share.\n\n\
                      Each needs the feature of one of these tags."
            .to_owned(),
    }
}
