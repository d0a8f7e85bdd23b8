use serde_json::{Value, json};

use crate::client::{Client, simulator};
use crate::table::THREATS_PATH;

fn error(code: u32, title: &str, detail: impl Into<Value>) -> Value {
    let detail: Value = detail.into();
    json!({ "errors": [{ "code": code, "detail": detail, "title": title }] })
}

#[tokio::test]
async fn bad_arguments_are_refused_in_the_consoles_words() {
    let simulator = simulator(30).await;
    let mut client = Client::new(&simulator).await;
    let cursor = client.threats("limit=5").await["pagination"]["nextCursor"].clone();
    let cursor = cursor.as_str().expect("a next page");
    for (query, detail) in [
        ("limit=0", "limit: Must be between 1 and 1000."),
        ("limit=1001", "limit: Must be between 1 and 1000."),
        ("limit=ten", "limit: Not a valid integer."),
        ("limit=", "limit: Not a valid integer."),
        ("skip=1001", "skip: Must be between 0 and 1000."),
        ("skip=-1", "skip: Must be between 0 and 1000."),
        ("agentIds=1", "dict_values(['agentIds']): Unknown field"),
        ("countOnly=yes", "countOnly: Not a valid boolean."),
        ("createdAt__gte=yesterday", "createdAt__gte: Not a valid datetime."),
        ("createdAt__gte=2024-02-30T00:00:00Z", "createdAt__gte: Not a valid datetime."),
        ("computerName__contains=ab,c", "computerName__contains: Shorter than minimum length 2."),
        (
            "computerName__contains=aa,bb,cc,dd",
            "computerName__contains: Longer than maximum length 3.",
        ),
        ("siteIds=", "siteIds: Shorter than minimum length 1."),
        ("analystVerdicts=suspicious,ALL", "analystVerdicts: \"ALL\" is not a valid choice."),
        ("sortBy=threatName", "sortBy: \"threatName\" is not a valid choice."),
        ("sortOrder=up", "sortOrder: \"up\" is not a valid choice."),
        ("ids=12", "ids: Not a valid Identifier"),
        ("cursor=test", "Invalid cursor value received"),
        ("cursor=", "Invalid cursor value received"),
        (&format!("sortOrder=desc&cursor={cursor}"), "Invalid cursor value received"),
        (&format!("sortBy=updatedAt&cursor={cursor}"), "Invalid cursor value received"),
        (&format!("skip=1&cursor={cursor}"), "skip: Not allowed together with cursor."),
    ] {
        let answer = client.get(&format!("{THREATS_PATH}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        let expected = error(4_000_010, "Validation Error", detail);
        assert_eq!(answer.json(), expected, "{query}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }

    let answer = client.get("/web/api/v2.1/others").await;
    let missing = "size: Missing data for required field.";
    assert_eq!(answer.json(), error(4_000_010, "Validation Error", missing));
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let simulator = simulator(1).await;
    let mut client = Client::new(&simulator).await;
    let answer = client.get(&format!("{THREATS_PATH}?limit=0&ids=1&unheard=of")).await;
    assert_eq!(answer.json()["errors"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_request_needs_the_token() {
    let simulator = simulator(1).await;
    let mut client = Client::new(&simulator).await;
    for (header, status) in [
        ("", 401),
        ("Authorization: secret-of-the-test\r\n", 401),
        ("Authorization: ApiToken other\r\n", 401),
        ("Authorization: Bearer secret-of-the-test\r\n", 401),
        ("Authorization: ApiToken secret-of-the-test\r\n", 200),
        ("authorization: APIToken secret-of-the-test\r\n", 200),
    ] {
        client.headers = header.to_owned();
        let answer = client.get(THREATS_PATH).await;
        assert_eq!(answer.status, status, "{header}");
        if status == 401 {
            assert_eq!(answer.json(), error(4_010_010, "Authentication Failed", Value::Null));
        }
    }
}

#[tokio::test]
async fn only_what_the_table_holds_is_there() {
    let simulator = simulator(1).await;
    let mut client = Client::new(&simulator).await;
    let not_found = error(4_040_010, "Requested resource was not found", "");
    for path in [
        "/",
        "/web/api/v2.1/threat",
        "/web/api/v2.1/threats/",
        "/web/api/v2.1/threats//notes",
        "/web/api/v2.1/threats/1/notes/2",
    ] {
        let answer = client.get(path).await;
        assert_eq!((answer.status, answer.json()), (404, not_found.clone()), "{path}");
    }
    let answer = client.send("POST", THREATS_PATH).await.expect("an answer");
    let expected = error(4_050_010, "Method not allowed", Value::Null);
    assert_eq!(answer.header("allow"), Some("GET"));
    assert_eq!((answer.status, answer.json()), (405, expected));
}

#[tokio::test]
async fn what_the_simulator_cannot_do_is_an_error() {
    let simulator = simulator(1).await;
    let mut client = Client::new(&simulator).await;
    for (target, detail) in [
        ("/web/api/v2.1/threats?sortBy=secret", "sortBy: the simulator does not sort by secret"),
        ("/web/api/v2.1/threats/1/notes", "the simulator has no application/zip to answer with"),
    ] {
        let answer = client.get(target).await;
        let expected = error(5_010_010, "Not supported", detail);
        assert_eq!((answer.status, answer.json()), (501, expected), "{target}");
    }
}
