//! What lowering makes of each thing that progenitor would get wrong.

use serde_json::Value;
use xtask::lower::lower;

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A document with one operation that answers with `Answer` and takes `Body`, and these schemas.
fn document(schemas: &str) -> Value {
    let mut document = yaml(
        "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    post:
      operationId: a
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Body'}}}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Answer'}}}}
",
    );
    document["components"] = serde_json::json!({ "schemas": yaml(schemas) });
    document
}

#[track_caller]
fn check_schemas(schemas: &str, expect: &str) {
    let lowered = lower(&document(schemas));
    assert_eq!(lowered["components"]["schemas"], yaml(expect));
}

#[test]
fn answers_promise_nothing() {
    check_schemas(
        "
Answer:
  type: object
  required: [id, list]
  properties:
    id: {type: string}
    list: {type: array, items: {type: string}}
    flag: {type: boolean, default: true}
",
        "
Answer:
  type: object
  properties:
    id: {type: string, nullable: true}
    list: {type: array, nullable: true, items: {type: string}}
    flag: {type: boolean, nullable: true}
",
    );
}

#[test]
fn bodies_keep_what_is_required() {
    check_schemas(
        "
Body:
  type: object
  required: [text]
  properties:
    text: {type: string, minLength: 1}
    tags: {type: array, items: {type: string}}
",
        "
Body:
  type: object
  required: [text]
  properties:
    text: {type: string}
    tags: {type: array, nullable: true, items: {type: string}}
",
    );
}

#[test]
fn a_schema_of_both_is_read_as_an_answer() {
    check_schemas(
        "
Body: {type: object, properties: {part: {$ref: '#/components/schemas/Part'}}}
Answer: {type: object, properties: {part: {$ref: '#/components/schemas/Part'}}}
Part: {type: object, required: [a], properties: {a: {type: string}}}
",
        "
Body: {type: object, properties: {part: {$ref: '#/components/schemas/Part'}}}
Answer: {type: object, properties: {part: {$ref: '#/components/schemas/Part'}}}
Part: {type: object, properties: {a: {type: string, nullable: true}}}
",
    );
}

#[test]
fn constraints_make_no_types() {
    check_schemas(
        "
Answer:
  type: object
  properties:
    number: {type: integer, minimum: 1, maximum: 9, example: 3}
    items: {type: array, maxItems: 3, uniqueItems: true, items: {type: string, pattern: '^a', maxLength: 3}}
    map: {type: object, additionalProperties: {type: string, minLength: 2}}
",
        "
Answer:
  type: object
  properties:
    number: {type: integer, nullable: true}
    items: {type: array, nullable: true, items: {type: string}}
    map: {type: object, nullable: true, additionalProperties: {type: string}}
",
    );
}

#[test]
fn a_property_may_be_called_like_a_constraint() {
    check_schemas(
        "Answer: {type: object, properties: {default: {type: string}, pattern: {type: string}}}",
        "Answer: {type: object, properties: {default: {type: string, nullable: true}, pattern: {type: string, nullable: true}}}",
    );
}

#[test]
fn named_scalars_are_written_out() {
    check_schemas(
        "
Answer:
  type: object
  properties:
    id: {$ref: '#/components/schemas/Id'}
    ids: {$ref: '#/components/schemas/Ids'}
Id: {type: string, pattern: '^[0-9]+$', description: An id.}
Ids: {type: array, items: {$ref: '#/components/schemas/Id'}}
",
        "
Answer:
  type: object
  properties:
    id: {type: string, nullable: true, description: An id.}
    ids: {type: array, nullable: true, items: {type: string, description: An id.}}
",
    );
}

#[test]
fn a_nullable_reference_is_a_reference() {
    check_schemas(
        "
Answer: {type: object, properties: {part: {nullable: true, allOf: [{$ref: '#/components/schemas/Part'}]}}}
Part: {type: object, nullable: true, properties: {a: {type: string}}}
",
        "
Answer: {type: object, properties: {part: {$ref: '#/components/schemas/Part'}}}
Part: {type: object, properties: {a: {type: string, nullable: true}}}
",
    );
}

#[test]
fn a_nullable_alternative_is_not() {
    check_schemas(
        "
Answer: {type: object, properties: {either: {$ref: '#/components/schemas/Either'}}}
Either: {oneOf: [{title: Flag, type: boolean, nullable: true}, {title: Text, type: string}]}
",
        "
Answer: {type: object, properties: {either: {$ref: '#/components/schemas/Either'}}}
Either: {oneOf: [{title: Flag, type: boolean}, {title: Text, type: string}]}
",
    );
}

#[test]
fn one_answer_is_left() {
    let mut document = document("Answer: {type: object, properties: {}}");
    document["components"]["responses"] =
        yaml("No: {description: no, content: {text/html: {schema: {type: string}}}}");
    document["paths"]["/a"]["post"]["responses"] = yaml(
        "
'200':
  description: ok
  headers: {X-RQID: {description: An id., schema: {type: string}}}
  content: {application/json: {schema: {$ref: '#/components/schemas/Answer'}}}
'401': {$ref: '#/components/responses/No'}
5XX: {description: broken}
",
    );
    let lowered = lower(&document);
    assert_eq!(
        lowered["paths"]["/a"]["post"]["responses"],
        yaml(
            "'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Answer'}}}}"
        )
    );
    assert_eq!(lowered["components"].as_object().map(|it| it.len()), Some(1));
}

#[test]
fn parameters_are_bare_types() {
    let mut document = document("Answer: {type: object, properties: {}}");
    document["components"]["parameters"] = yaml(
        "p: {name: p, in: query, example: 3, schema: {type: integer, minimum: 1, default: 2}}",
    );
    document["paths"]["/a"]["post"]["parameters"] = yaml("[{$ref: '#/components/parameters/p'}]");
    let lowered = lower(&document);
    assert_eq!(
        lowered["paths"]["/a"]["post"]["parameters"],
        yaml("[{name: p, in: query, schema: {type: integer}}]")
    );
}
