//! What the items of paged lists and bodies are made of, as data.

use anyhow::Result;
use heck::ToShoutySnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::{Map, Value};

use super::gate::Piece;
use super::layout::Module;
use super::{Source, docs};
use crate::model::{Object, PropertyType, Schema};

/// The schemas of one module.
pub(super) fn schemas(source: &Source, module: &Module) -> Result<Vec<Piece>> {
    let sent = source.api.sent();
    let listed = source.layout.listed.iter().filter(|(name, _)| module.types.contains(*name));
    let schemas = listed.filter_map(|(name, gate)| match &source.api.schemas[name] {
        Schema::Object(object) => {
            let schema = schema(source, module, name, object, sent.contains(name));
            Some(Piece::new(gate, &schema))
        }
        _ => None,
    });
    schemas.collect()
}

/// The path of the schema of an object, if it is written.
pub(super) fn path(source: &Source, name: &str) -> Option<TokenStream> {
    let (name, _) = source.layout.listed.get_key_value(name)?;
    let module = source.layout.modules.iter().find(|module| module.types.contains(name))?;
    let (module, name) = (format_ident!("{}", module.name), static_name(name));
    Some(quote!(crate::#module::schemas::#name))
}

/// What is required and allowed is written of bodies alone, for answers promise nothing.
fn schema(
    source: &Source,
    module: &Module,
    name: &str,
    object: &Object,
    sent: bool,
) -> TokenStream {
    let doc = docs::outer(&format!("`{name}`: {}", docs::escape(&object.description)));
    let fields = object.properties.iter().map(|property| {
        let (name, field_type) =
            (&property.name, field_type(source, Some(module), &property.property_type));
        let required = object.required.contains(name).then(|| quote!(.required()));
        let constrained = constrained(&property.outer, &property.schema);
        let rules = sent.then(|| quote!(#required #constrained));
        quote!(Field::new(#name, #field_type) #rules)
    });
    let ident = static_name(name);
    quote! {
        #doc
        pub(crate) static #ident: Schema = Schema::new(#name, &[#(#fields),*]);
    }
}

/// What the schema of a value, or of an array and its elements, allows, if it is not everything:
/// the call of a setter.
pub(super) fn constrained(
    outer: &Map<String, Value>,
    schema: &Map<String, Value>,
) -> Option<TokenStream> {
    let counts = [
        ("minItems", outer, "min_items"),
        ("maxItems", outer, "max_items"),
        ("minLength", schema, "min_length"),
        ("maxLength", schema, "max_length"),
        ("minimum", schema, "minimum"),
        ("maximum", schema, "maximum"),
    ]
    .into_iter()
    .filter_map(|(key, holder, setter)| {
        let number = proc_macro2::Literal::i64_unsuffixed(holder.get(key)?.as_i64()?);
        let setter = format_ident!("{setter}");
        Some(quote!(.#setter(#number)))
    });
    let pattern = schema.get("pattern").and_then(Value::as_str).map(|it| quote!(.pattern(#it)));
    let setters = quote!(#(#counts)* #pattern);
    (!setters.is_empty()).then(|| quote!(.constrained(Constraints::new() #setters)))
}

/// A type as data, for a file of `module` or one that is of none.
pub(super) fn field_type(
    source: &Source,
    module: Option<&Module>,
    property_type: &PropertyType,
) -> TokenStream {
    match property_type {
        PropertyType::String => quote!(FieldType::String),
        PropertyType::Integer => quote!(FieldType::Integer),
        PropertyType::Number => quote!(FieldType::Number),
        PropertyType::Boolean => quote!(FieldType::Boolean),
        PropertyType::DateTime => quote!(FieldType::DateTime),
        PropertyType::Enum(name) => {
            let values = match &source.api.schemas[name] {
                Schema::Enum(schema) => schema.variants.iter().map(|it| &it.value).collect(),
                _ => Vec::new(),
            };
            quote!(FieldType::Enum(&[#(#values),*]))
        }
        PropertyType::Object(name) if module.is_some_and(|it| it.types.contains(name)) => {
            let ident = static_name(name);
            quote!(FieldType::Object(&#ident))
        }
        PropertyType::Object(name) => {
            let path = path(source, name);
            quote!(FieldType::Object(&#path))
        }
        PropertyType::List(inner) => {
            let inner = field_type(source, module, inner);
            quote!(FieldType::List(&#inner))
        }
        PropertyType::Map(inner) => {
            let inner = field_type(source, module, inner);
            quote!(FieldType::Map(&#inner))
        }
        PropertyType::Any => quote!(FieldType::Any),
    }
}

/// Two names of types do not become the same one, for lint has them in upper camel case.
fn static_name(name: &str) -> Ident {
    format_ident!("{}", name.to_shouty_snake_case())
}
