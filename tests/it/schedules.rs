//! Streams under seeded schedules of faults: every threat exactly once and in order, or an error
//! that names the cause.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use sentinelone::threats::GetThreatsQuery;
use sentinelone::{
    Body, BoxFuture, Client, Continuation, Error, ErrorKind, Phase, RateLimits, Transport,
    TransportError,
};
use tokio::time::{sleep, timeout};

use crate::TOKEN;

/// How many schedules are run, unless `SCHEDULES` says otherwise.
const SCHEDULES: u64 = 3_000;

#[test]
fn every_threat_once_or_an_error_that_says_why() {
    let count = std::env::var("SCHEDULES").ok().and_then(|text| text.parse().ok());
    let mut outcomes = Outcomes::default();
    for seed in 0..count.unwrap_or(SCHEDULES) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().expect("a runtime");
        runtime.block_on(run(seed, &mut outcomes));
    }
    // A schedule that never hurts, or always does, would prove little.
    println!("{outcomes:?}");
    assert!(outcomes.complete * 5 > outcomes.runs, "{outcomes:?}");
    assert!(outcomes.failed * 10 > outcomes.runs, "{outcomes:?}");
    assert!(outcomes.resumed * 10 > outcomes.runs, "{outcomes:?}");
    assert!(outcomes.retried * 5 > outcomes.runs, "{outcomes:?}");
}

#[derive(Debug, Default)]
struct Outcomes {
    runs: usize,
    complete: usize,
    failed: usize,
    resumed: usize,
    retried: usize,
}

async fn run(seed: u64, outcomes: &mut Outcomes) {
    let mut random = fastrand::Rng::with_seed(seed);
    let console = Console(Arc::new(Mutex::new(State {
        random: random.fork(),
        threats: random.usize(0..60),
        page_size: random.usize(1..9),
        faults: *random.choice([0.0, 0.1, 0.3, 0.6]).as_ref().expect("one of four"),
        served: Vec::new(),
    })));
    let jitter = Mutex::new(random.fork());
    let client = Client::builder()
        .url("console.test")
        .token(TOKEN)
        .transport(console.clone())
        .rate_limits(if random.bool() {
            RateLimits::of_the_spec()
        } else {
            RateLimits::unlimited()
        })
        .random(move || jitter.lock().expect("no panic").f64())
        .build()
        .expect("a client");
    let prefetch = random.bool();
    let total = console.0.lock().expect("no panic").threats;

    let mut seen = 0;
    let mut from: Option<Continuation> = None;
    let outcome = loop {
        let stop_after = if random.bool() { Some(random.usize(0..40)) } else { None };
        let pages = match &from {
            None => client.get_threats_pages(&GetThreatsQuery::new()),
            Some(continuation) => client.get_threats_resume(continuation).expect("a stream"),
        };
        let mut records = pages.records().prefetch(prefetch);
        let mut given = 0;
        let ended = loop {
            if stop_after == Some(given) {
                break None;
            }
            if random.u8(0..8) == 0 {
                sleep(Duration::from_millis(random.u64(0..5_000))).await;
            }
            let next = timeout(Duration::from_secs(3600), records.next()).await;
            match next.unwrap_or_else(|_| panic!("seed {seed}: it hangs")) {
                Some(Ok(record)) => {
                    let expect = format!(r#"{{"id":"{seen}"}}"#);
                    assert_eq!(record.raw(), expect, "seed {seed}: a gap or a repetition");
                    (seen, given) = (seen + 1, given + 1);
                }
                Some(Err(error)) => {
                    console.explains(&error, seed);
                    assert!(records.next().await.is_none(), "seed {seed}: more after an error");
                    break Some(Err(error));
                }
                None => break Some(Ok(())),
            }
        };
        let continuation = records.continuation();
        match ended {
            Some(Ok(())) => {
                assert_eq!(continuation, None, "seed {seed}");
                break Ok(());
            }
            Some(Err(error)) if !may_go_on(&error) || random.u8(0..4) == 0 => break Err(error),
            Some(Err(_)) | None => {
                let Some(continuation) = continuation else {
                    assert_eq!(seen, total, "seed {seed}: no continuation before the end");
                    break Ok(());
                };
                let text = serde_json::to_string(&continuation).expect("JSON");
                from = Some(serde_json::from_str(&text).expect("a continuation"));
                outcomes.resumed += 1;
            }
        }
    };
    outcomes.runs += 1;
    let served = &console.0.lock().expect("no panic").served;
    outcomes.retried += usize::from(served.iter().any(|fault| fault.is_transient()));
    match outcome {
        Ok(()) => {
            assert_eq!(seen, total, "seed {seed}: a silent gap");
            outcomes.complete += 1;
        }
        Err(_) => outcomes.failed += 1,
    }
}

fn may_go_on(error: &Error) -> bool {
    error.is_retryable() || error.kind() == ErrorKind::RepeatedCursor
}

/// A console in memory: threats 0, 1, 2, … in pages, and a fault now and then.
#[derive(Clone)]
struct Console(Arc<Mutex<State>>);

struct State {
    random: fastrand::Rng,
    threats: usize,
    page_size: usize,
    faults: f64,
    served: Vec<Fault>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    Refused,
    Reset,
    Silence,
    Slow,
    Status(u16),
    Throttled(Option<u64>),
    CutBody,
    SilentBody,
    CutJson,
    Html,
    StaleCursor,
    RepeatedCursor,
}

impl Fault {
    const ALL: [Fault; 17] = [
        Fault::Refused,
        Fault::Reset,
        Fault::Silence,
        Fault::Slow,
        Fault::Status(408),
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(503),
        Fault::Status(504),
        Fault::Throttled(None),
        Fault::Throttled(Some(5)),
        Fault::CutBody,
        Fault::SilentBody,
        Fault::CutJson,
        Fault::Html,
        Fault::StaleCursor,
        Fault::RepeatedCursor,
    ];

    /// Whether another attempt is made after it.
    fn is_transient(self) -> bool {
        use Fault::*;
        !matches!(self, None | Slow | Status(500) | Html | StaleCursor | RepeatedCursor)
    }
}

impl Console {
    /// Holds an error against the last fault.
    fn explains(&self, error: &Error, seed: u64) {
        let state = self.0.lock().expect("no panic");
        let fault = *state.served.last().expect("a request");
        let status = error.status().map(|it| it.as_u16());
        let explained = match fault {
            Fault::None | Fault::Slow => false,
            Fault::Refused => error.is_connect(),
            Fault::Reset => error.phase() == Some(Phase::Head) && !error.is_timeout(),
            Fault::Silence => error.phase() == Some(Phase::Head) && error.is_timeout(),
            Fault::Status(code) => error.kind() == ErrorKind::Status && status == Some(code),
            Fault::Throttled(after) => {
                error.is_rate_limited() && error.retry_after() == after.map(Duration::from_secs)
            }
            Fault::CutBody => error.phase() == Some(Phase::Body) && !error.is_timeout(),
            Fault::SilentBody => error.phase() == Some(Phase::Body) && error.is_timeout(),
            Fault::CutJson | Fault::Html => error.kind() == ErrorKind::Decode,
            Fault::StaleCursor => error.kind() == ErrorKind::StaleCursor,
            Fault::RepeatedCursor => error.kind() == ErrorKind::RepeatedCursor,
        };
        assert!(explained, "seed {seed}: {error:?} after {fault:?}");
        // All attempts before the last one failed in a way that is worth another.
        let attempts = error.attempts() as usize;
        if fault != Fault::RepeatedCursor {
            let last = &state.served[state.served.len() - attempts..];
            let tried = last[..attempts - 1].iter().all(|fault| fault.is_transient());
            let given_up = error.to_string().contains("the retry budget is used up");
            let enough = !fault.is_transient() || attempts == 4 || given_up;
            assert!(tried && enough, "seed {seed}: {error:?} after {last:?}");
        }
    }
}

impl Transport for Console {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let query = request.uri().query().unwrap_or_default();
        let cursor = query.split('&').find_map(|pair| pair.strip_prefix("cursor="));
        let mut state = self.0.lock().expect("no panic");
        let mut fault = Fault::None;
        if state.random.f64() < state.faults {
            fault = state.random.choice(Fault::ALL).expect("a fault");
        }
        let begin: usize = cursor.map_or(0, |cursor| cursor.parse().expect("our cursor"));
        let end = (begin + state.page_size).min(state.threats);
        let ids: Vec<_> = (begin..end).map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
        let next = if end < state.threats { format!(r#""{end}""#) } else { "null".to_owned() };
        if cursor.is_none() && matches!(fault, Fault::StaleCursor | Fault::RepeatedCursor) {
            fault = Fault::None;
        }
        let next = match (fault, cursor) {
            (Fault::RepeatedCursor, Some(cursor)) => format!(r#""{cursor}""#),
            _ => next,
        };
        state.served.push(fault);
        let latency = state.random.u64(0..20);
        drop(state);
        let page =
            format!(r#"{{"data":[{}],"pagination":{{"nextCursor":{next}}}}}"#, ids.join(","));
        Box::pin(async move {
            sleep(Duration::from_millis(latency)).await;
            answer(fault, page).await
        })
    }
}

async fn answer(fault: Fault, page: String) -> Result<http::Response<Body>, TransportError> {
    let half = page[..page.len() / 2].to_owned();
    let broken = || Err(TransportError::new(Phase::Body, "connection reset"));
    let (status, chunks): (u16, Vec<Result<Bytes, TransportError>>) = match fault {
        Fault::None | Fault::RepeatedCursor => (200, vec![Ok(page.into())]),
        Fault::Refused => return Err(TransportError::new(Phase::Connect, "refused")),
        Fault::Reset => return Err(TransportError::new(Phase::Head, "connection reset")),
        Fault::Silence => std::future::pending().await,
        Fault::Slow => {
            sleep(Duration::from_secs(29)).await;
            (200, vec![Ok(page.into())])
        }
        Fault::Status(status) => (status, vec![Ok("<html>".into())]),
        Fault::Throttled(_) => (429, vec![Ok("<html>".into()), broken()]),
        Fault::CutBody => (200, vec![Ok(half.into()), broken()]),
        Fault::SilentBody | Fault::CutJson => (200, vec![Ok(half.into())]),
        Fault::Html => (200, vec![Ok("<html>".into())]),
        Fault::StaleCursor => (400, vec![Ok(r#"{"errors":[{"code":4000010}]}"#.into())]),
    };
    let mut body = stream::iter(chunks).boxed();
    if fault == Fault::SilentBody {
        body = body.chain(stream::pending()).boxed();
    }
    let mut response = http::Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    if let Fault::Throttled(Some(seconds)) = fault {
        response.headers_mut().insert("retry-after", seconds.into());
    }
    Ok(response)
}
