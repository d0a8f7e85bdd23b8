//! What a misbehaving server costs: the requests, the waiting between them, and the outcome.

use std::error::Error as _;
use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::TryStreamExt;
use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Client, ErrorKind, Phase, ReqwestTransport, RetryPolicy};
use sentinelone_tests::{Answer, Server, TestClock, answer, json, page};
use tokio::net::{TcpSocket, TcpStream};

use crate::{TOKEN, client, settings};

const ONE: &str = r#"{"id":"1"}"#;
const TWO: &str = r#"{"id":"2"}"#;

const HTML_429: &str = "<html><head><title>429 Too Many Requests</title></head></html>";

/// Streams all records of a server and holds against what is expected: how many requests it saw,
/// the milliseconds between them, and the records, followed by the error if there was one.
#[track_caller]
fn check<const N: usize>(
    answers: [Answer; N],
    requests: usize,
    sleeps: &[u64],
    outcome: &str,
) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    let server = Server::start(answers);
    async move {
        let streamed = stream(&client(&server)).await;
        let slept: Vec<_> = server.clock().sleeps().iter().map(Duration::as_millis).collect();
        assert_eq!(streamed, outcome, "{caller}");
        assert_eq!(server.requests().len(), requests, "{caller}");
        assert_eq!(slept, sleeps.iter().map(|&it| u128::from(it)).collect::<Vec<_>>(), "{caller}");
    }
}

async fn stream(client: &Client) -> String {
    let mut records = client.get_threats_stream(&GetThreatsQuery::new());
    let mut ids = String::new();
    loop {
        match records.try_next().await {
            Ok(Some(record)) => {
                ids.push_str(&record.decode().expect("a threat").id.expect("an id"));
            }
            Ok(None) => return ids,
            Err(error) => return format!("{ids} {error}"),
        }
    }
}

fn last() -> Answer {
    page(&[TWO], None).into()
}

#[tokio::test]
async fn connections_that_break() {
    for broken in [
        Answer::none(),
        Vec::from("HTTP/1.1 200 OK\r\nContent-Ty").into(),
        Answer::cut(page(&[ONE], Some("a")), 3),
        Answer::silent_in_head("HTTP/1.1 200 OK\r\nContent-Ty"),
        Answer::silent_in_head(""),
        Answer::silent_in_body("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
        Answer::silent_in_body("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"data\""),
        Vec::from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"data\":").into(),
        Vec::from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"data\"\r\n").into(),
        Vec::from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").into(),
        Vec::from("what is this\r\n\r\n").into(),
        answer("200 OK", &[("Content-Encoding", "gzip")], "not gzip").into(),
        answer("200 OK", &[("Content-Encoding", "gzip")], &gzip("{\"data\":[]}")[..9]).into(),
        json("").into(),
        json("{\"data\":[{\"id\":").into(),
    ] {
        // On a first page and on a later one, once and again.
        check([broken.clone(), last()], 2, &[125], "2").await;
        let first = || page(&[ONE], Some("a")).into();
        check([first(), broken.clone(), last()], 3, &[125], "12").await;
        check([broken.clone(), broken.clone(), broken.clone(), last()], 4, &[125, 250, 500], "2")
            .await;
        // For ever: the fifth answer is not asked for.
        let server = Server::start([first(), broken.clone()]);
        let outcome = stream(&client(&server)).await;
        assert!(outcome.starts_with("1 getThreats: "), "{broken:?}: {outcome}");
        assert!(outcome.ends_with(", 4 attempts"), "{broken:?}: {outcome}");
        assert_eq!(server.requests().len(), 5, "{broken:?}");
    }
    let server = Server::start([Answer::reset(), Answer::reset(), last()]);
    assert_eq!(stream(&client(&server)).await, "2");
    assert_eq!((server.requests().len(), server.connections()), (1, 3));
    assert_eq!(server.clock().sleeps().len(), 2);
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[tokio::test]
async fn the_phase_is_named() {
    async fn check(answer: Answer, kind: ErrorKind, phase: Phase, expect: &str) {
        let server = Server::start([answer]);
        let error = client(&server).get_threats(&GetThreatsQuery::new()).await;
        let error = error.expect_err("a failure");
        assert_eq!((error.kind(), error.phase()), (kind, Some(phase)));
        assert_eq!(error.to_string(), format!("getThreats: {expect}, 4 attempts"));
        assert!(error.is_retryable() && !error.is_connect());
        assert_eq!(error.is_timeout(), kind == ErrorKind::Timeout);
        assert_eq!(error.attempts(), 4);
        let waited = if error.is_timeout() { 4 * TestClock::IDLE } else { Duration::ZERO };
        assert_eq!(error.elapsed(), waited + Duration::from_millis(125 + 250 + 500));
    }
    let (transport, timeout) = (ErrorKind::Transport, ErrorKind::Timeout);
    check(Answer::none(), transport, Phase::Head, "failed waiting for the answer").await;
    let cut = Answer::cut(page(&[ONE], None), 3);
    check(cut, transport, Phase::Body, "failed reading the body").await;
    let expect = "timed out waiting for the answer: nothing came for 30s";
    check(Answer::silent_in_head("HTTP/1.1 2"), timeout, Phase::Head, expect).await;
    let expect = "timed out reading the body: nothing came for 30s";
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{";
    check(Answer::silent_in_body(head), timeout, Phase::Body, expect).await;
}

#[tokio::test]
async fn statuses_that_are_worth_another_attempt() {
    for status in ["408 Request Timeout", "502 Bad Gateway", "503 Service Unavailable", "504 Late"]
    {
        let failed = || answer(status, &[("Content-Type", "text/html")], "<html>").into();
        check([failed(), last()], 2, &[125], "2").await;
        let outcome = format!(" getThreats: {status}, 4 attempts");
        check([failed(), failed(), failed(), failed()], 4, &[125, 250, 500], &outcome).await;
        // An error body that breaks off, is silent or goes on for ever does not hide the status.
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: 99\r\n\r\n<html>");
        check([Vec::from(&*head).into(), last()], 2, &[125], "2").await;
        check([Answer::silent_in_body(&*head), last()], 2, &[125], "2").await;
        let head = format!("HTTP/1.1 {status}\r\n\r\n");
        check([Answer::endless(&*head, [b'x'; 4096]), last()], 2, &[125], "2").await;
    }
    let failed = || answer("503 S", &[("Retry-After", "3")], "").into();
    check([failed(), last()], 2, &[3000], "2").await;
}

#[tokio::test]
async fn statuses_that_are_not() {
    for (status_line, body, expect) in [
        (
            "401 Unauthorized",
            r#"{"errors":[{"code":4010010,"title":"Authentication Failed"}]}"#,
            " - Authentication Failed (4010010)",
        ),
        ("401 Unauthorized", "<html>", ""),
        ("403 Forbidden", "", ""),
        ("404 Not Found", "404 page not found", ""),
        (
            "400 Bad Request",
            r#"{"errors":[{"code":4000010,"title":"Validation Error"}]}"#,
            " - Validation Error (4000010)",
        ),
        ("500 Oops", "", ""),
        ("501 Not Implemented", "", ""),
        ("302 Found", "", ""),
    ] {
        let failed = || answer(status_line, &[], body).into();
        check([failed(), last()], 1, &[], &format!(" getThreats: {status_line}{expect}")).await;
    }
}

#[tokio::test]
async fn a_500_is_retried_if_asked_for() {
    let server = Server::start([answer("500 Oops", &[], ""), page(&[TWO], None)]);
    let client = settings(&server).retry(RetryPolicy::new().retry_500()).build().expect("a client");
    assert_eq!(stream(&client).await, "2");
}

#[tokio::test]
async fn a_429_of_the_gateway() {
    let limited = |headers: &[(&str, &str)]| -> Answer {
        let mut all = vec![("Content-Type", "text/html")];
        all.extend(headers);
        answer("429 Too Many Requests", &all, HTML_429).into()
    };
    check([limited(&[]), last()], 2, &[500], "2").await;
    check([limited(&[]), limited(&[]), limited(&[]), last()], 4, &[500, 1000, 2000], "2").await;
    check([limited(&[("Retry-After", "7")]), last()], 2, &[7000], "2").await;
    check([limited(&[("Retry-After", "0")]), last()], 2, &[500], "2").await;
    check([limited(&[("Retry-After", "soon")]), last()], 2, &[500], "2").await;
    check([limited(&[("Retry-After", "86400")]), last()], 2, &[120_000], "2").await;
    // The clock of the test begins at 08:49:30.
    let date = ("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT");
    check([limited(&[date]), last()], 2, &[7000], "2").await;
    let sent = ("Date", "Sun, 06 Nov 1994 08:49:34 GMT");
    check([limited(&[date, sent]), last()], 2, &[3000], "2").await;

    let server = Server::start([limited(&[("Retry-After", "86400")])]);
    let error = client(&server).get_threats(&GetThreatsQuery::new()).await.expect_err("a status");
    assert!(error.is_rate_limited() && error.is_retryable());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(86400)));
    assert_eq!(error.elapsed(), Duration::from_secs(3 * 120));
    assert_eq!(error.body_text(), HTML_429);
    assert_eq!(error.to_string(), "getThreats: 429 Too Many Requests, 4 attempts");
}

#[tokio::test]
async fn a_cursor_that_is_no_longer_taken() {
    let body = r#"{"errors":[{"code":4000010,"detail":"Invalid cursor value","title":"Validation Error"}]}"#;
    let stale = answer("400 BAD REQUEST", &[], body);
    let server = Server::start([page(&[ONE], Some("a")), stale]);
    let mut records = client(&server).get_threats_stream(&GetThreatsQuery::new());
    assert!(records.try_next().await.expect("a page").is_some());
    let error = records.try_next().await.expect_err("a stale cursor");
    assert_eq!(error.kind(), ErrorKind::StaleCursor);
    assert_eq!(error.status().expect("a status"), 400);
    assert!(error.is_invalid_request() && !error.is_retryable());
    assert_eq!(server.requests().len(), 2);

    let other = answer("400 BAD REQUEST", &[], r#"{"errors":[{"code":4000040}]}"#);
    let server = Server::start([page(&[ONE], Some("a")), other]);
    let pages = client(&server).get_threats_pages(&GetThreatsQuery::new());
    let error = pages.try_collect::<Vec<_>>().await.expect_err("a status");
    assert_eq!(error.kind(), ErrorKind::Status);
}

#[tokio::test]
async fn answers_without_end_are_cut_off() {
    async fn check(answer: Answer, kind: ErrorKind, expect: &str) -> usize {
        let server = Server::start([answer]);
        let client = settings(&server).max_body_bytes(100_000).build().expect("a client");
        let error = client.get_threats(&GetThreatsQuery::new()).await.expect_err("a failure");
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, expect));
        let mut chain = String::new();
        let mut cause = error.source();
        while let Some(error) = cause {
            chain.push_str(&format!("{error}; "));
            cause = error.source();
        }
        if kind == ErrorKind::Transport {
            assert!(chain.contains("message head is too large"), "{chain}");
        }
        assert!(error.body().len() <= 64 * 1024);
        server.requests().len()
    }
    let too_long = "getThreats: the body is longer than 100000 bytes";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096));
    let count = check(Answer::endless(chunked, chunk), ErrorKind::BodyTooLarge, too_long).await;
    assert_eq!(count, 1);
    let ten_gb = "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n";
    let count = check(Answer::silent_in_body(ten_gb), ErrorKind::BodyTooLarge, too_long).await;
    assert_eq!(count, 1);
    let bomb = answer("200 OK", &[("Content-Encoding", "gzip")], gzip(&" ".repeat(1_000_000)));
    assert_eq!(check(bomb.into(), ErrorKind::BodyTooLarge, too_long).await, 1);

    let ended = "getThreats: failed waiting for the answer, 4 attempts";
    for part in ["X-More: and more\r\n", "x"] {
        let head = Answer::endless("HTTP/1.1 200 OK\r\nX-First: ", part.repeat(200));
        assert_eq!(check(head, ErrorKind::Transport, ended).await, 4);
    }
    let endless = Answer::endless("HTTP/1.1 500 Oops\r\n\r\n", [b'x'; 4096]);
    assert_eq!(check(endless, ErrorKind::Status, "getThreats: 500 Oops").await, 1);
}

#[tokio::test]
async fn json_that_nests_without_end() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let server = Server::start([page(&[&format!(r#"{{"id":"1","new":{deep}}}"#)], None)]);
    let page = client(&server).get_threats(&GetThreatsQuery::new()).await.expect("a page");
    let malformed = page.records()[0].decode().expect_err("too deep");
    assert!(malformed.reason().contains("recursion limit"), "{malformed}");

    let server = Server::start([json(format!(r#"{{"data":[],"pagination":{deep}}}"#))]);
    let error = client(&server).get_threats(&GetThreatsQuery::new()).await.expect_err("too deep");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(server.requests().len(), 1);
}

/// A console that is not up yet when the call is made.
#[tokio::test]
async fn a_port_that_is_refused_at_first() {
    // Bound but not listened to, a port refuses, and is nobody else's.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let url = format!("http://{}", socket.local_addr().expect("its address"));
    let clock = TestClock::start();
    let client = Client::builder().url(&url).token(TOKEN).clock(clock.clone()).random(|| 0.5);
    let client = client.build().expect("a client");

    let error = client.get_threats(&GetThreatsQuery::new()).await.expect_err("nobody there");
    assert!(error.is_connect() && error.is_retryable());
    assert_eq!(error.to_string(), "getThreats: failed connecting, 4 attempts");
    assert_eq!(clock.sleeps().len(), 3);

    let later = clock.clone();
    clock.on_sleep(move || {
        let listener: TcpListener =
            socket.listen(8).expect("a listener").into_std().expect("a listener");
        listener.set_nonblocking(false).expect("a blocking listener");
        Server::on(listener, later, [page(&[ONE], None)]);
    });
    let page = client.get_threats(&GetThreatsQuery::new()).await.expect("a page");
    assert_eq!(page.attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_port_that_is_never_answered() {
    // Nobody accepts, and the backlog is full.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let listener = socket.listen(1).expect("a listener");
    let address = listener.local_addr().expect("its address");
    let connect = || tokio::time::timeout(Duration::from_secs(1), TcpStream::connect(address));
    let mut backlog = Vec::new();
    while let Ok(connection) = connect().await {
        backlog.push(connection);
    }

    let client = Client::builder().url(format!("http://{address}")).token(TOKEN).random(|| 0.0);
    let client = client.connect_timeout(Duration::from_secs(3)).build().expect("a client");
    let error = client.get_threats(&GetThreatsQuery::new()).await.expect_err("no connection");
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Connect)));
    assert_eq!(error.to_string(), "getThreats: timed out connecting, 4 attempts");
    let elapsed = error.elapsed().as_millis();
    assert!((12_000..12_100).contains(&elapsed), "{elapsed}");
}

#[tokio::test]
async fn a_redirect_does_not_take_the_token_along() {
    let other = Server::start([page(&[ONE], None)]);
    let location = format!("{}/web/api/v2.1/threats", other.url());
    let server = Server::start([answer("307 Temporary Redirect", &[("Location", &location)], "")]);
    let http = ReqwestTransport::client_builder()
        .redirect(sentinelone::reqwest::redirect::Policy::limited(5));
    let http = http.build().expect("a client");
    let client = settings(&server).http_client(http).build().expect("a client");
    assert_eq!(stream(&client).await, "1");
    assert!(server.requests()[0].to_lowercase().contains("authorization: apitoken"));
    assert!(
        !other.requests()[0].to_lowercase().contains("authorization"),
        "{:?}",
        other.requests()
    );
}
