//! A spec in several files: what they make together, and what is told of them.

use expect_test::expect_file;
use serde_json::json;
use xtask::codegen::passes;
use xtask::lint::lint;

use crate::widgets::{Texts, read};

const ROOT: &str = "\
openapi: 3.0.3
info: {title: T, version: '1'}
tags: [{name: things, description: Things.}]
paths:
  /things: {$ref: 'things.yaml#/paths/~1things'}
components:
  schemas:
    Id:
      type: string
      description: An id.
";

const THINGS: &str = "\
paths:
  /things:
    get:
      operationId: getThings
      tags: [things]
      summary: Gets things.
      description: Gets things.
      responses:
        '200':
          description: Things.
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
components:
  schemas:
    Thing:
      type: object
      description: A thing.
      properties:
        id: {$ref: 'spec.yaml#/components/schemas/Id'}
";

fn texts(files: &[(&str, &str)]) -> Texts {
    files.iter().map(|(file, text)| (format!("dir/{file}"), (*text).to_owned())).collect()
}

fn told(files: &[(&str, &str)]) -> String {
    let outcome = read("dir/spec.yaml", &texts(files)).and_then(|document| lint(&document));
    outcome.map_or_else(|faults| faults.to_string(), |_| "nothing".to_owned())
}

#[test]
fn what_is_told_of_files() {
    let edit = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "there is no {from:?}");
        text.replacen(from, to, 1)
    };
    let mut golden = String::new();
    let mut check = |files: &[(&str, &str)], what: &str| {
        golden.push_str(&format!("{what}\n{}\n\n", told(files)));
    };
    check(&[("spec.yaml", ROOT), ("things.yaml", THINGS)], "as it is");
    check(&[("spec.yaml", ROOT)], "without things.yaml");
    for to in [
        "thing.yaml#/paths/~1things",
        "../things.yaml#/paths/~1things",
        "/things.yaml#/paths/~1things",
        "https://things.test/things.yaml#/paths/~1things",
        "things.yaml#/paths/~1thing",
        "things.yaml",
        "#/paths/~1things",
    ] {
        let root = edit(ROOT, "things.yaml#/paths/~1things", to);
        check(&[("spec.yaml", &root), ("things.yaml", THINGS)], to);
    }
    for to in [
        "/things: {$ref: 'things.yaml#/paths/~1things', summary: Things.}",
        "/things: {$ref: 'things.yaml#/paths/~1things'}\n  /others: {$ref: 'things.yaml#/paths/~1others'}",
        "/others: {$ref: './things.yaml#/paths/~1others'}",
    ] {
        let root = edit(ROOT, "/things: {$ref: 'things.yaml#/paths/~1things'}", to);
        check(&[("spec.yaml", &root), ("things.yaml", THINGS)], to);
    }
    for to in [
        "spec.yaml#/components/schemas/Ib",
        "sub/../spec.yaml#/components/schemas/Ib",
        "#/components/schemas/Id",
        "#/components/schemas/Thin",
        "spec.yaml#/info",
        "spec.yaml",
        "more.yaml#/components/schemas/Id",
        "../../spec.yaml#/components/schemas/Id",
    ] {
        let things = edit(THINGS, "spec.yaml#/components/schemas/Id", to);
        check(&[("spec.yaml", ROOT), ("things.yaml", &things)], to);
    }
    for (from, to) in [
        ("components:\n", "tags: []\ncomponents:\n"),
        ("    Thing:\n", "    Id: {type: integer, description: An id.}\n    Thing:\n"),
        ("    Thing:\n", "    Id: {description: An id., type: string}\n    Thing:\n"),
        ("    Thing:\n", "    Id: {$ref: 'spec.yaml#/components/schemas/Id'}\n    Thing:\n"),
        ("      properties:\n", "      propertis:\n"),
        ("      summary: Gets things.\n", ""),
        ("components:\n  schemas:\n", "components:\n  schemass:\n"),
        ("components:\n", "components: []\nx-components:\n"),
        ("  /things:\n    get:\n", "  /things:\n    $ref: 'spec.yaml#/paths/~1things'\n    get:\n"),
        ("    Thing:\n      type: object", "    Thing:\n     type: [object"),
        ("      type: object", "      type: [object"),
        ("paths:\n", "paths:\npaths:\n"),
    ] {
        let things = edit(THINGS, from, to);
        check(&[("spec.yaml", ROOT), ("things.yaml", &things)], &format!("{from:?}\n-> {to:?}"));
    }
    let root = edit(
        ROOT,
        "    Id:\n      type: string\n      description: An id.\n",
        "    Id: {$ref: 'things.yaml#/components/schemas/Id'}\n",
    );
    let things = edit(
        THINGS,
        "    Thing:\n",
        "    Id: {$ref: 'spec.yaml#/components/schemas/Id'}\n    Thing:\n",
    );
    check(&[("spec.yaml", &root), ("things.yaml", &things)], "each says that the other has it");
    check(&[("spec.yaml", ROOT), ("things.yaml", "[]")], "things.yaml is a list");
    expect_file!["../golden/bundle.txt"].assert_eq(&golden);
}

#[test]
fn files_that_refer_to_each_other_make_one_document() {
    let root = "\
openapi: 3.0.3
paths:
  /a/{b}: {$ref: 'sub/a.yaml#/paths/~1a~1%7Bb%7D'}
components:
  schemas:
    A: {$ref: 'sub/a.yaml#/components/schemas/A'}
    Root: {properties: {a: {$ref: '#/components/schemas/A'}}}
";
    let a = "\
paths:
  /a/{b}:
    get: {parameters: [{$ref: '../b.yaml#/components/parameters/b'}]}
components:
  schemas:
    A:
      properties:
        root: {$ref: '../spec.yaml#/components/schemas/Root'}
        a: {$ref: '#/components/schemas/A'}
";
    let b = "components: {parameters: {b: {schema: {$ref: sub/a.yaml#/components/schemas/A}}}}";
    let texts = texts(&[("spec.yaml", root), ("sub/a.yaml", a), ("b.yaml", b)]);
    let document = read("dir/spec.yaml", &texts).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(document.faults, []);
    assert_eq!(
        document.value,
        json!({
            "openapi": "3.0.3",
            "paths": {"/a/{b}": {
                "get": {"parameters": [{"$ref": "#/components/parameters/b"}]},
            }},
            "components": {
                "schemas": {
                    "Root": {"properties": {"a": {"$ref": "#/components/schemas/A"}}},
                    "A": {"properties": {
                        "root": {"$ref": "#/components/schemas/Root"},
                        "a": {"$ref": "#/components/schemas/A"},
                    }},
                },
                "parameters": {"b": {"schema": {"$ref": "#/components/schemas/A"}}},
            },
        })
    );
    for (pointer, place) in [
        ("", "dir/spec.yaml:1"),
        ("/paths", "dir/spec.yaml:2"),
        ("/paths/~1a~1{b}", "dir/sub/a.yaml:2"),
        ("/paths/~1a~1{b}/get/parameters/0", "dir/sub/a.yaml:3"),
        ("/components/schemas/A/properties/root", "dir/sub/a.yaml:8"),
        ("/components/schemas/Root/properties", "dir/spec.yaml:7"),
        ("/components/parameters", "dir/b.yaml:1"),
    ] {
        let found = document.place(pointer);
        let line = found.line.expect("a line");
        assert_eq!(format!("{}:{line}", found.file), place, "{pointer}");
    }
}

#[test]
fn a_name_that_is_taken_is_told_with_its_place() {
    let edit = |text: String| {
        let text = text.replace("schemas/Gadget'", "schemas/Continuation'");
        text.replace("    Gadget:\n", "    Continuation:\n")
    };
    let texts = crate::widgets::texts().into_iter().map(|(file, text)| (file, edit(text)));
    let document = read("widgets.yaml", &texts.collect()).expect("YAML");
    let error = passes(&document).expect_err("the name is taken");
    assert_eq!(
        error.to_string(),
        "gadgets.yaml:29: /components/schemas/Continuation: generated code has its own \
         `Continuation`; give the schema another name"
    );
}

#[test]
fn the_hash_is_of_all_files() {
    let hash = |root: &str, things: &str| {
        let texts = texts(&[("spec.yaml", root), ("things.yaml", things)]);
        read("dir/spec.yaml", &texts).expect("YAML").sha256
    };
    let hashes = [
        hash(ROOT, THINGS),
        hash(&format!("{ROOT}#"), THINGS),
        hash(ROOT, &format!("{THINGS}#")),
        hash(&ROOT.replace("things.yaml", "./things.yaml"), THINGS),
    ];
    let different = std::collections::BTreeSet::from(hashes.clone());
    assert_eq!(different.len(), hashes.len());
    assert_eq!(hash(ROOT, &THINGS.replace('\n', "\r\n")), hashes[0]);
}
