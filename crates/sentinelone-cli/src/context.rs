//! What a command has from the outside: the console, the time, the terminal.

use std::io::IsTerminal;

use chrono::{DateTime, Utc};
use sentinelone::operation::{Operation, RateLimit, Schema};
use sentinelone::{Client, OPERATIONS, RateLimits, RetryPolicy};
#[cfg(feature = "sim")]
use sentinelone_sim::Simulator;

use crate::arguments::Global;
use crate::console::Console;
use crate::dry_run;
use crate::failure::Failure;
#[cfg(feature = "sim")]
use crate::token::Token;

const USER_AGENT: &str = concat!("s1/", env!("CARGO_PKG_VERSION"));

pub(crate) struct Context {
    pub(crate) global: Global,
    #[cfg(feature = "sim")]
    simulator: Option<Simulator>,
}

impl Context {
    /// Starts the embedded console, if one is asked for.
    pub(crate) async fn new(global: Global) -> Result<Self, Failure> {
        #[cfg(feature = "sim")]
        let simulator = match global.sim {
            None => None,
            Some(threats) => {
                let started = Simulator::builder().threats(threats).start().await;
                let failed =
                    |error| Failure::new("the embedded console does not start").because(error);
                Some(started.map_err(failed)?)
            }
        };
        Ok(Context {
            global,
            #[cfg(feature = "sim")]
            simulator,
        })
    }

    /// The console that the arguments, a profile or the environment name.
    pub(crate) fn console(&self) -> Result<Console, Failure> {
        #[cfg(feature = "sim")]
        if let Some(simulator) = &self.simulator {
            let token = Token::new(simulator.token(), "the embedded console")?;
            let origin = "--sim".to_owned();
            return Ok(Console { url: simulator.url().to_owned(), token, origin });
        }
        Console::find(&self.global)
    }

    /// A client of the console.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        self.client_of(&self.console()?)
    }

    pub(crate) fn client_of(&self, console: &Console) -> Result<Client, Failure> {
        let mut builder = Client::builder()
            .url(&console.url)
            .token(console.token.expose())
            .user_agent(USER_AGENT)
            .rate_limits(self.rate_limits())
            .retry(self.retry());
        if self.global.dry_run {
            builder = builder.transport(dry_run::transport());
        }
        builder.build().map_err(|error| {
            Failure::from(error).hint(format!("the console is that of {}", console.origin))
        })
    }

    fn retry(&self) -> RetryPolicy {
        let policy = RetryPolicy::new();
        match self.global.max_attempts {
            Some(attempts) => policy.attempts(attempts),
            None => policy,
        }
    }

    fn rate_limits(&self) -> RateLimits {
        match self.global.requests_per_second {
            None => RateLimits::of_the_spec(),
            Some(0.0) => RateLimits::unlimited(),
            Some(rate) => {
                let limit = RateLimit::new(rate, 1);
                OPERATIONS.iter().fold(RateLimits::unlimited(), |limits, operation| {
                    limits.operation(operation.id, limit)
                })
            }
        }
    }

    /// The time now, by the embedded console's clock if there is one.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        #[cfg(feature = "sim")]
        if let Some(simulator) = &self.simulator {
            return simulator.now();
        }
        Utc::now()
    }

    /// Whether a person looks at standard output.
    pub(crate) fn is_interactive(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Whether progress is shown.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.global.quiet && std::io::stderr().is_terminal()
    }
}

/// The operation that the commands about threats call.
pub(crate) fn threats() -> &'static Operation {
    let found = OPERATIONS.iter().find(|operation| operation.id == "getThreats");
    found.expect("the spec has the operation getThreats")
}

/// What a threat is made of.
pub(crate) fn threat() -> &'static Schema {
    let pagination = threats().pagination.as_ref().and_then(|it| it.item);
    pagination.expect("getThreats is a list")
}
