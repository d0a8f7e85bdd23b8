//! The methods of the client: one for each operation, and three more for a paged list.

use anyhow::{Context, Result};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Source, docs};
use crate::model::{Operation, STREAM_SUFFIXES};

pub(super) fn operations(source: &Source, operations: &[&Operation]) -> Result<TokenStream> {
    let mut methods = Vec::new();
    for operation in operations {
        methods.push(method(source, operation)?);
    }
    Ok(quote! {
        impl Client {
            #(#methods)*
        }
    })
}

fn method(source: &Source, operation: &Operation) -> Result<TokenStream> {
    let generated = source.generated.methods.get(&operation.method_name());
    let generated = generated
        .with_context(|| format!("progenitor made no method of the operation {}", operation.id))?;
    let name = format_ident!("{}", operation.method_name());
    let row = format_ident!("{}", operation.table_name());
    let has_query = operation.query().next().is_some();
    let query_type = format_ident!("{}", operation.query_name());

    let path_names = path_names(&operation.path);
    let idents: Vec<_> = generated.path.iter().map(|(name, _)| format_ident!("{name}")).collect();
    let path_types = generated.path.iter().map(|(_, ty)| match ty {
        syn::Type::Path(path) if path.path.is_ident("String") => quote!(&str),
        ty if is_plain(ty) => quote!(#ty),
        ty => quote!(&#ty),
    });
    let path_values = generated.path.iter().map(|(name, ty)| {
        let ident = format_ident!("{name}");
        if is_plain(ty) { quote!(&#ident) } else { quote!(#ident) }
    });
    let path_arguments: Vec<_> = quote_pairs(&idents, path_types);
    let body_argument = generated.body.as_ref().map(|ty| quote!(body: &#ty,));
    let body_call = generated.body.as_ref().map(|_| quote!(.json(body)));
    let meant = operation
        .requires_filter
        .as_ref()
        .map(|_| quote!(.for_everything_if(body.is_for_everything())));
    let query_call = has_query.then(|| quote!(.query(query)));
    let query_argument = has_query.then(|| quote!(query: &#query_type));
    let arguments = quote!(#(#path_arguments)* #body_argument #query_argument);
    let call = quote! {
        Call::new(&table::#row) #(.path(#path_names, #path_values))* #body_call #meant #query_call
    };

    let doc = docs::outer(&documentation(operation));
    if operation.download.is_some() {
        return Ok(quote! {
            #doc
            pub async fn #name(&self, #arguments)
                -> Result<Download, Error> {
                self.console.download(&#call).await
            }
        });
    }
    let Some(item) = &operation.item else {
        let response = &generated.response;
        let send =
            if operation.response.is_some() { quote!(send) } else { quote!(send_for_status) };
        return Ok(quote! {
            #doc
            pub async fn #name(&self, #arguments)
                -> Result<Response<#response>, Error> {
                self.console.#send(#call).await
            }
        });
    };
    let item = format_ident!("{item}");
    let [pages, stream, resume] = STREAM_SUFFIXES.map(|suffix| format_ident!("{name}{suffix}"));
    let text = operation.method_name();
    let pages_doc = docs::outer(&format!(
        "All pages of [`{text}`](Self::{text}), each fetched while the caller works on the one \
         before.\n\n\
         The stream ends after the last page or the first error. A page holds as many records as \
         the spec allows unless the query sets a limit.\n\n# Errors\n\nThose of \
         [`{text}`](Self::{text}), and\n\n\
         - [`ErrorKind::RepeatedCursor`](crate::ErrorKind::RepeatedCursor) if the console sends a \
         cursor twice,\n\
         - [`ErrorKind::StaleCursor`](crate::ErrorKind::StaleCursor) if it no longer takes one."
    ));
    let stream_doc = docs::outer(&format!(
        "All records of [`{text}`](Self::{text}), page after page.\n\nSee \
         [`{pages}`](Self::{pages}) for how it ends and fails."
    ));
    let resume_doc = docs::outer(&format!(
        "The pages of [`{pages}`](Self::{pages}) or [`{stream}`](Self::{stream}) that another \
         stream has not given, in this process or an earlier one.\n\n# Errors\n\n\
         [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) if the continuation is \
         one of another operation, console or version. Nothing is sent before the stream is \
         asked; from then on, see [`{pages}`](Self::{pages})."
    ));
    Ok(quote! {
        #doc
        pub async fn #name(&self, #arguments)
            -> Result<Page<#item>, Error> {
            self.console.page(&#call).await
        }

        #pages_doc
        pub fn #pages(&self, #arguments) -> Pages<#item> {
            self.console.pages(#call)
        }

        #stream_doc
        pub fn #stream(&self, #arguments) -> Records<#item> {
            self.console.records(#call)
        }

        #resume_doc
        pub fn #resume(&self, continuation: &Continuation)
            -> Result<Pages<#item>, Error> {
            self.console.resume(&table::#row, continuation)
        }
    })
}

fn documentation(operation: &Operation) -> String {
    let mut text = docs::escape(&operation.summary);
    if !text.ends_with('.') {
        text.push('.');
    }
    text.push_str(&format!("\n\n{}", docs::escape(&operation.description)));
    text.push_str(&format!(
        "\n\nSends `{} {}`, the spec's `{}`.",
        operation.method, operation.path, operation.id
    ));
    if let Some(media) = &operation.download {
        text.push_str(&format!(
            "\n\nThe answer is `{media}`, and comes as it is read: see \
             [`Download`](crate::Download)."
        ));
    }
    let refused = match (&operation.body, &operation.requires_filter) {
        (None, _) => "if the spec does not allow an argument".to_owned(),
        (Some(_), None) => {
            "if the spec does not allow an argument or a member of the body".to_owned()
        }
        (Some(body), Some(filter)) => format!(
            "if the spec does not allow an argument or a member of the body, or if nothing is set \
             in its `{filter}` and it was not made by \
             [`for_everything`]({body}::for_everything)"
        ),
    };
    text.push_str(&format!(
        "\n\n# Errors\n\n\
         - [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest), before anything is \
         sent, {refused}.\n\
         - [`ErrorKind::Transport`](crate::ErrorKind::Transport) and \
         [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) if no whole answer comes.\n"
    ));
    if operation.download.is_none() {
        text.push_str(
            "- [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the answer is not what the spec \
             says, and [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge) if it is longer \
             than the client accepts.\n",
        );
    }
    text.push_str(
        "- [`ErrorKind::Status`](crate::ErrorKind::Status) with one of these, or another:",
    );
    for (status, description) in &operation.errors {
        text.push_str(&format!("\n  - {status}: {}", docs::escape(description)));
    }
    let retried = operation.idempotent.unwrap_or(!["POST", "PATCH"].contains(&&*operation.method));
    text.push_str(if retried {
        "\n\nA request that fails is sent again as \
         [`RetryPolicy`](crate::RetryPolicy) says, before any of this is returned."
    } else {
        "\n\nA request that fails is not sent again, for the first may have had its effect."
    });
    text
}

/// Whether a value of that type is handed over by itself.
fn is_plain(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Path(path)
        if ["bool", "i32", "i64"].iter().any(|name| path.path.is_ident(name)))
}

/// The names in braces in a path template.
fn path_names(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
}

fn quote_pairs(
    idents: &[proc_macro2::Ident],
    types: impl Iterator<Item = TokenStream>,
) -> Vec<TokenStream> {
    idents.iter().zip(types).map(|(ident, ty)| quote!(#ident: #ty,)).collect()
}
