//! What goes wrong on purpose, and a log of what has.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;

/// Something that goes wrong with the answer to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing. In a script, a request that is answered as it should be.
    None,
    /// 429 with the gateway's page of HTML, and `Retry-After` with that many seconds if given.
    Throttle(Option<u32>),
    /// This status with a page of HTML.
    Status(StatusCode),
    /// 200 with a page of HTML.
    Html,
    /// The connection is closed without an answer.
    Reset,
    /// The connection is closed in the middle of the body.
    ResetInBody,
    /// The body ends in the middle, as if that were all.
    Truncate,
    /// No answer comes, and the connection stays open.
    Stall,
    /// The body stops in the middle, and the connection stays open.
    StallInBody,
    /// The answer comes late by that much.
    Latency(Duration),
    /// The page's next cursor is the one that it was asked for with.
    DuplicateCursor,
    /// The cursor is refused as if it had expired.
    ExpiredCursor,
    /// An enum of one item has a value that the spec does not know.
    UnknownEnumValue,
    /// One item has a member that the spec does not know.
    UnknownMember,
    /// A text of one item is an object.
    WrongType,
    /// An object of one item is `null`.
    NullObject,
    /// A date-time of one item is an empty text.
    BlankDate,
}

/// The faults that have a name alone.
const NAMED: [(&str, Fault); 15] = [
    ("none", Fault::None),
    ("throttle", Fault::Throttle(None)),
    ("html", Fault::Html),
    ("reset", Fault::Reset),
    ("reset-in-body", Fault::ResetInBody),
    ("truncate", Fault::Truncate),
    ("stall", Fault::Stall),
    ("stall-in-body", Fault::StallInBody),
    ("duplicate-cursor", Fault::DuplicateCursor),
    ("expired-cursor", Fault::ExpiredCursor),
    ("unknown-enum-value", Fault::UnknownEnumValue),
    ("unknown-member", Fault::UnknownMember),
    ("wrong-type", Fault::WrongType),
    ("null-object", Fault::NullObject),
    ("blank-date", Fault::BlankDate),
];

/// The faults that a seeded schedule takes from, beside those that have a name alone.
const SEEDED: [Fault; 4] = [
    Fault::Throttle(Some(1)),
    Fault::Status(StatusCode::INTERNAL_SERVER_ERROR),
    Fault::Status(StatusCode::SERVICE_UNAVAILABLE),
    Fault::Latency(Duration::from_millis(50)),
];

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Throttle(Some(seconds)) => write!(f, "throttle:{seconds}"),
            Fault::Status(status) => write!(f, "status:{}", status.as_u16()),
            Fault::Latency(latency) => write!(f, "latency:{}", latency.as_millis()),
            named => {
                let name = NAMED.iter().find(|(_, fault)| fault == named);
                f.write_str(name.map_or("", |(name, _)| name))
            }
        }
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let refuse = || FaultError::Fault(text.to_owned());
        if let Some((_, fault)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Ok(*fault);
        }
        let (name, number) = text.split_once(':').ok_or_else(refuse)?;
        let number: u32 = number.parse().map_err(|_| refuse())?;
        match name {
            "throttle" => Ok(Fault::Throttle(Some(number))),
            "latency" => Ok(Fault::Latency(Duration::from_millis(number.into()))),
            "status" => {
                let status =
                    u16::try_from(number).ok().and_then(|it| StatusCode::from_u16(it).ok());
                status.filter(|it| 400 <= it.as_u16()).map(Fault::Status).ok_or_else(refuse)
            }
            _ => Err(refuse()),
        }
    }
}

/// Which requests meet which [`Fault`].
///
/// As text, a script is a list such as `status:503,none,reset`, and a schedule is
/// `seed=7,rate=0.2`.
///
/// ```
/// use sentinelone_sim::{Fault, Faults};
///
/// let script: Faults = "throttle:2,none,stall-in-body".parse()?;
/// assert_eq!(script, Faults::script([Fault::Throttle(Some(2)), Fault::None, Fault::StallInBody]));
/// # Ok::<(), sentinelone_sim::FaultError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Faults(Plan);

#[derive(Clone, Debug, PartialEq)]
enum Plan {
    Script(VecDeque<Fault>),
    Seeded { seed: u64, rate: f64 },
}

impl Faults {
    /// The first request meets the first fault, and so on; later ones meet none.
    pub fn script(faults: impl IntoIterator<Item = Fault>) -> Self {
        Faults(Plan::Script(faults.into_iter().collect()))
    }

    /// Each request meets a fault of any sort with that probability, the same ones for the same
    /// seed.
    pub fn seeded(seed: u64, rate: f64) -> Self {
        Faults(Plan::Seeded { seed, rate })
    }

    /// The fault of a request.
    fn next(&mut self, request: u64) -> Fault {
        match &mut self.0 {
            Plan::Script(faults) => faults.pop_front().unwrap_or(Fault::None),
            Plan::Seeded { seed, rate } => {
                let mut random = fastrand::Rng::with_seed(seed.wrapping_add(request << 20));
                if *rate <= random.f64() {
                    return Fault::None;
                }
                let choice = random.usize(1..NAMED.len() + SEEDED.len());
                NAMED.get(choice).map_or_else(|| SEEDED[choice - NAMED.len()], |(_, fault)| *fault)
            }
        }
    }
}

impl Default for Faults {
    /// No faults.
    fn default() -> Self {
        Faults::script([])
    }
}

impl FromStr for Faults {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        if !parts.iter().any(|part| part.contains('=')) {
            let faults = parts.into_iter().map(str::parse);
            return Ok(Faults::script(faults.collect::<Result<Vec<_>, _>>()?));
        }
        let (mut seed, mut rate) = (0, None);
        for part in parts {
            let refuse = || FaultError::Schedule(part.to_owned());
            match part.split_once('=') {
                Some(("seed", value)) => seed = value.parse().map_err(|_| refuse())?,
                Some(("rate", value)) => {
                    let value = value.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
                    rate = Some(value.ok_or_else(refuse)?);
                }
                _ => return Err(refuse()),
            }
        }
        let rate = rate.ok_or_else(|| FaultError::Schedule(text.to_owned()))?;
        Ok(Faults::seeded(seed, rate))
    }
}

/// Why a text is no [`Fault`] or no [`Faults`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultError {
    /// A part of a script that is no fault.
    Fault(String),
    /// A part of a schedule that is neither seed nor rate.
    Schedule(String),
}

impl std::error::Error for FaultError {}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultError::Fault(text) => {
                let names: Vec<_> = NAMED.iter().map(|(name, _)| *name).collect();
                write!(
                    f,
                    "`{text}` is not a fault; write one of {}, throttle:SECONDS, \
                     status:CODE from 400 on, latency:MILLISECONDS",
                    names.join(", ")
                )
            }
            FaultError::Schedule(text) => write!(
                f,
                "`{text}` is not part of a schedule; write it like `seed=7,rate=0.2`, with a rate \
                 from 0 to 1"
            ),
        }
    }
}

/// A fault that a request has met.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InjectedFault {
    /// The number of the request, counted from 0.
    pub request: u64,
    /// What it met.
    pub fault: Fault,
}

/// The faults to come, and those that have been.
#[derive(Debug, Default)]
pub(crate) struct Injector(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    faults: Faults,
    requests: u64,
    /// The request that the faults begin with.
    first: u64,
    log: Vec<InjectedFault>,
}

impl Injector {
    pub(crate) fn new(faults: Faults) -> Self {
        Injector(Mutex::new(State { faults, ..State::default() }))
    }

    /// Lets other faults come, from the next request on, as if that were the first.
    pub(crate) fn replace(&self, faults: Faults) {
        let mut state = self.state();
        state.first = state.requests;
        state.faults = faults;
    }

    /// The number of the request, and what it is to meet.
    pub(crate) fn next(&self) -> (u64, Fault) {
        let mut state = self.state();
        let request = state.requests;
        state.requests += 1;
        let since = request - state.first;
        (request, state.faults.next(since))
    }

    /// Notes that the request has met the fault.
    pub(crate) fn log(&self, request: u64, fault: Fault) {
        if fault != Fault::None {
            self.state().log.push(InjectedFault { request, fault });
        }
    }

    pub(crate) fn logged(&self) -> Vec<InjectedFault> {
        self.state().log.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_faults() {
        let all = NAMED.iter().map(|(_, fault)| *fault).chain(SEEDED);
        for fault in all {
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
        for (text, expect) in [
            ("", "`` is not a fault; write one of none, throttle, "),
            ("boom", "`boom` is not a fault; write one of none"),
            ("status:200", "`status:200` is not a fault"),
            ("latency:-1", "`latency:-1` is not a fault"),
            ("reset, explode", "`explode` is not a fault"),
            ("seed=7", "`seed=7` is not part of a schedule; write it like `seed=7,rate=0.2`"),
            ("seed=7,rate=2", "`rate=2` is not part"),
            ("rate=0.5,reset", "`reset` is not part"),
        ] {
            let error = text.parse::<Faults>().expect_err(text);
            assert!(error.to_string().starts_with(expect), "{error}");
        }
        assert_eq!("seed=7, rate=0.5".parse(), Ok(Faults::seeded(7, 0.5)));
    }

    #[test]
    fn a_schedule_repeats_and_has_every_fault() {
        let draw = |seed| {
            let mut faults = Faults::seeded(seed, 0.5);
            (0..1000).map(|request| faults.next(request)).collect::<Vec<_>>()
        };
        let drawn = draw(1);
        assert_eq!(drawn, draw(1));
        assert_ne!(drawn, draw(2));
        for fault in NAMED.iter().map(|(_, fault)| *fault).chain(SEEDED) {
            assert!(drawn.contains(&fault), "{fault}");
        }
        let calm = drawn.iter().filter(|fault| **fault == Fault::None).count();
        assert!((400..600).contains(&calm), "{calm}");
    }
}
