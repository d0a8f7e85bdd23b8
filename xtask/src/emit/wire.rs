//! How the structs of answers are read and written: leniently, keeping unknown members.

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Source;
use super::gate::Piece;
use super::layout::Module;
use super::types::{Field, fields};
use crate::model::Schema;

pub(super) fn wire(source: &Source, module: &Module) -> Result<Vec<Piece>> {
    let mut objects = Vec::new();
    for name in module.types.iter().filter(|name| source.layout.answered.contains(*name)) {
        if let Schema::Object(object) = &source.api.schemas[name] {
            let fields = fields(source, name, object)?;
            let implementation = implementation(name, &fields);
            objects.push(Piece::new(&source.layout.gate(name), &implementation)?);
        }
    }
    Ok(objects)
}

fn implementation(name: &str, fields: &[Field]) -> TokenStream {
    let name = format_ident!("{name}");
    let reads = fields.iter().map(|field| {
        let (wire_name, ident) = (&field.wire_name, field.ident());
        if field.is_date_time() {
            quote!(#wire_name => self.#ident = date_time::read_member(members)?)
        } else {
            quote!(#wire_name => self.#ident = members.next_value()?)
        }
    });
    let writes = fields.iter().map(|field| {
        let (wire_name, ident) = (&field.wire_name, field.ident());
        let module = field.is_date_time().then(|| quote!(date_time::));
        quote!(#module write_member(members, #wire_name, &self.#ident)?;)
    });
    quote! {
        impl Object for #name {
            fn read_member<'de, A: MapAccess<'de>>(
                &mut self,
                name: &str,
                members: &mut A,
            ) -> Result<bool, A::Error> {
                match name {
                    #(#reads,)*
                    _ => return Ok(false),
                }
                Ok(true)
            }

            fn write_members<M: SerializeMap>(&self, members: &mut M) -> Result<(), M::Error> {
                #(#writes)*
                Ok(())
            }

            fn unknown_members(&self) -> &UnknownMembers {
                &self.unknown_members
            }

            fn unknown_members_mut(&mut self) -> &mut UnknownMembers {
                &mut self.unknown_members
            }
        }

        sentinelone_runtime::object!(#name);
    }
}
