//! A second API through the same generator and runtime: nothing is written for it but its spec.

use std::time::Duration;

use chrono::SecondsFormat::Micros;
use futures_util::TryStreamExt;
use sentinelone_sim::Simulator;
use sentinelone_tests::{Server, TestClock, answer, json};
use serde_json::json;
use widgets::gadgets::GetGadgetsQuery;
use widgets::widgets::{AddWidgetNoteQuery, Color, GetWidgetsQuery, NoteBody, Size};
use widgets::{Client, OPERATIONS};

pub(crate) fn client(server: &Server) -> Client {
    Client::builder().url(server.url()).token("t").clock(server.clock()).build().expect("a client")
}

#[tokio::test]
async fn a_paged_list() {
    let server = Server::start([
        json(
            r#"{"data":[{"id":"1","type":"x","color":"n/a","size":7,"weight":1.5}],"pagination":{"nextCursor":"b"}}"#,
        ),
        json(
            r#"{"data":[{"id":"2","size":"huge","parts":{"a":{"parts":[{}]}},"extra":{"any":[1]}}]}"#,
        ),
    ]);
    let query = GetWidgetsQuery::new().colors([Color::Red, "dark blue".into()]).type_("round");
    let records = client(&server).get_widgets_stream(&query);
    let widgets: Vec<_> = records
        .map_ok(|record| record.decode().expect("a widget"))
        .try_collect()
        .await
        .expect("all pages");
    assert_eq!(widgets[0].color, Some(Color::None));
    assert_eq!(widgets[0].size, Some(Size::Number(7)));
    assert_eq!(widgets[1].size, Some(Size::Words("huge".to_owned())));
    assert_eq!(
        widgets[1].parts.as_ref().expect("parts")["a"].parts.as_ref().map(Vec::len),
        Some(1)
    );
    let filters = "GET /web/api/v2.1/widgets?colors=red,dark%20blue&type=round&limit=50";
    assert_eq!(
        server.request_lines(),
        [format!("{filters} HTTP/1.1"), format!("{filters}&cursor=b HTTP/1.1")]
    );
}

#[tokio::test]
async fn a_list_whose_items_stand_deeper() {
    let page = r#"{"data":{"all":{},"gadgets":[{"name":"a"},7]},"next":null}"#;
    let server = Server::start([json(page)]);
    let page = client(&server).get_gadgets(&GetGadgetsQuery::new()).await.expect("a page");
    let raw: Vec<_> = page.records().iter().map(|record| record.raw()).collect();
    assert_eq!(raw, [r#"{"name":"a"}"#, "7"]);
    assert_eq!(page.records()[0].decode().expect("a gadget").name.as_deref(), Some("a"));

    let server = Server::start([json(r#"{"data":{"all":{}}}"#)]);
    let error = client(&server).get_gadgets(&GetGadgetsQuery::new()).await.expect_err("no gadgets");
    assert_eq!(error.to_string(), "getGadgets: the body is not a page of the list");
}

#[tokio::test]
async fn a_body_with_a_path_parameter() {
    let server = Server::start([answer("201 Created", &[], r#"{"text":"hi","writtenAt":""}"#)]);
    let body = NoteBody::new("hi").color(Color::DarkBlue).tag_names(["a", "b"]);
    let query = AddWidgetNoteQuery::new().dry_run(true);
    let note = client(&server).add_widget_note("12", &body, &query).await.expect("a note");
    assert_eq!(note.status().as_u16(), 201);
    assert_eq!(note.into_body().text.as_deref(), Some("hi"));
    let request = server.requests().remove(0);
    let (head, sent) = request.split_once("\r\n\r\n").expect("a body");
    assert!(head.starts_with("POST /web/api/v2.1/widgets/12/notes?dryRun=true HTTP/1.1"), "{head}");
    assert!(head.to_ascii_lowercase().contains("content-type: application/json"), "{head}");
    let sent: serde_json::Value = serde_json::from_str(sent).expect("JSON");
    assert_eq!(sent, json!({"text": "hi", "color": "dark blue", "tagNames": ["a", "b"]}));
}

#[tokio::test]
async fn a_path_parameter_cannot_change_the_path() {
    let server = Server::start([answer("204 No Content", &[], "")]);
    let client = client(&server);
    for id in ["", "..", "1/2", "1?x"] {
        let error = client.delete_widget_notes(id).await.expect_err("not an id");
        assert!(error.is_invalid_request(), "{id}: {error}");
    }
    client.delete_widget_notes("7").await.expect("they are gone");
    assert_eq!(server.request_lines(), ["DELETE /web/api/v2.1/widgets/7/notes HTTP/1.1"]);
}

#[test]
fn what_an_item_is_made_of() {
    let check = |operation: &str, path: &str, expect: Option<&str>| {
        let operation = OPERATIONS.iter().find(|it| it.id == operation).expect("the operation");
        let item = operation.pagination.as_ref().and_then(|it| it.item).expect("an item");
        let found = item.at(path).map(|it| format!("{it:?}"));
        assert_eq!(found.as_deref(), expect, "{}: {path}", item.name);
    };
    check("getWidgets", "id", Some("String"));
    check("getWidgets", "color", Some(r#"Enum(["red", "dark blue", "n/a"])"#));
    check("getWidgets", "createdAt", Some("DateTime"));
    check("getWidgets", "size", Some("Any"));
    check("getWidgets", "parts", Some(r#"Map(Object(Schema("Part")))"#));
    check("getWidgets", "parts.~", Some("String"));
    check("getWidgets", "parts.*.parts[].parts[]", Some(r#"Object(Schema("Part"))"#));
    check("getWidgets", "notes[].writtenAt", Some("DateTime"));
    check("getWidgets", "extra", Some("Any"));
    check("getWidgets", "weight", Some("Number"));
    check("getWidgets", "$secret", None);
    check("getGadgets", "count", Some("Integer"));
    check("getGadgets", "works", Some("Boolean"));
    check("getGadgets", "labels.*", Some("String"));
    check("getGadgets", "lastNote", Some(r#"Object(Schema("Note"))"#));
    check("getGadgets", "lastNote.text", Some("String"));
}

#[tokio::test]
async fn a_simulated_console_of_it() {
    let console = Simulator::builder().operations(OPERATIONS).threats(120).seed(5);
    let console = console.start().await.expect("a console");
    let client = Client::builder().url(console.url()).token(console.token());
    let client = client.clock(TestClock::start()).build().expect("a client");
    let names = async |color: Color| -> Vec<String> {
        let records = client.get_widgets_stream(&GetWidgetsQuery::new().colors([color]));
        let id = records.map_ok(|it| it.decode().expect("a widget").id.expect("an id"));
        id.try_collect().await.expect("all widgets")
    };
    let before = names(Color::Red).await;
    assert!((10..60).contains(&before.len()), "{}", before.len());

    let widgets = console.items("Widget").expect("a list");
    let added = widgets.add(2).expect("added widgets");
    let patch = json!({ "color": "red", "$secret": null });
    widgets.late(Duration::from_secs(5)).change(&added, &patch).expect("changes");
    console.advance(Duration::from_secs(5));
    assert_eq!(names(Color::Red).await, [before, added.clone()].concat());
    let created = widgets.get(&added[1]).expect("a widget")["createdAt"].clone();
    assert_eq!(created, json!(widgets.versions()[1].stamped.to_rfc3339_opts(Micros, true)));
    for field in ["id", "createdAt"] {
        let error = widgets.change(&added, &json!({ field: "x" })).expect_err("it never changes");
        let expect = format!("`{field}` never changes on a console; leave it out of the patch");
        assert_eq!(error.to_string(), expect);
    }

    // Gadgets have no id to show, but one to be changed by.
    let gadgets = console.items("Gadget").expect("a list");
    let added = gadgets.add(1).expect("an added gadget");
    gadgets.change(&added, &json!({ "name": "new" })).expect("a change");
    let records = client.get_gadgets_stream(&GetGadgetsQuery::new());
    let names = records.map_ok(|it| it.decode().expect("a gadget").name);
    let names: Vec<_> = names.try_collect().await.expect("all gadgets");
    assert_eq!((names.len(), names[120].as_deref()), (121, Some("new")));
    assert!(console.items("Part").is_none(), "no operation lists parts");
}

#[tokio::test]
async fn integers_in_a_query() {
    let server = Server::start([json(r#"{"data":[]}"#)]);
    let query = GetWidgetsQuery::new().grades([3, 1, 20]).grade(-2).grade_lt(5).works(false);
    client(&server).get_widgets(&query.grade_between("1-3")).await.expect("a page");
    let error = client(&server).get_widgets(&GetWidgetsQuery::new().grades([1, 100, -1])).await;
    assert_eq!(
        error.expect_err("no grades").to_string(),
        "getWidgets: `grades`: item 2: 100 is greater than 99; `grades`: item 3: -1 is less than 0"
    );
    let expect = "GET /web/api/v2.1/widgets?grade=-2&grade__between=1-3&grade__lt=5&grades=3,1,20\
                  &works=false HTTP/1.1";
    assert_eq!(server.request_lines(), [expect]);
}
