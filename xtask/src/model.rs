//! What the spec says, as the later passes need it: a linted document read into plain structs.
//!
//! Reading assumes what the lint pass has checked; anything else is an error that names the
//! place.

mod example;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use heck::{ToSnakeCase, ToUpperCamelCase};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The API that a document describes.
#[derive(Debug)]
pub struct Api {
    /// `info.title`.
    pub title: String,
    /// Tags with their descriptions, in the document's order.
    pub tags: Vec<Tag>,
    /// Operations, in the document's order.
    pub operations: Vec<Operation>,
    /// Component schemas by name.
    pub schemas: BTreeMap<String, Schema>,
}

/// A tag: a group of operations.
#[derive(Debug)]
pub struct Tag {
    /// The tag's name.
    pub name: String,
    /// What its operations are about.
    pub description: String,
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// The `operationId`.
    pub id: String,
    /// The operation's first tag.
    pub tag: String,
    /// The HTTP method, in upper case.
    pub method: String,
    /// The path template.
    pub path: String,
    /// One sentence.
    pub summary: String,
    /// What it does.
    pub description: String,
    /// Path and query parameters, sorted by name.
    pub parameters: Vec<Parameter>,
    /// The schema of the JSON body.
    pub body: Option<String>,
    /// What the JSON body is.
    pub body_type: Option<PropertyType>,
    /// Whether the body must be sent.
    pub body_required: bool,
    /// The member of the body with a filter in which something must be set.
    pub requires_filter: Option<String>,
    /// The schema of the JSON answer; none if the answer has no body, or another.
    pub response: Option<String>,
    /// The status of a successful answer.
    pub status: u16,
    /// The type of the answer if it is not JSON.
    pub download: Option<String>,
    /// The body of a successful answer, as the examples of the document say.
    pub example: Option<String>,
    /// Statuses other than success, with what they mean.
    pub errors: Vec<(String, String)>,
    /// How the answer is paged.
    pub pagination: Option<Pagination>,
    /// The schema of one item of a paged answer.
    pub item: Option<String>,
    /// What it does to the items of a list.
    pub acts_on: Option<ActsOn>,
    /// How often the console lets it be called.
    pub rate_limit: Option<RateLimit>,
    /// Whether a request that failed may be sent again, where the method does not say it right.
    pub idempotent: Option<bool>,
    /// Whether it takes the token.
    pub takes_token: bool,
}

/// What follows the name of an operation in that of its query struct.
const QUERY_SUFFIX: &str = "Query";

/// What follows the name of a paged operation in the names of its further methods.
pub const STREAM_SUFFIXES: [&str; 3] = ["_pages", "_stream", "_resume"];

impl Operation {
    /// The name of its method.
    pub fn method_name(&self) -> String {
        self.id.to_snake_case()
    }

    /// The name of its query struct.
    pub fn query_name(&self) -> String {
        format!("{}{QUERY_SUFFIX}", self.id.to_upper_camel_case())
    }

    /// The name of its row in the operation table.
    pub fn table_name(&self) -> String {
        self.method_name().to_uppercase()
    }

    /// Its query parameters.
    pub fn query(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| !parameter.in_path)
    }
}

/// A parameter of an operation.
#[derive(Debug)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// Whether it stands in the path; otherwise in the query.
    pub in_path: bool,
    /// Whether it must be given.
    pub required: bool,
    /// What it means.
    pub description: String,
    /// Whether the value is an array.
    pub list: bool,
    /// The schema of the array, or of the value.
    pub outer: Map<String, Value>,
    /// The schema of the value, or of each item; `$ref`s are resolved.
    pub schema: Map<String, Value>,
    /// The component schema of the value, if that is an enum.
    pub enum_name: Option<String>,
    /// Which items of the list it selects.
    pub filter: Option<Filter>,
    /// The schema of the item whose id it is.
    pub identifies: Option<String>,
}

/// A component schema that becomes a Rust type.
#[derive(Debug)]
pub enum Schema {
    /// An object with properties.
    Object(Object),
    /// A string with known values.
    Enum(Enum),
    /// One of several types.
    Union(Union),
    /// Anything else is written into the types that refer to it.
    Inline,
}

/// An object with properties.
#[derive(Debug)]
pub struct Object {
    /// What it is.
    pub description: String,
    /// The properties, in the document's order.
    pub properties: Vec<Property>,
    /// Names of the required properties.
    pub required: Vec<String>,
}

/// A property of an object.
#[derive(Debug)]
pub struct Property {
    /// The name on the wire.
    pub name: String,
    /// What it means; a `$ref`'s is its target's.
    pub description: String,
    /// What it holds.
    pub property_type: PropertyType,
    /// The schema of the property; `$ref`s are resolved.
    pub outer: Map<String, Value>,
    /// The schema of the value, or of each element of an array or value of a map.
    pub schema: Map<String, Value>,
}

/// The type of a property.
#[derive(Debug)]
pub enum PropertyType {
    /// Any text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A text with a time.
    DateTime,
    /// The open enum of that name.
    Enum(String),
    /// The object of that name.
    Object(String),
    /// An array.
    List(Box<PropertyType>),
    /// An object with `additionalProperties` of one type.
    Map(Box<PropertyType>),
    /// An object of any form, or one of several types.
    Any,
}

/// An open enum.
#[derive(Debug)]
pub struct Enum {
    /// What it is.
    pub description: String,
    /// The known values.
    pub variants: Vec<Variant>,
}

/// A known value of an open enum.
#[derive(Debug)]
pub struct Variant {
    /// The name in Rust.
    pub name: String,
    /// The value on the wire.
    pub value: String,
    /// What it means.
    pub description: String,
}

/// One of several types.
#[derive(Debug)]
pub struct Union {
    /// What it is.
    pub description: String,
    /// The title and description of each type.
    pub variants: Vec<(String, String)>,
}

/// The `x-filter` of a query parameter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// How it compares.
    pub op: String,
    /// The fields it compares.
    pub fields: Vec<String>,
    /// The value that a boolean parameter asks for.
    pub value: Option<String>,
}

/// The `x-pagination` of an operation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Pagination {
    /// Name of the cursor's parameter.
    pub cursor: String,
    /// Name of the page size's parameter.
    pub limit: String,
    /// Name of the parameter that skips items.
    pub skip: Option<String>,
    /// Name of the parameter that asks for the total alone.
    pub count_only: Option<String>,
    /// Name of the parameter that leaves the total uncounted.
    pub skip_count: Option<String>,
    /// JSON pointer to the items.
    pub items: String,
    /// JSON pointer to the next cursor.
    pub next_cursor: String,
    /// JSON pointer to the total.
    pub total_items: Option<String>,
    /// How the list is sorted.
    pub sort: Option<Sort>,
}

/// The `sort` of an `x-pagination`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// Name of the column's parameter.
    pub by: String,
    /// Name of the direction's parameter.
    pub order: String,
    /// The column without `by`.
    pub default: String,
    /// The field of each column.
    pub fields: Map<String, Value>,
}

/// The `x-acts-on` of an operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActsOn {
    /// The schema of the items.
    pub items: String,
    /// What each field is set to.
    #[serde(default)]
    pub set: Map<String, Value>,
    /// What is added to a list of each.
    pub add: Option<Addition>,
    /// Whether they are removed.
    #[serde(default)]
    pub remove: bool,
    /// JSON pointer to their number.
    pub count: Option<String>,
    /// JSON pointer to the item, or what was added.
    pub item: Option<String>,
    /// The file that the answer has the URL of.
    pub link: Option<Link>,
    /// What of an item is a row of a table.
    pub rows: Option<String>,
    /// The most items of a table.
    pub most: Option<u32>,
}

/// The `add` of an `x-acts-on`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addition {
    /// The schema of what is added.
    pub items: String,
    /// What each field is set to.
    #[serde(default)]
    pub set: Map<String, Value>,
}

/// The `link` of an `x-acts-on`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// JSON pointer to the URL.
    pub url: String,
    /// The type of the file.
    #[serde(rename = "type")]
    pub media_type: String,
}

/// The `x-rate-limit` of an operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RateLimit {
    /// Sustained requests per second.
    pub requests_per_second: f64,
    /// Requests at once.
    pub burst: u32,
}

impl Api {
    /// Whether the query struct of an operation has this name.
    pub fn is_query(&self, name: &str) -> bool {
        // Camel case is too slow for all operations and every name in the crate.
        name.ends_with(QUERY_SUFFIX) && self.operations.iter().any(|it| it.query_name() == name)
    }

    /// Reads a linted document.
    pub fn read(document: &Value) -> Result<Api> {
        let reader = Reader { document };
        Ok(Api {
            title: text(&document["info"], "title"),
            tags: list(document, "tags").iter().map(Reader::tag).collect(),
            operations: reader.operations()?,
            schemas: reader.schemas()?,
        })
    }

    /// The objects that bodies of requests are made of.
    pub fn sent(&self) -> BTreeSet<String> {
        let bodies = self.operations.iter().filter_map(|it| it.body_type.as_ref());
        let mut pending: Vec<&String> = bodies.filter_map(PropertyType::object).collect();
        let mut sent = BTreeSet::new();
        while let Some(name) = pending.pop() {
            if let Some(Schema::Object(object)) = self.schemas.get(name)
                && sent.insert(name.clone())
            {
                let properties = object.properties.iter();
                pending.extend(properties.filter_map(|it| it.property_type.object()));
            }
        }
        sent
    }

    /// The member with the filter that a body of that schema must have.
    pub fn required_filter(&self, body: &str) -> Option<&str> {
        let mut operations = self.operations.iter().filter(|it| it.body.as_deref() == Some(body));
        operations.find_map(|operation| operation.requires_filter.as_deref())
    }
}

impl PropertyType {
    /// The object that it is, or that its elements or values are.
    pub fn object(&self) -> Option<&String> {
        match self {
            PropertyType::Object(name) => Some(name),
            PropertyType::List(inner) | PropertyType::Map(inner) => inner.object(),
            _ => None,
        }
    }
}

/// The HTTP methods that a path item can have, as the keys of OpenAPI.
pub const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

struct Reader<'a> {
    document: &'a Value,
}

impl<'a> Reader<'a> {
    fn tag(tag: &Value) -> Tag {
        Tag { name: text(tag, "name"), description: text(tag, "description") }
    }

    fn operations(&self) -> Result<Vec<Operation>> {
        let mut operations = Vec::new();
        for (path, item) in members(self.document, "paths") {
            for (method, operation) in members(item, "") {
                if METHODS.contains(&method.as_str()) {
                    let read = self.operation(path, method, item, operation);
                    operations
                        .push(read.with_context(|| format!("{} {path}", method.to_uppercase()))?);
                }
            }
        }
        Ok(operations)
    }

    fn operation(
        &self,
        path: &str,
        method: &str,
        item: &Value,
        operation: &Value,
    ) -> Result<Operation> {
        let mut parameters = Vec::new();
        for parameter in list(item, "parameters").iter().chain(list(operation, "parameters")) {
            parameters.push(self.parameter(self.resolve(parameter)?)?);
        }
        parameters.sort_by(|a: &Parameter, b| a.name.cmp(&b.name));

        let taken = operation.get("requestBody").map(|it| self.resolve(it)).transpose()?;
        let body = match taken.and_then(content) {
            Some((media, _)) if media != JSON => {
                bail!("a body of type {media} is not supported yet; write {JSON}")
            }
            Some((_, content)) => Some(&content["schema"]),
            None => None,
        };
        let success = members(operation, "responses").find(|(status, _)| status.starts_with('2'));
        let status = success.and_then(|(status, _)| status.parse().ok()).unwrap_or(200);
        let success = success.map(|(_, response)| self.resolve(response)).transpose()?;
        let answered = success.and_then(content);
        let (response, download) = match answered {
            Some((media, content)) if media == JSON => (Some(reference(&content["schema"])?), None),
            Some((media, _)) => (None, Some(media.clone())),
            None => (None, None),
        };
        let mut errors = Vec::new();
        for (status, response) in members(operation, "responses") {
            if !status.starts_with('2') {
                errors.push((status.clone(), text(self.resolve(response)?, "description")));
            }
        }
        let pagination: Option<Pagination> = extension(operation, "x-pagination")?;
        let item = match (&pagination, &response) {
            (Some(pagination), Some(response)) => {
                Some(self.item_schema(response, &pagination.items)?)
            }
            (Some(_), None) => bail!("x-pagination on an operation without a JSON answer"),
            (None, _) => None,
        };
        let example = answered.filter(|_| pagination.is_none());
        let example = example.and_then(|(_, content)| self.example(content));
        let security = operation.get("security").or(self.document.get("security"));
        Ok(Operation {
            id: text(operation, "operationId"),
            tag: list(operation, "tags")
                .first()
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(operation, "summary"),
            description: text(operation, "description"),
            parameters,
            body: body.map(reference).transpose()?,
            body_type: body.map(|body| self.property_type(body)).transpose()?,
            body_required: taken.is_some_and(|body| body["required"] == true),
            requires_filter: extension(operation, "x-requires-filter")?,
            response,
            status,
            download,
            example: example.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)),
            errors,
            pagination,
            item,
            acts_on: extension(operation, "x-acts-on")?,
            rate_limit: extension(operation, "x-rate-limit")?,
            idempotent: extension(operation, "x-idempotent")?,
            takes_token: security.and_then(Value::as_array).is_none_or(|it| {
                // An alternative that asks for nothing will do.
                !it.is_empty() && !it.contains(&Value::Object(Map::new()))
            }),
        })
    }

    fn parameter(&self, parameter: &Value) -> Result<Parameter> {
        let name = text(parameter, "name");
        let outer = self.resolve(&parameter["schema"])?;
        let list = outer["type"] == "array";
        let schema = if list { self.resolve(&outer["items"])? } else { outer };
        let named = if list { &outer["items"] } else { &parameter["schema"] };
        let enum_name = schema.get("enum").map(|_| reference(named)).transpose()?;
        Ok(Parameter {
            in_path: parameter["in"] == "path",
            required: parameter["required"] == true,
            description: text(parameter, "description"),
            list,
            outer: object(outer),
            schema: object(schema),
            enum_name,
            filter: extension(parameter, "x-filter").with_context(|| name.clone())?,
            identifies: extension(parameter, "x-identifies").with_context(|| name.clone())?,
            name,
        })
    }

    /// The schema of the items at `pointer` in `response`.
    fn item_schema(&self, response: &str, pointer: &str) -> Result<String> {
        let mut schema = &self.document["components"]["schemas"][response];
        for name in pointer.split('/').skip(1) {
            schema = self.resolve(&schema["properties"][name])?;
        }
        reference(&schema["items"]).with_context(|| {
            format!("x-pagination.items: {pointer} in {response} has no items by $ref")
        })
    }

    fn schemas(&self) -> Result<BTreeMap<String, Schema>> {
        let schemas = members(&self.document["components"], "schemas");
        schemas.map(|(name, schema)| Ok((name.clone(), self.schema(schema)?))).collect()
    }

    fn schema(&self, schema: &Value) -> Result<Schema> {
        let description = text(schema, "description");
        if schema.get("enum").is_some() {
            return Ok(Schema::Enum(Enum { description, variants: variants(schema) }));
        }
        if schema.get("oneOf").is_some() {
            let variant = |variant| (text(variant, "title"), text(variant, "description"));
            let variants = list(schema, "oneOf").iter().map(variant).collect();
            return Ok(Schema::Union(Union { description, variants }));
        }
        if schema.get("properties").is_none() {
            return Ok(Schema::Inline);
        }
        let mut properties = Vec::new();
        for (name, property) in members(schema, "properties") {
            let described = match text(property, "description") {
                own if !own.is_empty() => own,
                _ => text(self.resolve(property)?, "description"),
            };
            let (outer, schema) = (self.resolve(property)?, self.innermost(property)?);
            properties.push(Property {
                name: name.clone(),
                description: described,
                property_type: self.property_type(property).with_context(|| name.clone())?,
                outer: object(outer),
                schema: object(schema),
            });
        }
        let required = list(schema, "required").iter().filter_map(Value::as_str).map(str::to_owned);
        Ok(Schema::Object(Object { description, properties, required: required.collect() }))
    }

    fn property_type(&self, schema: &'a Value) -> Result<PropertyType> {
        let (last, schema) = self.follow(schema)?;
        let has = |key| schema.get(key).is_some();
        Ok(match schema["type"].as_str() {
            _ if has("enum") => PropertyType::Enum(reference(last)?),
            _ if has("oneOf") => PropertyType::Any,
            _ if has("properties") => PropertyType::Object(reference(last)?),
            Some("array") => PropertyType::List(self.property_type(&schema["items"])?.into()),
            Some("object") if schema["additionalProperties"].is_object() => {
                PropertyType::Map(self.property_type(&schema["additionalProperties"])?.into())
            }
            Some("string") if schema["format"] == "date-time" => PropertyType::DateTime,
            Some("string") => PropertyType::String,
            Some("integer") => PropertyType::Integer,
            Some("number") => PropertyType::Number,
            Some("boolean") => PropertyType::Boolean,
            _ => PropertyType::Any,
        })
    }

    /// What the elements of an array are, or the values of a map, however deep, or else the schema
    /// itself.
    fn innermost(&self, schema: &'a Value) -> Result<&'a Value> {
        let mut schema = self.resolve(schema)?;
        for _ in 0..32 {
            let inner = ["items", "additionalProperties"].iter().find_map(|key| schema.get(key));
            match inner.filter(|inner| inner.is_object()) {
                Some(inner) => schema = self.resolve(inner)?,
                None => break,
            }
        }
        Ok(schema)
    }

    fn resolve(&self, value: &'a Value) -> Result<&'a Value> {
        Ok(self.follow(value)?.1)
    }

    /// Follows a `$ref`, also one wrapped in an `allOf` of its own: the last `$ref` on the way,
    /// or `value` itself, and what it leads to.
    fn follow(&self, value: &'a Value) -> Result<(&'a Value, &'a Value)> {
        let (mut last, mut value) = (value, value);
        for _ in 0..32 {
            value = if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                let target = reference.strip_prefix('#').and_then(|at| self.document.pointer(at));
                last = value;
                target.with_context(|| format!("{reference} points to nothing"))?
            } else if let [only] = list(value, "allOf") {
                only
            } else {
                return Ok((last, value));
            };
        }
        bail!("a $ref leads back to itself")
    }
}

/// The Rust name of each value: from `x-enum-varnames`, or the value in upper camel case.
fn variants(schema: &Value) -> Vec<Variant> {
    let names = list(schema, "x-enum-varnames");
    let values = list(schema, "enum").iter().filter_map(Value::as_str);
    let variant = |(index, value): (usize, &str)| Variant {
        name: match names.get(index).and_then(Value::as_str) {
            Some(name) => name.to_owned(),
            None => value.to_upper_camel_case(),
        },
        value: value.to_owned(),
        description: text(&schema["x-enumDescriptions"], value),
    };
    values.enumerate().map(variant).collect()
}

/// The component schema that a `$ref` names.
fn reference(schema: &Value) -> Result<String> {
    let reference = schema.get("$ref").and_then(Value::as_str);
    let name = reference.and_then(|reference| reference.strip_prefix("#/components/schemas/"));
    Ok(name.context("the schema is not a $ref to components/schemas")?.to_owned())
}

/// The type of bodies that are read and written.
const JSON: &str = "application/json";

/// The type of a body, which lint has seen to be the only one, with what the document says of it.
fn content(holder: &Value) -> Option<(&String, &Value)> {
    members(holder, "content").next()
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn extension<T: serde::de::DeserializeOwned>(holder: &Value, key: &str) -> Result<Option<T>> {
    let value = holder.get(key).cloned();
    value.map(|value| serde_json::from_value(value).with_context(|| key.to_owned())).transpose()
}

fn text(holder: &Value, key: &str) -> String {
    holder.get(key).and_then(Value::as_str).unwrap_or_default().trim().to_owned()
}

fn list<'v>(holder: &'v Value, key: &str) -> &'v [Value] {
    holder.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The members of an object at `key`, or of `holder` itself if `key` is empty.
fn members<'v>(holder: &'v Value, key: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    let object = if key.is_empty() { Some(holder) } else { holder.get(key) };
    object.and_then(Value::as_object).into_iter().flatten()
}
