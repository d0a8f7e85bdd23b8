//! Runs progenitor over a lowered document and takes from its output what the SDK is made of:
//! the shapes of types and the arguments of operations.
//!
//! The bodies of its methods, its client and its error types are left behind; the runtime has its
//! own.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context, Result, anyhow, bail};
use openapiv3::OpenAPI;
use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle, TagStyle, TypeImpl};
use serde_json::{Value, json};
use syn::visit::Visit;
use syn::visit_mut::VisitMut;

use crate::model::METHODS;

/// What is used of progenitor's output.
pub struct Generated {
    /// Structs of objects and untagged enums of unions, by Rust name.
    pub types: BTreeMap<String, syn::Item>,
    /// Arguments of operations, by method name.
    pub methods: BTreeMap<String, Method>,
}

/// A method for an operation.
pub struct Method {
    /// Path parameters in the order of the path, with their types.
    pub path: Vec<(String, syn::Type)>,
    /// The type of the body.
    pub body: Option<syn::Type>,
    /// Query parameters by wire name: the Rust name, and the type of the value.
    pub query: BTreeMap<String, (String, syn::Type)>,
    /// The type of the answer.
    pub response: syn::Type,
}

/// Generates from a lowered document. `enums` are the schemas that become open enums.
pub fn generate(lowered: &Value, enums: &[String]) -> Result<Generated> {
    let file = match run(lowered, enums) {
        Ok(file) => file,
        Err(error) => return Err(blame(lowered, enums, error)),
    };
    let mut generated = Generated { types: BTreeMap::new(), methods: BTreeMap::new() };
    for item in file.items {
        match item {
            syn::Item::Mod(module) if module.ident == "types" => {
                for item in module.content.into_iter().flat_map(|(_, items)| items) {
                    take_type(item, &mut generated.types);
                }
            }
            syn::Item::Impl(block) if block.trait_.is_none() => {
                for item in block.items {
                    if let syn::ImplItem::Fn(method) = item
                        && method.sig.asyncness.is_some()
                    {
                        let read = read_method(&method)
                            .with_context(|| format!("reading the method {}", method.sig.ident))?;
                        generated.methods.insert(method.sig.ident.to_string(), read);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(generated)
}

fn run(lowered: &Value, enums: &[String]) -> Result<syn::File> {
    let api: OpenAPI = serde_json::from_value(lowered.clone()).context("the lowered document")?;
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_map_type("::std::collections::BTreeMap");
    for name in enums {
        let traits = [TypeImpl::FromStr, TypeImpl::Display];
        settings.with_replacement(name, format!("crate::{name}"), traits.into_iter());
    }
    let tokens = quietly(|| Generator::new(&settings).generate_tokens(&api))??;
    syn::parse2(tokens).context("progenitor's output")
}

/// Runs progenitor once per operation to find which one it fails at.
fn blame(lowered: &Value, enums: &[String], error: anyhow::Error) -> anyhow::Error {
    for (path, item) in lowered["paths"].as_object().into_iter().flatten() {
        for method in METHODS.iter().filter(|method| item.get(method).is_some()) {
            let mut alone = lowered.clone();
            alone["paths"] = json!({ path: { *method: item[method] } });
            if let Some(parameters) = item.get("parameters") {
                alone["paths"][path]["parameters"] = parameters.clone();
            }
            if run(&alone, enums).is_err() {
                let id = item[method]["operationId"].as_str().unwrap_or("without operationId");
                return error.context(format!(
                    "progenitor cannot generate the operation {id} ({} {path}); simplify it, or \
                     add a lowering for what it holds",
                    method.to_uppercase()
                ));
            }
        }
    }
    error.context("progenitor cannot generate the schemas in components")
}

/// Runs `work`, and turns a panic in it into an error without printing it.
fn quietly<T>(work: impl FnOnce() -> T) -> Result<T> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = catch_unwind(AssertUnwindSafe(work));
    std::panic::set_hook(hook);
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        anyhow!("it panicked: {text}")
    })
}

fn take_type(item: syn::Item, types: &mut BTreeMap<String, syn::Item>) {
    let name = match &item {
        syn::Item::Struct(item) => item.ident.to_string(),
        syn::Item::Enum(item) => item.ident.to_string(),
        _ => return,
    };
    let mut item = item;
    ShortPaths.visit_item_mut(&mut item);
    if let syn::Item::Struct(item) = &mut item {
        item.fields.iter_mut().for_each(box_within_option);
    }
    types.insert(name, item);
}

/// Where types name each other in a circle, progenitor may put an `Option` into the box instead of
/// the box into the `Option`.
fn box_within_option(field: &mut syn::Field) {
    if let Some(inner) = generic(&field.ty, "Box").and_then(|boxed| generic(&boxed, "Option")) {
        field.ty = syn::parse_quote!(Option<Box<#inner>>);
        let left_out: syn::Attribute =
            syn::parse_quote!(#[serde(skip_serializing_if = "::std::option::Option::is_none")]);
        field.attrs.push(left_out);
    }
}

fn read_method(method: &syn::ImplItemFn) -> Result<Method> {
    let mut wire_names = WireNames::default();
    wire_names.visit_block(&method.block);
    let mut path = Vec::new();
    let mut body = None;
    let mut query = BTreeMap::new();
    for argument in &method.sig.inputs {
        let syn::FnArg::Typed(argument) = argument else { continue };
        let syn::Pat::Ident(name) = &*argument.pat else { bail!("an argument without a name") };
        let name = name.ident.to_string();
        let value = value_type(&argument.ty);
        if let Some(wire_name) = wire_names.0.get(&name) {
            query.insert(wire_name.clone(), (name, value));
        } else if name == "body" {
            body = Some(value);
        } else {
            path.push((name, value));
        }
    }
    Ok(Method { path, body, query, response: response_type(&method.sig.output)? })
}

/// The wire name of each argument, from `QueryParam::new("wireName", &argument)`.
#[derive(Default)]
struct WireNames(BTreeMap<String, String>);

impl<'ast> Visit<'ast> for WireNames {
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(function) = &*call.func
            && function.path.segments.iter().any(|segment| segment.ident == "QueryParam")
            && let [syn::Expr::Lit(name), syn::Expr::Reference(argument)] =
                &Vec::from_iter(&call.args)[..]
            && let syn::Lit::Str(name) = &name.lit
            && let syn::Expr::Path(argument) = &*argument.expr
            && let Some(argument) = argument.path.get_ident()
        {
            self.0.insert(argument.to_string(), name.value());
        }
        syn::visit::visit_expr_call(self, call);
    }
}

/// The owned type of an argument: `Option<&'a Vec<T>>` is `Vec<T>`, `&'a str` is `String`.
fn value_type(ty: &syn::Type) -> syn::Type {
    let mut ty = ty.clone();
    ShortPaths.visit_type_mut(&mut ty);
    if let Some(inner) = generic(&ty, "Option") {
        ty = inner;
    }
    if let syn::Type::Reference(reference) = ty {
        ty = *reference.elem;
    }
    if matches!(&ty, syn::Type::Path(path) if path.path.is_ident("str")) {
        ty = syn::parse_quote!(String);
    }
    ty
}

/// The `T` of `Result<ResponseValue<T>, _>`.
fn response_type(output: &syn::ReturnType) -> Result<syn::Type> {
    let syn::ReturnType::Type(_, ty) = output else { bail!("it returns nothing") };
    let mut ty = (**ty).clone();
    ShortPaths.visit_type_mut(&mut ty);
    let response = generic(&ty, "Result").context("it does not return a Result")?;
    generic(&response, "ResponseValue").context("it does not return a ResponseValue")
}

/// The first type argument of `ty` if it is the generic type `name`.
pub fn generic(ty: &syn::Type, name: &str) -> Option<syn::Type> {
    let syn::Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first()? {
        syn::GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    }
}

/// Writes types as a person would: `Vec` for `::std::vec::Vec`, `Threat` for `types::Threat`.
struct ShortPaths;

impl VisitMut for ShortPaths {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let kept = path.segments.pop();
        path.segments = kept.into_iter().collect();
        path.leading_colon = None;
        syn::visit_mut::visit_path_mut(self, path);
    }
}
