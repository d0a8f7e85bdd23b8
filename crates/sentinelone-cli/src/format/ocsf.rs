//! Threats as Detection Findings of the Open Cybersecurity Schema Framework (OCSF), version 1.5.0.
//!
//! | OCSF | of a threat |
//! |--|--|
//! | `time`, `finding_info.created_time` | when it was created, or else identified |
//! | `activity_id` | close (3) if resolved, update (2) if changed since, otherwise create (1) |
//! | `severity_id` | see [`state::severity`]; the API has none |
//! | `status_id` | the incident's status; suppressed (3) for a false positive that is resolved |
//! | `confidence_id`, `verdict_id` | the level of confidence, the analyst's verdict |
//! | `device`, `resources` | the endpoint, and the container, pod or task on it |
//! | `finding_info.attacks` | techniques of MITRE that indicators name |
//! | `malware`, `evidences` | its classification, its file with hashes, its process |
//! | `raw_data` | the console's own JSON, byte for byte |
//!
//! What the console leaves out or empty is left out. A value that OCSF has no number for is 99, with
//! the console's text beside it.

mod attacks;
mod endpoint;
mod evidence;
mod state;

use chrono::{DateTime, Utc};
use sentinelone::threats::{Threat, ThreatInfo, ThreatMitigation};
use serde_json::{Value, json};

use super::{Encode, Unfit};
use crate::failure::Failure;

const VERSION: &str = "1.5.0";

pub(super) struct Ocsf;

impl Ocsf {
    pub(super) fn new(fields: &[String]) -> Result<Self, Failure> {
        if fields.is_empty() {
            return Ok(Ocsf);
        }
        let failure = Failure::usage("the fields of an OCSF finding are not to be chosen");
        Err(failure.hint("leave out --fields"))
    }
}

impl Encode for Ocsf {
    fn record(&mut self, raw: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let finding = finding(&decode(raw)?, raw)?;
        out.extend_from_slice(finding.to_string().as_bytes());
        out.push(b'\n');
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<(), Failure> {
        Ok(())
    }
}

fn decode(raw: &str) -> Result<Threat, Unfit> {
    let mut json = serde_json::Deserializer::from_str(raw);
    let threat = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        // The whole, and a place that is not known for the text is no JSON.
        let path = if path == "." || path == "?" { String::new() } else { path };
        Unfit { path, reason: error.inner().to_string() }
    })?;
    let rest = |error: serde_json::Error| Unfit { path: String::new(), reason: error.to_string() };
    json.end().map_err(rest)?;
    Ok(threat)
}

fn finding(threat: &Threat, raw: &str) -> Result<Value, Unfit> {
    let nothing = ThreatInfo::default();
    let info = threat.threat_info.as_ref().unwrap_or(&nothing);
    let id = threat.id.as_deref().or(info.threat_id.as_deref()).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| missing("id"))?;
    let time = info.created_at.or(info.identified_at);
    let time = time.ok_or_else(|| missing("threatInfo.createdAt"))?;
    let activity = state::activity(info);
    let severity = state::severity(info);
    let status = state::status(info);
    let confidence = state::confidence(info);
    let verdict = state::verdict(info);
    let detection = threat.agent_detection_info.as_ref();
    let realtime = threat.agent_realtime_info.as_ref();
    let tenant = detection.and_then(|it| it.account_id.as_deref());
    let mut finding = json!({
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "category_uid": 2,
        "category_name": "Findings",
        "type_uid": 200_400 + activity.id,
        "type_name": format!("Detection Finding: {}", activity.name),
        "activity_id": activity.id,
        "activity_name": activity.name,
        "time": time.timestamp_millis(),
        "severity_id": severity.id,
        "severity": severity.name,
        "status_id": status.id,
        "status": status.name,
        "status_detail": info.mitigation_status_description,
        "confidence_id": confidence.id,
        "confidence": confidence.name,
        "verdict_id": verdict.id,
        "verdict": verdict.name,
        "is_alert": activity != state::CLOSE,
        "message": message(threat, info),
        "metadata": {
            "version": VERSION,
            "profiles": ["incident"],
            "product": { "name": "Singularity Endpoint", "vendor_name": "SentinelOne" },
            "log_name": "threats",
            "uid": id,
            "correlation_uid": info.storyline,
            "tenant_uid": tenant.or_else(|| realtime.and_then(|it| it.account_id.as_deref())),
        },
        "finding_info": {
            "uid": id,
            "title": title(info),
            "desc": descriptions(threat),
            "types": [info.classification],
            "created_time": milliseconds(info.created_at),
            "modified_time": milliseconds(info.updated_at),
            "first_seen_time": milliseconds(info.identified_at),
            "attacks": attacks::attacks(threat.indicators.as_deref().unwrap_or_default()),
        },
        "device": endpoint::device(threat),
        "resources": endpoint::resources(threat),
        "malware": evidence::malware(info),
        "evidences": evidence::evidences(info),
        "remediation": remediation(threat.mitigation_status.as_deref().unwrap_or_default()),
        "tickets": info.external_ticket_id.as_ref().map(|id| json!([{ "uid": id }])),
    });
    let mut analytics = evidence::analytics(info).into_iter();
    if let Some(first) = analytics.next() {
        finding["finding_info"]["analytic"] = first;
        finding["finding_info"]["related_analytics"] = analytics.collect();
    }
    prune(&mut finding);
    finding["raw_data"] = raw.into();
    Ok(finding)
}

fn missing(path: &str) -> Unfit {
    Unfit { path: path.to_owned(), reason: "missing, but a finding needs it".to_owned() }
}

fn milliseconds(time: Option<DateTime<Utc>>) -> Option<i64> {
    time.map(|it| it.timestamp_millis())
}

fn title(info: &ThreatInfo) -> Option<&str> {
    filled(&info.threat_name).or_else(|| filled(&info.classification))
}

fn message(threat: &Threat, info: &ThreatInfo) -> String {
    let class = filled(&info.classification).unwrap_or("Threat");
    let name = filled(&info.threat_name).map(|it| format!(" {it}")).unwrap_or_default();
    let computer =
        threat.agent_realtime_info.as_ref().and_then(|it| filled(&it.agent_computer_name));
    let place = computer.map(|it| format!(" on {it}")).unwrap_or_default();
    format!("{class}{name}{place}")
}

/// What the indicators say, a line each.
fn descriptions(threat: &Threat) -> String {
    let indicators = threat.indicators.iter().flatten();
    indicators.filter_map(|it| filled(&it.description)).collect::<Vec<_>>().join("\n")
}

fn remediation(actions: &[ThreatMitigation]) -> Value {
    let words = actions.iter().filter_map(|it| {
        let status = it.status.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
        Some(format!("{}{status}", it.action.as_ref()?))
    });
    json!({ "desc": words.collect::<Vec<_>>().join(", ") })
}

/// A text, unless it is empty.
fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|it| !it.is_empty())
}

/// Takes out nulls, and what is empty.
fn prune(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(prune);
            members.retain(|_, member| !is_empty(member));
        }
        Value::Array(elements) => {
            elements.iter_mut().for_each(prune);
            elements.retain(|element| !is_empty(element));
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests;
