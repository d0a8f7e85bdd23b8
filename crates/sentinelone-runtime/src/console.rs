use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use http::HeaderValue;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use serde::de::DeserializeOwned;

use crate::base_url::BaseUrl;
use crate::call::Call;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, reason};
use crate::page::Page;
use crate::paging::{Pages, Records};
use crate::response::{Head, Response};
use crate::transport::{Body, Phase, Transport, TransportError};

/// A console and a token for it: what calls are sent with. Clones share it.
#[derive(Clone)]
pub struct Console(pub(crate) Arc<Settings>);

pub(crate) struct Settings {
    pub(crate) base_url: BaseUrl,
    /// Marked as sensitive, so that no `Debug` shows it.
    pub(crate) authorization: HeaderValue,
    pub(crate) user_agent: HeaderValue,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) max_body_bytes: usize,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Console {
    /// Makes a call and decodes its body. For generated code.
    pub async fn send<T: DeserializeOwned>(&self, call: Call) -> Result<Response<T>, Error> {
        let (head, body) = self.exchange(&call).await?;
        match serde_json::from_slice(&body) {
            Ok(value) => Ok(Response { head, body: value }),
            Err(error) => {
                Err(Error::new(ErrorKind::Decode, "the body does not have the spec's form")
                    .with_source(reason(&error))
                    .with_answer(head, &body)
                    .for_operation(call.arguments.operation().id))
            }
        }
    }

    /// Makes a call whose answer has no body worth reading. For generated code.
    pub async fn send_for_status(&self, call: Call) -> Result<Response<()>, Error> {
        let (head, _) = self.exchange(&call).await?;
        Ok(Response { head, body: () })
    }

    /// Makes a call for one page of a list. For generated code.
    pub async fn page<T>(&self, call: &Call) -> Result<Page<T>, Error> {
        let operation = call.arguments.operation();
        let Some(pagination) = &operation.pagination else {
            unreachable!("codegen wrote a page for {}, which has none", operation.id)
        };
        let (head, body) = self.exchange(call).await?;
        Page::split(head, body, pagination).map_err(|error| error.for_operation(operation.id))
    }

    /// The stream over all pages of a list. For generated code.
    pub fn pages<T: 'static>(&self, call: Call) -> Pages<T> {
        Pages::new(self.clone(), call)
    }

    /// The stream over all records of a list. For generated code.
    pub fn records<T: 'static>(&self, call: Call) -> Records<T> {
        self.pages(call).records()
    }

    async fn exchange(&self, call: &Call) -> Result<(Head, Vec<u8>), Error> {
        let operation = call.arguments.operation().id;
        match self.attempt(call).await {
            Ok((head, body)) if head.status.is_success() => Ok((head, body)),
            Ok((head, body)) => Err(Error::status_error(head, &body).for_operation(operation)),
            Err(error) => Err(error.for_operation(operation)),
        }
    }

    async fn attempt(&self, call: &Call) -> Result<(Head, Vec<u8>), Error> {
        let Settings { transport, clock, .. } = &*self.0;
        let request = self.request(call)?;
        let start = clock.now();
        let response = self.in_time(Phase::Head, transport.send(request)).await??;
        let (parts, mut body) = response.into_parts();
        let mut bytes = Vec::new();
        let outcome = self.read(&mut body, &mut bytes).await;
        let head = Head::new(parts, clock.now().saturating_duration_since(start));
        match outcome {
            Ok(()) => Ok((head, bytes)),
            // The status says more than the body that broke off.
            Err(error) if !head.status.is_success() => {
                Err(Error::status_error(head, &bytes).with_source(error))
            }
            Err(error) => Err(error.with_answer(head, &bytes)),
        }
    }

    fn request(&self, call: &Call) -> Result<http::Request<Bytes>, Error> {
        let settings = &*self.0;
        let url = format!("{}{}", settings.base_url.as_str(), call.path_and_query()?);
        if LONGEST_URL < url.len() {
            let message = format!(
                "the URL would have {} bytes, of which {LONGEST_URL} can be sent; split the lists \
                 into several requests",
                url.len()
            );
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        let mut request = http::Request::builder()
            .method(call.arguments.operation().method.clone())
            .uri(url)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, &settings.user_agent)
            .header(AUTHORIZATION, &settings.authorization);
        if call.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        request.body(call.body.clone().unwrap_or_default()).map_err(|error| {
            Error::new(ErrorKind::InvalidRequest, "the request cannot be written")
                .with_source(error)
        })
    }

    async fn read(&self, body: &mut Body, bytes: &mut Vec<u8>) -> Result<(), Error> {
        while let Some(chunk) = self.in_time(Phase::Body, body.next()).await? {
            let chunk = chunk?;
            let most = self.0.max_body_bytes;
            if most - bytes.len() < chunk.len() {
                let message = format!("the body is longer than {most} bytes");
                return Err(Error::new(ErrorKind::BodyTooLarge, message));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(())
    }

    /// Waits for `future`, but no longer than the idle timeout.
    async fn in_time<F: Future>(&self, phase: Phase, future: F) -> Result<F::Output, Error> {
        let Some(limit) = self.0.idle_timeout else { return Ok(future.await) };
        match select(pin!(future), self.0.clock.sleep(limit)).await {
            Either::Left((output, _)) => Ok(output),
            Either::Right(_) => {
                let message = format!("timed out {phase}: nothing came for {limit:?}");
                Err(Error::new(ErrorKind::Timeout, message).with_phase(phase))
            }
        }
    }
}

/// What `http::Uri` can hold, in bytes. Servers take less: nginx answers 414 from 8 KiB on unless
/// it is configured otherwise.
const LONGEST_URL: usize = u16::MAX as usize - 1;

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console")
            .field("base_url", &self.0.base_url.as_str())
            .field("authorization", &self.0.authorization)
            .field("user_agent", &self.0.user_agent)
            .finish_non_exhaustive()
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        let kind = if error.timeout { ErrorKind::Timeout } else { ErrorKind::Transport };
        Error::new(kind, error.to_string()).with_phase(error.phase).with_source(error.source)
    }
}
