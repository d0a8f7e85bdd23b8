//! Answers that are streamed: exports, and files at URLs that an answer holds.

use std::sync::{Arc, Mutex};

use ::widgets::actions::ExportWidgetsQuery;
use ::widgets::{
    Body, Call, Client, ErrorKind, OPERATIONS, Phase, ReplayTransport, Reply, TransportError,
    transport_fn,
};
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use sentinelone_tests::{Answer, CapturedLogs, Server, answer, json};

use crate::TOKEN;

const CSV: &str = "id,grade\r\n1,\"a\nb\"\r\n\u{0}\u{ff}";

fn settings(server: &Server) -> ::widgets::ClientBuilder<Client> {
    CapturedLogs::refuse_everywhere(&[TOKEN, "private"]);
    Client::builder().url(server.url()).token(TOKEN).clock(server.clock()).random(|| 0.5)
}

fn client(server: &Server) -> Client {
    settings(server).build().expect("a client")
}

fn csv(body: &str) -> Vec<u8> {
    let headers = [
        ("Content-Type", "text/csv; charset=utf-8"),
        ("Content-Disposition", "attachment; filename=\"../widgets.csv\""),
        ("X-RQID", "rq-1"),
    ];
    answer("200 OK", &headers, body)
}

#[tokio::test]
async fn an_export_is_handed_over_byte_for_byte() {
    let server = Server::start([csv(CSV)]);
    let query = ExportWidgetsQuery::new().grades([3, 1, 20]);
    let export = client(&server).export_widgets(&query).await.expect("an answer");
    assert_eq!(export.status(), 200);
    assert_eq!(export.reason(), "OK");
    assert_eq!(export.request_id(), Some("rq-1"));
    assert_eq!(export.content_type(), Some("text/csv; charset=utf-8"));
    assert_eq!(export.file_name().as_deref(), Some("widgets.csv"));
    assert_eq!(export.content_length(), Some(CSV.len() as u64));
    assert_eq!((export.attempts(), export.received()), (1, 0));
    let shown = format!("{export:?}");
    assert!(shown.starts_with("Download { operation: \"exportWidgets\", status: 200"), "{shown}");

    let mut written = Vec::new();
    assert_eq!(export.write_to(&mut written).await.expect("all bytes"), CSV.len() as u64);
    assert_eq!(written, CSV.as_bytes());
    let request = server.requests().remove(0).to_ascii_lowercase();
    let line = "get /web/api/v2.1/widgets/export?grades=3,1,20 http/1.1\r\n";
    assert!(request.starts_with(line), "{request}");
    assert!(request.contains("\r\naccept: */*\r\n"), "{request}");
    assert!(request.contains("\r\nauthorization: apitoken "), "{request}");
}

#[tokio::test]
async fn any_call_can_be_streamed() {
    let server = Server::start([json("{ \"data\": [] }"), csv(""), csv(CSV)]);
    let client = client(&server);
    for (id, expect) in
        [("getWidgets", "{ \"data\": [] }"), ("exportWidgets", ""), ("exportWidgets", CSV)]
    {
        let operation = OPERATIONS.iter().find(|it| it.id == id).expect("the operation");
        let mut download = client.call_download(&Call::new(operation)).await.expect("an answer");
        let chunks: Vec<Bytes> = (&mut download).try_collect().await.expect("all chunks");
        assert_eq!(chunks.concat(), expect.as_bytes());
        assert_eq!(download.received(), expect.len() as u64);
        assert!(download.chunk().await.expect("the end once more").is_none());
    }
}

/// An answer in chunks, then what comes after them.
fn chunked(chunks: &[&str], end: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = |chunk: &&str| format!("{:x}\r\n{chunk}\r\n", chunk.len());
    let chunks: String = chunks.iter().map(chunk).collect();
    format!("{head}{chunks}{end}").into_bytes()
}

#[tokio::test]
async fn there_is_another_attempt_until_the_first_byte() {
    let server = Server::start([
        answer("503 Service Unavailable", &[], "").into(),
        Answer::none(),
        Answer::cut(csv(CSV), CSV.len()),
        Answer::silent_in_body(chunked(&[], "")),
        Answer::from(csv(CSV)),
    ]);
    let settings = settings(&server).retry(::widgets::RetryPolicy::new().attempts(5));
    let client = settings.build().expect("a client");
    let export = client.export_widgets(&ExportWidgetsQuery::new()).await.expect("an answer");
    assert_eq!(export.attempts(), 5);
    assert_eq!(export.bytes().await.expect("all bytes"), CSV);
}

#[tokio::test]
async fn what_breaks_off_later_is_an_error_and_not_tried_again() {
    for (answer, received) in [
        (Answer::cut(csv(CSV), 1), CSV.len() - 1),
        (Answer::from(chunked(&["ab", "c"], "")), 3),
        (Answer::from(chunked(&["ab", "c"], "5\r\nd")), 4),
    ] {
        let server = Server::start([answer]);
        let attempts = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&attempts);
        let client = settings(&server)
            .on_attempt(move |it| {
                seen.lock().expect("a lock").push((it.error, it.body_bytes, it.retry_in));
            })
            .build()
            .expect("a client");
        let query = ExportWidgetsQuery::new();
        let mut export = client.export_widgets(&query).await.expect("a first byte");
        assert_eq!(attempts.lock().expect("a lock").len(), 0, "the attempt goes on");
        let mut read = 0;
        let error = loop {
            match export.chunk().await {
                Ok(Some(chunk)) => read += chunk.len(),
                Ok(None) => panic!("it was taken for whole"),
                Err(error) => break error,
            }
        };
        let told = (error.kind(), error.phase());
        assert_eq!(told, (ErrorKind::Transport, Some(Phase::Body)), "{error}");
        assert_eq!((error.operation(), error.attempts()), (Some("exportWidgets"), 1));
        assert!(error.is_retryable() && error.status().is_some_and(|it| it == 200), "{error:?}");
        assert_eq!(read, received);
        assert!(export.chunk().await.expect("nothing after an error").is_none());
        let expect = [(Some(ErrorKind::Transport), received, None)];
        assert_eq!(*attempts.lock().expect("a lock"), expect);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn whoever_reads_may_take_any_time() {
    let server = Server::start([chunked(&["ab", "c"], "0\r\n\r\n")]);
    let attempts = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&attempts);
    let client = settings(&server)
        .on_attempt(move |it| seen.lock().expect("a lock").push((it.body_bytes, it.elapsed)))
        .build()
        .expect("a client");
    let mut export = client.export_widgets(&ExportWidgetsQuery::new()).await.expect("an answer");
    let hour = std::time::Duration::from_secs(3600);
    let mut read = 0;
    while let Some(chunk) = export.chunk().await.expect("a chunk") {
        read += chunk.len();
        server.clock().advance(hour);
    }
    assert_eq!(read, 3);
    let attempts = attempts.lock().expect("a lock");
    assert!(matches!(attempts[..], [(3, elapsed)] if hour <= elapsed), "{attempts:?}");
}

#[tokio::test(start_paused = true)]
async fn timeouts_hold_while_it_is_read() {
    let seconds = std::time::Duration::from_secs;
    let settings = || {
        let replay = ReplayTransport::new([Reply::text(200, "ab").stalled()]);
        Client::builder().url("console.test").token(TOKEN).transport(replay)
    };
    for (settings, expect, after) in [
        (settings(), "nothing came for 30s", 30),
        (settings().idle_timeout(seconds(2)), "nothing came for 2s", 2),
        (settings().idle_timeout(None).call_timeout(seconds(90)), "the call has taken 90s", 90),
        (settings().attempt_timeout(seconds(9)), "the attempt has taken 9s", 9),
    ] {
        let client = settings.build().expect("a client");
        let start = tokio::time::Instant::now();
        let mut export =
            client.export_widgets(&ExportWidgetsQuery::new()).await.expect("an answer");
        assert_eq!(export.chunk().await.expect("a chunk").as_deref(), Some(&b"ab"[..]));
        let error = export.chunk().await.expect_err("silence");
        let expect = format!("exportWidgets: timed out reading the body: {expect}");
        assert_eq!((error.to_string(), error.kind()), (expect, ErrorKind::Timeout));
        assert_eq!(start.elapsed().as_secs(), after);
    }
}

#[tokio::test]
async fn a_limit_is_kept_if_there_is_one() {
    // What the client accepts as an answer in memory is no limit of a download.
    let server = Server::start([csv(CSV)]);
    let client = settings(&server).max_body_bytes(1).build().expect("a client");
    let ask = async || client.export_widgets(&ExportWidgetsQuery::new()).await.expect("an answer");
    let length = CSV.len() as u64;
    let mut written = Vec::new();
    ask().await.write_to(&mut written).await.expect("no limit");
    ask().await.max_bytes(length).write_to(&mut written).await.expect("within the limit");
    assert_eq!(ask().await.max_bytes(length).bytes().await.expect("its own limit"), CSV);
    let error = ask().await.bytes().await.expect_err("too many for memory");
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
    written.clear();
    let error = ask().await.max_bytes(length - 1).write_to(&mut written).await;
    let error = error.expect_err("too many");
    let expect = format!("the body is longer than {} bytes (request id rq-1)", length - 1);
    assert_eq!(error.to_string(), format!("exportWidgets: {expect}"));
    assert_eq!(written, b"", "the answer says beforehand how long it is");

    let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let server = Server::start([Answer::endless(endless, "2\r\nab\r\n")]);
    let export = settings(&server).build().expect("a client");
    let export = export.export_widgets(&ExportWidgetsQuery::new()).await.expect("an answer");
    let error = export.max_bytes(9).write_to(&mut written).await.expect_err("too many");
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
    assert!(written.len() < 10, "{}", written.len());
}

#[tokio::test]
async fn a_transport_cannot_end_early_unnoticed() {
    let transport = transport_fn(|_| async {
        let chunks = [Ok::<_, TransportError>(Bytes::from("ab"))];
        let response = http::Response::builder().header("Content-Length", "3");
        Ok(response.body(Box::pin(stream::iter(chunks)) as Body).expect("a response"))
    });
    let client = Client::builder().url("console.test").token("t").transport(transport);
    let client = client.build().expect("a client");
    let export = client.export_widgets(&ExportWidgetsQuery::new()).await.expect("an answer");
    let error = export.bytes().await.expect_err("a byte is missing");
    assert_eq!(error.to_string(), "exportWidgets: the body ended after 2 bytes of 3");
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Transport, true));
}

#[tokio::test]
async fn a_writer_that_fails() {
    let server = Server::start([csv(CSV)]);
    let export = client(&server).export_widgets(&ExportWidgetsQuery::new()).await;
    let mut room = [0; 4];
    let full = export.expect("an answer").write_to(std::io::Cursor::new(&mut room[..])).await;
    let error = full.expect_err("no room");
    assert_eq!(error.kind(), ErrorKind::Write);
    let text = "exportWidgets: the download cannot be written (request id rq-1)";
    assert_eq!(error.to_string(), text);
    assert!(std::error::Error::source(&error).is_some_and(|it| it.is::<std::io::Error>()));
    assert_eq!(&room, &CSV.as_bytes()[..4]);
}

#[tokio::test]
async fn an_error_is_told_as_of_any_call() {
    let body = r#"{"errors":[{"code":4030010,"title":"No"}]}"#;
    let server = Server::start([answer("403 Forbidden", &[("X-RQID", "rq-2")], body)]);
    let error = client(&server).export_widgets(&ExportWidgetsQuery::new()).await;
    let error = error.expect_err("a refusal");
    assert!(error.is_permission());
    let text = "exportWidgets: 403 Forbidden - No (4030010) (request id rq-2)";
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
async fn the_token_goes_to_the_console_alone() {
    let elsewhere = Server::start([answer("200 OK", &[], "from elsewhere")]);
    let console = Server::start([
        json(format!(r#"{{"data":{{"downloadUrl":"{}/f?sig=private"}}}}"#, elsewhere.url())),
        answer("200 OK", &[], "from the console"),
    ]);
    let client = client(&console);
    let drawing = client.get_widget_drawing(7).await.expect("an answer").into_body();
    let url = drawing.data.and_then(|data| data.download_url).expect("a URL");
    let read = async |url: &str| {
        let download = client.download(url).await.expect("an answer");
        download.bytes().await.expect("all bytes")
    };
    assert_eq!(read(&url).await, "from elsewhere");
    assert_eq!(read(&format!("{}/own?a=b%20c#d", console.url())).await, "from the console");
    assert_eq!(read("/own/path").await, "from the console");
    // The same port of the same machine, but by another name.
    let named = console.url().replace("127.0.0.1", "localhost");
    assert_eq!(read(&named).await, "from the console");

    let has_token = |request: &String| request.contains(TOKEN);
    assert_eq!(elsewhere.request_lines(), ["GET /f?sig=private HTTP/1.1"]);
    assert!(!elsewhere.requests().iter().any(has_token), "the token is not theirs");
    assert!(!elsewhere.requests()[0].to_ascii_lowercase().contains("authorization"));
    let lines = console.request_lines();
    let expect = [
        "GET /web/api/v2.1/widgets/7/drawing HTTP/1.1",
        "GET /own?a=b%20c HTTP/1.1",
        "GET /own/path HTTP/1.1",
        "GET / HTTP/1.1",
    ];
    assert_eq!(lines, expect);
    let tokens: Vec<_> = console.requests().iter().map(has_token).collect();
    assert_eq!(tokens, [true, true, true, false]);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start([json("{}")]);
    let location = format!("{}/f?sig=private", elsewhere.url());
    let found = answer("302 Found", &[("Location", &location)], "");
    let console = Server::start([found]);
    let client = client(&console);
    let error = client.download("/f").await.expect_err("a redirect");
    assert_eq!(error.to_string(), "download: 302 Found");
    assert_eq!(elsewhere.connections(), 0);
    let location = error.headers().and_then(|it| it.get("location")?.to_str().ok());
    let download = client.download(location.expect("a URL")).await.expect("an answer");
    assert_eq!(download.bytes().await.expect("all bytes"), "{}");
    assert!(!elsewhere.requests()[0].contains(TOKEN));
}

#[tokio::test]
async fn urls_that_are_not_downloaded_from() {
    let replay = ReplayTransport::new([Reply::text(200, "ok")]);
    let settings = || {
        let settings = Client::builder().url("https://console.test").token(TOKEN);
        settings.transport(replay.clone())
    };
    let client = settings().build().expect("a client");
    for url in ["", "f", "http://console.test/f", "http://evil.test/f", "file:///etc/passwd"] {
        let error = client.download(url).await.expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{url}");
        assert_eq!(error.to_string(), "download: the URL is not one to download from");
        assert!(std::error::Error::source(&error).is_some(), "{url}");
    }
    assert_eq!(replay.requests().len(), 0);

    let client = settings().allow_http().build().expect("a client");
    let _ = client.download("http://console.test/f").await.expect("an answer");
    let request = replay.requests().remove(0);
    assert!(!request.headers().contains_key("authorization"), "the console has another scheme");
}

#[tokio::test(start_paused = true)]
async fn another_server_is_none_of_the_consoles_business() {
    // Its 429 holds up no call of the console, and its failures use up no budget.
    let replay = ReplayTransport::new([
        Reply::text(429, ""),
        Reply::text(429, ""),
        Reply::text(503, ""),
        Reply::json(r#"{"data":[]}"#),
    ]);
    let client = Client::builder().url("https://console.test").token(TOKEN);
    let retry = ::widgets::RetryPolicy::new().budget(5, 5).attempts(2);
    let client = client.transport(replay.clone()).retry(retry).random(|| 0.5);
    let client = client.build().expect("a client");
    let error = client.download("https://files.test/f").await.expect_err("a throttled download");
    assert_eq!(error.to_string(), "download: 429 Too Many Requests, 2 attempts");
    let start = tokio::time::Instant::now();
    let query = ::widgets::widgets::GetWidgetsQuery::new();
    let page = client.get_widgets(&query).await.expect("a page, at the second attempt");
    assert_eq!((page.attempts(), start.elapsed().as_millis()), (2, 125));
}
