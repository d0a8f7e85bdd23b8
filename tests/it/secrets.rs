//! What is shown of a call, in logs and in the texts of errors, and what never is.

use std::error::Error as _;

use futures_util::TryStreamExt;
use sentinelone::threats::GetThreatsQuery;
use sentinelone_tests::{Answer, CapturedLogs, Server, answer, json, page};

use crate::{TOKEN, settings};

const RECORD: &str = r#"{"id":"1","threatInfo":{"threatName":"private"}}"#;

/// Answers of every sort, with something private in each body.
fn answers() -> Vec<Answer> {
    let error = r#"{"errors":[{"code":4000010,"title":"Validation Error"}],"data":"private"}"#;
    vec![
        page(&[RECORD], None).into(),
        page(&[RECORD], Some("private-cursor")).into(),
        Answer::cut(page(&[RECORD], None), 4),
        Answer::none(),
        Answer::silent_in_body("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nprivate"),
        json(r#"{"data":"private"}"#).into(),
        json(r#"{"data":[{"id":"private"}"#).into(),
        json("private").into(),
        answer("400 Bad Request", &[("X-RQID", "rq-7")], error).into(),
        answer("401 Unauthorized", &[("Content-Type", "text/html")], "private").into(),
        answer("429 Too Many Requests", &[("Retry-After", "2")], "private").into(),
        answer("503 Service Unavailable", &[], "private").into(),
        answer("302 Found", &[("Location", "/login?next=private")], "").into(),
        answer("200 OK", &[("Content-Encoding", "gzip")], "private").into(),
        Answer::endless("HTTP/1.1 200 OK\r\nX: ", "private"),
    ]
}

#[tokio::test]
async fn no_text_shows_the_token_the_query_or_a_body() {
    let (logs, _capture) = CapturedLogs::start();
    let mut texts = String::new();
    for answer in answers() {
        let server = Server::start([answer]);
        let client = settings(&server).build().expect("a client");
        let query = GetThreatsQuery::new().query("private").computer_name_contains(["private"]);
        let mut records = client.get_threats_stream(&query);
        loop {
            match records.try_next().await {
                Ok(None) => break,
                Ok(Some(record)) => texts.push_str(&format!("{record:?} {records:?} {client:?}\n")),
                Err(error) => {
                    texts.push_str(&format!("{error} {error:?} {error:#?}\n"));
                    // Each cause says something that the error above it does not.
                    let mut above = error.to_string();
                    let mut cause = error.source();
                    while let Some(error) = cause {
                        let text = error.to_string();
                        assert!(!above.contains(&text), "{above} / {text}");
                        assert_eq!(text.lines().count(), 1, "{text}");
                        texts.push_str(&format!("{error} {error:?}\n"));
                        above = text;
                        cause = error.source();
                    }
                    assert_eq!(error.to_string().lines().count(), 1);
                    break;
                }
            }
        }
        texts.push_str(&format!("{:?}\n", records.continuation()));
    }
    let logs = logs.text();
    // What other crates log below the SDK is not ours to change: hyper names the headers that it
    // reads at TRACE. Of the token and the query, none of them shows anything.
    for (name, text) in [("logs", &logs), ("texts", &texts)] {
        let secret = TOKEN.split('.').next_back().expect("a part");
        assert!(!text.contains(secret), "{name} have the token");
        assert!(!text.contains("query=") && !text.contains("Contains="), "{name} have the query");
    }
    assert!(!texts.contains("private"), "{texts}");
    let ours: Vec<_> = logs.lines().filter(|line| line.contains("sentinelone")).collect();
    assert!(answers().len() < ours.len(), "{logs}");
    assert!(!ours.join("\n").contains("private"), "{ours:#?}");
}

#[tokio::test]
async fn calls_and_attempts_have_spans() {
    let (logs, _capture) = CapturedLogs::start();
    let down = answer("503 Service Unavailable", &[("X-RQID", "rq-1")], "");
    let server = Server::start([down, page(&[], None)]);
    let client = settings(&server).build().expect("a client");
    client.get_threats(&GetThreatsQuery::new()).await.expect("a page");
    let port = server.url().rsplit(':').next().expect("a port");

    let logs = logs.text();
    let has = |parts: &[&str]| {
        let found = logs.lines().any(|line| parts.iter().all(|part| line.contains(part)));
        assert!(found, "no line with {parts:?} in\n{logs}");
    };
    has(&["sentinelone.call{sentinelone.operation=\"getThreats\"}", "new"]);
    let attempt = [
        "sentinelone.attempt{",
        "otel.name=GET /web/api/v2.1/threats",
        "otel.kind=\"client\"",
        "http.request.method=\"GET\"",
        "url.template=\"/web/api/v2.1/threats\"",
        "url.scheme=\"http\"",
        "server.address=\"127.0.0.1\"",
        &format!("server.port={port}"),
    ];
    let with = |more: &[&'static str]| {
        has(&attempt.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>());
    };
    with(&["http.response.status_code=503", "error.type=\"503\"", "rq-1", "close"]);
    with(&["http.request.resend_count=1", "http.response.status_code=200", "close"]);
    has(&["WARN", "the request failed and is repeated", "attempt=1", "delay=125ms"]);
}
