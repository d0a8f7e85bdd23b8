//! What is wrong with a spec, as it is told. `UPDATE_EXPECT=1 cargo test -p xtask` rewrites the texts.

use std::fs;

use expect_test::{Expect, expect};
use serde_json::Value;
use xtask::lint::lint;
use xtask::load::Document;

/// A good spec to spoil.
fn good() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/widgets/widgets.yaml");
    fs::read_to_string(path).expect("the widgets").replace("\r\n", "\n")
}

fn told(text: &str) -> String {
    let outcome = Document::parse("spec.yaml", text).and_then(|document| lint(&document));
    outcome.map_or_else(|faults| faults.to_string(), |_| "nothing".to_owned())
}

/// Replaces the first `from` in the good spec by `to`.
#[track_caller]
fn check(from: &str, to: &str, expect: Expect) {
    let good = good();
    assert!(good.contains(from), "the spec has no {from:?}");
    expect.assert_eq(&told(&good.replacen(from, to, 1)));
}

#[test]
fn a_good_spec() {
    assert_eq!(told(&good()), "nothing");
}

#[test]
fn unknown_keys() {
    check(
        "explode: false",
        "explod: false",
        expect![],
    );
    check(
        "nullable: true, description: The text.",
        "nullabel: true, description: The text.",
        expect![],
    );
    check(
        "x-open-enum: true",
        "x-open-enumm: true",
        expect![],
    );
    check(
        "description: A colour.",
        "descripton: A colour.",
        expect![],
    );
    check(
        "      tags: [widgets]\n      summary: Adds",
        "      color: blue\n      tags: [widgets]\n      summary: Adds",
        expect![],
    );
}

#[test]
fn references() {
    check(
        "{$ref: '#/components/schemas/NoteBody'}",
        "{$ref: '#/components/schemas/NoteBodi'}",
        expect![],
    );
    check(
        "{$ref: '#/components/schemas/NoteBody'}",
        "{$ref: 'other.yaml#/NoteBody'}",
        expect![],
    );
    check(
        "{$ref: '#/components/schemas/NoteBody'}",
        "{$ref: '#/components/schemas/NoteBody', nullable: true}",
        expect![],
    );
    check(
        "{$ref: '#/components/schemas/NoteBody'}",
        "{$ref: 7}",
        expect![],
    );
}

#[test]
fn names_that_collide() {
    check(
        "        - name: createdAt__gte\n",
        "        - name: createdAt_gte\n          in: query\n          description: D.\n          schema: {type: boolean}\n        - name: createdAt__gte\n",
        expect![],
    );
    check(
        "        - name: secret\n",
        "        - name: type\n",
        expect![],
    );
    check(
        "operationId: getGadgets",
        "operationId: get_widgets",
        expect![],
    );
    check(
        "    Gadget:\n",
        "    note:\n",
        expect![],
    );
    check(
        "        name: {type: string, description: The name.}",
        "        name: {type: string, description: The name.}\n        Name: {type: string, description: The name.}",
        expect![],
    );
    check(
        "        name: {type: string, description: The name.}",
        "        unknownMembers: {type: string, description: The name.}",
        expect![],
    );
    check(
        "enum: [red, 'dark blue', n/a]\n      x-enum-varnames: [Red, DarkBlue, None]\n      x-enumDescriptions: {red: Like blood., 'dark blue': Like the sea at night., n/a: Without colour.}",
        "enum: [dark-blue, dark_blue]\n      x-enumDescriptions: {dark-blue: A., dark_blue: B.}",
        expect![],
    );
    check(
        "enum: [red, 'dark blue', n/a]\n      x-enum-varnames: [Red, DarkBlue, None]\n      x-enumDescriptions: {red: Like blood., 'dark blue': Like the sea at night., n/a: Without colour.}",
        "enum: ['32 bit', other]\n      x-enumDescriptions: {'32 bit': A., other: B.}",
        expect![],
    );
    check(
        "x-enum-varnames: [Red, DarkBlue, None]",
        "x-enum-varnames: [Red, DarkBlue]",
        expect![],
    );
}

#[test]
fn bodies_without_names() {
    check(
        "content: {application/json: {schema: {$ref: '#/components/schemas/NoteBody'}}}",
        "content: {application/json: {schema: {type: object, properties: {text: {type: string, description: T.}}}}}",
        expect![],
    );
    check(
        "content: {application/json: {schema: {$ref: '#/components/schemas/GadgetPage'}}}",
        "content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Gadget'}}}}",
        expect![],
    );
    check(
        "text: {type: string, nullable: true, description: The text.}",
        "text: {type: object, description: D., properties: {a: {type: string, description: A.}}}",
        expect![],
    );
    check(
        "text: {type: string, nullable: true, description: The text.}",
        "text: {type: string, description: D., enum: [a, b]}",
        expect![],
    );
}

#[test]
fn content() {
    check(
        "content: {application/json: {schema: {$ref: '#/components/schemas/NoteBody'}}}",
        "content: {text/csv: {schema: {type: string}}}",
        expect![],
    );
    check(
        "content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}",
        "content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}, text/csv: {schema: {type: string}}}",
        expect![],
    );
}

#[test]
fn styles() {
    check(
        "explode: false",
        "explode: true",
        expect![],
    );
    check(
        "          style: form\n          explode: false\n",
        "",
        expect![],
    );
    check(
        "schema: {type: string, minLength: 2, maxLength: 9}",
        "style: deepObject\n          schema: {type: string}",
        expect![],
    );
    check(
        "schema: {type: string, minLength: 2, maxLength: 9}",
        "schema: {type: object, properties: {}}",
        expect![],
    );
    check(
        "schema: {type: string, minLength: 2, maxLength: 9}",
        "content: {application/json: {schema: {type: string}}}",
        expect![],
    );
    check(
        "- name: secret\n          in: query",
        "- name: secret\n          in: header",
        expect![],
    );
    check(
        "- name: secret\n          in: query",
        "- name: secret\n          in: cookie",
        expect![],
    );
    check(
        "- name: secret\n          in: query",
        "- name: secret",
        expect![],
    );
}

#[test]
fn successes() {
    check(
        "        '204':\n          description: They are gone.",
        "        '204':\n          description: They are gone.\n        '202':\n          description: Later.",
        expect![],
    );
    check(
        "        '204':\n          description: They are gone.",
        "        default:\n          description: They are gone.",
        expect![],
    );
    check(
        "        '204':\n          description: They are gone.",
        "        '400':\n          description: No.",
        expect![],
    );
}

#[test]
fn descriptions() {
    check(
        "          description: Changes nothing.\n",
        "",
        expect![],
    );
    check(
        "      description: Deletes all notes of one widget.\n",
        "",
        expect![],
    );
    check(
        "      summary: Deletes all notes.\n",
        "",
        expect![],
    );
    check(
        "      description: A gadget.\n",
        "      description: ' '\n",
        expect![],
    );
    check(
        "{type: string, description: The name.}",
        "{type: string}",
        expect![],
    );
    check(
        "          description: They are gone.\n",
        "          description: ''\n",
        expect![],
    );
    check(
        "red: Like blood., ",
        "",
        expect![],
    );
    check(
        "red: Like blood., ",
        "red: Like blood., green: Like grass., ",
        expect![],
    );
    check(
        "title: Words, type: string, description: In words.",
        "title: Words, type: string",
        expect![],
    );
    check(
        "title: Words, type: string, description: In words.",
        "type: string, description: In words.",
        expect![],
    );
}

#[test]
fn operations() {
    check(
        "      operationId: addWidgetNote\n",
        "",
        expect![],
    );
    check(
        "      tags: [gadgets]\n",
        "",
        expect![],
    );
    check(
        "      tags: [gadgets]\n",
        "      tags: [gadget]\n",
        expect![],
    );
    check(
        "/widgets/{widget_id}/notes:",
        "/widgets/{id}/notes:",
        expect![],
    );
    check(
        "        required: true\n        description: The widget.",
        "        description: The widget.",
        expect![],
    );
}

#[test]
fn schemas() {
    check(
        "x-open-enum: true\n",
        "\n",
        expect![],
    );
    check(
        "enum: [red, 'dark blue', n/a]",
        "enum: [red, 'dark blue', null]",
        expect![],
    );
    check(
        "type: string, nullable: true, description: The text.",
        "type: [string, 'null'], description: The text.",
        expect![],
    );
    check(
        "type: array, description: Its notes., items: {$ref: '#/components/schemas/Note'}",
        "type: array, description: Its notes.",
        expect![],
    );
    check(
        "extra: {type: object, description: Anything else.}",
        "extra: {type: object, description: Anything else., additionalProperties: false}",
        expect![],
    );
    check(
        "      oneOf:\n",
        "      anyOf:\n",
        expect![],
    );
    check(
        "type: object\n      description: A gadget.",
        "allOf: [{$ref: '#/components/schemas/Note'}, {$ref: '#/components/schemas/Part'}]\n      description: A gadget.",
        expect![],
    );
    check(
        "minimum: 1, maximum: 50, default: 10",
        "minimum: 9, maximum: 5, default: 10",
        expect![],
    );
    check(
        "minimum: 1, maximum: 50, default: 10",
        "minimum: 1, maximum: 50, default: 0",
        expect![],
    );
}

#[test]
fn extensions() {
    check(
        "x-rate-limit: {requestsPerSecond: 2.5, burst: 5}",
        "x-rate-limit: {requestsPerSecond: often, burst: 5}",
        expect![],
    );
    check(
        "x-rate-limit: {requestsPerSecond: 2.5, burst: 5}",
        "x-rate-limit: {requestsPerSecond: 0, burst: 5}",
        expect![],
    );
    check(
        "x-rate-limit: {requestsPerSecond: 2.5, burst: 5}",
        "x-rate-limit: {perSecond: 1, burst: 5}",
        expect![],
    );
    check(
        "        items: /data\n",
        "        items: /pagination\n",
        expect![],
    );
    check(
        "        items: /data\n",
        "        items: /dta\n",
        expect![],
    );
    check(
        "        cursor: cursor\n        limit: limit\n",
        "        cursor: curser\n        limit: colors\n",
        expect![],
    );
    check(
        "nextCursor: /pagination/nextCursor",
        "nextCursor: pagination/nextCursor",
        expect![],
    );
    check(
        "x-filter: {op: in, fields: [color]}",
        "x-filter: {op: im, fields: [color]}",
        expect![],
    );
    check(
        "x-filter: {op: in, fields: [color]}",
        "x-filter: {op: gt, fields: [color]}",
        expect![],
    );
    check(
        "x-filter: {op: in, fields: [color]}",
        "x-filter: {op: in, fields: [colour]}",
        expect![],
    );
    check(
        "x-filter: {op: in, fields: [color]}",
        "x-filter: {op: in, fields: []}",
        expect![],
    );
    check(
        "x-filter: {op: in, fields: [color]}",
        "x-filter: {op: in, fields: ['parts.*.parts[].parts', 'parts.~', 'notes[].text', $any, 'notes.text']}",
        expect![],
    );
    check(
        "x-filter: {op: in, fields: [color]}",
        "x-filter: {op: in, fields: [color], value: x}",
        expect![],
    );
    check(
        "          description: Changes nothing.\n",
        "          description: Changes nothing.\n          x-filter: {op: equals, fields: [id]}\n",
        expect![],
    );
    check(
        "  title: Widget API\n",
        "  title: Widget API\n  x-filter: {op: in, fields: []}\n",
        expect![],
    );
    check(
        "x-open-enum: true",
        "x-open-enum: 'yes'",
        expect![],
    );
}

#[test]
fn versions() {
    check(
        "openapi: 3.0.3",
        "openapi: 3.1.0",
        expect![],
    );
    check(
        "openapi: 3.0.3",
        "swagger: '2.0'",
        expect![],
    );
    check(
        "openapi: 3.0.3",
        "openapi: 3",
        expect![],
    );
}

#[test]
fn shapes() {
    check(
        "  schemas:\n",
        "  headers: []\n  schemas:\n",
        expect![],
    );
    check(
        "schema: {type: string, minLength: 2, maxLength: 9}",
        "schema: 7",
        expect![],
    );
    check(
        "      parameters:\n        - $ref: '#/components/parameters/cursor'\n        - $ref: '#/components/parameters/limit'\n        - name: colors",
        "      parameters: {}\n      x-ignored: []\n      tagz:\n        - name: colors",
        expect![],
    );
}

#[test]
fn several_faults_in_one_run() {
    let text = good()
        .replace("explode: false", "explod: false")
        .replace("op: gte", "op: above")
        .replace("schemas/GadgetData'", "schemas/GadgetDta'")
        .replace("description: A gadget.", "summary: A gadget.");
    expect![].assert_eq(&told(&text));
}

/// Spoils every part of the spec in turn, in every way; whatever comes of it is told, not panicked.
#[test]
fn no_spec_makes_it_panic() {
    let document = Document::parse("spec.yaml", &good()).expect("YAML");
    let mut pointers = Vec::new();
    collect("", &document.value, &mut pointers);
    let mut told = 0;
    for pointer in &pointers {
        for spoiled in ["null", "[]", "{}", "\"x\"", "7", "true"] {
            let mut value = document.value.clone();
            let place = value.pointer_mut(pointer).expect("a part of the spec");
            *place = serde_json::from_str(spoiled).expect("JSON");
            let text = serde_json::to_string(&value).expect("JSON");
            let spoiled = Document::parse("spec.yaml", &text).expect("JSON is YAML");
            told += usize::from(lint(&spoiled).is_err());
        }
    }
    assert!(pointers.len() * 3 < told, "{told} of {}", pointers.len() * 6);
}

fn collect(pointer: &str, value: &Value, pointers: &mut Vec<String>) {
    pointers.push(pointer.to_owned());
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(&format!("{pointer}/{name}"), member, pointers);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(&format!("{pointer}/{index}"), item, pointers);
            }
        }
        _ => {}
    }
}
