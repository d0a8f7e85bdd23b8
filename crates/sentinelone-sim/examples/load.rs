//! Many clients at once ask a simulator for all that it can be asked for, and it is measured.
//!
//! ```console
//! $ cargo run --release -p sentinelone-sim -- --threats 1000000 &
//! $ export SENTINELONE_TOKEN=a-token-of-the-embedded-console
//! $ cargo run --release -p sentinelone-sim --example load -- --url http://127.0.0.1:8080 --pid $!
//! ```

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::net::IpAddr;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clap::Parser;
use futures_util::TryStreamExt;
use sentinelone::chrono::{DateTime, Utc};
use sentinelone::reqwest::Url;
use sentinelone::threats::{AnalystVerdict, GetThreatsQuery, SortOrder, ThreatSortColumn};
use sentinelone::{Attempt, Client, Error, RateLimits, RetryPolicy};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Loads a simulated console on this machine. Its token is in SENTINELONE_TOKEN.
#[derive(Parser)]
struct Arguments {
    /// The simulator's URL.
    #[arg(long, value_parser = loopback)]
    url: Url,
    /// How many clients ask at the same time.
    #[arg(long, default_value_t = 64)]
    clients: u64,
    /// For how long they ask.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// What the clients ask for: the same for the same seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The simulator's process, to watch its memory (on Linux).
    #[arg(long)]
    pid: Option<u32>,
}

fn loopback(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse();
    if host == "localhost" || address.is_ok_and(|it: IpAddr| it.is_loopback()) {
        return Ok(url);
    }
    Err("this is for a simulator on this machine; write a URL such as http://127.0.0.1:8080".into())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether all went well.
async fn run(arguments: Arguments) -> Result<bool, Box<dyn StdError>> {
    let tally = Arc::new(Mutex::new(Tally::default()));
    let times = Times::of(&client(&arguments.url, Arc::default())?).await?;
    let start = Instant::now();
    let deadline = start + Duration::from_secs(arguments.seconds);
    let mut clients = JoinSet::new();
    for number in 0..arguments.clients {
        let client = client(&arguments.url, Arc::clone(&tally))?;
        let random = fastrand::Rng::with_seed(arguments.seed ^ (number << 32));
        clients.spawn(ask_until(deadline, client, times, random, Arc::clone(&tally)));
    }
    if let Some(pid) = arguments.pid {
        watch(pid, start, deadline).await;
    }
    while let Some(ended) = clients.join_next().await {
        ended?;
    }
    let tally = locked(&tally);
    tally.print(start.elapsed());
    Ok(tally.errors.is_empty())
}

/// A client that sends each request once, as soon as it can.
fn client(url: &Url, tally: Arc<Mutex<Tally>>) -> Result<Client, Error> {
    Client::builder()
        .environment()
        .url(url.as_str())
        .rate_limits(RateLimits::unlimited())
        .retry(RetryPolicy::never())
        .prefetch(false)
        .on_attempt(move |attempt| locked(&tally).count(attempt))
        .build()
}

async fn ask_until(
    deadline: Instant,
    client: Client,
    times: Times,
    mut random: fastrand::Rng,
    tally: Arc<Mutex<Tally>>,
) {
    let walks = async {
        loop {
            let query = query(times, &mut random);
            let mut pages = client.get_threats_pages(&query);
            for _ in 0..random.u32(1..=5) {
                // What failed is in the tally.
                let Ok(Some(page)) = pages.try_next().await else { break };
                locked(&tally).threats += page.records().len();
            }
        }
    };
    // The clients are stopped in the middle of what they do.
    let _ = timeout_at(deadline, walks).await;
}

/// One of the things to be asked for.
fn query(times: Times, random: &mut fastrand::Rng) -> GetThreatsQuery {
    let query = GetThreatsQuery::new();
    let verdicts = [
        AnalystVerdict::Undefined,
        AnalystVerdict::Suspicious,
        AnalystVerdict::TruePositive,
        AnalystVerdict::FalsePositive,
    ];
    let verdict = verdicts[random.usize(..verdicts.len())].clone();
    let page = [10, 100, 1_000][random.usize(..3)];
    match random.u32(..6) {
        0 => query.limit(page),
        1 => {
            let order = if random.bool() { SortOrder::Asc } else { SortOrder::Desc };
            query.limit(page).sort_by(ThreatSortColumn::UpdatedAt).sort_order(order)
        }
        2 => query.limit(page).analyst_verdicts([verdict]),
        3 => {
            let (start, end) = times.window(random);
            query.limit(page).created_at_gte(start).created_at_lt(end)
        }
        4 => {
            let part = ["DESKTOP-A", "FIN-WS", "VDI", "node"][random.usize(..4)];
            query.limit(page).computer_name_contains([part])
        }
        _ => query.count_only(true).analyst_verdicts([verdict]),
    }
}

/// The times of the first and the last threat.
#[derive(Clone, Copy)]
struct Times {
    first: DateTime<Utc>,
    last: DateTime<Utc>,
}

impl Times {
    async fn of(client: &Client) -> Result<Times, Box<dyn StdError>> {
        let created = async |order: SortOrder| {
            let query = GetThreatsQuery::new().limit(1).sort_by(ThreatSortColumn::CreatedAt);
            let page = client.get_threats(&query.sort_order(order)).await?;
            let record = page.records().first().ok_or("the console has no threats")?;
            let created = record.decode()?.threat_info.and_then(|info| info.created_at);
            created.ok_or_else(|| Box::<dyn StdError>::from("a threat does not tell its time"))
        };
        Ok(Times { first: created(SortOrder::Asc).await?, last: created(SortOrder::Desc).await? })
    }

    /// A part of that time, of up to ten days.
    fn window(self, random: &mut fastrand::Rng) -> (DateTime<Utc>, DateTime<Utc>) {
        let length = (self.last - self.first).as_seconds_f64();
        let start = self.first + Duration::from_secs_f64(random.f64() * length);
        (start, start + Duration::from_secs(random.u64(3_600..864_000)))
    }
}

/// What all clients have met.
#[derive(Default)]
struct Tally {
    latencies: Vec<Duration>,
    bytes: usize,
    threats: usize,
    errors: BTreeMap<String, usize>,
}

impl Tally {
    fn count(&mut self, attempt: &Attempt) {
        self.latencies.push(attempt.elapsed);
        self.bytes += attempt.body_bytes;
        if let Some(kind) = attempt.error {
            let status = attempt.status.map(|status| format!(" {status}"));
            let error = format!("{kind:?}{}", status.unwrap_or_default());
            *self.errors.entry(error).or_default() += 1;
        }
    }

    fn print(&self, elapsed: Duration) {
        let seconds = elapsed.as_secs_f64();
        let requests = self.latencies.len();
        println!("{requests} requests in {seconds:.1} s, {:.1}/s", requests as f64 / seconds);
        println!("{} threats, {} MB of JSON", self.threats, self.bytes / 1_000_000);
        let mut latencies = self.latencies.clone();
        latencies.sort_unstable();
        let percentile = |share: usize| latencies.get(requests.saturating_sub(1) * share / 100);
        for share in [50, 99, 100] {
            println!("p{share} {:.1?}", percentile(share).unwrap_or(&Duration::ZERO));
        }
        for (error, count) in &self.errors {
            println!("{count} errors: {error}");
        }
        if self.errors.is_empty() {
            println!("no errors");
        }
    }
}

fn locked(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prints the resident memory of a process every ten seconds, and its peak.
async fn watch(pid: u32, start: Instant, deadline: Instant) {
    let mut next = start;
    while next < deadline {
        sleep_until(next).await;
        println!("{:3} s: {} resident", (next - start).as_secs(), memory(pid, "VmRSS:"));
        next += Duration::from_secs(10);
    }
    sleep_until(deadline).await;
    println!("peak: {} resident, {} at the end", memory(pid, "VmHWM:"), memory(pid, "VmRSS:"));
}

fn memory(pid: u32, name: &str) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = kilobytes.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
    kilobytes.map_or("unknown".to_owned(), |it: u64| format!("{} MB", it / 1_024))
}
