//! What comes of records in every shape that a console has been seen to send.

use std::fs;
use std::path::Path;

use chrono::DateTime;
use sentinelone::threats::{
    AnalystVerdict, DecommissionedAt, GetThreatsQuery, IncidentStatus, Threat,
};
use sentinelone::{Page, Record};
use sentinelone_tests::{Server, json, page};
use serde_json::{Value, json};

use crate::client;

async fn fetch(answer: Vec<u8>) -> Page<Threat> {
    let server = Server::start([answer]);
    client(&server).get_threats(&GetThreatsQuery::new()).await.expect("a page")
}

async fn records(texts: &[&str]) -> Vec<Record<Threat>> {
    fetch(page(texts, None)).await.into_records()
}

#[tokio::test]
async fn the_corpus_decodes_and_loses_nothing() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut files: Vec<_> =
        fs::read_dir(dir).expect("the corpus").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let texts: Vec<String> =
        files.iter().map(|file| fs::read_to_string(file).expect("a file")).collect();
    assert!(15 <= texts.len());

    let trimmed: Vec<&str> = texts.iter().map(|text| text.trim()).collect();
    let records = records(&trimmed).await;
    assert_eq!(records.len(), texts.len());
    for ((file, text), record) in files.iter().zip(&trimmed).zip(&records) {
        let name = file.display();
        assert_eq!(record.raw(), *text, "{name}");
        let threat = record.decode().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(threat.unknown_members.is_empty(), "{name}: {:?}", threat.unknown_members);
        let original: Value = serde_json::from_str(text).expect("JSON");
        let again = serde_json::to_value(&threat).expect("JSON");
        assert_eq!(again, without_nulls(original), "{name}");
    }
}

#[tokio::test]
async fn one_bad_record_never_costs_the_page() {
    let good = r#"{"id":"1"}"#;
    let bad = r#"{"id":"2","agentRealtimeInfo":{"activeThreats":"three"}}"#;
    let records = records(&[good, bad, "7", good]).await;
    let outcomes: Vec<_> = records
        .iter()
        .map(|record| match record.decode() {
            Ok(threat) => threat.id.expect("an id"),
            Err(malformed) => format!("{}: {}", malformed.path(), malformed.raw()),
        })
        .collect();
    assert_eq!(outcomes, ["1", &format!("agentRealtimeInfo.activeThreats: {bad}"), ".: 7", "1"]);
    let malformed = records[1].decode().expect_err("malformed");
    let text = malformed.to_string();
    assert!(
        text.starts_with("malformed at agentRealtimeInfo.activeThreats: invalid type"),
        "{text}"
    );
    let error = sentinelone::Error::from(malformed);
    assert_eq!(error.to_string(), "a record does not have the spec's form");
}

#[tokio::test]
async fn drift_that_is_no_harm() {
    async fn check(text: &str, expect: Value) {
        let threat = records(&[text]).await[0].decode().unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(serde_json::to_value(&threat).expect("JSON"), expect, "{text}");
    }
    // Unknown members, at any depth.
    let text = r#"{"id":"1","new":{"a":[1,null]},"threatInfo":{"newer":null,"md5":"x"}}"#;
    check(text, serde_json::from_str(text).expect("JSON")).await;
    // Unknown enum values.
    let text = r#"{"threatInfo":{"analystVerdict":"brand_new"},"whiteningOptions":["hash","new"]}"#;
    check(text, serde_json::from_str(text).expect("JSON")).await;
    // Null for an array, an object or a scalar is as missing.
    check(r#"{"indicators":null,"threatInfo":null,"id":null}"#, json!({})).await;
    // So is an empty date-time.
    check(r#"{"threatInfo":{"createdAt":"","sha1":""}}"#, json!({"threatInfo":{"sha1":""}})).await;
    // Names with escapes, and a name that comes twice.
    check(r#"{"\u0069d":"1","id":"2"}"#, json!({"id":"2"})).await;
    // Numbers at full size.
    let text = r#"{"id":"99999999999999999999999","threatInfo":{"fileSize":9223372036854775807}}"#;
    check(text, serde_json::from_str(text).expect("JSON")).await;
}

#[tokio::test]
async fn drift_that_is_reported() {
    async fn check(text: &str, path: &str, reason: &str) {
        let malformed = records(&[text]).await[0].decode().expect_err(text);
        assert_eq!((malformed.path(), malformed.raw()), (path, text));
        assert!(malformed.reason().contains(reason), "{}", malformed.reason());
    }
    check(r#"{"id":1}"#, "id", "expected a string").await;
    check(r#"{"threatInfo":[]}"#, "threatInfo", "expected an object").await;
    check(
        r#"{"threatInfo":{"analystVerdict":3}}"#,
        "threatInfo.analystVerdict",
        "expected a string",
    )
    .await;
    check(
        r#"{"threatInfo":{"createdAt":"2026-02-30T00:00:00Z"}}"#,
        "threatInfo.createdAt",
        "not a date-time",
    )
    .await;
    check(
        r#"{"threatInfo":{"fileSize":9223372036854775808}}"#,
        "threatInfo.fileSize",
        "invalid value",
    )
    .await;
    check(r#"{"indicators":[{},{"ids":[1,"2"]}]}"#, "indicators[1].ids[1]", "invalid type").await;
}

#[tokio::test]
async fn enums_and_dates_are_typed() {
    let text = r#"{"threatInfo":{"analystVerdict":"true_positive","incidentStatus":"mostly",
        "createdAt":"2018-02-27T04:49:26.257500+02:00","identifiedAt":"9999-12-31T23:59:59Z",
        "updatedAt":"2018-02-27T04:49:26.257000Z"},
        "agentRealtimeInfo":{"agentDecommissionedAt":true}}"#;
    let threat = records(&[text]).await[0].decode().expect("a threat");
    let info = threat.threat_info.expect("threatInfo");
    assert_eq!(info.analyst_verdict, Some(AnalystVerdict::TruePositive));
    let status = info.incident_status.as_ref().expect("a status");
    assert!(!IncidentStatus::KNOWN.contains(status));
    assert_eq!(status.as_str(), "mostly");
    let created = DateTime::parse_from_rfc3339("2018-02-27T02:49:26.2575Z").expect("a date");
    assert_eq!(info.created_at.expect("a date"), created);
    let again = serde_json::to_value(&info).expect("JSON");
    assert_eq!(again["createdAt"], "2018-02-27T02:49:26.257500Z");
    assert_eq!(again["identifiedAt"], "9999-12-31T23:59:59Z");
    assert_eq!(again["updatedAt"], "2018-02-27T04:49:26.257000Z");
    let decommissioned = threat.agent_realtime_info.expect("agent").agent_decommissioned_at;
    assert_eq!(decommissioned, Some(DecommissionedAt::Flag(true)));
}

#[tokio::test]
async fn the_head_of_an_answer() {
    let headers = [("X-RQID", "96f7b37b"), ("Cache-Control", "no-store")];
    let body = format!(r#"{{"data":[{}],"pagination":{{"totalItems":580}}}}"#, r#"{"id":"1"}"#);
    let page = fetch(sentinelone_tests::answer("200 Fine", &headers, &body)).await;
    assert_eq!((page.status().as_u16(), page.reason()), (200, "Fine"));
    assert_eq!(page.request_id(), Some("96f7b37b"));
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert_eq!((page.total_items(), page.body()), (Some(580), body.as_str()));
    assert_eq!(fetch(json(r#"{"data":[]}"#)).await.reason(), "OK");
}

#[tokio::test]
async fn no_record_is_in_debug_text() {
    let page = fetch(page(&[r#"{"id":"private"}"#], Some("private"))).await;
    assert!(page.body().contains("private"));
    let record = &page.records()[0];
    let mut text = format!("{page:?} {record:?}");
    for bad in [
        r#"{"id":["private"]}"#,
        r#"{"threatInfo":"private"}"#,
        r#"{"threatInfo":{"fileSize":"private \" secret"}}"#,
        r#"{"threatInfo":{"createdAt":"private"}}"#,
    ] {
        let malformed = records(&[bad]).await[0].decode().expect_err("malformed");
        text.push_str(&format!(" {malformed} {malformed:?}"));
    }
    assert!(!text.contains("private"), "{text}");
}

/// What decoding may drop: nulls, and with them nothing else.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
