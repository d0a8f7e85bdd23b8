//! A document as large as a console's, with what makes theirs hard: the same filters and answers
//! written out again and again.

use serde_json::{Map, Value, json};

/// Operations for each resource.
pub(crate) const OPERATIONS: usize = 5;

/// Parameters of each list that are arrays.
pub(crate) const ARRAYS: usize = 100;

/// A document of so many resources.
pub(crate) fn document(resources: usize) -> Value {
    let mut paths = Map::new();
    let mut definitions = Map::new();
    for number in 0..resources {
        let name = format!("thing{number}s");
        let tag = format!("Things {}", number / 4);
        let page = format!("things.schemas_Thing{number}ViewSchemaMany_200");
        definitions.insert(page.clone(), answer(json!({ "type": "array", "items": item(number) })));
        let page = json!({ "$ref": format!("#/definitions/{page}") });
        let one = answer(item(number));
        let affected = answer(object([("affected", json!({ "type": "integer" }))]));
        paths.insert(
            format!("/{name}"),
            json!({ "get": {
                "tags": [tag],
                "operationId": "the same for all",
                "description": ["a", "list"],
                "parameters": parameters(number),
                "responses": { "200": { "schema": page }, "400": {}, "401": {} },
            }}),
        );
        paths.insert(
            format!("/{name}/count"),
            json!({ "get": {
                "tags": [tag],
                "responses": { "200": { "schema": answer(object([("total", json!({ "type": "integer" }))])) } },
            }}),
        );
        paths.insert(
            format!("/{name}/{{id}}"),
            json!({
                "get": { "tags": [tag], "responses": { "200": { "schema": one } } },
                "put": {
                    "tags": [tag],
                    "parameters": [
                        { "name": "id", "in": "path", "type": "string" },
                        { "name": "body", "in": "body", "schema": object([("data", item(number))]) },
                    ],
                    "responses": { "200": { "schema": one } },
                },
            }),
        );
        paths.insert(
            format!("/{name}/actions/restart"),
            json!({ "post": {
                "tags": [tag],
                "parameters": [{ "name": "body", "in": "body", "required": true, "schema": object([
                    ("data", object([])),
                    ("filter", filter(number)),
                ])}],
                "responses": { "200": { "schema": affected } },
            }}),
        );
    }
    definitions.insert(
        "Node".to_owned(),
        object([
            ("name", json!({ "type": "string" })),
            ("children", json!({ "type": "array", "items": { "$ref": "#/definitions/Node" } })),
        ]),
    );
    json!({
        "swagger": "2.0",
        "basePath": "/web/api/v2.1",
        "paths": paths,
        "definitions": definitions,
    })
}

fn object<const N: usize>(properties: [(&str, Value); N]) -> Value {
    let properties = properties.into_iter().map(|(name, it)| (name.to_owned(), it));
    json!({ "type": "object", "properties": Value::Object(properties.collect()) })
}

fn answer(data: Value) -> Value {
    let pagination = object([
        ("nextCursor", json!({ "type": "string", "x-nullable": true })),
        ("totalItems", json!({ "type": "integer" })),
    ]);
    object([("data", data), ("pagination", pagination), ("errors", json!({ "type": "array" }))])
}

/// One of forty enums.
fn values(number: usize) -> Value {
    let values = (0..=number % 40).map(|value| json!(format!("value_{value}")));
    json!({ "type": "string", "enum": values.collect::<Vec<_>>() })
}

fn item(number: usize) -> Value {
    let mut properties = Map::new();
    for field in 0..40 {
        let schema = match field % 8 {
            0 => json!({ "type": "string", "x-minimum": 100000000000000000_u64 }),
            1 => json!({ "type": "string", "format": "date-time", "x-nullable": true }),
            2 => values(number + field),
            3 => json!({ "type": "integer" }),
            4 => json!({ "type": "boolean" }),
            5 => object([("key", json!({ "type": "string" })), ("state", values(field))]),
            6 => json!({ "type": "array", "items": object([
                ("name", json!({ "type": "string" })),
                ("node", json!({ "$ref": "#/definitions/Node" })),
            ])}),
            _ => json!([{ "type": "string" }, { "type": "boolean" }]),
        };
        properties.insert(format!("field{field}Of{}", number % 8), schema);
    }
    json!({ "type": "object", "properties": properties })
}

fn parameters(number: usize) -> Value {
    let mut parameters = vec![
        json!({ "name": "cursor", "in": "query", "type": "string", "default": null }),
        json!({ "name": "limit", "in": "query", "type": "number", "maximum": 1000 }),
        json!({ "name": "skip", "in": "query", "type": "number", "maximum": 1000 }),
        json!({ "name": "sortBy", "in": "query", "type": "string", "enum": ["id", "name"] }),
        json!({ "name": "sortOrder", "in": "query", "type": "string", "enum": ["asc", "desc"] }),
    ];
    for (name, schema) in filters(number) {
        parameters.push(json!({
            "name": name,
            "in": "query",
            "type": "array",
            "collectionFormat": "csv",
            "items": schema,
        }));
    }
    Value::Array(parameters)
}

/// The filters of a list, as the body of an action repeats them: one of twenty sets.
fn filter(number: usize) -> Value {
    let properties = filters(number % 20).into_iter().map(|(name, schema)| {
        let schema = json!({ "type": "array", "items": schema });
        (name, schema)
    });
    json!({ "type": "object", "properties": properties.collect::<Map<_, _>>() })
}

fn filters(number: usize) -> Vec<(String, Value)> {
    let filter = |field: usize| {
        let of = number % 8;
        let id = json!({ "type": "string", "x-minimum": 100000000000000000_u64 });
        match field % 4 {
            0 => (format!("field{field}Of{of}Ids"), id),
            1 => (format!("field{field}Of{of}s"), values(number + field)),
            2 => (format!("field{}Of{of}sNin", field - 1), values(number + field - 1)),
            _ => (format!("field{field}Of{of}__contains"), json!({ "type": "string" })),
        }
    };
    (0..ARRAYS).map(filter).collect()
}
