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
        expect![[r#"
            spec.yaml:28: /paths/~1web~1api~1v2.1~1widgets/get/parameters/2: the list `colors` is not separated by commas; write `style: form` and `explode: false`
            spec.yaml:32: /paths/~1web~1api~1v2.1~1widgets/get/parameters/2/explod: unknown key `explod`; write `explode`"#]],
    );
    check(
        "nullable: true, description: The text.",
        "nullabel: true, description: The text.",
        expect![
            "spec.yaml:170: /components/schemas/Note/properties/text/nullabel: unknown key `nullabel`; write `nullable`"
        ],
    );
    check(
        "x-open-enum: true",
        "x-open-enumm: true",
        expect![[r#"
            spec.yaml:120: /components/schemas/Color: a closed enum would fail on the vendor's next value; add `x-open-enum: true`; other values are then kept as they came
            spec.yaml:123: /components/schemas/Color/x-open-enumm: unknown extension `x-open-enumm`; write `x-open-enum`"#]],
    );
    check(
        "description: A colour.",
        "descripton: A colour.",
        expect![[r#"
            spec.yaml:120: /components/schemas/Color: a schema has no description; add `description: …`; it becomes the documentation
            spec.yaml:122: /components/schemas/Color/descripton: unknown key `descripton`; write `description`"#]],
    );
    check(
        "      tags: [widgets]\n      summary: Adds",
        "      color: blue\n      tags: [widgets]\n      summary: Adds",
        expect![
            "spec.yaml:64: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/post/color: unknown key `color`; remove it, or begin its name with `x-`"
        ],
    );
}

#[test]
fn references() {
    check(
        "{$ref: '#/components/schemas/NoteBody'}",
        "{$ref: '#/components/schemas/NoteBodi'}",
        expect![
            "spec.yaml:74: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/post/requestBody/content/application~1json/schema/$ref: `#/components/schemas/NoteBodi` points to nothing; write `#/components/schemas/NoteBody`"
        ],
    );
    check(
        "{$ref: '#/components/schemas/NoteBody'}",
        "{$ref: 'other.yaml#/NoteBody'}",
        expect![
            "spec.yaml:74: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/post/requestBody/content/application~1json/schema/$ref: `other.yaml#/NoteBody` is not in the components of this document; write `$ref: '#/components/…'`"
        ],
    );
    check(
        "{$ref: '#/components/schemas/NoteBody'}",
        "{$ref: '#/components/schemas/NoteBody', nullable: true}",
        expect![
            "spec.yaml:74: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/post/requestBody/content/application~1json/schema/$ref: keys beside a `$ref` are ignored by OpenAPI 3.0; remove the other keys, or wrap the `$ref` in an `allOf`"
        ],
    );
    check(
        "{$ref: '#/components/schemas/NoteBody'}",
        "{$ref: 7}",
        expect![
            "spec.yaml:74: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/post/requestBody/content/application~1json/schema/$ref: a `$ref` that is no text; write `$ref: '#/components/…'`"
        ],
    );
}

#[test]
fn names_that_collide() {
    check(
        "        - name: createdAt__gte\n",
        "        - name: createdAt_gte\n          in: query\n          description: D.\n          schema: {type: boolean}\n        - name: createdAt__gte\n",
        expect![
            "spec.yaml:44: /paths/~1web~1api~1v2.1~1widgets/get/parameters/5: `createdAt_gte` and `createdAt__gte` both become `created_at_gte`; remove one of the two"
        ],
    );
    check(
        "        - name: secret\n",
        "        - name: type\n",
        expect![
            "spec.yaml:45: /paths/~1web~1api~1v2.1~1widgets/get/parameters/5: there are two parameters `type`; remove one of the two"
        ],
    );
    check(
        "operationId: getGadgets",
        "operationId: get_widgets",
        expect![
            "spec.yaml:90: /paths/~1web~1api~1v2.1~1gadgets/get/operationId: `getWidgets` and `get_widgets` both become the method `get_widgets`; give one another `operationId`"
        ],
    );
    check(
        "    Gadget:\n",
        "    note:\n",
        expect![[r#"
            spec.yaml:191: /components/schemas/GadgetData/properties/gadgets/items/$ref: `#/components/schemas/Gadget` points to nothing; write `#/components/schemas/Widget`
            spec.yaml:192: /components/schemas/note: `Note` and `note` both become the type `Note`; rename one of the two
            spec.yaml:192: /components/schemas/note: `note` is not the name of a Rust type; rename it to `Note`"#]],
    );
    check(
        "        name: {type: string, description: The name.}",
        "        name: {type: string, description: The name.}\n        Name: {type: string, description: The name.}",
        expect![
            "spec.yaml:197: /components/schemas/Gadget/properties/Name: `name` and `Name` both become the field `name`; remove one of the two"
        ],
    );
    check(
        "        name: {type: string, description: The name.}",
        "        unknownMembers: {type: string, description: The name.}",
        expect![
            "spec.yaml:196: /components/schemas/Gadget/properties/unknownMembers: every struct has its own field `unknown_members`; remove the property; it is kept as an unknown member"
        ],
    );
    check(
        "enum: [red, 'dark blue', n/a]\n      x-enum-varnames: [Red, DarkBlue, None]\n      x-enumDescriptions: {red: Like blood., 'dark blue': Like the sea at night., n/a: Without colour.}",
        "enum: [dark-blue, dark_blue]\n      x-enumDescriptions: {dark-blue: A., dark_blue: B.}",
        expect![
            "spec.yaml:124: /components/schemas/Color/enum: `dark-blue` and `dark_blue` all become the variant `DarkBlue`; add `x-enum-varnames` with a name for each value"
        ],
    );
    check(
        "enum: [red, 'dark blue', n/a]\n      x-enum-varnames: [Red, DarkBlue, None]\n      x-enumDescriptions: {red: Like blood., 'dark blue': Like the sea at night., n/a: Without colour.}",
        "enum: ['32 bit', other]\n      x-enumDescriptions: {'32 bit': A., other: B.}",
        expect![[r#"
            spec.yaml:124: /components/schemas/Color/enum: `32 bit` becomes `32Bit`, which cannot name a variant; add `x-enum-varnames` with a name for each value
            spec.yaml:124: /components/schemas/Color/enum: `other` becomes `Other`, which cannot name a variant; add `x-enum-varnames` with a name for each value"#]],
    );
    check(
        "x-enum-varnames: [Red, DarkBlue, None]",
        "x-enum-varnames: [Red, DarkBlue]",
        expect![
            "spec.yaml:125: /components/schemas/Color/x-enum-varnames: 2 names for 3 values; write one name for each value, in the same order"
        ],
    );
}

#[test]
fn bodies_without_names() {
    check(
        "content: {application/json: {schema: {$ref: '#/components/schemas/NoteBody'}}}",
        "content: {application/json: {schema: {type: object, properties: {text: {type: string, description: T.}}}}}",
        expect![[r#"
            spec.yaml:74: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/post/requestBody/content/application~1json: a request body has a schema without a name; move the schema to `components/schemas` and `$ref` it
            spec.yaml:74: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/post/requestBody/content/application~1json/schema: a schema with `properties` needs a name; move it to `components/schemas` and `$ref` it"#]],
    );
    check(
        "content: {application/json: {schema: {$ref: '#/components/schemas/GadgetPage'}}}",
        "content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Gadget'}}}}",
        expect![[r#"
            spec.yaml:94: /paths/~1web~1api~1v2.1~1gadgets/get/x-pagination/items: the answer has nothing at `/data/gadgets`; write a JSON pointer such as `/data`
            spec.yaml:94: /paths/~1web~1api~1v2.1~1gadgets/get/x-pagination/nextCursor: the answer has nothing at `/next`; write a JSON pointer such as `/data`
            spec.yaml:101: /paths/~1web~1api~1v2.1~1gadgets/get/responses/200/content/application~1json: an answer has a schema without a name; move the schema to `components/schemas` and `$ref` it"#]],
    );
    check(
        "text: {type: string, nullable: true, description: The text.}",
        "text: {type: object, description: D., properties: {a: {type: string, description: A.}}}",
        expect![
            "spec.yaml:170: /components/schemas/Note/properties/text: a schema with `properties` needs a name; move it to `components/schemas` and `$ref` it"
        ],
    );
    check(
        "text: {type: string, nullable: true, description: The text.}",
        "text: {type: string, description: D., enum: [a, b]}",
        expect![
            "spec.yaml:170: /components/schemas/Note/properties/text: a schema with `enum` needs a name; move it to `components/schemas` and `$ref` it"
        ],
    );
}

#[test]
fn content() {
    check(
        "content: {application/json: {schema: {$ref: '#/components/schemas/NoteBody'}}}",
        "content: {text/csv: {schema: {type: string}}}",
        expect![
            "spec.yaml:74: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/post/requestBody/content/text~1csv: a request body of type text/csv is not supported; write `application/json`"
        ],
    );
    check(
        "content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}",
        "content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}, text/csv: {schema: {type: string}}}",
        expect![
            "spec.yaml:78: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/post/responses/201/content: an answer has 2 types; keep `application/json`"
        ],
    );
}

#[test]
fn styles() {
    check(
        "explode: false",
        "explode: true",
        expect![
            "spec.yaml:28: /paths/~1web~1api~1v2.1~1widgets/get/parameters/2: the list `colors` is not separated by commas; write `style: form` and `explode: false`"
        ],
    );
    check(
        "          style: form\n          explode: false\n",
        "",
        expect![
            "spec.yaml:28: /paths/~1web~1api~1v2.1~1widgets/get/parameters/2: the list `colors` is not separated by commas; write `style: form` and `explode: false`"
        ],
    );
    check(
        "schema: {type: string, minLength: 2, maxLength: 9}",
        "style: deepObject\n          schema: {type: string}",
        expect![
            "spec.yaml:38: /paths/~1web~1api~1v2.1~1widgets/get/parameters/3/style: the style `deepObject` is not supported; remove it, or write `style: form`"
        ],
    );
    check(
        "schema: {type: string, minLength: 2, maxLength: 9}",
        "schema: {type: object, properties: {}}",
        expect![[r#"
            spec.yaml:38: /paths/~1web~1api~1v2.1~1widgets/get/parameters/3/schema: a parameter's value of type object is not supported; write `string`, `integer` or `boolean`
            spec.yaml:38: /paths/~1web~1api~1v2.1~1widgets/get/parameters/3/schema: a schema with `properties` needs a name; move it to `components/schemas` and `$ref` it"#]],
    );
    check(
        "schema: {type: string, minLength: 2, maxLength: 9}",
        "content: {application/json: {schema: {type: string}}}",
        expect![
            "spec.yaml:35: /paths/~1web~1api~1v2.1~1widgets/get/parameters/3: the parameter has no `schema`; add one; `content` is not supported"
        ],
    );
    check(
        "- name: secret\n          in: query",
        "- name: secret\n          in: header",
        expect![
            "spec.yaml:46: /paths/~1web~1api~1v2.1~1widgets/get/parameters/5/in: a parameter in the header is not supported; remove it; the runtime sets what all requests need"
        ],
    );
    check(
        "- name: secret\n          in: query",
        "- name: secret\n          in: cookie",
        expect![
            "spec.yaml:46: /paths/~1web~1api~1v2.1~1widgets/get/parameters/5/in: a parameter in the cookie is not supported; remove it; the runtime sets what all requests need"
        ],
    );
    check(
        "- name: secret\n          in: query",
        "- name: secret",
        expect![
            "spec.yaml:45: /paths/~1web~1api~1v2.1~1widgets/get/parameters/5: `in` is ``; write `in: query` or `in: path`"
        ],
    );
}

#[test]
fn successes() {
    check(
        "        '204':\n          description: They are gone.",
        "        '204':\n          description: They are gone.\n        '202':\n          description: Later.",
        expect![
            "spec.yaml:88: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/delete/responses/202: `202` is a second success, and a method returns one type; keep the one that the API sends"
        ],
    );
    check(
        "        '204':\n          description: They are gone.",
        "        default:\n          description: They are gone.",
        expect![[r#"
            spec.yaml:85: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/delete/responses: no response is a success; add the response of status 200
            spec.yaml:86: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/delete/responses/default: a `default` response would be taken for a success; write the statuses out: `'400'`, `'401'`, `5XX`"#]],
    );
    check(
        "        '204':\n          description: They are gone.",
        "        '400':\n          description: No.",
        expect![
            "spec.yaml:85: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/delete/responses: no response is a success; add the response of status 200"
        ],
    );
}

#[test]
fn descriptions() {
    check(
        "          description: Changes nothing.\n",
        "",
        expect![
            "spec.yaml:68: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/post/parameters/0: a parameter has no description; add `description: …`; it becomes the documentation"
        ],
    );
    check(
        "      description: Deletes all notes of one widget.\n",
        "",
        expect![
            "spec.yaml:80: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/delete: an operation has no description; add `description: …`; it becomes the documentation"
        ],
    );
    check(
        "      summary: Deletes all notes.\n",
        "",
        expect![
            "spec.yaml:80: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/delete: the operation has no `summary`; add one sentence"
        ],
    );
    check(
        "      description: A gadget.\n",
        "      description: ' '\n",
        expect![
            "spec.yaml:192: /components/schemas/Gadget: a schema has no description; add `description: …`; it becomes the documentation"
        ],
    );
    check(
        "{type: string, description: The name.}",
        "{type: string}",
        expect![
            "spec.yaml:196: /components/schemas/Gadget/properties/name: a property has no description; add `description: …`; it becomes the documentation"
        ],
    );
    check(
        "          description: They are gone.\n",
        "          description: ''\n",
        expect![
            "spec.yaml:86: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/delete/responses/204: a response has no description; add `description: …`; it becomes the documentation"
        ],
    );
    check(
        "red: Like blood., ",
        "",
        expect![
            "spec.yaml:124: /components/schemas/Color/enum: the value `red` has no description; add it to `x-enumDescriptions`: `red: …`"
        ],
    );
    check(
        "red: Like blood., ",
        "red: Like blood., green: Like grass., ",
        expect![
            "spec.yaml:126: /components/schemas/Color/x-enumDescriptions/green: `green` is not a value of the enum; add it to `enum`, or remove it here"
        ],
    );
    check(
        "title: Words, type: string, description: In words.",
        "title: Words, type: string",
        expect![
            "spec.yaml:160: /components/schemas/Size/oneOf/1: a variant without `description`; add `description`; the variant is named and documented by these"
        ],
    );
    check(
        "title: Words, type: string, description: In words.",
        "type: string, description: In words.",
        expect![
            "spec.yaml:160: /components/schemas/Size/oneOf/1: a variant without `title`; add `title`; the variant is named and documented by these"
        ],
    );
}

#[test]
fn operations() {
    check(
        "      operationId: addWidgetNote\n",
        "",
        expect![
            "spec.yaml:62: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/post: the operation has no `operationId`; add `operationId: verbNoun`; its method is named after it"
        ],
    );
    check(
        "      tags: [gadgets]\n",
        "",
        expect![
            "spec.yaml:89: /paths/~1web~1api~1v2.1~1gadgets/get: the operation has no tag; add `tags: [name]`; its module is named after it"
        ],
    );
    check(
        "      tags: [gadgets]\n",
        "      tags: [gadget]\n",
        expect![
            "spec.yaml:91: /paths/~1web~1api~1v2.1~1gadgets/get/tags/0: the tag `gadget` is not declared; add it to `tags` at the top, with a description"
        ],
    );
    check(
        "/widgets/{widget_id}/notes:",
        "/widgets/{id}/notes:",
        expect![[r#"
            spec.yaml:62: /paths/~1web~1api~1v2.1~1widgets~1{id}~1notes/post: the path has `{id}`, the parameters do not; add a parameter `id` with `in: path` and `required: true`
            spec.yaml:62: /paths/~1web~1api~1v2.1~1widgets~1{id}~1notes/post: the path has no `{widget_id}`; write `{widget_id}` into the path, or remove the parameter
            spec.yaml:80: /paths/~1web~1api~1v2.1~1widgets~1{id}~1notes/delete: the path has `{id}`, the parameters do not; add a parameter `id` with `in: path` and `required: true`
            spec.yaml:80: /paths/~1web~1api~1v2.1~1widgets~1{id}~1notes/delete: the path has no `{widget_id}`; write `{widget_id}` into the path, or remove the parameter"#]],
    );
    check(
        "        required: true\n        description: The widget.",
        "        description: The widget.",
        expect![
            "spec.yaml:57: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/parameters/0: `widget_id` is in the path but not required; add `required: true`"
        ],
    );
}

#[test]
fn schemas() {
    check(
        "x-open-enum: true\n",
        "\n",
        expect![
            "spec.yaml:120: /components/schemas/Color: a closed enum would fail on the vendor's next value; add `x-open-enum: true`; other values are then kept as they came"
        ],
    );
    check(
        "enum: [red, 'dark blue', n/a]",
        "enum: [red, 'dark blue', null]",
        expect![
            "spec.yaml:124: /components/schemas/Color/enum: an enum of something else than texts; write `type: string` and texts; `null` is `nullable: true` where the enum is used"
        ],
    );
    check(
        "type: string, nullable: true, description: The text.",
        "type: [string, 'null'], description: The text.",
        expect![
            "spec.yaml:170: /components/schemas/Note/properties/text/type: a list of types is OpenAPI 3.1; write one type, and `nullable: true` for null"
        ],
    );
    check(
        "type: array, description: Its notes., items: {$ref: '#/components/schemas/Note'}",
        "type: array, description: Its notes.",
        expect![
            "spec.yaml:153: /components/schemas/Widget/properties/notes: an array without `items`; add the schema of an item"
        ],
    );
    check(
        "extra: {type: object, description: Anything else.}",
        "extra: {type: object, description: Anything else., additionalProperties: false}",
        expect![
            "spec.yaml:154: /components/schemas/Widget/properties/extra/additionalProperties: `additionalProperties: false` is not kept; remove it; the vendor adds members"
        ],
    );
    check(
        "      oneOf:\n",
        "      anyOf:\n",
        expect![
            "spec.yaml:158: /components/schemas/Size/anyOf: `anyOf` is not supported; write `oneOf` with a `title` for each, or one type"
        ],
    );
    check(
        "type: object\n      description: A gadget.",
        "allOf: [{$ref: '#/components/schemas/Note'}, {$ref: '#/components/schemas/Part'}]\n      description: A gadget.",
        expect![
            "spec.yaml:193: /components/schemas/Gadget/allOf: `allOf` of several schemas is not supported; write the properties out in one schema"
        ],
    );
    check(
        "minimum: 1, maximum: 50, default: 10",
        "minimum: 9, maximum: 5, default: 10",
        expect![[r#"
            spec.yaml:113: /components/parameters/limit/schema/default: the default 10 is not a value that the schema allows; write one that is, or remove it
            spec.yaml:113: /components/parameters/limit/schema/minimum: `minimum` 9 is greater than `maximum` 5; exchange the two"#]],
    );
    check(
        "minimum: 1, maximum: 50, default: 10",
        "minimum: 1, maximum: 50, default: 0",
        expect![
            "spec.yaml:113: /components/parameters/limit/schema/default: the default 0 is not a value that the schema allows; write one that is, or remove it"
        ],
    );
}

#[test]
fn extensions() {
    check(
        "x-rate-limit: {requestsPerSecond: 2.5, burst: 5}",
        "x-rate-limit: {requestsPerSecond: often, burst: 5}",
        expect![[
            r#"spec.yaml:18: /paths/~1web~1api~1v2.1~1widgets/get/x-rate-limit: `x-rate-limit` has a bad value: invalid type: string "often", expected f64; see the vocabulary in spec/README.md"#
        ]],
    );
    check(
        "x-rate-limit: {requestsPerSecond: 2.5, burst: 5}",
        "x-rate-limit: {requestsPerSecond: 0, burst: 5}",
        expect![
            "spec.yaml:18: /paths/~1web~1api~1v2.1~1widgets/get/x-rate-limit: it would let no request through; write numbers greater than 0"
        ],
    );
    check(
        "x-rate-limit: {requestsPerSecond: 2.5, burst: 5}",
        "x-rate-limit: {perSecond: 1, burst: 5}",
        expect![
            "spec.yaml:18: /paths/~1web~1api~1v2.1~1widgets/get/x-rate-limit: `x-rate-limit` has a bad value: unknown field `perSecond`, expected `requestsPerSecond` or `burst`; see the vocabulary in spec/README.md"
        ],
    );
    check(
        "        items: /data\n",
        "        items: /pagination\n",
        expect![
            "spec.yaml:22: /paths/~1web~1api~1v2.1~1widgets/get/x-pagination/items: `/pagination` is no list of named items; point to an array whose items are a `$ref`"
        ],
    );
    check(
        "        items: /data\n",
        "        items: /dta\n",
        expect![
            "spec.yaml:22: /paths/~1web~1api~1v2.1~1widgets/get/x-pagination/items: the answer has nothing at `/dta`; write a JSON pointer such as `/data`"
        ],
    );
    check(
        "        cursor: cursor\n        limit: limit\n",
        "        cursor: curser\n        limit: colors\n",
        expect![[r#"
            spec.yaml:20: /paths/~1web~1api~1v2.1~1widgets/get/x-pagination/cursor: the operation has no parameter `curser`; write the name of a query parameter
            spec.yaml:21: /paths/~1web~1api~1v2.1~1widgets/get/x-pagination/limit: the largest page is not known; add `maximum` to the schema of `colors`"#]],
    );
    check(
        "nextCursor: /pagination/nextCursor",
        "nextCursor: pagination/nextCursor",
        expect![
            "spec.yaml:23: /paths/~1web~1api~1v2.1~1widgets/get/x-pagination/nextCursor: the answer has nothing at `pagination/nextCursor`; write a JSON pointer such as `/data`"
        ],
    );
    check(
        "x-filter: {op: in, fields: [color]}",
        "x-filter: {op: im, fields: [color]}",
        expect![
            "spec.yaml:34: /paths/~1web~1api~1v2.1~1widgets/get/parameters/2/x-filter/op: `im` is not an op; write one of in, not-in, contains, equals, gt, gte, lt, lte, exists, full-text, tags"
        ],
    );
    check(
        "x-filter: {op: in, fields: [color]}",
        "x-filter: {op: gt, fields: [color]}",
        expect![
            "spec.yaml:34: /paths/~1web~1api~1v2.1~1widgets/get/parameters/2/x-filter/op: `gt` does not go with a parameter of type array; see the table of ops in spec/README.md"
        ],
    );
    check(
        "x-filter: {op: in, fields: [color]}",
        "x-filter: {op: in, fields: [colour]}",
        expect![
            "spec.yaml:34: /paths/~1web~1api~1v2.1~1widgets/get/parameters/2/x-filter/fields/0: an item has no field `colour`; write members joined by `.`, with `[]` after a list, `*` for the values of a map and `~` for its keys"
        ],
    );
    check(
        "x-filter: {op: in, fields: [color]}",
        "x-filter: {op: in, fields: []}",
        expect![
            "spec.yaml:34: /paths/~1web~1api~1v2.1~1widgets/get/parameters/2/x-filter/fields: there are no fields; write at least one path"
        ],
    );
    check(
        "x-filter: {op: in, fields: [color]}",
        "x-filter: {op: in, fields: ['parts.*.parts[].parts', 'parts.~', 'notes[].text', $any, 'notes.text']}",
        expect![
            "spec.yaml:34: /paths/~1web~1api~1v2.1~1widgets/get/parameters/2/x-filter/fields/4: an item has no field `notes.text`; write members joined by `.`, with `[]` after a list, `*` for the values of a map and `~` for its keys"
        ],
    );
    check(
        "x-filter: {op: in, fields: [color]}",
        "x-filter: {op: in, fields: [color], value: x}",
        expect![
            "spec.yaml:34: /paths/~1web~1api~1v2.1~1widgets/get/parameters/2/x-filter/value: `value` does not belong here; remove it; it goes with `equals` and a boolean parameter"
        ],
    );
    check(
        "          description: Changes nothing.\n",
        "          description: Changes nothing.\n          x-filter: {op: equals, fields: [id]}\n",
        expect![
            "spec.yaml:71: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/post/parameters/0/x-filter: the operation is no list; add `x-pagination`, or remove the filter"
        ],
    );
    check(
        "  title: Widget API\n",
        "  title: Widget API\n  x-filter: {op: in, fields: []}\n",
        expect![
            "spec.yaml:4: /info/x-filter: `x-filter` does not belong on Info objects; move it to a Parameter object"
        ],
    );
    check(
        "x-open-enum: true",
        "x-open-enum: 'yes'",
        expect![[r#"
            spec.yaml:120: /components/schemas/Color: a closed enum would fail on the vendor's next value; add `x-open-enum: true`; other values are then kept as they came
            spec.yaml:123: /components/schemas/Color/x-open-enum: it is not `true`; write `x-open-enum: true`"#]],
    );
}

#[test]
fn patterns() {
    check(
        "pattern: '^[0-9]+$'",
        "pattern: '^[0-9+$'",
        expect![
            "spec.yaml:61: /paths/~1web~1api~1v2.1~1widgets~1{widget_id}~1notes/parameters/0/schema/pattern: the pattern is not one that the runtime reads: non-empty character class has no closing bracket; write it in the syntax of regex-lite"
        ],
    );
}

#[test]
fn versions() {
    check(
        "openapi: 3.0.3",
        "openapi: 3.1.0",
        expect![
            "spec.yaml:1: /openapi: OpenAPI 3.1.0 is not supported; write `openapi: 3.0.3` and what that version has"
        ],
    );
    check(
        "openapi: 3.0.3",
        "swagger: '2.0'",
        expect![
            "spec.yaml:1: /openapi: the document does not say its version of OpenAPI; write `openapi: 3.0.3` and what that version has"
        ],
    );
    check(
        "openapi: 3.0.3",
        "openapi: 3",
        expect![
            "spec.yaml:1: /openapi: the document does not say its version of OpenAPI; write `openapi: 3.0.3` and what that version has"
        ],
    );
}

#[test]
fn shapes() {
    check(
        "  schemas:\n",
        "  headers: []\n  schemas:\n",
        expect!["spec.yaml:118: /components/headers: it is a list; write an object here"],
    );
    check(
        "schema: {type: string, minLength: 2, maxLength: 9}",
        "schema: 7",
        expect![[r#"
            spec.yaml:38: /paths/~1web~1api~1v2.1~1widgets/get/parameters/3/schema: it is a number; write an object here
            spec.yaml:38: /paths/~1web~1api~1v2.1~1widgets/get/parameters/3/schema: a parameter's value of type nothing is not supported; write `string`, `integer` or `boolean`"#]],
    );
    check(
        "      parameters:\n        - $ref: '#/components/parameters/cursor'\n        - $ref: '#/components/parameters/limit'\n        - name: colors",
        "      parameters: {}\n      x-ignored: []\n      tagz:\n        - name: colors",
        expect![[r#"
            spec.yaml:20: /paths/~1web~1api~1v2.1~1widgets/get/x-pagination/cursor: the operation has no parameter `cursor`; write the name of a query parameter
            spec.yaml:21: /paths/~1web~1api~1v2.1~1widgets/get/x-pagination/limit: the operation has no parameter `limit`; write the name of a query parameter
            spec.yaml:25: /paths/~1web~1api~1v2.1~1widgets/get/parameters: it is an object; write a list here
            spec.yaml:26: /paths/~1web~1api~1v2.1~1widgets/get/x-ignored: unknown extension `x-ignored`; remove it, or add it to the vocabulary in the generator and spec/README.md
            spec.yaml:27: /paths/~1web~1api~1v2.1~1widgets/get/tagz: unknown key `tagz`; write `tags`"#]],
    );
}

#[test]
fn several_faults_in_one_run() {
    let text = good()
        .replace("explode: false", "explod: false")
        .replace("op: gte", "op: above")
        .replace("schemas/GadgetData'", "schemas/GadgetDta'")
        .replace("description: A gadget.", "summary: A gadget.");
    expect![[r#"
        spec.yaml:28: /paths/~1web~1api~1v2.1~1widgets/get/parameters/2: the list `colors` is not separated by commas; write `style: form` and `explode: false`
        spec.yaml:32: /paths/~1web~1api~1v2.1~1widgets/get/parameters/2/explod: unknown key `explod`; write `explode`
        spec.yaml:44: /paths/~1web~1api~1v2.1~1widgets/get/parameters/4/x-filter/op: `above` is not an op; write one of in, not-in, contains, equals, gt, gte, lt, lte, exists, full-text, tags
        spec.yaml:94: /paths/~1web~1api~1v2.1~1gadgets/get/x-pagination/items: the answer has nothing at `/data/gadgets`; write a JSON pointer such as `/data`
        spec.yaml:185: /components/schemas/GadgetPage/properties/data/$ref: `#/components/schemas/GadgetDta` points to nothing; write `#/components/schemas/GadgetData`
        spec.yaml:192: /components/schemas/Gadget: a schema has no description; add `description: …`; it becomes the documentation
        spec.yaml:194: /components/schemas/Gadget/summary: unknown key `summary`; remove it, or begin its name with `x-`"#]].assert_eq(&told(&text));
}

/// Spoils every part of the spec in turn, in every way; whatever comes of it is told, not panicked.
#[test]
fn no_spec_makes_it_panic() {
    let document = Document::parse("spec.yaml", &good()).expect("YAML");
    let mut pointers = Vec::new();
    collect("", &document.value, &mut pointers);
    let mut told = 0;
    for pointer in &pointers {
        for spoiled in ["null", "[]", "7"] {
            let mut value = document.value.clone();
            let place = value.pointer_mut(pointer).expect("a part of the spec");
            *place = serde_json::from_str(spoiled).expect("JSON");
            let text = serde_json::to_string(&value).expect("JSON");
            let spoiled = Document::parse("spec.yaml", &text).expect("JSON is YAML");
            told += usize::from(lint(&spoiled).is_err());
        }
    }
    assert!(pointers.len() < told, "{told} of {}", pointers.len() * 3);
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
