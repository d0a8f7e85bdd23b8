//! What one console knows.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use regex_lite::Regex;
use sentinelone_runtime::operation::Operation;

use crate::collection::Collection;
use crate::fault::{Faults, Injector};
use crate::request_id::request_id;
use crate::throttle::Throttle;
use crate::view::Views;

pub(crate) struct Console {
    pub(crate) operations: &'static [&'static Operation],
    pub(crate) patterns: Patterns,
    pub(crate) views: Views,
    pub(crate) token: String,
    pub(crate) url: String,
    pub(crate) injector: Injector,
    /// Set if requests beyond the spec's rate limit are refused.
    pub(crate) throttle: Option<Throttle>,
    seed: u64,
    requests: AtomicU64,
}

/// The patterns of the operation table, compiled.
pub(crate) type Patterns = HashMap<&'static str, Regex>;

impl Console {
    pub(crate) fn new(
        operations: &'static [&'static Operation],
        collection: Collection,
        token: String,
        url: String,
        faults: Faults,
        rate_limited: bool,
    ) -> Result<Console, regex_lite::Error> {
        let patterns = operations
            .iter()
            .flat_map(|operation| operation.parameters)
            .filter_map(|parameter| parameter.pattern)
            .map(|pattern| Ok((pattern, Regex::new(pattern)?)))
            .collect::<Result<_, _>>()?;
        let seed = collection.seed();
        let views = Views::new(collection);
        Ok(Console {
            operations,
            patterns,
            views,
            token,
            url,
            injector: Injector::new(faults),
            throttle: rate_limited.then(Throttle::default),
            seed,
            requests: AtomicU64::new(0),
        })
    }

    /// The id of the next request.
    pub(crate) fn next_request_id(&self) -> String {
        request_id(self.seed, self.requests.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("url", &self.url).finish_non_exhaustive()
    }
}
