//! `use` lines, from what a file names.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::visit::Visit;

use super::Source;
use super::gate::{Gate, Piece};

/// What rows of data are made of. They name no type of the spec, so that it may have these names.
const ROWS: &str = "sentinelone_runtime::operation";

/// What generated code can name, by where it comes from. A schema cannot have one of these names,
/// but for those in [`ROWS`].
const KNOWN: &[(&str, &[&str])] = &[
    ("std::collections", &["BTreeMap"]),
    ("chrono", &["DateTime", "Utc"]),
    (
        "sentinelone_runtime",
        &[
            "Arguments",
            "Call",
            "ClientBuilder",
            "Console",
            "Continuation",
            "Download",
            "Error",
            "Object",
            "OtherValue",
            "Page",
            "Pages",
            "Query",
            "Records",
            "Response",
            "UnknownMembers",
            "date_time",
            "write_member",
        ],
    ),
    (
        ROWS,
        &[
            "ActsOn",
            "Addition",
            "Body",
            "Constraints",
            "Field",
            "FieldType",
            "Filter",
            "FilterOp",
            "Link",
            "Method",
            "Operation",
            "Pagination",
            "Parameter",
            "RateLimit",
            "Schema",
            "Sort",
            "ValueType",
        ],
    ),
    ("serde::de", &["MapAccess"]),
    ("serde::ser", &["SerializeMap"]),
    ("serde_json", &["Map", "Value"]),
    ("crate", &["Client"]),
];

/// Whether a type of this name would hide something that generated code needs.
pub(crate) fn is_reserved(name: &str) -> bool {
    let prelude = ["Option", "Vec", "String", "Result", "Some", "None", "Ok", "Err", "Box", "Into"];
    let mut known = KNOWN.iter().filter(|(path, _)| *path != ROWS);
    prelude.contains(&name) || known.any(|(_, names)| names.contains(&name))
}

/// The `use` lines of a file behind `outer`. What only some of the pieces name is imported with
/// them alone.
pub(super) fn imports(source: &Source, pieces: &[Piece], outer: &Gate) -> TokenStream {
    let mut defined = BTreeSet::new();
    let mut has_rows = false;
    let mut used: BTreeMap<String, Vec<&Gate>> = BTreeMap::new();
    for piece in pieces {
        let mut names = Names::default();
        piece.items.iter().for_each(|item| names.visit_item(item));
        defined.extend(names.defined);
        has_rows |= piece.items.iter().any(|item| matches!(item, syn::Item::Static(_)));
        for name in names.used {
            used.entry(name).or_default().push(&piece.gate);
        }
    }
    // By path, in the order of the list above with siblings last.
    let mut uses: BTreeMap<(usize, Gate), Vec<String>> = BTreeMap::new();
    for (name, gates) in used.into_iter().filter(|(name, _)| !defined.contains(name)) {
        let gate = Gate::around(gates).behind(outer);
        let known = KNOWN.iter().position(|(path, known)| {
            known.contains(&name.as_str()) && (*path != ROWS || has_rows)
        });
        // Names that are neither are in the prelude, or qualified by the path they begin.
        if let Some(at) = known.or_else(|| source.is_own(&name).then_some(KNOWN.len())) {
            uses.entry((at, gate)).or_default().push(name);
        }
    }
    let uses = uses.into_iter().map(|((at, gate), names)| {
        let path = KNOWN.get(at).map_or("super", |(path, _)| path);
        let path: syn::Path = syn::parse_str(path).expect("the paths above are paths");
        let names = names.iter().map(|name| format_ident!("{name}"));
        let gate = gate.attribute();
        quote!(#gate use #path::{#(#names),*};)
    });
    quote!(#(#uses)*)
}

/// The names that a file defines, and those that its paths begin with.
#[derive(Default)]
struct Names {
    defined: BTreeSet<String>,
    used: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.defined.insert(item.ident.to_string());
        syn::visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.defined.insert(item.ident.to_string());
        syn::visit::visit_item_enum(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.defined.insert(item.ident.to_string());
        syn::visit::visit_item_static(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let Some(first) = path.segments.first() {
            self.used.insert(first.ident.to_string());
        }
        syn::visit::visit_path(self, path);
    }
}
