//! What happens on a console, from a seed.

use std::sync::Mutex;
use std::time::Duration;

use sentinelone_sim::{Fault, Faults, Items, Simulator, threat};
use serde_json::{Value, json};

/// How long a sync leaves threats alone that are new or changed.
pub(crate) const SETTLE: Duration = Duration::from_secs(60);

/// How many threats there are at first.
pub(crate) const THREATS: u32 = 90;

/// The seed of the threats themselves.
pub(crate) const THREATS_SEED: u64 = 7;

pub(crate) struct Scenario {
    seed: u64,
    random: Mutex<fastrand::Rng>,
}

impl Scenario {
    pub(crate) fn new(seed: u64) -> Self {
        Scenario { seed, random: Mutex::new(fastrand::Rng::with_seed(seed)) }
    }

    /// A console on which something happens before some of the requests.
    pub(crate) async fn start(&self, faults: Faults) -> Simulator {
        let random = Mutex::new(fastrand::Rng::with_seed(!self.seed));
        let builder = Simulator::builder().threats(THREATS).seed(THREATS_SEED);
        let builder = builder.faults(faults);
        let builder = builder.on_request(move |moment| {
            let mut random = random.lock().expect("no panic");
            if random.u8(..) < 60 {
                act(&mut random, moment.threats());
                moment.advance(Duration::from_millis(random.u64(0..2_000)));
            }
        });
        builder.start().await.expect("a console")
    }

    /// Now and then the console takes a cursor no more.
    pub(crate) fn faults(&self) -> Faults {
        let mut random = fastrand::Rng::with_seed(self.seed);
        let fault = |_| if random.u8(..) < 12 { Fault::ExpiredCursor } else { Fault::None };
        Faults::script((0..4_000).map(fault))
    }

    /// A day's work.
    pub(crate) fn go_on(&self, console: &Simulator) {
        let mut random = self.random.lock().expect("no panic");
        for _ in 0..random.u32(2..8) {
            act(&mut random, console.threats());
            console.advance(Duration::from_millis(random.u64(0..30_000)));
        }
    }
}

/// Threats are found, or looked into, at once or a while before that shows.
fn act(random: &mut fastrand::Rng, threats: Items<'_>) {
    let late = Duration::from_millis(random.u64(1..SETTLE.as_millis() as u64 - 2_000));
    let threats = if random.u8(..) < 64 { threats.late(late) } else { threats };
    if random.bool() {
        threats.add(random.u32(1..25)).expect("threats are added");
        return;
    }
    // Many at the same moment, as of people who select a whole page.
    let ids: Vec<String> = (0..random.u32(1..40)).map(|_| id(random.u32(..THREATS))).collect();
    let verdict = random.choice(["true_positive", "false_positive", "suspicious"]);
    let patch = json!({ "threatInfo": { "analystVerdict": verdict } });
    threats.change(&ids, &patch).expect("threats are changed");
}

fn id(number: u32) -> String {
    threat(THREATS_SEED, number)["id"].as_str().map(str::to_owned).expect("an id")
}

/// What tells two versions of a threat apart.
pub(crate) fn version(threat: &Value) -> (String, String) {
    let text = |pointer| threat.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    (text("/id").expect("an id"), text("/threatInfo/updatedAt").expect("a time"))
}

/// The threats that there are at first, each in its first version.
pub(crate) fn first_versions() -> impl Iterator<Item = (String, String)> {
    (0..THREATS).map(|number| version(&threat(THREATS_SEED, number)))
}
