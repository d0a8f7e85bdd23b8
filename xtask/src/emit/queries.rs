//! Query structs: one for each operation with query parameters.

use anyhow::{Context, Result};
use heck::ToKebabCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::types::argument;
use super::{Source, docs};
use crate::model::{Operation, Parameter};

pub(super) fn queries(source: &Source, operations: &[&Operation]) -> Result<TokenStream> {
    let mut structs = Vec::new();
    for operation in operations.iter().filter(|operation| operation.query().next().is_some()) {
        structs.push(query(source, operation)?);
    }
    Ok(quote!(#(#structs)*))
}

fn query(source: &Source, operation: &Operation) -> Result<TokenStream> {
    let method = &source.generated.methods[&operation.method_name()];
    let mut fields = Vec::new();
    let mut setters = Vec::new();
    let mut writes = Vec::new();
    for parameter in operation.query() {
        let wire_name = &parameter.name;
        let (ident, ty) = method.query.get(wire_name).with_context(|| {
            format!("progenitor made no argument of the parameter {wire_name} of {}", operation.id)
        })?;
        let ident = format_ident!("{ident}");
        let doc = docs::outer(&field_doc(parameter));
        let clap = clap_attribute(parameter);
        fields.push(quote! {
            #doc
            #[serde(rename = #wire_name, skip_serializing_if = "Option::is_none")]
            #[cfg_attr(feature = "clap", #clap)]
            pub #ident: Option<#ty>,
        });
        let must = if parameter.required { " It must be set." } else { "" };
        let first = docs::first_sentence(&parameter.description);
        let doc = docs::outer(&format!("{}{must}", docs::escape(first)));
        let (argument, value) = argument(ty);
        setters.push(quote! {
            #doc
            #[must_use]
            pub fn #ident(mut self, #ident: #argument) -> Self {
                self.#ident = Some(#ident #value);
                self
            }
        });
        let write = if parameter.list { quote!(list) } else { quote!(value) };
        writes.push(quote!(arguments.#write(#wire_name, &self.#ident);));
    }
    let name = format_ident!("{}", operation.query_name());
    let required = operation.query().filter(|it| it.required).map(|it| format!("`{}`", it.name));
    let new_doc = match required.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "A query in which nothing is set.".to_owned(),
        names => {
            format!("A query in which nothing is set. Set {names}, which the console requires.")
        }
    };
    let new_doc = docs::outer(&new_doc);
    let doc = docs::outer(&format!(
        "The query parameters of [`Client::{}`](crate::Client::{0}): `{} {}`.\n\n\
         Nothing is set at first. What is set twice keeps the second value; a field set to `None` \
         is not sent.",
        operation.method_name(),
        operation.method,
        operation.path
    ));
    Ok(quote! {
        #doc
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "clap", derive(clap::Args))]
        #[serde(default, deny_unknown_fields)]
        #[non_exhaustive]
        pub struct #name {
            #(#fields)*
        }

        impl #name {
            #new_doc
            pub fn new() -> Self {
                Self::default()
            }

            #(#setters)*
        }

        impl Query for #name {
            fn write_arguments(&self, arguments: &mut Arguments) {
                #(#writes)*
            }
        }
    })
}

/// The description with what the spec allows.
fn field_doc(parameter: &Parameter) -> String {
    let (outer, schema) = (&parameter.outer, &parameter.schema);
    let mut rules = Vec::new();
    if parameter.list {
        rules.push(match outer.get("maxItems") {
            Some(most) => format!("1 to {most} items"),
            None => "at least 1 item".to_owned(),
        });
    }
    rules.extend(docs::rules(schema));
    if let Some(default) = outer.get("default") {
        rules.push(format!("{default} if not set"));
    }
    let (description, wire_name) = (docs::escape(&parameter.description), &parameter.name);
    let must = if parameter.required { " It must be set." } else { "" };
    format!("{description}\n\nOn the wire: `{wire_name}`.{must}{}", docs::takes(&rules))
}

fn clap_attribute(parameter: &Parameter) -> TokenStream {
    let long = parameter.name.to_kebab_case();
    if parameter.list {
        quote!(arg(long = #long, value_delimiter = ','))
    } else if parameter.schema.get("type").is_some_and(|ty| ty == "boolean") {
        quote!(arg(long = #long, num_args = 0..=1, require_equals = true, default_missing_value = "true"))
    } else {
        quote!(arg(long = #long))
    }
}
