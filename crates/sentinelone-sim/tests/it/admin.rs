//! The administrative interface, over raw HTTP.

use chrono::{DateTime, SecondsFormat, Utc};
use sentinelone_sim::{Faults, Simulator};
use serde_json::{Value, json};

use crate::client::{Answer, Client, ids};
use crate::table::{OPERATIONS, THREATS_PATH};

const USAGE: &str = "use GET or POST /clock, GET or PUT /faults, POST or PATCH /items/SCHEMA, \
                     GET /versions/SCHEMA";

/// A console with 30 threats, and a client of either port.
struct Console {
    simulator: Simulator,
    api: Client,
    admin: Client,
}

impl Console {
    async fn start(faults: &str) -> Console {
        let builder = Simulator::builder().operations(OPERATIONS).threats(30).seed(7);
        let builder = builder.faults(faults.parse().expect("faults")).admin_port(0);
        let simulator = builder.start().await.expect("free ports");
        let api = Client::new(&simulator).await;
        let admin = Client::without_token(simulator.admin_url().expect("a URL")).await;
        Console { simulator, api, admin }
    }

    async fn ask(&mut self, request: &str, body: &Value) -> Answer {
        let (method, target) = request.split_once(' ').expect("a method and a target");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.admin.send_body(method, target, &body).await.expect("an answer")
    }

    /// Asks for something, which is answered with exactly that.
    async fn check(&mut self, request: &str, body: &Value, expect: &Value) {
        let answer = self.ask(request, body).await;
        let found = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!((answer.status, found), (200, format!("{expect}\n")), "{request} {body}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }

    fn now(&self) -> String {
        text(self.simulator.now())
    }
}

/// A time as the interface writes it.
fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[tokio::test]
async fn the_clock() {
    let mut console = Console::start("none").await;
    let start = console.simulator.now();
    let now = json!({ "now": console.now() });
    console.check("GET /clock", &Value::Null, &now).await;
    console.check("POST /clock", &json!({ "advanceSeconds": 0 }), &now).await;
    for (seconds, milliseconds) in [(json!(60), 60_000), (json!(0.5), 60_500)] {
        let expect = text(start + chrono::TimeDelta::milliseconds(milliseconds));
        let body = json!({ "advanceSeconds": seconds });
        console.check("POST /clock", &body, &json!({ "now": expect })).await;
        assert_eq!(console.now(), expect);
    }
}

#[tokio::test]
async fn items_and_their_versions() {
    let mut console = Console::start("none").await;
    console.check("GET /versions/Threat", &Value::Null, &json!([])).await;

    let answer = console.ask("POST /items/Threat", &json!({ "count": 2 })).await;
    let listed = ids(&console.api.threats("limit=100").await);
    assert_eq!(listed.len(), 32);
    assert_eq!((answer.status, answer.json()), (200, json!({ "ids": listed[30..] })));
    let second = console.now();
    let first = text(console.simulator.now() - chrono::TimeDelta::milliseconds(1));

    let late = json!({ "count": 1, "delaySeconds": 90 });
    let answer = console.ask("POST /items/Threat", &late).await.json();
    let late = answer["ids"][0].as_str().expect("an id").to_owned();
    assert_eq!(answer, json!({ "ids": [late] }));
    let third = console.now();
    assert_eq!(ids(&console.api.threats("limit=100").await), listed);

    let patch = json!({ "threatInfo": { "analystVerdict": "suspicious" } });
    let change = json!({ "ids": [listed[0], listed[1]], "patch": patch });
    console.check("PATCH /items/Threat", &change, &json!({ "changed": 2 })).await;
    let change = json!({ "ids": [listed[2]], "patch": patch, "delaySeconds": 0.25 });
    console.check("PATCH /items/Threat", &change, &json!({ "changed": 1 })).await;
    let nothing = json!({ "ids": [], "patch": {} });
    console.check("PATCH /items/Threat", &nothing, &json!({ "changed": 0 })).await;

    let mut expected = vec![
        json!({ "id": listed[30], "stamped": first, "visible": first }),
        json!({ "id": listed[31], "stamped": second, "visible": second }),
        json!({ "id": listed[0], "stamped": third, "visible": third }),
        json!({ "id": listed[1], "stamped": third, "visible": third }),
    ];
    console.check("GET /versions/Threat", &Value::Null, &json!(expected)).await;
    let start = console.simulator.now();
    let after = |milliseconds| text(start + chrono::TimeDelta::milliseconds(milliseconds));
    expected.push(json!({ "id": listed[2], "stamped": third, "visible": after(250) }));
    expected.push(json!({ "id": late, "stamped": third, "visible": after(90_000) }));
    console.ask("POST /clock", &json!({ "advanceSeconds": 90 })).await;
    console.check("GET /versions/Threat", &Value::Null, &json!(expected)).await;

    let suspicious = ids(&console.api.threats("limit=100&analystVerdicts=suspicious").await);
    assert!(listed[..3].iter().all(|id| suspicious.contains(id)), "{suspicious:?}");
    assert_eq!(ids(&console.api.threats("limit=100&skip=32").await), [late]);
}

#[tokio::test]
async fn faults_come_and_are_listed() {
    let mut console = Console::start("none,status:503").await;
    console.check("GET /faults", &Value::Null, &json!([])).await;
    let status = async |console: &mut Console| console.api.get(THREATS_PATH).await.status;
    assert_eq!(status(&mut console).await, 200);
    assert_eq!(status(&mut console).await, 503);
    let body = json!({ "faults": "none,throttle:7,status:500" });
    console.check("PUT /faults", &body, &json!({})).await;
    assert_eq!(status(&mut console).await, 200);
    assert_eq!(status(&mut console).await, 429);
    // None of these requests meets the fault that is left.
    let mut expected = vec![
        json!({ "request": 1, "fault": "status:503" }),
        json!({ "request": 3, "fault": "throttle:7" }),
    ];
    console.check("GET /faults", &Value::Null, &json!(expected)).await;
    console.check("GET /versions/Threat", &Value::Null, &json!([])).await;
    assert_eq!(status(&mut console).await, 500);
    assert_eq!(status(&mut console).await, 200);
    expected.push(json!({ "request": 4, "fault": "status:500" }));
    console.check("GET /faults", &Value::Null, &json!(expected)).await;

    let body = json!({ "faults": "seed=7,rate=1" });
    console.check("PUT /faults", &body, &json!({})).await;
    console.check("PUT /faults", &json!({ "faults": "none" }), &json!({})).await;
    assert_eq!(status(&mut console).await, 200);
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let mut console = Console::start("none").await;
    let before = console.api.get(THREATS_PATH).await.body;
    let now = console.now();
    let id = ids(&console.api.threats("").await).remove(0);
    let negative = |name: &str| {
        let error = std::time::Duration::try_from_secs_f64(-1.0).expect_err("less than nothing");
        format!("{name}: {error}")
    };
    let unknown_member = |name: &str, known: &str| {
        format!("unknown field `{name}`, expected {known} at line 1 column {}", name.len() + 3)
    };
    let no_schema = |name: &str| format!("no list has items of `{name}`; write one of Threat");
    let no_object = "the patch is not an object; write the members to be set, such as \
                     {\"threatInfo\": {\"analystVerdict\": \"suspicious\"}}";
    let change = |patch: &str| format!("{{\"ids\": [\"{id}\"], \"patch\": {patch}}}");
    let fixed = "`threatInfo.createdAt` never changes on a console; leave it out of the patch";
    let explode = "explode".parse::<Faults>().expect_err("no fault").to_string();
    for (request, body, status, error) in [
        ("POST /clock", "", 400, "EOF while parsing a value at line 1 column 0".to_owned()),
        ("POST /clock", "{", 400, "EOF while parsing an object at line 1 column 1".to_owned()),
        ("POST /clock", "{}", 400, "missing field `advanceSeconds` at line 1 column 2".to_owned()),
        ("POST /clock", r#"{"seconds": 1}"#, 400, unknown_member("seconds", "`advanceSeconds`")),
        ("POST /clock", r#"{"advanceSeconds": -1}"#, 400, negative("advanceSeconds")),
        ("PUT /faults", r#"{"faults": "explode"}"#, 400, explode),
        ("PUT /faults", r#"{"fault": ""}"#, 400, unknown_member("fault", "`faults`")),
        (
            "POST /items/Threat",
            r#"{"many": 1}"#,
            400,
            unknown_member("many", "`count` or `delaySeconds`"),
        ),
        (
            "POST /items/Threat",
            r#"{"count": 1, "delaySeconds": -1}"#,
            400,
            negative("delaySeconds"),
        ),
        (
            "PATCH /items/Threat",
            r#"{"id": "1"}"#,
            400,
            unknown_member("id", "one of `ids`, `patch`, `delaySeconds`"),
        ),
        (
            "PATCH /items/Threat",
            r#"{"ids": ["1"], "patch": {}}"#,
            400,
            "there is no item with the id `1`".to_owned(),
        ),
        ("PATCH /items/Threat", &change("[]"), 400, no_object.to_owned()),
        (
            "PATCH /items/Threat",
            &change(r#"{"threatInfo": {"createdAt": ""}}"#),
            400,
            fixed.to_owned(),
        ),
        ("POST /items/threat", r#"{"count": 1}"#, 404, no_schema("threat")),
        ("POST /items", r#"{"count": 1}"#, 404, no_schema("")),
        ("POST /items/Threat/1", r#"{"count": 1}"#, 404, no_schema("Threat/1")),
        ("PATCH /items/Note", r#"{"ids": [], "patch": {}}"#, 404, no_schema("Note")),
        ("GET /versions/Note", "", 404, no_schema("Note")),
        ("GET /", "", 404, USAGE.to_owned()),
        ("GET //clock", "", 404, USAGE.to_owned()),
        ("GET /clock/now", "", 404, USAGE.to_owned()),
        ("POST /clock/now", r#"{"advanceSeconds": 1}"#, 404, USAGE.to_owned()),
        ("PUT /faults/1", r#"{"faults": "reset"}"#, 404, USAGE.to_owned()),
        ("DELETE /clock", "", 404, USAGE.to_owned()),
        ("GET /items/Threat", "", 404, USAGE.to_owned()),
        ("POST /versions/Threat", "{}", 404, USAGE.to_owned()),
    ] {
        let (method, target) = request.split_once(' ').expect("a method and a target");
        let answer = console.admin.send_body(method, target, body).await.expect("an answer");
        let found = (answer.status, answer.json());
        assert_eq!(found, (status, json!({ "error": error })), "{request} {body}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    assert_eq!(console.now(), now);
    console.check("GET /versions/Threat", &Value::Null, &json!([])).await;
    assert!(console.api.get(THREATS_PATH).await.body == before, "something has changed");
}

#[tokio::test]
async fn each_port_has_its_own_paths() {
    let mut console = Console::start("none").await;
    console.admin.headers = console.api.headers.clone();
    let answer = console.admin.get(THREATS_PATH).await;
    assert_eq!((answer.status, answer.json()), (404, json!({ "error": USAGE })));
    for (method, target) in [
        ("GET", "/clock"),
        ("POST", "/clock"),
        ("GET", "/faults"),
        ("PUT", "/faults"),
        ("POST", "/items/Threat"),
        ("PATCH", "/items/Threat"),
        ("GET", "/versions/Threat"),
    ] {
        let answer = console.api.send(method, target).await.expect("an answer");
        assert_eq!(answer.status, 404, "{method} {target}");
        assert_eq!(answer.json()["errors"][0]["title"], "Requested resource was not found");
    }
    let without = Simulator::builder().start().await.expect("a free port");
    assert_eq!(without.admin_url(), None);
}

#[tokio::test]
async fn a_stopped_simulator_leaves_both_ports_free() {
    let console = Console::start("none").await;
    let urls = [console.simulator.url(), console.simulator.admin_url().expect("a URL")];
    let addresses = urls.map(|url| url.replace("http://", ""));
    console.simulator.stop().await;
    for address in addresses {
        tokio::net::TcpListener::bind(address).await.expect("a free port");
    }
}
