//! What decoding a page of 1,000 threats costs, to be read as ratios to `plain`: serde_json with
//! derived structs of the same fields, which loses the page for one bad record and drops unknown
//! members.
//!
//! `cargo bench -p sentinelone` prints the times.

#[path = "../plain/mod.rs"]
mod plain;

use std::sync::LazyLock;

use bytes::Bytes;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use futures_util::{FutureExt, stream};
use sentinelone::threats::{GetThreatsQuery, Threat};
use sentinelone::{Body, BoxFuture, Client, Page, RateLimits, Transport, TransportError};

fn main() {
    let plain: plain::Page = serde_json::from_str(&PAGE).expect("a page");
    assert_eq!(plain.pagination.next_cursor, None);
    let typed: Vec<Threat> =
        page().records().iter().map(|it| it.decode().expect("a threat")).collect();
    let (plain, typed) = (serde_json::to_value(plain.data), serde_json::to_value(typed));
    assert_eq!(plain.expect("JSON"), typed.expect("JSON"), "both decode the same fields");
    divan::main();
}

/// What one writes by hand: the body is received, and decoded at once into derived structs.
#[divan::bench]
fn plain(bencher: Bencher) {
    bencher.counter(BytesCount::of_str(PAGE.as_str())).bench(|| {
        let mut body = Vec::new();
        body.extend_from_slice(black_box(PAGE.as_bytes()));
        serde_json::from_slice::<plain::Page>(&body).expect("a page")
    });
}

/// The same from a text in memory, without receiving it and without checking that it is UTF-8.
#[divan::bench]
fn plain_text(bencher: Bencher) {
    bencher
        .counter(BytesCount::of_str(PAGE.as_str()))
        .bench(|| serde_json::from_str::<plain::Page>(black_box(PAGE.as_str())).expect("a page"));
}

/// The SDK: each record by itself, unknown members kept.
#[divan::bench]
fn isolated(bencher: Bencher) {
    bencher.counter(BytesCount::of_str(PAGE.as_str())).bench(|| {
        let decode = |record: sentinelone::Record<Threat>| record.decode();
        page()
            .into_records()
            .into_iter()
            .map(decode)
            .collect::<Result<Vec<_>, _>>()
            .expect("threats")
    });
}

/// The SDK without decoding: the records' own texts.
#[divan::bench]
fn split(bencher: Bencher) {
    bencher.counter(BytesCount::of_str(PAGE.as_str())).bench(page);
}

/// Any JSON value, for those who know serde_json.
#[divan::bench]
fn value(bencher: Bencher) {
    bencher.counter(BytesCount::of_str(PAGE.as_str())).bench(|| {
        serde_json::from_str::<serde_json::Value>(black_box(PAGE.as_str())).expect("JSON")
    });
}

/// A page as the simulator makes it up, about 5 MB.
static PAGE: LazyLock<String> = LazyLock::new(|| {
    let threats: Vec<_> = (0..1000).map(|number| sentinelone_sim::threat(7, number)).collect();
    serde_json::json!({ "data": threats, "pagination": { "nextCursor": null, "totalItems": 1000 } })
        .to_string()
});

/// Fetches the page through a client whose transport has it in memory.
fn page() -> Page<Threat> {
    static CLIENT: LazyLock<Client> = LazyLock::new(|| {
        let builder = Client::builder().url("console.test").token("t").idle_timeout(None);
        let builder = builder.rate_limits(RateLimits::unlimited());
        builder.transport(Canned(Bytes::from(PAGE.clone()))).build().expect("a client")
    });
    let query = GetThreatsQuery::new();
    CLIENT.get_threats(&query).now_or_never().expect("nothing to wait for").expect("a page")
}

struct Canned(Bytes);

impl Transport for Canned {
    fn send(
        &self,
        _: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let body = self.0.clone();
        Box::pin(async {
            let body: Body = Box::pin(stream::iter([Ok(body)]));
            Ok(http::Response::new(body))
        })
    }
}
