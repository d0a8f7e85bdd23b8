//! The operation table: what the runtime and the simulator know of an operation.

use anyhow::{Context, Result, bail};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::{Map, Value};

use super::{Source, docs, schemas};
use crate::model::{ActsOn, Addition, Filter, Link, Operation, Pagination, Parameter};

/// The list of all rows.
pub(super) fn all(source: &Source) -> TokenStream {
    let rows = source.api.operations.iter().map(|operation| {
        let module =
            source.layout.modules.iter().find(|it| it.tag.as_ref() == Some(&operation.tag));
        let gate = module.and_then(|module| module.gate.attribute());
        let module = format_ident!("{}", module.map_or("", |module| module.name.as_str()));
        let row = format_ident!("{}", operation.table_name());
        quote!(#gate &crate::#module::table::#row)
    });
    let doc = docs::outer(match source.layout.features().next() {
        Some(_) => "Every operation of the features that are on, as data.",
        None => "Every operation of the spec, as data.",
    });
    quote! {
        #doc
        pub static OPERATIONS: &[&Operation] = &[#(#rows),*];
    }
}

/// The rows of one module.
pub(super) fn table(source: &Source, operations: &[&Operation]) -> Result<TokenStream> {
    let mut rows = Vec::new();
    for operation in operations {
        rows.push(row(source, operation).with_context(|| operation.id.clone())?);
    }
    Ok(quote!(#(#rows)*))
}

fn row(source: &Source, operation: &Operation) -> Result<TokenStream> {
    let name = format_ident!("{}", operation.table_name());
    let doc = docs::outer(&format!("`{} {}`.", operation.method, operation.path));
    let (id, tag, path) = (&operation.id, &operation.tag, &operation.path);
    let method = format_ident!("{}", operation.method);
    let mut parameters = Vec::new();
    for it in &operation.parameters {
        parameters.push(parameter(it).with_context(|| it.name.clone())?);
    }
    let parameters = (!parameters.is_empty()).then(|| quote!(.parameters(&[#(#parameters),*])));
    let body = operation.body_type.as_ref().map(|it| {
        let content = schemas::field_type(source, None, it);
        let required = operation.body_required.then(|| quote!(.required()));
        let filter = operation.requires_filter.as_ref().map(|it| quote!(.requires_filter(#it)));
        quote!(.body(Body::new(#content) #required #filter))
    });
    let status = (operation.status != 200).then(|| {
        let status = proc_macro2::Literal::u16_unsuffixed(operation.status);
        quote!(.status(#status))
    });
    let download = operation.download.as_ref().map(|it| quote!(.download(#it)));
    let example = operation.example.as_ref().map(|it| {
        let example = raw_string(it);
        quote!(.example(#example))
    });
    let paged = operation.pagination.as_ref().map(|it| {
        let pagination = pagination(it);
        let item = operation.item.as_ref().and_then(|item| schemas::path(source, item));
        let item = item.map(|item| quote!(.item(&#item)));
        quote!(.paged(#pagination #item))
    });
    let acts_on = operation.acts_on.as_ref().map(acts_on);
    let limited = operation.rate_limit.as_ref().map(|limit| {
        let rate = proc_macro2::Literal::f64_unsuffixed(limit.requests_per_second);
        let burst = proc_macro2::Literal::u32_unsuffixed(limit.burst);
        quote!(.limited(RateLimit::new(#rate, #burst)))
    });
    let idempotent = operation.idempotent.map(|it| quote!(.idempotent(#it)));
    let token = (!operation.takes_token).then(|| quote!(.without_token()));
    Ok(quote! {
        #doc
        pub(crate) static #name: Operation = Operation::new(#id, #tag, Method::#method, #path)
            #parameters #body #status #download #example #paged #acts_on #limited #idempotent #token;
    })
}

fn parameter(parameter: &Parameter) -> Result<TokenStream> {
    let name = &parameter.name;
    let constructor = if parameter.in_path { quote!(path) } else { quote!(query) };
    let schema = &parameter.schema;
    let value_type = match (text(schema, "type"), text(schema, "format")) {
        ("string", "date-time") => quote!(DateTime),
        ("string", _) => quote!(String),
        ("integer", _) => quote!(Integer),
        ("boolean", _) => quote!(Boolean),
        (other, _) => bail!(
            "a parameter of type `{other}` is not supported; write string, integer or boolean"
        ),
    };
    let list = parameter.list.then(|| quote!(.list()));
    let required = (parameter.required && !parameter.in_path).then(|| quote!(.required()));
    let values: Option<Vec<_>> = schema
        .get("enum")
        .and_then(Value::as_array)
        .map(|values| values.iter().filter_map(Value::as_str).collect());
    let values = values.map(|values| quote!(.known_values(&[#(#values),*])));
    let constrained = schemas::constrained(&parameter.outer, schema);
    let default = parameter.outer.get("default").map(|default| {
        let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        quote!(.default_value(#default))
    });
    let filter = parameter.filter.as_ref().map(filter).transpose()?;
    let identifies = parameter.identifies.as_ref().map(|it| quote!(.identifies(#it)));
    Ok(quote! {
        Parameter::#constructor(#name, ValueType::#value_type)
            #list #required #values #constrained #default #filter #identifies
    })
}

fn filter(filter: &Filter) -> Result<TokenStream> {
    let op = match filter.op.as_str() {
        "in" => "In",
        "not-in" => "NotIn",
        "contains" => "Contains",
        "equals" => "Equals",
        "gt" => "Gt",
        "gte" => "Gte",
        "lt" => "Lt",
        "lte" => "Lte",
        "between" => "Between",
        "exists" => "Exists",
        "full-text" => "FullText",
        "tags" => "Tags",
        other => bail!("x-filter: `{other}` is not an op"),
    };
    let (op, fields) = (format_ident!("{op}"), &filter.fields);
    let value = filter.value.as_ref().map(|value| quote!(.value(#value)));
    Ok(quote!(.filter(Filter::new(FilterOp::#op, &[#(#fields),*]) #value)))
}

fn acts_on(acts_on: &ActsOn) -> TokenStream {
    let ActsOn { items, set, add, remove, count, item, link, rows, most } = acts_on;
    let set = (!set.is_empty()).then(|| {
        let set = assignments(set);
        quote!(.set(#set))
    });
    let add = add.as_ref().map(|Addition { items, set }| {
        let set = assignments(set);
        quote!(.add(Addition::new(#items, #set)))
    });
    let remove = remove.then(|| quote!(.remove()));
    let count = count.as_ref().map(|it| quote!(.count(#it)));
    let item = item.as_ref().map(|it| quote!(.item(#it)));
    let link =
        link.as_ref().map(|Link { url, media_type }| quote!(.link(Link::new(#url, #media_type))));
    let rows = rows.as_ref().map(|it| quote!(.rows(#it)));
    let most = most.map(|it| {
        let most = proc_macro2::Literal::u32_unsuffixed(it);
        quote!(.most(#most))
    });
    quote!(.acts_on(ActsOn::new(#items) #set #add #remove #count #item #link #rows #most))
}

fn assignments(set: &Map<String, Value>) -> TokenStream {
    let set = set.iter().map(|(field, from)| {
        let from = from.as_str().map_or_else(|| from.to_string(), str::to_owned);
        quote!((#field, #from))
    });
    quote!(&[#(#set),*])
}

fn pagination(pagination: &Pagination) -> TokenStream {
    let Pagination { cursor, limit, items, next_cursor, .. } = pagination;
    let skip = pagination.skip.as_ref().map(|it| quote!(.skip(#it)));
    let count_only = pagination.count_only.as_ref().map(|it| quote!(.count_only(#it)));
    let skip_count = pagination.skip_count.as_ref().map(|it| quote!(.skip_count(#it)));
    let total_items = pagination.total_items.as_ref().map(|it| quote!(.total_items(#it)));
    let sorted = pagination.sort.as_ref().map(|sort| {
        let (by, order, default) = (&sort.by, &sort.order, &sort.default);
        let fields = sort.fields.iter().map(|(column, field)| {
            let field = field.as_str().unwrap_or_default();
            quote!((#column, #field))
        });
        quote!(.sorted(Sort::new(#by, #order, #default, &[#(#fields),*])))
    });
    quote! {
        Pagination::new(#cursor, #limit, #items, #next_cursor)
            #skip #count_only #skip_count #total_items #sorted
    }
}

/// A string as it reads best.
fn raw_string(text: &str) -> TokenStream {
    let raw = format!("r#\"{text}\"#").parse().ok();
    raw.filter(|_| text.contains('"') && !text.contains("\"#")).unwrap_or_else(|| quote!(#text))
}

fn text<'a>(schema: &'a Map<String, Value>, key: &str) -> &'a str {
    schema.get(key).and_then(Value::as_str).unwrap_or_default()
}
