//! Which features of the crate a piece of code is for.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use proc_macro2::TokenStream;
use quote::quote;

/// Features of which one is enough, or none for code that is always there.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gate(BTreeSet<String>);

impl Gate {
    /// The gate of code that is always there.
    pub(super) fn open() -> Gate {
        Gate::default()
    }

    /// The gate of code for these features.
    pub(super) fn any(features: impl IntoIterator<Item = String>) -> Gate {
        Gate(features.into_iter().collect())
    }

    /// The gate of what all of these need.
    pub(super) fn around<'g>(gates: impl IntoIterator<Item = &'g Gate>) -> Gate {
        let mut features = BTreeSet::new();
        for gate in gates {
            if gate.0.is_empty() {
                return Gate::open();
            }
            features.extend(gate.0.iter().cloned());
        }
        Gate(features)
    }

    /// What is left of this gate for code behind the other one, which lets through no less.
    pub(super) fn behind(&self, outer: &Gate) -> Gate {
        if self == outer { Gate::open() } else { self.clone() }
    }

    /// The condition, as it stands in a `cfg`.
    pub(super) fn condition(&self) -> Option<TokenStream> {
        let features = || self.0.iter().map(|feature| quote!(feature = #feature));
        match self.0.len() {
            0 => None,
            1 => features().next(),
            _ => {
                let features = features();
                Some(quote!(any(#(#features),*)))
            }
        }
    }

    /// The attribute for what stands behind the gate.
    pub(super) fn attribute(&self) -> Option<TokenStream> {
        self.condition().map(|condition| quote!(#[cfg(#condition)]))
    }
}

/// Items behind a gate.
pub(super) struct Piece {
    pub(super) gate: Gate,
    pub(super) items: Vec<syn::Item>,
}

impl Piece {
    /// Items of a file that parses.
    pub(super) fn new(gate: &Gate, tokens: &TokenStream) -> Result<Piece> {
        let file: syn::File = syn::parse2(tokens.clone())
            .with_context(|| format!("the generated code does not parse: {tokens}"))?;
        Ok(Piece { gate: gate.clone(), items: file.items })
    }

    /// The items with their attributes, in a file behind `outer`.
    pub(super) fn gated(self, outer: &Gate) -> Result<Vec<syn::Item>> {
        let mut items = self.items;
        if let Some(attribute) = self.gate.behind(outer).attribute() {
            for item in &mut items {
                let attributes = attributes(item)?;
                let is_doc = |it: &&syn::Attribute| it.path().is_ident("doc");
                let documentation = attributes.iter().take_while(is_doc).count();
                attributes.insert(documentation, syn::parse_quote!(#attribute));
            }
        }
        Ok(items)
    }
}

fn attributes(item: &mut syn::Item) -> Result<&mut Vec<syn::Attribute>> {
    Ok(match item {
        syn::Item::Enum(item) => &mut item.attrs,
        syn::Item::Impl(item) => &mut item.attrs,
        syn::Item::Macro(item) => &mut item.attrs,
        syn::Item::Static(item) => &mut item.attrs,
        syn::Item::Struct(item) => &mut item.attrs,
        _ => bail!("an item that cannot have a gate: {}", quote!(#item)),
    })
}
