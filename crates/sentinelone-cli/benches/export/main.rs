//! What an export costs, to be read as ratios.
//!
//! `pass_through` and `typed` write ten pages of 1,000 threats that a server has ready: the command
//! as it is, process and all, and what a program does that decodes each threat and encodes it again.
//! `one_walk` and `windows` export 20,000 threats from a simulated console that takes 200 ms for
//! each answer: one request at a time, and eight.
//!
//! `cargo bench -p sentinelone-cli --bench export` prints the times.

#[path = "../../../sentinelone/benches/stream/server.rs"]
mod server;

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use divan::Bencher;
use futures_util::TryStreamExt;
use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Client, RateLimits};
use sentinelone_sim::{Fault, Faults, Simulator};
use tokio::runtime::Runtime;

use crate::server::{PAGES, RECORDS, Server};

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 20)]
fn pass_through(bencher: Bencher) {
    let server = Server::start(Duration::ZERO);
    bencher.bench_local(|| export(server.url(), "t", &[]));
}

#[divan::bench(sample_count = 20)]
fn typed(bencher: Bencher) {
    let server = Server::start(Duration::ZERO);
    let runtime = Runtime::new().expect("a runtime");
    let client = Client::builder().url(server.url()).token("t");
    let client = client.rate_limits(RateLimits::unlimited()).build().expect("a client");
    bencher.bench_local(|| {
        let file = std::fs::File::create(NOWHERE).expect("a file");
        let mut out = std::io::BufWriter::new(file);
        let count = runtime.block_on(async {
            let mut count = 0;
            let mut records = client.get_threats_stream(&GetThreatsQuery::new());
            while let Some(record) = records.try_next().await.expect("a page") {
                let threat = record.decode().expect("a threat");
                serde_json::to_writer(&mut out, &threat).expect("JSON");
                out.write_all(b"\n").expect("a line");
                count += 1;
            }
            count
        });
        assert_eq!(count, PAGES * RECORDS);
    });
}

#[divan::bench(sample_count = 3)]
fn one_walk(bencher: Bencher) {
    far_away(bencher, &["--concurrency", "1"]);
}

#[divan::bench(sample_count = 3)]
fn windows(bencher: Bencher) {
    far_away(bencher, &["--concurrency", "8"]);
}

fn far_away(bencher: Bencher, arguments: &[&str]) {
    let runtime = Runtime::new().expect("a runtime");
    let latency = Fault::Latency(Duration::from_millis(200));
    let faults = Faults::script(std::iter::repeat_n(latency, 10_000));
    let console = Simulator::builder().threats(20_000).faults(faults);
    let console = runtime.block_on(console.start()).expect("a console");
    bencher.bench_local(|| export(console.url(), console.token(), arguments));
}

const NOWHERE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

fn export(url: &str, token: &str, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_s1"));
    command.env("SENTINELONE_URL", url).env("SENTINELONE_TOKEN", token);
    command.args(["threats", "export", "--output", "-", "--format", "ndjson", "--quiet"]);
    command.args(["--requests-per-second", "0"]).args(arguments).stdout(Stdio::null());
    assert!(command.status().expect("a process").success());
}
