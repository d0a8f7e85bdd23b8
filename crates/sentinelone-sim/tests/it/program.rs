//! The simulator as a program of its own.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::client::{Client, ids};

/// A started program, which ends with the test, and what it has printed.
struct Program {
    child: Child,
    lines: Vec<String>,
}

impl Program {
    fn start(arguments: &[&str]) -> Program {
        let mut child = command(arguments).stdout(Stdio::piped()).spawn().expect("a start");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut lines = Vec::new();
        for line in stdout.lines() {
            lines.push(line.expect("a line"));
            if lines.last().is_some_and(|line| line == "Ctrl-C stops it") {
                break;
            }
        }
        Program { child, lines }
    }

    /// What stands in the line after that.
    fn after(&self, start: &str) -> &str {
        let mut found = self.lines.iter().filter_map(|line| line.strip_prefix(start));
        found.next().unwrap_or_else(|| panic!("no line with {start}: {:?}", self.lines))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentinelone-sim"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("a run")
}

/// Sends what a printed line of `curl` would.
async fn curl(line: &str) -> Value {
    let mut words = words(line).into_iter();
    assert_eq!(words.next().as_deref(), Some("curl"), "{line}");
    let (mut headers, mut body, mut url, mut zipped) = (String::new(), None, None, false);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--compressed" => {
                headers.push_str("Accept-Encoding: deflate, gzip\r\n");
                zipped = true;
            }
            "--header" => headers.push_str(&format!("{}\r\n", words.next().expect("a header"))),
            "--json" => body = words.next(),
            _ => assert_eq!(url.replace(word), None, "{line}"),
        }
    }
    let url = url.expect("a URL");
    let path = url.match_indices('/').nth(2).map_or(url.len(), |(index, _)| index);
    let (origin, target) = url.split_at(path);
    let mut client = Client::without_token(origin).await;
    client.headers = headers;
    let method = if body.is_some() { "POST" } else { "GET" };
    let answer = client.send_body(method, target, &body.unwrap_or_default()).await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status, 200, "{line}: {answer:?}");
    let body = if zipped { answer.unzipped() } else { answer.body };
    serde_json::from_slice(&body).expect("JSON")
}

/// The words of a line as a shell takes them, with quotes around some of them.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate().flat_map(|(number, part)| match number % 2 {
        0 => part.split_whitespace().collect(),
        _ => vec![part],
    });
    parts.map(str::to_owned).collect()
}

#[tokio::test]
async fn what_it_prints_works_as_printed() {
    let program = Program::start(&["--port", "0", "--admin-port", "0", "--threats", "7"]);
    let [head, url, token, list, advance, add, end] = &program.lines[..] else {
        panic!("{:?}", program.lines)
    };
    let origin = program.after("7 threats at ");
    assert!(origin.starts_with("http://127.0.0.1:"), "{head}");
    assert_eq!(*url, format!("  export SENTINELONE_URL={origin}"));
    assert_eq!(token, "  export SENTINELONE_TOKEN=a-token-of-the-embedded-console");
    let page = curl(list).await;
    assert_eq!(ids(&page).len(), 1, "{page}");
    assert_eq!(page["pagination"]["totalItems"], 7);

    let admin = advance.strip_suffix("/clock").and_then(|it| it.rsplit_once(' ')).expect("a URL").1;
    assert!(admin.starts_with("http://127.0.0.1:") && admin != origin, "{advance}");
    let time = |clock: &Value| -> chrono::DateTime<chrono::Utc> {
        clock["now"].as_str().and_then(|it| it.parse().ok()).expect("a time")
    };
    let before = time(&curl(&format!("curl {admin}/clock")).await);
    let after = time(&curl(advance).await);
    assert!(chrono::TimeDelta::hours(1) < after - before, "the clock goes on by itself as well");
    let added = curl(add).await["ids"].as_array().map(Vec::len);
    assert_eq!(added, Some(3));
    assert_eq!(curl(list).await["pagination"]["totalItems"], 10);
    assert_eq!(end, "Ctrl-C stops it");
}

#[tokio::test]
async fn without_orders_it_takes_none() {
    let program = Program::start(&["--port", "0"]);
    assert_eq!(program.lines.len(), 5, "{:?}", program.lines);
    program.after("10000 threats at http://127.0.0.1:");
}

#[tokio::test]
async fn a_frozen_clock_stands_still() {
    let program = Program::start(&["--port", "0", "--admin-port", "0", "--frozen"]);
    let advance = program.after("  curl --json '{\"advanceSeconds\": 3600}' ");
    let clock = format!("curl {advance}");
    assert_eq!(curl(&clock).await, curl(&clock).await);
}

#[test]
fn a_taken_port_is_told_in_one_line() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    for arguments in
        [&["--port", &port] as &[&str], &["--port", "0", "--admin-port", &port, "--threats", "1"]]
    {
        let output = run(arguments);
        let printed = String::from_utf8_lossy(&output.stderr);
        let expect = format!("error: cannot listen on port {port}: ");
        assert!(printed.starts_with(&expect), "{printed}");
        assert_eq!((printed.lines().count(), printed.ends_with('\n')), (1, true), "{printed}");
        assert_eq!((output.status.code(), &output.stdout[..]), (Some(1), &b""[..]));
    }
}

#[test]
fn arguments_that_do_not_go_together() {
    for arguments in [&["--data", "x", "--threats", "5"], &["--data", "x", "--seed", "5"]] {
        let output = run(arguments);
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(printed.contains("cannot be used with"), "{printed}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_ends_it_well() {
    let mut program = Program::start(&["--port", "0", "--admin-port", "0", "--faults", "stall"]);
    // Neither an open connection nor a request that is never answered holds it up.
    let url = program.after("  export SENTINELONE_URL=").to_owned();
    let token = program.after("  export SENTINELONE_TOKEN=").to_owned();
    let mut client = Client::with_token(&url, &token).await;
    let mut waiting = Client::with_token(&url, &token).await;
    let waiting = tokio::spawn(async move { waiting.send("GET", "/stalls").await });
    let faults = program.after("  curl --json '{\"advanceSeconds\": 3600}' ");
    let faults = format!("curl {}", faults.replace("/clock", "/faults"));
    while curl(&faults).await.as_array().is_none_or(Vec::is_empty) {
        tokio::task::yield_now().await;
    }
    assert_eq!(client.get("/nowhere").await.status, 404);

    let id = program.child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().expect("a signal");
    assert!(sent.success());
    let status = program.child.wait().expect("an end");
    assert_eq!(status.code(), Some(0), "{status}");
    waiting.await.expect("no panic").expect_err("an answer after the end");
}
