//! Reading YAML, and knowing where each part stands.

use expect_test::expect_file;
use xtask::load::Document;

#[test]
fn what_is_not_yaml() {
    let mut told = String::new();
    for text in [
        "a: [1, 2",
        "a: 1\n b: 2\n",
        "a: 1\nb: 2\na: 3\n",
        "a: \"open\n",
        "\ta: 1\n",
        "? [a]\n: b\n",
    ] {
        let Err(faults) = Document::parse("spec.yaml", text) else { panic!("{text:?} was read") };
        told.push_str(&format!("{text:?}\n{faults}\n\n"));
    }
    expect_file!["../golden/not_yaml.txt"].assert_eq(&told);
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
    let of_another_editor = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    check_lines(text);
    check_lines(&of_another_editor);
}

#[track_caller]
fn check_lines(text: &str) {
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
        assert_eq!(document.place(pointer).line, Some(line), "{pointer}");
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
