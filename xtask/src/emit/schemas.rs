//! What the items of paged lists are made of, as data.

use anyhow::Result;
use heck::ToShoutySnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::gate::Piece;
use super::layout::Module;
use super::{Source, docs};
use crate::model::{Object, PropertyType, Schema};

/// The schemas of one module.
pub(super) fn schemas(source: &Source, module: &Module) -> Result<Vec<Piece>> {
    let listed = source.layout.listed.iter().filter(|(name, _)| module.types.contains(*name));
    let schemas = listed.filter_map(|(name, gate)| match &source.api.schemas[name] {
        Schema::Object(object) => Some(Piece::new(gate, &schema(source, module, name, object))),
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

fn schema(source: &Source, module: &Module, name: &str, object: &Object) -> TokenStream {
    let doc = docs::outer(&format!("`{name}`: {}", docs::escape(&object.description)));
    let fields = object.properties.iter().map(|property| {
        let (name, field_type) =
            (&property.name, field_type(source, module, &property.property_type));
        quote!(Field::new(#name, #field_type))
    });
    let ident = static_name(name);
    quote! {
        #doc
        pub(crate) static #ident: Schema = Schema::new(#name, &[#(#fields),*]);
    }
}

fn field_type(source: &Source, module: &Module, property_type: &PropertyType) -> TokenStream {
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
        PropertyType::Object(name) if module.types.contains(name) => {
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
