use std::process::Command;

use futures_util::FutureExt;
use sentinelone_runtime::operation::{Method, Operation, RateLimit};
use sentinelone_sim::{Faults, Simulator};

use crate::client::{Client, ids};
use crate::table::{OPERATIONS, THREATS_PATH};

async fn simulator(faults: Faults) -> Simulator {
    let builder = Simulator::builder().operations(OPERATIONS).threats(50).faults(faults);
    builder.start().await.expect("a free port")
}

#[tokio::test]
async fn the_gateway_answers_in_html() {
    let simulator = simulator("throttle:7,status:502,html,none".parse().expect("faults")).await;
    let mut client = Client::new(&simulator).await;
    for (status, retry_after, title) in [
        (429, Some("7"), "<title>429 Too Many Requests</title>"),
        (502, None, "<title>502 Bad Gateway</title>"),
        (200, None, "<title>200 OK</title>"),
    ] {
        let answer = client.get(THREATS_PATH).await;
        assert_eq!((answer.status, answer.header("retry-after")), (status, retry_after));
        assert_eq!(answer.header("content-type"), Some("text/html"));
        assert!(String::from_utf8_lossy(&answer.body).contains(title));
    }
    assert_eq!(ids(&client.threats("limit=50").await).len(), 50);
    let logged: Vec<_> =
        simulator.faults().iter().map(|it| (it.request, it.fault.to_string())).collect();
    let expect = [(0, "throttle:7"), (1, "status:502"), (2, "html")];
    assert_eq!(logged, expect.map(|(request, fault)| (request, fault.to_owned())));
}

#[tokio::test]
async fn connections_break_and_fall_silent() {
    let script = "reset,reset-in-body,stall,stall-in-body".parse().expect("faults");
    let simulator = simulator(script).await;
    for _ in 0..2 {
        let mut client = Client::new(&simulator).await;
        client.send("GET", THREATS_PATH).await.expect_err("the connection is closed");
    }
    for count in 3..=4 {
        let mut client = Client::new(&simulator).await;
        let mut answer = Box::pin(client.send("GET", THREATS_PATH));
        while simulator.faults().len() < count {
            assert!((&mut answer).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        assert!(answer.now_or_never().is_none());
    }
}

#[tokio::test]
async fn the_rate_limit_of_the_spec() {
    static SLOW: Operation =
        Operation::new("getSlowly", "slow", Method::GET, "/slow").limited(RateLimit::new(0.001, 2));
    static TABLE: [&Operation; 1] = [&SLOW];
    let simulator = Simulator::builder().operations(&TABLE).rate_limited(true);
    let simulator = simulator.start().await.expect("a free port");
    let mut client = Client::new(&simulator).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(client.get("/slow").await.status);
    }
    assert_eq!(statuses, [200, 200, 429, 429]);
    assert_eq!(simulator.faults(), []);
}

#[test]
fn faults_that_are_no_faults() {
    let program = env!("CARGO_BIN_EXE_sentinelone-sim");
    let output = Command::new(program).args(["--faults", "reset,explode"]).output().expect("a run");
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("`explode` is not a fault; write one of none, throttle, html"), "{text}");
}
