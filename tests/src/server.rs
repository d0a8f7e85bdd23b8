use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::TestClock;

/// A console that answers what a test tells it to, byte for byte, and keeps what it was asked.
///
/// It answers the first request with the first answer, and so on; requests after the last answer
/// get it again.
#[derive(Debug)]
pub struct Server {
    url: String,
    clock: TestClock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    answers: Vec<Answer>,
    requests: Vec<String>,
    begun: usize,
    connections: usize,
    /// Kept so that the other side does not see them end.
    silent: Vec<TcpStream>,
}

/// What a [`Server`] does with a request.
#[derive(Clone, Debug)]
pub struct Answer {
    bytes: Vec<u8>,
    then: Then,
}

#[derive(Clone, Debug)]
enum Then {
    Close,
    KeepAlive,
    Silence {
        reading: Reading,
    },
    Repeat(Vec<u8>),
    /// The request is not even read, so that the system resets the connection.
    Reset,
}

#[derive(Clone, Copy, Debug)]
enum Reading {
    Head,
    Body,
}

impl Answer {
    /// Closes the connection without an answer.
    pub fn none() -> Self {
        Answer::from(Vec::new())
    }

    /// Closes the connection without a look at the request.
    pub fn reset() -> Self {
        Answer { bytes: Vec::new(), then: Then::Reset }
    }

    /// Sends the first part of `bytes`, a whole response, and closes the connection. The part is
    /// as long as `bytes` without that many from its end.
    pub fn cut(mut bytes: Vec<u8>, from_end: usize) -> Self {
        bytes.truncate(bytes.len() - from_end);
        Answer::from(bytes)
    }

    /// Sends `bytes`, which end before the head does, and nothing more.
    pub fn silent_in_head(bytes: impl Into<Vec<u8>>) -> Self {
        Answer { bytes: bytes.into(), then: Then::Silence { reading: Reading::Head } }
    }

    /// Sends `bytes`, which have a whole head but not the whole body, and nothing more.
    pub fn silent_in_body(bytes: impl Into<Vec<u8>>) -> Self {
        Answer { bytes: bytes.into(), then: Then::Silence { reading: Reading::Body } }
    }

    /// Sends `bytes`, and then `part` until the other side hangs up.
    pub fn endless(bytes: impl Into<Vec<u8>>, part: impl Into<Vec<u8>>) -> Self {
        Answer { bytes: bytes.into(), then: Then::Repeat(part.into()) }
    }

    /// Sends `bytes`, a whole response, and waits for another request.
    pub fn kept_alive(bytes: impl Into<Vec<u8>>) -> Self {
        Answer { bytes: bytes.into(), then: Then::KeepAlive }
    }
}

impl From<Vec<u8>> for Answer {
    fn from(bytes: Vec<u8>) -> Self {
        Answer { bytes, then: Then::Close }
    }
}

impl Server {
    /// Starts a server on a loopback port of its own with these answers: whole HTTP responses,
    /// status line and all, or something less.
    ///
    /// # Panics
    ///
    /// If there is no answer, or no port to listen on.
    pub fn start(answers: impl IntoIterator<Item = impl Into<Answer>>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        Server::on(listener, TestClock::start(), answers)
    }

    /// Starts a server on a port that is listened to already.
    ///
    /// # Panics
    ///
    /// If there is no answer.
    pub fn on(
        listener: TcpListener,
        clock: TestClock,
        answers: impl IntoIterator<Item = impl Into<Answer>>,
    ) -> Server {
        let answers: Vec<Answer> = answers.into_iter().map(Into::into).collect();
        assert!(!answers.is_empty(), "a server needs an answer");
        let address = listener.local_addr().expect("the address of a bound port");
        let state = Arc::new(Mutex::new(State { answers, ..State::default() }));
        let server = Server { url: format!("http://{address}"), clock, state };
        let (clock, state) = (server.clock.clone(), Arc::clone(&server.state));
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                lock(&state).connections += 1;
                let first = lock(&state).next_answer();
                let (clock, state) = (clock.clone(), Arc::clone(&state));
                // A client that has hung up is the test's business.
                thread::spawn(move || serve(&connection, first, &clock, &state));
            }
        });
        server
    }

    /// The server's URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The clock for clients of this server.
    pub fn clock(&self) -> TestClock {
        self.clock.clone()
    }

    /// The requests so far: head and body as they came.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.state).requests.clone()
    }

    /// The first lines of the requests so far.
    pub fn request_lines(&self) -> Vec<String> {
        let first_line = |request: &String| request.lines().next().unwrap_or_default().to_owned();
        self.requests().iter().map(first_line).collect()
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        lock(&self.state).connections
    }
}

impl State {
    fn next_answer(&mut self) -> Answer {
        let number = self.begun.min(self.answers.len() - 1);
        self.begun += 1;
        self.answers[number].clone()
    }
}

fn serve(
    mut connection: &TcpStream,
    mut answer: Answer,
    clock: &TestClock,
    state: &Mutex<State>,
) -> Option<()> {
    loop {
        if let Then::Reset = answer.then {
            // What is left unread when a connection is closed makes the close a reset.
            connection.peek(&mut [0]).ok()?;
            return None;
        }
        let request = read(connection)?;
        lock(state).requests.push(request);
        let waits = clock.idle_waits();
        connection.write_all(&answer.bytes).ok()?;
        match answer.then {
            Then::Close | Then::Reset => return None,
            Then::KeepAlive => answer = lock(state).next_answer(),
            Then::Silence { reading } => {
                lock(state).silent.push(connection.try_clone().ok()?);
                // The wait for the head has begun by now, that for the body has not.
                clock.expire(match reading {
                    Reading::Head => waits,
                    Reading::Body => waits + 1,
                });
                return None;
            }
            Then::Repeat(part) => loop {
                connection.write_all(&part).ok()?;
            },
        }
    }
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

/// Answers each request with what `answer` makes of its head and body, one at a time, for as long as
/// the process lives. Gives the server's URL.
///
/// # Panics
///
/// If there is no port to listen on.
pub fn answer_by(mut answer: impl FnMut(&str) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let url = format!("http://{}", listener.local_addr().expect("the address of a bound port"));
    thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            if let Some(request) = read(&connection) {
                // A client that has hung up is the test's business.
                let _ = connection.write_all(&answer(&request));
            }
        }
    });
    url
}

/// A whole HTTP response, after which the connection is closed.
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

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
