//! What a command has from the outside: the console, the time, the terminal.

use std::io::IsTerminal;

use chrono::{DateTime, Utc};
use sentinelone::operation::{Operation, RateLimit, Schema};
use sentinelone::{Client, OPERATIONS, RateLimits};
#[cfg(feature = "sim")]
use sentinelone_sim::Simulator;

use crate::arguments::Global;
use crate::failure::Failure;

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

    /// A client of the console that the arguments, the environment or a profile name.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let mut builder = Client::builder();
        #[cfg(feature = "sim")]
        if let Some(simulator) = &self.simulator {
            builder = builder.url(simulator.url()).token(simulator.token());
            return Ok(builder.rate_limits(self.rate_limits()).build()?);
        }
        builder = builder.environment();
        if let Some(url) = &self.global.url {
            builder = builder.url(url);
        }
        Ok(builder.rate_limits(self.rate_limits()).build()?)
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
