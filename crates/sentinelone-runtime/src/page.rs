use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::api_error::ApiError;
use crate::error::{Error, ErrorKind, reason};
use crate::object::MemberName;
use crate::operation::Pagination;
use crate::response::{Head, Response};

/// One page of a list, split into its records.
///
/// The records are not decoded yet: [`Record::decode`] does that, one by one, so that a record
/// which the spec does not foresee costs no other.
#[derive(Clone)]
pub struct Page<T> {
    response: Response<Arc<String>>,
    records: Vec<Record<T>>,
    next_cursor: Option<String>,
    total_items: Option<u64>,
    errors: Vec<ApiError>,
}

impl<T> Page<T> {
    /// The records of the page, in the console's order.
    pub fn records(&self) -> &[Record<T>] {
        &self.records
    }

    /// The records of the page, without the rest.
    pub fn into_records(self) -> Vec<Record<T>> {
        self.records
    }

    /// The cursor of the next page, or `None` on the last one. Opaque.
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    /// The number of records on all pages; 0 if the request asked not to count.
    pub fn total_items(&self) -> Option<u64> {
        self.total_items
    }

    /// Errors that the console reports beside the records.
    pub fn errors(&self) -> &[ApiError] {
        &self.errors
    }

    /// The status, which is one of success.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The reason phrase, as the server wrote it.
    pub fn reason(&self) -> &str {
        self.response.reason()
    }

    /// The headers; see [`Response::headers`].
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The `X-RQID` header, which the vendor's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.response.request_id()
    }

    /// How long the call took; see [`Response::elapsed`].
    pub fn elapsed(&self) -> std::time::Duration {
        self.response.elapsed()
    }

    /// How often the request was made, 1 if the first attempt succeeded.
    pub fn attempts(&self) -> u32 {
        self.response.attempts()
    }

    /// The whole body as it came.
    pub fn body(&self) -> &str {
        self.response.body()
    }

    /// Takes the first records out.
    pub(crate) fn forget(&mut self, records: usize) {
        self.records.drain(..records.min(self.records.len()));
    }

    /// Splits `body`; on failure the body is given back in the error.
    pub(crate) fn split(head: Head, body: Vec<u8>, pagination: &Pagination) -> Result<Self, Error> {
        let text = match String::from_utf8(body) {
            Ok(text) => Arc::new(text),
            Err(error) => {
                let failure = Error::new(ErrorKind::Decode, "the body is not UTF-8");
                let source = error.utf8_error();
                return Err(failure.with_source(source).with_answer(head, error.as_bytes()));
            }
        };
        match Parts::parse(&text, pagination) {
            Ok(parts) => Ok(Page {
                records: parts.items.into_iter().map(|span| Record::new(&text, span)).collect(),
                next_cursor: parts.next_cursor,
                total_items: parts.total_items,
                errors: parts.errors,
                response: Response { head, body: text },
            }),
            Err(error) => Err(error.with_answer(head, text.as_bytes())),
        }
    }
}

impl<T> fmt::Debug for Page<T> {
    /// Records can hold personal data, so none is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .field("records", &self.records.len())
            .field("total_items", &self.total_items)
            .field("is_last", &self.next_cursor.is_none())
            .finish_non_exhaustive()
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = Record<T>;
    type IntoIter = std::vec::IntoIter<Record<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.into_records().into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Page<T> {
    type Item = &'a Record<T>;
    type IntoIter = std::slice::Iter<'a, Record<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.iter()
    }
}

/// One record of a list: the console's own text, to be decoded as `T` when that is wanted.
///
/// A record keeps the text of its whole page alive. What is held for long is better held decoded,
/// or as a `String`.
pub struct Record<T> {
    page: Arc<String>,
    span: Range<usize>,
    decoded: PhantomData<fn() -> T>,
}

impl<T> Record<T> {
    /// The record's JSON, byte for byte as the console sent it.
    pub fn raw(&self) -> &str {
        &self.page[self.span.clone()]
    }

    fn new(page: &Arc<String>, span: Range<usize>) -> Self {
        Record { page: Arc::clone(page), span, decoded: PhantomData }
    }
}

impl<T: DeserializeOwned> Record<T> {
    /// Decodes the record.
    ///
    /// # Errors
    ///
    /// [`Malformed`] if a member has a type that the spec does not give it. It has the record's
    /// text, so nothing is lost.
    pub fn decode(&self) -> Result<T, Malformed> {
        serde_json::from_str(self.raw()).map_err(|_| Malformed::locate::<T>(self.raw()))
    }
}

impl<T> Clone for Record<T> {
    fn clone(&self) -> Self {
        Record { page: Arc::clone(&self.page), span: self.span.clone(), decoded: PhantomData }
    }
}

impl<T> fmt::Debug for Record<T> {
    /// Records can hold personal data, so only the length is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} bytes)", self.span.len())
    }
}

/// A record that does not have the form that the spec gives it.
#[derive(Clone)]
pub struct Malformed {
    path: String,
    reason: String,
    raw: String,
}

impl Malformed {
    /// Where the record departs from the spec, such as `agentRealtimeInfo.activeThreats`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there, without the value.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The record's JSON, byte for byte as the console sent it.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Decodes once more, slower, to learn where it fails.
    #[cold]
    fn locate<T: DeserializeOwned>(raw: &str) -> Self {
        let mut json = serde_json::Deserializer::from_str(raw);
        let (path, reason) = match serde_path_to_error::deserialize::<_, T>(&mut json) {
            Ok(_) => (String::new(), "it decodes only in part".to_owned()),
            Err(error) => (error.path().to_string(), reason(error.inner())),
        };
        Malformed { path, reason, raw: raw.to_owned() }
    }
}

impl std::error::Error for Malformed {}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed at {}: {}", self.path, self.reason)
    }
}

impl fmt::Debug for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Malformed")
            .field("path", &self.path)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// What a page is made of. Items are spans of the body.
struct Parts {
    items: Vec<Range<usize>>,
    next_cursor: Option<String>,
    total_items: Option<u64>,
    errors: Vec<ApiError>,
}

impl Parts {
    fn parse(body: &str, pagination: &Pagination) -> Result<Self, Error> {
        let items = pagination.items;
        let mut json = serde_json::Deserializer::from_str(body);
        let envelope = EnvelopeVisitor { items: items.strip_prefix('/').unwrap_or(items) };
        let mut envelope = json
            .deserialize_map(envelope)
            .and_then(|envelope| json.end().map(|()| envelope))
            .map_err(|error| not_a_page(&error))?;

        let items = match envelope.items.take() {
            Some(items) => items,
            None => envelope.nested_items(items)?,
        };
        let next_cursor = match envelope.value(pagination.next_cursor)? {
            None | Some(Value::Null) => None,
            Some(Value::String(cursor)) => Some(cursor).filter(|cursor| !cursor.is_empty()),
            Some(_) => return Err(misplaced(pagination.next_cursor, "neither a string nor null")),
        };
        let total_items = match pagination.total_items {
            Some(pointer) => envelope.value(pointer)?.and_then(|total| total.as_u64()),
            None => None,
        };
        let errors = envelope.value("/errors")?.map_or(Vec::new(), |it| ApiError::parse_list(&it));

        let start = body.as_ptr() as usize;
        let span = |item: &RawValue| {
            let from = item.get().as_ptr() as usize - start;
            from..from + item.get().len()
        };
        let items = items.into_iter().map(span).collect();
        Ok(Parts { items, next_cursor, total_items, errors })
    }
}

const NOT_A_PAGE: &str = "the body is not a page of the list";

fn not_a_page(error: &serde_json::Error) -> Error {
    Error::new(ErrorKind::Decode, NOT_A_PAGE).with_source(reason(error)).transient(error.is_eof())
}

fn misplaced(pointer: &str, what: &str) -> Error {
    Error::new(ErrorKind::Decode, NOT_A_PAGE).with_source(format!("{pointer} is {what}"))
}

/// The members of a page's outermost object. Items that stand right there are split at once, as
/// they are most of the body.
struct Envelope<'a> {
    items: Option<Vec<&'a RawValue>>,
    members: BTreeMap<String, &'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// The value at a JSON pointer, if it is there and nothing on the way is anything but an
    /// object or null: a list must not end because its cursor cannot be found.
    fn value(&self, pointer: &str) -> Result<Option<Value>, Error> {
        let mut names = pointer.split('/').skip(1);
        let Some(member) = names.next().and_then(|name| self.members.get(name)) else {
            return Ok(None);
        };
        let mut value: Value =
            serde_json::from_str(member.get()).map_err(|error| not_a_page(&error))?;
        for name in names {
            value = match value {
                Value::Object(mut members) => members.remove(name).unwrap_or_default(),
                Value::Null => return Ok(None),
                _ => return Err(misplaced(pointer, "out of reach, as it is not in an object")),
            };
        }
        Ok(Some(value))
    }

    /// The items at a JSON pointer that is more than one member deep.
    fn nested_items(&self, pointer: &str) -> Result<Vec<&'a RawValue>, Error> {
        let mut names = pointer.split('/').skip(1);
        let mut value = names.next().and_then(|name| self.members.get(name).copied());
        for name in names {
            let Some(object) = value else { break };
            let members: Option<BTreeMap<String, &'a RawValue>> =
                serde_json::from_str(object.get()).map_err(|error| not_a_page(&error))?;
            value = members.and_then(|members| members.get(name).copied());
        }
        match value {
            Some(items) => {
                let items: Option<_> =
                    serde_json::from_str(items.get()).map_err(|error| not_a_page(&error))?;
                Ok(items.unwrap_or_default())
            }
            None => Err(misplaced(pointer, "missing")),
        }
    }
}

struct EnvelopeVisitor<'p> {
    items: &'p str,
}

impl<'de> Visitor<'de> for EnvelopeVisitor<'_> {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Envelope<'de>, A::Error> {
        let mut envelope = Envelope { items: None, members: BTreeMap::new() };
        while let Some(MemberName(name)) = members.next_key()? {
            if name == self.items {
                let items: Option<Vec<&RawValue>> = members.next_value()?;
                envelope.items.get_or_insert_default().extend(items.unwrap_or_default());
            } else {
                envelope.members.insert(name.into_owned(), members.next_value()?);
            }
        }
        Ok(envelope)
    }
}
