use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use crate::base_url::BaseUrl;
use crate::clock::{Clock, TokioClock};
use crate::console::Console;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Settings, Timeouts};
use crate::observe::{Attempt, Observer};
use crate::proxy;
use crate::rate_limiter::{RateLimiter, RateLimits};
use crate::retry::{Budget, RetryPolicy};
use crate::transport::{BoxError, ReqwestTransport, Transport};

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
    proxy: Option<String>,
    root_certificates: Option<Vec<u8>>,
    connect_timeout: Duration,
    timeouts: Timeouts,
    max_body_bytes: usize,
    prefetch: bool,
    retry: RetryPolicy,
    limiter: Limiter,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Fn() -> f64 + Send + Sync>,
    on_attempt: Option<Observer>,
    client: PhantomData<fn() -> C>,
}

enum Limiter {
    Limits(RateLimits),
    Own(Arc<dyn RateLimiter>),
}

impl<C: From<Console>> ClientBuilder<C> {
    /// Settings with their defaults, without URL and token.
    pub fn new() -> Self {
        ClientBuilder {
            url: None,
            token: None,
            user_agent: DEFAULT_USER_AGENT.to_owned(),
            allow_http: false,
            proxy: None,
            root_certificates: None,
            connect_timeout: Duration::from_secs(5),
            timeouts: Timeouts { idle: Some(Duration::from_secs(30)), attempt: None, call: None },
            max_body_bytes: 256 * 1024 * 1024,
            prefetch: true,
            retry: RetryPolicy::new(),
            limiter: Limiter::Limits(RateLimits::of_the_spec()),
            transport: None,
            clock: Arc::new(TokioClock),
            random: Arc::new(fastrand::f64),
            on_attempt: None,
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

    /// The proxy for all requests, such as `http://proxy.test:3128`, in place of the one that
    /// `HTTPS_PROXY` or `ALL_PROXY` names. It may hold a user name and a password.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Certificates to trust beside those of the system, as PEM text: those of a proxy that looks
    /// into TLS, say.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    #[must_use]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into());
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
        self.timeouts.idle = timeout.into();
        self
    }

    /// How long an attempt may take from the first byte sent to the last one read, without limit
    /// unless set.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeouts.attempt = timeout.into();
        self
    }

    /// How long a call may take with all its attempts and the waiting between them, without limit
    /// unless set. Each page of a stream is a call.
    #[must_use]
    pub fn call_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeouts.call = timeout.into();
        self
    }

    /// The longest body that is read into memory, in bytes after decompression, 256 MiB unless
    /// set. A [`Download`](crate::Download) has a limit of its own.
    #[must_use]
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Whether streams fetch the next page while the last one is worked on, as they do unless
    /// told otherwise.
    #[must_use]
    pub fn prefetch(mut self, prefetch: bool) -> Self {
        self.prefetch = prefetch;
        self
    }

    /// When a call that failed is made again.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many requests are sent in a second, as many as the spec allows unless set.
    #[must_use]
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.limiter = Limiter::Limits(limits);
        self
    }

    /// Holds requests back with something else than [`RateLimits`].
    #[must_use]
    pub fn rate_limiter(mut self, limiter: impl RateLimiter) -> Self {
        self.limiter = Limiter::Own(Arc::new(limiter));
        self
    }

    /// Is called when an attempt has ended, for metrics. It should return at once, for it runs
    /// within the call.
    #[must_use]
    pub fn on_attempt(mut self, observe: impl Fn(&Attempt) + Send + Sync + 'static) -> Self {
        self.on_attempt = Some(Arc::new(observe));
        self
    }

    /// Sends requests with the caller's own [`reqwest::Client`]: its proxies, certificates and
    /// timeouts. [`ReqwestTransport::client_builder`] is what to begin one with. It should not
    /// follow redirects, and needs no compression but gzip.
    ///
    /// Clients that are given clones of one share its connections, whatever their consoles and
    /// tokens are.
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

    /// Where the delays before retries get their random part from: numbers from 0 up to but not
    /// including 1.
    #[must_use]
    pub fn random(mut self, random: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        self.random = Arc::new(random);
        self
    }

    /// Makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`], which names the setting and its environment variable, if one
    /// is missing or malformed, or if TLS cannot be set up.
    pub fn build(self) -> Result<C, Error> {
        let url =
            self.url.as_deref().ok_or_else(|| missing("the console's URL", "url", URL_VARIABLE))?;
        let base_url = BaseUrl::parse(url, self.allow_http).map_err(|error| {
            refused(
                format!("the console's URL, set by `url` or {URL_VARIABLE}, is not usable"),
                error,
            )
        })?;
        let token = self
            .token
            .as_deref()
            .ok_or_else(|| missing("the API token", "token", TOKEN_VARIABLE))?;
        let authorization = authorization(token)?;
        let user_agent = HeaderValue::try_from(&self.user_agent).map_err(|error| {
            refused("the user agent, set by `user_agent`, is not a header value", error)
        })?;
        let transport = match &self.transport {
            Some(transport) => {
                self.refuse_settings_of_reqwest()?;
                Arc::clone(transport)
            }
            None => Arc::new(ReqwestTransport::new(self.reqwest(&base_url)?)),
        };
        let limiter = match self.limiter {
            Limiter::Own(limiter) => limiter,
            Limiter::Limits(limits) => match limits.impossible() {
                None => limits.limiter(Arc::clone(&self.clock)),
                Some(operation) => {
                    return Err(Error::new(
                        ErrorKind::Configuration,
                        format!(
                            "the limit of `{operation}`, set by `rate_limits`, lets no request \
                             through; give it a rate above 0 and a burst of at least 1"
                        ),
                    ));
                }
            },
        };
        Ok(C::from(Console(Arc::new(Settings {
            base_url,
            authorization,
            user_agent,
            timeouts: self.timeouts,
            max_body_bytes: self.max_body_bytes,
            prefetch: self.prefetch,
            budget: Budget::new(&self.retry),
            retry: self.retry,
            limiter,
            transport,
            clock: self.clock,
            random: self.random,
            on_attempt: self.on_attempt,
        }))))
    }

    fn reqwest(&self, base_url: &BaseUrl) -> Result<reqwest::Client, Error> {
        let mut http = ReqwestTransport::client_builder().connect_timeout(self.connect_timeout);
        if let Some(url) = &self.proxy {
            let proxy = proxy::parse(url)
                .map_err(|error| refused("the proxy, set by `proxy`, is not usable", error))?;
            http = http.proxy(proxy);
        } else if base_url.is_loopback() {
            // No proxy can reach this machine under the name that it has for itself.
            http = http.no_proxy();
        } else {
            proxy::check_environment(base_url)?;
        }
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        if let Some(pem) = &self.root_certificates {
            const NOT_PEM: &str =
                "the certificates, set by `root_certificates`, are not ones in PEM";
            let certificates = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| refused(NOT_PEM, error))?;
            if certificates.is_empty() {
                return Err(refused(NOT_PEM, "there is no `BEGIN CERTIFICATE` in the text"));
            }
            http = http.tls_certs_merge(certificates);
        }
        http.build().map_err(|error| {
            // Certificates are looked into no earlier than here.
            let with = match self.root_certificates {
                Some(_) => " with the certificates set by `root_certificates`",
                None => "",
            };
            refused(format!("the HTTP client cannot be set up{with}"), error)
        })
    }

    /// Settings that a transport of the caller's own would not know of.
    fn refuse_settings_of_reqwest(&self) -> Result<(), Error> {
        let setting = match (&self.proxy, &self.root_certificates) {
            (Some(_), _) => "proxy",
            (_, Some(_)) => "root_certificates",
            _ => return Ok(()),
        };
        let message = format!(
            "`{setting}` has no effect on a client or transport of your own; make the setting there"
        );
        Err(Error::new(ErrorKind::Configuration, message))
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
            .field("timeouts", &self.timeouts)
            .field("max_body_bytes", &self.max_body_bytes)
            .field("prefetch", &self.prefetch)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

fn missing(what: &str, setter: &str, variable: &str) -> Error {
    let message = format!("{what} is missing; call `{setter}` or set {variable}");
    Error::new(ErrorKind::Configuration, message)
}

fn refused(message: impl Into<String>, cause: impl Into<BoxError>) -> Error {
    Error::new(ErrorKind::Configuration, message).with_source(cause)
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
