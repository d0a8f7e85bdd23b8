//! `--dry-run`: shows the first request of a command instead of sending any.

use std::fmt;
use std::future::ready;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use sentinelone::bytes::Bytes;
use sentinelone::http::{HeaderValue, Request};
use sentinelone::{Phase, Transport, TransportError, transport_fn};

use crate::failure::{Failure, Kind};

/// Prints the first request, and refuses all with a [`DryRun`].
pub(crate) fn transport() -> impl Transport {
    let printed = AtomicBool::new(false);
    transport_fn(move |request| {
        let outcome = match printed.swap(true, Ordering::Relaxed) {
            true => Ok(()),
            false => io::stdout().write_all(&text(&request)),
        };
        let failure = outcome.err().map(|error| error.kind());
        ready(Err(TransportError::new(Phase::Connect, DryRun { failure }).permanent()))
    })
}

/// Why no request is sent.
#[derive(Debug)]
pub(crate) struct DryRun {
    /// Why it could not be shown.
    failure: Option<io::ErrorKind>,
}

impl DryRun {
    /// How the command ends.
    pub(crate) fn end(&self) -> Failure {
        match self.failure {
            None => Failure::new(self.to_string()).kind(Kind::DryRun),
            Some(kind) => Failure::write("standard output", kind.into()),
        }
    }
}

impl std::error::Error for DryRun {}

impl fmt::Display for DryRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing is sent in a dry run")
    }
}

fn text(request: &Request<Bytes>) -> Vec<u8> {
    let mut text = format!("{} {}\n", request.method(), request.uri()).into_bytes();
    for (name, value) in request.headers() {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(&shown(value));
        text.push(b'\n');
    }
    if !request.body().is_empty() {
        text.push(b'\n');
        text.extend_from_slice(request.body());
        text.push(b'\n');
    }
    text
}

/// A header's value without what is secret in it: all but the scheme of a token.
fn shown(value: &HeaderValue) -> Vec<u8> {
    let bytes = value.as_bytes();
    match bytes.iter().position(|&byte| byte == b' ') {
        _ if !value.is_sensitive() => bytes.to_vec(),
        Some(scheme) => [&bytes[..scheme], b" ****"].concat(),
        None => b"****".to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_with_a_body() {
        let mut token = HeaderValue::from_static("ApiToken s3cr3t");
        token.set_sensitive(true);
        let mut secret = HeaderValue::from_static("s3cr3t");
        secret.set_sensitive(true);
        let request = Request::post("https://a.test/notes?limit=1")
            .header("accept", "application/json")
            .header("authorization", token)
            .header("cookie", secret)
            .body(Bytes::from("{\"text\": \"a\"}"))
            .expect("a request");
        let expect = "POST https://a.test/notes?limit=1\naccept: application/json\n\
                      authorization: ApiToken ****\ncookie: ****\n\n{\"text\": \"a\"}\n";
        assert_eq!(String::from_utf8(text(&request)).expect("UTF-8"), expect);
    }
}
