//! Requests as they go out, with the token or without.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::request::Builder;
use http::{Method, Request};
use reqwest::Url;

use crate::call::Call;
use crate::error::{Error, ErrorKind};
use crate::exchange::Settings;
use crate::file_url::FileUrl;
use crate::operation::Operation;

/// A request as it goes out.
pub(crate) struct Outgoing<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) request: Request<Bytes>,
    pub(crate) server: &'a Url,
    /// Whether it goes to the console, whose limits and budget are no other server's business.
    pub(crate) to_console: bool,
}

/// What the request for a file by its URL counts as, for it is none of the spec's.
pub(crate) static FILE: Operation = Operation::new("download", "", Method::GET, "{url}");

impl Settings {
    /// The request that makes a call.
    pub(crate) fn outgoing(&self, call: &Call) -> Result<Outgoing<'_>, Error> {
        let operation = call.arguments.operation();
        let build = || {
            let url = format!("{}{}", self.base_url.as_str(), call.path_and_query()?);
            let accept = if operation.download.is_some() { "*/*" } else { "application/json" };
            let mut request = self.request(operation.method.clone(), &url, accept)?;
            if operation.takes_token {
                request = request.header(AUTHORIZATION, &self.authorization);
            }
            if call.body.is_some() {
                request = request.header(CONTENT_TYPE, "application/json");
            }
            finish(request, call.body.clone().unwrap_or_default())
        };
        let request = build().map_err(|error| error.for_operation(operation.id))?;
        Ok(Outgoing { operation, request, server: self.base_url.url(), to_console: true })
    }

    /// The request for a file, which has the token only if the console itself has the file.
    pub(crate) fn outgoing_file<'a>(&self, file: &'a FileUrl) -> Result<Outgoing<'a>, Error> {
        let build = || {
            let mut request = self.request(FILE.method.clone(), file.url().as_str(), "*/*")?;
            if file.is_on_console() {
                request = request.header(AUTHORIZATION, &self.authorization);
            }
            finish(request, Bytes::new())
        };
        let request = build().map_err(|error| error.for_operation(FILE.id))?;
        let to_console = file.is_on_console();
        Ok(Outgoing { operation: &FILE, request, server: file.url(), to_console })
    }

    fn request(&self, method: Method, url: &str, accept: &str) -> Result<Builder, Error> {
        if LONGEST_URL < url.len() {
            let message = format!(
                "the URL would have {} bytes, of which {LONGEST_URL} can be sent; split the lists \
                 into several requests",
                url.len()
            );
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        let request = Request::builder().method(method).uri(url);
        Ok(request.header(ACCEPT, accept).header(USER_AGENT, &self.user_agent))
    }
}

fn finish(request: Builder, body: Bytes) -> Result<Request<Bytes>, Error> {
    request.body(body).map_err(|error| {
        Error::new(ErrorKind::InvalidRequest, "the request cannot be written").with_source(error)
    })
}

/// What `http::Uri` can hold, in bytes. Servers take less: nginx answers 414 from 8 KiB on unless
/// it is configured otherwise.
const LONGEST_URL: usize = u16::MAX as usize - 1;
