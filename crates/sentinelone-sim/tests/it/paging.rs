use std::collections::BTreeSet;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sentinelone_sim::threat;
use serde_json::{Value, json};

use crate::client::{Client, ids, simulator};

const COUNT: u32 = 230;

fn all_ids() -> Vec<String> {
    (0..COUNT).map(|number| threat(7, number)["id"].as_str().expect("an id").to_owned()).collect()
}

/// Reads all pages, handing each cursor back as `encode` makes of it.
async fn walk(query: &str, encode: impl Fn(&str) -> String) -> Vec<Value> {
    let simulator = simulator(COUNT).await;
    let mut client = Client::new(&simulator).await;
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.threats(&format!("{query}{cursor}")).await;
        items.extend(page["data"].as_array().expect("a list").iter().cloned());
        match page["pagination"]["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", encode(next)),
            None => return items,
        }
    }
}

fn encoded(cursor: &str) -> String {
    utf8_percent_encode(cursor, NON_ALPHANUMERIC).to_string()
}

/// The text at a pointer, in which `*` stands for the one member of an object.
fn at<'v>(item: &'v Value, pointer: &str) -> Option<&'v str> {
    let mut value = item;
    for name in pointer.split('/').skip(1) {
        let members = value.as_object()?;
        value = if name == "*" { members.values().next()? } else { members.get(name)? };
    }
    value.as_str()
}

fn ids_of(items: &[Value]) -> Vec<String> {
    ids(&json!({ "data": items }))
}

#[tokio::test]
async fn pages_by_id_hold_every_threat_once_in_either_direction() {
    let ascending = ids_of(&walk("limit=47", encoded).await);
    assert_eq!(ascending, all_ids());
    let mut descending = ids_of(&walk("limit=23&sortOrder=desc", encoded).await);
    descending.reverse();
    assert_eq!(descending, all_ids());
}

#[tokio::test]
async fn pages_by_another_column_hold_every_threat_once_in_order() {
    let columns = [
        ("createdAt", "/threatInfo/createdAt"),
        ("updatedAt", "/threatInfo/updatedAt"),
        ("agentMachineType", "/agentRealtimeInfo/agentMachineType"),
        ("cloudAccount", "/agentDetectionInfo/cloudProviders/*/cloudAccount"),
    ];
    for (column, pointer) in columns {
        let ascending = walk(&format!("limit=31&sortBy={column}&sortOrder=asc"), encoded).await;
        let keys: Vec<_> = ascending.iter().map(|it| at(it, pointer)).collect();
        assert!(keys.is_sorted(), "{column}: {keys:?}");
        let found: BTreeSet<_> = ids_of(&ascending).into_iter().collect();
        assert_eq!(found.len(), ascending.len(), "{column} repeats a threat");
        assert_eq!(found, all_ids().into_iter().collect(), "{column}");

        let mut descending =
            walk(&format!("limit=31&sortBy={column}&sortOrder=desc"), encoded).await;
        descending.reverse();
        assert_eq!(ids_of(&descending), ids_of(&ascending), "{column} descending");
    }
}

#[tokio::test]
async fn a_cursor_may_be_encoded_once_more_or_not_at_all() {
    let plain = |cursor: &str| percent_decode_str(cursor).decode_utf8_lossy().into_owned();
    for encode in [encoded as fn(&str) -> String, |cursor| cursor.to_owned(), plain] {
        assert_eq!(ids_of(&walk("limit=100", encode).await), all_ids());
    }
}

#[tokio::test]
async fn a_cursor_is_a_place_that_holds_under_any_filter() {
    let simulator = simulator(COUNT).await;
    let mut client = Client::new(&simulator).await;
    let page = client.threats("limit=100").await;
    let cursor = page["pagination"]["nextCursor"].as_str().expect("a next page");
    assert!(cursor.ends_with("%3D") || !cursor.contains('='), "{cursor}");
    let rest = client.threats(&format!("limit=1000&resolved=true&cursor={cursor}")).await;
    let ids = ids(&rest);
    assert!(!ids.is_empty());
    assert!(ids.iter().all(|id| all_ids()[100..].contains(id)));
}

#[tokio::test]
async fn the_size_of_a_page_is_as_asked() {
    let simulator = simulator(COUNT).await;
    let mut client = Client::new(&simulator).await;
    for (query, first, length) in [
        ("", 0, 10),
        ("limit=1", 0, 1),
        ("limit=1000", 0, 230),
        ("skip=5", 5, 10),
        ("skip=225", 225, 5),
        ("skip=1000", 230, 0),
    ] {
        let page = client.threats(query).await;
        assert_eq!(ids(&page), all_ids()[first..first + length], "{query}");
        assert_eq!(page["pagination"]["totalItems"], 230, "{query}");
        let is_last = first + length == 230;
        assert_eq!(page["pagination"]["nextCursor"].is_null(), is_last, "{query}");
    }
}

#[tokio::test]
async fn the_total_can_be_asked_for_alone_or_not_at_all() {
    let simulator = simulator(COUNT).await;
    let mut client = Client::new(&simulator).await;
    let count = client.threats("countOnly=true").await;
    let expected = json!({ "data": [], "pagination": { "nextCursor": null, "totalItems": 230 } });
    assert_eq!(count, expected);
    let uncounted = client.threats("skipCount=True").await;
    assert_eq!(uncounted["pagination"]["totalItems"], 0);
    assert_eq!(ids(&uncounted).len(), 10);
}

#[tokio::test]
async fn the_table_says_how_a_list_is_laid_out() {
    let simulator = simulator(COUNT).await;
    let mut client = Client::new(&simulator).await;
    let page = client.get("/web/api/v2.1/others?size=200").await.json();
    assert_eq!(page["deep"]["er"]["items"].as_array().map(Vec::len), Some(200));
    let cursor = page["next"].as_str().expect("a next page");
    let page = client.get(&format!("/web/api/v2.1/others?size=200&after={cursor}")).await.json();
    assert_eq!(page["deep"]["er"]["items"].as_array().map(Vec::len), Some(30));
    assert!(page["next"].is_null());
    assert_eq!(page.as_object().map(|it| it.len()), Some(2), "{page}");
}
