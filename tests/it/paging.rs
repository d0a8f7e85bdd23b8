//! Walks over all pages of a list.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt};
use sentinelone::threats::{AnalystVerdict, GetThreatsQuery};
use sentinelone::{Client, ErrorKind};
use sentinelone_sim::Simulator;
use sentinelone_tests::{Server, answer, json, page};

use crate::client;

const ONE: &str = r#"{"id":"1"}"#;
const TWO: &str = r#"{"id":"2"}"#;

async fn raw_records(server: &Server, query: &GetThreatsQuery) -> Vec<String> {
    let records = client(server).get_threats_stream(query);
    let texts = records.map_ok(|record| record.raw().to_owned());
    texts.try_collect().await.expect("all pages")
}

#[tokio::test]
async fn the_list_ends_without_a_cursor() {
    for end in [
        page(&[TWO], None),
        page(&[TWO], Some("")),
        json(format!(r#"{{"data":[{TWO}],"pagination":{{"totalItems":0}}}}"#)),
        json(format!(r#"{{"data":[{TWO}],"pagination":null}}"#)),
        json(format!(r#"{{"data":[{TWO}]}}"#)),
    ] {
        let server = Server::start([page(&[ONE], Some("next")), end]);
        assert_eq!(raw_records(&server, &GetThreatsQuery::new()).await, [ONE, TWO]);
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_page_without_records_is_not_the_end() {
    let empty = json(r#"{"data":null,"pagination":{"nextCursor":"b","totalItems":0}}"#);
    let server = Server::start([page(&[], Some("a")), empty, page(&[ONE], None)]);
    assert_eq!(raw_records(&server, &GetThreatsQuery::new()).await, [ONE]);
}

#[tokio::test]
async fn every_page_is_asked_for_with_the_same_filters() {
    let server = Server::start([
        page(&[ONE], Some("eyJpZCI6MX0%3D")),
        page(&[TWO], Some("a+/=")),
        page(&[], None),
    ]);
    let query = GetThreatsQuery::new()
        .analyst_verdicts([AnalystVerdict::Suspicious, AnalystVerdict::TruePositive])
        .skip(3);
    raw_records(&server, &query).await;
    let filters = "GET /web/api/v2.1/threats?analystVerdicts=suspicious,true_positive";
    assert_eq!(
        server.request_lines(),
        [
            format!("{filters}&skip=3&limit=1000 HTTP/1.1"),
            format!("{filters}&limit=1000&cursor=eyJpZCI6MX0%253D HTTP/1.1"),
            format!("{filters}&limit=1000&cursor=a%2B%2F%3D HTTP/1.1"),
        ]
    );
}

#[tokio::test]
async fn a_limit_of_the_query_is_the_page_size() {
    let server = Server::start([page(&[ONE], None)]);
    raw_records(&server, &GetThreatsQuery::new().limit(7)).await;
    assert_eq!(server.request_lines(), ["GET /web/api/v2.1/threats?limit=7 HTTP/1.1"]);
}

#[tokio::test]
async fn a_cursor_that_comes_back_is_an_error_after_its_records() {
    for answers in [
        vec![page(&[ONE], Some("a")), page(&[TWO], Some("a"))],
        vec![page(&[ONE], Some("a")), page(&[], Some("b")), page(&[TWO], Some("a"))],
    ] {
        let count = answers.len();
        let server = Server::start(answers);
        let mut records = client(&server).get_threats_stream(&GetThreatsQuery::new());
        assert_eq!(records.try_next().await.expect("a record").expect("a record").raw(), ONE);
        assert_eq!(records.try_next().await.expect("a record").expect("a record").raw(), TWO);
        let error = records.try_next().await.expect_err("the cursor came twice");
        assert_eq!(error.kind(), ErrorKind::RepeatedCursor);
        assert_eq!(error.operation(), Some("getThreats"));
        assert!(records.next().await.is_none());
        assert_eq!(server.requests().len(), count);
    }
}

#[tokio::test]
async fn an_error_on_the_way_ends_the_stream() {
    let server = Server::start([page(&[ONE], Some("a")), answer("500 Oops", &[], "")]);
    let mut records = client(&server).get_threats_stream(&GetThreatsQuery::new());
    assert!(records.next().await.expect("an item").is_ok());
    let error = records.next().await.expect("an item").expect_err("the second page failed");
    assert_eq!(error.status().expect("a status"), 500);
    assert!(records.next().await.is_none());
}

#[tokio::test]
async fn nothing_is_sent_before_the_stream_is_asked() {
    let server = Server::start([page(&[ONE], Some("a"))]);
    let mut pages = client(&server).get_threats_pages(&GetThreatsQuery::new()).prefetch(false);
    assert_eq!(server.requests().len(), 0);
    let page = pages.try_next().await.expect("a page").expect("a page");
    assert_eq!((page.records().len(), page.next_cursor()), (1, Some("a")));
    drop(pages);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_stream_can_be_read_by_another_task() {
    let server = Server::start([page(&[ONE], None)]);
    let mut records = client(&server).get_threats_stream(&GetThreatsQuery::new());
    let task = tokio::spawn(async move { records.try_next().await });
    let record = task.await.expect("the task ends").expect("a page").expect("a record");
    assert_eq!(record.raw(), ONE);
}

#[tokio::test]
async fn errors_beside_the_records_are_handed_over() {
    let body = format!(r#"{{"data":[{ONE}],"errors":[{{"code":1,"title":"half of it"}}]}}"#);
    let server = Server::start([json(body)]);
    let page = client(&server).get_threats(&GetThreatsQuery::new()).await.expect("a page");
    assert_eq!(page.errors()[0].to_string(), "half of it (1)");
}

#[tokio::test]
async fn all_threats_of_a_simulated_console() {
    let simulator = Simulator::builder().threats(2_500).start().await.expect("a console");
    let client = Client::builder().url(simulator.url()).token(simulator.token()).build();
    let client = client.expect("a client");

    let count =
        client.get_threats(&GetThreatsQuery::new().count_only(true)).await.expect("a count");
    assert_eq!((count.total_items(), count.records().len()), (Some(2_500), 0));
    assert!(count.request_id().is_some());

    let mut ids = BTreeSet::new();
    let mut threats = client.get_threats_stream(&GetThreatsQuery::new());
    while let Some(record) = threats.try_next().await.expect("a page") {
        let threat = record.decode().expect("a threat of the spec's form");
        assert!(threat.unknown_members.is_empty(), "{:?}", threat.unknown_members);
        assert!(ids.insert(threat.id.expect("an id")), "a threat came twice");
    }
    assert_eq!(ids.len(), 2_500);
}
