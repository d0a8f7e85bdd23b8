//! Threats from a file.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sentinelone::OPERATIONS;
use sentinelone_runtime::operation::Operation;
use sentinelone_sim::{Simulator, threat};
use sentinelone_tests::reading::{selects, sort_key};
use serde_json::{Value, json};

use crate::client::{Client, ids};

const COUNT: u32 = 40;

/// A file of that name for one test.
fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).expect("a file");
    path
}

fn lines(threats: &[Value]) -> String {
    threats.iter().map(|threat| format!("{threat}\n")).collect()
}

async fn serve(path: &Path) -> (Simulator, Client) {
    let console = Simulator::builder().data(path).start().await.expect("a console");
    let client = Client::new(&console).await;
    (console, client)
}

fn operation() -> &'static Operation {
    OPERATIONS.iter().find(|it| it.id == "getThreats").expect("the operation")
}

/// Walks a list in small pages.
async fn walk(client: &mut Client, query: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.threats(&format!("limit=7&{query}{cursor}")).await;
        items.extend(page["data"].as_array().expect("a list").iter().cloned());
        match page["pagination"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// Walks with and without filters by created date, and with any others, in either direction.
async fn check(client: &mut Client, threats: &[Value]) {
    let created = threat(3, COUNT / 2)["threatInfo"]["createdAt"].clone();
    let created = created.as_str().expect("a time");
    let filters: [&[(&str, &str)]; 7] = [
        &[],
        &[("createdAt__gt", created)],
        &[("createdAt__gte", created)],
        &[("createdAt__lt", created)],
        &[("createdAt__lte", created)],
        &[("createdAt__gte", created), ("resolved", "false")],
        &[("incidentStatuses", "in_progress,unresolved"), ("createdAt__lt", created)],
    ];
    for filters in filters {
        for (column, path) in [
            ("id", "id"),
            ("createdAt", "threatInfo.createdAt"),
            ("updatedAt", "threatInfo.updatedAt"),
        ] {
            let parameter = |name: &str| operation().parameter(name).expect("a parameter");
            let holds =
                |it: &&Value| filters.iter().all(|(name, v)| selects(parameter(name), v, it));
            let mut expected: Vec<&Value> = threats.iter().filter(holds).collect();
            expected.sort_by_key(|it| (sort_key(path, it), sort_key("id", it)));
            let filters: String = filters.iter().map(|(name, v)| format!("&{name}={v}")).collect();
            let query = format!("sortBy={column}{filters}");
            assert!(!expected.is_empty(), "{query} proves nothing");
            let found = walk(client, &query).await;
            assert!(found.iter().eq(expected.iter().copied()), "{query}: {}", found.len());
            let mut found = walk(client, &format!("{query}&sortOrder=desc")).await;
            found.reverse();
            assert!(found.iter().eq(expected.iter().copied()), "{query}, descending");
        }
    }
}

#[tokio::test]
async fn a_file_is_served_in_order() {
    let threats: Vec<Value> = (0..COUNT).map(|number| threat(3, number)).collect();
    let mut shuffled = threats.clone();
    fastrand::Rng::with_seed(1).shuffle(&mut shuffled);
    let mut content = lines(&shuffled);
    // Of two versions the last counts, wherever it stands.
    let mut earlier = threats[5].clone();
    earlier["threatInfo"]["incidentStatus"] = "superseded".into();
    content.insert_str(0, &format!("{earlier}\n"));
    let content = content.replacen('\n', "\r\n", 9).replacen("\n{", "\n\r\n \n\n{", 3);
    for (name, content) in [
        ("in-order", content.as_str()),
        // The last line may end without a line break.
        ("in-order-unended", content.trim_end()),
    ] {
        let (console, mut client) = serve(&file(name, content)).await;
        assert_eq!(console.threats().len(), COUNT as usize);
        assert_eq!(walk(&mut client, "").await, threats);
        check(&mut client, &threats).await;
    }
}

#[tokio::test]
async fn a_file_in_which_created_dates_do_not_rise_with_ids() {
    let mut threats: Vec<Value> = (0..COUNT).map(|number| threat(3, number)).collect();
    let dates: Vec<Value> =
        threats.iter().map(|it| it["threatInfo"]["createdAt"].clone()).collect();
    for (threat, date) in threats.iter_mut().zip(dates.into_iter().rev()) {
        threat["threatInfo"]["createdAt"] = date;
    }
    let (_console, mut client) = serve(&file("falling", lines(&threats))).await;
    check(&mut client, &threats).await;
}

#[tokio::test]
async fn a_file_in_which_dates_are_missing() {
    for number in [0, 20, 39] {
        let mut threats: Vec<Value> = (0..COUNT).map(|number| threat(3, number)).collect();
        threats[number]["threatInfo"]["createdAt"] = Value::Null;
        let (_console, mut client) =
            serve(&file(&format!("missing-{number}"), lines(&threats))).await;
        check(&mut client, &threats).await;
    }
}

#[tokio::test]
async fn what_is_no_date_is_neither_before_nor_after_one() {
    let mut threats: Vec<Value> = (0..COUNT).map(|number| threat(3, number)).collect();
    for (number, date) in [(0, ""), (20, "yesterday"), (39, "")] {
        threats[number]["threatInfo"]["createdAt"] = date.into();
    }
    let (_console, mut client) = serve(&file("no-dates", lines(&threats))).await;
    for op in ["gt", "gte", "lt", "lte"] {
        let name = format!("createdAt__{op}");
        let parameter = operation().parameter(&name).expect("a parameter");
        let bound = threat(3, 10)["threatInfo"]["createdAt"].clone();
        let bound = bound.as_str().expect("a time");
        let holds = |it: &&Value| selects(parameter, bound, it);
        let expected: Vec<&Value> = threats.iter().filter(holds).collect();
        for column in ["id", "createdAt"] {
            let found = walk(&mut client, &format!("{name}={bound}&sortBy={column}")).await;
            assert!(found.iter().eq(expected.iter().copied()), "{op}: {}", found.len());
        }
    }
}

#[tokio::test]
async fn an_empty_file_is_an_empty_console() {
    let (console, mut client) = serve(&file("empty", "\n\r\n")).await;
    assert_eq!(walk(&mut client, "").await, [Value::Null; 0]);
    let added = console.threats().add(2).expect("added threats");
    assert_eq!(ids(&client.threats("").await), added);
}

#[tokio::test]
async fn a_file_does_not_tell_what_threats_do_not_show() {
    let mut first = threat(3, 0);
    first["$agentTags"] = json!({ "department": ["legal"] });
    let (_console, mut client) = serve(&file("hidden", lines(&[first]))).await;
    assert_eq!(walk(&mut client, "").await, [threat(3, 0)]);
    for (name, value) in [("hasAgentTags", "true"), ("noteExists", "false"), ("osArchs", "64 bit")]
    {
        let value = value.replace(' ', "%20");
        let answer = client.get(&format!("{}?{name}={value}", operation().path)).await;
        let detail = format!("{name}: the simulator does not execute this filter");
        let error = json!({ "code": 5_010_010, "detail": detail, "title": "Not supported" });
        assert_eq!((answer.status, answer.json()), (501, json!({ "errors": [error] })));
    }
}

#[tokio::test]
async fn threats_of_a_file_are_added_to_and_changed() {
    let mut threats: Vec<Value> = (0..COUNT).map(|number| threat(3, number)).collect();
    let (console, mut client) = serve(&file("changed", lines(&threats))).await;
    let end = threats.iter().map(|it| it["threatInfo"]["updatedAt"].to_string()).max();
    let now = json!(console.now()).to_string();
    assert!(end.is_some_and(|end| end < now), "{now}");
    walk(&mut client, "sortBy=createdAt").await;
    console.advance(Duration::from_secs(60));
    let added = console.threats().add(3).expect("added threats");
    let patch = json!({ "threatInfo": { "incidentStatus": "resolved" } });
    let id = threats[7]["id"].as_str().expect("an id").to_owned();
    let id = id.as_str();
    console.threats().change(&[id], &patch).expect("a change");
    threats[7] = console.threats().get(id).expect("a threat");
    assert_eq!(threats[7]["threatInfo"]["incidentStatusDescription"], "Resolved");
    threats.extend(added.iter().map(|id| console.threats().get(id).expect("a new threat")));
    check(&mut client, &threats).await;

    let patch = json!({ "threatInfo": { "createdAt": "2024-01-01T00:00:00Z" } });
    let error = console.threats().change(&[id], &patch).expect_err("it never changes");
    let expect = "`threatInfo.createdAt` never changes on a console; leave it out of the patch";
    assert_eq!(error.to_string(), expect);
}

#[tokio::test]
async fn ids_of_the_future_let_no_threat_be_added() {
    for (pointer, id) in [
        ("/id", "9223372036854775807"),
        ("/id", "of another sort"),
        ("/threatInfo/threatId", "9223372036854775807"),
    ] {
        let mut last = threat(3, 1);
        *last.pointer_mut(pointer).expect("a member") = id.into();
        let name = format!("future-{}-{}", pointer.len(), id.len());
        let (console, _client) = serve(&file(&name, lines(&[last.clone(), threat(3, 0)]))).await;
        let error = console.threats().add(1).expect_err("an id that is too small");
        let expect = "the file that is served has ids later than those of the clock's time, so \
                      that no item can be added";
        assert_eq!(error.to_string(), expect);
        assert_eq!(console.threats().len(), 2);
        let id = last["id"].as_str().expect("an id");
        assert_eq!(console.threats().get(id).as_ref(), Some(&last));
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_served() {
    async fn check(path: &Path, text: &str, cause: Option<&str>) {
        let error = Simulator::builder().data(path).start().await.expect_err(text);
        let expect = format!("{}{text}", path.display());
        assert_eq!(error.to_string(), expect);
        assert_eq!(error.source().map(ToString::to_string).as_deref(), cause);

        let program = env!("CARGO_BIN_EXE_sentinelone-sim");
        let output = Command::new(program).args(["--port", "0", "--data"]).arg(path).output();
        let output = output.expect("a run");
        let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
        let printed = String::from_utf8_lossy(&output.stderr);
        assert_eq!(printed, format!("error: {expect}{cause}\n"));
        assert_eq!((output.status.code(), &output.stdout[..]), (Some(1), &b""[..]));
    }
    let good = threat(3, 0);
    let missing = Path::new(env!("CARGO_TARGET_TMPDIR")).join("there is no such file");
    let not_found = "No such file or directory (os error 2)";
    check(&missing, " cannot be read", Some(not_found)).await;
    check(
        &file("malformed", format!("\n{good}\n{{\"id\": \n{good}\n")),
        ", line 3 is not JSON; write one threat a line",
        Some("EOF while parsing a value at line 1 column 7"),
    )
    .await;
    check(
        &file("pretty", format!("{good:#}")),
        ", line 1 is not JSON; write one threat a line",
        Some("EOF while parsing an object at line 1 column 1"),
    )
    .await;
    let no_object = " is not a JSON object; write one threat a line";
    check(&file("page", format!("[{good}]\n")), &format!(", line 1{no_object}"), None).await;
    check(&file("null", format!("{good}\r\nnull")), &format!(", line 2{no_object}"), None).await;
    let no_id = " has no text in `id`, which every threat has";
    for (name, content) in
        [("no-id", "{}"), ("number", r#"{"id": 7}"#), ("null-id", r#"{"id":null}"#)]
    {
        let path = file(name, format!("{good}\n{content}\n{content}"));
        check(&path, &format!(", line 2{no_id}"), None).await;
    }
    let path = file("binary", [format!("{good}\n").as_bytes(), &[0xff, 0xfe, b'\n']].concat());
    let cause = "stream did not contain valid UTF-8";
    check(&path, ", line 2 cannot be read", Some(cause)).await;
}
