//! Date-times as the console writes them: RFC 3339 in UTC, with six fractional digits or none.

use std::fmt;

use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Timelike, Utc};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::SerializeMap;

use crate::operation::{FilterOp, Parameter};

/// Reads a date-time member, taking `null` and `""` as missing. For generated code.
pub fn read_member<'de, A: MapAccess<'de>>(
    members: &mut A,
) -> Result<Option<DateTime<Utc>>, A::Error> {
    let Lenient(date_time) = members.next_value()?;
    Ok(date_time)
}

/// Writes a date-time member that is set. For generated code.
pub fn write_member<M: SerializeMap>(
    members: &mut M,
    name: &'static str,
    value: &Option<DateTime<Utc>>,
) -> Result<(), M::Error> {
    match value {
        Some(date_time) => members.serialize_entry(name, &to_text(*date_time)),
        None => Ok(()),
    }
}

/// The text of a date-time on the wire.
pub fn to_text(date_time: DateTime<Utc>) -> String {
    let nanoseconds = date_time.nanosecond() % 1_000_000_000;
    let format = if nanoseconds == 0 {
        SecondsFormat::Secs
    } else if nanoseconds.is_multiple_of(1_000) {
        SecondsFormat::Micros
    } else {
        SecondsFormat::Nanos
    };
    date_time.to_rfc3339_opts(format, true)
}

/// The text of a date-time as the value of a parameter.
///
/// The console compares microseconds, so a finer bound is rounded to the microsecond that
/// selects the same records: up for `gte` and `lt`, down otherwise.
pub(crate) fn to_argument(date_time: DateTime<Utc>, parameter: &Parameter) -> String {
    let rounded_down = date_time.trunc_subsecs(6);
    let round_up = parameter
        .filter
        .as_ref()
        .is_some_and(|filter| matches!(filter.op, FilterOp::Gte | FilterOp::Lt));
    let rounded = if round_up && rounded_down < date_time {
        rounded_down + TimeDelta::microseconds(1)
    } else {
        rounded_down
    };
    rounded.to_rfc3339_opts(SecondsFormat::Micros, true)
}

struct Lenient(Option<DateTime<Utc>>);

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LenientVisitor;

        impl<'de> Visitor<'de> for LenientVisitor {
            type Value = Lenient;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 date-time, an empty string or null")
            }

            fn visit_none<E>(self) -> Result<Lenient, E> {
                Ok(Lenient(None))
            }

            fn visit_unit<E>(self) -> Result<Lenient, E> {
                Ok(Lenient(None))
            }

            fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Lenient, D::Error> {
                value.deserialize_str(self)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Lenient, E> {
                if text.is_empty() {
                    return Ok(Lenient(None));
                }
                match DateTime::parse_from_rfc3339(text) {
                    Ok(date_time) => Ok(Lenient(Some(date_time.to_utc()))),
                    Err(error) => Err(E::custom(format_args!("not a date-time: {error}"))),
                }
            }
        }

        deserializer.deserialize_option(LenientVisitor)
    }
}
