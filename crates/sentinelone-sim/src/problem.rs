//! Refusals in the console's shape, with its codes and wording.

use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::{Answer, JSON};

/// A request that is not served, and why.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    title: &'static str,
    /// One error each; `None` is a `null` detail.
    details: Vec<Option<String>>,
    /// The `Allow` header.
    pub(crate) allow: Option<String>,
}

impl Refusal {
    /// Parameters that do not hold what they must.
    pub(crate) fn invalid(details: Vec<String>) -> Refusal {
        let details = details.into_iter().map(Some).collect();
        Refusal { status: StatusCode::BAD_REQUEST, title: "Validation Error", details, allow: None }
    }

    pub(crate) fn bad_cursor() -> Refusal {
        Refusal::invalid(vec!["Invalid cursor value received".to_owned()])
    }

    pub(crate) fn unauthenticated() -> Refusal {
        let status = StatusCode::UNAUTHORIZED;
        Refusal { status, title: "Authentication Failed", details: vec![None], allow: None }
    }

    pub(crate) fn not_found() -> Refusal {
        let title = "Requested resource was not found";
        Refusal {
            status: StatusCode::NOT_FOUND,
            title,
            details: vec![Some(String::new())],
            allow: None,
        }
    }

    /// `methods` are those that are allowed.
    pub(crate) fn method_not_allowed(methods: String) -> Refusal {
        let (status, title) = (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
        Refusal { status, title, details: vec![None], allow: Some(methods) }
    }

    /// What the gateway says in HTML.
    pub(crate) fn too_many_requests() -> Refusal {
        let status = StatusCode::TOO_MANY_REQUESTS;
        Refusal { status, title: "Too Many Requests", details: vec![None], allow: None }
    }

    /// Something the console can do and the simulator cannot.
    pub(crate) fn unsupported(detail: String) -> Refusal {
        let status = StatusCode::NOT_IMPLEMENTED;
        Refusal { status, title: "Not supported", details: vec![Some(detail)], allow: None }
    }

    pub(crate) fn internal() -> Refusal {
        Refusal {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: "Internal server error",
            details: vec![Some("Server could not process the request.".to_owned())],
            allow: None,
        }
    }

    pub(crate) fn answer(&self) -> Answer {
        let body = self.body().to_string().into_bytes();
        Answer { status: self.status, media_type: JSON, body }
    }

    fn body(&self) -> Value {
        let code = u32::from(self.status.as_u16()) * 10_000 + 10;
        let error = |detail| json!({ "code": code, "detail": detail, "title": self.title });
        json!({ "errors": self.details.iter().map(error).collect::<Vec<_>>() })
    }
}
