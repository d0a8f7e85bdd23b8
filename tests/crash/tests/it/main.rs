//! Exports from a console that changes while it is read, by a process that is killed wherever it
//! can be killed, held against the console's own log.
//!
//! `CRASH_SEEDS=5000 cargo test --release -p crash` is the long run.

mod judge;
mod naive;
mod scenario;

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use sentinelone_sim::Simulator;
use tokio::process::Command;

use judge::Judge;
use scenario::{SETTLE, Scenario};

/// The outputs that there are, and the one of them that is a directory.
const KINDS: [&str; 4] = ["threats.ndjson", DIRECTORY, "threats.gz", "threats.zst"];
const DIRECTORY: &str = "threats";

/// How many seeds are tried unless `CRASH_SEEDS` says otherwise.
const SEEDS: u64 = 24;

#[tokio::test]
async fn a_sync_that_is_killed_anywhere_neither_loses_nor_repeats_a_threat() {
    let seeds = std::env::var("CRASH_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    let seeds = seeds.unwrap_or(SEEDS);
    let mut total = Tally::default();
    let mut running = tokio::task::JoinSet::new();
    for seed in 0..seeds {
        if running.len() == 4 {
            total.add(&running.join_next().await.expect("a run").expect("no panic"));
        }
        running.spawn(sync(seed));
    }
    while let Some(tally) = running.join_next().await {
        total.add(&tally.expect("no panic"));
    }
    println!("{seeds} seeds: {total:?}");
    // A third of them fill the disk, of which the process is not killed.
    assert!(total.crashes > seeds / 2, "the process was hardly ever killed: {total:?}");
    assert!(total.versions > 100 * seeds, "{total:?}");
    // A console that refuses its own cursors again and again is an error, and is asked again later.
    assert!(100 * total.gave_up < total.runs, "{total:?}");
}

#[derive(Debug, Default)]
struct Tally {
    crashes: u64,
    gave_up: u64,
    runs: u64,
    versions: u64,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.crashes += other.crashes;
        self.gave_up += other.gave_up;
        self.runs += other.runs;
        self.versions += other.versions;
    }
}

/// Plays a scenario, and syncs now and then until a run comes to its end.
async fn sync(seed: u64) -> Tally {
    let directory = tempfile::tempdir().expect("a directory");
    let state = directory.path().join("state");
    let kind = KINDS[(seed / 3) as usize % KINDS.len()];
    let output = directory.path().join(kind);
    if kind == DIRECTORY {
        std::fs::create_dir(&output).expect("a directory");
    }
    let overlap = if seed.is_multiple_of(5) { 45 } else { 0 };
    let scenario = Scenario::new(seed);
    let console = scenario.start(scenario.faults()).await;
    let mut judge = Judge::default();
    let mut random = fastrand::Rng::with_seed(seed);
    let mut tally = Tally::default();
    for round in 0..4 {
        scenario.go_on(&console);
        console.advance(SETTLE);
        loop {
            // The last run of all is left alone.
            let crash_at = if round == 3 { u64::MAX } else { random.u64(0..80) };
            let begun = judge.begin(&console);
            tally.runs += 1;
            let paths = [&state, &output].map(|path| path.as_os_str());
            match run(&console, paths, [overlap, crash_at, seed]).await {
                End::Complete => {
                    judge.end(&console, begun);
                    break;
                }
                End::Killed => tally.crashes += 1,
                End::GaveUp => tally.gave_up += 1,
            }
        }
    }
    let written = read(&output);
    let problems = judge.judge(&console, &written);
    assert_eq!(problems, [""; 0], "seed {seed}");
    let rejected = directory.path().join(format!("{kind}.rejected.ndjson"));
    assert!(!rejected.exists() && !output.join("rejected.ndjson").exists(), "seed {seed}");
    tally.versions = written.lines().count() as u64;
    tally
}

/// How a run of a sync ended.
enum End {
    Complete,
    Killed,
    /// The console no longer took a cursor, several times and before anything new was written: most
    /// likely with an overlap, which is read again every time.
    GaveUp,
}

/// Runs a sync in a process of its own, with the state and the output, and with an overlap, the
/// change at which it breaks off, and the seed.
async fn run(console: &Simulator, paths: [&OsStr; 2], numbers: [u64; 3]) -> End {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crashing-sync"));
    command.args([console.url(), console.token()]).args(paths);
    command.args(numbers.map(|number| number.to_string()));
    let run = command.stdin(Stdio::null()).output().await.expect("a process");
    let text = String::from_utf8_lossy(&run.stderr);
    match run.status.code() {
        None => End::Killed,
        Some(0) => End::Complete,
        Some(_) if text.contains("kind: StaleCursor") => End::GaveUp,
        Some(_) => panic!("{numbers:?}: {text}"),
    }
}

/// The lines of an output of any kind.
fn read(output: &Path) -> String {
    if output.is_dir() {
        let entries = std::fs::read_dir(output).expect("a directory").flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        return paths.iter().map(|path| read(path)).collect();
    }
    let bytes = std::fs::read(output).expect("the output");
    let mut text = String::new();
    let extension = output.extension().and_then(|it| it.to_str());
    match extension {
        Some("gz") => flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text),
        Some("zst") => {
            zstd::Decoder::new(&bytes[..]).and_then(|mut it| it.read_to_string(&mut text))
        }
        _ => (&bytes[..]).read_to_string(&mut text),
    }
    .expect("text");
    text
}

#[tokio::test]
async fn naive_watermarks_lose_or_repeat_threats() {
    async fn check(naive: &'static naive::Watermark, expect: &[&str]) {
        let mut found: Vec<String> = Vec::new();
        for seed in 0..4 {
            found.extend(naive::sync(seed, naive).await);
        }
        for sort in expect {
            let is_found = found.iter().any(|problem| problem.starts_with(sort));
            assert!(is_found, "{}: no threat is {sort}: {found:?}", naive.name);
        }
    }
    check(&naive::CREATED_ONLY, &["lost"]).await;
    check(&naive::PAGE_CURSOR, &["lost", "repeated"]).await;
    check(&naive::NOW_AFTER_THE_LOOP, &["lost"]).await;
}
