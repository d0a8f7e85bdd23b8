//! The proxies that people configure, checked: `reqwest` takes no notice of a variable that it
//! cannot read, and requests then go out directly.

use std::fmt;

use reqwest::{Proxy, Url};

use crate::base_url::BaseUrl;
use crate::error::{Error, ErrorKind};

/// Reads the URL of a proxy for all requests.
pub(crate) fn parse(text: &str) -> Result<Proxy, ProxyError> {
    let url = check(text)?;
    Proxy::all(url).map_err(|error| ProxyError::Invalid(error.without_url().to_string()))
}

/// Refuses a variable that would be ignored although it was meant for requests to this console.
pub(crate) fn check_environment(base_url: &BaseUrl) -> Result<(), Error> {
    let own = if base_url.is_https() {
        ["HTTPS_PROXY", "https_proxy"]
    } else {
        ["HTTP_PROXY", "http_proxy"]
    };
    for name in own.into_iter().chain(["ALL_PROXY", "all_proxy"]) {
        let Some(value) = std::env::var_os(name).filter(|value| !value.is_empty()) else {
            continue;
        };
        check(&value.to_string_lossy()).map_err(|error| {
            let message = format!("the proxy, set by the variable {name}, is not usable");
            Error::new(ErrorKind::Configuration, message).with_source(error)
        })?;
    }
    Ok(())
}

fn check(text: &str) -> Result<Url, ProxyError> {
    let text = text.trim();
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&with_scheme).map_err(|error| ProxyError::Invalid(error.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        scheme => Err(ProxyError::Scheme(scheme.to_owned())),
    }
}

/// Why a text is not the URL of a proxy. The text itself is not repeated: it may hold a password.
#[derive(Debug)]
pub(crate) enum ProxyError {
    Invalid(String),
    Scheme(String),
}

impl std::error::Error for ProxyError {}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProxyError::Invalid(reason) => {
                write!(f, "{reason}; write it like `http://proxy.example.com:3128`")
            }
            ProxyError::Scheme(scheme) => write!(
                f,
                "its scheme `{scheme}` is neither http nor https; for others, give the client a \
                 `reqwest::Client` of your own"
            ),
        }
    }
}
