use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use http::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::error::Error;

/// When a call that failed is made again, and after how long.
///
/// Only calls of idempotent operations are: those whose method is (`GET`, `PUT`, `DELETE`, …),
/// unless the spec says otherwise. What is worth another attempt is in
/// [`Error::is_retryable`]. The body is read within the attempt, so one that breaks off, stalls
/// or cannot be decompressed counts as well.
///
/// # How long it waits
///
/// Retry number *i*, counted from 0, waits for a random part of an exponential bound ("full
/// jitter"), and no shorter than the console asks for:
///
/// ```text
/// bound = min(max_delay, base_delay · 2^i)
/// delay = max(random(0..1) · bound, min(Retry-After, max_retry_after))
/// ```
///
/// After a 429, `throttled_delay` takes the place of `base_delay`. `Retry-After` is read in both
/// its forms, seconds and date.
///
/// # How many retries there are
///
/// At most `attempts - 1` for a call, and no more than a budget that all clones of a client share:
/// it holds 500 tokens, a retry takes 5, a success after a retry puts these 5 back, and a success
/// without one puts back 1. While a console is down, the budget runs empty, and calls fail after
/// their first attempt instead of adding to the load.
///
/// # When to change it
///
/// Raise `attempts` for a job that runs at night and may wait; lower it, or use
/// [`RetryPolicy::never`], where a person waits for the answer or where the caller retries by
/// itself. Give the budget a smaller capacity in a process that makes few calls.
///
/// ```
/// use std::time::Duration;
/// use sentinelone_runtime::RetryPolicy;
///
/// let patient = RetryPolicy::new().attempts(8).max_delay(Duration::from_secs(60)).retry_500();
/// let impatient = RetryPolicy::never();
/// # let _ = (patient, impatient);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    attempts: u32,
    base_delay: Duration,
    throttled_delay: Duration,
    max_delay: Duration,
    max_retry_after: Duration,
    retry_500: bool,
    budget: u32,
    cost: u32,
}

impl RetryPolicy {
    /// 4 attempts, 250 ms doubling up to 20 s, 1 s after a 429, and `Retry-After` up to 120 s.
    pub fn new() -> Self {
        RetryPolicy {
            attempts: 4,
            base_delay: Duration::from_millis(250),
            throttled_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(20),
            max_retry_after: Duration::from_secs(120),
            retry_500: false,
            budget: 500,
            cost: 5,
        }
    }

    /// One attempt, whatever comes of it.
    pub fn never() -> Self {
        RetryPolicy::new().attempts(1)
    }

    /// How often a call is made at most, the first attempt included. 0 counts as 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The bound of the first delay, which doubles with each retry.
    #[must_use]
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// The bound of the first delay after a 429, which doubles with each retry.
    #[must_use]
    pub fn throttled_delay(mut self, delay: Duration) -> Self {
        self.throttled_delay = delay;
        self
    }

    /// What the bound of a delay does not grow beyond.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// The longest `Retry-After` that is waited for. A longer one is cut to this, and is in
    /// [`Error::retry_after`] as it came once there are no attempts left.
    #[must_use]
    pub fn max_retry_after(mut self, delay: Duration) -> Self {
        self.max_retry_after = delay;
        self
    }

    /// Retries after a 500 too. The vendor also answers so to requests that fail every time.
    #[must_use]
    pub fn retry_500(mut self) -> Self {
        self.retry_500 = true;
        self
    }

    /// The tokens of the budget that clones of a client share, and how many of them a retry
    /// takes. A cost of 0 makes the budget endless.
    #[must_use]
    pub fn budget(mut self, tokens: u32, cost: u32) -> Self {
        self.budget = tokens;
        self.cost = cost;
        self
    }

    /// Whether another attempt may follow after so many of them and this error.
    pub(crate) fn applies(&self, attempts: u32, error: &Error) -> bool {
        let status = error.status();
        let retryable = error.is_retryable()
            || self.retry_500 && status == Some(StatusCode::INTERNAL_SERVER_ERROR);
        attempts < self.attempts && retryable
    }

    /// How long to wait after so many attempts and this error.
    pub(crate) fn delay(&self, attempts: u32, error: &Error, random: f64) -> Duration {
        let throttled = error.is_rate_limited();
        let base = if throttled { self.throttled_delay } else { self.base_delay };
        let factor = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        let bound = base.saturating_mul(factor).min(self.max_delay);
        let asked = error.retry_after().unwrap_or_default().min(self.max_retry_after);
        let part = if (0.0..1.0).contains(&random) { random } else { 1.0 };
        let jittered = Duration::try_from_secs_f64(bound.as_secs_f64() * part);
        jittered.unwrap_or(bound).max(asked)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy::new()
    }
}

/// The tokens that clones of a client share for their retries.
pub(crate) struct Budget {
    tokens: Mutex<u32>,
    capacity: u32,
    cost: u32,
}

impl Budget {
    pub(crate) fn new(policy: &RetryPolicy) -> Self {
        Budget { tokens: Mutex::new(policy.budget), capacity: policy.budget, cost: policy.cost }
    }

    /// Takes the tokens for a retry, if there are enough.
    pub(crate) fn take(&self) -> bool {
        self.change(|tokens| tokens.checked_sub(self.cost))
    }

    /// Puts back what a success is worth.
    pub(crate) fn put_back(&self, after_retry: bool) {
        let worth = if after_retry { self.cost } else { 1 };
        self.change(|tokens| Some(tokens.saturating_add(worth).min(self.capacity)));
    }

    fn change(&self, change: impl FnOnce(u32) -> Option<u32>) -> bool {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        match change(*tokens) {
            Some(changed) => {
                *tokens = changed;
                true
            }
            None => false,
        }
    }
}

/// How long the answer asks to wait. A date is held against the answer's own, so that it does not
/// matter what the clock here says, or against `now` if the answer has none.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let sent = headers.get(DATE).and_then(|it| httpdate::parse_http_date(it.to_str().ok()?).ok());
    Some(date.duration_since(sent.unwrap_or(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(retry_after_text: &str, date: Option<&str>, expect: Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after_text.parse().expect("a header value"));
        if let Some(date) = date {
            headers.insert(DATE, date.parse().expect("a header value"));
        }
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        assert_eq!(
            retry_after(&headers, now),
            expect.map(Duration::from_secs),
            "{retry_after_text}"
        );
    }

    #[test]
    fn forms_of_retry_after() {
        check("7", None, Some(7));
        check(" 0 ", None, Some(0));
        check("Sun, 06 Nov 1994 08:49:37 GMT", None, Some(7));
        check("Sunday, 06-Nov-94 08:49:37 GMT", None, Some(7));
        let date = Some("Sun, 06 Nov 1994 08:49:00 GMT");
        check("Sun, 06 Nov 1994 08:49:37 GMT", date, Some(37));
        check("Sun, 06 Nov 1994 08:48:00 GMT", date, Some(0));
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some("soon"), Some(7));
        for nonsense in ["", "soon", "-1", "1.5", "99999999999999999999"] {
            check(nonsense, None, None);
        }
    }
}
