//! Requests that change what a console has: lists that belong to items, additions and removals.

use sentinelone_runtime::operation::{
    ActsOn, Addition, Body, Field, FieldType, Filter, FilterOp, Link, Method, Operation,
    Pagination, Parameter, Schema, ValueType,
};
use sentinelone_sim::{Faults, Simulator};
use serde_json::{Value, json};

use crate::client::{Client, ids};

static MACHINE: Schema = Schema::new(
    "Machine",
    &[
        Field::new("id", FieldType::String),
        Field::new("works", FieldType::Boolean),
        Field::new("updatedAt", FieldType::DateTime),
    ],
);

static PART: Schema = Schema::new(
    "Part",
    &[
        Field::new("id", FieldType::String),
        Field::new("machine", FieldType::String),
        Field::new("name", FieldType::String),
        Field::new("createdAt", FieldType::DateTime),
        Field::new("updatedAt", FieldType::DateTime),
    ],
);

static PART_BODY: Schema =
    Schema::new("PartBody", &[Field::new("name", FieldType::String).required()]);

const fn paged(item: &'static Schema) -> Pagination {
    let pages = Pagination::new("cursor", "limit", "/data", "/next");
    pages.total_items("/total").item(item)
}

const CURSOR: Parameter = Parameter::query("cursor", ValueType::String);
const LIMIT: Parameter = Parameter::query("limit", ValueType::Integer);

static OPERATIONS: &[&Operation] = &[
    &Operation::new("getMachines", "machines", Method::GET, "/machines")
        .parameters(&[
            CURSOR,
            LIMIT,
            Parameter::query("hasParts", ValueType::Boolean)
                .filter(Filter::new(FilterOp::Exists, &["$Part"])),
            Parameter::query("works", ValueType::Boolean)
                .filter(Filter::new(FilterOp::Equals, &["works"])),
        ])
        .paged(paged(&MACHINE)),
    &Operation::new("removeMachine", "machines", Method::DELETE, "/machines/{id}")
        .parameters(&[Parameter::path("id", ValueType::String).identifies("Machine")])
        .status(204)
        .acts_on(ActsOn::new("Machine").remove()),
    &Operation::new("getManual", "machines", Method::GET, "/machines/{id}/manual")
        .parameters(&[Parameter::path("id", ValueType::String).identifies("Machine")])
        .example(r#"{"pages":7}"#),
    &Operation::new("getPlan", "machines", Method::GET, "/machines/{id}/plan")
        .parameters(&[Parameter::path("id", ValueType::String).identifies("Machine")])
        .acts_on(ActsOn::new("Machine").link(Link::new("/url", "application/zip"))),
    &Operation::new("getParts", "parts", Method::GET, "/machines/{machine}/parts")
        .parameters(&[
            CURSOR,
            LIMIT,
            Parameter::path("machine", ValueType::String)
                .filter(Filter::new(FilterOp::Equals, &["machine"]))
                .identifies("Machine"),
        ])
        .paged(paged(&PART)),
    &Operation::new("addPart", "parts", Method::POST, "/machines/{machine}/parts")
        .parameters(&[Parameter::path("machine", ValueType::String).identifies("Machine")])
        .body(Body::new(FieldType::Object(&PART_BODY)).required())
        .status(201)
        .acts_on(
            ActsOn::new("Machine").add(Addition::new("Part", &[("name", "/name")])).item("/part"),
        ),
    &Operation::new("removeParts", "parts", Method::DELETE, "/machines/{machine}/parts")
        .parameters(&[Parameter::path("machine", ValueType::String).identifies("Machine")])
        .status(204)
        .acts_on(ActsOn::new("Part").remove()),
];

async fn console(machines: u32, faults: &str) -> Simulator {
    let faults: Faults = faults.parse().expect("faults");
    let builder = Simulator::builder().operations(OPERATIONS).threats(machines).seed(7);
    builder.faults(faults).start().await.expect("a free port")
}

#[tokio::test]
async fn a_list_that_is_walked_loses_what_is_removed() {
    let console = console(600, "none").await;
    let mut client = Client::new(&console).await;
    // So many have to be looked through that the order of this list is kept.
    let first = client.get("/machines?works=true&limit=5").await.json();
    let next = first["next"].as_str().expect("a cursor");
    let second = client.get(&format!("/machines?works=true&limit=5&cursor={next}")).await.json();
    let gone = &ids(&second)[2];
    let answer = client.send("DELETE", &format!("/machines/{gone}")).await.expect("an answer");
    assert_eq!((answer.status, answer.header("content-type")), (204, None));

    let again = client.get(&format!("/machines?works=true&limit=5&cursor={next}")).await.json();
    let expected: Vec<_> = ids(&second).into_iter().filter(|id| id != gone).collect();
    assert_eq!(ids(&again)[..4], expected);
    assert_eq!(again["total"].as_u64(), second["total"].as_u64().map(|total| total - 1));
    let status = client.send("DELETE", &format!("/machines/{gone}")).await.expect("an answer");
    assert_eq!(status.status, 404);
    assert_eq!(client.get(&format!("/machines/{gone}/parts")).await.status, 404);
}

#[tokio::test]
async fn parts_are_those_of_one_machine() {
    let console = console(30, "none").await;
    let mut client = Client::new(&console).await;
    let machines = ids(&client.get("/machines?hasParts=true&limit=50").await.json());
    let mut counts = Vec::new();
    for machine in &machines[..3] {
        let parts = client.get(&format!("/machines/{machine}/parts?limit=200")).await.json();
        let again = client.get(&format!("/machines/{machine}/parts?limit=200")).await.json();
        assert_eq!(parts, again);
        let parts = parts["data"].as_array().expect("parts");
        assert!(parts.iter().all(|it| it["machine"] == machine.as_str()));
        let time = |part: &Value, name: &str| part[name].as_str().expect("a time").to_owned();
        let in_order = |part: &Value| time(part, "createdAt") <= time(part, "updatedAt");
        let now = console.now().to_rfc3339();
        assert!(parts.iter().all(|it| in_order(it) && time(it, "updatedAt") < now));
        counts.push(parts.len());
    }
    assert!(counts.iter().all(|count| 50 <= *count), "{counts:?}");

    // What is new has nothing yet.
    let new = console.items("Machine").expect("a list").add(1).expect("an id").remove(0);
    let parts = client.get(&format!("/machines/{new}/parts")).await.json();
    assert_eq!(parts, json!({ "data": [], "next": null, "total": 0 }));
}

#[tokio::test]
async fn a_part_is_added_and_removed() {
    let console = console(30, "none").await;
    let mut client = Client::new(&console).await;
    let machine = ids(&client.get("/machines?hasParts=false").await.json()).remove(0);
    let parts = format!("/machines/{machine}/parts");
    for name in ["wheel", "axle"] {
        let body = json!({ "name": name }).to_string();
        let answer = client.send_body("POST", &parts, &body).await.expect("an answer");
        assert_eq!((answer.status, &answer.json()["part"]["name"]), (201, &json!(name)));
    }
    let listed = client.get(&parts).await.json();
    let names = listed["data"].as_array().into_iter().flatten().map(|it| &it["name"]);
    assert_eq!(names.collect::<Vec<_>>(), ["wheel", "axle"]);
    let with_parts = ids(&client.get("/machines?hasParts=true&limit=50").await.json());
    assert!(with_parts.contains(&machine));
    let updated = console.items("Machine").and_then(|it| it.get(&machine)).expect("the machine");
    assert_eq!(updated["updatedAt"], json!(console.now().format("%FT%T%.6fZ").to_string()));

    for (body, problem) in [
        ("", "Invalid JSON body"),
        ("null", ": Invalid input type."),
        ("{}", "name: Missing data for required field."),
        (r#"{"name":null}"#, "name: Field may not be null."),
        (r#"{"name":7}"#, "name: Invalid input type."),
        (r#"{"name":"x","size":1}"#, "dict_values(['size']): Unknown field"),
    ] {
        let answer = client.send_body("POST", &parts, body).await.expect("an answer");
        let detail = answer.json()["errors"][0]["detail"].clone();
        assert_eq!((answer.status, detail), (400, json!(problem)), "{body}");
    }

    assert_eq!(client.send("DELETE", &parts).await.expect("an answer").status, 204);
    assert_eq!(ids(&client.get(&parts).await.json()), [""; 0]);
    let with_parts = ids(&client.get("/machines?hasParts=true&limit=50").await.json());
    assert!(!with_parts.contains(&machine));
}

#[tokio::test]
async fn an_example_is_of_something_that_is_there() {
    let console = console(3, "none").await;
    let mut client = Client::new(&console).await;
    let machine = console.items("Machine").expect("a list").ids().remove(1);
    let answer = client.get(&format!("/machines/{machine}/manual")).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "pages": 7 })));
    assert_eq!(client.get("/machines/1/manual").await.status, 404);
}

#[tokio::test]
async fn a_linked_file_takes_its_signature_and_no_token() {
    let console = console(3, "none").await;
    let mut client = Client::new(&console).await;
    let machine = console.items("Machine").expect("a list").ids().remove(1);
    let plan = client.get(&format!("/machines/{machine}/plan")).await.json();
    let url = plan["url"].as_str().expect("a URL");
    let (host, target) = url.split_at(url.find("/files/").expect("a path"));
    assert!(host.starts_with("http://localhost:"), "{host}");
    assert_eq!(client.get(target).await.status, 400);
    client.headers = String::new();
    let file = client.get(target).await;
    assert_eq!((file.status, file.header("content-type")), (200, Some("application/zip")));
    assert!(file.body.starts_with(b"PK"));
    assert_eq!(client.send("POST", target).await.expect("an answer").status, 405);
    assert_eq!(client.get(&format!("{target}0")).await.status, 401);
    assert_eq!(client.get("/files/").await.status, 401);
}

#[tokio::test]
async fn faults_that_cannot_show_in_an_answer_without_a_body() {
    let console = console(9, "truncate,reset-in-body,stall-in-body").await;
    let mut client = Client::new(&console).await;
    for machine in &console.items("Machine").expect("a list").ids()[..3] {
        let answer = client.send("DELETE", &format!("/machines/{machine}")).await;
        assert_eq!(answer.expect("an answer").status, 204);
    }
    assert_eq!(console.faults(), []);
}
