//! The crate's root and its client.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Source, docs};

/// `lib.rs`, written as rustfmt would: it cannot skip a crate's root.
pub(super) fn library(source: &Source) -> String {
    let header: String = source.header().iter().map(|line| format!("// {line}\n")).collect();
    let mut modules: Vec<String> =
        source.layout.modules.iter().map(|it| format!("pub mod {}", it.name)).collect();
    modules.extend(["mod client".to_owned(), "mod table".to_owned()]);
    modules.sort_by_key(|module| module.rsplit(' ').next().map(str::to_owned));
    let features: Vec<&str> = source.layout.features().map(|it| it.name.as_str()).collect();
    let modules: String = modules
        .iter()
        .map(|module| {
            let feature = features.iter().find(|it| module.strip_prefix("pub mod ") == Some(it));
            let gate = feature.map(|it| format!("#[cfg(feature = \"{it}\")]\n"));
            format!("{}#[rustfmt::skip]\n{module};\n", gate.unwrap_or_default())
        })
        .collect();
    // What docs.rs builds with says by itself which feature an item needs.
    let attributes = match features[..] {
        [] => "",
        _ => "#![cfg_attr(docsrs, feature(doc_cfg))]\n",
    };
    let doc = "#![doc = include_str!(\"../README.md\")]\n";
    format!("{header}\n{attributes}{doc}\n{modules}\n{RE_EXPORTS}")
}

const RE_EXPORTS: &str = "\
pub use chrono;
pub use client::Client;
pub use sentinelone_runtime::operation;
pub use sentinelone_runtime::{
    ApiError, Attempt, Call, ClientBuilder, Continuation, Download, Error, ErrorKind, Malformed,
    OtherValue, Page, Pages, Phase, Problem, RateLimiter, RateLimits, Record, Records, Response,
    RetryPolicy, UnknownMembers,
};
pub use sentinelone_runtime::{
    Body, BoxError, BoxFuture, Clock, ReasonPhrase, ReplayTransport, Reply, ReqwestTransport,
    TokioClock, Transport, TransportError, transport_fn,
};
pub use sentinelone_runtime::{bytes, http, reqwest};
pub use table::OPERATIONS;
";

pub(super) fn client(source: &Source) -> TokenStream {
    let doc = docs::outer(&format!(
        "A client of the {} for one console and token.\n\nClones are cheap and share connections.",
        docs::escape(&source.api.title)
    ));
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct Client {
            pub(crate) console: Console,
        }

        impl Client {
            /// A client for the console in `SENTINELONE_URL` with the API token in
            /// `SENTINELONE_TOKEN`. Nothing is sent.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if either is missing
            /// or malformed, with what to write.
            pub fn from_env() -> Result<Self, Error> {
                Self::builder().environment().build()
            }

            /// The settings of a client.
            pub fn builder() -> ClientBuilder<Self> {
                ClientBuilder::new()
            }

            /// The console's base URL, such as `https://example.sentinelone.net`.
            pub fn url(&self) -> &str {
                self.console.url()
            }

            /// Makes a call that is put together while the program runs, of one of
            /// [`OPERATIONS`](crate::OPERATIONS) or of one that the spec does not have, and gives
            /// the body of the answer as it came.
            ///
            /// # Errors
            ///
            /// As for the operation's own method, but the body is not looked at.
            pub async fn call(&self, call: &Call) -> Result<Response<crate::bytes::Bytes>, Error> {
                self.console.send_raw(call).await
            }

            /// Makes a call that is put together while the program runs, and streams the body of
            /// the answer, whatever it is.
            ///
            /// # Errors
            ///
            /// As for the operation's own method.
            pub async fn call_download(&self, call: &Call) -> Result<Download, Error> {
                self.console.download(call).await
            }

            /// Streams what is at a URL that an answer holds, or at a path on the console.
            ///
            /// The token is sent only if scheme, host and port are those of the console. Redirects
            /// are not followed: the error has the answer's `Location` in its headers, to be
            /// downloaded from if that is meant. The rate limits and the retry budget are those of
            /// the console alone, too.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) if it is no URL, or
            /// one without https to another host than this machine, unless
            /// [`ClientBuilder::allow_http`](crate::ClientBuilder::allow_http) allows that. From
            /// then on, those of any call.
            pub async fn download(&self, url: &str) -> Result<Download, Error> {
                self.console.download_file(url).await
            }

            /// The pages of a list, from a call that is put together while the program runs.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) if the operation is
            /// not a list. The stream fails as that of the operation's own method does.
            pub fn call_pages<T: 'static>(&self, call: Call) -> Result<Pages<T>, Error> {
                self.console.raw_pages(call)
            }
        }

        impl From<Console> for Client {
            fn from(console: Console) -> Self {
                Self { console }
            }
        }
    }
}
