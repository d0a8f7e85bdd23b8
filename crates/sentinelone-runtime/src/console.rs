use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::continuation::Continuation;
use crate::download::Download;
use crate::error::{Error, ErrorKind, reason};
use crate::exchange::Settings;
use crate::file_url::FileUrl;
use crate::operation::{Operation, Pagination};
use crate::outgoing::FILE;
use crate::page::Page;
use crate::paging::{Pages, Records};
use crate::response::Response;

/// A console and a token for it: what calls are sent with. Clones share it.
#[derive(Clone)]
pub struct Console(pub(crate) Arc<Settings>);

impl Console {
    /// The console's base URL. For generated code.
    pub fn url(&self) -> &str {
        self.0.base_url.as_str()
    }

    /// Makes a call and decodes its body. For generated code.
    pub async fn send<T: DeserializeOwned>(&self, call: Call) -> Result<Response<T>, Error> {
        let decode = |head, body: Vec<u8>| match serde_json::from_slice(&body) {
            Ok(value) => Ok(Response { head, body: value }),
            Err(error) => {
                Err(Error::new(ErrorKind::Decode, "the body does not have the spec's form")
                    .with_source(reason(&error))
                    .transient(error.is_eof())
                    .with_answer(head, &body))
            }
        };
        self.0.exchange(&call, decode).await
    }

    /// Makes a call and gives its body as it came. For generated code.
    pub async fn send_raw(&self, call: &Call) -> Result<Response<Bytes>, Error> {
        self.0.exchange(call, |head, body| Ok(Response { head, body: body.into() })).await
    }

    /// The stream over the pages that a call asks for, if it is one of a list. For generated code.
    pub fn raw_pages<T: 'static>(&self, call: Call) -> Result<Pages<T>, Error> {
        let operation = call.arguments.operation();
        if operation.pagination.is_none() {
            let message = "the operation does not answer with pages";
            let error = Error::new(ErrorKind::InvalidRequest, message);
            return Err(error.for_operation(operation.id));
        }
        Ok(self.pages(call))
    }

    /// Makes a call whose answer has no body worth reading. For generated code.
    pub async fn send_for_status(&self, call: Call) -> Result<Response<()>, Error> {
        self.0.exchange(&call, |head, _| Ok(Response { head, body: () })).await
    }

    /// Makes a call whose answer is streamed. For generated code.
    pub async fn download(&self, call: &Call) -> Result<Download, Error> {
        let opened = self.0.open(&self.0.outgoing(call)?).await?;
        Ok(Download::new(Arc::clone(&self.0), opened))
    }

    /// Streams what is at a URL that an answer holds. For generated code.
    pub async fn download_file(&self, url: &str) -> Result<Download, Error> {
        let file = FileUrl::parse(url, &self.0.base_url).map_err(|error| {
            let message = "the URL is not one to download from";
            let error = Error::new(ErrorKind::InvalidRequest, message).with_source(error);
            error.for_operation(FILE.id)
        })?;
        let opened = self.0.open(&self.0.outgoing_file(&file)?).await?;
        Ok(Download::new(Arc::clone(&self.0), opened))
    }

    /// Makes a call for one page of a list. For generated code.
    pub async fn page<T>(&self, call: &Call) -> Result<Page<T>, Error> {
        let pagination = pagination(call.arguments.operation());
        self.0.exchange(call, |head, body| Page::split(head, body, pagination)).await
    }

    /// The stream over all pages of a list. For generated code.
    pub fn pages<T: 'static>(&self, call: Call) -> Pages<T> {
        Pages::new(self.clone(), call)
    }

    /// The stream over all records of a list. For generated code.
    pub fn records<T: 'static>(&self, call: Call) -> Records<T> {
        self.pages(call).records()
    }

    /// The stream over the pages of a list that another stream has not given. For generated code.
    pub fn resume<T: 'static>(
        &self,
        operation: &'static Operation,
        continuation: &Continuation,
    ) -> Result<Pages<T>, Error> {
        Pages::resume(self.clone(), operation, continuation)
            .map_err(|error| error.for_operation(operation.id))
    }
}

pub(crate) fn pagination(operation: &'static Operation) -> &'static Pagination {
    match &operation.pagination {
        Some(pagination) => pagination,
        None => unreachable!("codegen wrote a list for {}, which has no pages", operation.id),
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console")
            .field("base_url", &self.0.base_url.as_str())
            .field("authorization", &self.0.authorization)
            .field("user_agent", &self.0.user_agent)
            .field("retry", &self.0.retry)
            .field("timeouts", &self.0.timeouts)
            .finish_non_exhaustive()
    }
}
