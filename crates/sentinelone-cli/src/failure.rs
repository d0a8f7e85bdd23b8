//! Why a command failed, as a person reads it, as a program reads it, and as an exit code.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

use sentinelone::{BoxError, Error, ErrorKind};
use serde_json::json;

use crate::dry_run::DryRun;

/// How failures are written to standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ErrorFormat {
    /// A line, and one with a hint.
    #[default]
    Text,
    /// A JSON object on one line.
    Json,
}

/// What sort of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Whatever is none of the others.
    Failed,
    /// The arguments, a profile or the environment are wrong, and nothing was sent.
    Usage,
    /// The console refuses the token, or what it may do.
    Authentication,
    /// The console refuses more requests.
    RateLimited,
    /// Everything was done, but some records were rejected or left out.
    Partial,
    /// The user ended it.
    Interrupted,
    /// Whoever read standard output has closed it, which is no failure.
    ClosedPipe,
    /// The request was shown, and was not to be sent, which is no failure.
    DryRun,
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    message: String,
    hint: Option<String>,
    source: Option<BoxError>,
    /// The error that it is all about, whose text is the message.
    error: Option<BoxError>,
}

impl Failure {
    /// A failure that is none of the special kinds.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Failure { kind: Kind::Failed, message, hint: None, source: None, error: None }
    }

    /// A failure that an error tells of.
    pub(crate) fn caused(error: impl Into<BoxError>) -> Self {
        let error = error.into();
        let message = error.to_string();
        Failure { error: Some(error), ..Failure::new(message) }
    }

    /// Something that the user has to write differently.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure::new(message).kind(Kind::Usage)
    }

    pub(crate) fn kind(self, kind: Kind) -> Self {
        Failure { kind, ..self }
    }

    /// What the user can do about it.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Failure { hint: Some(hint.into()), ..self }
    }

    pub(crate) fn because(self, source: impl Into<BoxError>) -> Self {
        Failure { source: Some(source.into()), ..self }
    }

    /// Standard output or a file could not be written.
    pub(crate) fn write(what: &str, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::new("nobody reads the output").kind(Kind::ClosedPipe);
        }
        Failure::new(format!("{what} cannot be written")).because(error)
    }

    /// Writes it to standard error, and gives the exit code.
    pub(crate) fn report(&self, format: ErrorFormat) -> ExitCode {
        let text = match format {
            _ if self.kind.exit_code() == 0 => String::new(),
            ErrorFormat::Text => self.text(),
            ErrorFormat::Json => format!("{}\n", self.json()),
        };
        // There is nowhere else to tell of standard error being closed.
        let _ = io::stderr().write_all(text.as_bytes());
        self.exit_code()
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind.exit_code())
    }

    fn text(&self) -> String {
        let mut text = format!("error: {}", self.message);
        for cause in self.causes() {
            // Writing to a string cannot fail.
            let _ = write!(text, ": {cause}");
        }
        let mut text = text.replace('\n', " ") + "\n";
        if let Some(hint) = &self.hint {
            let _ = writeln!(text, "hint: {hint}");
        }
        text
    }

    fn json(&self) -> serde_json::Value {
        let call = self.error.as_deref().and_then(|error| error.downcast_ref::<Error>());
        json!({ "error": {
            "kind": self.kind.name(),
            "exitCode": self.kind.exit_code(),
            "message": self.message,
            "causes": self.causes(),
            "hint": self.hint,
            "status": call.and_then(Error::status).map(|it| it.as_u16()),
            "requestId": call.and_then(Error::request_id),
        }})
    }

    fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut next: Option<&(dyn StdError + 'static)> = match &self.error {
            Some(error) => error.source(),
            None => self.source.as_deref().map(|it| it as _),
        };
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Failed => "failed",
            Kind::Usage => "usage",
            Kind::Authentication => "authentication",
            Kind::RateLimited => "rate-limited",
            Kind::Partial => "partial",
            Kind::Interrupted => "interrupted",
            Kind::ClosedPipe => "closed-pipe",
            Kind::DryRun => "dry-run",
        }
    }

    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Kind::ClosedPipe | Kind::DryRun => 0,
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::Authentication => 3,
            Kind::RateLimited => 4,
            Kind::Partial => 5,
            Kind::Interrupted => 130,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if let Some(dry_run) = error.source().and_then(|it| it.downcast_ref::<DryRun>()) {
            return dry_run.end();
        }
        let (kind, hint) = if error.is_authentication() {
            (
                Kind::Authentication,
                "the token is wrong, revoked or expired: make a new one in the console",
            )
        } else if error.is_permission() {
            (
                Kind::Authentication,
                "the token's role lacks a permission, or the scope that was asked for",
            )
        } else if error.is_rate_limited() {
            (Kind::RateLimited, "try again later, or with a lower --requests-per-second")
        } else {
            match error.kind() {
                ErrorKind::Configuration | ErrorKind::InvalidRequest => (Kind::Usage, ""),
                // A console says what it did not find in its own words.
                _ if error.is_not_found() && error.api_errors().is_empty() => {
                    (Kind::Failed, "is this the URL of a console? check --url")
                }
                _ if error.is_connect() => (Kind::Failed, "check --url, the network and the proxy"),
                _ => (Kind::Failed, ""),
            }
        };
        let failure = Failure::caused(error).kind(kind);
        if hint.is_empty() { failure } else { failure.hint(hint) }
    }
}

/// Tells the user something on standard error. One who does not listen is no reason to fail.
pub(crate) fn note(text: &str) {
    use std::io::Write;
    let _ = writeln!(io::stderr(), "{text}");
}
