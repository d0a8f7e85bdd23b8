//! `use` lines, from what a file names.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::visit::Visit;

use super::Source;

/// What generated code can name, by where it comes from. A schema cannot have one of these names.
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
        "sentinelone_runtime::operation",
        &[
            "Field",
            "FieldType",
            "Filter",
            "FilterOp",
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
    prelude.contains(&name) || KNOWN.iter().any(|(_, names)| names.contains(&name))
}

/// The `use` lines of `file`.
pub(super) fn imports(source: &Source, file: &syn::File) -> TokenStream {
    let mut names = Names::default();
    names.visit_file(file);
    let missing = || names.used.difference(&names.defined);

    let mut uses: BTreeMap<usize, Vec<&String>> = BTreeMap::new();
    for name in missing() {
        if let Some(at) = KNOWN.iter().position(|(_, known)| known.contains(&name.as_str())) {
            uses.entry(at).or_default().push(name);
        }
    }
    let uses = uses.into_iter().map(|(at, names)| {
        let path: syn::Path = syn::parse_str(KNOWN[at].0).expect("the paths above are paths");
        let names = names.iter().map(|name| format_ident!("{name}"));
        quote!(use #path::{#(#names),*};)
    });
    let siblings: Vec<_> =
        missing().filter(|name| source.is_own(name)).map(|name| format_ident!("{name}")).collect();
    let siblings = (!siblings.is_empty()).then(|| quote!(use super::{#(#siblings),*};));
    quote!(#(#uses)* #siblings)
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
