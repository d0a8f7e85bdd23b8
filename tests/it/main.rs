//! Tests across crates, in one binary.

mod client;
mod codegen;
mod command_line;
mod decode;
mod errors;
mod paging;
mod properties;
mod widgets;
mod wire;

use sentinelone::Client;
use sentinelone_tests::Server;

/// A client of a scripted server.
fn client(server: &Server) -> Client {
    match Client::builder().url(server.url()).token(TOKEN).build() {
        Ok(client) => client,
        Err(error) => panic!("{error}"),
    }
}

/// A token to look for where none may be.
const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.secret";
