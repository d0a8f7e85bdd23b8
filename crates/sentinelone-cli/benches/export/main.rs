//! What an export costs, to be read as ratios.
//!
//! `pass_through` and `typed` write ten pages of 1,000 threats: the console's own bytes, or each
//! threat decoded and encoded again. Their argument is where the pages come from: memory, or a
//! server that has them ready, on this machine's processors too. `one_walk` and `windows` export
//! 100,000 threats from a simulated console that takes 200 ms for each answer: one request at a
//! time, and eight.
//!
//! `cargo bench -p sentinelone-cli --bench export` prints the times.

#[path = "../../../sentinelone/benches/stream/server.rs"]
mod server;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use divan::Bencher;
use futures_util::TryStreamExt;
use sentinelone::bytes::Bytes;
use sentinelone::threats::{GetThreatsQuery, Threat};
use sentinelone::{Body, Client, RateLimits, Record, Transport, TransportError, transport_fn};
use sentinelone_sim::{Fault, Faults, Simulator};
use tokio::runtime::Runtime;

use crate::server::{PAGES, RECORDS, Server};

fn main() {
    divan::main();
}

/// Where pages come from.
#[derive(Clone, Copy, Debug)]
enum From {
    Memory,
    Loopback,
}

const SOURCES: [From; 2] = [From::Memory, From::Loopback];

#[divan::bench(args = SOURCES, sample_count = 20)]
fn pass_through(bencher: Bencher, from: From) {
    write(bencher, from, |record, out| out.write_all(record.raw().as_bytes()));
}

#[divan::bench(args = SOURCES, sample_count = 20)]
fn typed(bencher: Bencher, from: From) {
    write(bencher, from, |record, out| {
        let threat = record.decode().expect("a threat");
        Ok(serde_json::to_writer(out, &threat)?)
    });
}

fn write(
    bencher: Bencher,
    from: From,
    write: impl Fn(&Record<Threat>, &mut BufWriter<File>) -> std::io::Result<()>,
) {
    let server = Server::start(Duration::ZERO);
    let runtime = Runtime::new().expect("a runtime");
    let builder = Client::builder().url(server.url()).token("t");
    let builder = builder.rate_limits(RateLimits::unlimited());
    let client: Client = match from {
        From::Loopback => builder.build(),
        From::Memory => builder.transport(in_memory()).build(),
    }
    .expect("a client");
    bencher.bench_local(|| {
        let mut out = BufWriter::new(File::create(NOWHERE).expect("a file"));
        let count = runtime.block_on(async {
            let mut count = 0;
            let mut pages = client.get_threats_pages(&GetThreatsQuery::new());
            while let Some(page) = pages.try_next().await.expect("a page") {
                for record in page.records() {
                    write(record, &mut out).expect("a record");
                    out.write_all(b"\n").expect("a line");
                    count += 1;
                }
            }
            count
        });
        assert_eq!(count, PAGES * RECORDS);
    });
}

/// Answers with the server's pages, without a copy.
fn in_memory() -> impl Transport {
    let bodies: Vec<Bytes> = (0..PAGES).map(|page| server::body(page).into()).collect();
    transport_fn(move |request| {
        let query = request.uri().query().unwrap_or_default();
        let cursor = query.split('&').find_map(|pair| pair.strip_prefix("cursor="));
        let page = cursor.map_or(0, |cursor| cursor.parse().expect("a number of a page"));
        let body = Ok::<_, TransportError>(bodies[page].clone());
        let body: Body = Box::pin(futures_util::stream::iter([body]));
        std::future::ready(Ok(sentinelone::http::Response::new(body)))
    })
}

#[divan::bench(sample_count = 1, sample_size = 1)]
fn one_walk(bencher: Bencher) {
    far_away(bencher, &["--concurrency", "1"]);
}

#[divan::bench(sample_count = 1, sample_size = 1)]
fn windows(bencher: Bencher) {
    far_away(bencher, &["--concurrency", "8"]);
}

fn far_away(bencher: Bencher, arguments: &[&str]) {
    let runtime = Runtime::new().expect("a runtime");
    let latency = Fault::Latency(Duration::from_millis(200));
    let faults = Faults::script(std::iter::repeat_n(latency, 10_000));
    let console = Simulator::builder().threats(100_000).faults(faults);
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
