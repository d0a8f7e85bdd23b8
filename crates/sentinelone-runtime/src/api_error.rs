use std::fmt;

use serde_json::Value;

/// One entry of the `errors` array with which the console says what went wrong.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ApiError {
    /// The vendor's number, such as 4000010: the HTTP status times 10,000 plus a counter.
    pub code: Option<i64>,
    /// What went wrong. This is the message; `detail` is often missing.
    pub title: Option<String>,
    /// More about it, such as the parameter at fault.
    pub detail: Option<String>,
}

impl ApiError {
    /// The errors in a body, in any of the shapes that the console and its gateway use; none if
    /// the body is something else, such as HTML.
    pub(crate) fn parse_body(body: &[u8]) -> Vec<ApiError> {
        let Ok(Value::Object(body)) = serde_json::from_slice(body) else { return Vec::new() };
        match body.get("errors") {
            Some(errors) => ApiError::parse_list(errors),
            None => Vec::from_iter(
                ["error", "message", "detail"]
                    .iter()
                    .find_map(|name| text(body.get(*name)?))
                    .map(|title| ApiError { title: Some(title), ..ApiError::default() }),
            ),
        }
    }

    /// The errors in the `errors` member of a body.
    pub(crate) fn parse_list(errors: &Value) -> Vec<ApiError> {
        match errors {
            Value::Array(errors) => errors.iter().filter_map(ApiError::parse).collect(),
            Value::Null => Vec::new(),
            one => ApiError::parse(one).into_iter().collect(),
        }
    }

    fn parse(error: &Value) -> Option<ApiError> {
        match error {
            Value::Object(members) => Some(ApiError {
                code: members.get("code").and_then(number),
                title: members.get("title").or(members.get("message")).and_then(text),
                detail: members.get("detail").and_then(text),
            }),
            Value::Null => None,
            other => Some(ApiError { title: text(other), ..ApiError::default() }),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title.as_deref().unwrap_or("error without a title"))?;
        if let Some(code) = self.code {
            write!(f, " ({code})")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}
