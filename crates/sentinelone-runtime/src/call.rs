use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use regex_lite::Regex;
use serde::{Deserialize, Serialize};

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
}

impl Call {
    /// A call of `operation` without arguments.
    pub fn new(operation: &'static Operation) -> Self {
        Call { arguments: Arguments::new(operation), body: None, body_error: None }
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
        let problems = self.arguments.problems();
        if !problems.is_empty() {
            return Err(Error::invalid_request(problems));
        }
        Ok(self.arguments.path_and_query())
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
        for (parameter, argument) in &self.values {
            let mut report =
                |message| problems.push(Problem { parameter: parameter.name, message });
            let check = Check::new(parameter);
            match argument {
                Argument::One(text) => check.text(text, "", &mut report),
                Argument::List(items) => check.list(items, &mut report),
            }
        }
        for parameter in self.operation.parameters {
            if parameter.required && !self.is_set(parameter.name) {
                let message = "it is required".to_owned();
                problems.push(Problem { parameter: parameter.name, message });
            }
        }
        if let Some(pagination) = &self.operation.pagination
            && let Some(skip) = pagination.skip
            && self.is_set(skip)
            && self.is_set(pagination.cursor)
        {
            let message = format!("it cannot be sent with `{}`", pagination.cursor);
            problems.push(Problem { parameter: skip, message });
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
    /// The name of the parameter on the wire, such as `createdAt__gte`.
    pub parameter: &'static str,
    /// What is wrong and what to write instead. Texts that were given are not repeated.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.parameter, self.message)
    }
}

/// What the spec allows as the value of a parameter.
struct Check {
    parameter: &'static Parameter,
    pattern: Option<Regex>,
}

impl Check {
    fn new(parameter: &'static Parameter) -> Self {
        // Codegen has compiled every pattern, so one that does not compile is none.
        let pattern = parameter.pattern.and_then(|pattern| Regex::new(pattern).ok());
        Check { parameter, pattern }
    }

    fn list(&self, items: &[String], report: &mut impl FnMut(String)) {
        let count = items.len();
        if count == 0 {
            let remedy = "leave the parameter unset for that";
            report(format!("an empty list would not filter; {remedy}"));
            return;
        }
        if let Some(least) = self.parameter.min_items.filter(|&least| count < least) {
            report(format!("{count} items are fewer than {least}"));
        }
        if let Some(most) = self.parameter.max_items.filter(|&most| most < count) {
            report(format!("{count} items are more than {most}; send them in several requests"));
        }
        for (index, item) in items.iter().enumerate() {
            let label = format!("item {}: ", index + 1);
            if item.is_empty() {
                report(format!("{label}it is empty"));
            } else if item.contains(',') {
                let why = "which separates items and cannot be escaped";
                report(format!("{label}it has a comma, {why}"));
            } else {
                self.text(item, &label, report);
            }
        }
    }

    fn text(&self, text: &str, label: &str, report: &mut impl FnMut(String)) {
        match self.parameter.value_type {
            ValueType::Integer => self.number(text, label, report),
            ValueType::DateTime if DateTime::parse_from_rfc3339(text).is_err() => {
                report(format!("{label}its year is not one of 0 to 9999"));
            }
            ValueType::String => self.string(text, label, report),
            _ => {}
        }
    }

    fn string(&self, text: &str, label: &str, report: &mut impl FnMut(String)) {
        if self.parameter.location == Location::Path && matches!(text, "" | "." | "..") {
            report("an empty or dotted segment would change the path".to_owned());
            return;
        }
        let length = text.chars().count();
        if let Some(least) = self.parameter.min_length.filter(|&least| length < least) {
            report(format!("{label}its length is {length}, at least {least} is needed"));
        }
        if let Some(most) = self.parameter.max_length.filter(|&most| most < length) {
            report(format!("{label}its length is {length}, at most {most} is allowed"));
        }
        if let Some(pattern) = self.pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
            report(format!("{label}it does not match `{pattern}`"));
        }
    }

    fn number(&self, text: &str, label: &str, report: &mut impl FnMut(String)) {
        let Ok(number) = text.parse::<i64>() else { return };
        if let Some(least) = self.parameter.minimum.filter(|&least| number < least) {
            report(format!("{label}{number} is less than {least}"));
        }
        if let Some(most) = self.parameter.maximum.filter(|&most| most < number) {
            report(format!("{label}{number} is greater than {most}"));
        }
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
