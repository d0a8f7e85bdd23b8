//! A second API through the same generator and runtime: nothing is written for it but its spec.

use futures_util::TryStreamExt;
use sentinelone_tests::{Server, answer, json};
use serde_json::json;
use widgets::gadgets::GetGadgetsQuery;
use widgets::widgets::{AddWidgetNoteQuery, Color, GetWidgetsQuery, NoteBody, Size};
use widgets::{Client, OPERATIONS};

fn client(server: &Server) -> Client {
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
