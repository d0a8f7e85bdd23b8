//! How clients are made.

use std::process::Command;

use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Client, ErrorKind, ReqwestTransport};
use sentinelone_tests::{Server, page};

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
        command.env_remove("SENTINELONE_URL").env_remove("SENTINELONE_TOKEN");
        command.envs(variables.iter().copied());
        String::from_utf8(command.output().expect("a run").stdout).expect("text")
    };
    let both = [("SENTINELONE_URL", "acme.sentinelone.net/"), ("SENTINELONE_TOKEN", "secret")];
    let shown = run(&both);
    assert!(shown.contains(r#"base_url: "https://acme.sentinelone.net""#), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
    let shown = run(&both[..1]);
    assert!(shown.contains("error: the API token is missing"), "{shown}");
    let shown = run(&[]);
    assert!(shown.contains("error: the console's URL is missing"), "{shown}");
}
