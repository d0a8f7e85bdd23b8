//! A running console, and what it is to be: starts, is told what happens, and stops when dropped.

use std::error::Error;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use std::{fmt, io};

use chrono::{DateTime, Utc};
use sentinelone::OPERATIONS;
use sentinelone_runtime::operation::{Location, Operation};
use tokio::net::TcpListener;

use crate::admin::administer;
use crate::clock::Clock;
use crate::console::{Console, patterns, workers};
use crate::fault::{Faults, InjectedFault, Injector};
use crate::items::{Items, date_time};
use crate::lists::Lists;
use crate::moment::{Moment, OnRequest};
use crate::recorded::{DataError, Recorded};
use crate::respond::respond;
use crate::server::Server;
use crate::source::Source;
use crate::synth::{self, Threats};
use crate::throttle::Throttle;

/// A running console. Dropping it closes its port and its connections.
#[derive(Debug)]
pub struct Simulator {
    console: Arc<Console>,
    server: Server,
    /// The administrative interface, and its URL.
    admin: Option<(Server, String)>,
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
            data: None,
            ticking: false,
            admin_port: None,
            on_request: None,
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

    /// The URL of the administrative interface, if it was asked for.
    pub fn admin_url(&self) -> Option<&str> {
        self.admin.as_ref().map(|(_, url)| url.as_str())
    }

    /// What the console's clock shows.
    pub fn now(&self) -> DateTime<Utc> {
        date_time(self.console.clock.now())
    }

    /// Puts the console's clock forward.
    pub fn advance(&self, duration: Duration) {
        self.console.clock.advance(duration);
    }

    /// The threats, to be added to and changed.
    pub fn threats(&self) -> Items<'_> {
        let threats = self.items(synth::SCHEMA);
        threats.expect("every console has threats")
    }

    /// The items of the spec's schema with that name, if an operation lists them all. There is nothing
    /// for those that belong to an item of another list, such as the notes of a threat: these are
    /// read and changed by requests alone.
    pub fn items(&self, schema: &str) -> Option<Items<'_>> {
        self.console.items(schema)
    }

    /// Stops the server, and returns when its port is free and its connections are closed.
    pub async fn stop(self) {
        self.server.stop().await;
        if let Some((admin, _)) = self.admin {
            admin.stop().await;
        }
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
    data: Option<PathBuf>,
    ticking: bool,
    admin_port: Option<u16>,
    on_request: Option<OnRequest>,
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

    /// Serves the threats of a file, one JSON object a line as [`Record::raw`] has it, in place of
    /// made-up ones. Of several lines with the same id the last counts. Filters by what a threat
    /// does not show, such as its notes, are refused.
    ///
    /// [`Record::raw`]: sentinelone::Record::raw
    pub fn data(mut self, path: impl Into<PathBuf>) -> Self {
        self.data = Some(path.into());
        self
    }

    /// Whether the console's clock goes on by itself; it stands still unless set. Either way it
    /// starts a day after everything that the threats tell of.
    pub fn ticking(mut self, ticking: bool) -> Self {
        self.ticking = ticking;
        self
    }

    /// Opens the administrative interface on that port, 0 for a free one; there is none unless set.
    ///
    /// It takes no token, and answers in JSON:
    ///
    /// | request | body | what it does |
    /// |--|--|--|
    /// | `GET /clock` | | tells what the clock shows |
    /// | `POST /clock` | `{"advanceSeconds": 60}` | puts it forward |
    /// | `POST /items/Threat` | `{"count": 3, "delaySeconds": 90}` | adds threats, which show then |
    /// | `PATCH /items/Threat` | `{"ids": [..], "patch": {..}, "delaySeconds": 0}` | changes threats |
    /// | `GET /versions/Threat` | | lists what was added, changed and removed |
    /// | `PUT /faults` | `{"faults": "reset,none,stall"}` | lets other faults come |
    /// | `GET /faults` | | lists those that requests have met |
    pub fn admin_port(mut self, port: u16) -> Self {
        self.admin_port = Some(port);
        self
    }

    /// Calls `act` before each request is answered, so that a scenario goes on between two pages
    /// of a walk.
    pub fn on_request(mut self, act: impl Fn(&Moment<'_>) + Send + Sync + 'static) -> Self {
        self.on_request = Some(OnRequest(Arc::new(act)));
        self
    }

    /// Starts the server on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// If a port is taken, the file of threats cannot be read or has a line that is none, or a
    /// pattern in the operation table is not a regular expression.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time enabled.
    pub async fn start(self) -> Result<Simulator, StartError> {
        let Builder { operations, seed, token, .. } = self;
        let threats: Box<dyn Source> = match &self.data {
            None => Box::new(Threats::new(seed, self.threats)),
            Some(path) => Box::new(Recorded::read(path, seed).map_err(Reason::Data)?),
        };
        let patterns = patterns(operations).map_err(Reason::Pattern)?;
        let (listener, url) = listen(self.port).await?;
        let lists = Lists::new(operations, seed, threats);
        let console = Arc::new(Console {
            operations,
            patterns,
            clock: Clock::new(lists.end(), self.ticking),
            lists,
            token,
            url,
            injector: Injector::new(self.faults),
            throttle: self.rate_limited.then(Throttle::default),
            on_request: self.on_request,
            seed,
            requests: AtomicU64::new(0),
            workers: workers(),
        });
        let admin = match self.admin_port {
            None => None,
            Some(port) => {
                let (listener, url) = listen(port).await?;
                let console = Arc::clone(&console);
                let answer = move |request| administer(Arc::clone(&console), request);
                Some((Server::start(listener, answer), url))
            }
        };
        let answering = Arc::clone(&console);
        let server =
            Server::start(listener, move |request| respond(Arc::clone(&answering), request));
        Ok(Simulator { console, server, admin })
    }
}

/// A listener on a loopback port, and its base URL.
async fn listen(port: u16) -> Result<(TcpListener, String), Reason> {
    let fail = |source| Reason::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;
    Ok((listener, format!("http://{address}")))
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
            .field("data", &self.data)
            .field("ticking", &self.ticking)
            .field("admin_port", &self.admin_port)
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
    Data(DataError),
}

impl From<Reason> for StartError {
    fn from(reason: Reason) -> Self {
        StartError(reason)
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Listen { port: 0, .. } => f.write_str("cannot listen on a loopback port"),
            Reason::Listen { port, .. } => write!(f, "cannot listen on port {port}"),
            Reason::Pattern(_) => f.write_str("the operation table has an invalid pattern"),
            Reason::Data(error) => error.fmt(f),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Reason::Listen { source, .. } => Some(source),
            Reason::Pattern(source) => Some(source),
            Reason::Data(error) => error.source(),
        }
    }
}
