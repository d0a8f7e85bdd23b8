//! Reading YAML, and knowing where each part stands.

use expect_test::{Expect, expect};
use xtask::load::Document;

#[track_caller]
fn check_fault(text: &str, expect: Expect) {
    let Err(faults) = Document::parse("spec.yaml", text) else { panic!("it was read") };
    expect.assert_eq(&faults.to_string());
}

#[test]
fn what_is_not_yaml() {
    check_fault(
        "a: [1, 2",
        expect![
            "spec.yaml:2: not valid YAML: did not find expected ',' or ']' at line 2 column 1, while parsing a flow sequence at line 1 column 4; correct it at that place"
        ],
    );
    check_fault(
        "a: 1\n b: 2\n",
        expect![
            "spec.yaml:2: not valid YAML: mapping values are not allowed in this context at line 2 column 3; correct it at that place"
        ],
    );
    check_fault(
        "a: 1\nb: 2\na: 3\n",
        expect![[
            r#"spec.yaml:1: not valid YAML: duplicate entry with key "a"; correct it at that place"#
        ]],
    );
    check_fault(
        "a: \"open\n",
        expect![
            "spec.yaml:2: not valid YAML: found unexpected end of stream at line 2 column 1, while scanning a quoted scalar at line 1 column 4; correct it at that place"
        ],
    );
    check_fault(
        "\ta: 1\n",
        expect![
            "spec.yaml:1: not valid YAML: found character that cannot start any token, while scanning for the next token; correct it at that place"
        ],
    );
}

#[test]
fn every_part_has_a_line() {
    let text = "\
openapi: 3.0.3
paths:
  /a/{b}:
    get:
      tags: [x, y]
      responses:
        200:
          description: >-
            folded
            text
      parameters:
        - name: p
          in: query
        - {name: q, in: query}
";
    let document = Document::parse("spec.yaml", text).expect("YAML");
    for (pointer, line) in [
        ("", 1),
        ("/openapi", 1),
        ("/paths/~1a~1{b}", 3),
        ("/paths/~1a~1{b}/get/tags/1", 5),
        ("/paths/~1a~1{b}/get/responses/200/description", 8),
        ("/paths/~1a~1{b}/get/parameters", 11),
        ("/paths/~1a~1{b}/get/parameters/0/in", 13),
        ("/paths/~1a~1{b}/get/parameters/1", 14),
        ("/paths/~1a~1{b}/get/parameters/1/missing", 14),
    ] {
        assert_eq!(document.line(pointer), Some(line), "{pointer}");
    }
    assert_eq!(
        document.value["paths"]["/a/{b}"]["get"]["responses"]["200"]["description"],
        "folded text"
    );
}

#[test]
fn the_hash_does_not_know_line_ends() {
    let unix = Document::parse("spec.yaml", "a: 1\nb: 2\n").expect("YAML");
    let windows = Document::parse("spec.yaml", "a: 1\r\nb: 2\r\n").expect("YAML");
    assert_eq!(unix.sha256, windows.sha256);
    assert_eq!(unix.sha256.len(), 64);
}
