//! One incident: what was found on an endpoint, when, and what became of it.

use super::attacks::{self, Attack, Outcome};
use super::endpoint::Endpoint;
use super::fleet::{self, Family};
use super::{DAY, Random, SECOND, Stream, id};
use crate::clock::Micros;

pub(crate) struct Incident {
    pub(crate) id: String,
    pub(crate) collection_id: String,
    pub(crate) storyline: String,
    pub(crate) created: i64,
    pub(crate) identified: i64,
    pub(crate) updated: i64,
    pub(crate) attack: &'static Attack,
    pub(crate) sample: Sample,
    pub(crate) process_user: String,
    pub(crate) initiator: &'static (&'static str, &'static str, u64, bool),
    /// Who started it, if a person did.
    pub(crate) initiating_user: Option<(String, &'static str)>,
    pub(crate) outcome: &'static Outcome,
    pub(crate) actions: Vec<Action>,
    pub(crate) ticket: Option<String>,
    pub(crate) preemptive: bool,
    pub(crate) automatic: bool,
    /// For what an endpoint alone does not tell, such as the pod.
    pub(crate) place: u64,
}

/// One of the files of an attack; the same one turns up many times.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) size: u64,
    pub(crate) sha1: String,
    pub(crate) sha256: Option<String>,
    pub(crate) certificate: String,
}

/// A step of the mitigation.
pub(crate) struct Action {
    pub(crate) action: &'static str,
    pub(crate) status: &'static str,
    pub(crate) report_id: String,
    /// How many objects it was about, if it was counted.
    pub(crate) count: Option<u64>,
    pub(crate) started: i64,
    pub(crate) ended: i64,
    pub(crate) reported: i64,
}

/// The first of March 2023, and how long it takes from one threat to the next.
const FIRST_THREAT: i64 = 1_677_628_800_000_000;
const INTERVAL: i64 = 90 * SECOND;

/// How long a threat that is handled is left alone at most before it is closed.
const MOST_IDLE: Micros = 5 * DAY;

/// A time when so many threats have been there for a day, with all that became of them.
pub(crate) fn end(count: u32) -> Micros {
    start(count) + MOST_IDLE + DAY
}

/// When the item with that number is the earliest.
pub(crate) fn start(number: u32) -> Micros {
    FIRST_THREAT + Micros::from(number) * INTERVAL
}

impl Incident {
    pub(crate) fn new(
        seed: u64,
        number: u32,
        found: Option<Micros>,
        endpoint: &Endpoint,
        random: &mut Random,
    ) -> Incident {
        // A second's distance keeps the ids, which count milliseconds, in the order of the times.
        let regular = start(number) + random.between(0, INTERVAL - SECOND);
        let created = found.unwrap_or(regular);
        let family = endpoint.platform.family;
        let attack = draw_attack(family, random);
        let drawn = random.weighted(attacks::OUTCOMES.iter(), |outcome| outcome.weight);
        // Nobody has looked at a new threat yet.
        let outcome = if found.is_some() { &attacks::OUTCOMES[0] } else { drawn };
        let initiator = random.weighted(attacks::INITIATORS.iter(), |initiator| initiator.2);
        let actions = actions(family, outcome, created, random);
        let handled = outcome.incident != "unresolved";
        let idle = random.between(0, if handled { MOST_IDLE } else { SECOND });
        let idle = if found.is_some() { 0 } else { idle };
        let last_action = actions.iter().map(|action| action.reported).max();
        Incident {
            id: id(created, random),
            collection_id: id(created - random.between(0, 30 * DAY), random),
            storyline: match family {
                Family::Windows => random.hex(16).to_uppercase(),
                Family::MacOs => random.uuid().to_uppercase(),
                Family::Linux => random.uuid(),
            },
            created,
            identified: created - random.between(SECOND / 5, 8 * SECOND),
            updated: last_action.unwrap_or(created) + idle,
            sample: Sample::new(seed, attack, endpoint, random),
            attack,
            process_user: process_user(endpoint, random),
            initiator,
            initiating_user: initiator.3.then(|| {
                let user = random.pick(fleet::USERS);
                (id(endpoint.registered, random), user)
            }),
            outcome,
            actions,
            ticket: (handled && random.percent(35))
                .then(|| format!("INC-{}", 10_000 + random.below(90_000))),
            preemptive: !attack.is_dynamic && random.percent(10),
            automatic: outcome.incident == "resolved" && random.percent(15),
            place: random.next(),
        }
    }

    pub(crate) fn is_fileless(&self) -> bool {
        self.attack.folder.is_empty()
    }

    pub(crate) fn has_action_that_is(&self, status: &str) -> bool {
        self.actions.iter().any(|action| action.status == status)
    }
}

fn draw_attack(family: Family, random: &mut Random) -> &'static Attack {
    let fitting = attacks::ATTACKS.iter().filter(|attack| attack.families.contains(&family));
    random.weighted(fitting, |attack| attack.weight)
}

impl Sample {
    fn new(seed: u64, attack: &Attack, endpoint: &Endpoint, random: &mut Random) -> Sample {
        let number = random.below(attacks::SAMPLES);
        let name = attack.name.replace('#', &format!("{:03}", 101 + number * 7));
        let key = name.bytes().fold(0, |key: u64, byte| key.rotate_left(7) ^ u64::from(byte));
        let mut random = Random::new(&[seed, Stream::Sample as u64, key]);
        let is_file = !attack.folder.is_empty();
        let windows = endpoint.platform.family == Family::Windows;
        let user = if endpoint.user.is_empty() { "Public" } else { endpoint.user };
        let folder = attack.folder.replace("{user}", user);
        let separator = if windows { '\\' } else { '/' };
        Sample {
            path: if is_file { format!("{folder}{separator}{name}") } else { String::new() },
            size: if is_file { 900 + random.below(6_000_000) } else { 0 },
            sha1: if is_file { random.hex(40) } else { String::new() },
            sha256: (is_file && random.percent(30)).then(|| random.hex(64)),
            certificate: attack.publisher.to_uppercase(),
            name,
        }
    }
}

fn process_user(endpoint: &Endpoint, random: &mut Random) -> String {
    match (endpoint.platform.family, endpoint.user) {
        _ if random.percent(4) => String::new(),
        (Family::Windows, "") => r"NT AUTHORITY\SYSTEM".to_owned(),
        (Family::Windows, user) => {
            let domain = if endpoint.domain.contains('.') { "ORION" } else { &endpoint.domain };
            format!(r"{domain}\{user}")
        }
        (_, "") => "root".to_owned(),
        (_, user) => user.to_owned(),
    }
}

fn actions(family: Family, outcome: &Outcome, created: i64, random: &mut Random) -> Vec<Action> {
    let mut now = created + random.between(SECOND, 20 * SECOND);
    let possible = |action: &&&str| family == Family::Windows || **action != "rollback";
    let mut action = |action: &&'static str| {
        let started = now;
        let ended = started + random.between(0, SECOND);
        now = ended + random.between(SECOND, 90 * SECOND);
        let status = match random.below(100) {
            0..4 => "failed",
            4..7 => "pending-reboot",
            7..9 => "pending",
            _ => "success",
        };
        Action {
            action,
            status,
            report_id: id(ended, random),
            count: random.percent(55).then(|| 1 + random.below(9)),
            // Agents tell these times in milliseconds.
            started: started / 1_000 * 1_000,
            ended: ended / 1_000 * 1_000,
            reported: now,
        }
    };
    outcome.actions.iter().filter(possible).map(&mut action).collect()
}
