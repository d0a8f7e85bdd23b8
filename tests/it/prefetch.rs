//! How streams fetch ahead, and how they go on where another has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Body, Client, Continuation, ErrorKind, ReplayTransport, Reply, transport_fn};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::TOKEN;

const LATENCY: Duration = Duration::from_millis(100);

/// A client of a console whose list has that many pages, each a while after it was asked for. It
/// comes with the numbers of pages asked for and of requests on their way.
fn client(pages: usize) -> (Client, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (asked, under_way) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, open) = (Arc::clone(&asked), Arc::clone(&under_way));
    let transport = transport_fn(move |_| {
        let number = count.fetch_add(1, SeqCst) + 1;
        let guard = Guard::new(&open);
        async move {
            sleep(LATENCY).await;
            drop(guard);
            let next = if number < pages { json!(number.to_string()) } else { json!(null) };
            let page =
                json!({"data": [{"id": "1"}, {"id": "2"}], "pagination": {"nextCursor": next}});
            let body = futures_util::stream::iter([Ok(page.to_string().into())]);
            Ok(http::Response::new(Box::pin(body) as Body))
        }
    });
    let client = Client::builder().url("console.test").token(TOKEN).transport(transport);
    (client.build().expect("a client"), asked, under_way)
}

/// Counts as long as it lives.
struct Guard(Arc<AtomicUsize>);

impl Guard {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Guard(Arc::clone(count))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_is_fetched_while_the_last_is_read() {
    for (prefetch, expect) in [(true, 100 + 5 * 100), (false, 5 * 100 + 5 * 100)] {
        let (client, ..) = client(5);
        let start = Instant::now();
        let mut records = client.get_threats_stream(&GetThreatsQuery::new()).prefetch(prefetch);
        while records.try_next().await.expect("a page").is_some() {
            sleep(LATENCY / 2).await;
        }
        let took = start.elapsed().as_millis();
        assert!((expect..expect + 20).contains(&took), "{took}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_one_page_is_fetched_ahead() {
    let (client, asked, under_way) = client(9);
    let mut pages = client.get_threats_pages(&GetThreatsQuery::new());
    sleep(LATENCY * 10).await;
    assert_eq!(asked.load(SeqCst), 0);
    for given in 1..=4 {
        pages.try_next().await.expect("a page").expect("a page");
        sleep(LATENCY * 10).await;
        assert_eq!((asked.load(SeqCst), under_way.load(SeqCst)), (given + 1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_a_stream_cancels_its_request() {
    let (client, asked, under_way) = client(9);
    let mut records = client.get_threats_stream(&GetThreatsQuery::new());
    records.try_next().await.expect("a page").expect("a record");
    sleep(LATENCY / 2).await;
    assert_eq!((asked.load(SeqCst), under_way.load(SeqCst)), (2, 1));
    drop(records);
    // The task is gone as soon as the runtime has a turn, and long before the answer.
    tokio::task::yield_now().await;
    assert_eq!(under_way.load(SeqCst), 0);
    sleep(LATENCY * 10).await;
    assert_eq!(asked.load(SeqCst), 2);
}

#[test]
fn a_stream_needs_no_tokio_runtime_of_its_own() {
    let page = r#"{"data":[{"id":"1"}],"pagination":{"nextCursor":"a"}}"#;
    let last = r#"{"data":[{"id":"2"}]}"#;
    let replay = ReplayTransport::new([Reply::json(page), Reply::json(last)]);
    let client = Client::builder().url("console.test").token(TOKEN).transport(replay);
    let client = client.build().expect("a client");
    let records = client.get_threats_stream(&GetThreatsQuery::new());
    let count = futures_util::FutureExt::now_or_never(
        records.try_fold(0, |count, _| async move { Ok(count + 1) }),
    );
    assert_eq!(count.expect("nothing to wait for").expect("all pages"), 2);
}

/// A client that answers once with each of these pages: their records and next cursors.
fn pages(pages: &[(&[&str], Option<&str>)]) -> (Client, ReplayTransport) {
    let reply = |(ids, cursor): &(&[&str], Option<&str>)| {
        let records: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
        let page = json!({"data": records, "pagination": {"nextCursor": cursor}});
        Reply::json(page.to_string())
    };
    let replay = ReplayTransport::new(pages.iter().map(reply));
    let client = Client::builder().url("console.test").token(TOKEN).transport(replay.clone());
    (client.prefetch(false).build().expect("a client"), replay)
}

/// Reads that many records, and gives what it takes to go on, as another process would have it.
async fn read(client: &Client, query: &GetThreatsQuery, count: usize) -> Continuation {
    let mut records = client.get_threats_stream(query);
    for _ in 0..count {
        records.try_next().await.expect("a page").expect("a record");
    }
    let continuation = records.continuation().expect("there is more");
    let text = serde_json::to_string(&continuation).expect("JSON");
    assert!(!text.contains(TOKEN) && !format!("{continuation:?}").contains("private"));
    serde_json::from_str(&text).expect("a continuation")
}

#[tokio::test]
async fn a_walk_goes_on_elsewhere() {
    async fn check(read_before: usize, changed: &[(&[&str], Option<&str>)], expect: &str) {
        let query = GetThreatsQuery::new().query("private").limit(3).skip(1);
        let list: [(&[&str], _); 2] = [(&["1", "2", "3"], Some("a")), (&["4", "5"], Some("b"))];
        let from = read(&pages(&list).0, &query, read_before).await;
        let (client, replay) = pages(changed);
        let rest = client.get_threats_resume(&from).expect("a stream").records();
        let rest: Vec<_> =
            rest.map_ok(|it| it.decode().expect("a threat").id).try_collect().await.expect("pages");
        let rest: Vec<_> = rest.into_iter().flatten().collect();
        assert_eq!(rest.join(" "), expect);
        let first = replay.requests()[0].uri().to_string();
        let page = if read_before < 3 {
            "&skip=1"
        } else if read_before < 5 {
            "&cursor=a"
        } else {
            "&cursor=b"
        };
        assert!(first.contains("query=private") && first.contains("limit=3"), "{first}");
        assert!(first.contains(page), "{first}");
    }
    // From the start, in the middle of a page, between pages.
    check(0, &[(&["1", "2", "3"], Some("a")), (&["4"], None)], "1 2 3 4").await;
    check(2, &[(&["1", "2", "3"], Some("a")), (&["4"], None)], "3 4").await;
    check(3, &[(&["4", "5"], Some("b")), (&["6"], None)], "4 5 6").await;
    check(4, &[(&["4", "5"], Some("b")), (&["6"], None)], "5 6").await;
    check(5, &[(&["6"], None)], "6").await;
    // If the page has changed, all of it is given again.
    check(2, &[(&["1", "x", "3"], None)], "1 x 3").await;
    check(2, &[(&["0", "1", "2", "3"], None)], "0 1 2 3").await;
    check(2, &[(&["1"], None)], "1").await;
}

#[tokio::test]
async fn the_end_has_no_continuation() {
    let (client, _) = pages(&[(&["1"], Some("a")), (&[], None)]);
    let mut records = client.get_threats_stream(&GetThreatsQuery::new());
    while records.try_next().await.expect("a page").is_some() {}
    assert_eq!(records.continuation(), None);

    // A page that fails is where to go on, and a cursor that comes back is no end either.
    let (client, _) = pages(&[(&["1"], Some("a"))]);
    let mut records = client.get_threats_stream(&GetThreatsQuery::new());
    records.try_next().await.expect("a page");
    records.try_next().await.expect_err("no reply is left");
    assert!(records.next().await.is_none());
    let from = records.continuation().expect("the second page");
    let (client, replay) = pages(&[(&["2"], Some("a")), (&["2"], Some("b")), (&["3"], None)]);
    let mut rest = client.get_threats_resume(&from).expect("a stream").records();
    assert!(rest.try_next().await.expect("a page").is_some());
    let error = rest.try_next().await.expect_err("the cursor came back");
    assert_eq!(error.kind(), ErrorKind::RepeatedCursor);
    let from = rest.continuation().expect("the page that sent it");
    let mut rest = client.get_threats_resume(&from).expect("a stream");
    let counts: Vec<_> =
        rest.by_ref().map_ok(|page| page.records().len()).try_collect().await.expect("pages");
    assert_eq!(counts, [0, 1]);
    assert_eq!(replay.replies_left(), 0);
}

#[tokio::test]
async fn continuations_of_something_else() {
    let (client, replay) = pages(&[(&["1"], Some("a"))]);
    let from = read(&client, &GetThreatsQuery::new().query("private"), 1).await;
    let text = serde_json::to_value(&from).expect("JSON");
    let check = |member: &str, value: serde_json::Value, expect: &str| {
        let mut text = text.clone();
        text[member] = value;
        let from: Continuation = serde_json::from_value(text).expect("a continuation");
        let error = client.get_threats_resume(&from).expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.to_string(), format!("getThreats: {expect}"));
    };
    check("version", json!(7), "the continuation has version 7, not 1");
    check("operation", json!("getAgents"), "the continuation is one of the operation `getAgents`");
    check(
        "console",
        json!("https://other.test"),
        "the continuation is one of the console https://other.test, not https://console.test",
    );
    check(
        "arguments",
        json!({"colour": "red"}),
        "the continuation has a parameter `colour` that the operation does not have",
    );
    let other = Client::builder().url("other.test").token(TOKEN).build().expect("a client");
    other.get_threats_resume(&from).expect_err("another console");
    assert_eq!(replay.requests().len(), 1);
}
