//! The server: starts, accepts connections, and stops when dropped.

use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sentinelone::OPERATIONS;
use sentinelone_runtime::operation::{Location, Operation};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::collection::Collection;
use crate::console::Console;
use crate::fault::{Faults, InjectedFault};
use crate::respond::respond;

/// A running console. Dropping it closes its port and its connections.
#[derive(Debug)]
pub struct Simulator {
    console: Arc<Console>,
    server: JoinHandle<()>,
}

impl Simulator {
    /// A console to be configured and started.
    pub fn builder() -> Builder {
        Builder {
            operations: OPERATIONS,
            threats: 1_000,
            seed: 0,
            token: "a-token-of-the-embedded-console".to_owned(),
            port: 0,
            faults: Faults::default(),
            rate_limited: false,
        }
    }

    /// The base URL, such as `http://127.0.0.1:49152`.
    pub fn url(&self) -> &str {
        &self.console.url
    }

    /// The API token that the console takes.
    pub fn token(&self) -> &str {
        &self.console.token
    }

    /// A command to try in a shell, if the table has a list to ask for.
    pub fn curl(&self) -> Option<String> {
        let mut operations = self.console.operations.iter();
        let (operation, pagination) = operations.find_map(|operation| {
            let fixed = operation.parameters.iter().all(|it| it.location == Location::Query);
            operation.pagination.as_ref().filter(|_| fixed).map(|it| (operation, it))
        })?;
        Some(format!(
            "curl --compressed --header 'Authorization: ApiToken {}' '{}{}?{}=1'",
            self.token(),
            self.url(),
            operation.path,
            pagination.limit,
        ))
    }

    /// The faults that requests have met so far, in the order of the requests.
    pub fn faults(&self) -> Vec<InjectedFault> {
        self.console.injector.logged()
    }

    /// Stops the server, and returns when its port is free and its connections are closed.
    pub async fn stop(mut self) {
        self.server.abort();
        // The only outcome is the cancellation just asked for.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What a [`Simulator`] is to be.
#[derive(Clone)]
#[must_use = "a simulator does nothing before it is started"]
pub struct Builder {
    operations: &'static [&'static Operation],
    threats: u32,
    seed: u64,
    token: String,
    port: u16,
    faults: Faults,
    rate_limited: bool,
}

impl Builder {
    /// The operations to answer; those of the SDK unless set.
    pub fn operations(mut self, operations: &'static [&'static Operation]) -> Self {
        self.operations = operations;
        self
    }

    /// How many threats there are; 1,000 unless set.
    pub fn threats(mut self, threats: u32) -> Self {
        self.threats = threats;
        self
    }

    /// Which threats there are; the same ones for the same seed.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The API token to take.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    /// The port to listen on; a free one unless set.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// What goes wrong; nothing unless set.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Whether requests beyond the rate limit of the spec are answered with 429; they are not
    /// unless set.
    pub fn rate_limited(mut self, rate_limited: bool) -> Self {
        self.rate_limited = rate_limited;
        self
    }

    /// Starts the server on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// If the port is taken, or a pattern in the operation table is not a regular expression.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time enabled.
    pub async fn start(self) -> Result<Simulator, StartError> {
        let listen_error = |source| StartError(Reason::Listen { port: self.port, source });
        let address = (Ipv4Addr::LOCALHOST, self.port);
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let console = Console::new(
            self.operations,
            Collection::new(self.seed, self.threats),
            self.token,
            format!("http://{address}"),
            self.faults,
            self.rate_limited,
        );
        let console = Arc::new(console.map_err(|it| StartError(Reason::Pattern(it)))?);
        let server = tokio::spawn(serve(listener, Arc::clone(&console)));
        Ok(Simulator { console, server })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("operations", &self.operations.len())
            .field("threats", &self.threats)
            .field("seed", &self.seed)
            .field("port", &self.port)
            .field("faults", &self.faults)
            .field("rate_limited", &self.rate_limited)
            .finish_non_exhaustive()
    }
}

/// Why a [`Simulator`] did not start.
#[derive(Debug)]
pub struct StartError(Reason);

#[derive(Debug)]
enum Reason {
    Listen { port: u16, source: io::Error },
    Pattern(regex_lite::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Listen { port: 0, .. } => f.write_str("cannot listen on a loopback port"),
            Reason::Listen { port, .. } => write!(f, "cannot listen on port {port}"),
            Reason::Pattern(_) => f.write_str("the operation table has an invalid pattern"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Reason::Listen { source, .. } => Some(source),
            Reason::Pattern(source) => Some(source),
        }
    }
}

/// Accepts connections for ever. The connections end with the task, which owns them.
async fn serve(listener: TcpListener, console: Arc<Console>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(converse(stream, Arc::clone(&console)));
            }
            // The process has no file left for the connection: others may close meanwhile.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(stream: TcpStream, console: Arc<Console>) {
    // Without it small answers wait for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let console = Arc::clone(&console);
        respond(console, request.into_parts().0)
    });
    // A connection that breaks is the client's business.
    let _ = http1::Builder::new()
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
