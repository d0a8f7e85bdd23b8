use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use sentinelone_sim::{Simulator, threat};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::client::{Client, ids, simulator};
use crate::table::{OPERATIONS, THREATS_PATH};

const HEADERS: [&str; 17] = [
    "access-control-allow-credentials",
    "access-control-allow-origin",
    "cache-control",
    "connection",
    "content-encoding",
    "content-security-policy",
    "content-type",
    "date",
    "expires",
    "pragma",
    "server",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
    "x-content-type-options",
    "x-frame-options",
    "x-rqid",
];

#[tokio::test]
async fn an_answer_has_the_consoles_headers() {
    let simulator = simulator(50).await;
    let mut client = Client::new(&simulator).await;
    client.headers.push_str("Accept-Encoding: deflate, gzip;q=0.9\r\n");
    for target in [THREATS_PATH, "/nowhere"] {
        let answer = client.get(target).await;
        let mut names: Vec<_> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, HEADERS, "{target}");
        assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
        assert_eq!(answer.header("connection"), Some("keep-alive"));
    }
}

#[tokio::test]
async fn a_body_is_compressed_if_the_client_takes_it() {
    let simulator = simulator(50).await;
    let mut client = Client::new(&simulator).await;
    let target = format!("{THREATS_PATH}?limit=50");
    let plain = client.get(&target).await;
    assert_eq!(plain.header("content-encoding"), None);
    assert!(plain.chunks > 1, "{} chunks", plain.chunks);

    let headers = client.headers.clone();
    for (accepted, zipped) in
        [("GZIP", true), ("br, gzip", true), ("gzip;q=0", false), ("br", false)]
    {
        client.headers = format!("{headers}Accept-Encoding: {accepted}\r\n");
        let answer = client.get(&target).await;
        assert_eq!(answer.header("content-encoding").is_some(), zipped, "{accepted}");
        let body = if zipped { answer.unzipped() } else { answer.body };
        assert!(body == plain.body, "{accepted}");
    }
}

#[tokio::test]
async fn every_request_has_an_id_of_its_own() {
    let simulator = simulator(1).await;
    let mut client = Client::new(&simulator).await;
    let mut ids = BTreeSet::new();
    for _ in 0..50 {
        let answer = client.get(THREATS_PATH).await;
        let id = answer.header("x-rqid").expect("a request id").to_owned();
        let groups: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
        assert!(id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()), "{id}");
        assert!(ids.insert(id));
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let start = |seed| Simulator::builder().operations(OPERATIONS).threats(120).seed(seed).start();
    let mut bodies = Vec::new();
    for seed in [7, 7, 8] {
        let simulator = start(seed).await.expect("a free port");
        let mut client = Client::new(&simulator).await;
        bodies.push(client.get(&format!("{THREATS_PATH}?limit=120&sortBy=updatedAt")).await.body);
    }
    assert!(bodies[0] == bodies[1], "two runs differ");
    assert!(bodies[0] != bodies[2], "two seeds are alike");
}

#[tokio::test]
async fn many_simulators_run_side_by_side() {
    let simulators = [simulator(3).await, simulator(8).await];
    assert_ne!(simulators[0].url(), simulators[1].url());
    for (simulator, count) in simulators.iter().zip([3, 8]) {
        let page = Client::new(simulator).await.threats("").await;
        assert_eq!(ids(&page).len(), count);
        assert_eq!(page["data"][2], threat(7, 2));
    }
}

#[tokio::test]
async fn many_clients_are_served_at_once() {
    let simulator = simulator(2_000).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let mut client = Client::new(&simulator).await;
        tasks.spawn(async move { client.threats("resolved=true&countOnly=true").await });
    }
    let counts: BTreeSet<_> = tasks
        .join_all()
        .await
        .iter()
        .map(|page| page["pagination"]["totalItems"].as_u64())
        .collect();
    assert_eq!(counts.len(), 1, "{counts:?}");
}

#[tokio::test]
async fn a_dropped_simulator_closes_its_port_and_connections() {
    let simulator = simulator(1).await;
    let mut client = Client::new(&simulator).await;
    client.get(THREATS_PATH).await;
    let address = simulator.url().replace("http://", "");
    drop(simulator);
    client.send("GET", THREATS_PATH).await.expect_err("an answer after the end");
    while TcpStream::connect(&address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_stopped_simulator_leaves_its_port_free() {
    let simulator = simulator(1).await;
    let address = simulator.url().replace("http://", "");
    simulator.stop().await;
    TcpStream::connect(&address).await.expect_err("a connection after the end");
}

#[tokio::test]
async fn a_taken_port_is_an_error() {
    let simulator = simulator(1).await;
    let (_, port) = simulator.url().rsplit_once(':').expect("a port");
    let port = port.parse().expect("a port");
    let error = Simulator::builder().port(port).start().await.expect_err("a port for two");
    assert_eq!(error.to_string(), format!("cannot listen on port {port}"));
    assert!(error.source().is_some());
}

#[tokio::test]
async fn the_curl_line_asks_for_a_page() {
    let simulator = simulator(3).await;
    let line = simulator.curl().expect("a list to ask for");
    let parts: Vec<_> = line.split('\'').collect();
    let mut client = Client::new(&simulator).await;
    client.headers = format!("{}\r\n", parts[1]);
    let target = parts[3].strip_prefix(simulator.url()).expect("a URL of the simulator");
    let page: Value = client.get(target).await.json();
    assert_eq!(ids(&page).len(), 1, "{line}");
    let builder = Simulator::builder().operations(&[]);
    assert_eq!(builder.start().await.expect("a free port").curl(), None);
}

#[tokio::test]
async fn the_token_is_not_shown() {
    let builder = Simulator::builder().token("hush");
    let shown = format!("{builder:?} {:?}", builder.clone().start().await.expect("a free port"));
    assert!(!shown.contains("hush"), "{shown}");
}
