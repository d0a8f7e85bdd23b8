//! What the console knows of a threat and filters by, but does not answer with.

use serde_json::Value;

use super::fleet::Family;
use super::{Case, Random, Stream, object, texts};

/// The names of these attributes.
pub(crate) const HIDDEN: [&str; 3] = ["$agentTags", "$ThreatNote", "$osArch"];

/// What has just been found has no notes yet.
pub(super) fn hidden(seed: u64, case: &Case, is_new: bool) -> [(&'static str, Value); 3] {
    let Case { endpoint, incident, .. } = case;
    let agent = endpoint.id.parse().unwrap_or_default();
    let mut random = Random::new(&[seed, Stream::Tag as u64, agent]);
    let architecture = match endpoint.platform.family {
        Family::MacOs if random.percent(60) => "ARM64",
        Family::Windows if random.percent(10) => "32 bit",
        _ => "64 bit",
    };
    let notes = match incident.outcome.verdict {
        _ if is_new => Value::Array(Vec::new()),
        "undefined" => Value::Array(Vec::new()),
        _ => notes(&mut Random::new(&[seed, Stream::Note as u64, incident.place])),
    };
    let [tags_name, notes_name, architecture_name] = HIDDEN;
    [(tags_name, tags(&mut random)), (notes_name, notes), (architecture_name, architecture.into())]
}

/// What is known of each note.
fn notes(random: &mut Random) -> Value {
    const TEXTS: [&str; 5] = [
        "Reviewed by an analyst.",
        "The user was asked about it.",
        "Seen on other endpoints, too.",
        "The owner of the machine confirmed it.",
        "Nothing else to do.",
    ];
    let count = 1 + random.below(4);
    (0..count).map(|_| object! { "text": random.pick(&TEXTS) }).collect()
}

/// The values of each key.
fn tags(random: &mut Random) -> Value {
    if random.percent(40) {
        return object! {};
    }
    let department = random.pick(&["engineering", "finance", "legal", "sales"]);
    let stage: &[&str] =
        random.pick(&[["production"].as_slice(), &["test"], &["production", "test"]]);
    object! { "department": texts(&[department]), "stage": texts(stage) }
}
