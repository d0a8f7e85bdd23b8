//! Open enums: known values as variants, any other kept as it came.

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::gate::Piece;
use super::layout::Module;
use super::{Source, docs};
use crate::model::{Enum, Schema};

pub(super) fn enums(source: &Source, module: &Module) -> Result<Vec<Piece>> {
    let enums = module.types.iter().filter_map(|name| match &source.api.schemas[name] {
        Schema::Enum(schema) => {
            Some(Piece::new(&source.layout.gate(name), &open_enum(name, schema)))
        }
        _ => None,
    });
    enums.collect()
}

fn open_enum(name: &str, schema: &Enum) -> TokenStream {
    let doc = docs::outer(&docs::escape(&schema.description));
    let name = format_ident!("{name}");
    let variants: Vec<_> = schema.variants.iter().map(|it| format_ident!("{}", it.name)).collect();
    let values: Vec<_> = schema.variants.iter().map(|it| it.value.as_str()).collect();
    let docs = schema.variants.iter().map(|variant| {
        docs::outer(&format!("`{}`: {}", variant.value, docs::escape(&variant.description)))
    });
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#docs #variants,)*
            /// A value that the spec does not name, kept as the console sent it.
            Other(OtherValue),
        }

        impl #name {
            /// The values that the spec names.
            pub const KNOWN: &'static [Self] = &[#(Self::#variants),*];

            /// The value on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #values,)*
                    Self::Other(value) => value.as_str(),
                }
            }
        }

        impl From<&str> for #name {
            fn from(text: &str) -> Self {
                match text {
                    #(#values => Self::#variants,)*
                    _ => Self::Other(OtherValue::__new(text)),
                }
            }
        }

        sentinelone_runtime::open_enum!(#name);
    }
}
