//! Points in time as people write them.

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// A point in time, or how long ago it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    At(DateTime<Utc>),
    Ago(TimeDelta),
}

impl When {
    pub(crate) fn from(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            When::At(time) => time,
            When::Ago(span) => now.checked_sub_signed(span).unwrap_or(DateTime::<Utc>::MIN_UTC),
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Ok(When::At(time.to_utc()));
        }
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Ok(When::At(date.and_time(NaiveTime::MIN).and_utc()));
        }
        delta(text).map(When::Ago).ok_or_else(|| {
            "write a time such as 2026-11-01T12:00:00Z, a date such as 2026-11-01 (midnight in \
             UTC), or how long ago it was, such as 45s, 30m, 12h, 7d or 2w"
                .to_owned()
        })
    }
}

/// A span of time as people write it.
pub(crate) fn span(text: &str) -> Result<Duration, String> {
    let span = delta(text).and_then(|span| span.to_std().ok());
    span.ok_or_else(|| "write a span such as 90s, 5m, 12h or 7d".to_owned())
}

fn delta(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().next_back()?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok().filter(|number| *number >= 0)?;
    match unit {
        's' => TimeDelta::try_seconds(number),
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        'w' => TimeDelta::try_weeks(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<&str>) {
        let now = "2026-11-25T12:00:00Z".parse().expect("a time");
        let found = text.parse::<When>().ok().map(|when| when.from(now).to_rfc3339());
        assert_eq!(found.as_deref(), expect, "{text}");
    }

    #[test]
    fn times_dates_and_spans() {
        check("2026-11-01T10:00:00+02:00", Some("2026-11-01T08:00:00+00:00"));
        check("2026-11-01", Some("2026-11-01T00:00:00+00:00"));
        check("7d", Some("2026-11-18T12:00:00+00:00"));
        check("90s", Some("2026-11-25T11:58:30+00:00"));
        check("0m", Some("2026-11-25T12:00:00+00:00"));
        check("2w", Some("2026-11-11T12:00:00+00:00"));
        check("12h", Some("2026-11-25T00:00:00+00:00"));
        for text in ["", "d", "7", "-7d", "7 d", "1y", "2026-13-01", "99999999999999999w", "é"] {
            check(text, None);
        }
    }
}
