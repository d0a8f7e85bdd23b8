//! What is sent, down to the request line.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use sentinelone::threats::{AnalystVerdict, GetThreatsQuery, OsArch, SortOrder, ThreatSortColumn};
use sentinelone::{ErrorKind, OPERATIONS};
use sentinelone_tests::{Server, page};
use serde_json::{Value, json};

use crate::{TOKEN, client};

async fn sent(query: &GetThreatsQuery) -> String {
    let server = Server::start([page(&[], None)]);
    client(&server).get_threats(query).await.expect("the server answers");
    server.request_lines().remove(0)
}

#[track_caller]
fn line(query: &str) -> String {
    format!("GET /web/api/v2.1/threats{query} HTTP/1.1")
}

#[tokio::test]
async fn every_parameter_reaches_the_wire_as_the_spec_writes_it() {
    let samples = samples_of_the_spec();
    assert_eq!(samples.len(), 105);

    let server = Server::start([page(&[], None)]);
    let client = client(&server);
    let mut expected = Vec::new();
    for (name, sample) in &samples {
        let query: GetThreatsQuery = serde_json::from_value(json!({ name: sample }))
            .unwrap_or_else(|error| panic!("{name} is no field of the query: {error}"));
        client.get_threats(&query).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        expected.push(line(&format!("?{name}={}", encoded(sample))));
    }
    assert_eq!(server.request_lines(), expected);
}

#[tokio::test]
async fn all_parameters_at_once() {
    let mut samples = samples_of_the_spec();
    samples.remove("skip"); // cannot be sent with a cursor
    let query: GetThreatsQuery = serde_json::from_value(json!(samples)).expect("a query");
    let parameters: Vec<String> =
        samples.iter().map(|(name, sample)| format!("{name}={}", encoded(sample))).collect();
    assert_eq!(sent(&query).await, line(&format!("?{}", parameters.join("&"))));
    assert_eq!(serde_json::to_value(&query).expect("JSON"), json!(samples));
}

#[test]
fn the_table_has_the_parameters_of_the_spec() {
    let operation =
        OPERATIONS.iter().find(|operation| operation.id == "getThreats").expect("a row");
    let names: Vec<_> = operation.parameters.iter().map(|parameter| parameter.name).collect();
    assert_eq!(names, Vec::from_iter(samples_of_the_spec().keys()));
}

#[tokio::test]
async fn values_are_encoded() {
    async fn check(query: GetThreatsQuery, expect: &str) {
        assert_eq!(sent(&query).await, line(expect));
    }
    let query = GetThreatsQuery::new;
    let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a date-time");

    check(query(), "").await;
    check(query().classifications(["a", "b", "c"]), "?classifications=a,b,c").await;
    check(query().os_archs([OsArch::from("32 bit")]), "?osArchs=32%20bit").await;
    check(query().query("50% of a&b=c, d"), "?query=50%25%20of%20a%26b%3Dc%2C%20d").await;
    check(query().query("été 🦀"), "?query=%C3%A9t%C3%A9%20%F0%9F%A6%80").await;
    check(query().cursor("a+/=%3D"), "?cursor=a%2B%2F%3D%253D").await;
    check(query().file_path_contains([r"\Users\x"]), "?filePath__contains=%5CUsers%5Cx").await;
    check(query().resolved(false), "?resolved=false").await;
    check(query().limit(1).skip(0), "?limit=1&skip=0").await;
    check(
        query().analyst_verdicts([AnalystVerdict::TruePositive, "brand_new".into()]),
        "?analystVerdicts=true_positive,brand_new",
    )
    .await;
    check(
        query().sort_by(ThreatSortColumn::CreatedAt).sort_order(SortOrder::Asc),
        "?sortBy=createdAt&sortOrder=asc",
    )
    .await;

    // The console compares microseconds: a finer bound selects the same records.
    let fine = at("2026-11-01T00:00:00.0000005Z");
    let (down, up) = ("2026-11-01T00%3A00%3A00.000000Z", "2026-11-01T00%3A00%3A00.000001Z");
    check(query().created_at_gt(fine), &format!("?createdAt__gt={down}")).await;
    check(query().created_at_gte(fine), &format!("?createdAt__gte={up}")).await;
    check(query().created_at_lt(fine), &format!("?createdAt__lt={up}")).await;
    check(query().created_at_lte(fine), &format!("?createdAt__lte={down}")).await;
}

#[tokio::test]
async fn what_the_spec_forbids_is_not_sent() {
    async fn check(query: GetThreatsQuery, expect: &[&str]) {
        let server = Server::start([page(&[], None)]);
        let error = client(&server).get_threats(&query).await.expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        let problems: Vec<String> = error.problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems, expect);
        assert_eq!(error.to_string(), format!("getThreats: {}", expect.join("; ")));
        assert_eq!(server.requests(), [""; 0]);
    }
    let query = GetThreatsQuery::new;
    let none: [&str; 0] = [];

    check(query().limit(0), &["`limit`: 0 is less than 1"]).await;
    check(query().limit(1001), &["`limit`: 1001 is greater than 1000"]).await;
    check(query().skip(-1), &["`skip`: -1 is less than 0"]).await;
    check(
        query().ids(none),
        &["`ids`: an empty list would not filter; leave the parameter unset for that"],
    )
    .await;
    check(
        query().computer_name_contains(["ok", "x"]),
        &["`computerName__contains`: item 2: its length is 1, at least 2 is needed"],
    )
    .await;
    check(
        query().publisher_name_contains(["Timeline, LLC"]),
        &["`publisherName__contains`: item 1: it has a comma, which separates items and cannot be \
           escaped"],
    )
    .await;
    check(
        query().computer_name_contains(vec!["ab"; 11]),
        &["`computerName__contains`: 11 items are more than 10; send them in several requests"],
    )
    .await;
    check(query().skip(5).cursor("abc"), &["`skip`: it cannot be sent with `cursor`"]).await;
    check(
        query().limit(5000).site_ids(none).classifications(["", "x"]),
        &[
            "`classifications`: item 1: it is empty",
            "`limit`: 5000 is greater than 1000",
            "`siteIds`: an empty list would not filter; leave the parameter unset for that",
        ],
    )
    .await;
    check(
        query().created_at_gt(DateTime::<Utc>::MAX_UTC),
        &["`createdAt__gt`: its year is not one of 0 to 9999"],
    )
    .await;

    let short_id =
        client(&Server::start([page(&[], None)])).get_threats(&query().ids(["12345"])).await;
    let message = short_id.expect_err("a refusal").to_string();
    assert!(message.starts_with("getThreats: `ids`: item 1: it does not match"), "{message}");
    assert!(!message.contains("12345"), "{message}");
}

#[tokio::test]
async fn the_head_of_a_request() {
    let server = Server::start([page(&[], None)]);
    client(&server).get_threats(&GetThreatsQuery::new()).await.expect("an answer");
    let request = server.requests().remove(0).to_ascii_lowercase();
    let mut names: Vec<_> =
        request.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0)).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "accept-encoding", "authorization", "host", "user-agent"]);
    let token = TOKEN.to_ascii_lowercase();
    assert!(request.contains(&format!("authorization: apitoken {token}\r\n")), "{request}");
    assert!(request.contains("accept-encoding: gzip\r\n"), "{request}");
    assert!(request.contains("user-agent: sentinelone-rust/"), "{request}");
}

/// A value for every parameter of Get Threats, as JSON, by wire name.
fn samples_of_the_spec() -> BTreeMap<String, Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/sentinelone.yaml");
    let text = fs::read_to_string(path).expect("the spec");
    let spec: Value = serde_yaml::from_str(&text).expect("YAML");
    let parameters = &spec["paths"]["/web/api/v2.1/threats"]["get"]["parameters"];
    let sample = |parameter: &Value| {
        let parameter = match parameter["$ref"].as_str() {
            Some(reference) => spec.pointer(&reference[1..]).expect("what a $ref names"),
            None => parameter,
        };
        let name = parameter["name"].as_str().expect("a name").to_owned();
        (name, sample(&spec, &parameter["schema"]))
    };
    parameters.as_array().expect("parameters").iter().map(sample).collect()
}

fn sample(spec: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return sample(spec, spec.pointer(&reference[1..]).expect("what a $ref names"));
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.last().expect("a value").clone();
    }
    match (schema["type"].as_str(), schema["format"].as_str(), schema["pattern"].as_str()) {
        (Some("array"), ..) => {
            let item = sample(spec, &schema["items"]);
            json!([item, item])
        }
        (Some("boolean"), ..) => json!(true),
        (Some("integer"), ..) => json!(7),
        (_, Some("date-time"), _) => json!("2018-02-27T04:49:26.257525Z"),
        (_, _, Some(pattern)) if pattern.contains("40") => {
            json!("ddd5030a3d029f3845fc1052419829f08f312240")
        }
        (_, _, Some(_)) => json!("225494730938493804"),
        _ => json!("a b/c&d"),
    }
}

/// The value in a query string, written out here once more so that two hands must agree.
fn encoded(value: &Value) -> String {
    let text = match value {
        Value::Array(items) => return items.iter().map(encoded).collect::<Vec<_>>().join(","),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
