//! A step of a playbook: which threats somebody has to take up now.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use sentinelone::threats::{AnalystVerdict, GetThreatsQuery, IncidentStatus, Threat};
use sentinelone::{Client, Error, Malformed};

/// What the person on call is told.
#[derive(Debug, Default)]
pub struct Escalation {
    /// The ids of the confirmed threats that nobody has taken up, the oldest first.
    pub threats: Vec<String>,
    /// How many of them each site has.
    pub sites: BTreeMap<String, usize>,
    /// Threats that this program cannot read, so that somebody has to.
    pub unread: Vec<Malformed>,
}

/// Asks the console for everything that is confirmed and that nobody has taken up.
///
/// # Errors
///
/// If the console cannot be asked, or does not answer for longer than the client waits.
pub async fn escalate(client: &Client) -> Result<Escalation, Error> {
    let query = GetThreatsQuery::new()
        .analyst_verdicts([AnalystVerdict::TruePositive])
        .incident_statuses([IncidentStatus::Unresolved]);
    let mut escalation = Escalation::default();
    let mut threats = client.get_threats_stream(&query);
    while let Some(record) = threats.try_next().await? {
        match record.decode() {
            Ok(threat) => escalation.add(threat),
            Err(malformed) => escalation.unread.push(malformed),
        }
    }
    Ok(escalation)
}

impl Escalation {
    fn add(&mut self, threat: Threat) {
        let agent = threat.agent_realtime_info.unwrap_or_default();
        let site = agent.site_name.unwrap_or_else(|| "unknown".to_owned());
        *self.sites.entry(site).or_default() += 1;
        self.threats.extend(threat.id);
    }
}
