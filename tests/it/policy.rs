//! How a client paces its requests, in virtual time and without a network.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt};
use sentinelone::operation::{Operation, RateLimit};
use sentinelone::threats::GetThreatsQuery;
use sentinelone::{
    Attempt, BoxFuture, Client, ClientBuilder, ErrorKind, Phase, RateLimiter, RateLimits,
    ReplayTransport, Reply, RetryPolicy, transport_fn,
};
use tokio::time::Instant;

use crate::TOKEN;

const EMPTY: &str = r#"{"data":[],"pagination":{"nextCursor":null}}"#;

fn settings(replies: impl IntoIterator<Item = Reply>) -> (ClientBuilder<Client>, ReplayTransport) {
    let replay = ReplayTransport::new(replies);
    let settings = Client::builder().url("console.test").token(TOKEN).transport(replay.clone());
    (settings.random(|| 0.5), replay)
}

fn many(count: usize, reply: impl Fn() -> Reply) -> impl Iterator<Item = Reply> {
    std::iter::repeat_with(reply).take(count)
}

fn millis(start: Instant) -> u128 {
    start.elapsed().as_millis()
}

#[tokio::test(start_paused = true)]
async fn requests_keep_to_the_limit_of_the_spec() {
    // A burst of 50, and 10 in a second from then on, for all clones together.
    let (settings, replay) = settings(many(75, || Reply::json(EMPTY)));
    let client = settings.build().expect("a client");
    let start = Instant::now();
    let call = |number: u128| {
        let client = client.clone();
        async move {
            client.get_threats(&GetThreatsQuery::new()).await.expect("a page");
            (number, millis(start))
        }
    };
    let done = join_all((1..=75).map(call)).await;
    for (number, at) in done {
        let due = 100 * number.saturating_sub(50);
        assert!((due..=due + number).contains(&at), "request {number} at {at} ms");
    }
    assert_eq!(replay.requests().len(), 75);
}

#[tokio::test(start_paused = true)]
async fn limits_can_be_changed_or_switched_off() {
    async fn check(limits: RateLimits, expect: u128) {
        let (settings, _) = settings(many(100, || Reply::json(EMPTY)));
        let client = settings.rate_limits(limits).build().expect("a client");
        let start = Instant::now();
        for _ in 0..100 {
            client.get_threats(&GetThreatsQuery::new()).await.expect("a page");
        }
        let took = millis(start);
        assert!((expect..=expect + 100).contains(&took), "{took}");
    }
    check(RateLimits::of_the_spec(), 5_000).await;
    check(RateLimits::unlimited(), 0).await;
    let slow = RateLimit::new(1.0, 1);
    check(RateLimits::of_the_spec().operation("getThreats", slow), 99_000).await;
    check(RateLimits::of_the_spec().operation("getOthers", slow), 5_000).await;

    for impossible in [RateLimit::new(0.0, 5), RateLimit::new(f64::NAN, 5), RateLimit::new(1.0, 0)]
    {
        let limits = RateLimits::of_the_spec().operation("getThreats", impossible);
        let error = settings([]).0.rate_limits(limits).build().expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("`getThreats`, set by `rate_limits`"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_limiter_of_the_callers_own() {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<String>>>);
    impl RateLimiter for Log {
        fn acquire(&self, operation: &'static Operation) -> BoxFuture<'_, ()> {
            self.0.lock().expect("no panic").push(format!("acquire {}", operation.id));
            Box::pin(tokio::time::sleep(Duration::from_secs(1)))
        }
        fn throttled(&self, operation: &'static Operation, pause: Duration) {
            self.0.lock().expect("no panic").push(format!("throttled {} {pause:?}", operation.id));
        }
    }
    let (settings, _) = settings([Reply::text(429, ""), Reply::json(EMPTY)]);
    let log = Log::default();
    let client = settings.rate_limiter(log.clone()).build().expect("a client");
    let page = client.get_threats(&GetThreatsQuery::new()).await.expect("a page");
    assert_eq!(page.elapsed(), Duration::from_millis(1000 + 500 + 1000));
    let expect = ["acquire getThreats", "throttled getThreats 500ms", "acquire getThreats"];
    assert_eq!(*log.0.lock().expect("no panic"), expect);
}

#[tokio::test(start_paused = true)]
async fn all_clones_pause_after_a_429() {
    let throttled = || {
        let reply = http::Response::builder().status(429).header("Retry-After", "30");
        Reply::from(reply.body(bytes::Bytes::from("<html>")).expect("a response"))
    };
    let mut replies = vec![throttled()];
    replies.extend(many(5, || Reply::json(EMPTY)));
    let (settings, replay) = settings(replies);
    let client = settings.build().expect("a client");
    let start = Instant::now();
    let first = client.clone();
    let first = tokio::spawn(async move { first.get_threats(&GetThreatsQuery::new()).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(replay.requests().len(), 1);

    let others = (0..4).map(|_| async {
        client.get_threats(&GetThreatsQuery::new()).await.expect("a page");
        millis(start)
    });
    let mut done = join_all(others).await;
    first.await.expect("no panic").expect("a page");
    done.sort_unstable();
    // The bucket is empty too, so that they come one by one when the pause is over.
    assert!(30_000 <= done[0] && done[0] < 30_200, "{done:?}");
    assert!(30_300 <= done[3] && done[3] < 30_500, "{done:?}");
    assert_eq!(replay.requests().len(), 6);

    // Another client, of another console or token, does not.
    let other = crate::policy::settings([Reply::json(EMPTY)]).0.build().expect("a client");
    let start = Instant::now();
    other.get_threats(&GetThreatsQuery::new()).await.expect("a page");
    assert_eq!(millis(start), 0);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_amplified() {
    // 40 tokens are 8 retries; after them, each call is one request.
    let policy = RetryPolicy::new().budget(40, 5);
    let (settings, replay) = settings(many(100, || Reply::text(503, "")));
    let client = settings.retry(policy).build().expect("a client");
    let mut attempts = Vec::new();
    for number in 0..12 {
        let error = client.clone().get_threats(&GetThreatsQuery::new()).await.expect_err("down");
        attempts.push(error.attempts());
        let expect = "no further one as the retry budget is used up";
        assert_eq!(error.to_string().contains(expect), 2 <= number, "{error}");
    }
    assert_eq!(attempts, [4, 4, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    assert_eq!(replay.requests().len(), 20);
}

#[tokio::test(start_paused = true)]
async fn successes_fill_the_budget_up() {
    let down = || Reply::text(503, "");
    let mut replies = vec![down(), down()];
    replies.extend(many(5, || Reply::json(EMPTY)));
    replies.extend([down(), Reply::json(EMPTY), down(), Reply::json(EMPTY)]);
    let (settings, replay) = settings(replies);
    let policy = RetryPolicy::new().budget(5, 5).attempts(2);
    let client = settings.retry(policy).build().expect("a client");
    let mut attempts = Vec::new();
    for _ in 0..8 {
        attempts.push(match client.get_threats(&GetThreatsQuery::new()).await {
            Ok(page) => page.attempts(),
            Err(error) => error.attempts(),
        });
    }
    // The first call empties it, five successes fill it, and each retry that succeeds does.
    assert_eq!(attempts, [2, 1, 1, 1, 1, 1, 2, 2]);
    assert_eq!(replay.replies_left(), 0);
}

#[tokio::test(start_paused = true)]
async fn timeouts_of_attempts_and_calls() {
    let second = Duration::from_secs(1);
    let stalled = || Reply::json(EMPTY).stalled();
    let (limited, replay) = settings(many(4, stalled));
    let client = limited.attempt_timeout(second * 10).build().expect("a client");
    let error = client.get_threats(&GetThreatsQuery::new()).await.expect_err("a timeout");
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::Body)));
    let expect = "getThreats: timed out reading the body: the attempt has taken 10s, 4 attempts";
    assert_eq!(error.to_string(), expect);
    assert_eq!((error.attempts(), replay.requests().len()), (4, 4));

    // A call that has no time for another attempt does not wait for it.
    let (limited, replay) = settings(many(9, || Reply::text(503, "")));
    let policy = RetryPolicy::new().attempts(9).base_delay(second * 4);
    let client = limited.call_timeout(second * 10).retry(policy).build().expect("a client");
    let error = client.get_threats(&GetThreatsQuery::new()).await.expect_err("a status");
    let expect = "getThreats: 503 Service Unavailable, 3 attempts, no further one as the call's \
                  timeout would pass first";
    assert_eq!(error.to_string(), expect);
    assert_eq!((error.elapsed(), replay.requests().len()), (second * 6, 3));

    let (limited, replay) = settings([Reply::silence()]);
    let client = limited.call_timeout(second * 10).idle_timeout(None).build().expect("a client");
    let error = client.get_threats(&GetThreatsQuery::new()).await.expect_err("a timeout");
    assert_eq!(error.phase(), Some(Phase::Head));
    assert_eq!((error.elapsed().as_secs(), replay.requests().len()), (10, 1));

    // Time at the limiter counts for the call, though nothing was sent.
    let limits = RateLimits::of_the_spec().operation("getThreats", RateLimit::new(0.01, 1));
    let (limited, replay) = settings(many(2, || Reply::json(EMPTY)));
    let client = limited.call_timeout(second * 10).rate_limits(limits).build().expect("a client");
    client.get_threats(&GetThreatsQuery::new()).await.expect("a page");
    let error = client.get_threats(&GetThreatsQuery::new()).await.expect_err("a timeout");
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Timeout, Some(Phase::RateLimit)));
    assert_eq!(replay.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_that_flows_is_no_timeout() {
    // A byte every 20 seconds: half an hour in all.
    let transport = transport_fn(|_| async {
        let chunk = |byte: u8| async move {
            tokio::time::sleep(Duration::from_secs(20)).await;
            Ok(bytes::Bytes::from(vec![byte]))
        };
        let body = futures_util::stream::iter(EMPTY.bytes()).then(chunk);
        Ok(http::Response::new(Box::pin(body) as sentinelone::Body))
    });
    let client = Client::builder().url("console.test").token(TOKEN).transport(transport);
    let client = client.build().expect("a client");
    let page = client.get_threats(&GetThreatsQuery::new()).await.expect("a page");
    assert_eq!(page.attempts(), 1);
    assert_eq!(page.elapsed().as_secs(), 20 * EMPTY.len() as u64);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_shown() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let replies = [Reply::text(503, "no"), Reply::json(EMPTY).broken(), Reply::json(EMPTY)];
    let (settings, _) = settings(replies);
    let client = settings.on_attempt(move |attempt: &Attempt| {
        log.lock().expect("no panic").push(attempt.clone());
    });
    let client = client.build().expect("a client");
    client.get_threats(&GetThreatsQuery::new().query("private")).await.expect("a page");
    let seen = seen.lock().expect("no panic");
    let shown: Vec<_> = seen
        .iter()
        .map(|it| (it.number, it.status.map(|it| it.as_u16()), it.error, it.phase, it.body_bytes))
        .collect();
    assert_eq!(
        shown,
        [
            (1, Some(503), Some(ErrorKind::Status), None, 2),
            (2, Some(200), Some(ErrorKind::Transport), Some(Phase::Body), EMPTY.len()),
            (3, Some(200), None, None, EMPTY.len()),
        ]
    );
    let delays: Vec<_> = seen.iter().map(|it| it.retry_in.map(|it| it.as_millis())).collect();
    assert_eq!(delays, [Some(125), Some(250), None]);
    assert!(seen.iter().all(|it| it.operation.id == "getThreats"));
    let text = format!("{seen:?}");
    assert!(!text.contains("private") && !text.contains(TOKEN), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_idempotent_is_sent_once() {
    use widgets::widgets::{AddWidgetNoteQuery, GetWidgetsQuery, NoteBody};
    let client = |replay: &ReplayTransport| {
        let builder = widgets::Client::builder().url("console.test").token(TOKEN);
        builder.transport(replay.clone()).build().expect("a client")
    };
    for failure in [|| Reply::text(503, ""), || Reply::json("{}").broken(), Reply::silence] {
        // A POST; and a DELETE, of which the spec says so.
        let replay = ReplayTransport::new([failure(), failure(), failure(), failure(), failure()]);
        let client = client(&replay);
        let (body, query) = (NoteBody::new("hi"), AddWidgetNoteQuery::new());
        let error = client.add_widget_note("1", &body, &query).await.expect_err("a failure");
        assert_eq!((error.attempts(), replay.requests().len()), (1, 1));
        assert!(error.is_retryable(), "{error}");
        client.delete_widget_notes("1").await.expect_err("a failure");
        assert_eq!(replay.requests().len(), 2);
        // A GET.
        client.get_widgets(&GetWidgetsQuery::new()).await.expect_err("a failure");
        assert_eq!((replay.requests().len(), replay.replies_left()), (5 + 1, 0));
    }
}

/// Drops a call at each of its await points, and makes another with the same client.
#[tokio::test(start_paused = true)]
async fn a_call_may_be_dropped_anywhere() {
    let step = Duration::from_millis(50);
    for steps in 0..100 {
        let throttled = Reply::text(429, "");
        let replies = [throttled, Reply::json(EMPTY).broken(), Reply::json(EMPTY)];
        let replies = replies.into_iter().chain(many(9, || Reply::json(EMPTY)));
        let (settings, replay) = settings(replies);
        let limits = RateLimits::of_the_spec().operation("getThreats", RateLimit::new(1.0, 1));
        let client = settings.rate_limits(limits).build().expect("a client");
        let query = GetThreatsQuery::new();
        let outcome = tokio::time::timeout(steps * step, client.get_threats(&query)).await;
        let sent = replay.requests().len();
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(replay.requests().len(), sent, "a dropped call sent something");
        drop(outcome);
        let done = tokio::time::timeout(Duration::from_secs(60), client.get_threats(&query)).await;
        done.expect("no hang").expect("a page");
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_a_call_leaves_the_queue_in_order() {
    let (settings, replay) = settings(many(4, || Reply::json(EMPTY)));
    let limits = RateLimits::of_the_spec().operation("getThreats", RateLimit::new(1.0, 1));
    let client = settings.rate_limits(limits).build().expect("a client");
    let query = GetThreatsQuery::new();
    client.get_threats(&query).await.expect("a page");
    let start = Instant::now();
    let waiting: Vec<_> = (0..3).map(|_| Box::pin(client.get_threats(&query))).collect();
    let mut waiting = waiting.into_iter();
    let (first, second, third) = (waiting.next(), waiting.next(), waiting.next());
    let both =
        async { futures_util::future::join(second.expect("one"), third.expect("one")).await };
    // The first in the queue is dropped while it waits; the others do not wait for its turn.
    let first = tokio::time::timeout(Duration::from_millis(500), first.expect("one"));
    let (first, (second, third)) = futures_util::future::join(first, both).await;
    assert!(first.is_err() && second.is_ok() && third.is_ok());
    assert!((2000..2010).contains(&millis(start)), "{}", millis(start));
    assert_eq!(replay.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn streams_retry_each_page_by_itself() {
    let page = |cursor: &str| {
        Reply::json(format!(
            r#"{{"data":[{{"id":"1"}}],"pagination":{{"nextCursor":"{cursor}"}}}}"#
        ))
    };
    let down = || Reply::text(503, "");
    let replies =
        [down(), page("a"), down(), down(), page("b"), down(), down(), down(), Reply::json(EMPTY)];
    let (settings, replay) = settings(replies);
    let client = settings.build().expect("a client");
    let records = client.get_threats_stream(&GetThreatsQuery::new());
    let records: Vec<_> = records.try_collect().await.expect("all pages");
    assert_eq!((records.len(), replay.requests().len()), (2, 9));
}
