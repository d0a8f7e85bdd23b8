//! A server that costs next to nothing itself: its pages are made up beforehand.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use serde_json::json;

pub(crate) const PAGES: usize = 10;
pub(crate) const RECORDS: usize = 1000;

/// Whole responses, the page's number being its cursor.
static ANSWERS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| (0..PAGES).map(answer).collect());

pub(crate) struct Server {
    url: String,
}

impl Server {
    pub(crate) fn start(latency: Duration) -> Self {
        LazyLock::force(&ANSWERS);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                thread::spawn(move || serve(&connection, latency));
            }
        });
        Server { url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// Answers until the client hangs up.
fn serve(mut connection: &TcpStream, latency: Duration) -> Option<()> {
    connection.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(connection);
    loop {
        let mut page = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|&bytes| bytes != 0)?;
            if let Some((_, cursor)) = line.split_once("cursor=") {
                page = cursor.split([' ', '&']).next()?.parse().ok()?;
            }
            if line == "\r\n" {
                break;
            }
        }
        thread::sleep(latency);
        connection.write_all(&ANSWERS[page]).ok()?;
    }
}

fn answer(page: usize) -> Vec<u8> {
    let body = body(page);
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A page's JSON.
pub(crate) fn body(page: usize) -> String {
    let threats: Vec<_> = (0..RECORDS)
        .map(|number| sentinelone_sim::threat(7, (page * RECORDS + number) as u32))
        .collect();
    let next = (page + 1 < PAGES).then(|| (page + 1).to_string());
    let total = PAGES * RECORDS;
    json!({"data": threats, "pagination": {"nextCursor": next, "totalItems": total}}).to_string()
}
