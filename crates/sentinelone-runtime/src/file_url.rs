//! Where a file is that an answer points to.

use std::fmt;

use reqwest::Url;

use crate::base_url::BaseUrl;

/// The URL of a file. It may be signed, so that it is as good as the file, and is shown nowhere.
pub(crate) struct FileUrl {
    url: Url,
    /// Whether scheme, host and port are those of the console.
    is_on_console: bool,
}

impl FileUrl {
    /// Takes a URL as an answer has it: a whole one, or a path on the console.
    pub(crate) fn parse(text: &str, console: &BaseUrl) -> Result<FileUrl, FileUrlError> {
        let text = text.trim();
        let is_path = text.starts_with('/') && !text.starts_with("//");
        let whole = if is_path { format!("{}{text}", console.as_str()) } else { text.to_owned() };
        let mut url =
            Url::parse(&whole).map_err(|error| FileUrlError::Invalid(error.to_string()))?;
        match url.scheme() {
            "https" => {}
            "http" if console.allows_http(&url) => {}
            "http" => return Err(FileUrlError::PlainHttp),
            other => return Err(FileUrlError::Scheme(other.to_owned())),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FileUrlError::Credentials);
        }
        url.set_fragment(None);
        let is_on_console = url.origin() == console.url().origin();
        Ok(FileUrl { url, is_on_console })
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn is_on_console(&self) -> bool {
        self.is_on_console
    }
}

/// Why a text is not the URL of a file. The text itself is not repeated: it may hold secrets.
#[derive(Debug)]
pub(crate) enum FileUrlError {
    Invalid(String),
    Scheme(String),
    PlainHttp,
    Credentials,
}

impl std::error::Error for FileUrlError {}

impl fmt::Display for FileUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileUrlError::Invalid(reason) => {
                write!(f, "{reason}; give it as the answer has it: `https://…`, or a path")
            }
            FileUrlError::Scheme(scheme) => write!(f, "the scheme `{scheme}` is not https"),
            FileUrlError::PlainHttp => write!(
                f,
                "what comes over plain http may be anyone's; call `ClientBuilder::allow_http` if \
                 that is meant"
            ),
            FileUrlError::Credentials => {
                write!(f, "it holds a user name or password, which would be sent")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let console = BaseUrl::parse("https://acme.test/s1", false).expect("a console");
        let shown = match FileUrl::parse(text, &console) {
            Ok(file) => format!("{} {}", file.is_on_console(), file.url()),
            Err(error) => format!("error: {error}"),
        };
        assert!(shown.starts_with(expect), "{text}: {shown}");
    }

    #[test]
    fn only_the_consoles_own_scheme_host_and_port_are_its() {
        check("https://acme.test/f?sig=1#x", "true https://acme.test/f?sig=1");
        check(" HTTPS://ACME.test:443/f\n", "true https://acme.test/f");
        check("/web/f", "true https://acme.test/s1/web/f");
        check("https://acme.test:8443/f", "false https://acme.test:8443/f");
        check("https://acme.test.evil.test/f", "false ");
        check("https://acme.test./f", "false ");
        check("https://evil.test/https://acme.test/f", "false ");
        check("http://127.0.0.1:8080/f", "false http://127.0.0.1:8080/f");
        check("http://localhost/f", "false ");
    }

    #[test]
    fn urls_that_are_refused() {
        check("", "error: relative URL without a base");
        check("f", "error: relative URL without a base");
        check("//evil.test/f", "error: relative URL without a base");
        check("http://acme.test/f", "error: what comes over plain http");
        check("ftp://acme.test/f", "error: the scheme `ftp` is not https");
        check("file:///etc/passwd", "error: the scheme `file` is not https");
        check("https://acme.test@evil.test/f", "error: it holds a user name");
    }
}
