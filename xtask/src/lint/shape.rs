//! Which keys each kind of OpenAPI object has, and what stands under them.

use serde_json::Value;

use super::{Lint, escaped};
use crate::closest::closest;

/// A kind of OpenAPI object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Document,
    Info,
    Contact,
    License,
    Server,
    ServerVariable,
    PathItem,
    Operation,
    ExternalDocs,
    Parameter,
    RequestBody,
    MediaType,
    Encoding,
    Response,
    Callback,
    Example,
    Link,
    Header,
    Tag,
    Components,
    Schema,
    Discriminator,
    Xml,
    SecurityScheme,
    OauthFlows,
    OauthFlow,
}

/// An object of the document.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) pointer: String,
    pub(crate) kind: Kind,
    pub(crate) value: &'a Value,
}

/// What stands under a key.
#[derive(Clone, Copy)]
enum Child {
    /// Anything, which is not looked into.
    Any,
    /// An object.
    One(Kind),
    /// A list of objects.
    Each(Kind),
    /// Objects by name.
    Named(Kind),
}

/// Goes through the document, and reports unknown keys and what is no reference; where references
/// lead, the load pass has looked.
pub(super) fn walk<'a>(lint: &mut Lint<'a>) -> Vec<Node<'a>> {
    let mut nodes = Vec::new();
    visit(lint, String::new(), &lint.document.value, Kind::Document, &mut nodes);
    nodes
}

fn visit<'a>(
    lint: &mut Lint<'a>,
    pointer: String,
    value: &'a Value,
    kind: Kind,
    nodes: &mut Vec<Node<'a>>,
) {
    let Some(object) = value.as_object() else {
        // `additionalProperties` may be a boolean; `schemas::check` has a say in that.
        if !(kind == Kind::Schema && value.is_boolean()) {
            lint.fault(&pointer, format!("it is {}", kind_of(value)), "write an object here");
        }
        return;
    };
    if let Some(reference) = object.get("$ref") {
        check_reference(lint, &pointer, reference, object.len());
        return;
    }
    for (key, child) in object {
        let at = format!("{pointer}/{}", escaped(key));
        let known = keys(kind).iter().find(|(name, _)| name == key).map(|(_, child)| *child);
        match known {
            Some(Child::Any) => {}
            Some(Child::One(kind)) => visit(lint, at, child, kind, nodes),
            Some(Child::Each(kind)) => visit_list(lint, &at, child, kind, nodes),
            Some(Child::Named(kind)) => visit_named(lint, &at, child, kind, nodes),
            None if key.starts_with("x-") => check_extension(lint, &at, key, kind),
            None => {
                let remedy = match closest(key, keys(kind).iter().map(|(name, _)| *name)) {
                    Some(name) => format!("write `{name}`"),
                    None => "remove it, or begin its name with `x-`".to_owned(),
                };
                lint.fault(&at, format!("unknown key `{key}`"), remedy);
            }
        }
    }
    nodes.push(Node { pointer, kind, value });
}

fn visit_list<'a>(
    lint: &mut Lint<'a>,
    at: &str,
    list: &'a Value,
    kind: Kind,
    nodes: &mut Vec<Node<'a>>,
) {
    match list.as_array() {
        Some(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(lint, format!("{at}/{index}"), item, kind, nodes);
            }
        }
        None => lint.fault(at, format!("it is {}", kind_of(list)), "write a list here"),
    }
}

fn visit_named<'a>(
    lint: &mut Lint<'a>,
    at: &str,
    named: &'a Value,
    kind: Kind,
    nodes: &mut Vec<Node<'a>>,
) {
    match named.as_object() {
        Some(members) => {
            let extensible = matches!(kind, Kind::PathItem | Kind::Response);
            for (name, member) in members {
                if extensible && name.starts_with("x-") {
                    continue;
                }
                visit(lint, format!("{at}/{}", escaped(name)), member, kind, nodes);
            }
        }
        None => lint.fault(at, format!("it is {}", kind_of(named)), "write an object here"),
    }
}

fn check_reference(lint: &mut Lint, pointer: &str, reference: &Value, members: usize) {
    let at = format!("{pointer}/$ref");
    if !reference.is_string() {
        lint.fault(&at, "a `$ref` that is no text", "write `$ref: '#/components/…'`");
        return;
    }
    if members != 1 {
        let remedy = "remove the other keys, or wrap the `$ref` in an `allOf`";
        lint.fault(&at, "keys beside a `$ref` are ignored by OpenAPI 3.0", remedy);
    }
}

/// The `x-` keys of the project's vocabulary, with the kind of object each belongs on.
const EXTENSIONS: [(&str, Kind); 11] = [
    ("x-acts-on", Kind::Operation),
    ("x-open-enum", Kind::Schema),
    ("x-enumDescriptions", Kind::Schema),
    ("x-enum-varnames", Kind::Schema),
    ("x-filter", Kind::Parameter),
    ("x-idempotent", Kind::Operation),
    ("x-identifies", Kind::Parameter),
    ("x-no-filter", Kind::Operation),
    ("x-pagination", Kind::Operation),
    ("x-rate-limit", Kind::Operation),
    ("x-requires-filter", Kind::Operation),
];

fn check_extension(lint: &mut Lint, at: &str, key: &str, kind: Kind) {
    let known = EXTENSIONS.iter().find(|(name, _)| *name == key);
    match known {
        Some((_, home)) if *home == kind => {}
        Some((_, home)) => {
            let problem = format!("`{key}` does not belong on {kind:?} objects");
            lint.fault(at, problem, format!("move it to a {home:?} object"));
        }
        None => {
            let remedy = match closest(key, EXTENSIONS.iter().map(|(name, _)| *name)) {
                Some(name) => format!("write `{name}`"),
                None => {
                    "remove it, or add it to the vocabulary in the generator and spec/README.md"
                        .to_owned()
                }
            };
            lint.fault(at, format!("unknown extension `{key}`"), remedy);
        }
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn keys(kind: Kind) -> &'static [(&'static str, Child)] {
    use Child::{Any, Each, Named, One};
    match kind {
        Kind::Document => &[
            ("openapi", Any),
            ("info", One(Kind::Info)),
            ("servers", Each(Kind::Server)),
            ("paths", Named(Kind::PathItem)),
            ("components", One(Kind::Components)),
            ("security", Any),
            ("tags", Each(Kind::Tag)),
            ("externalDocs", One(Kind::ExternalDocs)),
        ],
        Kind::Info => &[
            ("title", Any),
            ("description", Any),
            ("termsOfService", Any),
            ("contact", One(Kind::Contact)),
            ("license", One(Kind::License)),
            ("version", Any),
        ],
        Kind::Contact => &[("name", Any), ("url", Any), ("email", Any)],
        Kind::License => &[("name", Any), ("url", Any)],
        Kind::Server => {
            &[("url", Any), ("description", Any), ("variables", Named(Kind::ServerVariable))]
        }
        Kind::ServerVariable => &[("enum", Any), ("default", Any), ("description", Any)],
        Kind::PathItem => &[
            ("summary", Any),
            ("description", Any),
            ("get", One(Kind::Operation)),
            ("put", One(Kind::Operation)),
            ("post", One(Kind::Operation)),
            ("delete", One(Kind::Operation)),
            ("options", One(Kind::Operation)),
            ("head", One(Kind::Operation)),
            ("patch", One(Kind::Operation)),
            ("trace", One(Kind::Operation)),
            ("servers", Each(Kind::Server)),
            ("parameters", Each(Kind::Parameter)),
        ],
        Kind::Operation => &[
            ("tags", Any),
            ("summary", Any),
            ("description", Any),
            ("externalDocs", One(Kind::ExternalDocs)),
            ("operationId", Any),
            ("parameters", Each(Kind::Parameter)),
            ("requestBody", One(Kind::RequestBody)),
            ("responses", Named(Kind::Response)),
            ("callbacks", Named(Kind::Callback)),
            ("deprecated", Any),
            ("security", Any),
            ("servers", Each(Kind::Server)),
        ],
        Kind::ExternalDocs => &[("description", Any), ("url", Any)],
        Kind::Parameter => &[
            ("name", Any),
            ("in", Any),
            ("description", Any),
            ("required", Any),
            ("deprecated", Any),
            ("allowEmptyValue", Any),
            ("style", Any),
            ("explode", Any),
            ("allowReserved", Any),
            ("schema", One(Kind::Schema)),
            ("example", Any),
            ("examples", Named(Kind::Example)),
            ("content", Named(Kind::MediaType)),
        ],
        Kind::Header => &[
            ("description", Any),
            ("required", Any),
            ("deprecated", Any),
            ("allowEmptyValue", Any),
            ("style", Any),
            ("explode", Any),
            ("allowReserved", Any),
            ("schema", One(Kind::Schema)),
            ("example", Any),
            ("examples", Named(Kind::Example)),
            ("content", Named(Kind::MediaType)),
        ],
        Kind::RequestBody => {
            &[("description", Any), ("content", Named(Kind::MediaType)), ("required", Any)]
        }
        Kind::MediaType => &[
            ("schema", One(Kind::Schema)),
            ("example", Any),
            ("examples", Named(Kind::Example)),
            ("encoding", Named(Kind::Encoding)),
        ],
        Kind::Encoding => &[
            ("contentType", Any),
            ("headers", Named(Kind::Header)),
            ("style", Any),
            ("explode", Any),
            ("allowReserved", Any),
        ],
        Kind::Response => &[
            ("description", Any),
            ("headers", Named(Kind::Header)),
            ("content", Named(Kind::MediaType)),
            ("links", Named(Kind::Link)),
        ],
        // Its keys are expressions, and it is of no use to a client.
        Kind::Callback => &[],
        Kind::Example => {
            &[("summary", Any), ("description", Any), ("value", Any), ("externalValue", Any)]
        }
        Kind::Link => &[
            ("operationRef", Any),
            ("operationId", Any),
            ("parameters", Any),
            ("requestBody", Any),
            ("description", Any),
            ("server", One(Kind::Server)),
        ],
        Kind::Tag => {
            &[("name", Any), ("description", Any), ("externalDocs", One(Kind::ExternalDocs))]
        }
        Kind::Components => &[
            ("schemas", Named(Kind::Schema)),
            ("responses", Named(Kind::Response)),
            ("parameters", Named(Kind::Parameter)),
            ("examples", Named(Kind::Example)),
            ("requestBodies", Named(Kind::RequestBody)),
            ("headers", Named(Kind::Header)),
            ("securitySchemes", Named(Kind::SecurityScheme)),
            ("links", Named(Kind::Link)),
            ("callbacks", Named(Kind::Callback)),
        ],
        Kind::Schema => &[
            ("title", Any),
            ("multipleOf", Any),
            ("maximum", Any),
            ("exclusiveMaximum", Any),
            ("minimum", Any),
            ("exclusiveMinimum", Any),
            ("maxLength", Any),
            ("minLength", Any),
            ("pattern", Any),
            ("maxItems", Any),
            ("minItems", Any),
            ("uniqueItems", Any),
            ("maxProperties", Any),
            ("minProperties", Any),
            ("required", Any),
            ("enum", Any),
            ("type", Any),
            ("allOf", Each(Kind::Schema)),
            ("oneOf", Each(Kind::Schema)),
            ("anyOf", Each(Kind::Schema)),
            ("not", One(Kind::Schema)),
            ("items", One(Kind::Schema)),
            ("properties", Named(Kind::Schema)),
            ("additionalProperties", One(Kind::Schema)),
            ("description", Any),
            ("format", Any),
            ("default", Any),
            ("nullable", Any),
            ("discriminator", One(Kind::Discriminator)),
            ("readOnly", Any),
            ("writeOnly", Any),
            ("xml", One(Kind::Xml)),
            ("externalDocs", One(Kind::ExternalDocs)),
            ("example", Any),
            ("deprecated", Any),
        ],
        Kind::Discriminator => &[("propertyName", Any), ("mapping", Any)],
        Kind::Xml => &[
            ("name", Any),
            ("namespace", Any),
            ("prefix", Any),
            ("attribute", Any),
            ("wrapped", Any),
        ],
        Kind::SecurityScheme => &[
            ("type", Any),
            ("description", Any),
            ("name", Any),
            ("in", Any),
            ("scheme", Any),
            ("bearerFormat", Any),
            ("flows", One(Kind::OauthFlows)),
            ("openIdConnectUrl", Any),
        ],
        Kind::OauthFlows => &[
            ("implicit", One(Kind::OauthFlow)),
            ("password", One(Kind::OauthFlow)),
            ("clientCredentials", One(Kind::OauthFlow)),
            ("authorizationCode", One(Kind::OauthFlow)),
        ],
        Kind::OauthFlow => {
            &[("authorizationUrl", Any), ("tokenUrl", Any), ("refreshUrl", Any), ("scopes", Any)]
        }
    }
}
