//! Examples and defaults are what their schemas allow.

use jsonschema::{Draft, ValidationError, Validator};
use serde_json::Value;

use super::json_schema::json_schema;
use crate::lint::{Kind, Lint, Node};
use crate::pointer::escaped;

pub(super) fn check<'a>(lint: &mut Lint<'a>, nodes: &[Node<'a>]) {
    for node in nodes {
        let Node { pointer, kind, value } = node;
        match kind {
            Kind::Schema => {
                for key in ["default", "example"] {
                    if let Some(given) = value.get(key) {
                        validate(lint, &format!("{pointer}/{key}"), key, given, value);
                    }
                }
            }
            Kind::Parameter | Kind::Header | Kind::MediaType => check_examples(lint, node),
            _ => {}
        }
    }
}

fn check_examples<'a>(lint: &mut Lint<'a>, node: &Node<'a>) {
    let Node { pointer, value, .. } = node;
    let Some(schema) = value.get("schema") else { return };
    if let Some(example) = value.get("example") {
        validate(lint, &format!("{pointer}/example"), "example", example, schema);
    }
    let examples = value.get("examples").and_then(Value::as_object);
    for (name, example) in examples.into_iter().flatten() {
        if let Some(example) = lint.resolve(example).get("value") {
            let at = format!("{pointer}/examples/{}/value", escaped(name));
            validate(lint, &at, "example", example, schema);
        }
    }
}

/// Whether a schema without `$ref`s allows a value.
pub(crate) fn allows(schema: &Value, given: &Value) -> bool {
    validator(&json_schema(&Value::Null, schema)).is_ok_and(|it| it.is_valid(given))
}

fn validator(schema: &Value) -> Result<Validator, ValidationError<'static>> {
    jsonschema::options().with_draft(Draft::Draft4).should_validate_formats(true).build(schema)
}

fn validate(lint: &mut Lint, at: &str, what: &str, given: &Value, schema: &Value) {
    let schema = json_schema(&lint.document.value, schema);
    let validator = match validator(&schema) {
        Ok(validator) => validator,
        // A schema that is none is the lint pass's to tell; what it lets pass is told here.
        Err(error) => {
            let problem = format!("the schema of this {what} cannot be read: {error}");
            return lint.fault(at, problem, "correct the schema");
        }
    };
    for error in validator.iter_errors(given) {
        let problem = format!("the {what} is not what the schema allows: {error}");
        let remedy = "write a value that is, or correct the schema";
        lint.fault(&format!("{at}{}", error.instance_path()), problem, remedy);
    }
}
