//! `s1 threats sync`: what it writes, and what it refuses.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sentinelone_sim::{Fault, Faults, Simulator};
use sentinelone_tests::{Server, answer};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{Run, s1};

/// A console, and a directory with a state and an output that are to be.
struct Desk {
    console: Simulator,
    directory: TempDir,
}

impl Desk {
    async fn new(threats: u32) -> Desk {
        Desk::with(Simulator::builder().threats(threats).seed(7)).await
    }

    async fn with(builder: sentinelone_sim::Builder) -> Desk {
        let console = builder.start().await.expect("a console");
        Desk { console, directory: tempfile::tempdir().expect("a directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect(name);
    }

    /// Runs `s1 threats sync` in the directory, with the state in `state`.
    async fn sync(&self, arguments: &str) -> Run {
        sync(self.directory.path(), self.console.url(), self.console.token(), arguments).await
    }
}

async fn sync(directory: &Path, url: &str, token: &str, arguments: &str) -> Run {
    let arguments = format!("threats sync --requests-per-second 0 {arguments}");
    let run = s1(directory, url, token, &arguments).await;
    assert_eq!(run.stdout, "", "a sync writes to its files alone");
    run
}

const FILES: &str = "--state state --output out.ndjson";

fn ids(text: &str) -> Vec<String> {
    let id = |line: &str| {
        let threat: Value = serde_json::from_str(line).expect("a line is JSON");
        threat["id"].as_str().expect("an id").to_owned()
    };
    text.lines().map(id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_or_changed_is_appended() {
    let desk = Desk::new(30).await;
    let run = desk.sync(FILES).await;
    assert_eq!(
        (run.code, run.stderr.starts_with("30 threats written, up to 2023-")),
        (Some(0), true)
    );
    let first = desk.read("out.ndjson");
    assert_eq!(first.lines().count(), 30);
    let oldest = desk.console.threats().get(&ids(&first)[0]).expect("a threat");
    // The record's own bytes, as the console has them.
    assert!(first.starts_with(&format!("{oldest}\n")));

    let added = desk.console.threats().add(2).expect("added");
    let changed = ids(&first)[3].clone();
    let patch = json!({ "threatInfo": { "analystVerdict": "suspicious" } });
    desk.console.threats().change(&[&changed], &patch).expect("changed");
    // They have not settled.
    assert!(desk.sync(FILES).await.stderr.starts_with("0 threats written"));
    desk.console.advance(Duration::from_secs(61));
    assert!(desk.sync(FILES).await.stderr.starts_with("3 threats written"));
    let second = desk.read("out.ndjson");
    let after = second.strip_prefix(&first).expect("what was there is still there");
    // The last two have the same time, and so follow their ids.
    assert_eq!(ids(after), [added[0].clone(), changed, added[1].clone()]);
    assert!(desk.sync(FILES).await.stderr.starts_with("0 threats written"));
    assert!(desk.read("out.ndjson") == second, "something was appended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_gets_a_file_for_each_run_that_finds_anything() {
    let desk = Desk::new(25).await;
    fs::create_dir(desk.path("out")).expect("a directory");
    let sync = "--state state --output out";
    for _ in 0..2 {
        assert_eq!(desk.sync(sync).await.code, Some(0));
    }
    desk.console.threats().add(4).expect("added");
    desk.console.advance(Duration::from_secs(61));
    assert_eq!(desk.sync(sync).await.code, Some(0));
    let lines = |name| desk.read(name).lines().count();
    assert_eq!(lines("out/threats-00000001.ndjson"), 25);
    assert_eq!(lines("out/threats-00000002.ndjson"), 4);
    assert_eq!(fs::read_dir(desk.path("out")).expect("a directory").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_output_can_be_appended_to() {
    let desk = Desk::new(10).await;
    for extension in ["gz", "zst"] {
        let name = format!("out.{extension}");
        let sync = format!("--state {extension} --output {name}");
        assert_eq!(desk.sync(&sync).await.code, Some(0));
        desk.console.threats().add(1).expect("added");
        desk.console.advance(Duration::from_secs(61));
        assert_eq!(desk.sync(&sync).await.code, Some(0));
        let bytes = fs::read(desk.path(&name)).expect("the output");
        let text = match extension {
            "gz" => {
                let mut text = String::new();
                let mut decoder = flate2::read::MultiGzDecoder::new(&bytes[..]);
                std::io::Read::read_to_string(&mut decoder, &mut text).expect("gzip");
                text
            }
            _ => String::from_utf8(zstd::decode_all(&bytes[..]).expect("zstd")).expect("text"),
        };
        let all = desk.console.threats().len();
        assert_eq!(ids(&text).len(), all, "{extension}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_may_begin_late_and_later_ones_look_back() {
    let desk = Desk::new(50).await;
    let all = desk.sync("--state all --output all.ndjson").await;
    assert_eq!(all.code, Some(0));
    let all = desk.read("all.ndjson");
    let threat: Value = serde_json::from_str(all.lines().nth(40).expect("a line")).expect("JSON");
    let time = threat["threatInfo"]["updatedAt"].as_str().expect("a time");
    let run = desk.sync(&format!("{FILES} --since {time}")).await;
    assert!(run.stderr.starts_with("10 threats written"), "{run:?}");

    // One that shows after more than the settle time is found by looking back.
    desk.console.threats().late(Duration::from_secs(90)).add(1).expect("added");
    desk.console.threats().add(1).expect("added");
    desk.console.advance(Duration::from_secs(61));
    for (seconds, arguments, expect) in
        [(0, FILES, 1), (40, FILES, 0), (0, "--state state --output out.ndjson --overlap 5m", 1)]
    {
        desk.console.advance(Duration::from_secs(seconds));
        let run = desk.sync(arguments).await;
        assert!(run.stderr.starts_with(&format!("{expect} threats written")), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_breaks_costs_nothing() {
    let faults: Faults =
        "none,none,expired-cursor,none,throttle:1,reset-in-body,none,expired-cursor"
            .parse()
            .expect("faults");
    let desk = Desk::with(Simulator::builder().threats(130).seed(7).faults(faults)).await;
    let run = desk.sync(&format!("{FILES} --limit 20")).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let mut found = ids(&desk.read("out.ndjson"));
    assert_eq!(found.len(), 130);
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), 130);
    let met: Vec<_> = desk.console.faults().into_iter().map(|it| it.fault).collect();
    assert_eq!(met.iter().filter(|it| **it == Fault::ExpiredCursor).count(), 2, "{met:?}");

    let faults =
        Faults::script([Fault::None, Fault::Status(sentinelone::http::StatusCode::FORBIDDEN)]);
    let desk = Desk::with(Simulator::builder().threats(10).faults(faults)).await;
    let run = desk.sync(FILES).await;
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(desk.sync(FILES).await.code, Some(0));
    assert_eq!(ids(&desk.read("out.ndjson")).len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_placed_is_kept_apart() {
    let threat = |id: &str, time: &str| {
        format!(r#"{{"id":{id},"threatInfo":{{"updatedAt":{time}}},"note":"\n kept"}}"#)
    };
    let good = threat("\"1\"", "\"2023-01-01T00:00:00.5Z\"");
    let records = [
        threat("\"0\"", "null"),
        good.clone(),
        threat("2", "\"2023-01-01T00:00:01Z\""),
        threat("\"3\"", "\"yesterday\""),
        "17".to_owned(),
    ];
    let headers = [("Date", "Wed, 25 Nov 2026 12:00:00 GMT")];
    let dated = |body: String| answer("200 OK", &headers, body);
    let count = dated(r#"{"data":[],"pagination":{"totalItems":5,"nextCursor":null}}"#.to_owned());
    let all = dated(format!(r#"{{"data":[{}],"pagination":{{}}}}"#, records.join(",")));
    let server = Server::start([count.clone(), all.clone(), count, all]);
    let directory = tempfile::tempdir().expect("a directory");
    let run = sync(directory.path(), server.url(), "t", FILES).await;
    assert_eq!(run.code, Some(5), "{run:?}");
    let expect =
        "error: 4 threats were rejected; out.ndjson.rejected.ndjson has them with the reasons";
    assert!(run.stderr.contains(expect), "{run:?}");
    // What comes once more is not written once more.
    assert_eq!(sync(directory.path(), server.url(), "t", FILES).await.code, Some(0));
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).expect(name);
    assert_eq!(read("out.ndjson"), format!("{good}\n"));
    let rejected = read("out.ndjson.rejected.ndjson");
    let rejected: Vec<Value> =
        rejected.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let found: Vec<_> = rejected.iter().map(|it| (it["path"].as_str(), &it["record"])).collect();
    let record = |number: usize| serde_json::from_str::<Value>(&records[number]).expect("JSON");
    let (zero, two, three) = (record(0), record(2), record(3));
    let time = Some("threatInfo.updatedAt");
    assert_eq!(found, [(time, &zero), (Some(""), &two), (time, &three), (Some(""), &json!(17))]);
}

/// A sync is refused with this code and text, and changes nothing.
async fn check(desk: &Desk, arguments: &str, code: i32, expect: &str) {
    let list = || {
        let entries = fs::read_dir(desk.directory.path()).expect("a directory").flatten();
        let files = entries.filter(|entry| entry.path().is_file());
        let mut files: Vec<_> =
            files.map(|it| (it.path(), fs::read(it.path()).expect("a file"))).collect();
        files.retain(|(path, _)| path.extension().is_none_or(|it| it != "lock"));
        files.sort();
        files
    };
    let before = list();
    let run = desk.sync(arguments).await;
    assert_eq!(run.code, Some(code), "{arguments}: {run:?}");
    assert!(run.stderr.contains(expect), "{arguments}: {}", run.stderr);
    let error = run.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(error, 1, "{}", run.stderr);
    assert!(before == list(), "{arguments}: files have changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_left_as_it_was() {
    let desk = Desk::new(20).await;
    assert_eq!(desk.sync(FILES).await.code, Some(0));
    let (state, output) = (desk.read("state"), desk.read("out.ndjson"));

    let other = "it is of another query, {}; give the same filters, or begin anew";
    check(&desk, &format!("{FILES} --resolved"), 2, other).await;
    check(&desk, &format!("{FILES} --sort-by id"), 2, "`sortBy` is set by the sync itself").await;
    check(
        &desk,
        &format!("{FILES} --updated-at-gte 2026-01-01T00:00:00Z"),
        2,
        "`updatedAt__gte` is",
    )
    .await;
    let taken = "out.ndjson is there already, but no state in new; name the state that belongs";
    check(&desk, "--state new --output out.ndjson", 2, taken).await;
    fs::remove_file(desk.path("new.lock")).ok();
    check(&desk, "--state state --output other.ndjson", 2, "other.ndjson is shorter than").await;
    check(&desk, "--state state --output .", 2, ". is a directory, unlike the output").await;
    check(&desk, "--state no/state --output new.ndjson", 1, "no/state.lock cannot be written")
        .await;
    check(&desk, "--state . --output new.ndjson", 1, ". cannot be read").await;
    check(&desk, "--state state --output state", 2, "the state and the output are one file").await;
    check(&desk, "--state s --output -", 2, "a sync needs a file or a directory").await;

    for (text, expect) in [
        ("", "state: it is damaged, or was edited"),
        ("{}", "state: it is damaged, or was edited"),
        (&state[..state.len() / 2], "state: it is damaged, or was edited"),
        (&state.replace("2023-", "2022-"), "state: it is damaged, or was edited"),
        (&resealed(&state, "\"version\":1", "\"version\":2"), "state: it has version 2, and this"),
        (&resealed(&state, "http://127", "http://128"), "state: it is of the console http://128"),
    ] {
        desk.write("state", text);
        check(&desk, FILES, 2, expect).await;
    }
    desk.write("state", &state);

    for (text, expect) in [
        ("", "out.ndjson is shorter than the state says"),
        (&output[..output.len() - 1], "out.ndjson is shorter than the state says"),
        (&format!("{output}x"), "out.ndjson has more in it than was written by this sync"),
        (
            &output.replace("whiteningOptions", "whiteningOptiens"),
            "out.ndjson is not the output that the",
        ),
    ] {
        desk.write("out.ndjson", text);
        check(&desk, FILES, 2, expect).await;
    }
    desk.write("out.ndjson", &output);
    let held = fs::File::open(desk.path("state.lock")).expect("a lock");
    held.lock().expect("the lock");
    check(&desk, FILES, 1, "another process holds state.lock; wait for it to end").await;
    drop(held);
    assert_eq!(desk.sync(FILES).await.code, Some(0));
}

/// A state with something else in it, and the checksum that belongs to that.
fn resealed(state: &str, from: &str, to: &str) -> String {
    use sha2::{Digest, Sha256};
    let sealed: Value = serde_json::from_str(state).expect("JSON");
    let text = sealed["state"].to_string().replace(from, to);
    let sum: String = Sha256::digest(&text)[..16].iter().map(|it| format!("{it:02x}")).collect();
    format!("{{\"checksum\":\"{sum}\",\"state\":{text}}}")
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told() {
    let desk = Desk::new(5).await;
    let run = desk.sync("--state state --output /dev/full").await;
    assert_eq!(run.code, Some(1), "{run:?}");
    let expect = "error: /dev/full cannot be written: No space left on device (os error 28)\n";
    assert_eq!(run.stderr, expect);
}
