//! Structs of objects and enums of unions, with the shapes that progenitor gave them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};

use super::gate::Piece;
use super::layout::Module;
use super::{Source, docs};
use crate::generate::generic;
use crate::model::{Object, Schema, Union};

pub(super) fn types(source: &Source, module: &Module) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    for name in &module.types {
        let tokens = match &source.api.schemas[name] {
            Schema::Object(object) if source.layout.answered.contains(name) => {
                answer(source, name, object)?
            }
            Schema::Object(object) => request(source, name, object)?,
            Schema::Union(union) => one_of(source, name, union)?,
            Schema::Enum(_) | Schema::Inline => continue,
        };
        pieces.push(Piece::new(&source.layout.gate(name), &tokens)?);
    }
    Ok(pieces)
}

/// A field of a struct.
pub(super) struct Field {
    /// The property's name on the wire.
    pub(super) wire_name: String,
    /// The field, with progenitor's attributes.
    pub(super) field: syn::Field,
    /// The property's description.
    description: String,
    /// What a body may have as its value, in words.
    rules: Vec<String>,
}

impl Field {
    pub(super) fn ident(&self) -> &syn::Ident {
        self.field.ident.as_ref().expect("progenitor's structs have named fields")
    }

    /// Whether the field is an optional date-time.
    pub(super) fn is_date_time(&self) -> bool {
        generic(&self.field.ty, "Option").is_some_and(|ty| generic(&ty, "DateTime").is_some())
    }

    fn doc(&self, rules: &[String]) -> TokenStream {
        let mut notes = String::new();
        if self.ident() != &self.wire_name {
            notes.push_str(&format!("On the wire: `{}`.", self.wire_name));
        }
        notes.push_str(&docs::takes(rules));
        docs::outer(&format!("{}\n\n{}", docs::escape(&self.description), notes.trim_start()))
    }
}

/// The fields of an object in the spec's order, each with the field that progenitor made of it.
pub(super) fn fields(source: &Source, name: &str, object: &Object) -> Result<Vec<Field>> {
    let Some(syn::Item::Struct(item)) = source.generated.types.get(name) else {
        bail!("progenitor made no struct of the schema {name}");
    };
    let made: BTreeMap<String, &syn::Field> =
        item.fields.iter().map(|field| (wire_name_of(field), field)).collect();
    let find = |wire_name: &String| {
        let found = made.get(wire_name).map(|field| (*field).clone());
        found.with_context(|| format!("progenitor made no field of {name}.{wire_name}"))
    };
    let fields = object.properties.iter().map(|property| {
        let (wire_name, description) = (property.name.clone(), property.description.clone());
        let mut rules =
            Vec::from_iter(docs::range(&property.outer, "minItems", "maxItems", " items"));
        rules.extend(docs::rules(&property.schema));
        Ok(Field { field: find(&wire_name)?, wire_name, description, rules })
    });
    fields.collect()
}

/// An object in an answer: all members optional, unknown ones kept.
fn answer(source: &Source, name: &str, object: &Object) -> Result<TokenStream> {
    let doc = docs::outer(&docs::escape(&object.description));
    let ident = format_ident!("{name}");
    let fields = fields(source, name, object)?;
    for field in &fields {
        if generic(&field.field.ty, "Option").is_none() {
            bail!("progenitor made {name}.{} a type without null", field.wire_name);
        }
    }
    let fields = fields.iter().map(|field| {
        let (doc, ident, ty) = (field.doc(&[]), field.ident(), &field.field.ty);
        quote!(#doc pub #ident: #ty,)
    });
    Ok(quote! {
        #doc
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct #ident {
            #(#fields)*
            /// Members that the spec does not declare.
            pub unknown_members: UnknownMembers,
        }
    })
}

/// An object in the body of a request: made with what is required, completed with setters.
fn request(source: &Source, name: &str, object: &Object) -> Result<TokenStream> {
    let doc = docs::outer(&docs::escape(&object.description));
    let ident = format_ident!("{name}");
    let fields = fields(source, name, object)?;
    let (required, optional): (Vec<_>, Vec<_>) =
        fields.iter().partition(|field| object.required.contains(&field.wire_name));
    let definitions = fields.iter().map(|field| {
        let (doc, ident, ty) = (field.doc(&field.rules), field.ident(), &field.field.ty);
        let serde = field.field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde"));
        quote!(#doc #(#serde)* pub #ident: #ty,)
    });
    let arguments = required.iter().map(|field| {
        let (ident, ty) = (field.ident(), &field.field.ty);
        quote!(#ident: impl Into<#ty>)
    });
    let required_idents: Vec<_> = required.iter().map(|field| field.ident()).collect();
    let optional_idents = optional.iter().map(|field| field.ident());
    let setters = optional.iter().map(|field| setter(field));
    let is_body = source.api.operations.iter().any(|it| it.body.as_deref() == Some(name));
    let what = if is_body { "A body" } else { "A part of a body" };
    let new_doc = match required.len() {
        0 => format!("{what} in which nothing is set."),
        _ => format!("{what} with what the spec requires."),
    };
    let filter =
        source.api.required_filter(name).map(|filter| everything(filter, &fields, &required));
    let Everything { flag, unset, new_doc: filter_doc, methods } = filter.unwrap_or_default();
    let new_doc = docs::outer(&format!("{new_doc}{filter_doc}"));
    let default = required.is_empty().then(|| quote!(Default,));
    Ok(quote! {
        #doc
        #[derive(Clone, Debug, #default PartialEq, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        pub struct #ident {
            #(#definitions)*
            #flag
        }

        impl #ident {
            #new_doc
            pub fn new(#(#arguments),*) -> Self {
                Self {
                    #(#required_idents: #required_idents.into(),)*
                    #(#optional_idents: None,)*
                    #unset
                }
            }

            #methods
            #(#setters)*
        }
    })
}

/// What a body has that must not be sent without a filter by accident.
#[derive(Default)]
struct Everything {
    flag: TokenStream,
    unset: TokenStream,
    new_doc: &'static str,
    methods: TokenStream,
}

fn everything(filter: &str, fields: &[Field], required: &[&Field]) -> Everything {
    let others: Vec<_> = required.iter().filter(|field| field.wire_name != filter).collect();
    let arguments = others.iter().map(|field| {
        let (ident, ty) = (field.ident(), &field.field.ty);
        quote!(#ident: impl Into<#ty>)
    });
    let values = fields.iter().map(|field| {
        let ident = field.ident();
        if field.wire_name == filter {
            quote!(#ident: Default::default())
        } else if required.iter().any(|it| it.wire_name == field.wire_name) {
            quote!(#ident: #ident.into())
        } else {
            quote!(#ident: None)
        }
    });
    let doc = docs::outer(&format!(
        "A body whose `{filter}` selects everything.\n\n\
         **The request is then for everything in its scope, which may be all that the token can \
         reach.** There is no other way to send a `{filter}` in which nothing is set."
    ));
    Everything {
        flag: quote!(#[serde(skip)] for_everything: bool,),
        unset: quote!(for_everything: false,),
        new_doc: " It is refused before anything is sent if nothing is set in its filter; for \
                  everything, there is [`for_everything`](Self::for_everything).",
        methods: quote! {
            #doc
            pub fn for_everything(#(#arguments),*) -> Self {
                Self { #(#values,)* for_everything: true }
            }

            /// Whether it was made by [`for_everything`](Self::for_everything).
            pub fn is_for_everything(&self) -> bool {
                self.for_everything
            }
        },
    }
}

fn setter(field: &Field) -> TokenStream {
    let doc = docs::outer(&docs::escape(docs::first_sentence(&field.description)));
    let ident = field.ident();
    let value = generic(&field.field.ty, "Option").unwrap_or_else(|| field.field.ty.clone());
    let (parameter, value) = argument(&value);
    quote! {
        #doc
        #[must_use]
        pub fn #ident(mut self, #ident: #parameter) -> Self {
            self.#ident = Some(#ident #value);
            self
        }
    }
}

/// How a setter takes a value: the type of its argument, and the calls that make the value of it.
pub(super) fn argument(ty: &syn::Type) -> (TokenStream, TokenStream) {
    if let Some(item) = generic(ty, "Vec") {
        let parameter = quote!(impl IntoIterator<Item = impl Into<#item>>);
        return (parameter, quote!(.into_iter().map(Into::into).collect()));
    }
    let plain = matches!(ty, syn::Type::Path(path)
        if ["bool", "i32", "i64", "f64"].iter().any(|name| path.path.is_ident(name)));
    if plain { (quote!(#ty), quote!()) } else { (quote!(impl Into<#ty>), quote!(.into())) }
}

/// One of several types.
fn one_of(source: &Source, name: &str, union: &Union) -> Result<TokenStream> {
    let Some(syn::Item::Enum(item)) = source.generated.types.get(name) else {
        bail!("progenitor made no enum of the schema {name}");
    };
    let doc = docs::outer(&docs::escape(&union.description));
    let ident = &item.ident;
    let mut variants = Vec::new();
    for (title, description) in &union.variants {
        let variant = item.variants.iter().find(|variant| variant.ident == title);
        let variant =
            variant.with_context(|| format!("progenitor made no variant of {name}.{title}"))?;
        let (ident, fields) = (&variant.ident, &variant.fields);
        let doc = docs::outer(&docs::escape(description));
        variants.push(quote!(#doc #ident #fields));
    }
    Ok(quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum #ident {
            #(#variants,)*
        }
    })
}

/// The property that a field was made of: its serde name, or its own.
pub(crate) fn wire_name_of(field: &syn::Field) -> String {
    let mut name = field.ident.as_ref().map(|ident| ident.to_string()).unwrap_or_default();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // Other keys are skipped with their values, so that parsing goes on.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                name = meta.value()?.parse::<syn::LitStr>()?.value();
            } else if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?.into_token_stream();
            }
            Ok(())
        });
    }
    name
}
