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

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use self::endpoint::Endpoint;
use self::generation::Generation;
use self::hidden::HIDDEN;
use self::incident::Incident;
pub(crate) use self::incident::{end, start};
pub(crate) use self::random::Random;
use crate::clock::Micros;
use crate::source::{Source, Wanted};

/// The schema that says how a threat looks.
pub(crate) const SCHEMA: &str = "Threat";

/// The threat with that number, as it stands in the console's answer.
pub fn threat(seed: u64, number: u32) -> Value {
    sections::threat(&Case::new(seed, number, None), Wanted::All)
}

/// A supply of threats without end, of which so many are there from the start.
pub(crate) struct Threats {
    seed: u64,
    count: u32,
    /// The endpoints that threats have been found on so far.
    fleet: Vec<OnceLock<Arc<Endpoint>>>,
}

/// The fields that are greater in a threat of a greater number.
pub(crate) const RISING: [&str; 3] = ["id", "threatInfo.threatId", "threatInfo.createdAt"];

impl Threats {
    pub(crate) fn new(seed: u64, count: u32) -> Threats {
        Threats { seed, count, fleet: vec![OnceLock::new(); fleet::SIZE as usize] }
    }
}

impl Source for Threats {
    fn len(&self) -> u32 {
        self.count
    }

    fn item(&self, number: u32, born: Option<Micros>, wanted: Wanted<'_>) -> Value {
        let case = Case::on(self.seed, number, born, |endpoint| {
            let make = || Arc::new(Endpoint::new(self.seed, endpoint));
            Arc::clone(self.fleet[endpoint as usize].get_or_init(make))
        });
        let mut threat = sections::threat(&case, wanted);
        if HIDDEN.iter().any(|name| wanted.includes(name)) {
            for (name, value) in hidden::hidden(self.seed, &case, born.is_some()) {
                threat[name] = value;
            }
        }
        threat
    }

    fn identity(&self) -> &'static str {
        "id"
    }

    fn updated(&self) -> Option<&'static str> {
        Some("threatInfo.updatedAt")
    }

    fn rising(&self) -> &[&'static str] {
        &RISING
    }

    fn has(&self, field: &str) -> bool {
        !field.starts_with('$') || HIDDEN.contains(&field)
    }

    fn settle(&self, threat: &mut Value) {
        sections::settle(threat);
    }

    fn end(&self) -> Micros {
        end(self.count)
    }
}

/// Everything that is decided about a threat.
struct Case {
    endpoint: Arc<Endpoint>,
    incident: Incident,
    generation: Generation,
}

impl Case {
    /// A threat that is found at that time, or long ago.
    fn new(seed: u64, number: u32, found: Option<Micros>) -> Case {
        Case::on(seed, number, found, |endpoint| Arc::new(Endpoint::new(seed, endpoint)))
    }

    /// The same on an endpoint of the fleet, which is looked up by its number.
    fn on(
        seed: u64,
        number: u32,
        found: Option<Micros>,
        endpoint: impl FnOnce(u64) -> Arc<Endpoint>,
    ) -> Case {
        let mut random = Random::new(&[seed, Stream::Threat as u64, u64::from(number)]);
        let endpoint = endpoint(random.below(fleet::SIZE));
        let generation = endpoint.platform.since.max(Generation::draw(&mut random));
        let incident = Incident::new(seed, number, found, &endpoint, &mut random);
        Case { endpoint, incident, generation }
    }
}

/// What a sequence of random numbers is for, so that no two things draw from the same one.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Threat,
    Agent,
    Site,
    Sample,
    Tag,
    Invented,
    Belonging,
    Note,
    Signature,
}

/// An object of those members, or of those of them that are wanted.
macro_rules! object {
    ($wanted:ident: $($name:literal: $value:expr),* $(,)?) => {{
        let mut members = serde_json::Map::new();
        $(if $wanted.includes($name) {
            members.insert(String::from($name), serde_json::Value::from($value));
        })*
        serde_json::Value::Object(members)
    }};
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
pub(crate) fn micros(time: Micros) -> String {
    chrono::DateTime::from_timestamp_micros(time)
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// An id as the console gives them out: the time in milliseconds, then random bits.
pub(crate) fn id(time: Micros, random: &mut Random) -> String {
    let milliseconds = (time / 1_000 - FIRST_MILLISECOND).unsigned_abs();
    (milliseconds << 23 | random.below(1 << 23)).to_string()
}

/// When the item with that id was made.
pub(crate) fn time_of(id: &str) -> Option<Micros> {
    let milliseconds = i64::try_from(id.parse::<u64>().ok()? >> 23).ok()?;
    Some((FIRST_MILLISECOND + milliseconds) * 1_000)
}

/// Where ids begin to count.
const FIRST_MILLISECOND: i64 = 1_483_228_800_000;

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const DAY: i64 = 86_400 * SECOND;

#[cfg(test)]
mod tests;
