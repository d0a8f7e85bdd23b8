use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::base_url::BaseUrl;
use crate::clock::{Clock, TokioClock};
use crate::console::{Console, Settings};
use crate::error::{Error, ErrorKind};
use crate::transport::{ReqwestTransport, Transport};

/// The environment variable with the console's URL.
const URL_VARIABLE: &str = "SENTINELONE_URL";

/// The environment variable with the API token.
const TOKEN_VARIABLE: &str = "SENTINELONE_TOKEN";

const DEFAULT_USER_AGENT: &str = concat!("sentinelone-rust/", env!("CARGO_PKG_VERSION"));

/// The settings of a client in the making.
pub struct ClientBuilder<C> {
    url: Option<String>,
    token: Option<String>,
    user_agent: String,
    allow_http: bool,
    connect_timeout: Duration,
    idle_timeout: Option<Duration>,
    max_body_bytes: usize,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    client: PhantomData<fn() -> C>,
}

impl<C: From<Console>> ClientBuilder<C> {
    /// Settings with their defaults, without URL and token.
    pub fn new() -> Self {
        ClientBuilder {
            url: None,
            token: None,
            user_agent: DEFAULT_USER_AGENT.to_owned(),
            allow_http: false,
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Some(Duration::from_secs(30)),
            max_body_bytes: 256 * 1024 * 1024,
            transport: None,
            clock: Arc::new(TokioClock),
            client: PhantomData,
        }
    }

    /// Takes the URL from `SENTINELONE_URL` and the token from `SENTINELONE_TOKEN`, where they
    /// are set.
    #[must_use]
    pub fn environment(mut self) -> Self {
        let variable = |name| std::env::var(name).ok();
        self.url = variable(URL_VARIABLE).or(self.url);
        self.token = variable(TOKEN_VARIABLE).or(self.token);
        self
    }

    /// The console's URL, such as `https://example.sentinelone.net`. It may lack the scheme, or
    /// end in a slash or the API's path.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// The API token of a user or service user.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The `User-Agent` header, `sentinelone-rust/` and the version unless set.
    #[must_use]
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Allows plain HTTP to hosts other than this machine. The token then goes unencrypted.
    #[must_use]
    pub fn allow_http(mut self) -> Self {
        self.allow_http = true;
        self
    }

    /// How long a connection may take, 5 seconds unless set. A client or transport of the
    /// caller's own has its own.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long the console may stay silent before and within an answer, 30 seconds unless set;
    /// `None` waits for ever. There is no limit on the time that a flowing answer takes.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.idle_timeout = timeout.into();
        self
    }

    /// The longest body that is read, in bytes after decompression, 256 MiB unless set.
    #[must_use]
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Sends requests with the caller's own [`reqwest::Client`]: its proxies, certificates and
    /// timeouts. [`ReqwestTransport::client_builder`] is what to begin one with. It should not
    /// follow redirects, and needs no compression but gzip.
    #[must_use]
    pub fn http_client(self, client: reqwest::Client) -> Self {
        self.transport(ReqwestTransport::new(client))
    }

    /// Sends requests with something else than `reqwest`.
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Reads time and waits with something else than the tokio runtime.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if the URL or the token is missing or malformed, or if TLS
    /// cannot be set up.
    pub fn build(self) -> Result<C, Error> {
        let url =
            self.url.as_deref().ok_or_else(|| missing("the console's URL", "url", URL_VARIABLE))?;
        let base_url = BaseUrl::parse(url, self.allow_http).map_err(|error| {
            let message =
                format!("the console's URL, set by `url` or {URL_VARIABLE}, is not usable");
            Error::new(ErrorKind::Configuration, message).with_source(error)
        })?;
        let token = self
            .token
            .as_deref()
            .ok_or_else(|| missing("the API token", "token", TOKEN_VARIABLE))?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => {
                let http = ReqwestTransport::client_builder().connect_timeout(self.connect_timeout);
                Arc::new(ReqwestTransport::new(http.build().map_err(|error| {
                    let message = "the HTTP client cannot be set up";
                    Error::new(ErrorKind::Configuration, message).with_source(error)
                })?))
            }
        };
        Ok(C::from(Console(Arc::new(Settings {
            base_url,
            authorization: authorization(token)?,
            user_agent: HeaderValue::try_from(self.user_agent).map_err(|error| {
                let message = "the user agent, set by `user_agent`, is not a header value";
                Error::new(ErrorKind::Configuration, message).with_source(error)
            })?,
            idle_timeout: self.idle_timeout,
            max_body_bytes: self.max_body_bytes,
            transport,
            clock: self.clock,
        }))))
    }
}

impl<C: From<Console>> Default for ClientBuilder<C> {
    fn default() -> Self {
        ClientBuilder::new()
    }
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("token", &self.token.as_ref().map(|_| "Sensitive"))
            .field("user_agent", &self.user_agent)
            .field("allow_http", &self.allow_http)
            .field("connect_timeout", &self.connect_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_body_bytes", &self.max_body_bytes)
            .finish_non_exhaustive()
    }
}

fn missing(what: &str, setter: &str, variable: &str) -> Error {
    let message = format!("{what} is missing; call `{setter}` or set {variable}");
    Error::new(ErrorKind::Configuration, message)
}

fn authorization(token: &str) -> Result<HeaderValue, Error> {
    let token = token.trim();
    let problem = if token.is_empty() {
        "is empty"
    } else if token.contains(char::is_whitespace) {
        "has white space in it; give the token alone, without `ApiToken`"
    } else {
        ""
    };
    // The cause would be of no help, and must not show the token.
    match HeaderValue::try_from(format!("ApiToken {token}")) {
        Ok(mut value) if problem.is_empty() => {
            value.set_sensitive(true);
            Ok(value)
        }
        outcome => {
            let problem =
                if outcome.is_err() { "has characters that no token has" } else { problem };
            let message = format!("the API token, set by `token` or {TOKEN_VARIABLE}, {problem}");
            Err(Error::new(ErrorKind::Configuration, message))
        }
    }
}
