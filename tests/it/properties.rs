//! What holds of any value.

use proptest::collection::vec;
use proptest::prelude::*;
use sentinelone::threats::{AnalystVerdict, GetThreatsQuery, Threat};
use sentinelone_tests::{Server, page};
use serde_json::Value;

use crate::client;

/// Sends the query, and reads its parameters back from the request line as a server would.
fn sent(query: &GetThreatsQuery) -> Vec<(String, String)> {
    let server = Server::start([page(&[], None)]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let answer = runtime.expect("a runtime").block_on(client(&server).get_threats(query));
    answer.expect("an answer");
    let line = server.request_lines().remove(0);
    let (_, rest) = line.split_once('?').expect("a query string");
    let (pairs, version) = rest.split_once(' ').expect("a version");
    assert_eq!(version, "HTTP/1.1");
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').expect("a value");
        (name.to_owned(), value.to_owned())
    };
    pairs.split('&').map(pair).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next(), rest.next()].map(|digit| digit.expect("a digit"));
            let digits = std::str::from_utf8(&digits).expect("two digits");
            bytes.push(u8::from_str_radix(digits, 16).expect("hexadecimal digits"));
        } else {
            assert!(byte.is_ascii_alphanumeric() || b"-._~".contains(&byte), "{byte} in {text}");
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(("[a-z]{1,6}", inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn any_text_arrives(text in "\\PC{1,40}") {
        let pairs = sent(&GetThreatsQuery::new().query(&text));
        prop_assert_eq!(pairs.len(), 1);
        prop_assert_eq!(&pairs[0].0, "query");
        prop_assert_eq!(decoded(&pairs[0].1), text);
    }

    #[test]
    fn any_list_arrives(items in vec("[^,]{1,20}", 1..20)) {
        let pairs = sent(&GetThreatsQuery::new().classifications(&items));
        prop_assert_eq!(pairs.len(), 1);
        let arrived: Vec<String> = pairs[0].1.split(',').map(decoded).collect();
        prop_assert_eq!(arrived, items);
    }

    #[test]
    fn any_enum_value_comes_back(text in any::<String>()) {
        let verdict = AnalystVerdict::from(text.as_str());
        prop_assert_eq!(verdict.as_str(), &text);
        let json = serde_json::to_string(&verdict).expect("JSON");
        prop_assert_eq!(&json, &serde_json::to_string(&text).expect("JSON"));
        let again: AnalystVerdict = serde_json::from_str(&json).expect("a value");
        prop_assert_eq!(again, verdict);
    }

    #[test]
    fn any_unknown_member_comes_back(name in "x[A-Z][a-z]{0,8}", value in any_json()) {
        let record = Value::from_iter([("id".to_owned(), Value::from("1")), (name, value)]);
        let threat: Threat = serde_json::from_value(record.clone()).expect("a threat");
        prop_assert_eq!(serde_json::to_value(&threat).expect("JSON"), record);
    }

    #[test]
    fn no_bytes_make_decoding_panic(body in vec(any::<u8>(), 0..200)) {
        let server = Server::start([sentinelone_tests::json(&body)]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let answer = client(&server);
        let answer = runtime.expect("a runtime").block_on(answer.get_threats(&GetThreatsQuery::new()));
        let error = answer.expect_err("noise is no page");
        prop_assert_eq!(error.body(), &body);
    }
}
