//! Made-up threats.
//!
//! A threat is a pure function of the seed and its number, so that none has to be kept. Names,
//! hosts and files are invented; which members are there, null or empty is as on a real console.

mod attacks;
mod endpoint;
mod fleet;
mod generation;
mod hidden;
mod incident;
mod random;
mod sections;

use serde_json::Value;

use self::endpoint::Endpoint;
use self::generation::Generation;
pub(crate) use self::hidden::HIDDEN;
use self::incident::Incident;
pub(crate) use self::random::Random;

/// The field that tells threats apart.
pub(crate) const IDENTITY: &str = "id";

/// The fields that are greater in a threat of a greater number.
pub(crate) const RISING: [&str; 3] = ["id", "threatInfo.threatId", "threatInfo.createdAt"];

/// The threat with that number, as it stands in the console's answer.
pub fn threat(seed: u64, number: u32) -> Value {
    shown(&Case::new(seed, number))
}

/// The threat with that number, and what the console knows of it besides, in members that begin
/// with `$`.
pub(crate) fn whole_threat(seed: u64, number: u32) -> Value {
    let case = Case::new(seed, number);
    let mut threat = shown(&case);
    for (name, value) in hidden::hidden(seed, &case) {
        threat[name] = value;
    }
    threat
}

fn shown(case: &Case) -> Value {
    let mut threat = sections::threat(case);
    case.generation.prune(&mut threat);
    threat
}

/// Everything that is decided about a threat.
struct Case {
    endpoint: Endpoint,
    incident: Incident,
    generation: Generation,
}

impl Case {
    fn new(seed: u64, number: u32) -> Case {
        let mut random = Random::new(&[seed, Stream::Threat as u64, u64::from(number)]);
        let endpoint = Endpoint::new(seed, random.below(fleet::SIZE));
        let generation = endpoint.platform.since.max(Generation::draw(&mut random));
        let incident = Incident::new(seed, number, &endpoint, &mut random);
        Case { endpoint, incident, generation }
    }
}

/// What a sequence of random numbers is for, so that no two things draw from the same one.
#[derive(Clone, Copy)]
enum Stream {
    Threat,
    Agent,
    Site,
    Sample,
    Tag,
}

/// An object of those members.
macro_rules! object {
    ($($name:literal: $value:expr),* $(,)?) => {
        serde_json::Value::Object(serde_json::Map::from_iter([$((String::from($name), serde_json::Value::from($value))),*]))
    };
}
use object;

/// Texts as an array.
fn texts<T: Into<Value> + Clone>(texts: &[T]) -> Value {
    Value::Array(texts.iter().cloned().map(Into::into).collect())
}

/// Microseconds since 1970 as the console writes them.
fn micros(time: i64) -> String {
    chrono::DateTime::from_timestamp_micros(time)
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// An id as the console gives them out: the time in milliseconds, then random bits.
fn id(time: i64, random: &mut Random) -> String {
    const FIRST_MILLISECOND: i64 = 1_483_228_800_000;
    let milliseconds = (time / 1_000 - FIRST_MILLISECOND).unsigned_abs();
    (milliseconds << 23 | random.below(1 << 23)).to_string()
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

#[cfg(test)]
mod tests;
