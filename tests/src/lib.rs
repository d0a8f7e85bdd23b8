//! A console that answers what a test tells it to, byte for byte, and keeps what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A server on a loopback port of its own. It answers the first request with the first answer,
/// and so on; requests after the last answer get it again. Each answer ends its connection.
#[derive(Debug)]
pub struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server with these answers: whole HTTP responses, status line and all.
    ///
    /// # Panics
    ///
    /// If there is no answer, or no port to listen on.
    pub fn start(answers: impl IntoIterator<Item = Vec<u8>>) -> Server {
        let answers: Vec<_> = answers.into_iter().collect();
        assert!(!answers.is_empty(), "a server needs an answer");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = listener.local_addr().expect("the address of a bound port");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for (number, connection) in listener.incoming().flatten().enumerate() {
                let answer = &answers[number.min(answers.len() - 1)];
                if let Some(request) = read(&connection) {
                    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                    // A client that has hung up is the test's business.
                    let _ = (&connection).write_all(answer);
                }
            }
        });
        Server { url: format!("http://{address}"), requests }
    }

    /// The server's URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far: head and body as they came.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first lines of the requests so far.
    pub fn request_lines(&self) -> Vec<String> {
        let first_line = |request: &String| request.lines().next().unwrap_or_default().to_owned();
        self.requests().iter().map(first_line).collect()
    }
}

/// A whole HTTP response.
pub fn answer(status_line: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut answer = format!("HTTP/1.1 {status_line}\r\nConnection: close\r\n");
    for (name, value) in headers {
        answer.push_str(&format!("{name}: {value}\r\n"));
    }
    answer.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut answer = answer.into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// A response of status 200 with a JSON body.
pub fn json(body: impl AsRef<[u8]>) -> Vec<u8> {
    answer("200 OK", &[("Content-Type", "application/json")], body)
}

/// A page of records with the cursor of the next one, as JSON.
pub fn page(records: &[&str], next_cursor: Option<&str>) -> Vec<u8> {
    let cursor = next_cursor.map_or("null".to_owned(), |cursor| format!("{cursor:?}"));
    json(format!(
        r#"{{"data":[{}],"pagination":{{"nextCursor":{cursor},"totalItems":{}}}}}"#,
        records.join(","),
        records.len()
    ))
}

fn read(connection: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(connection);
    let mut request = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|&bytes| bytes != 0)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        request.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.push_str(&String::from_utf8_lossy(&body));
    Some(request)
}
