//! What the console knows of a threat and filters by, but does not answer with.

use serde_json::Value;

use super::fleet::Family;
use super::{Case, Random, Stream, object, texts};

/// The names of these attributes.
pub(crate) const HIDDEN: [&str; 3] = ["$agentTags", "$notes", "$osArch"];

pub(super) fn hidden(seed: u64, case: &Case) -> [(&'static str, Value); 3] {
    let Case { endpoint, incident, .. } = case;
    let agent = endpoint.id.parse().unwrap_or_default();
    let mut random = Random::new(&[seed, Stream::Tag as u64, agent]);
    let architecture = match endpoint.platform.family {
        Family::MacOs if random.percent(60) => "ARM64",
        Family::Windows if random.percent(10) => "32 bit",
        _ => "64 bit",
    };
    let notes: &[&str] = match incident.outcome.verdict {
        "undefined" => &[],
        _ => &["Reviewed by an analyst."],
    };
    let [tags_name, notes_name, architecture_name] = HIDDEN;
    [
        (tags_name, tags(&mut random)),
        (notes_name, texts(notes)),
        (architecture_name, architecture.into()),
    ]
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
