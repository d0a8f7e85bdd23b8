use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// The path that every operation starts with. People paste it along with the host.
const API_PREFIX: &str = "/web/api/v2.1";

/// The scheme, host and port of a console, with the path of a proxy in front of it if there is
/// one, and without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    text: String,
    url: Url,
    allow_http: bool,
}

impl BaseUrl {
    /// Takes a URL as people paste it: with or without scheme, trailing slash or API path.
    pub(crate) fn parse(text: &str, allow_http: bool) -> Result<BaseUrl, BaseUrlError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BaseUrlError::Empty);
        }
        let with_scheme =
            if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url =
            Url::parse(&with_scheme).map_err(|error| BaseUrlError::Invalid(error.to_string()))?;
        match url.scheme() {
            "https" => {}
            "http" if allow_http || is_loopback(&url) => {}
            "http" => return Err(BaseUrlError::PlainHttp),
            other => return Err(BaseUrlError::Scheme(other.to_owned())),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BaseUrlError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlError::Query);
        }
        let path = url.path().trim_end_matches('/');
        let path = path.find(API_PREFIX).map_or(path, |at| &path[..at]).trim_end_matches('/');
        let text = format!("{}{path}", url.origin().ascii_serialization());
        Ok(BaseUrl { text, url, allow_http })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the console is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    pub(crate) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Whether plain http to that host is allowed, too.
    pub(crate) fn allows_http(&self, url: &Url) -> bool {
        self.allow_http || is_loopback(url)
    }
}

/// Why a text is not the URL of a console. The text itself is not repeated: it may hold secrets.
#[derive(Debug)]
pub(crate) enum BaseUrlError {
    Empty,
    Invalid(String),
    Scheme(String),
    PlainHttp,
    Credentials,
    Query,
}

impl std::error::Error for BaseUrlError {}

impl fmt::Display for BaseUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const EXAMPLE: &str = "write it like `https://example.sentinelone.net`";
        match self {
            BaseUrlError::Empty => write!(f, "it is empty; {EXAMPLE}"),
            BaseUrlError::Invalid(reason) => write!(f, "{reason}; {EXAMPLE}"),
            BaseUrlError::Scheme(scheme) => {
                write!(f, "the scheme `{scheme}` is not https; {EXAMPLE}")
            }
            BaseUrlError::PlainHttp => write!(
                f,
                "plain http would send the token unencrypted; write `https://`, or call \
                 `ClientBuilder::allow_http` if that is meant"
            ),
            BaseUrlError::Credentials => {
                write!(f, "it holds a user name or password; the token is the only credential")
            }
            BaseUrlError::Query => write!(f, "it has a query or fragment; {EXAMPLE}"),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let parsed = BaseUrl::parse(text, false);
        let shown = parsed.map_or_else(|error| format!("error: {error}"), |url| url.text);
        assert!(shown.starts_with(expect), "{text}: {shown}");
    }

    #[test]
    fn urls_as_people_paste_them() {
        check("acme.sentinelone.net", "https://acme.sentinelone.net");
        check("https://acme.sentinelone.net/", "https://acme.sentinelone.net");
        check(" https://ACME.sentinelone.net// \n", "https://acme.sentinelone.net");
        check("https://acme.sentinelone.net/web/api/v2.1", "https://acme.sentinelone.net");
        check("acme.sentinelone.net/web/api/v2.1/threats", "https://acme.sentinelone.net");
        check("https://proxy.test/s1/web/api/v2.1/", "https://proxy.test/s1");
        check("https://acme.sentinelone.net:8443", "https://acme.sentinelone.net:8443");
        check("http://127.0.0.1:8080", "http://127.0.0.1:8080");
        check("http://[::1]:8080", "http://[::1]:8080");
        check("http://localhost", "http://localhost");
    }

    #[test]
    fn urls_that_are_refused() {
        check("", "error: it is empty");
        check("http://acme.sentinelone.net", "error: plain http would send the token");
        check("http://localhost.evil.test", "error: plain http");
        check("ftp://acme.sentinelone.net", "error: the scheme `ftp` is not https");
        check("https://", "error: ");
        check("https://user:secret@acme.sentinelone.net", "error: it holds a user name");
        check("https://acme.sentinelone.net/?token=x", "error: it has a query");
    }
}
