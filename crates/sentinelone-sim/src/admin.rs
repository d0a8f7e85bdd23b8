//! The administrative interface: scenarios over HTTP, on a port of its own.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::console::Console;
use crate::fault::Faults;
use crate::items::{Items, Version, date_time};

/// What [`answer`] understands, for people.
const USAGE: &str = "use GET or POST /clock, GET or PUT /faults, POST or PATCH /items/SCHEMA, \
                     GET /versions/SCHEMA";

/// The largest body of a request.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Answers a request of whoever runs the scenario.
pub(crate) async fn administer(
    console: Arc<Console>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, std::convert::Infallible> {
    let (parts, body) = request.into_parts();
    let answered = match Limited::new(body, MOST_BYTES).collect().await {
        Ok(body) => answer(&console, &parts, &body.to_bytes()),
        Err(error) => Err(Refusal(StatusCode::BAD_REQUEST, format!("no whole body came: {error}"))),
    };
    let (status, body) = match answered {
        Ok(body) => (StatusCode::OK, body),
        Err(Refusal(status, error)) => (status, json!({ "error": error })),
    };
    let mut response = Response::new(Full::from(format!("{body}\n")));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

struct Refusal(StatusCode, String);

/// The body of `POST /clock`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Advance {
    advance_seconds: f64,
}

/// The body of `PUT /faults`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    faults: String,
}

/// The body of `POST /items/SCHEMA`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Addition {
    count: u32,
    #[serde(default)]
    delay_seconds: f64,
}

/// The body of `PATCH /items/SCHEMA`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Change {
    ids: Vec<String>,
    patch: Value,
    #[serde(default)]
    delay_seconds: f64,
}

fn answer(console: &Console, request: &Parts, body: &[u8]) -> Result<Value, Refusal> {
    let path = request.uri.path().strip_prefix('/').unwrap_or_default();
    let (place, name) = path.split_once('/').unwrap_or((path, ""));
    match (request.method.as_str(), place, name) {
        ("GET", "clock", "") => Ok(clock(console)),
        ("POST", "clock", "") => {
            let Advance { advance_seconds } = read(body)?;
            console.clock.advance(seconds("advanceSeconds", advance_seconds)?);
            Ok(clock(console))
        }
        ("GET", "faults", "") => Ok(faults(console)),
        ("PUT", "faults", "") => {
            let Plan { faults } = read(body)?;
            let faults: Faults = faults.parse().map_err(|it| bad(&it))?;
            console.injector.replace(faults);
            Ok(json!({}))
        }
        ("POST", "items", name) => {
            let Addition { count, delay_seconds } = read(body)?;
            let items = items(console, name)?.late(seconds("delaySeconds", delay_seconds)?);
            let ids = items.add(count).map_err(|it| bad(&it))?;
            Ok(json!({ "ids": ids }))
        }
        ("PATCH", "items", name) => {
            let Change { ids, patch, delay_seconds } = read(body)?;
            let items = items(console, name)?.late(seconds("delaySeconds", delay_seconds)?);
            items.change(&ids, &patch).map_err(|it| bad(&it))?;
            Ok(json!({ "changed": ids.len() }))
        }
        ("GET", "versions", name) => Ok(versions(items(console, name)?.versions())),
        _ => Err(Refusal(StatusCode::NOT_FOUND, USAGE.to_owned())),
    }
}

fn clock(console: &Console) -> Value {
    json!({ "now": date_time(console.clock.now()) })
}

fn faults(console: &Console) -> Value {
    let logged = console.injector.logged();
    let fault =
        |it: crate::InjectedFault| json!({ "request": it.request, "fault": it.fault.to_string() });
    logged.into_iter().map(fault).collect()
}

fn versions(versions: Vec<Version>) -> Value {
    let version = |Version { id, stamped, visible }| json!({ "id": id, "stamped": stamped, "visible": visible });
    versions.into_iter().map(version).collect()
}

fn items<'a>(console: &'a Console, schema: &str) -> Result<Items<'a>, Refusal> {
    console.items(schema).ok_or_else(|| {
        let mut schemas: Vec<_> = console.lists.schemas().collect();
        schemas.sort_unstable();
        let text = format!("no list has items of `{schema}`; write one of {}", schemas.join(", "));
        Refusal(StatusCode::NOT_FOUND, text)
    })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| bad(&error))
}

fn seconds(name: &str, seconds: f64) -> Result<Duration, Refusal> {
    Duration::try_from_secs_f64(seconds).map_err(|error| bad(&format!("{name}: {error}")))
}

fn bad(error: &dyn std::fmt::Display) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, error.to_string())
}
