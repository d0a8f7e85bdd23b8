use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::TryStreamExt;

/// Any error, as the cause of another.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// A future on the heap.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The body of an answer as it arrives, decompressed.
pub type Body = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// Sends one request and gives back the head of the answer with its body still to be read.
///
/// The client does this with [`reqwest`] unless it is given something else: a recording, a proxy
/// of the caller's own, another HTTP stack, a [`ReplayTransport`](crate::ReplayTransport). The
/// request has a full URL and, unless it is for a file elsewhere, carries the token in a header
/// marked as sensitive. An
/// implementation does not follow redirects to other hosts. The runtime may drop the future or
/// the body at any time, to cancel the exchange.
///
/// [`transport_fn`] makes one of a closure.
pub trait Transport: Send + Sync + 'static {
    /// Sends `request`. Any status is a success here.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>>;
}

/// The transport that sends requests by calling `send`.
///
/// ```
/// use sentinelone_runtime::{ReqwestTransport, Transport, transport_fn};
///
/// /// Tells the metrics of every request before it is sent.
/// fn counted(inner: ReqwestTransport, count: impl Fn() + Send + Sync + 'static) -> impl Transport {
///     transport_fn(move |request| {
///         count();
///         let inner = inner.clone();
///         async move { inner.send(request).await }
///     })
/// }
/// ```
pub fn transport_fn<S, F>(send: S) -> impl Transport
where
    S: Fn(http::Request<Bytes>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<http::Response<Body>, TransportError>> + Send + 'static,
{
    TransportFn(send)
}

struct TransportFn<S>(S);

impl<S, F> Transport for TransportFn<S>
where
    S: Fn(http::Request<Bytes>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<http::Response<Body>, TransportError>> + Send + 'static,
{
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin((self.0)(request))
    }
}

/// The reason phrase of a status line that is not the standard one for its status.
///
/// A [`Transport`] puts it into the extensions of the response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonPhrase(pub String);

/// How far an exchange had come when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// While the request was held back by the rate limit, so that nothing was sent.
    RateLimit,
    /// While the connection was made, so that the console has not seen the request.
    Connect,
    /// After the request was begun and before the head of the answer had come.
    Head,
    /// While the body of the answer came.
    Body,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::RateLimit => "waiting for the rate limit",
            Phase::Connect => "connecting",
            Phase::Head => "waiting for the answer",
            Phase::Body => "reading the body",
        })
    }
}

/// Why a transport could not complete an exchange.
#[derive(Debug)]
pub struct TransportError {
    pub(crate) phase: Phase,
    pub(crate) timeout: bool,
    pub(crate) permanent: bool,
    pub(crate) source: BoxError,
}

impl TransportError {
    /// The exchange broke off in `phase`.
    pub fn new(phase: Phase, source: impl Into<BoxError>) -> Self {
        TransportError { phase, timeout: false, permanent: false, source: source.into() }
    }

    /// The exchange took too long in `phase`.
    pub fn timeout(phase: Phase, source: impl Into<BoxError>) -> Self {
        TransportError { phase, timeout: true, permanent: false, source: source.into() }
    }

    /// Says that another attempt would fail in the same way, so that none is made.
    #[must_use]
    pub fn permanent(mut self) -> Self {
        self.permanent = true;
        self
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.timeout { "timed out" } else { "failed" }, self.phase)
    }
}

/// The transport over a [`reqwest::Client`].
#[derive(Clone, Debug)]
pub struct ReqwestTransport(reqwest::Client);

impl ReqwestTransport {
    /// The settings that a client has unless it is given another: redirects are not followed, and
    /// with the feature `rustls` there is TLS, by the process's provider of cryptography or, if it
    /// has none yet, by ring.
    ///
    /// With `rustls` but without a provider, `reqwest` panics where it builds a client. That can
    /// happen to a program whose own `reqwest` dependency has no TLS feature, unless it begins
    /// its clients with this.
    pub fn client_builder() -> reqwest::ClientBuilder {
        #[cfg(feature = "rustls")]
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Another thread may have come first, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none())
    }

    /// Sends requests with `client`, whose own timeouts, proxies and redirects hold.
    pub fn new(client: reqwest::Client) -> Self {
        ReqwestTransport(client)
    }
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async {
            let request = reqwest::Request::try_from(request).map_err(|error| {
                TransportError::new(Phase::Connect, error.without_url()).permanent()
            })?;
            let response = self.0.execute(request).await.map_err(|error| {
                let phase = if error.is_connect() { Phase::Connect } else { Phase::Head };
                from_reqwest(phase, error)
            })?;
            Ok(from_response(response))
        })
    }
}

fn from_response(mut response: reqwest::Response) -> http::Response<Body> {
    let mut head = http::Response::new(());
    *head.status_mut() = response.status();
    *head.headers_mut() = std::mem::take(response.headers_mut());
    if let Some(reason) = response.extensions().get::<hyper::ext::ReasonPhrase>() {
        let reason = String::from_utf8_lossy(reason.as_bytes()).into_owned();
        head.extensions_mut().insert(ReasonPhrase(reason));
    }
    let body = response.bytes_stream().map_err(|error| from_reqwest(Phase::Body, error));
    head.map(|()| Box::pin(body) as Body)
}

fn from_reqwest(phase: Phase, error: reqwest::Error) -> TransportError {
    let timeout = error.is_timeout();
    let permanent = error.is_builder() || is_certificate_error(&error);
    // The URL in reqwest's text would show the query.
    TransportError { phase, timeout, permanent, source: error.without_url().into() }
}

/// Whether the server's certificate is not trusted, which another attempt does not change.
#[cfg(feature = "rustls")]
fn is_certificate_error(error: &(dyn StdError + 'static)) -> bool {
    if let Some(tls) = error.downcast_ref() {
        return matches!(tls, rustls::Error::InvalidCertificate(_));
    }
    // The source of an `io::Error` is not what it wraps, but the source of that.
    let wrapped = error.downcast_ref().and_then(std::io::Error::get_ref);
    let cause = wrapped.map(|it| it as &(dyn StdError + 'static)).or_else(|| error.source());
    cause.is_some_and(is_certificate_error)
}

#[cfg(not(feature = "rustls"))]
fn is_certificate_error(_: &(dyn StdError + 'static)) -> bool {
    false
}
