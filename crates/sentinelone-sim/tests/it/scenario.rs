//! What happens to a console while it runs: time passes, threats are added and changed.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sentinelone_sim::Simulator;
use serde_json::{Value, json};

use crate::client::{Client, ids, simulator};
use crate::table::THREATS_PATH;

const SECOND: Duration = Duration::from_secs(1);

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn total(page: &Value) -> u64 {
    page["pagination"]["totalItems"].as_u64().expect("a total")
}

/// All ids that the console lists.
async fn listed(client: &mut Client, query: &str) -> Vec<String> {
    ids(&client.threats(&format!("limit=1000&{query}")).await)
}

#[tokio::test]
async fn an_added_threat_is_new() {
    let console = simulator(20).await;
    let mut client = Client::new(&console).await;
    let before = listed(&mut client, "").await;
    listed(&mut client, "sortBy=updatedAt").await;
    let start = console.now();
    let added = console.threats().add(3).expect("added threats");
    assert_eq!(console.now() - start, TimeDelta::milliseconds(3));
    assert_eq!(console.threats().len(), 23);

    let after = listed(&mut client, "").await;
    assert_eq!(after, [before.clone(), added.clone()].concat());
    assert!(after.iter().map(|id| id.parse::<u64>().expect("a number")).is_sorted_by(|a, b| a < b));
    let by_update = listed(&mut client, "sortBy=updatedAt&sortOrder=desc").await;
    assert_eq!(by_update[..3], [added[2].clone(), added[1].clone(), added[0].clone()]);
    assert_eq!(total(&client.threats("countOnly=true").await), 23);
    let unresolved = listed(&mut client, "resolved=false").await;
    assert!(added.iter().all(|id| unresolved.contains(id)));

    let page = client.threats("limit=20&skip=20").await;
    for (number, id) in (1..).zip(&added) {
        let item = console.threats().get(id).expect("a threat that shows");
        assert_eq!(item, page["data"][usize::try_from(number).expect("small") - 1]);
        let info = &item["threatInfo"];
        let stamp = text(start + TimeDelta::milliseconds(number));
        assert_eq!(info["createdAt"], stamp);
        assert_eq!(info["updatedAt"], stamp);
        assert_eq!((&item["id"], &info["threatId"]), (&json!(id), &json!(id)));
        assert_eq!(info["incidentStatus"], "unresolved");
        assert_eq!(info["analystVerdict"], "undefined");
        assert_eq!(info["externalTicketExists"], false);
    }
}

#[tokio::test]
async fn an_empty_console_can_be_filled() {
    let console = simulator(0).await;
    let mut client = Client::new(&console).await;
    assert_eq!(listed(&mut client, "").await, [""; 0]);
    let added = console.threats().add(2).expect("added threats");
    assert_eq!(listed(&mut client, "").await, added);
}

#[tokio::test]
async fn a_late_threat_shows_later_as_of_then() {
    let console = simulator(5).await;
    let mut client = Client::new(&console).await;
    let late = console.threats().late(90 * SECOND).add(1).expect("an added threat").remove(0);
    let stamped = console.now();
    let prompt = console.threats().add(1).expect("an added threat").remove(0);
    assert_eq!(console.threats().len(), 7);

    let elapsed = Duration::from_millis(1);
    let hidden_for = 90 * SECOND - elapsed;
    console.advance(hidden_for - Duration::from_micros(1));
    assert_eq!(console.threats().get(&late), None);
    assert_eq!(listed(&mut client, "").await[5..], [prompt.as_str()]);
    assert_eq!(listed(&mut client, &format!("ids={late}")).await, [""; 0]);
    assert_eq!(total(&client.threats("countOnly=true").await), 6);
    assert_eq!(console.threats().versions().len(), 1);

    console.advance(Duration::from_micros(1));
    assert_eq!(listed(&mut client, "").await[5..], [late.clone(), prompt.clone()]);
    assert_eq!(listed(&mut client, &format!("ids={late}")).await, [late.as_str()]);
    let item = console.threats().get(&late).expect("a threat that shows");
    assert_eq!(item["threatInfo"]["createdAt"], text(stamped));
    assert_eq!(item["threatInfo"]["updatedAt"], text(stamped));
    let by_update = listed(&mut client, "sortBy=updatedAt&sortOrder=desc").await;
    assert_eq!(by_update[..2], [prompt, late]);
}

#[tokio::test]
async fn a_change_is_stamped_and_seen_by_every_filter() {
    let console = simulator(40).await;
    let mut client = Client::new(&console).await;
    let unresolved = listed(&mut client, "resolved=false&sortBy=updatedAt").await;
    let resolved = listed(&mut client, "resolved=true").await;
    let id = &unresolved[0];
    let before = console.threats().get(id).expect("a threat");
    console.advance(7 * SECOND);
    let patch = json!({ "threatInfo": {
        "incidentStatus": "resolved",
        "analystVerdict": "false_positive",
        "externalTicketId": "INC-1",
    } });
    console.threats().change(&[id], &patch).expect("a change");

    let mut expected = before;
    for (name, value) in [
        ("incidentStatus", json!("resolved")),
        ("incidentStatusDescription", json!("Resolved")),
        ("analystVerdict", json!("false_positive")),
        ("analystVerdictDescription", json!("False positive")),
        ("externalTicketId", json!("INC-1")),
        ("externalTicketExists", json!(true)),
        ("updatedAt", json!(text(console.now()))),
    ] {
        expected["threatInfo"][name] = value;
    }
    assert_eq!(console.threats().get(id), Some(expected.clone()));
    assert_eq!(client.threats(&format!("ids={id}")).await["data"], json!([expected]));
    let now_resolved: BTreeSet<_> =
        listed(&mut client, "resolved=true").await.into_iter().collect();
    let as_expected: BTreeSet<_> = resolved.into_iter().chain([id.clone()]).collect();
    assert_eq!(now_resolved, as_expected);
    let rest = listed(&mut client, "resolved=false&sortBy=updatedAt").await;
    assert_eq!(rest, unresolved[1..]);
    let latest = listed(&mut client, "sortBy=updatedAt&sortOrder=desc").await;
    assert_eq!(&latest[0], id);
}

#[tokio::test]
async fn what_a_threat_does_not_show_can_change_too() {
    let console = simulator(3).await;
    let mut client = Client::new(&console).await;
    let id = listed(&mut client, "").await.remove(1);
    let before = console.threats().get(&id).expect("a threat");
    let patch = json!({ "$agentTags": { "floor": ["third"] } });
    console.threats().change(&[&id], &patch).expect("a change");
    let tags = "agentTagsData=%7B%22floor%22%3A%5B%22third%22%5D%7D";
    assert_eq!(listed(&mut client, tags).await, [id.as_str()]);
    let mut expected = before;
    expected["threatInfo"]["updatedAt"] = text(console.now()).into();
    assert_eq!(console.threats().get(&id), Some(expected.clone()));
    assert_eq!(client.threats(tags).await["data"], json!([expected]));
}

#[tokio::test]
async fn changes_of_one_threat_show_in_their_order() {
    let console = simulator(3).await;
    let id = ids(&Client::new(&console).await.threats("").await).remove(0);
    let status = |status: &str| json!({ "threatInfo": { "incidentStatus": status } });
    let start = console.now();
    let change = |delay: Duration, to: &str| {
        console.threats().late(delay).change(&[&id], &status(to)).expect("a change");
    };
    change(60 * SECOND, "in_progress");
    console.advance(10 * SECOND);
    change(20 * SECOND, "resolved");
    console.advance(10 * SECOND);
    change(Duration::ZERO, "unresolved");
    console.advance(40 * SECOND - Duration::from_micros(1));
    assert_eq!(console.threats().versions().len(), 0, "one has overtaken another");
    console.advance(Duration::from_micros(1));

    let versions = console.threats().versions();
    let found: Vec<_> =
        versions.iter().map(|it| (it.stamped - start, it.visible - start)).collect();
    let seconds = TimeDelta::seconds;
    let expected = [0, 10, 20].map(|stamped| (seconds(stamped), seconds(60)));
    assert_eq!(found, expected);
    let info = &console.threats().get(&id).expect("a threat")["threatInfo"];
    assert_eq!(info["incidentStatus"], "unresolved");
    assert_eq!(info["updatedAt"], text(start + TimeDelta::seconds(20)));
}

#[tokio::test]
async fn a_late_threat_can_be_changed_before_it_shows() {
    let console = simulator(3).await;
    let id = console.threats().late(60 * SECOND).add(1).expect("an added threat").remove(0);
    let patch = json!({ "threatInfo": { "incidentStatus": "resolved" } });
    console.threats().change(&[&id], &patch).expect("a change");
    assert_eq!(console.threats().get(&id), None);
    console.advance(60 * SECOND);
    let item = console.threats().get(&id).expect("a threat that shows");
    assert_eq!(item["threatInfo"]["incidentStatus"], "resolved");
}

#[tokio::test]
async fn a_patch_sets_members_and_keeps_the_others() {
    async fn check(patches: &[Value], pointer: &str, expect: Value) {
        let console = simulator(1).await;
        let id = ids(&Client::new(&console).await.threats("").await).remove(0);
        for patch in patches {
            console.threats().change(&[&id], patch).expect("a change");
        }
        let item = console.threats().get(&id).expect("a threat");
        assert_eq!(item.pointer(pointer), Some(&expect), "{patches:?}");
    }
    let os_type = simulator(1).await;
    let page = Client::new(&os_type).await.threats("").await;
    let os_type = page["data"][0]["agentRealtimeInfo"]["agentOsType"].clone();
    let name = json!({ "agentRealtimeInfo": { "agentComputerName": "new" } });
    let ip = json!({ "agentRealtimeInfo": { "externalIp": "192.0.2.1" } });
    let nothing = json!({ "agentRealtimeInfo": null });
    let both = [name.clone(), ip.clone()];
    check(&both, "/agentRealtimeInfo/agentComputerName", json!("new")).await;
    check(&both, "/agentRealtimeInfo/externalIp", json!("192.0.2.1")).await;
    check(&both, "/agentRealtimeInfo/agentOsType", os_type).await;
    check(&[name.clone(), nothing.clone()], "/agentRealtimeInfo", Value::Null).await;
    let after_nothing = [nothing.clone(), ip.clone()];
    check(&after_nothing, "/agentRealtimeInfo", json!({ "externalIp": "192.0.2.1" })).await;
    let all = [name, nothing, ip];
    check(&all, "/agentRealtimeInfo", json!({ "externalIp": "192.0.2.1" })).await;
    let array = json!({ "mitigationStatus": [1, { "a": 2 }] });
    check(&[array], "/mitigationStatus", json!([1, { "a": 2 }])).await;
    check(&[json!({ "new": { "deep": {} } })], "/new", json!({ "deep": {} })).await;
}

#[tokio::test]
async fn versions_tell_what_was_done() {
    let console = simulator(3).await;
    let old = ids(&Client::new(&console).await.threats("").await);
    let start = console.now();
    let late = console.threats().late(10 * SECOND).add(1).expect("an added threat");
    let prompt = console.threats().add(1).expect("an added threat");
    console.threats().change(&old[..2], &json!({ "new": 1 })).expect("changes");
    console.advance(10 * SECOND);
    let found = console.threats().versions().into_iter().map(|version| {
        let [stamped, visible] = [version.stamped, version.visible].map(|it| it - start);
        (version.id, stamped.num_milliseconds(), visible.num_milliseconds())
    });
    let found: Vec<_> = found.collect();
    let expected = [
        (prompt[0].clone(), 2, 2),
        (old[0].clone(), 2, 2),
        (old[1].clone(), 2, 2),
        (late[0].clone(), 1, 10_001),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_scenario_that_cannot_be_played_changes_nothing() {
    let console = simulator(3).await;
    let mut client = Client::new(&console).await;
    let before = client.get(THREATS_PATH).await.body;
    let known = ids(&client.threats("").await).remove(0);
    let check = |id: &str, patch: &Value, expect: &str| {
        let error = console.threats().change(&[known.as_str(), id], patch).expect_err(expect);
        assert_eq!(error.to_string(), expect, "{patch}");
        assert_eq!(console.threats().versions(), []);
    };
    let good = json!({ "threatInfo": { "incidentStatus": "resolved" } });
    for id in ["1", "", "x", "99999999999999999999999"] {
        check(id, &good, &format!("there is no item with the id `{id}`"));
    }
    let no_object = "the patch is not an object; write the members to be set, such as \
                     {\"threatInfo\": {\"analystVerdict\": \"suspicious\"}}";
    for patch in [json!(null), json!("resolved"), json!([good.clone()])] {
        check(&known, &patch, no_object);
    }
    for (field, patch) in [
        ("id", json!({ "id": "1" })),
        ("id", json!({ "id": null })),
        ("id", json!({ "id": {} })),
        ("id", json!({ "id": { "a": 1 } })),
        ("threatInfo.threatId", json!({ "threatInfo": { "threatId": "1" } })),
        ("threatInfo.createdAt", json!({ "x": 1, "threatInfo": { "createdAt": "", "x": 1 } })),
    ] {
        let expect = format!("`{field}` never changes on a console; leave it out of the patch");
        check(&known, &patch, &expect);
    }
    // These would take the fields away that never change.
    for patch in [json!({ "threatInfo": null }), json!({ "threatInfo": [] })] {
        let field = "threatInfo.threatId";
        let expect = format!("`{field}` never changes on a console; leave it out of the patch");
        check(&known, &patch, &expect);
    }
    assert!(client.get(THREATS_PATH).await.body == before, "something has changed");
    console.advance(Duration::from_secs(1_000_000));
    assert!(client.get(THREATS_PATH).await.body == before, "something has changed later");
}

#[tokio::test]
async fn a_change_of_nothing_is_none() {
    let console = simulator(3).await;
    console.threats().change(&[""; 0], &json!({ "a": 1 })).expect("no change");
    assert_eq!(console.threats().versions(), []);
    assert_eq!(console.threats().add(0), Ok(Vec::new()));
}

#[tokio::test]
async fn answers_carry_the_consoles_date() {
    let console = simulator(1).await;
    let mut client = Client::new(&console).await;
    for pause in [0, 1, 86_400] {
        console.advance(Duration::from_secs(pause));
        let expected = console.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        for target in [THREATS_PATH, "/nowhere"] {
            assert_eq!(client.get(target).await.header("date"), Some(expected.as_str()));
        }
    }
}

#[tokio::test]
async fn a_clock_that_is_put_far_forward_stays_a_date() {
    for ticking in [false, true] {
        let console = Simulator::builder().threats(1).ticking(ticking).start().await;
        let console = console.expect("a console");
        for _ in 0..2 {
            console.advance(Duration::MAX);
            let mut client = Client::new(&console).await;
            let answer = client.get(THREATS_PATH).await;
            assert_eq!(answer.header("date"), Some("Fri, 31 Dec 9999 23:59:59 GMT"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_clock_goes_on_by_itself_if_asked_to() {
    for (ticking, expected) in [(false, 0), (true, 5)] {
        let console = Simulator::builder().threats(3).ticking(ticking).start().await;
        let console = console.expect("a console");
        let start = console.now();
        tokio::time::advance(5 * SECOND).await;
        assert_eq!(console.now() - start, TimeDelta::seconds(expected));
        console.advance(SECOND);
        assert_eq!(console.now() - start, TimeDelta::seconds(expected + 1));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_late_comes_with_the_time() {
    let console = Simulator::builder().threats(3).ticking(true).start().await.expect("a console");
    let late = console.threats().late(60 * SECOND).add(1).expect("an added threat");
    tokio::time::advance(59 * SECOND).await;
    assert_eq!(console.threats().get(&late[0]), None);
    tokio::time::advance(SECOND).await;
    assert!(console.threats().get(&late[0]).is_some());
}

#[tokio::test]
async fn a_clock_begins_after_everything_that_the_threats_tell() {
    let console = simulator(500).await;
    let page = Client::new(&console).await.threats("limit=500").await;
    let shown = page.to_string();
    let times = shown.split('"').filter_map(|it| it.parse::<DateTime<Utc>>().ok());
    let latest = times.max().expect("times");
    assert!(latest < console.now(), "{latest}");
}

#[tokio::test]
async fn many_at_once() {
    const THREADS: usize = 8;
    const EACH: usize = 25;
    let console = simulator(10).await;
    let old = ids(&Client::new(&console).await.threats("").await);
    let play = |thread: usize| -> Vec<String> {
        let mut added = Vec::new();
        for turn in 0..EACH {
            added.extend(console.threats().add(1).expect("an added threat"));
            let patch = json!({ "turns": { (format!("{thread}")): turn } });
            console.threats().change(&old[..1], &patch).expect("a change");
        }
        added
    };
    let added: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|it| scope.spawn(move || play(it))).collect();
        threads.into_iter().flat_map(|it| it.join().expect("no panic")).collect()
    });
    let unique: BTreeSet<_> = added.iter().cloned().collect();
    assert_eq!(unique.len(), THREADS * EACH);
    assert_eq!(console.threats().len(), 10 + THREADS * EACH);
    let listed = listed(&mut Client::new(&console).await, "").await;
    assert_eq!(listed[10..].iter().cloned().collect::<BTreeSet<_>>(), unique);
    let changed = console.threats().get(&old[0]).expect("a threat");
    let turns = changed["turns"].as_object().expect("an object");
    assert!((0..THREADS).all(|it| turns[&it.to_string()] == EACH - 1), "{turns:?}");
    let versions = console.threats().versions();
    assert_eq!(versions.len(), 2 * THREADS * EACH);
    assert!(versions.iter().map(|it| it.stamped).is_sorted(), "a stamp is of before another's");
    let last = versions.iter().rfind(|it| it.id == old[0]).expect("a change");
    assert_eq!(changed["threatInfo"]["updatedAt"], text(last.stamped));
}
