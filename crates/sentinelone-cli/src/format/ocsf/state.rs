//! Where a threat stands, in numbers of OCSF.

use std::borrow::Cow;

use sentinelone::threats::{
    AnalystVerdict, ConfidenceLevel, IncidentStatus, MitigationStatus, ThreatInfo,
};

/// A number of an enum of OCSF, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Coded {
    pub(super) id: u32,
    pub(super) name: Cow<'static, str>,
}

impl Coded {
    pub(super) const fn new(id: u32, name: &'static str) -> Self {
        Coded { id, name: Cow::Borrowed(name) }
    }

    /// What OCSF has no number for.
    pub(super) fn other(text: &str) -> Self {
        if text.is_empty() {
            return UNKNOWN;
        }
        Coded { id: 99, name: Cow::Owned(text.to_owned()) }
    }
}

pub(super) const UNKNOWN: Coded = Coded::new(0, "Unknown");

pub(super) const CLOSE: Coded = Coded::new(3, "Close");

/// What happened last: the finding was closed, changed or made.
pub(super) fn activity(info: &ThreatInfo) -> Coded {
    if info.incident_status == Some(IncidentStatus::Resolved) {
        CLOSE
    } else if info.updated_at > info.created_at {
        Coded::new(2, "Update")
    } else {
        Coded::new(1, "Create")
    }
}

/// How bad it is, which the API does not say. What is found to be no threat is informational. What
/// an analyst confirms, or the detection is sure of, is high, and critical if it is both and not
/// resolved. What one of them suspects is medium. The rest is unknown.
pub(super) fn severity(info: &ThreatInfo) -> Coded {
    let verdict = info.analyst_verdict.as_ref();
    let confidence = info.confidence_level.as_ref();
    let is_benign = verdict == Some(&AnalystVerdict::FalsePositive)
        || info.mitigation_status == Some(MitigationStatus::MarkedAsBenign);
    let is_confirmed = verdict == Some(&AnalystVerdict::TruePositive);
    let is_sure = confidence == Some(&ConfidenceLevel::Malicious);
    let is_suspected = verdict == Some(&AnalystVerdict::Suspicious)
        || confidence == Some(&ConfidenceLevel::Suspicious);
    let is_resolved = info.incident_status == Some(IncidentStatus::Resolved);
    if is_benign {
        Coded::new(1, "Informational")
    } else if is_confirmed && is_sure && !is_resolved {
        Coded::new(5, "Critical")
    } else if is_confirmed || is_sure {
        Coded::new(4, "High")
    } else if is_suspected {
        Coded::new(3, "Medium")
    } else {
        UNKNOWN
    }
}

pub(super) fn status(info: &ThreatInfo) -> Coded {
    let is_benign = info.analyst_verdict == Some(AnalystVerdict::FalsePositive);
    match &info.incident_status {
        None => UNKNOWN,
        Some(IncidentStatus::Unresolved) => Coded::new(1, "New"),
        Some(IncidentStatus::InProgress) => Coded::new(2, "In Progress"),
        Some(IncidentStatus::Resolved) if is_benign => Coded::new(3, "Suppressed"),
        Some(IncidentStatus::Resolved) => Coded::new(4, "Resolved"),
        Some(other) => Coded::other(other.as_str()),
    }
}

pub(super) fn confidence(info: &ThreatInfo) -> Coded {
    match &info.confidence_level {
        None | Some(ConfidenceLevel::NotAvailable) => UNKNOWN,
        Some(ConfidenceLevel::Suspicious) => Coded::new(2, "Medium"),
        Some(ConfidenceLevel::Malicious) => Coded::new(3, "High"),
        Some(other) => Coded::other(other.as_str()),
    }
}

pub(super) fn verdict(info: &ThreatInfo) -> Coded {
    match &info.analyst_verdict {
        None | Some(AnalystVerdict::Undefined) => UNKNOWN,
        Some(AnalystVerdict::FalsePositive) => Coded::new(1, "False Positive"),
        Some(AnalystVerdict::TruePositive) => Coded::new(2, "True Positive"),
        Some(AnalystVerdict::Suspicious) => Coded::new(4, "Suspicious"),
        Some(other) => Coded::other(other.as_str()),
    }
}
