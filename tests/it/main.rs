//! Tests across crates, in one binary.

mod bodies;
mod client;
mod codegen;
mod command_line;
mod decode;
mod downloads;
mod errors;
mod faults;
mod filters;
mod operations;
mod paging;
mod policy;
mod prefetch;
mod properties;
mod schedules;
mod secrets;
mod simulated;
mod tls;
mod widgets;
mod wire;

use sentinelone::{Client, ClientBuilder};
use sentinelone_tests::{CapturedLogs, Server};

/// A client of a scripted server, in the server's time. Its delays are half their bounds.
fn client(server: &Server) -> Client {
    settings(server).build().expect("a client")
}

fn settings(server: &Server) -> ClientBuilder<Client> {
    CapturedLogs::refuse_everywhere(&[TOKEN, "private"]);
    Client::builder().url(server.url()).token(TOKEN).clock(server.clock()).random(|| 0.5)
}

/// A token to look for where none may be.
const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.secret";
