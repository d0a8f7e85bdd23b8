//! What one console knows.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use regex_lite::Regex;
use sentinelone_runtime::operation::{FieldType, Operation};
use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::fault::Injector;
use crate::items::Items;
use crate::lists::Lists;
use crate::moment::OnRequest;
use crate::request_id::request_id;
use crate::throttle::Throttle;

pub(crate) struct Console {
    pub(crate) operations: &'static [&'static Operation],
    pub(crate) patterns: Patterns,
    pub(crate) lists: Lists,
    pub(crate) clock: Clock,
    pub(crate) token: String,
    pub(crate) url: String,
    pub(crate) injector: Injector,
    /// Set if requests beyond the spec's rate limit are refused.
    pub(crate) throttle: Option<Throttle>,
    /// What a scenario does when a request comes.
    pub(crate) on_request: Option<OnRequest>,
    pub(crate) seed: u64,
    pub(crate) requests: AtomicU64,
    /// Let so many answers be made at the same time.
    pub(crate) workers: Arc<Semaphore>,
}

/// The patterns of the operation table, compiled.
pub(crate) type Patterns = HashMap<&'static str, Regex>;

impl Console {
    /// The items of a schema, for a scenario.
    pub(crate) fn items(&self, schema: &str) -> Option<Items<'_>> {
        Some(Items::new(self.lists.get(schema)?, &self.clock))
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

/// How many answers are made at the same time. A page of 1,000 threats takes some 35 MB meanwhile.
pub(crate) fn workers() -> Arc<Semaphore> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    Arc::new(Semaphore::new(workers))
}

/// Compiles the patterns of all parameters and bodies.
pub(crate) fn patterns(operations: &[&'static Operation]) -> Result<Patterns, regex_lite::Error> {
    let parameters = operations.iter().flat_map(|operation| operation.parameters);
    let mut found: BTreeSet<_> =
        parameters.filter_map(|parameter| parameter.constraints.pattern).collect();
    let bodies = operations.iter().filter_map(|operation| operation.body);
    let mut pending: Vec<_> = bodies.map(|body| body.content).collect();
    let mut seen = BTreeSet::new();
    while let Some(content) = pending.pop() {
        match content {
            FieldType::List(content) | FieldType::Map(content) => pending.push(*content),
            FieldType::Object(schema) if seen.insert(schema.name) => {
                found.extend(schema.fields.iter().filter_map(|field| field.constraints.pattern));
                pending.extend(schema.fields.iter().map(|field| field.field_type));
            }
            _ => {}
        }
    }
    found.into_iter().map(|pattern| Ok((pattern, Regex::new(pattern)?))).collect()
}
