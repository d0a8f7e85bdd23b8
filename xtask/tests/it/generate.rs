//! What is taken from progenitor, and what comes of its failures.

use serde_json::Value;
use xtask::generate::generate;

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

const DOCUMENT: &str = "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /good:
    get:
      operationId: getGood
      parameters:
        - {name: createdAt__gt, in: query, schema: {type: string, format: date-time}}
        - {name: type, in: query, schema: {type: boolean}}
        - {name: ids, in: query, schema: {type: array, items: {type: string}}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
  /bad/{id}:
    post:
      operationId: postBad
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses: {'204': {description: ok}}
components:
  schemas:
    Thing: {type: object, properties: {a: {type: string, nullable: true}}}
";

fn shown(ty: &impl quote::ToTokens) -> String {
    quote::quote!(#ty).to_string()
}

#[test]
fn arguments_are_found_by_their_wire_names() {
    let generated = generate(&yaml(DOCUMENT), &[]).unwrap_or_else(|error| panic!("{error:#}"));
    let good = &generated.methods["get_good"];
    let query: Vec<_> = good
        .query
        .iter()
        .map(|(wire, (name, ty))| (wire.as_str(), name.as_str(), shown(ty)))
        .collect();
    assert_eq!(
        query,
        [
            ("createdAt__gt", "created_at_gt", "DateTime < Utc >".to_owned()),
            ("ids", "ids", "Vec < String >".to_owned()),
            ("type", "type_", "bool".to_owned()),
        ]
    );
    assert_eq!(shown(&good.response), "Thing");
    let bad = &generated.methods["post_bad"];
    assert_eq!(bad.path.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["id"]);
    assert_eq!(bad.body.as_ref().map(shown).as_deref(), Some("Thing"));
    assert_eq!(shown(&bad.response), "()");
    assert!(generated.types.contains_key("Thing"));
}

#[track_caller]
fn check_failure(edit: impl FnOnce(&mut Value), expect: &[&str]) {
    let mut document = yaml(DOCUMENT);
    edit(&mut document);
    let Err(error) = generate(&document, &[]) else { panic!("progenitor took it") };
    let text = format!("{error:#}");
    for part in expect {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_panic_names_the_operation() {
    // Two kinds of body are a `todo!` in progenitor.
    check_failure(
        |document| {
            document["paths"]["/bad/{id}"]["post"]["requestBody"]["content"]["text/plain"] =
                yaml("{schema: {type: string}}");
        },
        &["cannot generate the operation postBad (POST /bad/{id})", "it panicked: "],
    );
    // So is a second success.
    check_failure(
        |document| {
            document["paths"]["/good"]["get"]["responses"]["202"] = yaml("{description: later}");
        },
        &["cannot generate the operation getGood (GET /good)", "it panicked: "],
    );
}

#[test]
fn an_error_names_the_operation() {
    check_failure(
        |document| {
            document["paths"]["/good"]["get"]["parameters"][2]["style"] = yaml("pipeDelimited");
        },
        &["cannot generate the operation getGood (GET /good)", "style"],
    );
}

#[test]
fn a_fault_in_the_schemas_is_not_blamed_on_an_operation() {
    check_failure(
        |document| {
            document["components"]["schemas"]["E"] = yaml("{type: string, enum: [a-b, a_b]}");
        },
        &["it panicked: "],
    );
}
