//! Tactics and techniques of MITRE ATT&CK.

use sentinelone::threats::{Indicator, Tactic, Technique};
use serde_json::{Value, json};

use super::filled;

/// The ids of the tactics, which the console does not tell.
const TACTICS: [(&str, &str); 14] = [
    ("Reconnaissance", "TA0043"),
    ("Resource Development", "TA0042"),
    ("Initial Access", "TA0001"),
    ("Execution", "TA0002"),
    ("Persistence", "TA0003"),
    ("Privilege Escalation", "TA0004"),
    ("Defense Evasion", "TA0005"),
    ("Credential Access", "TA0006"),
    ("Discovery", "TA0007"),
    ("Lateral Movement", "TA0008"),
    ("Collection", "TA0009"),
    ("Command and Control", "TA0011"),
    ("Exfiltration", "TA0010"),
    ("Impact", "TA0040"),
];

/// Each pair of tactic and technique once, in the order of the indicators. Tactics of catalogues
/// other than MITRE's have no place in OCSF.
pub(super) fn attacks(indicators: &[Indicator]) -> Vec<Value> {
    let mut attacks = Vec::new();
    let tactics = indicators.iter().flat_map(|it| it.tactics.iter().flatten());
    for tactic in tactics.filter(|it| it.source.as_deref() == Some("MITRE")) {
        let named = tactic.techniques.iter().flatten().filter(|it| filled(&it.name).is_some());
        let mut found: Vec<_> = named.map(|it| attack(tactic, Some(it))).collect();
        if found.is_empty() && filled(&tactic.name).is_some() {
            found.push(attack(tactic, None));
        }
        for attack in found {
            if !attacks.contains(&attack) {
                attacks.push(attack);
            }
        }
    }
    attacks
}

fn attack(tactic: &Tactic, technique: Option<&Technique>) -> Value {
    let tactic_id =
        TACTICS.iter().find(|(name, _)| Some(*name) == tactic.name.as_deref()).map(|it| it.1);
    let id = technique.and_then(|it| it.name.as_deref()).unwrap_or_default();
    let link = technique.and_then(|it| it.link.as_deref());
    let mut attack = json!({ "tactic": { "name": tactic.name, "uid": tactic_id } });
    match id.split_once('.') {
        Some((parent, _)) => {
            attack["technique"] = json!({ "uid": parent });
            attack["sub_technique"] = json!({ "uid": id, "src_url": link });
        }
        None if !id.is_empty() => attack["technique"] = json!({ "uid": id, "src_url": link }),
        None => {}
    }
    attack
}
