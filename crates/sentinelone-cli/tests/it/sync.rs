//! `s1 threats sync`: what it writes, and what it refuses.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sentinelone_sim::{Fault, Faults, Simulator};
use sentinelone_tests::{Server, answer, answer_by};
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
    let back = "--state back --output back.ndjson --overlap 5m";
    let since = format!("{back} --since {time}");
    for (seconds, arguments, expect) in
        [(0, FILES, 1), (0, since.as_str(), 11), (40, FILES, 0), (0, back, 1), (0, back, 0)]
    {
        desk.console.advance(Duration::from_secs(seconds));
        let run = desk.sync(arguments).await;
        assert!(run.stderr.starts_with(&format!("{expect} threats written")), "{run:?}");
    }
    // A sync does not look back to where it did not remember.
    let run = desk.sync(&format!("{FILES} --overlap 10d")).await;
    assert!(run.stderr.starts_with("0 threats written"), "{run:?}");
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
    assert_eq!(found, [(time, &zero), (Some("id"), &two), (time, &three), (Some(""), &json!(17))]);
}

/// A page of a scripted console: ids, times of updates, and whether the agents are active; and the
/// next page's cursor.
type ScriptedPage<'a> = (&'a [(&'a str, &'a str, bool)], Option<&'a str>);

fn threat(id: &str, time: &str, active: bool) -> String {
    let time = if time.starts_with("20") { time.to_owned() } else { format!("2023-01-01T{time}Z") };
    format!(
        r#"{{"id":"{id}","threatInfo":{{"updatedAt":"{time}"}},"agentRealtimeInfo":{{"a":{active}}}}}"#
    )
}

fn dated(status: &str, body: &str) -> Vec<u8> {
    answer(status, &[("Date", "Wed, 25 Nov 2026 12:00:00 GMT")], body)
}

/// What a run begins with.
fn count() -> Vec<u8> {
    dated("200 OK", r#"{"data":[],"pagination":{"totalItems":0,"nextCursor":null}}"#)
}

fn stale() -> Vec<u8> {
    let error = r#"{"code":4000010,"title":"Validation Error","detail":"Invalid cursor"}"#;
    dated("400 Bad Request", &format!(r#"{{"errors":[{error}]}}"#))
}

fn scripted((threats, cursor): &ScriptedPage<'_>) -> Vec<u8> {
    let threats: Vec<_> =
        threats.iter().map(|(id, time, active)| threat(id, time, *active)).collect();
    let cursor = json!(cursor);
    let threats = threats.join(",");
    let body = format!(r#"{{"data":[{threats}],"pagination":{{"nextCursor":{cursor}}}}}"#);
    dated("200 OK", &body)
}

/// A place to sync to from scripted consoles of the same URL.
struct Script {
    directory: TempDir,
    server: Server,
}

impl Script {
    fn new(answers: Vec<Vec<u8>>) -> Script {
        Script {
            directory: tempfile::tempdir().expect("a directory"),
            server: Server::start(answers),
        }
    }

    async fn sync(&self, arguments: &str) -> Run {
        sync(self.directory.path(), self.server.url(), "t", arguments).await
    }

    /// The ids in the output.
    fn written(&self) -> String {
        let path = self.directory.path().join("out.ndjson");
        ids(&fs::read_to_string(path).unwrap_or_default()).join(" ")
    }

    /// From when on each page was asked for.
    fn asked_from(&self) -> Vec<String> {
        let from = |line: String| {
            let from =
                line.split(['&', '?', ' ']).find_map(|it| it.strip_prefix("updatedAt__gte="));
            from.map_or_else(String::new, |from| from.replace("%3A", ":"))
        };
        let pages = self.server.request_lines().into_iter().filter(|it| !it.contains("countOnly"));
        pages.map(from).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_out_of_order_counts_as_a_whole_or_not_at_all() {
    let first: ScriptedPage<'_> = (&[("1", "00:00:01", true), ("5", "00:00:05", true)], Some("a"));
    let second: ScriptedPage<'_> = (&[("3", "00:00:03", true)], Some("b"));
    let third: ScriptedPage<'_> = (&[("4", "00:00:04", true), ("6", "00:00:06", true)], None);
    let pages = [&first, &second, &third].map(scripted);
    for interruption in [stale(), dated("403 Forbidden", "{}")] {
        let is_stale = interruption == stale();
        let pages = pages.clone();
        let mut passes = 0;
        // The first pass shows the disorder, something comes between the second, the third is whole.
        let url = answer_by(move |request| {
            let line = request.lines().next().unwrap_or_default();
            if line.contains("countOnly") {
                return count();
            }
            assert!(!line.contains("updatedAt__gte"), "a pass goes on where it cannot: {line}");
            let cursor = line.split_once("cursor=").map(|(_, rest)| &rest[..1]);
            passes += usize::from(cursor.is_none());
            match cursor {
                None => pages[0].clone(),
                Some("a") => pages[1].clone(),
                _ if passes == 2 => interruption.clone(),
                _ => pages[2].clone(),
            }
        });
        let directory = tempfile::tempdir().expect("a directory");
        let written =
            || ids(&fs::read_to_string(directory.path().join("out.ndjson")).unwrap_or_default());
        let mut run = sync(directory.path(), &url, "t", FILES).await;
        if !is_stale {
            assert_eq!((run.code, written()), (Some(3), Vec::new()), "{run:?}");
            run = sync(directory.path(), &url, "t", FILES).await;
        }
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stderr.starts_with("5 threats written, up to 2023-01-01T00:00:06Z"), "{run:?}");
        assert_eq!(written(), ["1", "5", "3", "4", "6"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_is_never_taken_is_an_error() {
    let page: ScriptedPage<'_> = (&[("1", "00:00:01", true)], Some("a"));
    let mut answers = vec![count()];
    answers.extend(std::iter::repeat_n([scripted(&page), stale()], 5).flatten());
    let script = Script::new(answers);
    let run = script.sync(FILES).await;
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(script.written(), "1");
    // The first pass has written something; three more have not.
    assert_eq!(script.server.requests().len(), 1 + 2 * 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_written_once_however_the_endpoint_changes() {
    let fine = "2023-01-01T00:00:02.123456700Z";
    let one: ScriptedPage<'_> =
        (&[("1", "2023-01-01T00:00:02.123456100Z", true), ("2", fine, true)], None);
    let two: ScriptedPage<'_> =
        (&[("1", "2023-01-01T00:00:02.123456100Z", false), ("2", fine, false)], None);
    let script = Script::new(vec![count(), scripted(&one), count(), scripted(&two)]);
    for _ in 0..2 {
        assert_eq!(script.sync(FILES).await.code, Some(0));
        assert_eq!(script.written(), "1 2");
    }
    assert_eq!(script.asked_from(), ["", "2023-01-01T00:00:02.123456Z"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_not_whole_does_not_count() {
    let errors = r#"{"data":[],"errors":[{"code":5000010,"title":"Shard down","detail":null}]}"#;
    let page: ScriptedPage<'_> = (&[("1", "00:00:01", true)], None);
    let answers = vec![count(), dated("200 OK", errors), count(), scripted(&page)];
    let script = Script::new(answers);
    let run = script.sync(FILES).await;
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("the console says that a page is not whole: "), "{run:?}");
    assert_eq!(script.sync(FILES).await.code, Some(0));
    assert_eq!(script.written(), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_run_that_failed_nobody_elses_bytes_are_cut_off() {
    let first: ScriptedPage<'_> = (&[("1", "00:00:01", true)], Some("a"));
    let answers = vec![count(), scripted(&first), dated("403 Forbidden", "{}"), count(), count()];
    let script = Script::new(answers);
    assert_eq!(script.sync(FILES).await.code, Some(3));
    let output = script.directory.path().join("out.ndjson");
    let mine = fs::read_to_string(&output).expect("the output") + "mine\n";
    fs::write(&output, &mine).expect("the output");
    let run = script.sync(FILES).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("has more in it than was written by this sync"), "{run:?}");
    assert_eq!(fs::read_to_string(&output).expect("the output"), mine);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_state_belongs_to_one_output() {
    let desk = Desk::new(5).await;
    assert_eq!(desk.sync("--state state --output /dev/full").await.code, Some(1));
    desk.write("mine", "mine\n");
    let expect = "state: it is of the output /dev/full, not mine; name that one";
    check(&desk, "--state state --output mine", 2, expect).await;
    assert_eq!(desk.read("mine"), "mine\n");

    // Both may be moved together, and a state may be a link.
    for name in ["a", "b"] {
        fs::create_dir(desk.path(name)).expect("a directory");
    }
    assert_eq!(desk.sync("--state a/state --output a/out").await.code, Some(0));
    fs::rename(desk.path("a/state"), desk.path("b/state")).expect("moved");
    fs::rename(desk.path("a/out"), desk.path("b/out")).expect("moved");
    std::os::unix::fs::symlink(desk.path("b/state"), desk.path("link")).expect("a link");
    let run = desk.sync("--state link --output b/out").await;
    assert!(run.stderr.starts_with("0 threats written"), "{run:?}");
    assert!(desk.path("link").is_symlink());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_not_shared_with_a_later_state() {
    let desk = Desk::new(5).await;
    fs::create_dir(desk.path("out")).expect("a directory");
    let sync = "--state state --output out";
    assert_eq!(desk.sync(sync).await.code, Some(0));
    let backup = desk.read("state");
    desk.console.threats().add(2).expect("added");
    desk.console.advance(Duration::from_secs(61));
    assert_eq!(desk.sync(sync).await.code, Some(0));
    let second = desk.read("out/threats-00000002.ndjson");
    desk.write("state", &backup);
    let expect = "out/threats-00000002.ndjson is later than what the state knows of";
    check(&desk, sync, 2, expect).await;
    assert!(desk.read("out/threats-00000002.ndjson") == second);
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
    let other = "state: it is of the output out.ndjson, not other.ndjson; name that one";
    check(&desk, "--state state --output other.ndjson", 2, other).await;
    check(&desk, "--state state --output .", 2, "it is of the output out.ndjson, not .; name")
        .await;
    check(&desk, "--state new --output ./new", 2, "the state and the output are one file").await;
    check(&desk, "--state no/state --output new.ndjson", 1, "no/state.lock cannot be written")
        .await;
    check(&desk, "--state . --output new.ndjson", 1, ". cannot be read: is a directory").await;
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
