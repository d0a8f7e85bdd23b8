//! The SDK against a simulated console that breaks on demand.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;
use sentinelone::operation::{Location, Parameter};
use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Call, Client, Error, ErrorKind};
use sentinelone_sim::{Fault, Faults, Simulator};
use sentinelone_tests::{TestClock, sample};
use widgets::actions::{Action, ActionBody, ActionData, ExportWidgetsQuery, WidgetFilter};
use widgets::doodads::GetDoodadQuery;
use widgets::widgets::{AddWidgetNoteQuery, Color, GetWidgetNotesQuery, GetWidgetsQuery, NoteBody};

use crate::TOKEN;

/// How many threats came, how many of them were malformed, and what ended the stream.
struct Walk {
    threats: usize,
    malformed: Vec<String>,
    outcome: Result<(), Error>,
    faults: Vec<Fault>,
}

/// Streams 250 threats on 5 pages past these faults.
async fn walk(faults: &str) -> Walk {
    let faults: Faults = faults.parse().expect("faults");
    let simulator = Simulator::builder().threats(250).seed(7).token(TOKEN).faults(faults);
    let simulator = simulator.start().await.expect("a console");
    let client = Client::builder().url(simulator.url()).token(TOKEN).clock(TestClock::start());
    let client = client.build().expect("a client");
    let mut records = client.get_threats_stream(&GetThreatsQuery::new().limit(50));
    let (mut threats, mut malformed) = (0, Vec::new());
    let outcome = loop {
        match records.try_next().await {
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
            Ok(Some(record)) => {
                threats += 1;
                malformed.extend(record.decode().err().map(|it| it.path().to_owned()));
            }
        }
    };
    let faults = simulator.faults().into_iter().map(|it| it.fault).collect();
    Walk { threats, malformed, outcome, faults }
}

#[tokio::test]
async fn what_a_client_gets_over() {
    for fault in [
        "throttle",
        "throttle:2",
        "status:408",
        "status:502",
        "status:503",
        "status:504",
        "reset",
        "reset-in-body",
        "truncate",
        "latency:1",
    ] {
        let walk = walk(&format!("{fault},none,{fault},{fault}")).await;
        walk.outcome.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!((walk.threats, walk.malformed.len()), (250, 0), "{fault}");
        assert_eq!(walk.faults, [fault.parse().expect("a fault"); 3]);
    }
}

#[tokio::test]
async fn what_ends_a_walk() {
    async fn check(fault: &str, threats: usize, kind: ErrorKind, status: Option<u16>) {
        let walk = walk(&format!("none,none,{fault}")).await;
        let error = walk.outcome.expect_err(fault);
        assert_eq!((walk.threats, error.kind()), (threats, kind), "{fault}: {error}");
        assert_eq!(error.status().map(|it| it.as_u16()), status, "{fault}");
        assert_eq!(walk.faults, [fault.parse().expect("a fault")]);
    }
    check("status:500", 100, ErrorKind::Status, Some(500)).await;
    check("status:403", 100, ErrorKind::Status, Some(403)).await;
    check("html", 100, ErrorKind::Decode, Some(200)).await;
    check("expired-cursor", 100, ErrorKind::StaleCursor, Some(400)).await;
    check("duplicate-cursor", 150, ErrorKind::RepeatedCursor, None).await;
}

#[tokio::test]
async fn what_costs_one_threat_at_most() {
    for (fault, malformed) in [
        ("unknown-enum-value", 0),
        ("unknown-member", 0),
        ("null-object", 0),
        ("blank-date", 0),
        ("wrong-type", 1),
    ] {
        let walk = walk(&format!("none,{fault}")).await;
        walk.outcome.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!((walk.threats, walk.malformed.len()), (250, malformed), "{fault}");
        assert_eq!(walk.faults, [fault.parse().expect("a fault")]);
    }
}

#[tokio::test]
async fn a_fault_that_cannot_show_is_not_logged() {
    // The first page has no cursor to refuse, and the last none to repeat.
    assert_eq!(walk("expired-cursor").await.faults, []);
    assert_eq!(walk("none,none,none,none,duplicate-cursor").await.faults, []);
}

/// Every list of the spec, whatever its items are and wherever they stand, walks to its end.
#[tokio::test]
async fn every_list_is_streamed_from_a_simulated_console() {
    const ITEMS: u32 = 25;
    let simulator = Simulator::builder().threats(ITEMS).seed(7).token(TOKEN);
    let simulator = simulator.start().await.expect("a console");
    let client = Client::builder().url(simulator.url()).token(TOKEN).clock(TestClock::start());
    let client = client.build().expect("a client");
    let mut lists = 0;
    for operation in sentinelone::OPERATIONS {
        let Some(pagination) = &operation.pagination else { continue };
        let mut call = Call::new(operation).argument(pagination.limit, "10").expect("a limit");
        let in_query = |it: &&Parameter| it.required && it.location == Location::Query;
        // Each of these may select some items only.
        let mut selects = false;
        for parameter in operation.parameters.iter().filter(in_query) {
            let value = sample::argument(parameter);
            call = call.argument(parameter.name, &value).expect("a value that it takes");
            selects = true;
        }
        let owner = operation.parameters.iter().find(|it| it.location == Location::Path);
        let Some(owner) = owner else {
            let lengths = walk_list(&client, call).await;
            assert!(selects || lengths == [10, 10, 5], "{}: {lengths:?}", operation.id);
            lists += 1;
            continue;
        };
        let owners = owner.identifies.and_then(|it| simulator.items(it)).expect("a list");
        let mut items = 0;
        for id in &owners.ids()[..8] {
            let call = call.clone().argument(owner.name, id).expect("an id");
            items += walk_list(&client, call).await.iter().sum::<usize>();
        }
        assert!(8 < items, "{}: {items}", operation.id);
        lists += 1;
    }
    assert!(lists >= 9, "{lists}");
}

/// How many items are on each page. None comes twice.
async fn walk_list(client: &Client, call: Call) -> Vec<usize> {
    let pages = client.call_pages::<serde_json::Value>(call).expect("a list");
    let pages: Vec<_> = pages.try_collect().await.unwrap_or_else(|error| panic!("{error}"));
    let records = pages.iter().flat_map(|page| page.records());
    let ids = records.map(|it| it.decode().expect("an item")["id"].to_string());
    let lengths: Vec<_> = pages.iter().map(|page| page.records().len()).collect();
    assert_eq!(ids.collect::<BTreeSet<_>>().len(), lengths.iter().sum::<usize>());
    lengths
}

/// What an operation does, and counts, is read from the table like everything else.
#[tokio::test]
async fn what_acts_on_items_changes_them() {
    let simulator = Simulator::builder().operations(widgets::OPERATIONS).threats(60).seed(3);
    let simulator = simulator.token(TOKEN).start().await.expect("a console");
    let builder = widgets::Client::builder().url(simulator.url()).token(TOKEN);
    let client = builder.clock(TestClock::start()).build().expect("a client");
    let ids = async |query: GetWidgetsQuery| {
        let mut ids = Vec::new();
        // The list has one or the other; the filter of a body does not ask.
        for secret in [false, true] {
            let mut records = client.get_widgets_stream(&query.clone().secret(secret));
            while let Some(record) = records.try_next().await.expect("a widget") {
                ids.push(record.decode().expect("a widget").id);
            }
        }
        ids
    };
    let blue = ids(GetWidgetsQuery::new().colors([Color::DarkBlue])).await;
    assert!((2..60).contains(&blue.len()), "{}", blue.len());

    let filter = WidgetFilter::new().colors([Color::DarkBlue]);
    let body = ActionBody::new(filter, ActionData::new("rusty"));
    let answer = client.act_on_widgets(&Action::Paint, &body).await.expect("an answer");
    let affected = answer.into_body().data.and_then(|data| data.affected);
    assert_eq!(affected, i64::try_from(blue.len()).ok());
    assert_eq!(ids(GetWidgetsQuery::new().colors([Color::Red]).type_("rusty")).await, blue);
    let again = client.act_on_widgets(&Action::Paint, &body).await.expect("an answer");
    assert_eq!(again.into_body().data.and_then(|data| data.affected), Some(0));

    let http = sentinelone::reqwest::Client::builder().no_proxy().build().expect("a client");
    for (body, expect) in [
        ("{", "Invalid JSON body"),
        ("{}", "filter: Missing data for required field."),
        (r#"{"filter":[],"data":{"reason":"rusty"}}"#, "filter: Invalid input type."),
        (r#"{"filter":{"colors":["pink"]},"data":{"reason":"rusty"}}"#, "\"pink\" is not a valid"),
        (r#"{"filter":{"works":true},"data":{"reason":"x"}}"#, "data.reason: Shorter than"),
        (
            r#"{"filter":{"works":true},"data":{"reason":"rusty","layers":9}}"#,
            "data.layers: Must be",
        ),
        (
            r#"{"filter":{"works":true},"data":{"reason":"rusty","colors":[]}}"#,
            "data.colors: Shorter than minimum length 1.",
        ),
        (r#"{"filter":{"works":1},"data":{"reason":"rusty"}}"#, "filter.works: Invalid input"),
        (
            r#"{"filter":{"unheard":1},"data":{"reason":"rusty"}}"#,
            "dict_values(['unheard']): Unknown",
        ),
    ] {
        let url = format!("{}/web/api/v2.1/widgets/actions/paint", simulator.url());
        let request = http.post(url).header("authorization", format!("ApiToken {TOKEN}"));
        let answer = request.body(body).send().await.expect("an answer");
        assert_eq!(answer.status(), 400, "{body}");
        let text = answer.text().await.expect("a body").replace("\\\"", "\"");
        assert!(text.contains(expect), "{body}: {text}");
    }
}

/// The same of an API that has other statuses, names and places for everything.
#[tokio::test]
async fn what_belongs_to_an_item_is_added_and_removed() {
    let simulator = Simulator::builder().operations(widgets::OPERATIONS).threats(60).seed(3);
    let simulator = simulator.token(TOKEN).start().await.expect("a console");
    let builder = widgets::Client::builder().url(simulator.url()).token(TOKEN);
    let client = builder.clock(TestClock::start()).build().expect("a client");
    let id = simulator.items("Widget").expect("a list").ids().remove(7);
    let notes = async || {
        let stream = client.get_widget_notes_stream(&id, &GetWidgetNotesQuery::new());
        let notes: Vec<_> = stream.try_collect().await.expect("all notes");
        notes.into_iter().map(|it| it.decode().expect("a note").clone()).collect::<Vec<_>>()
    };
    let with_notes = async |secret| {
        let query = GetWidgetsQuery::new().note_exists(true).secret(secret);
        let widgets: Vec<_> = client.get_widgets_stream(&query).try_collect().await.expect("all");
        widgets.iter().any(|it| it.decode().expect("a widget").id.as_ref() == Some(&id))
    };

    let answer = client.delete_widget_notes(&id).await.expect("an answer");
    assert_eq!(answer.status(), 204);
    assert_eq!(notes().await, []);
    assert!(!with_notes(false).await && !with_notes(true).await);
    let query = AddWidgetNoteQuery::new();
    let note = NoteBody::new("oiled");
    let answer = client.add_widget_note(&id, &note, &query).await.expect("an answer");
    assert_eq!(answer.status(), 201);
    let added = answer.into_body();
    assert_eq!((added.text.as_deref(), added.pinned), (Some("oiled"), Some(true)));
    assert_eq!(notes().await, [added]);
    assert!(with_notes(false).await || with_notes(true).await);
    let error = client.add_widget_note("1", &note, &query).await.expect_err("there is none");
    assert_eq!(error.status().map(|it| it.as_u16()), Some(404));
}

#[tokio::test]
async fn a_table_ends_where_the_spec_says() {
    let simulator = Simulator::builder().operations(widgets::OPERATIONS).threats(60).seed(3);
    let simulator = simulator.token(TOKEN).start().await.expect("a console");
    let builder = widgets::Client::builder().url(simulator.url()).token(TOKEN);
    let client = builder.clock(TestClock::start()).build().expect("a client");
    let ids = async |query: ExportWidgetsQuery| {
        let table = client.export_widgets(&query).await.expect("an answer");
        let mut bytes = Vec::new();
        table.write_to(&mut bytes).await.expect("all bytes");
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let columns = reader.headers().expect("a line").iter().map(str::to_owned);
        let columns: Vec<_> = columns.collect();
        let rows = reader.records().map(|row| row.expect("a row")[0].to_owned());
        (columns, rows.collect::<Vec<String>>())
    };
    let all = simulator.items("Widget").expect("a list").ids();
    let (columns, found) = ids(ExportWidgetsQuery::new()).await;
    assert_eq!(columns[..4], ["id", "type", "color", "createdAt"]);
    assert_eq!(found, all[..30]);
    // One of those that were left out.
    let widgets = simulator.items("Widget").expect("a list");
    let grade = |id: &String| widgets.get(id).and_then(|it| it["grade"].as_i64());
    let (id, grade) = all[30..].iter().find_map(|it| Some((it, grade(it)?))).expect("a grade");
    let (_, found) = ids(ExportWidgetsQuery::new().grades([grade as i32])).await;
    assert!(found.contains(id), "{found:?}");
}

/// An operation that takes no token is not sent one, and is answered without.
#[tokio::test]
async fn no_token_goes_where_none_is_taken() {
    let simulator = Simulator::builder().operations(widgets::OPERATIONS).token("of the console");
    let simulator = simulator.start().await.expect("a console");
    let builder = widgets::Client::builder().url(simulator.url()).token("another");
    let client = builder.clock(TestClock::start()).build().expect("a client");
    let unset = client.get_doodad("1", &GetDoodadQuery::new()).await.expect_err("a refusal");
    assert_eq!(unset.to_string(), "getDoodad: `detail`: it is required");
    let query = GetDoodadQuery::new().detail(2);
    let doodad = client.get_doodad("1", &query).await.expect("an answer").into_body();
    assert_eq!(doodad.color.as_ref().map(|it| it.as_str()), Some("red"));
    let error = client.get_widget_drawing(7).await.expect_err("a wrong token");
    assert_eq!(error.status().map(|it| it.as_u16()), Some(401));
}
