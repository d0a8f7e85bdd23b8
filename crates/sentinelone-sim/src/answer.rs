//! From a request to what the console says.

use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use sentinelone_runtime::operation::Operation;
use serde_json::Value;

use crate::act::act;
use crate::console::Console;
use crate::drift::drift;
use crate::fault::Fault;
use crate::page::page;
use crate::problem::Refusal;
use crate::query::Query;
use crate::synth;

/// The body of a successful answer. Sets `met` if it is other than it should be, by the fault.
pub(crate) fn answer(
    console: &Console,
    request: &Request<Bytes>,
    fault: Fault,
    met: &mut bool,
) -> Result<Value, Refusal> {
    let operation = find(console.operations, request)?;
    if console.throttle.as_ref().is_some_and(|throttle| !throttle.admits(operation)) {
        return Err(Refusal::too_many_requests());
    }
    authenticate(&console.token, request)?;
    let query = Query::parse(operation, request.uri().query().unwrap_or(""), &console.patterns)?;
    let Some(pagination) = &operation.pagination else {
        let Some(acts_on) = &operation.acts_on else {
            let detail = "the simulator answers lists, and what acts on their items, only";
            return Err(Refusal::unsupported(detail.to_owned()));
        };
        *met = false;
        return act(console, operation, acts_on, &query, request.body());
    };
    let cursor = query.text(pagination.cursor);
    if fault == Fault::ExpiredCursor && cursor.is_some() {
        *met = true;
        return Err(Refusal::bad_cursor());
    }
    let schema = pagination.item.map_or(synth::SCHEMA, |item| item.name);
    let list = console.lists.get(schema).ok_or_else(Refusal::internal)?;
    let mut body = page(pagination, &query, list, console.clock.now())?;
    *met = drift(&mut body, operation, pagination, cursor, fault).is_some();
    Ok(body)
}

/// The operation with the request's method and path. Of several, the one with the fewest
/// parameters in its path.
fn find(
    operations: &[&'static Operation],
    request: &Request<Bytes>,
) -> Result<&'static Operation, Refusal> {
    let path = request.uri().path();
    let fitting = operations.iter().filter(|operation| fits(operation.path, path));
    let fitting: Vec<_> = fitting.copied().collect();
    if fitting.is_empty() {
        return Err(Refusal::not_found());
    }
    let meant = fitting.iter().filter(|operation| operation.method == *request.method());
    let best = meant.min_by_key(|operation| operation.path.matches('{').count());
    best.copied().ok_or_else(|| {
        let methods: Vec<_> = fitting.iter().map(|operation| operation.method.as_str()).collect();
        Refusal::method_not_allowed(methods.join(", "))
    })
}

fn fits(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let all_fit = template.split('/').all(|expected| {
        let is_parameter = expected.starts_with('{') && expected.ends_with('}');
        segments.next().is_some_and(|it| it == expected || (is_parameter && !it.is_empty()))
    });
    all_fit && segments.next().is_none()
}

fn authenticate(token: &str, request: &Request<Bytes>) -> Result<(), Refusal> {
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    match header.and_then(|header| header.split_once(' ')) {
        Some((scheme, given)) if scheme.eq_ignore_ascii_case("ApiToken") && given == token => {
            Ok(())
        }
        _ => Err(Refusal::unauthenticated()),
    }
}
