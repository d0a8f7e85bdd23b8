//! Which module each type stands in: that of the one tag that uses it, or the common one.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::{Source, docs};
use crate::lower::reachable;
use crate::model::{Api, Operation, PropertyType, Schema};

/// The modules of the crate.
#[derive(Debug)]
pub struct Layout {
    /// One module for each tag with operations, and `common` if tags share types.
    pub modules: Vec<Module>,
    /// Types that are in an answer: they are read leniently.
    pub answered: BTreeSet<String>,
    /// Objects that the items of paged lists are made of: they are written as data, too.
    pub listed: BTreeSet<String>,
}

/// A module of the crate.
#[derive(Debug)]
pub struct Module {
    /// The module's name.
    pub name: String,
    /// The tag whose operations stand in it.
    pub tag: Option<String>,
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
        let count = |name: &String| used.values().filter(|types| types.contains(name)).count();
        let (common, mut modules) = (
            BTreeSet::from_iter(used.values().flatten().filter(|name| 1 < count(name)).cloned()),
            Vec::new(),
        );
        for tag in api.tags.iter().filter(|tag| used.contains_key(tag.name.as_str())) {
            let types = &used[tag.name.as_str()];
            modules.push(Module {
                name: tag.name.to_snake_case(),
                tag: Some(tag.name.clone()),
                types: types.difference(&common).cloned().collect(),
                shared: types.intersection(&common).cloned().collect(),
            });
        }
        if !common.is_empty() {
            let (name, shared) = ("common".to_owned(), BTreeSet::new());
            modules.push(Module { name, tag: None, types: common, shared });
        }
        Layout { modules, answered, listed: listed(api) }
    }
}

fn listed(api: &Api) -> BTreeSet<String> {
    let mut listed = BTreeSet::new();
    let mut pending: Vec<&String> =
        api.operations.iter().filter_map(|it| it.item.as_ref()).collect();
    while let Some(name) = pending.pop() {
        if let Some(Schema::Object(object)) = api.schemas.get(name)
            && listed.insert(name.clone())
        {
            pending.extend(object.properties.iter().filter_map(|it| object_of(&it.property_type)));
        }
    }
    listed
}

/// The object that a property is, or that its elements or values are.
fn object_of(property_type: &PropertyType) -> Option<&String> {
    match property_type {
        PropertyType::Object(name) => Some(name),
        PropertyType::List(inner) | PropertyType::Map(inner) => object_of(inner),
        _ => None,
    }
}

/// The schemas that the request of an operation names.
fn named(operation: &Operation) -> BTreeSet<String> {
    let enums = operation.parameters.iter().filter_map(|parameter| parameter.enum_name.clone());
    enums.chain(operation.body.clone()).collect()
}

/// The `mod.rs` of a module.
pub(super) fn module(source: &Source, module: &Module) -> TokenStream {
    let operations = source.operations(module);
    let description =
        match source.api.tags.iter().find(|tag| Some(&tag.name) == module.tag.as_ref()) {
            Some(tag) => tag.description.clone(),
            None => "Types that operations of several tags share.".to_owned(),
        };
    let doc = docs::inner(&description);
    let has_types = module.types.len() != source.enums(module).len();
    let has_wire = module.types.iter().any(|name| {
        source.layout.answered.contains(name)
            && matches!(source.api.schemas[name], Schema::Object(_))
    });
    let has_queries = operations.iter().any(|operation| operation.query().next().is_some());
    let has_schemas = !module.types.is_disjoint(&source.layout.listed);
    let files = [
        ("enums", !source.enums(module).is_empty(), true),
        ("operations", !operations.is_empty(), false),
        ("queries", has_queries, true),
        ("schemas", has_schemas, false),
        ("table", !operations.is_empty(), false),
        ("types", has_types, true),
        ("wire", has_wire, false),
    ];
    let present = || files.iter().filter(|(_, present, _)| *present);
    let modules = present().map(|(name, ..)| {
        let visible = ["schemas", "table"].contains(name).then(|| quote!(pub(crate)));
        let name = format_ident!("{name}");
        quote!(#visible mod #name;)
    });
    let exported =
        present().filter(|(.., exported)| *exported).map(|(name, ..)| format_ident!("{name}"));
    let shared = if module.shared.is_empty() {
        quote!()
    } else {
        let shared = module.shared.iter().map(|name| format_ident!("{name}"));
        quote!(pub use crate::common::{#(#shared),*};)
    };
    quote! {
        #doc
        #(#modules)*
        #shared
        #(pub use self::#exported::*;)*
    }
}
