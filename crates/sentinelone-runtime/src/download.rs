use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::error::{Error, ErrorKind};
use crate::exchange::{Opened, Settings};
use crate::file_name::file_name;
use crate::limits::{Expiry, Limits};
use crate::operation::Operation;
use crate::response::Head;
use crate::transport::{Body, BoxFuture, Phase};
use crate::watch::Watch;

/// An answer that is not JSON, as it comes: a file, or an export.
///
/// It is read by [`chunk`](Download::chunk), as a stream of chunks, or at once by
/// [`write_to`](Download::write_to). Memory holds a chunk at a time, however long it is. Nothing
/// is read ahead, and dropping it cancels the rest.
///
/// The timeouts of the client hold while it is read: the console may not stay silent for longer
/// than [`idle_timeout`](crate::ClientBuilder::idle_timeout), but whoever reads may take any time.
/// An attempt that fails before the first byte has come is repeated as
/// [`RetryPolicy`](crate::RetryPolicy) says. After that there is no other attempt, for the bytes
/// were handed over: what breaks off or ends too early is an error, and what was written until
/// then is to be thrown away.
#[must_use = "nothing is read before it is asked for"]
pub struct Download {
    settings: Arc<Settings>,
    operation: &'static Operation,
    head: Head,
    first: Option<Bytes>,
    /// There unless it is empty.
    body: Option<Body>,
    limits: Limits,
    /// The wait for the next chunk, if that is not there yet.
    wait: Option<(BoxFuture<'static, ()>, Expiry)>,
    received: u64,
    max_bytes: Option<u64>,
    /// There until the end.
    watch: Option<Watch>,
}

impl Download {
    pub(crate) fn new(settings: Arc<Settings>, opened: Opened) -> Self {
        let Opened { head, rest, watch } = opened;
        Download {
            settings,
            operation: watch.operation(),
            head,
            body: rest.first.is_some().then_some(rest.body),
            first: rest.first,
            limits: rest.limits,
            wait: None,
            received: 0,
            max_bytes: None,
            watch: Some(watch),
        }
    }

    /// Fails as soon as there are more bytes than that. There is no limit unless one is set.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// The status, which is one of success.
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The reason phrase, as the server wrote it.
    pub fn reason(&self) -> &str {
        self.head.reason()
    }

    /// The headers. A body that came compressed has lost `Content-Encoding` and
    /// `Content-Length`.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The `X-RQID` header, which the vendor's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.head.request_id()
    }

    /// The `Content-Type` header, such as `text/csv; charset=utf-8`.
    pub fn content_type(&self) -> Option<&str> {
        self.head.headers.get(CONTENT_TYPE)?.to_str().ok()
    }

    /// The name that the answer gives to the file (`Content-Disposition`), without any directory.
    pub fn file_name(&self) -> Option<String> {
        file_name(&self.head.headers)
    }

    /// How many bytes there are, if the answer says so. One that comes compressed does not.
    pub fn content_length(&self) -> Option<u64> {
        if self.head.headers.contains_key(CONTENT_ENCODING) {
            return None;
        }
        self.head.headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
    }

    /// How many bytes have been handed over.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// How long the call took up to the first byte, with all attempts and the waiting between them.
    pub fn elapsed(&self) -> Duration {
        self.head.elapsed
    }

    /// How often the request was made, 1 if the first attempt succeeded.
    pub fn attempts(&self) -> u32 {
        self.head.attempts
    }

    /// The next bytes, or `None` after the last.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Transport`] if the body breaks off, or ends before it has as many bytes as
    ///   the answer says,
    /// - [`ErrorKind::Timeout`] if nothing comes for too long,
    /// - [`ErrorKind::BodyTooLarge`] if there are more bytes than
    ///   [`max_bytes`](Download::max_bytes).
    ///
    /// There is nothing after an error.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        poll_fn(|context| self.poll_chunk(context)).await.transpose()
    }

    /// Writes all bytes, flushes the writer, and gives their number.
    ///
    /// A [`std::io::Write`] takes them from [`chunk`](Download::chunk).
    ///
    /// # Errors
    ///
    /// Those of [`chunk`](Download::chunk), and [`ErrorKind::Write`] with the cause if the writer
    /// fails. Some bytes may be written by then.
    pub async fn write_to(mut self, writer: impl AsyncWrite) -> Result<u64, Error> {
        let mut writer = pin!(writer);
        while let Some(chunk) = self.chunk().await? {
            let written = writer.write_all(&chunk).await;
            written.map_err(|error| self.failed_to_write(error))?;
        }
        writer.flush().await.map_err(|error| self.failed_to_write(error))?;
        Ok(self.received)
    }

    /// All bytes, for what is known to be short: no more than
    /// [`max_body_bytes`](crate::ClientBuilder::max_body_bytes), unless
    /// [`max_bytes`](Download::max_bytes) is set.
    ///
    /// # Errors
    ///
    /// Those of [`chunk`](Download::chunk).
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        self.max_bytes.get_or_insert(self.settings.max_body_bytes as u64);
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.into())
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        if self.watch.is_none() {
            return Poll::Ready(None);
        }
        let next = match self.first.take() {
            Some(first) => Some(Ok(first)),
            None => ready!(self.poll_body(context)),
        };
        let outcome = match next {
            Some(Ok(chunk)) => self.take(chunk).map(Some),
            Some(Err(error)) => Err(error),
            None => self.end().map(|()| None),
        };
        Poll::Ready(match outcome {
            Ok(chunk) => chunk.map(Ok),
            Err(error) => Some(Err(self.fail(error))),
        })
    }

    fn poll_body(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        loop {
            match body.as_mut().poll_next(context) {
                Poll::Ready(Some(Ok(chunk))) if chunk.is_empty() => self.wait = None,
                Poll::Ready(next) => {
                    self.wait = None;
                    return Poll::Ready(next.map(|it| it.map_err(Error::from)));
                }
                Poll::Pending => break,
            }
        }
        if self.wait.is_none() {
            let clock = &self.settings.clock;
            let first = self.limits.first(|| clock.now());
            self.wait = first.map(|(wait, expiry)| (clock.sleep(wait), expiry));
        }
        let Some((sleep, expiry)) = &mut self.wait else { return Poll::Pending };
        sleep.as_mut().poll(context).map(|()| Some(Err(expiry.error(Phase::Body))))
    }

    fn take(&mut self, chunk: Bytes) -> Result<Bytes, Error> {
        let received = self.received + chunk.len() as u64;
        let expected = self.content_length().unwrap_or_default().max(received);
        if let Some(most) = self.max_bytes.filter(|&most| most < expected) {
            let message = format!("the body is longer than {most} bytes");
            return Err(Error::new(ErrorKind::BodyTooLarge, message));
        }
        self.received = received;
        if let Some(watch) = &mut self.watch {
            watch.read(chunk.len());
        }
        Ok(chunk)
    }

    /// A body that ends by itself must have come to its end.
    fn end(&mut self) -> Result<(), Error> {
        if let Some(length) = self.content_length().filter(|&it| it != self.received) {
            let message = format!("the body ended after {} bytes of {length}", self.received);
            let error = Error::new(ErrorKind::Transport, message).with_phase(Phase::Body);
            return Err(error.transient(true));
        }
        if let Some(watch) = self.watch.take() {
            watch.handed_over(&self.settings);
        }
        Ok(())
    }

    fn fail(&mut self, error: Error) -> Error {
        let error = error.with_answer(self.head.clone(), &[]).for_operation(self.operation.id);
        match self.watch.take() {
            Some(watch) => watch.failed(&self.settings, error),
            None => error,
        }
    }

    fn failed_to_write(&mut self, error: std::io::Error) -> Error {
        self.fail(Error::new(ErrorKind::Write, "the download cannot be written").with_source(error))
    }
}

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_chunk(context)
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("operation", &self.operation.id)
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}
