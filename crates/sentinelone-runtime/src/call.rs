use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::body;
use crate::constraints::Check;
use crate::date_time;
use crate::error::{Error, ErrorKind};
use crate::operation::{Location, Operation, Parameter, ValueType};

/// A request in the making: an operation with its arguments.
///
/// The methods of a client make one for every operation. A program that is told which operation to
/// call while it runs makes one with [`Call::new`] and [`Call::argument`].
#[derive(Clone)]
pub struct Call {
    pub(crate) arguments: Arguments,
    pub(crate) body: Option<Bytes>,
    body_error: Option<String>,
    for_everything: bool,
}

impl Call {
    /// A call of `operation` without arguments.
    pub fn new(operation: &'static Operation) -> Self {
        let arguments = Arguments::new(operation);
        Call { arguments, body: None, body_error: None, for_everything: false }
    }

    /// Sets a parameter by its name on the wire from a text: `true` or `false`, a number, an RFC
    /// 3339 date-time, or texts with commas between them for a list.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] if the operation has no such parameter, or the text is not one
    /// of its type.
    pub fn argument(mut self, name: &str, text: &str) -> Result<Self, Error> {
        let operation = self.arguments.operation;
        let refuse = |message: String| Error::new(ErrorKind::InvalidRequest, message);
        let Some(parameter) = operation.parameter(name) else {
            let id = operation.id;
            return Err(refuse(format!("the operation `{id}` has no parameter `{name}`")));
        };
        let read =
            |text: &str| read(parameter, text).map_err(|it| refuse(format!("`{name}`: {it}")));
        let argument = match parameter.list {
            true => Argument::List(text.split(',').map(read).collect::<Result<_, _>>()?),
            false => Argument::One(read(text)?),
        };
        self.arguments.put(parameter, argument);
        Ok(self)
    }

    /// Sets a path parameter. For generated code.
    #[must_use]
    pub fn path(mut self, name: &'static str, value: &(impl WireText + ?Sized)) -> Self {
        self.arguments.set(name, value);
        self
    }

    /// Sets the query parameters. For generated code.
    #[must_use]
    pub fn query(mut self, query: &impl Query) -> Self {
        query.write_arguments(&mut self.arguments);
        self
    }

    /// Sets the body, which is written as JSON.
    #[must_use]
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.body = Some(body.into()),
            Err(error) => self.body_error = Some(error.to_string()),
        }
        self
    }

    /// Says that a body in whose filter nothing is set is meant, and is to be sent.
    ///
    /// **The request is then for everything in its scope, which may be all that the token can
    /// reach.** Without this, a call of an operation that requires a filter is refused.
    #[must_use]
    pub fn for_everything(self) -> Self {
        self.for_everything_if(true)
    }

    /// Says whether a body in whose filter nothing is set is meant; see
    /// [`for_everything`](Call::for_everything).
    #[must_use]
    pub fn for_everything_if(mut self, meant: bool) -> Self {
        self.for_everything = meant;
        self
    }

    /// Whether it asks for the page at a cursor.
    pub(crate) fn has_cursor(&self) -> bool {
        let pagination = &self.arguments.operation.pagination;
        pagination.as_ref().is_some_and(|it| self.arguments.is_set(it.cursor))
    }

    /// The path and query of the request, if the spec allows it.
    pub(crate) fn path_and_query(&self) -> Result<String, Error> {
        if let Some(error) = &self.body_error {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "the body cannot be written as JSON",
            )
            .with_source(error.clone()));
        }
        let mut problems = self.arguments.problems();
        problems.extend(self.body_problems());
        if !problems.is_empty() {
            return Err(Error::invalid_request(problems));
        }
        Ok(self.arguments.path_and_query())
    }

    fn body_problems(&self) -> Vec<Problem> {
        match (&self.arguments.operation.body, &self.body) {
            (Some(body), Some(text)) => body::problems(body, text, self.for_everything),
            (Some(body), None) if body.required => {
                vec![Problem { parameter: "body".to_owned(), message: "it is required".to_owned() }]
            }
            _ => Vec::new(),
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.arguments.operation.id)
            .field("arguments", &self.arguments)
            .finish_non_exhaustive()
    }
}

/// The text of one value as it goes out.
fn read(parameter: &Parameter, text: &str) -> Result<String, String> {
    match parameter.value_type {
        ValueType::Integer => match text.parse::<i64>() {
            Ok(number) => Ok(number.to_string()),
            Err(_) => Err("it is not a whole number".to_owned()),
        },
        ValueType::Boolean if !matches!(text, "true" | "false") => {
            Err("it is neither `true` nor `false`".to_owned())
        }
        ValueType::DateTime => match DateTime::parse_from_rfc3339(text) {
            Ok(time) => Ok(time.to_utc().wire_text(parameter)),
            Err(_) => Err("it is not a date-time such as 2026-11-01T00:00:00Z".to_owned()),
        },
        _ => Ok(text.to_owned()),
    }
}

/// The query parameters of an operation. Generated query structs implement it.
pub trait Query {
    /// Writes the parameters that are set.
    fn write_arguments(&self, arguments: &mut Arguments);
}

/// The arguments of a call, in wire form.
#[derive(Clone)]
pub struct Arguments {
    operation: &'static Operation,
    values: Vec<(&'static Parameter, Argument)>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Argument {
    One(String),
    List(Vec<String>),
}

impl fmt::Debug for Arguments {
    /// Arguments can hold personal data, so only their names are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.values.iter().map(|(parameter, _)| parameter.name)).finish()
    }
}

impl Arguments {
    /// Sets a parameter with one value, if there is a value.
    pub fn value<T: WireText>(&mut self, name: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Sets a list parameter, if there is a list.
    pub fn list<T: WireText>(&mut self, name: &'static str, items: &Option<Vec<T>>) {
        if let Some(items) = items {
            let parameter = self.parameter(name);
            let items = items.iter().map(|item| item.wire_text(parameter)).collect();
            self.put(parameter, Argument::List(items));
        }
    }

    pub(crate) fn new(operation: &'static Operation) -> Self {
        Arguments { operation, values: Vec::new() }
    }

    pub(crate) fn operation(&self) -> &'static Operation {
        self.operation
    }

    pub(crate) fn set(&mut self, name: &str, value: &(impl WireText + ?Sized)) {
        let parameter = self.parameter(name);
        self.put(parameter, Argument::One(value.wire_text(parameter)));
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.values.iter().any(|(parameter, _)| parameter.name == name)
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.values.retain(|(parameter, _)| parameter.name != name);
    }

    pub(crate) fn to_map(&self) -> BTreeMap<String, Argument> {
        self.values.iter().map(|(it, value)| (it.name.to_owned(), value.clone())).collect()
    }

    /// Sets the arguments of a map, or gives the name of one that the operation does not have.
    pub(crate) fn extend<'a>(
        &mut self,
        arguments: &'a BTreeMap<String, Argument>,
    ) -> Result<(), &'a str> {
        for (name, argument) in arguments {
            let parameter = self.operation.parameter(name).ok_or(name.as_str())?;
            self.put(parameter, argument.clone());
        }
        Ok(())
    }

    fn put(&mut self, parameter: &'static Parameter, argument: Argument) {
        self.unset(parameter.name);
        self.values.push((parameter, argument));
    }

    fn parameter(&self, name: &str) -> &'static Parameter {
        let operation = self.operation;
        match operation.parameter(name) {
            Some(parameter) => parameter,
            None => unreachable!("codegen wrote {name} but not into the table of {}", operation.id),
        }
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut report = |name: &str, message: String| {
            problems.push(Problem { parameter: name.to_owned(), message });
        };
        for (parameter, argument) in &self.values {
            inspect(parameter, argument, &mut |message| report(parameter.name, message));
        }
        for parameter in self.operation.parameters {
            if parameter.required && !self.is_set(parameter.name) {
                report(parameter.name, "it is required".to_owned());
            }
        }
        if let Some(pagination) = &self.operation.pagination
            && let Some(skip) = pagination.skip
            && self.is_set(skip)
            && self.is_set(pagination.cursor)
        {
            report(skip, format!("it cannot be sent with `{}`", pagination.cursor));
        }
        problems
    }

    fn path_and_query(&self) -> String {
        let mut text = String::new();
        let mut rest = self.operation.path;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(before);
            if let Some((_, argument)) = self.values.iter().find(|(p, _)| p.name == name) {
                encode_argument(&mut text, argument);
            }
            rest = after;
        }
        text.push_str(rest);

        let query = self.values.iter().filter(|(p, _)| p.location == Location::Query);
        for (number, (parameter, argument)) in query.enumerate() {
            text.push(if number == 0 { '?' } else { '&' });
            encode(&mut text, parameter.name);
            text.push('=');
            encode_argument(&mut text, argument);
        }
        text
    }
}

/// A value as the text of a parameter. For generated code.
pub trait WireText {
    /// The text, before percent-encoding.
    fn wire_text(&self, parameter: &Parameter) -> String;
}

impl WireText for str {
    fn wire_text(&self, _: &Parameter) -> String {
        self.to_owned()
    }
}

impl WireText for String {
    fn wire_text(&self, _: &Parameter) -> String {
        self.clone()
    }
}

impl WireText for DateTime<Utc> {
    fn wire_text(&self, parameter: &Parameter) -> String {
        date_time::to_argument(*self, parameter)
    }
}

macro_rules! wire_text_by_display {
    ($($type:ty),*) => {$(
        impl WireText for $type {
            fn wire_text(&self, _: &Parameter) -> String {
                self.to_string()
            }
        }
    )*};
}

wire_text_by_display!(bool, i32, i64);

/// Something that the spec does not allow about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The name of the parameter on the wire, such as `createdAt__gte`, or the path of a member of
    /// the body, such as `filter.ids[2]`.
    pub parameter: String,
    /// What is wrong and what to write instead. Texts that were given are not repeated.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.parameter, self.message)
    }
}

/// Reports what the spec does not allow about the value of a parameter.
fn inspect(parameter: &Parameter, argument: &Argument, report: &mut impl FnMut(String)) {
    let check = Check::new(parameter.constraints);
    let items = match argument {
        Argument::One(text) => return inspect_one(parameter, &check, text, report),
        Argument::List(items) => items,
    };
    if items.is_empty() {
        let remedy = "leave the parameter unset for that";
        report(format!("an empty list would not filter; {remedy}"));
        return;
    }
    check.count(items.len(), report);
    for (index, item) in items.iter().enumerate() {
        let mut report = |message| report(format!("item {}: {message}", index + 1));
        if item.is_empty() {
            report("it is empty".to_owned());
        } else if item.contains(',') {
            let why = "which separates items and cannot be escaped";
            report(format!("it has a comma, {why}"));
        } else {
            inspect_one(parameter, &check, item, &mut report);
        }
    }
}

fn inspect_one(parameter: &Parameter, check: &Check, text: &str, report: &mut impl FnMut(String)) {
    match parameter.value_type {
        ValueType::Integer => text.parse().into_iter().for_each(|it| check.integer(it, report)),
        ValueType::DateTime if DateTime::parse_from_rfc3339(text).is_err() => {
            report("its year is not one of 0 to 9999".to_owned());
        }
        ValueType::String
            if parameter.location == Location::Path && matches!(text, "" | "." | "..") =>
        {
            report("an empty or dotted segment would change the path".to_owned());
        }
        ValueType::String => check.text(text, report),
        _ => {}
    }
}

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encode_argument(text: &mut String, argument: &Argument) {
    match argument {
        Argument::One(value) => encode(text, value),
        Argument::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if index != 0 {
                    text.push(',');
                }
                encode(text, item);
            }
        }
    }
}

fn encode(text: &mut String, value: &str) {
    text.extend(utf8_percent_encode(value, RESERVED));
}
