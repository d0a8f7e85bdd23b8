//! `s1 threats export`: the bytes of the file, and what becomes of files that are there.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use sentinelone_sim::{Builder, Fault, Faults, Simulator};
use sentinelone_tests::{Server, json};
use tempfile::TempDir;

use crate::command::{Run, s1};

async fn console(builder: Builder) -> (Simulator, TempDir) {
    let console = builder.seed(7).start().await.expect("a console");
    (console, tempfile::tempdir().expect("a directory"))
}

async fn export(console: &Simulator, directory: &TempDir, arguments: &str) -> Run {
    let arguments = format!("threats export --requests-per-second 0 {arguments}");
    s1(directory.path(), console.url(), console.token(), &arguments).await
}

/// What the console has, a threat a line, by id.
fn all(console: &Simulator) -> Vec<String> {
    let ids = (0..console.threats().len() as u32).map(|number| sentinelone_sim::threat(7, number));
    let ids = ids.map(|threat| threat["id"].as_str().expect("an id").to_owned());
    ids.map(|id| console.threats().get(&id).expect("a threat").to_string()).collect()
}

fn read(directory: &TempDir, name: &str) -> Vec<String> {
    let text = fs::read_to_string(directory.path().join(name)).expect(name);
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ndjson_is_the_consoles_own_bytes() {
    let (console, directory) = console(Simulator::builder().threats(120)).await;
    let run = export(&console, &directory, "--output all.ndjson --limit 50").await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), "120 threats written\n"));
    assert!(read(&directory, "all.ndjson") == all(&console), "bytes have changed");
    assert!(!directory.path().join("all.ndjson.partial").exists());

    let run = export(&console, &directory, "--output - --quiet").await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lines: Vec<_> = run.stdout.lines().map(str::to_owned).collect();
    assert!(lines == all(&console), "bytes have changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_on_many_lines_becomes_one_line() {
    let body = "{\"data\":[\n {\n  \"id\": \"1\",\r\n  \"a\": \"x\\ny\"\n }\n],\"pagination\":{}}";
    let server = Server::start([json(body)]);
    let directory = tempfile::tempdir().expect("a directory");
    let run = s1(directory.path(), server.url(), "t", "threats export -o out").await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(read(&directory, "out"), [r#"{  "id": "1",  "a": "x\ny" }"#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_hold_the_same_threats() {
    let (console, directory) = console(Simulator::builder().threats(300)).await;
    for (name, arguments) in [("one", ""), ("many", "--concurrency 7 --limit 9")] {
        let filters = "--incident-statuses resolved,in_progress";
        let run = export(&console, &directory, &format!("-o {name} {filters} {arguments}")).await;
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    let (mut one, mut many) = (read(&directory, "one"), read(&directory, "many"));
    assert!(100 < one.len() && one.len() < 300, "{}", one.len());
    one.sort_unstable();
    many.sort_unstable();
    assert!(one == many, "{} and {} threats", one.len(), many.len());

    // There is nothing to cut.
    for (name, filter) in
        [("none", "--query nothing-has-this-name"), ("single", "--until 2023-03-01T00:01:00Z")]
    {
        let run =
            export(&console, &directory, &format!("-o {name} {filter} --concurrency 3")).await;
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    assert_eq!((read(&directory, "none").len(), read(&directory, "single").len()), (0, 1));
    let run = export(&console, &directory, "-o x --concurrency 2 --sort-by id").await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("windows are read at once, in no order"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_taken_as_people_write_them() {
    let (console, directory) = console(Simulator::builder().threats(2_000)).await;
    // They are a minute and a half apart, from the first of March on.
    for (name, arguments, from, to) in [
        ("day", "--since 2023-03-02 --until 2023-03-02T12:00:00+02:00", 960, 1_360),
        ("early", "--until 2023-03-01T00:30:00Z", 0, 20),
    ] {
        let run = export(&console, &directory, &format!("-o {name} {arguments}")).await;
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(read(&directory, name) == all(&console)[from..to], "{name}");
    }
    let run = export(&console, &directory, "-o x --since yesterday").await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("write a time such as 2026-11-01T12:00:00Z"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_says_how_it_is_compressed() {
    let (console, directory) = console(Simulator::builder().threats(40)).await;
    for name in ["out.ndjson.gz", "out.ndjson.zst"] {
        assert_eq!(export(&console, &directory, &format!("-o {name}")).await.code, Some(0));
        let bytes = fs::read(directory.path().join(name)).expect(name);
        let mut text = String::new();
        match name.ends_with(".gz") {
            true => flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text),
            false => zstd::Decoder::new(&bytes[..]).expect("zstd").read_to_string(&mut text),
        }
        .expect("compressed text");
        assert!(text.lines().eq(all(&console)), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_not_lost() {
    // The second page fails.
    let failing = Fault::Status(sentinelone::http::StatusCode::BAD_REQUEST);
    let faults = Faults::script([Fault::None, failing]);
    let (console, directory) = console(Simulator::builder().threats(60).faults(faults)).await;
    let path = directory.path().join("out");
    fs::write(&path, "mine").expect("a file");
    let run = export(&console, &directory, "-o out").await;
    assert_eq!((run.code, run.stderr.contains("out is there already")), (Some(2), true), "{run:?}");
    let run = export(&console, &directory, "-o out --force --limit 30").await;
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(fs::read_to_string(&path).expect("a file"), "mine");
    assert_eq!(read(&directory, "out.partial").len(), 30, "what was read is kept");

    let run = export(&console, &directory, "-o out2").await;
    assert_eq!(run.code, Some(0), "{run:?}");
    for name in ["new.partial", "new.rejected.ndjson"] {
        let path = directory.path().join(name);
        fs::write(&path, "mine").expect("a file");
        let run = export(&console, &directory, "-o new").await;
        let expect = format!("error: {name} is there already\nhint: name another file, or add");
        assert_eq!((run.code, run.stderr.starts_with(&expect)), (Some(2), true), "{run:?}");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "mine");
        fs::remove_file(&path).expect("removed");
    }
    let held = fs::File::create(directory.path().join("new.partial")).expect("a file");
    let run = export(&console, &directory, "-o new").await;
    assert_eq!(run.code, Some(0), "an empty one is of no use to anybody: {run:?}");
    drop(held);
    fs::remove_file(directory.path().join("new")).expect("removed");
    let held = fs::File::create(directory.path().join("new.partial")).expect("a file");
    held.lock().expect("a lock");
    let run = export(&console, &directory, "-o new --force").await;
    let expect = "error: another process writes new.partial\n";
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), expect));
    drop(held);

    for (output, code, expect) in [
        (".", 2, "error: . is a directory\nhint: name a file in it\n"),
        ("no/out", 1, "error: no/out.partial cannot be written: No such file or directory"),
    ] {
        let run = export(&console, &directory, &format!("-o {output}")).await;
        assert_eq!(run.code, Some(code), "{run:?}");
        assert!(run.stderr.starts_with(expect), "{run:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn standard_output_may_be_closed_or_full() {
    let (console, directory) = console(Simulator::builder().threats(3_000)).await;
    let spawn = |stdout: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_s1"));
        command.env_clear().current_dir(directory.path());
        command.env("SENTINELONE_URL", console.url()).env("SENTINELONE_TOKEN", console.token());
        command.args(["threats", "export", "--output", "-", "--requests-per-second", "0"]);
        command.stdout(stdout).stderr(Stdio::piped()).spawn().expect("a process")
    };
    let mut closed = spawn(Stdio::piped());
    let mut first = [0; 10];
    closed.stdout.take().expect("a pipe").read_exact(&mut first).expect("the first bytes");
    let output = tokio::task::spawn_blocking(|| closed.wait_with_output()).await;
    let output = output.expect("no panic").expect("an end");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));

    let full = fs::OpenOptions::new().write(true).open(Path::new("/dev/full")).expect("a device");
    let full = spawn(full.into());
    let output = tokio::task::spawn_blocking(|| full.wait_with_output()).await;
    let output = output.expect("no panic").expect("an end");
    let text = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text,
        "error: standard output cannot be written: No space left on device (os error 28)\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_console_could_not_send_is_told() {
    let body = r#"{"data":[{"id":"1"}],"errors":[{"code":5000010,"title":"Shard down"}],
        "pagination":{"totalItems":1}}"#;
    for command in ["export -o out", "list", "get 1234567890123456789", "count", "stats"] {
        let server = Server::start([json(body)]);
        let directory = tempfile::tempdir().expect("a directory");
        let arguments = format!("threats {command}");
        let run = s1(directory.path(), server.url(), "t", &arguments).await;
        assert_eq!(run.code, Some(5), "{run:?}");
        let expect = "error: the console says that what it sent is not all: ";
        assert!(run.stderr.starts_with(expect) && run.stderr.contains("Shard down"), "{run:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_to_listen() {
    let (console, directory) = console(Simulator::builder().threats(30)).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_s1"));
    command.env_clear().current_dir(directory.path());
    command.env("SENTINELONE_URL", console.url()).env("SENTINELONE_TOKEN", console.token());
    command.args(["threats", "export", "--output", "out"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
    command.stderr(full);
    let status = tokio::task::spawn_blocking(move || command.status()).await.expect("no panic");
    assert_eq!(status.expect("an end").code(), Some(0));
    assert_eq!(read(&directory, "out").len(), 30);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_it_cleanly() {
    for (arguments, kept) in [
        ("threats export -o out --limit 10", "out.partial"),
        ("threats sync --state state -o out --limit 10", "out"),
        ("threats sync --state state -o out --limit 10 --follow", "out"),
    ] {
        // After some pages the console falls silent.
        let faults = Faults::script([Fault::None, Fault::None, Fault::None, Fault::Stall]);
        let (console, directory) = console(Simulator::builder().threats(60).faults(faults)).await;
        let mut command = Command::new(env!("CARGO_BIN_EXE_s1"));
        command.env_clear().current_dir(directory.path());
        command.env("SENTINELONE_URL", console.url()).env("SENTINELONE_TOKEN", console.token());
        command.args(arguments.split(' ')).stderr(Stdio::piped());
        let process = command.spawn().expect("a process");
        while console.faults().is_empty() {
            tokio::task::yield_now().await;
        }
        let written = directory.path().join(kept);
        // What came before is on its way to the file, or in the buffer before it.
        while !written.exists() {
            tokio::task::yield_now().await;
        }
        let kill = Command::new("kill").args(["-INT", &process.id().to_string()]).status();
        assert!(kill.expect("kill").success());
        let output = tokio::task::spawn_blocking(|| process.wait_with_output()).await;
        let output = output.expect("no panic").expect("an end");
        assert_eq!(output.status.code(), Some(130), "{arguments}");
        assert_eq!(String::from_utf8(output.stderr).expect("text"), "error: interrupted\n");
        if arguments.contains("sync") {
            let run = s1(
                directory.path(),
                console.url(),
                console.token(),
                "threats sync --state state -o out",
            )
            .await;
            assert_eq!(run.code, Some(0), "{run:?}");
            let mut found = read(&directory, "out");
            let mut all = all(&console);
            found.sort_unstable();
            all.sort_unstable();
            assert!(found == all, "{arguments}: {} threats", found.len());
        }
    }
}
