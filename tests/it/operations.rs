//! Every operation of the spec by its method, against a simulated console.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use futures_util::TryStreamExt;
use sentinelone::accounts::GetAccountsQuery;
use sentinelone::activities::GetActivitiesQuery;
use sentinelone::agents::{AgentActionBody, AgentFilter, CountAgentsQuery, GetAgentsQuery, OsType};
use sentinelone::groups::GetGroupsQuery;
use sentinelone::operation::Operation;
use sentinelone::sites::GetSitesQuery;
use sentinelone::threat_notes::{
    AddThreatNotesBody, GetThreatNotesQuery, ThreatNote, ThreatNoteText, UpdateThreatNoteBody,
};
use sentinelone::threats::{
    AddThreatsToBlocklistBody, AnalystVerdict, BlocklistData, BlocklistScope, ExportThreatsQuery,
    FetchThreatFileBody, FetchThreatFileData, GetThreatEventsQuery, GetThreatTimelineQuery,
    GetThreatsQuery, IncidentStatus, MitigateThreatsBody, MitigationRequestAction,
    ThreatAnalystVerdictData, ThreatExternalTicketData, ThreatFilter, ThreatIncidentData,
    UpdateThreatAnalystVerdictBody, UpdateThreatExternalTicketIdBody, UpdateThreatIncidentBody,
};
use sentinelone::{Call, Client, Download, ErrorKind, OPERATIONS, Record, Records};
use sentinelone_sim::Simulator;
use sentinelone_tests::{TestClock, sample};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::TOKEN;

const THREATS: u32 = 120;

#[tokio::test]
async fn every_operation_is_answered() {
    let answered = Arc::new(Mutex::new(BTreeSet::new()));
    let noted = Arc::clone(&answered);
    let console = Simulator::builder().threats(THREATS).seed(7).token(TOKEN);
    let console = console.start().await.expect("a console");
    let client = Client::builder().url(console.url()).token(TOKEN).clock(TestClock::start());
    let client = client.on_attempt(move |attempt| {
        if attempt.error.is_none() {
            noted.lock().expect("no panic").insert(attempt.operation.id);
        }
    });
    let client = client.build().expect("a client");
    let tried = Tried { console, client };

    tried.scopes().await;
    tried.system().await;
    tried.activities().await;
    tried.agents().await;
    tried.details_of_threats().await;
    tried.actions_on_threats().await;
    tried.notes().await;
    tried.files().await;

    // Those of the spec, and a file by its own URL.
    let known = answered.lock().expect("no panic").clone();
    assert!(29 <= known.len(), "{known:?}");
    for operation in OPERATIONS {
        tried.any(operation).await;
    }
}

struct Tried {
    console: Simulator,
    client: Client,
}

impl Tried {
    /// Any operation is answered, such as one that has just been added to the spec and has no test of
    /// its own.
    async fn any(&self, operation: &'static Operation) {
        let mut call = Call::new(operation);
        for parameter in operation.parameters.iter().filter(|it| it.required) {
            let owners = parameter.identifies.and_then(|it| self.console.items(it));
            let value = owners.map_or_else(|| sample::argument(parameter), |it| it.ids().remove(0));
            call = call.argument(parameter.name, &value).expect("a value that it takes");
        }
        if let Some(body) = operation.body.filter(|body| body.required) {
            call = call.json(&sample::body(body.content)).for_everything();
        }
        let answer = match (&operation.pagination, operation.download) {
            (Some(_), _) => {
                let pages = self.client.call_pages::<Value>(call).expect("a list");
                pages.try_collect::<Vec<_>>().await.map(|_| ())
            }
            (None, Some(_)) => self.client.call_download(&call).await.map(|_| ()),
            (None, None) => self.client.call(&call).await.map(|_| ()),
        };
        // What a path names by anything but an `x-identifies` of a list may not be there.
        let is_answered = answer.as_ref().err().is_none_or(sentinelone::Error::is_not_found);
        assert!(is_answered, "{}: {answer:?}", operation.id);
    }

    /// Lists whose items stand in other places than those of threats.
    async fn scopes(&self) {
        let query = GetSitesQuery::new().limit(7).states(["active"]);
        let sites = all(self.client.get_sites_stream(&query)).await;
        for site in &sites {
            let site = site.decode().expect("a site");
            assert!(site.id.is_some());
            assert_eq!(site.state.as_ref().map(|it| it.as_str()), Some("active"));
        }
        assert!((1..THREATS as usize).contains(&sites.len()), "{}", sites.len());
        let accounts = all(self.client.get_accounts_stream(&GetAccountsQuery::new())).await;
        assert_eq!(accounts.len(), THREATS as usize);
        let account = accounts[3].decode().expect("an account");
        let query = GetAccountsQuery::new().ids(account.id.clone());
        let named = all(self.client.get_accounts_stream(&query)).await;
        assert_eq!(named.len(), 1);
        let groups = all(self.client.get_groups_stream(&GetGroupsQuery::new().limit(50))).await;
        assert_eq!(groups.len(), THREATS as usize);
    }

    async fn system(&self) {
        let info = self.client.get_system_info().await.expect("an answer").into_body();
        let info = info.data.expect("data");
        assert!(info.version.is_some() && info.latest_agent_version.is_some(), "{info:?}");
        let status = self.client.get_system_status().await.expect("an answer").into_body();
        assert_eq!(status.data.and_then(|it| it.health).as_deref(), Some("ok"));
    }

    async fn activities(&self) {
        let query = GetActivitiesQuery::new().limit(100);
        assert_eq!(all(self.client.get_activities_stream(&query)).await.len(), THREATS as usize);
        let types = self.client.get_activity_types().await.expect("an answer").into_body();
        let ids: Vec<_> = types.data.into_iter().flatten().map(|it| it.id).collect();
        assert_eq!(ids, [Some(19), Some(80), Some(86)]);
    }

    async fn agents(&self) {
        let linux = || AgentFilter::new().os_types([OsType::Linux]);
        let listed = || async {
            let query = GetAgentsQuery::new().os_types([OsType::Linux]);
            let agents = all(self.client.get_agents_stream(&query)).await;
            agents.iter().map(|it| it.decode().expect("an agent").clone()).collect::<Vec<_>>()
        };
        let count = i64::try_from(listed().await.len()).expect("a few");
        assert!((1..i64::from(THREATS)).contains(&count), "{count}");
        let query = CountAgentsQuery::new().os_types([OsType::Linux]);
        let counted = self.client.count_agents(&query).await.expect("an answer").into_body();
        assert_eq!(counted.data.and_then(|it| it.total), Some(count));

        let body = AgentActionBody::new(linux());
        let statuses = || async {
            let agents = listed().await.into_iter();
            agents.map(|it| it.network_status.map(|it| it.to_string())).collect::<BTreeSet<_>>()
        };
        self.client.disconnect_agents(&body).await.expect("an answer");
        assert_eq!(statuses().await, BTreeSet::from([Some("disconnected".to_owned())]));
        let answer = self.client.connect_agents(&body).await.expect("an answer").into_body();
        assert_eq!(answer.data.and_then(|it| it.affected), Some(count));
        assert_eq!(statuses().await, BTreeSet::from([Some("connected".to_owned())]));
        self.client.scan_agents(&body).await.expect("an answer");
        for agent in listed().await {
            assert_eq!(agent.scan_status.map(|it| it.to_string()).as_deref(), Some("started"));
        }
    }

    /// What belongs to one threat is not what belongs to another.
    async fn details_of_threats(&self) {
        let ids = self.console.threats().ids();
        let mut timelines = Vec::new();
        for id in &ids[..2] {
            let query = GetThreatTimelineQuery::new().limit(40);
            let entries = all(self.client.get_threat_timeline_stream(id, &query)).await;
            assert!(40 < entries.len(), "{}", entries.len());
            for entry in &entries {
                let entry = entry.decode().expect("an entry");
                assert_eq!(entry.threat_id.as_ref(), Some(id));
            }
            timelines.push(texts(&entries));
        }
        assert_ne!(timelines[0], timelines[1]);
        let query = GetThreatEventsQuery::new().limit(1000);
        let page = self.client.get_threat_events(&ids[0], &query).await.expect("a page");
        assert!(page.records().iter().all(|it| it.decode().is_ok()));
        assert!(40 < page.records().len());

        let nobody = "1000000000000000000";
        let query = GetThreatTimelineQuery::new();
        let error = self.client.get_threat_timeline(nobody, &query).await.expect_err("none");
        assert_eq!(error.status().map(|it| it.as_u16()), Some(404), "{error}");
    }

    async fn actions_on_threats(&self) {
        let client = &self.client;
        let id = &self.console.threats().ids()[3];
        let filter = || ThreatFilter::new().ids([id.clone()]);
        let info = || self.console.threats().get(id).expect("a threat")["threatInfo"].clone();
        let now = self.console.now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);

        let verdict = ThreatAnalystVerdictData::new(AnalystVerdict::Suspicious);
        let body = UpdateThreatAnalystVerdictBody::new(filter(), verdict);
        let answer = client.update_threat_analyst_verdict(&body).await.expect("an answer");
        assert_eq!(answer.into_body().data.and_then(|it| it.affected), Some(1));
        assert_eq!(info()["updatedAt"], now.as_str());
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
        let mut data = BlocklistData::new(BlocklistScope::Site);
        data.external_ticket_id = Some("INC-8".to_owned());
        let body = AddThreatsToBlocklistBody::new(filter(), data);
        client.add_threats_to_blocklist(&body).await.expect("an answer");
        assert_eq!(info()["externalTicketId"], "INC-8");
        let body = FetchThreatFileBody::new(filter(), FetchThreatFileData::new("a-password-1A!"));
        let answer = client.fetch_threat_file(&body).await.expect("an answer");
        assert_eq!(answer.into_body().data.and_then(|it| it.affected), Some(1));

        let nobody = ThreatFilter::new().ids(["1000000000000000000"]);
        let incident = ThreatIncidentData::new(IncidentStatus::Resolved);
        let body = UpdateThreatIncidentBody::new(nobody, incident);
        let answer = client.update_threat_incident(&body).await.expect("an answer");
        assert_eq!(answer.into_body().data.and_then(|it| it.affected), Some(0));
    }

    /// Notes are added, changed and deleted, and the filter by them knows at once.
    async fn notes(&self) {
        let client = &self.client;
        let with_notes = |exists| async move {
            let query = GetThreatsQuery::new().note_exists(exists).limit(1000);
            let threats = all(client.get_threats_stream(&query)).await;
            let ids = threats.iter().map(|it| it.decode().expect("a threat").id.clone());
            ids.map(|id| id.expect("an id")).collect::<Vec<_>>()
        };
        let notes = |id: String| async move {
            let query = GetThreatNotesQuery::new();
            let notes = all(client.get_threat_notes_stream(&id, &query)).await;
            notes.iter().map(|it| it.decode().expect("a note").clone()).collect::<Vec<ThreatNote>>()
        };
        let (without, with) = (with_notes(false).await, with_notes(true).await);
        assert!(!without.is_empty() && !with.is_empty());
        assert!(!notes(with[0].clone()).await.is_empty());
        let [first, second, third, ..] = &without[..] else { panic!("{}", without.len()) };
        assert_eq!(notes(first.clone()).await, []);

        let filter = ThreatFilter::new().ids([first, second]);
        let body = AddThreatNotesBody::new(filter, ThreatNoteText::new("Asked the user."));
        for _ in 0..2 {
            let answer = client.add_threat_notes(&body).await.expect("an answer").into_body();
            assert_eq!(answer.data.and_then(|it| it.affected), Some(2));
        }
        assert_eq!(notes(third.clone()).await, []);
        let added = notes(first.clone()).await;
        let texts: Vec<_> = added.iter().map(|it| it.text.as_deref()).collect();
        assert_eq!(texts, [Some("Asked the user."); 2]);
        assert!(with_notes(true).await.contains(first));

        let note = added[1].id.as_deref().expect("an id");
        let body = UpdateThreatNoteBody::new(ThreatNoteText::new("It was an attachment."));
        let answer = client.update_threat_note(first, note, &body).await.expect("an answer");
        let answered = answer.into_body().data.expect("a note");
        assert_eq!((answered.id.as_deref(), answered.edited), (Some(note), Some(true)));
        assert_eq!(notes(first.clone()).await, [added[0].clone(), answered]);
        // It is a note of this threat and of no other.
        let error = client.update_threat_note(second, note, &body).await.expect_err("none");
        assert_eq!(error.status().map(|it| it.as_u16()), Some(404));

        for note in added.iter().filter_map(|it| it.id.as_deref()) {
            let answer = client.delete_threat_note(first, note).await.expect("an answer");
            assert_eq!(answer.into_body().data.and_then(|it| it.success), Some(true));
            let again = client.delete_threat_note(first, note).await.expect_err("it is gone");
            assert_eq!(again.status().map(|it| it.as_u16()), Some(404));
        }
        assert_eq!(notes(first.clone()).await, []);
        let with = with_notes(true).await;
        assert!(!with.contains(first) && with.contains(second));
    }

    async fn files(&self) {
        let client = &self.client;
        let query = ExportThreatsQuery::new().analyst_verdicts([AnalystVerdict::Suspicious]);
        let export = client.export_threats(&query).await.expect("an answer");
        assert_eq!(export.content_type(), Some("text/csv"));
        let rows = rows(export).await;
        let query = GetThreatsQuery::new().analyst_verdicts([AnalystVerdict::Suspicious]);
        let threats = all(client.get_threats_stream(&query.limit(1000))).await;
        let name = |it: Value| it["threatInfo"]["threatName"].as_str().unwrap_or("").to_owned();
        let expected: Vec<_> = threats.iter().map(parsed).map(name).collect();
        let names: Vec<_> = rows.iter().map(|it| it["threatInfo.threatName"].clone()).collect();
        assert_eq!(names, expected);
        assert!(!names.is_empty());

        let all = all(client.get_threats_stream(&GetThreatsQuery::new().limit(1000))).await;
        let all: Vec<_> = all.iter().map(parsed).collect();
        let mut actions = all.iter().flat_map(|it| it["mitigationStatus"].as_array()).flatten();
        let action = actions.find(|it| it["reportId"].is_string()).expect("an action");
        let report = action["reportId"].as_str().expect("an id");
        let table = client.export_mitigation_report(report).await.expect("an answer");
        let rows = self::rows(table).await;
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!(
            (&json!(row["reportId"]), &json!(row["action"])),
            (&action["reportId"], &action["action"])
        );
        let error = client.export_mitigation_report("1000000000000000000").await;
        assert_eq!(error.expect_err("none").kind(), ErrorKind::Status);

        let id = &self.console.threats().ids()[0];
        let answer = client.get_threat_download(id).await.expect("an answer").into_body();
        let url = answer.data.and_then(|it| it.download_url).expect("a URL");
        assert!(url.starts_with("http://localhost:"), "{url}");
        let mut archive = Vec::new();
        let file = client.download(&url).await.expect("a file");
        assert_eq!(file.content_type(), Some("application/zip"));
        file.write_to(&mut archive).await.expect("all bytes");
        assert!(archive.starts_with(b"PK"));
        let error = client.download(&format!("{url}0")).await.expect_err("a wrong signature");
        assert_eq!(error.status().map(|it| it.as_u16()), Some(401));
        let error = client.get_threat_download("1000000000000000000").await.expect_err("none");
        assert_eq!(error.status().map(|it| it.as_u16()), Some(404));
    }
}

async fn all<T: DeserializeOwned + 'static>(stream: Records<T>) -> Vec<Record<T>> {
    stream.try_collect().await.unwrap_or_else(|error| panic!("{error}"))
}

fn texts<T>(records: &[Record<T>]) -> Vec<String> {
    records.iter().map(|record| record.raw().to_string()).collect()
}

fn parsed<T>(record: &Record<T>) -> Value {
    serde_json::from_str(record.raw()).expect("JSON")
}

/// The rows of a table, by the names of its columns.
async fn rows(table: Download) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut bytes = Vec::new();
    table.write_to(&mut bytes).await.expect("all bytes");
    let mut reader = csv::Reader::from_reader(&bytes[..]);
    reader.deserialize().map(|row| row.expect("a row")).collect()
}
