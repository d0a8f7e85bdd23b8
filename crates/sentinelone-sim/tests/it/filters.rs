//! Each filter against a predicate written down here.

use sentinelone_sim::threat;
use serde_json::Value;

use crate::client::{Client, ids, simulator};

const COUNT: u32 = 400;

#[tokio::test]
async fn a_filter_selects_what_it_says() {
    let simulator = simulator(COUNT).await;
    let mut client = Client::new(&simulator).await;
    let all: Vec<Value> = (0..COUNT).map(|number| threat(7, number)).collect();
    let text = |number: usize, pointer: &str| {
        all[number].pointer(pointer).and_then(Value::as_str).expect(pointer).to_owned()
    };
    let created = text(150, "/threatInfo/createdAt");
    let (first, second) = (text(10, "/id"), text(300, "/id"));
    let site = text(0, "/agentRealtimeInfo/siteId");
    let host = text(3, "/agentRealtimeInfo/agentComputerName");
    let name = text(7, "/threatInfo/threatName");
    let spaced = created.replace('T', "%20").replace('Z', "");
    let offset = created.replace('Z', "%2B00:00");

    let at = |item: &Value, pointer: &str| {
        item.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let created_at = |item: &Value| at(item, "/threatInfo/createdAt");
    let verdict = |item: &Value| at(item, "/threatInfo/analystVerdict");
    let computer = |item: &Value| at(item, "/agentRealtimeInfo/agentComputerName");
    let provider = |item: &Value, name: &str| {
        item.pointer("/agentDetectionInfo/cloudProviders").is_some_and(|it| it.get(name).is_some())
    };
    let has_ticket = |item: &Value| !at(item, "/threatInfo/externalTicketId").is_empty();
    type Predicate<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
    let expectations: Vec<(String, Predicate<'_>)> = vec![
        (
            format!("ids={first},{second}"),
            Box::new(|it| [&first, &second].contains(&&at(it, "/id"))),
        ),
        (
            format!("ids={second}%2C{first}"),
            Box::new(|it| [&first, &second].contains(&&at(it, "/id"))),
        ),
        ("ids=100000000000000000".to_owned(), Box::new(|_| false)),
        (format!("createdAt__gt={created}"), Box::new(|it| created_at(it) > created)),
        (format!("createdAt__gte={created}"), Box::new(|it| created_at(it) >= created)),
        (format!("createdAt__lt={created}"), Box::new(|it| created_at(it) < created)),
        (format!("createdAt__lte={spaced}"), Box::new(|it| created_at(it) <= created)),
        (format!("createdAt__lte={offset}"), Box::new(|it| created_at(it) <= created)),
        (
            format!("createdAt__gte={created}&ids={first},{second}"),
            Box::new(|it| at(it, "/id") == second),
        ),
        (
            format!("createdAt__lt={created}&resolved=true&sortBy=updatedAt"),
            Box::new(|it| {
                created_at(it) < created && at(it, "/threatInfo/incidentStatus") == "resolved"
            }),
        ),
        (
            "analystVerdicts=suspicious,true_positive".to_owned(),
            Box::new(|it| ["suspicious", "true_positive"].contains(&&*verdict(it))),
        ),
        (
            "analystVerdictsNin=suspicious,true_positive".to_owned(),
            Box::new(|it| !["suspicious", "true_positive"].contains(&&*verdict(it))),
        ),
        (format!("siteIds={site}"), Box::new(|it| at(it, "/agentRealtimeInfo/siteId") == site)),
        (
            "computerName__contains=zzz,srv".to_owned(),
            Box::new(|it| computer(it).to_lowercase().contains("srv")),
        ),
        (
            format!("computerName__contains={}", host.to_lowercase()),
            Box::new(|it| computer(it) == host),
        ),
        ("cloudProvider=ESXI".to_owned(), Box::new(|it| provider(it, "ESXI"))),
        (
            "cloudAccount__contains=0000".to_owned(),
            Box::new(|it| ["AWS", "Azure", "GCP"].iter().any(|name| provider(it, name))),
        ),
        (
            "detectionEngines=pup,manual".to_owned(),
            Box::new(|it| {
                let engines = it.pointer("/threatInfo/detectionEngines").and_then(Value::as_array);
                let mut keys = engines.into_iter().flatten().map(|engine| at(engine, "/key"));
                keys.any(|key| key == "pup" || key == "manual")
            }),
        ),
        ("externalTicketExists=true".to_owned(), Box::new(has_ticket)),
        ("externalTicketExists=False".to_owned(), Box::new(|it| !has_ticket(it))),
        (
            "resolved=false".to_owned(),
            Box::new(|it| at(it, "/threatInfo/incidentStatus") != "resolved"),
        ),
        (
            format!("query={}", name.to_uppercase().replace(' ', "+")),
            Box::new(|it| at(it, "/threatInfo/threatName") == name),
        ),
    ];
    for (query, predicate) in &expectations {
        let mut expected: Vec<&Value> = all.iter().filter(|item| predicate(item)).collect();
        if query.contains("sortBy") {
            expected.sort_by_key(|it| at(it, "/threatInfo/updatedAt"));
        }
        let expected: Vec<String> = expected.into_iter().map(|it| at(it, "/id")).collect();
        if !query.contains("ids=1000") {
            assert!(!expected.is_empty() && expected.len() < all.len(), "{query} proves nothing");
        }
        let page = client.threats(&format!("limit=1000&{query}")).await;
        assert_eq!(ids(&page), expected, "{query}");
        assert_eq!(page["pagination"]["totalItems"], expected.len(), "{query}");
        let count = client.threats(&format!("countOnly=true&{query}")).await;
        assert_eq!(count["pagination"]["totalItems"], expected.len(), "{query}");
    }
}
