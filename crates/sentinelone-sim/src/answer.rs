//! From a request to what the console says.

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use sentinelone_runtime::operation::Operation;
use serde_json::{Value, json};

use crate::act::act;
use crate::body;
use crate::console::Console;
use crate::drift::drift;
use crate::fault::Fault;
use crate::files;
use crate::lists::Access;
use crate::page::page;
use crate::problem::Refusal;
use crate::query::Query;
use crate::subject::{Subject, named};
use crate::synth;

/// A successful answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) media_type: &'static str,
    pub(crate) body: Vec<u8>,
}

/// What a successful answer says.
pub(crate) enum Content {
    Json(Value),
    File(Vec<u8>),
}

/// The successful answer. Sets `met` if it is other than it should be, by the fault.
pub(crate) fn answer(
    console: &Console,
    request: &Request<Bytes>,
    fault: Fault,
    met: &mut bool,
) -> Result<Answer, Refusal> {
    *met = false;
    if let Some(answer) = files::find(console, request) {
        return answer;
    }
    let operation = find(console.operations, request)?;
    if console.throttle.as_ref().is_some_and(|throttle| !throttle.admits(operation)) {
        return Err(Refusal::too_many_requests());
    }
    if operation.takes_token {
        authenticate(&console.token, request)?;
    }
    let query = Query::parse(operation, request.uri(), &console.patterns)?;
    let sent = operation.body.map(|it| body::read(it, request.body(), &console.patterns));
    let sent = sent.transpose()?.unwrap_or_default();
    let content = match (&operation.pagination, &operation.acts_on) {
        (Some(_), _) => list(console, operation, &query, fault, met)?,
        (None, Some(acts_on)) => act(console, operation, acts_on, &query, &sent)?,
        (None, None) => {
            named(console, &query, None, console.clock.now())?;
            example(operation)?
        }
    };
    let status = StatusCode::from_u16(operation.status).map_err(|_| Refusal::internal())?;
    let (media_type, body) = match content {
        Content::Json(_) if status == StatusCode::NO_CONTENT => (JSON, Vec::new()),
        Content::Json(body) => (JSON, body.to_string().into_bytes()),
        Content::File(body) => (operation.download.unwrap_or(JSON), body),
    };
    Ok(Answer { status, media_type, body })
}

pub(crate) const JSON: &str = "application/json";

fn list(
    console: &Console,
    operation: &'static Operation,
    query: &Query,
    fault: Fault,
    met: &mut bool,
) -> Result<Content, Refusal> {
    let pagination = operation.pagination.as_ref().ok_or_else(Refusal::internal)?;
    let cursor = query.text(pagination.cursor);
    if fault == Fault::ExpiredCursor && cursor.is_some() {
        *met = true;
        return Err(Refusal::bad_cursor());
    }
    let schema = pagination.item.map_or(synth::SCHEMA, |item| item.name);
    let now = console.clock.now();
    let subject = Subject::of(console, query, schema, Access::Read, now)?;
    let mut body = page(pagination, query, &subject.list, now)?;
    *met = drift(&mut body, operation, pagination, cursor, fault).is_some();
    Ok(Content::Json(body))
}

/// What the spec gives as an example of the answer.
pub(crate) fn example(operation: &Operation) -> Result<Content, Refusal> {
    match (operation.download, operation.example) {
        (None, None) => Ok(Content::Json(json!({}))),
        (None, Some(example)) => {
            serde_json::from_str(example).map(Content::Json).map_err(|_| Refusal::internal())
        }
        (Some(_), Some(example)) => Ok(Content::File(example.as_bytes().to_vec())),
        (Some(media_type), None) => {
            let detail = format!("the simulator has no {media_type} to answer with");
            Err(Refusal::unsupported(detail))
        }
    }
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
