//! How clients are made.

use std::error::Error as _;
use std::process::Command;

use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Client, ClientBuilder, ErrorKind, ReplayTransport, ReqwestTransport};
use sentinelone_tests::{Answer, Server, page};

use crate::TOKEN;

#[track_caller]
fn check(url: Option<&str>, token: Option<&str>, expect: &str) {
    let mut builder = Client::builder();
    if let Some(url) = url {
        builder = builder.url(url);
    }
    if let Some(token) = token {
        builder = builder.token(token);
    }
    let error = builder.build().expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.to_string(), expect);
    let text = format!("{error:?}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn settings_that_are_refused() {
    let url = Some("example.sentinelone.net");
    check(None, Some("t"), "the console's URL is missing; call `url` or set SENTINELONE_URL");
    check(url, None, "the API token is missing; call `token` or set SENTINELONE_TOKEN");
    check(
        Some("http://x.test"),
        Some("t"),
        "the console's URL, set by `url` or SENTINELONE_URL, is not usable",
    );
    check(url, Some(" "), "the API token, set by `token` or SENTINELONE_TOKEN, is empty");
    check(
        url,
        Some("ApiToken secret"),
        "the API token, set by `token` or SENTINELONE_TOKEN, has white space in it; give the token \
         alone, without `ApiToken`",
    );
    check(
        url,
        Some("secret\u{7f}"),
        "the API token, set by `token` or SENTINELONE_TOKEN, has characters that no token has",
    );
}

#[test]
fn the_token_is_in_no_debug_text() {
    let builder = Client::builder().url("console.test").token(TOKEN);
    let text = format!("{builder:?}");
    assert!(!text.contains("secret"), "{text}");
    let client = builder.build().expect("a client");
    let text = format!("{client:?} {client:#?}");
    assert!(!text.contains("secret"), "{text}");
    assert!(text.contains("Sensitive"), "{text}");
}

#[test]
fn proxies_and_certificates_that_are_refused() {
    let builder = || Client::builder().url("example.sentinelone.net").token("t");
    let check = |builder: ClientBuilder<Client>, expect: &str, cause: &str| {
        let error = builder.build().expect_err("a refusal");
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Configuration, expect));
        let source = error.source().map(ToString::to_string).unwrap_or_default();
        assert!(source.contains(cause), "{source}");
        assert!(!format!("{error:?} {source}").contains("secret"), "{error:?}");
    };
    let proxy = "the proxy, set by `proxy`, is not usable";
    check(builder().proxy("http://user:secret@:80"), proxy, "empty host");
    check(builder().proxy("http://proxy:port"), proxy, "write it like `http://proxy.example.com");
    check(builder().proxy(""), proxy, "empty host");
    check(builder().proxy("socks5://user:secret@proxy"), proxy, "`socks5` is neither http nor");
    let pem = "the certificates, set by `root_certificates`, are not ones in PEM";
    check(builder().root_certificates("secret"), pem, "no `BEGIN CERTIFICATE`");
    let broken = "-----BEGIN CERTIFICATE-----\nsecret\n-----END CERTIFICATE-----\n";
    let unusable =
        "the HTTP client cannot be set up with the certificates set by `root_certificates`";
    check(builder().root_certificates(broken), unusable, "builder error");
    let own = || builder().transport(ReplayTransport::default());
    let expect = |setting: &str| {
        format!(
            "`{setting}` has no effect on a client or transport of your own; make the setting there"
        )
    };
    check(own().proxy("proxy:3128"), &expect("proxy"), "");
    check(own().root_certificates(broken), &expect("root_certificates"), "");
}

#[tokio::test]
async fn requests_go_through_the_proxy() {
    let proxy = Server::start([page(&[], None)]);
    let client = Client::builder().url("http://console.test").allow_http().token(TOKEN);
    let client = client.proxy(proxy.url().replace("http://", "http://user:pass@"));
    let client = client.clock(proxy.clock()).build().expect("a client");
    client.get_threats(&GetThreatsQuery::new()).await.expect("a page");
    let request = proxy.requests().remove(0).to_lowercase();
    assert!(
        request.starts_with("get http://console.test/web/api/v2.1/threats http/1.1"),
        "{request}"
    );
    assert!(request.contains("proxy-authorization: basic dxnlcjpwyxnz"), "{request}");
}

/// An MSSP's process: one pool of connections, and everything else apart.
#[tokio::test]
async fn clients_can_share_connections() {
    let kept = || {
        let bytes = String::from_utf8(page(&[], None)).expect("text");
        Answer::kept_alive(bytes.replace("Connection: close\r\n", ""))
    };
    let server = Server::start([kept(), kept(), kept(), kept()]);
    let http = ReqwestTransport::client_builder().build().expect("a client");
    for tenant in ["one", "two", "three"] {
        let client = crate::settings(&server).token(tenant).http_client(http.clone());
        let client = client.build().expect("a client");
        client.get_threats(&GetThreatsQuery::new()).await.expect("a page");
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 3));
    for (request, tenant) in server.requests().iter().zip(["one", "two", "three"]) {
        assert!(request.contains(&format!("ApiToken {tenant}\r\n")), "{request}");
    }
}

#[tokio::test]
async fn a_client_of_the_callers_own() {
    let server = Server::start([page(&[], None)]);
    let http = ReqwestTransport::client_builder().user_agent("theirs").build().expect("a client");
    let client = Client::builder().url(server.url()).token(TOKEN).http_client(http);
    let client = client.clock(server.clock()).user_agent("pipeline/7").build().expect("a client");
    client.get_threats(&GetThreatsQuery::new()).await.expect("an answer");
    assert!(server.requests()[0].contains("user-agent: pipeline/7\r\n"), "{:?}", server.requests());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Server::start([page(&[], None)]);
    let location = [("Location", other.url())];
    let server = Server::start([sentinelone_tests::answer("302 Found", &location, "")]);
    let error = crate::client(&server).get_threats(&GetThreatsQuery::new()).await;
    assert_eq!(error.expect_err("a status").status().expect("302"), 302);
    assert_eq!(other.requests(), [""; 0]);
}

/// Variables cannot be set for one test alone, so the next one runs this in a process of its own.
#[test]
fn shows_the_client_of_the_environment() {
    match Client::from_env() {
        Ok(client) => println!("client: {client:?}"),
        Err(error) => println!("error: {error}"),
    }
}

#[test]
fn settings_from_the_environment() {
    let run = |variables: &[(&str, &str)]| {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", "client::shows_the_client_of_the_environment", "--nocapture"]);
        for name in [
            "SENTINELONE_URL",
            "SENTINELONE_TOKEN",
            "HTTPS_PROXY",
            "https_proxy",
            "ALL_PROXY",
            "all_proxy",
        ] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        String::from_utf8(command.output().expect("a run").stdout).expect("text")
    };
    let both = [("SENTINELONE_URL", "acme.sentinelone.net/"), ("SENTINELONE_TOKEN", "secret")];
    let shown = run(&both);
    assert!(shown.contains(r#"base_url: "https://acme.sentinelone.net""#), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
    let shown = run(&both[..1]);
    assert!(shown.contains("error: the API token is missing"), "{shown}");
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let shown = run(&[both[0], both[1], (name, "http://user:secret@:99999")]);
        let expect = format!("error: the proxy, set by the variable {name}, is not usable");
        assert!(shown.contains(&expect) && !shown.contains("secret"), "{shown}");
    }
    let shown = run(&[both[0], both[1], ("HTTPS_PROXY", "proxy.test:3128")]);
    assert!(shown.contains("client: "), "{shown}");
    let local = ("SENTINELONE_URL", "http://127.0.0.1:1");
    let shown = run(&[local, both[1], ("HTTP_PROXY", "no proxy")]);
    assert!(shown.contains("client: "), "{shown}");
    let shown = run(&[]);
    assert!(shown.contains("error: the console's URL is missing"), "{shown}");
}
