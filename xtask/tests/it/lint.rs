//! What is wrong with a spec, as it is told. `UPDATE_EXPECT=1 cargo test -p xtask` rewrites the golden
//! files.

use expect_test::{ExpectFile, expect_file};
use serde_json::Value;
use xtask::lint::lint;

use crate::widgets::{Texts, document, edited, read, texts};

fn told(texts: &Texts) -> String {
    let outcome = read("widgets.yaml", texts).and_then(|document| lint(&document));
    outcome.map_or_else(|faults| faults.to_string(), |_| "nothing".to_owned())
}

/// Spoils the good spec, each time by replacing the first text by the second, and holds what is
/// told against the golden file.
#[track_caller]
fn check(golden: &ExpectFile, edits: &[(&str, &str)]) {
    let good = texts();
    let mut text = String::new();
    for (from, to) in edits {
        let told = told(&edited(&good, from, to));
        text.push_str(&format!("{from:?}\n-> {to:?}\n{told}\n\n"));
    }
    golden.assert_eq(&text);
}

#[test]
fn a_good_spec() {
    assert_eq!(told(&texts()), "nothing");
}

#[test]
fn unknown_keys() {
    check(
        &expect_file!["../golden/lint/unknown_keys.txt"],
        &[
            ("explode: false", "explod: false"),
            ("nullable: true, description: The text.", "nullabel: true, description: The text."),
            ("x-open-enum: true", "x-open-enumm: true"),
            ("description: A colour.", "descripton: A colour."),
            (
                "      tags: [widgets]\n      summary: Adds",
                "      color: blue\n      tags: [widgets]\n      summary: Adds",
            ),
        ],
    );
}

#[test]
fn references() {
    check(
        &expect_file!["../golden/lint/references.txt"],
        &[
            ("{$ref: '#/components/schemas/NoteBody'}", "{$ref: '#/components/schemas/NoteBodi'}"),
            ("{$ref: '#/components/schemas/NoteBody'}", "{$ref: 'other.yaml#/NoteBody'}"),
            (
                "{$ref: '#/components/schemas/NoteBody'}",
                "{$ref: '#/components/schemas/NoteBody', nullable: true}",
            ),
            ("{$ref: '#/components/schemas/NoteBody'}", "{$ref: 7}"),
            ("schemas/GadgetData'", "schemas/GadgetDat'"),
            (
                "widgets.yaml#/components/parameters/limit",
                "widgets.yaml#/components/parameters/limt",
            ),
        ],
    );
}

#[test]
fn names_that_collide() {
    check(
        &expect_file!["../golden/lint/names_that_collide.txt"],
        &[
            (
                "        - name: createdAt__gte\n",
                "        - name: createdAt_gte\n          in: query\n          description: D.\n          schema: {type: boolean}\n        - name: createdAt__gte\n",
            ),
            ("        - name: secret\n", "        - name: type\n"),
            ("operationId: getGadgets", "operationId: get_widgets"),
            ("operationId: deleteWidgetNotes", "operationId: getWidgetsStream"),
            ("operationId: deleteWidgetNotes", "operationId: callDownload"),
            ("    Gadget:\n", "    note:\n"),
            (
                "        name: {type: string, description: The name.}",
                "        name: {type: string, description: The name.}\n        Name: {type: string, description: The name.}",
            ),
            (
                "        name: {type: string, description: The name.}",
                "        unknownMembers: {type: string, description: The name.}",
            ),
            (
                "enum: [red, 'dark blue', n/a]\n      x-enum-varnames: [Red, DarkBlue, None]\n      x-enumDescriptions: {red: Like blood., 'dark blue': Like the sea at night., n/a: Without colour.}",
                "enum: [dark-blue, dark_blue]\n      x-enumDescriptions: {dark-blue: A., dark_blue: B.}",
            ),
            (
                "enum: [red, 'dark blue', n/a]\n      x-enum-varnames: [Red, DarkBlue, None]\n      x-enumDescriptions: {red: Like blood., 'dark blue': Like the sea at night., n/a: Without colour.}",
                "enum: ['32 bit', other]\n      x-enumDescriptions: {'32 bit': A., other: B.}",
            ),
            ("  - name: gadgets\n", "  - name: common\n"),
            ("  - name: gadgets\n", "  - name: tracing\n"),
            ("  - name: gadgets\n", "  - name: Widgets\n"),
            ("  - name: gadgets\n", "  - name: type\n"),
            ("        - name: dryRun\n", "        - name: new\n"),
            ("x-enum-varnames: [Red, DarkBlue, None]", "x-enum-varnames: [Red, DarkBlue]"),
        ],
    );
}

#[test]
fn bodies_without_names() {
    check(
        &expect_file!["../golden/lint/bodies_without_names.txt"],
        &[
            (
                "content: {application/json: {schema: {$ref: '#/components/schemas/NoteBody'}}}",
                "content: {application/json: {schema: {type: object, properties: {text: {type: string, description: T.}}}}}",
            ),
            (
                "content: {application/json: {schema: {$ref: '#/components/schemas/GadgetPage'}}}",
                "content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Gadget'}}}}",
            ),
            (
                "text: {type: string, nullable: true, description: The text.}",
                "text: {type: object, description: D., properties: {a: {type: string, description: A.}}}",
            ),
            (
                "text: {type: string, nullable: true, description: The text.}",
                "text: {type: string, description: D., enum: [a, b]}",
            ),
        ],
    );
}

#[test]
fn content() {
    check(
        &expect_file!["../golden/lint/content.txt"],
        &[
            (
                "content: {application/json: {schema: {$ref: '#/components/schemas/NoteBody'}}}",
                "content: {text/csv: {schema: {type: string}}}",
            ),
            ("content: {text/csv: {schema: {type: string}}}", "content: {'*/*': {}}"),
            ("content: {text/csv: {schema: {type: string}}}", "content: {csv: {}}"),
            (
                "content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}",
                "content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}, text/csv: {schema: {type: string}}}",
            ),
        ],
    );
}

#[test]
fn styles() {
    check(
        &expect_file!["../golden/lint/styles.txt"],
        &[
            ("explode: false", "explode: true"),
            ("          style: form\n          explode: false\n", ""),
            (
                "schema: {type: string, minLength: 2, maxLength: 9}",
                "style: deepObject\n          schema: {type: string}",
            ),
            (
                "schema: {type: string, minLength: 2, maxLength: 9}",
                "schema: {type: object, properties: {}}",
            ),
            (
                "schema: {type: string, minLength: 2, maxLength: 9}",
                "content: {application/json: {schema: {type: string}}}",
            ),
            ("- name: secret\n          in: query", "- name: secret\n          in: header"),
            ("- name: secret\n          in: query", "- name: secret\n          in: cookie"),
            ("- name: secret\n          in: query", "- name: secret"),
        ],
    );
}

#[test]
fn successes() {
    check(
        &expect_file!["../golden/lint/successes.txt"],
        &[
            (
                "        '204':\n          description: They are gone.",
                "        '204':\n          description: They are gone.\n        '202':\n          description: Later.",
            ),
            (
                "        '204':\n          description: They are gone.",
                "        default:\n          description: They are gone.",
            ),
            (
                "        '204':\n          description: They are gone.",
                "        '400':\n          description: No.",
            ),
        ],
    );
}

#[test]
fn descriptions() {
    check(
        &expect_file!["../golden/lint/descriptions.txt"],
        &[
            ("          description: Changes nothing.\n", ""),
            ("      description: Deletes all notes of one widget.\n", ""),
            ("      summary: Deletes all notes.\n", ""),
            ("      description: A gadget.\n", "      description: ' '\n"),
            ("{type: string, description: The name.}", "{type: string}"),
            ("          description: They are gone.\n", "          description: ''\n"),
            ("red: Like blood., ", ""),
            ("red: Like blood., ", "red: Like blood., green: Like grass., "),
            ("title: Words, type: string, description: In words.", "title: Words, type: string"),
            (
                "title: Words, type: string, description: In words.",
                "type: string, description: In words.",
            ),
        ],
    );
}

#[test]
fn operations() {
    check(
        &expect_file!["../golden/lint/operations.txt"],
        &[
            ("      operationId: addWidgetNote\n", ""),
            ("      tags: [gadgets]\n", ""),
            ("      tags: [gadgets]\n", "      tags: [gadget]\n"),
            ("/widgets/{widget_id}/notes:", "/widgets/{id}/notes:"),
            (
                "        required: true\n        description: The widget.",
                "        description: The widget.",
            ),
        ],
    );
}

#[test]
fn schemas() {
    check(
        &expect_file!["../golden/lint/schemas.txt"],
        &[
            ("x-open-enum: true\n", "\n"),
            ("enum: [red, 'dark blue', n/a]", "enum: [red, 'dark blue', null]"),
            (
                "type: string, nullable: true, description: The text.",
                "type: [string, 'null'], description: The text.",
            ),
            (
                "type: array, description: Its notes., items: {$ref: '#/components/schemas/Note'}",
                "type: array, description: Its notes.",
            ),
            (
                "extra: {type: object, description: Anything else.}",
                "extra: {type: object, description: Anything else., additionalProperties: false}",
            ),
            ("      oneOf:\n", "      anyOf:\n"),
            (
                "type: object\n      description: A gadget.",
                "allOf: [{$ref: 'widgets.yaml#/components/schemas/Note'}, {$ref: 'widgets.yaml#/components/schemas/Part'}]\n      description: A gadget.",
            ),
            ("minimum: 1, maximum: 50, default: 10", "minimum: 9, maximum: 5, default: 10"),
            ("minimum: 1, maximum: 50, default: 10", "minimum: 1, maximum: 50, default: 0"),
            ("minimum: 0, maximum: 2,", "minimum: 0.5, maximum: 2,"),
            ("minItems: 1\n          maxItems: 2", "minItems: 3\n          maxItems: 2"),
            ("enum: [paint, 'take apart']", "enum: [1, 2]"),
        ],
    );
}

#[test]
fn extensions() {
    check(
        &expect_file!["../golden/lint/extensions.txt"],
        &[
            (
                "x-rate-limit: {requestsPerSecond: 2.5, burst: 5}",
                "x-rate-limit: {requestsPerSecond: often, burst: 5}",
            ),
            (
                "x-rate-limit: {requestsPerSecond: 2.5, burst: 5}",
                "x-rate-limit: {requestsPerSecond: 0, burst: 5}",
            ),
            (
                "x-rate-limit: {requestsPerSecond: 2.5, burst: 5}",
                "x-rate-limit: {perSecond: 1, burst: 5}",
            ),
            ("x-idempotent: false", "x-idempotent: 'no'"),
            (
                "      operationId: getGadgets\n",
                "      operationId: getGadgets\n      requestBody: {content: {application/json: {schema: {$ref: 'widgets.yaml#/components/schemas/NoteBody'}}}}\n",
            ),
            ("        items: /data\n", "        items: /pagination\n"),
            ("        items: /data\n", "        items: /dta\n"),
            (
                "        cursor: cursor\n        limit: limit\n",
                "        cursor: curser\n        limit: colors\n",
            ),
            ("nextCursor: /pagination/nextCursor", "nextCursor: pagination/nextCursor"),
            ("x-filter: {op: in, fields: [color]}", "x-filter: {op: im, fields: [color]}"),
            ("x-filter: {op: in, fields: [color]}", "x-filter: {op: gt, fields: [color]}"),
            ("x-filter: {op: in, fields: [color]}", "x-filter: {op: in, fields: [colour]}"),
            ("x-filter: {op: in, fields: [color]}", "x-filter: {op: in, fields: []}"),
            ("x-filter: {op: in, fields: [color]}", "x-filter: {op: between, fields: [color]}"),
            (
                "x-filter: {op: in, fields: [color]}",
                "x-filter: {op: in, fields: ['parts.*.parts[].parts', 'parts.~', 'notes[].text', $any, 'notes.text']}",
            ),
            (
                "x-filter: {op: in, fields: [color]}",
                "x-filter: {op: in, fields: [color], value: x}",
            ),
            (
                "          description: The number of the widget.\n",
                "          description: The number of the widget.\n          x-filter: {op: equals, fields: [id]}\n",
            ),
            ("  title: Widget API\n", "  title: Widget API\n  x-filter: {op: in, fields: []}\n"),
            ("x-open-enum: true", "x-open-enum: 'yes'"),
        ],
    );
}

#[test]
fn what_is_acted_on() {
    const ACT: &str =
        "x-acts-on: {items: Widget, count: /data/affected, set: {type: /data/reason, color: red}}";
    check(
        &expect_file!["../golden/lint/acts_on.txt"],
        &[
            (ACT, "x-acts-on: {items: Gizmo}"),
            (ACT, "x-acts-on: {items: Widget, count: /data/number}"),
            (ACT, "x-acts-on: {items: Widget, item: data}"),
            (ACT, "x-acts-on: {items: Widget, set: {type: [dull], color: {red: 1}, works: true}}"),
            (ACT, "x-acts-on: {items: Widget, link: {url: /data/url, type: text/csv}}"),
            (ACT, "x-acts-on: {items: Widget, set: {colour: red, type: /data/why}}"),
            (ACT, "x-acts-on: {items: Widget, link: /data}"),
            (ACT, "x-acts-on: {items: Widget, rows: 'notes[]', most: 3}"),
            (ACT, "x-acts-on: {items: Widget, add: {items: Nut, set: {size: []}}}"),
            (ACT, "x-acts-on: {items: Widget, add: {items: Gadget, set: {name: /data/reason}}}"),
            (ACT, "x-acts-on: {items: Note, set: {text: /data/reason}, remove: true}"),
            (ACT, "x-acts-on: {items: Widget, set: {id: '7', works: maybe, grade: 1}}"),
            (ACT, "x-acts-on: {items: Widget, adds: {}}"),
            (ACT, "x-acts-on: Widget"),
            ("{items: Widget, most: 30}", "{items: Widget, rows: 'nuts[]'}"),
            ("{items: Widget, most: 30}", "{items: Note}"),
            ("        x-identifies: Widget", "        x-identifies: Gizmo"),
            ("        x-identifies: Widget", "        x-identifies: Note"),
            ("        x-identifies: Widget", "        x-identifies: {items: Widget}"),
            (
                "          description: Changes nothing.\n",
                "          description: Changes nothing.\n          x-identifies: Widget\n",
            ),
        ],
    );
}

#[test]
fn required_filters() {
    const BODY: &str = "        required: true\n        content: {application/json: {schema: {$ref: '#/components/schemas/ActionBody'}}}";
    check(
        &expect_file!["../golden/lint/required_filters.txt"],
        &[
            ("x-requires-filter: filter", "x-requires-filter: [filter]"),
            ("x-requires-filter: filter", "x-requires-filter: filters"),
            ("x-requires-filter: filter", "x-requires-filter: data"),
            ("x-require", "x-requres"),
            (
                BODY,
                "        content: {application/json: {schema: {$ref: '#/components/schemas/ActionBody'}}}",
            ),
            (
                BODY,
                "        required: true\n        content: {application/json: {schema: {$ref: '#/components/schemas/ActionAnswer'}}}",
            ),
            ("required: [filter, data]", "required: [data]"),
            (
                "        filter: {$ref: '#/components/schemas/WidgetFilter'}\n        data",
                "        filter: {type: object, description: D.}\n        data",
            ),
            (
                "      description: Selects widgets.\n",
                "      description: Selects widgets.\n      required: [ids]\n",
            ),
            (
                "        affected: {",
                "        body: {$ref: '#/components/schemas/ActionBody'}\n        affected: {",
            ),
            (
                "      operationId: getGadgets\n",
                "      operationId: getGadgets\n      x-requires-filter: filter\n",
            ),
        ],
    );
}

#[test]
fn patterns() {
    check(
        &expect_file!["../golden/lint/patterns.txt"],
        &[("pattern: '^[0-9]+$'", "pattern: '^[0-9+$'")],
    );
}

#[test]
fn versions() {
    check(
        &expect_file!["../golden/lint/versions.txt"],
        &[
            ("openapi: 3.0.3", "openapi: 3.1.0"),
            ("openapi: 3.0.3", "swagger: '2.0'"),
            ("openapi: 3.0.3", "openapi: 3"),
        ],
    );
}

#[test]
fn shapes() {
    check(
        &expect_file!["../golden/lint/shapes.txt"],
        &[
            ("  schemas:\n", "  headers: []\n  schemas:\n"),
            ("schema: {type: string, minLength: 2, maxLength: 9}", "schema: 7"),
            (
                "      parameters:\n        - $ref: '#/components/parameters/cursor'\n        - $ref: '#/components/parameters/limit'\n        - name: colors",
                "      parameters: {}\n      x-ignored: []\n      tagz:\n        - name: colors",
            ),
        ],
    );
}

#[test]
fn several_faults_in_one_run() {
    let mut texts = texts();
    for (from, to) in [
        ("explode: false", "explod: false"),
        ("op: gte", "op: above"),
        ("schemas/GadgetData'", "schemas/GadgetDta'"),
        ("schemas/Color'", "schemas/Colour'"),
        ("description: A gadget.", "summary: A gadget."),
    ] {
        texts = edited(&texts, from, to);
    }
    expect_file!["../golden/lint/several_faults_in_one_run.txt"].assert_eq(&told(&texts));
}

const SPOILED: [&str; 3] = ["null", "[]", "7"];

/// Spoils every part of the spec in turn, in every way; whatever comes of it is told, not panicked.
#[test]
fn no_spec_makes_it_panic() {
    let mut document = document();
    let mut pointers = Vec::new();
    collect("", &document.value, &mut pointers);
    let mut told = 0;
    for pointer in &pointers {
        for spoiled in SPOILED {
            let place = document.value.pointer_mut(pointer).expect("a part of the spec");
            let part = std::mem::replace(place, serde_json::from_str(spoiled).expect("JSON"));
            told += usize::from(lint(&document).is_err());
            *document.value.pointer_mut(pointer).expect("the same part") = part;
        }
    }
    assert!(pointers.len() < told, "{told} of {}", pointers.len() * 3);
}

/// Spoils every part of every file in turn, each in one way, for all of them take a while to read.
#[test]
fn no_file_makes_it_panic() {
    let good = texts();
    let (mut parts, mut told) = (0, 0);
    for (file, text) in &good {
        let whole: Value = serde_yaml::from_str(text).expect("YAML");
        let mut pointers = Vec::new();
        collect("", &whole, &mut pointers);
        for pointer in &pointers {
            let mut value = whole.clone();
            let place = value.pointer_mut(pointer).expect("a part of the spec");
            *place = serde_json::from_str(SPOILED[parts % 3]).expect("JSON");
            let text = serde_json::to_string(&value).expect("JSON");
            let mut texts = good.clone();
            texts.insert(file.clone(), text);
            let spoiled = read("widgets.yaml", &texts).expect("JSON is YAML");
            told += usize::from(lint(&spoiled).is_err());
            parts += 1;
        }
    }
    assert!(parts / 3 < told, "{told} of {parts}");
}

/// The pointers of all parts of a value.
pub(crate) fn collect(pointer: &str, value: &Value, pointers: &mut Vec<String>) {
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
