//! A client that hides nothing: one connection, raw bytes in and out.

use std::io::Read;

use flate2::read::GzDecoder;
use sentinelone_sim::Simulator;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::table::{OPERATIONS, THREATS_PATH};

/// A simulator with so many threats.
pub(crate) async fn simulator(threats: u32) -> Simulator {
    let builder = Simulator::builder().operations(OPERATIONS).threats(threats).seed(7);
    builder.token("secret-of-the-test").start().await.expect("a free port")
}

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    /// Sent with every request.
    pub(crate) headers: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) chunks: usize,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) async fn new(simulator: &Simulator) -> Client {
        Client::with_token(simulator.url(), simulator.token()).await
    }

    pub(crate) async fn with_token(url: &str, token: &str) -> Client {
        let headers = format!("Authorization: ApiToken {token}\r\n");
        Client { headers, ..Client::without_token(url).await }
    }

    pub(crate) async fn without_token(url: &str) -> Client {
        let address = url.strip_prefix("http://").expect("an http URL");
        let stream = TcpStream::connect(address).await.expect("a listening port");
        Client { stream: BufReader::new(stream), headers: String::new() }
    }

    /// Asks for threats and takes the answer's JSON.
    pub(crate) async fn threats(&mut self, query: &str) -> Value {
        let answer = self.get(&format!("{THREATS_PATH}?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        answer.json()
    }

    pub(crate) async fn get(&mut self, target: &str) -> Answer {
        self.send("GET", target).await.expect("an answer")
    }

    pub(crate) async fn send(&mut self, method: &str, target: &str) -> std::io::Result<Answer> {
        self.send_body(method, target, "").await
    }

    pub(crate) async fn send_body(
        &mut self,
        method: &str,
        target: &str,
        body: &str,
    ) -> std::io::Result<Answer> {
        let length = match body.len() {
            0 => String::new(),
            length => format!("Content-Length: {length}\r\n"),
        };
        let head = format!("{method} {target} HTTP/1.1\r\nHost: console\r\n{}", self.headers);
        let request = format!("{head}{length}\r\n{body}");
        self.stream.write_all(request.as_bytes()).await?;
        let status_line = self.line().await?;
        let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut headers = Vec::new();
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let (mut body, mut chunks) = (Vec::new(), 0);
        if let Some((_, length)) = headers.iter().find(|(name, _)| name == "content-length") {
            body.resize(length.parse().expect("a length"), 0);
            self.stream.read_exact(&mut body).await?;
            return Ok(Answer { status: status.expect("a status line"), headers, chunks, body });
        }
        while status != Some(204) {
            let length = usize::from_str_radix(&self.line().await?, 16).expect("a chunk's length");
            let mut chunk = vec![0; length + 2];
            self.stream.read_exact(&mut chunk).await?;
            if length == 0 {
                break;
            }
            body.extend_from_slice(&chunk[..length]);
            chunks += 1;
        }
        Ok(Answer { status: status.expect("a status line"), headers, chunks, body })
    }

    async fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub(crate) fn unzipped(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        GzDecoder::new(&self.body[..]).read_to_end(&mut plain).expect("a gzip body");
        plain
    }
}

/// The ids of the items of a page.
pub(crate) fn ids(page: &Value) -> Vec<String> {
    let items = page["data"].as_array().expect("a list");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}
