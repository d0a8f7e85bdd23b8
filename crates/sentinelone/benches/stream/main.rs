//! What pulling ten pages of 1,000 threats over loopback costs, to be read as ratios to `bare`: a
//! loop over reqwest and serde_json with derived structs, which neither retries nor limits nor
//! times out, and loses a page for one bad record.
//!
//! `cargo bench -p sentinelone --bench stream` prints the times. The argument is the server's
//! latency in milliseconds.

#[path = "../plain/mod.rs"]
mod plain;
mod server;

use std::time::Duration;

use divan::Bencher;
use futures_util::TryStreamExt;
use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Client, RateLimits, ReqwestTransport, reqwest};
use tokio::runtime::Runtime;

use crate::server::{PAGES, RECORDS, Server};

fn main() {
    divan::main();
}

const LATENCIES: [u64; 2] = [0, 20];

#[divan::bench(args = LATENCIES, sample_count = 20)]
fn bare(bencher: Bencher, latency: u64) {
    let (runtime, server) = setting(latency);
    let http = ReqwestTransport::client_builder().no_proxy().build().expect("a client");
    let url = format!("{}/web/api/v2.1/threats?limit=1000", server.url());
    bencher.bench_local(|| {
        let count = runtime.block_on(async {
            let (mut count, mut next) = (0, Some(url.clone()));
            while let Some(url) = next {
                let request = http.get(url).header("authorization", "ApiToken t");
                let response = request.send().await.and_then(reqwest::Response::error_for_status);
                let body = response.expect("an answer").bytes().await.expect("a body");
                let page: plain::Page = serde_json::from_slice(&body).expect("a page");
                count += page.data.len();
                let cursor = page.pagination.next_cursor;
                next = cursor.map(|cursor| {
                    format!("{}/web/api/v2.1/threats?limit=1000&cursor={cursor}", server.url())
                });
            }
            count
        });
        assert_eq!(count, PAGES * RECORDS);
    });
}

#[divan::bench(args = LATENCIES, sample_count = 20)]
fn sdk(bencher: Bencher, latency: u64) {
    stream(bencher, latency, true);
}

#[divan::bench(args = LATENCIES, sample_count = 20)]
fn sdk_without_prefetch(bencher: Bencher, latency: u64) {
    stream(bencher, latency, false);
}

fn stream(bencher: Bencher, latency: u64, prefetch: bool) {
    let (runtime, server) = setting(latency);
    let client = Client::builder().url(server.url()).token("t").prefetch(prefetch);
    // More pages are pulled in a second here than a console allows.
    let client = client.rate_limits(RateLimits::unlimited()).build().expect("a client");
    bencher.bench_local(|| {
        let count = runtime.block_on(async {
            let mut count = 0;
            let mut records = client.get_threats_stream(&GetThreatsQuery::new());
            while let Some(record) = records.try_next().await.expect("a page") {
                divan::black_box(record.decode().expect("a threat"));
                count += 1;
            }
            count
        });
        assert_eq!(count, PAGES * RECORDS);
    });
}

fn setting(latency: u64) -> (Runtime, Server) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().worker_threads(2).build().expect("a runtime");
    (runtime, Server::start(Duration::from_millis(latency)))
}
