//! Why a sync failed.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::Path;

use sentinelone::{BoxError, Error, ErrorKind};

/// Why a sync failed. `Display` is one line without its cause, which is the
/// [`source`](StdError::source).
#[derive(Debug)]
pub struct SyncError {
    kind: SyncErrorKind,
    message: String,
    source: Option<BoxError>,
}

/// What sort of failure a [`SyncError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyncErrorKind {
    /// A call failed; the cause is the SDK's [`Error`].
    Call,
    /// The console answered with what was not asked for.
    Console,
    /// The query sets what the sync sets by itself, or the files cannot be those of a sync.
    Query,
    /// The state cannot be used: it is damaged, or of another version, query or console.
    State,
    /// The output is not the one that the state knows of.
    Output,
    /// Another process writes the same files.
    Locked,
    /// A file cannot be read or written.
    Disk,
}

impl SyncError {
    pub(super) fn new(kind: SyncErrorKind, message: impl Into<String>) -> Self {
        SyncError { kind, message: message.into(), source: None }
    }

    pub(super) fn because(self, source: impl Into<BoxError>) -> Self {
        SyncError { source: Some(source.into()), ..self }
    }

    /// `what` could not be done with a file.
    pub(super) fn disk(what: &str, path: &Path, error: io::Error) -> Self {
        let message = format!("{} cannot be {what}", path.display());
        SyncError::new(SyncErrorKind::Disk, message).because(error)
    }

    /// Names the file that the message is about.
    pub(super) fn within(self, path: &Path) -> Self {
        let message = format!("{}: {}", path.display(), self.message);
        SyncError { message, ..self }
    }

    /// What sort of failure it is.
    pub fn kind(&self) -> SyncErrorKind {
        self.kind
    }

    /// The call that failed, for [`SyncErrorKind::Call`].
    pub fn call(&self) -> Option<&Error> {
        self.source.as_deref()?.downcast_ref()
    }

    /// Whether the pass may be begun anew.
    pub(super) fn is_about_a_cursor(&self) -> bool {
        let kind = self.call().map(Error::kind);
        matches!(kind, Some(ErrorKind::StaleCursor | ErrorKind::RepeatedCursor))
    }

    /// The call that failed, or the error without one.
    pub(crate) fn into_call(self) -> Result<Error, SyncError> {
        let SyncError { kind, message, source } = self;
        match source.map(|source| source.downcast::<Error>()) {
            Some(Ok(call)) => Ok(*call),
            Some(Err(source)) => Err(SyncError { kind, message, source: Some(source) }),
            None => Err(SyncError { kind, message, source: None }),
        }
    }
}

impl fmt::Display for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for SyncError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<Error> for SyncError {
    fn from(error: Error) -> Self {
        SyncError::new(SyncErrorKind::Call, "the console could not be read").because(error)
    }
}
