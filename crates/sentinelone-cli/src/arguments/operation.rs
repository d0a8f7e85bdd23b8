use std::path::PathBuf;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches, Subcommand, value_parser};
use heck::ToKebabCase;
use sentinelone::OPERATIONS;
use sentinelone::operation::{Field, FieldType, Operation, Parameter, ValueType};

/// An operation with its arguments, as texts.
#[derive(Debug)]
pub(crate) struct OperationCall {
    pub(crate) operation: &'static Operation,
    /// Names on the wire with values.
    pub(crate) arguments: Vec<(&'static str, String)>,
    /// The file with the body.
    pub(crate) body: Option<PathBuf>,
    /// Whether a body in whose filter nothing is set is meant.
    pub(crate) for_everything: bool,
    /// Whether all pages are read.
    pub(crate) all: bool,
}

const BODY: &str = "request-body";
const ALL: &str = "all-pages";
const FOR_EVERYTHING: &str = "everything-is-meant";

/// The options that a parameter cannot have the name of.
const TAKEN: [&str; 14] = [
    "all",
    "body",
    "dry-run",
    "error-format",
    "for-everything",
    "help",
    "max-attempts",
    "profile",
    "quiet",
    "requests-per-second",
    "sim",
    "token-file",
    "url",
    "version",
];

impl Subcommand for OperationCall {
    fn augment_subcommands(command: Command) -> Command {
        command.subcommands(OPERATIONS.iter().map(|operation| subcommand(operation)))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        OPERATIONS.iter().any(|operation| operation.id.to_kebab_case() == name)
    }
}

impl FromArgMatches for OperationCall {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let named = matches.subcommand().and_then(|(name, matches)| {
            let operation = OPERATIONS.iter().find(|it| it.id.to_kebab_case() == name)?;
            Some(OperationCall::read(operation, matches))
        });
        named.ok_or_else(|| {
            clap::Error::raw(ErrorKind::MissingSubcommand, "an operation of the API is missing")
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl OperationCall {
    pub(crate) fn read(operation: &'static Operation, matches: &ArgMatches) -> Self {
        let argument = |parameter: &'static Parameter| {
            let values = matches.get_many::<String>(parameter.name)?;
            Some((parameter.name, values.map(String::as_str).collect::<Vec<_>>().join(",")))
        };
        let is_set = |name| matches.try_get_one::<bool>(name).is_ok_and(|it| it == Some(&true));
        OperationCall {
            operation,
            arguments: operation.parameters.iter().filter_map(argument).collect(),
            body: matches.try_get_one::<PathBuf>(BODY).ok().flatten().cloned(),
            for_everything: is_set(FOR_EVERYTHING),
            all: is_set(ALL),
        }
    }
}

/// The command that calls an operation.
pub(crate) fn subcommand(operation: &'static Operation) -> Command {
    let name = operation.id.to_kebab_case();
    let required = operation.parameters.iter().filter(|it| it.required);
    let mut required = required.map(|it| format!(" --{} VALUE", option(it))).collect::<String>();
    if operation.body.is_some_and(|body| body.required) {
        required.push_str(" --body FILE");
    }
    let mut command = Command::new(name.clone())
        .alias(operation.id)
        .about(format!("{} {}", operation.method, operation.path))
        .after_help(format!("Examples:\n  s1 api {name}{required}"));
    if let Some(body) = &operation.body {
        let help = format!(
            "The body of the request, a file with JSON, or - for standard input{}",
            members(body.content)
        );
        let argument = Arg::new(BODY).long("body").value_name("FILE").help(help);
        let argument = argument.required(body.required);
        command = command.arg(argument.value_parser(value_parser!(PathBuf)));
    }
    if let Some(filter) = operation.body.and_then(|body| body.filter) {
        let help = format!(
            "Send a body in whose `{filter}` nothing is set: it is for everything that the token \
             can reach"
        );
        let argument = Arg::new(FOR_EVERYTHING).long("for-everything");
        command = command.arg(argument.action(ArgAction::SetTrue).help(help));
    }
    if let Some(pagination) = &operation.pagination {
        let help = "Read all pages, and print a record a line";
        let all = Arg::new(ALL).long("all").action(ArgAction::SetTrue).help(help);
        command = command.arg(all.conflicts_with_all(pagination.count_only));
    }
    command.next_help_heading("Parameters").args(operation.parameters.iter().map(argument))
}

/// The members of a body, those that it must have first.
fn members(content: FieldType) -> String {
    let FieldType::Object(schema) = content else { return String::new() };
    let (required, optional): (Vec<_>, Vec<_>) = schema.fields.iter().partition(|it| it.required);
    let names = |fields: &[&Field]| {
        fields.iter().map(|it| format!("`{}`", it.name)).collect::<Vec<_>>().join(", ")
    };
    match (&required[..], &optional[..]) {
        ([], []) => String::new(),
        ([], optional) => format!(": an object, maybe with {}", names(optional)),
        (required, []) => format!(": an object with {}", names(required)),
        (required, optional) => {
            format!(": an object with {}, maybe with {}", names(required), names(optional))
        }
    }
}

/// The name of the option for a parameter, which is that of the typed commands too.
fn option(parameter: &Parameter) -> String {
    let name = parameter.name.to_kebab_case();
    if TAKEN.contains(&name.as_str()) { format!("parameter-{name}") } else { name }
}

fn argument(parameter: &'static Parameter) -> Arg {
    let argument = Arg::new(parameter.name)
        .long(option(parameter))
        .help(description(parameter))
        .required(parameter.required)
        .value_parser(Known(parameter.known_values))
        .hide_possible_values(true)
        .value_name(match (parameter.value_type, parameter.list) {
            (ValueType::Boolean, false) => "true|false",
            (ValueType::Integer, false) => "N",
            (ValueType::DateTime, false) => "TIME",
            (_, false) => "TEXT",
            (_, true) => "TEXT,...",
        });
    match parameter.value_type {
        _ if parameter.list => argument.action(ArgAction::Append),
        ValueType::Integer => argument.allow_negative_numbers(true),
        ValueType::Boolean => {
            argument.num_args(0..=1).require_equals(true).default_missing_value("true")
        }
        _ => argument,
    }
}

fn description(parameter: &Parameter) -> String {
    let mut parts = vec![match (parameter.value_type, parameter.list) {
        _ if !parameter.known_values.is_empty() => {
            let values = parameter.known_values.join(", ");
            format!("{}: {values}", if parameter.list { "some of" } else { "one of" })
        }
        (ValueType::Integer, false) => "a whole number".to_owned(),
        (ValueType::Integer, true) => "whole numbers".to_owned(),
        (ValueType::Boolean, _) => "true or false".to_owned(),
        (ValueType::DateTime, false) => "a time such as 2026-11-01T00:00:00Z".to_owned(),
        (ValueType::DateTime, true) => "times such as 2026-11-01T00:00:00Z".to_owned(),
        (_, false) => "a text".to_owned(),
        (_, true) => "texts".to_owned(),
    }];
    let mut bounds = |least: Option<i64>, most: Option<i64>, what: &str| {
        parts.extend(match (least, most) {
            (None, None) => None,
            (Some(least), None) => Some(format!("at least {least}{what}")),
            (None, Some(most)) => Some(format!("at most {most}{what}")),
            (Some(least), Some(most)) => Some(format!("{least} to {most}{what}")),
        });
    };
    let count = |bound: Option<usize>| bound.and_then(|it| it.try_into().ok());
    let constraints = parameter.constraints;
    bounds(count(constraints.min_items), count(constraints.max_items), " items");
    bounds(count(constraints.min_length), count(constraints.max_length), " characters");
    bounds(constraints.minimum, constraints.maximum, "");
    parts.extend(constraints.pattern.map(|pattern| format!("matching {pattern}")));
    let default = parameter.default.map(|it| format!(" [default: {it}]")).unwrap_or_default();
    format!("`{}`: {}{default}", parameter.name, parts.join(", "))
}

/// Any text; shells complete those that are known.
#[derive(Clone)]
struct Known(&'static [&'static str]);

impl TypedValueParser for Known {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        if self.0.is_empty() {
            return None;
        }
        Some(Box::new(self.0.iter().map(|value| PossibleValue::new(*value))))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use sentinelone::operation::{Constraints, Schema};

    use super::*;
    use crate::arguments::Arguments;

    #[test]
    fn no_parameter_hides_an_option() {
        let mut command = Arguments::command();
        command.build();
        let options = command.get_arguments().filter_map(Arg::get_long);
        let mut options: Vec<&str> = options.chain(["all", "body", "for-everything"]).collect();
        options.sort_unstable();
        // `--sim` is one where it is built in.
        let taken = TAKEN.iter().filter(|it| cfg!(feature = "sim") || **it != "sim");
        assert_eq!(options, taken.copied().collect::<Vec<_>>());
    }

    #[test]
    fn members_of_a_body() {
        let check = |content, expect| assert_eq!(members(content), expect);
        static BODY: Schema = Schema::new(
            "Body",
            &[
                Field::new("a", FieldType::String),
                Field::new("b", FieldType::Any).required(),
                Field::new("c", FieldType::Boolean),
            ],
        );
        static OPTIONAL: Schema = Schema::new("Optional", &[Field::new("a", FieldType::Any)]);
        check(FieldType::Object(&BODY), ": an object with `b`, maybe with `a`, `c`");
        check(FieldType::Object(&OPTIONAL), ": an object, maybe with `a`");
        check(FieldType::Any, "");
    }

    #[test]
    fn descriptions() {
        let check = |parameter: Parameter, expect| assert_eq!(description(&parameter), expect);
        let text = Parameter::query("a__b", ValueType::String);
        check(text.clone(), "`a__b`: a text");
        let constraints = Constraints::new().min_items(1).max_items(9).min_length(2).pattern("^x$");
        check(
            text.clone().list().constrained(constraints),
            "`a__b`: texts, 1 to 9 items, at least 2 characters, matching ^x$",
        );
        check(text.known_values(&["x", "y"]), "`a__b`: one of: x, y");
        let constraints = Constraints::new().maximum(5);
        let number = Parameter::query("n", ValueType::Integer).constrained(constraints);
        check(number.default_value("3"), "`n`: a whole number, at most 5 [default: 3]");
    }
}
