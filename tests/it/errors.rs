//! What comes of answers that are not a page.

use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream;
use sentinelone::threats::GetThreatsQuery;
use sentinelone::{
    Body, BoxFuture, Client, Error, ErrorKind, Phase, RetryPolicy, Transport, TransportError,
};
use sentinelone_tests::{Server, answer, json, page};

use crate::{TOKEN, settings};

/// What one attempt comes to.
async fn failure(answer: Vec<u8>) -> Error {
    let server = Server::start([answer]);
    let client = settings(&server).retry(RetryPolicy::never()).build().expect("a client");
    let error = client.get_threats(&GetThreatsQuery::new()).await.expect_err("a failure");
    assert_eq!((error.attempts(), server.requests().len()), (1, 1));
    error
}

#[tokio::test]
async fn the_vendors_error_bodies() {
    async fn check(status_line: &str, content_type: &str, body: &str, expect: &str) -> Error {
        let headers = [("Content-Type", content_type), ("X-RQID", "rq-1")];
        let error = failure(answer(status_line, &headers, body)).await;
        assert_eq!(error.to_string(), expect);
        assert_eq!(error.kind(), ErrorKind::Status);
        assert_eq!(error.request_id(), Some("rq-1"));
        assert_eq!(error.headers().expect("headers")["content-type"], content_type);
        assert_eq!(error.body_text(), body);
        assert_eq!(error.status().expect("a status").as_str(), &status_line[..3]);
        assert!(!format!("{error:?}").contains(TOKEN));
        error
    }
    const JSON: &str = "application/json";

    let error = check(
        "400 BAD REQUEST",
        JSON,
        r#"{"errors":[{"code":4000010,"detail":"Invalid cursor value received","title":"Validation Error"}]}"#,
        "getThreats: 400 BAD REQUEST - Validation Error (4000010): Invalid cursor value received (request id rq-1)",
    )
    .await;
    assert_eq!(error.api_errors()[0].code, Some(4000010));
    assert_eq!(error.reason(), Some("BAD REQUEST"));
    assert!(error.is_invalid_request());

    let error = check(
        "401 UNAUTHORIZED",
        JSON,
        r#"{"errors":[{"code":4010010,"detail":null,"title":"Authentication Failed"}]}"#,
        "getThreats: 401 UNAUTHORIZED - Authentication Failed (4010010) (request id rq-1)",
    )
    .await;
    assert!(error.is_authentication() && !error.is_permission());

    let error = check(
        "403 Forbidden",
        JSON,
        r#"{"errors":[{"code":"4030010","title":"Insufficient permissions"},{"title":"Second"}],"data":null}"#,
        "getThreats: 403 Forbidden - Insufficient permissions (4030010); Second (request id rq-1)",
    )
    .await;
    assert!(error.is_permission());

    let error = check(
        "404 Not Found",
        "text/plain",
        "404 page not found\n",
        "getThreats: 404 Not Found (request id rq-1)",
    )
    .await;
    assert!(error.is_not_found() && error.api_errors().is_empty());

    let html = "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>nginx</body></html>\r\n";
    let error = check(
        "429 Too Many Requests",
        "text/html",
        html,
        "getThreats: 429 Too Many Requests (request id rq-1)",
    )
    .await;
    assert!(error.is_rate_limited());

    check(
        "401 Unauthorized",
        JSON,
        r#"{"errors":null}"#,
        "getThreats: 401 Unauthorized (request id rq-1)",
    )
    .await;
    check(
        "400 Bad Request",
        JSON,
        r#"{"error":"missing scope information"}"#,
        "getThreats: 400 Bad Request - missing scope information (request id rq-1)",
    )
    .await;
    check("422 Unprocessable Entity", JSON, r#"{"detail":[{"loc":["query"],"msg":"no"}]}"#,
        "getThreats: 422 Unprocessable Entity - [{\"loc\":[\"query\"],\"msg\":\"no\"}] (request id rq-1)").await;
    check(
        "503 Service Unavailable",
        JSON,
        "{broken",
        "getThreats: 503 Service Unavailable (request id rq-1)",
    )
    .await;
    check(
        "500 Oops",
        JSON,
        "{\"errors\":[{\"title\":\"two\\nlines\"}]}",
        "getThreats: 500 Oops - two lines (request id rq-1)",
    )
    .await;
    check("302 Found", "text/html", "moved", "getThreats: 302 Found (request id rq-1)").await;
}

#[tokio::test]
async fn answers_of_status_200_that_are_no_page() {
    async fn check(body: &str, expect: &str) {
        let error = failure(json(body)).await;
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert_eq!(error.to_string(), "getThreats: the body is not a page of the list");
        assert_eq!(error.status().expect("a status"), 200);
        assert_eq!(error.body_text(), body);
        let source = error.source().expect("a cause").to_string();
        assert!(source.contains(expect), "{body}: {source}");
    }
    check("", "EOF").await;
    check("<html>", "expected value").await;
    check("[]", "expected an object").await;
    check("{}", "/data is missing").await;
    check(r#"{"data":{"id":"1"}}"#, "expected a sequence").await;
    check(r#"{"data":[{"id":"1"},{"id":"#, "EOF").await;
    check(r#"{"data":[]} trailing"#, "trailing characters").await;
    check(r#"{"data":[],"pagination":{"nextCursor":7}}"#, "/pagination/nextCursor is neither")
        .await;
}

#[tokio::test]
async fn a_body_that_breaks_off() {
    let mut whole = page(&[r#"{"id":"1"}"#], None);
    whole.truncate(whole.len() - 5);
    let error = failure(whole).await;
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Transport, Some(Phase::Body)));
    assert_eq!(error.to_string(), "getThreats: failed reading the body");
    assert_eq!(error.status().expect("the status came"), 200);

    let mut whole = answer("502 Bad Gateway", &[], "<html>long</html>");
    whole.truncate(whole.len() - 5);
    let error = failure(whole).await;
    assert_eq!((error.kind(), error.body_text().as_ref()), (ErrorKind::Status, "<html>long</"));
    assert_eq!(error.status().expect("the status came"), 502);
}

#[tokio::test]
async fn a_console_that_is_not_there() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = unused.local_addr().expect("its address");
    drop(unused);
    for scheme in ["http", "https"] {
        let client = Client::builder().url(format!("{scheme}://{address}")).token(TOKEN);
        let client = client.retry(RetryPolicy::never()).build();
        let query = GetThreatsQuery::new().query("private");
        let error = client.expect("a client").get_threats(&query).await.expect_err("nobody there");
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Transport, Some(Phase::Connect)));
        let mut text = format!("{error} {error:?}");
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(&format!(" {cause}"));
            source = cause.source();
        }
        assert!(!text.contains("private") && !text.contains(TOKEN), "{text}");
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit() {
    let server = Server::start([page(&[&format!("{:?}", "x".repeat(1000))], None)]);
    let client = Client::builder().url(server.url()).token(TOKEN).max_body_bytes(500).build();
    let error = client.expect("a client").get_threats(&GetThreatsQuery::new()).await;
    let error = error.expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
    assert_eq!(error.to_string(), "getThreats: the body is longer than 500 bytes");
}

/// Answers with a head after `head`, and never ends the body.
struct Silent {
    head: Duration,
    sent: AtomicUsize,
}

impl Transport for Silent {
    fn send(
        &self,
        _: http::Request<bytes::Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async {
            self.sent.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(self.head).await;
            let body: Body = Box::pin(stream::pending());
            Ok(http::Response::new(body))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_console_that_stays_silent() {
    for (head, limit, phase) in [(10, 5, Phase::Head), (4, 5, Phase::Body)] {
        let transport = Silent { head: Duration::from_secs(head), sent: AtomicUsize::new(0) };
        let limit = Duration::from_secs(limit);
        let client = Client::builder().url("console.test").token(TOKEN).transport(transport);
        let client = client.idle_timeout(limit).retry(RetryPolicy::never());
        let client = client.build().expect("a client");
        let error = client.get_threats(&GetThreatsQuery::new()).await.expect_err("a timeout");
        assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(phase)));
        let expect = format!("getThreats: timed out {phase}: nothing came for 5s");
        assert_eq!(error.to_string(), expect);
    }
}

#[test]
fn an_error_is_one_pointer_wide() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}
