//! The path and the query string of a request, held against the operation's parameters.

use chrono::{DateTime, NaiveDateTime, Utc};
use http::Uri;
use percent_encoding::percent_decode_str;
use sentinelone_runtime::operation::{Location, Operation, Parameter, ValueType};
use serde_json::{Map, Value};

use crate::console::Patterns;
use crate::problem::Refusal;

/// The arguments of a request, all valid.
#[derive(Debug)]
pub(crate) struct Query {
    /// Those of the path first, in the order of the operation's parameters.
    pub(crate) arguments: Vec<Argument>,
}

/// The value that a request, or a default, gives to a parameter.
#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) parameter: &'static Parameter,
    /// The items of a list, or the one value.
    pub(crate) operands: Vec<Operand>,
    /// Whether it stands in the request.
    pub(crate) given: bool,
}

/// One value, by the type of its parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Text(String),
    Integer(i64),
    Boolean(bool),
    Time(DateTime<Utc>),
}

impl Query {
    /// Reads path and query string; refuses them with everything that is wrong with them.
    pub(crate) fn parse(
        operation: &'static Operation,
        uri: &Uri,
        patterns: &Patterns,
    ) -> Result<Query, Refusal> {
        let query = uri.query().unwrap_or("");
        let pairs: Vec<_> = query.split('&').filter(|it| !it.is_empty()).map(pair).collect();
        let in_query = |it: &&Parameter| it.location == Location::Query;
        let parameters = || operation.parameters.iter().filter(in_query);

        let mut problems = Vec::new();
        for (name, _) in &pairs {
            if !parameters().any(|parameter| parameter.name == name) {
                problems.push(format!("dict_values(['{name}']): Unknown field"));
            }
        }
        let mut arguments = Vec::new();
        for (parameter, text) in path_arguments(operation, uri.path()) {
            match read(parameter, &text, patterns) {
                Ok(operands) => arguments.push(Argument { parameter, operands, given: true }),
                Err(problem) => problems.push(format!("{}: {problem}", parameter.name)),
            }
        }
        for parameter in parameters() {
            // The first of several: a list is one value with commas in it.
            let given = pairs.iter().find(|(name, _)| name == parameter.name);
            let Some(text) = given.map(|(_, value)| value.as_str()).or(parameter.default) else {
                if parameter.required {
                    let name = parameter.name;
                    problems.push(format!("{name}: Missing data for required field."));
                }
                continue;
            };
            match read(parameter, text, patterns) {
                Ok(operands) => {
                    arguments.push(Argument { parameter, operands, given: given.is_some() });
                }
                Err(problem) => problems.push(format!("{}: {problem}", parameter.name)),
            }
        }
        if problems.is_empty() { Ok(Query { arguments }) } else { Err(Refusal::invalid(problems)) }
    }

    /// Reads the members of a body's filter, which are called as the parameters of the operation are.
    pub(crate) fn of_body(
        operation: &'static Operation,
        members: &Map<String, Value>,
        patterns: &Patterns,
    ) -> Result<Query, Refusal> {
        let mut problems = Vec::new();
        let mut arguments = Vec::new();
        for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
            let Some(parameter) = operation.parameter(name) else {
                problems.push(format!("dict_values(['{name}']): Unknown field"));
                continue;
            };
            let items = match value {
                Value::Array(items) => &items[..],
                one => std::slice::from_ref(one),
            };
            let text = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            let operands = items.iter().map(|item| operand(parameter, &text(item), patterns));
            match operands.collect() {
                Ok(operands) => arguments.push(Argument { parameter, operands, given: true }),
                Err(problem) => problems.push(format!("{name}: {problem}")),
            }
        }
        if problems.is_empty() { Ok(Query { arguments }) } else { Err(Refusal::invalid(problems)) }
    }

    /// Whether the request itself gives the parameter.
    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.argument(name).is_some_and(|argument| argument.given)
    }

    /// The text of a parameter, if it has one.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.argument(name)?.operands.first()? {
            Operand::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number that a parameter holds, if it has one that counts something.
    pub(crate) fn count(&self, name: &str) -> Option<usize> {
        match self.argument(name)?.operands.first()? {
            Operand::Integer(count) => usize::try_from(*count).ok(),
            _ => None,
        }
    }

    /// Whether the path says which of the items with that schema are meant.
    pub(crate) fn path_selects(&self, schema: &str) -> bool {
        self.arguments.iter().map(|argument| argument.parameter).any(|it| {
            it.location == Location::Path && (it.filter.is_some() || it.identifies == Some(schema))
        })
    }

    /// Whether a switch is on.
    pub(crate) fn is_on(&self, name: Option<&str>) -> bool {
        let argument = name.and_then(|name| self.argument(name));
        argument.is_some_and(|argument| argument.operands.first() == Some(&Operand::Boolean(true)))
    }

    fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.parameter.name == name)
    }
}

/// Reads a date-time in any form that the console takes.
pub(crate) fn date_time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(date_time) = DateTime::parse_from_rfc3339(text) {
        return Some(date_time.to_utc());
    }
    let without_zone = text.strip_suffix('Z').unwrap_or(text).replacen(' ', "T", 1);
    let parsed = NaiveDateTime::parse_from_str(&without_zone, "%Y-%m-%dT%H:%M:%S%.f");
    parsed.ok().map(|date_time| date_time.and_utc())
}

/// The parameters of a path with what stands for them.
fn path_arguments<'a>(
    operation: &'static Operation,
    path: &'a str,
) -> impl Iterator<Item = (&'static Parameter, String)> + use<'a> {
    operation.path.split('/').zip(path.split('/')).filter_map(|(expected, given)| {
        let name = expected.strip_prefix('{')?.strip_suffix('}')?;
        let text = percent_decode_str(given).decode_utf8_lossy().into_owned();
        Some((operation.parameter(name)?, text))
    })
}

fn pair(pair: &str) -> (String, String) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let decode =
        |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    (decode(name), decode(value))
}

fn read(parameter: &Parameter, text: &str, patterns: &Patterns) -> Result<Vec<Operand>, String> {
    let items: Vec<&str> = match (parameter.list, text) {
        (true, "") => Vec::new(),
        (true, text) => text.split(',').collect(),
        (false, text) => vec![text],
    };
    if parameter.list {
        let constraints = parameter.constraints;
        within(items.len(), constraints.min_items, constraints.max_items)?;
    }
    items.into_iter().map(|item| operand(parameter, item, patterns)).collect()
}

fn operand(parameter: &Parameter, item: &str, patterns: &Patterns) -> Result<Operand, String> {
    let constraints = parameter.constraints;
    match parameter.value_type {
        ValueType::Integer => {
            let number = item.parse().map_err(|_| "Not a valid integer.")?;
            in_range(number, constraints.minimum, constraints.maximum)?;
            Ok(Operand::Integer(number))
        }
        ValueType::Boolean => match item {
            "true" | "True" => Ok(Operand::Boolean(true)),
            "false" | "False" => Ok(Operand::Boolean(false)),
            _ => Err("Not a valid boolean.".to_owned()),
        },
        ValueType::DateTime => {
            let date_time = date_time(item).ok_or("Not a valid datetime.")?;
            Ok(Operand::Time(date_time))
        }
        _ => {
            if !parameter.known_values.is_empty() && !parameter.known_values.contains(&item) {
                return Err(format!("\"{item}\" is not a valid choice."));
            }
            within(item.chars().count(), constraints.min_length, constraints.max_length)?;
            matches(item, constraints.pattern, patterns)?;
            Ok(Operand::Text(item.to_owned()))
        }
    }
}

pub(crate) fn matches(
    text: &str,
    pattern: Option<&'static str>,
    patterns: &Patterns,
) -> Result<(), String> {
    let pattern = pattern.and_then(|pattern| patterns.get(pattern));
    match pattern.is_none_or(|pattern| pattern.is_match(text)) {
        true => Ok(()),
        false => Err("Not a valid Identifier".to_owned()),
    }
}

pub(crate) fn within(
    length: usize,
    least: Option<usize>,
    most: Option<usize>,
) -> Result<(), String> {
    match (least, most) {
        (Some(least), _) if length < least => Err(format!("Shorter than minimum length {least}.")),
        (_, Some(most)) if most < length => Err(format!("Longer than maximum length {most}.")),
        _ => Ok(()),
    }
}

pub(crate) fn in_range(number: i64, least: Option<i64>, most: Option<i64>) -> Result<(), String> {
    let inside =
        least.is_none_or(|least| least <= number) && most.is_none_or(|most| number <= most);
    match (least, most) {
        _ if inside => Ok(()),
        (Some(least), Some(most)) => Err(format!("Must be between {least} and {most}.")),
        (Some(least), None) => Err(format!("Must be at least {least}.")),
        (_, most) => Err(format!("Must be at most {}.", most.unwrap_or(i64::MAX))),
    }
}
