//! What every operation of the [`sentinelone`] SDK shares: authentication, transport, the
//! encodings on the wire, paging and errors.
//!
//! Programs use the generated `sentinelone` crate, which re-exports what they meet. The items
//! here that only generated code calls say so.
//!
//! [`sentinelone`]: https://docs.rs/sentinelone

mod api_error;
mod base_url;
mod body;
mod builder;
mod call;
#[cfg(feature = "clap")]
mod clap_parser;
mod clock;
mod console;
mod constraints;
mod continuation;
pub mod date_time;
mod download;
mod error;
mod exchange;
mod file_name;
mod file_url;
mod limits;
mod object;
mod observe;
mod open_enum;
pub mod operation;
mod outgoing;
mod page;
mod paging;
mod proxy;
mod rate_limiter;
mod replay;
mod response;
mod retry;
mod schema;
mod trace;
mod transport;
mod watch;

pub use {bytes, http, reqwest};

pub use api_error::ApiError;
pub use builder::ClientBuilder;
pub use call::{Arguments, Call, Problem, Query, WireText};
#[cfg(feature = "clap")]
#[doc(hidden)]
pub use clap_parser::OpenEnumParser;
pub use clock::{Clock, TokioClock};
pub use console::Console;
pub use continuation::Continuation;
pub use download::Download;
pub use error::{Error, ErrorKind};
pub use object::{Object, UnknownMembers, write_member};
pub use observe::Attempt;
pub use open_enum::OtherValue;
pub use page::{Malformed, Page, Record};
pub use paging::{Pages, Records};
pub use rate_limiter::{RateLimiter, RateLimits};
pub use replay::{ReplayTransport, Reply};
pub use response::Response;
pub use retry::RetryPolicy;
pub use transport::{
    Body, BoxError, BoxFuture, Phase, ReasonPhrase, ReqwestTransport, Transport, TransportError,
    transport_fn,
};

#[doc(hidden)]
pub mod __private {
    pub use chrono;
    #[cfg(feature = "clap")]
    pub use clap;
    pub use http::Method;
    pub use serde;
}
