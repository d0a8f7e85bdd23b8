//! The SDK against a simulated console that breaks on demand.

use futures_util::TryStreamExt;
use sentinelone::agents::{AgentActionBody, AgentFilter, CountAgentsQuery, GetAgentsQuery, OsType};
use sentinelone::operation::Location;
use sentinelone::sites::GetSitesQuery;
use sentinelone::threats::{
    AnalystVerdict, GetThreatsQuery, IncidentStatus, MitigateThreatsBody, MitigationRequestAction,
    ThreatAnalystVerdictData, ThreatExternalTicketData, ThreatFilter, ThreatIncidentData,
    UpdateThreatAnalystVerdictBody, UpdateThreatExternalTicketIdBody, UpdateThreatIncidentBody,
};
use sentinelone::{Call, Client, Error, ErrorKind};
use sentinelone_sim::{Fault, Faults, Simulator};
use sentinelone_tests::TestClock;
use widgets::actions::{Action, ActionBody, ActionData, WidgetFilter};
use widgets::widgets::{Color, GetWidgetsQuery};

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
        for parameter in operation.parameters.iter().filter(|it| it.location == Location::Path) {
            call = call.argument(parameter.name, "1234567890123456789").expect("an id");
        }
        let pages = client.call_pages::<serde_json::Value>(call).expect("a list");
        let pages: Vec<_> = pages.try_collect().await.unwrap_or_else(|it| panic!("{it}"));
        let lengths: Vec<_> = pages.iter().map(|page| page.records().len()).collect();
        assert_eq!(lengths, [10, 10, 5], "{}", operation.id);
        lists += 1;
    }
    assert!(lists >= 9, "{lists}");
}

/// The typed side of a list that is laid out like no other: its items stand two members deep.
#[tokio::test]
async fn sites_are_typed() {
    let simulator = Simulator::builder().threats(40).seed(7).token(TOKEN);
    let simulator = simulator.start().await.expect("a console");
    let client = Client::builder().url(simulator.url()).token(TOKEN).clock(TestClock::start());
    let client = client.build().expect("a client");
    let query = GetSitesQuery::new().limit(7).states(["active"]);
    let mut sites = client.get_sites_stream(&query);
    let mut active = 0;
    while let Some(site) = sites.try_next().await.expect("a site") {
        let site = site.decode().unwrap_or_else(|malformed| panic!("{malformed}"));
        assert!(site.id.is_some());
        assert_eq!(site.state.as_ref().map(|state| state.as_str()), Some("active"));
        active += 1;
    }
    assert!((1..40).contains(&active), "{active}");
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
        (r#"{"filter":[],"data":{"reason":"x"}}"#, "filter: Invalid input type."),
        (r#"{"filter":{"colors":["pink"]},"data":{"reason":"x"}}"#, "\"pink\" is not a valid"),
        (r#"{"filter":{"unheard":1},"data":{"reason":"x"}}"#, "dict_values(['unheard']): Unknown"),
    ] {
        let url = format!("{}/web/api/v2.1/widgets/actions/paint", simulator.url());
        let request = http.post(url).header("authorization", format!("ApiToken {TOKEN}"));
        let answer = request.body(body).send().await.expect("an answer");
        assert_eq!(answer.status(), 400, "{body}");
        let text = answer.text().await.expect("a body").replace("\\\"", "\"");
        assert!(text.contains(expect), "{body}: {text}");
    }
}

#[tokio::test]
async fn agents_are_counted_as_they_are_listed() {
    let simulator = Simulator::builder().threats(80).seed(7).token(TOKEN);
    let simulator = simulator.start().await.expect("a console");
    let client = Client::builder().url(simulator.url()).token(TOKEN).clock(TestClock::start());
    let client = client.build().expect("a client");
    let listed = client.get_agents_stream(&GetAgentsQuery::new().os_types([OsType::Linux]));
    let listed: Vec<_> = listed.try_collect().await.expect("all agents");
    let query = CountAgentsQuery::new().os_types([OsType::Linux]);
    let counted = client.count_agents(&query).await.expect("a count").into_body();
    let total = counted.data.and_then(|data| data.total);
    assert_eq!(total, i64::try_from(listed.len()).ok());
    assert!((1..80).contains(&listed.len()), "{}", listed.len());
}

/// A verdict that is set through the API shows in the list, and moves the time of the update.
#[tokio::test]
async fn actions_on_threats_and_agents_show() {
    let simulator = Simulator::builder().threats(60).seed(7).token(TOKEN);
    let simulator = simulator.start().await.expect("a console");
    let client = Client::builder().url(simulator.url()).token(TOKEN).clock(TestClock::start());
    let client = client.build().expect("a client");
    let id = sentinelone_sim::threat(7, 3)["id"].as_str().expect("an id").to_owned();
    let filter = || ThreatFilter::new().ids([id.clone()]);
    let info = || {
        let threat = simulator.threats().get(&id).expect("a threat");
        threat["threatInfo"].clone()
    };
    let now = simulator.now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);

    let verdict = ThreatAnalystVerdictData::new(AnalystVerdict::Suspicious);
    let body = UpdateThreatAnalystVerdictBody::new(filter(), verdict);
    let answer = client.update_threat_analyst_verdict(&body).await.expect("an answer");
    assert_eq!(answer.into_body().data.and_then(|data| data.affected), Some(1));
    assert_eq!(
        (&info()["analystVerdict"], &info()["updatedAt"]),
        (&"suspicious".into(), &now.as_str().into())
    );
    assert_eq!(info()["analystVerdictDescription"], "Suspicious");

    let incident = ThreatIncidentData::new(IncidentStatus::Resolved);
    let body = UpdateThreatIncidentBody::new(filter(), incident);
    client.update_threat_incident(&body).await.expect("an answer");
    let ticket = ThreatExternalTicketData::new("INC-7");
    let body = UpdateThreatExternalTicketIdBody::new(filter(), ticket);
    client.update_threat_external_ticket_id(&body).await.expect("an answer");
    let body = MitigateThreatsBody::new(filter());
    client.mitigate_threats(&MitigationRequestAction::Kill, &body).await.expect("an answer");
    for (name, expect) in [
        ("analystVerdict", "suspicious"),
        ("incidentStatus", "resolved"),
        ("externalTicketId", "INC-7"),
        ("mitigationStatus", "mitigated"),
    ] {
        assert_eq!(info()[name], expect, "{name}");
    }
    let wrong = UpdateThreatIncidentBody::new(
        ThreatFilter::new().ids(["1000000000000000000"]),
        ThreatIncidentData::new(IncidentStatus::Resolved),
    );
    let answer = client.update_threat_incident(&wrong).await.expect("an answer");
    assert_eq!(answer.into_body().data.and_then(|data| data.affected), Some(0));

    let linux = || AgentFilter::new().os_types([OsType::Linux]);
    client.disconnect_agents(&AgentActionBody::new(linux())).await.expect("an answer");
    let mut agents = client.get_agents_stream(&GetAgentsQuery::new().os_types([OsType::Linux]));
    let mut count = 0;
    while let Some(agent) = agents.try_next().await.expect("an agent") {
        let agent = agent.decode().expect("an agent");
        assert_eq!(agent.network_status.as_ref().map(|it| it.as_str()), Some("disconnected"));
        count += 1;
    }
    let answer = client.connect_agents(&AgentActionBody::new(linux())).await.expect("an answer");
    assert_eq!(answer.into_body().data.and_then(|data| data.affected), Some(count));
    assert!(count > 0);
}
