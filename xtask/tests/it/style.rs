//! What is against the style of a spec, and what is mended. `UPDATE_EXPECT=1 cargo test -p xtask`
//! rewrites the golden files.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use expect_test::{ExpectFile, expect_file};
use serde_json::{Value, json};
use xtask::fault::Faults;
use xtask::load::Document;
use xtask::style::{check, check_file, mend};

use crate::lint::collect;

/// A good spec to spoil.
const GOOD: &str = include_str!("../specs/parts.yaml");

fn told(text: &str) -> String {
    let findings = check("spec.yaml", text);
    let faults: Vec<_> = findings.into_iter().map(|it| it.fault).collect();
    if faults.is_empty() {
        return "nothing".to_owned();
    }
    Faults { faults }.to_string()
}

fn replaced(from: &str, to: &str) -> String {
    let good = GOOD.replace("\r\n", "\n");
    assert!(good.contains(from), "the spec has no {from:?}");
    good.replacen(from, to, 1)
}

/// Spoils the good spec, each time by replacing the first text by the second, and holds what is
/// told against the golden file.
#[track_caller]
fn check_golden(golden: &ExpectFile, edits: &[(&str, &str)]) {
    let mut text = String::new();
    for (from, to) in edits {
        text.push_str(&format!("{from:?}\n-> {to:?}\n{}\n\n", told(&replaced(from, to))));
    }
    golden.assert_eq(&text);
}

#[test]
fn good_specs() {
    assert_eq!(told(GOOD), "nothing");
    for file in ["spec/sentinelone.yaml", "tests/widgets/widgets.yaml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
        let report = check_file(&path, false).expect("a spec");
        assert_eq!(report.faults(), None, "{file}");
    }
}

#[test]
fn sentences() {
    check_golden(
        &expect_file!["../golden/style/sentences.txt"],
        &[
            ("summary: Lists parts.", "summary: Lists parts"),
            ("Without filters these are all.", "Without filters these are all"),
            ("description: The id of a part.", "description: The id of a part"),
            ("blue: Like the sea.", "blue: Like the sea"),
            ("description: In words.}", "description: 'In words:'}"),
            ("{summary: A small page., value: 5}", "{summary: A small page, value: 5}"),
            ("description: It is gone.", "description: Is it gone?"),
            ("summary: Lists parts.", "summary: TODO."),
        ],
    );
}

#[test]
fn values() {
    check_golden(
        &expect_file!["../golden/style/values.txt"],
        &[
            ("example: [red]", "example: [red, green]"),
            ("example: [red]", "example: red"),
            ("maxLength: 9, example: bolt", "maxLength: 3, example: bolt"),
            ("minimum: 1, default: 1", "minimum: 1, default: '1'"),
            ("minimum: 1, default: 1", "minimum: 1, exclusiveMinimum: true, default: 1"),
            ("summary: A small page., value: 5", "summary: A small page., value: 51"),
            ("example: '17'", "example: 17"),
            ("example: {message: Wrong., part: null}", "example: {message: 7, part: null}"),
            ("example: {message: Wrong., part: null}", "example: {message: null}"),
            ("description: The id of a part., example: '12'", "description: The id., example: x"),
            ("example: '2024-01-02T03:04:05Z'", "example: yesterday"),
            ("example: '2024-01-02T03:04:05Z'", "example: null"),
            (
                "description: How many there are., example: 7",
                "description: How many., example: 7.5",
            ),
            (
                "description: In words.}\n    PartBody",
                "description: In words.}\n      example: []\n    PartBody",
            ),
        ],
    );
}

#[test]
fn lists() {
    let pagination = "      x-pagination:
        cursor: cursor
        limit: limit
        items: /data
        nextCursor: /pagination/nextCursor
        totalItems: /pagination/totalItems
        sort:
          by: sortBy
          order: sortOrder
          default: id
          fields: {id: id, createdAt: createdAt}
";
    check_golden(
        &expect_file!["../golden/style/lists.txt"],
        &[
            (pagination, ""),
            ("          x-filter: {op: in, fields: [color]}\n", ""),
            ("      x-no-filter: [verbose]\n", ""),
            ("x-no-filter: [verbose]", "x-no-filter: verbose"),
            ("x-no-filter: [verbose]", "x-no-filter: [verbose, colors, limit, size]"),
            (
                "      operationId: getStore\n",
                "      operationId: getStore\n      x-no-filter: [since]\n",
            ),
            (
                "data: {type: array, description: The parts., items: {$ref: '#/components/schemas/Part'}}",
                "data: {$ref: '#/components/schemas/Store'}",
            ),
        ],
    );
    let nested = replaced(pagination, "").replace(
        "labels: {type: object, description: Labels by name., additionalProperties: {type: string}}",
        "parts: {type: array, description: Its parts., items: {$ref: '#/components/schemas/Part'}}",
    );
    let nested = nested.replace(
        "data: {type: array, description: The parts., items: {$ref: '#/components/schemas/Part'}}",
        "data: {$ref: '#/components/schemas/Store'}",
    );
    let undeclared = "add `x-pagination` with `items: /data/parts`";
    assert!(told(&nested).contains(undeclared));
    let cursor = "        - $ref: '#/components/parameters/cursor'\n";
    assert!(!told(&nested.replace(cursor, "")).contains(undeclared));
}

#[test]
fn names() {
    check_golden(
        &expect_file!["../golden/style/names.txt"],
        &[
            ("operationId: getStore", "operationId: GetStore"),
            ("operationId: getStore", "operationId: get_store"),
            ("- name: stores", "- name: Stores"),
            ("    limit:\n      name: limit", "    limit:\n      name: size"),
            ("    Note:\n", "    note:\n"),
        ],
    );
}

#[test]
fn unused_and_repeated() {
    check_golden(
        &expect_file!["../golden/style/unused_and_repeated.txt"],
        &[
            ("        note: {$ref: '#/components/schemas/Note'}\n", ""),
            ("        Request-Id: {$ref: '#/components/headers/Request-Id'}\n", ""),
            ("security:\n  - Token: []\n", ""),
            ("        - $ref: '#/components/parameters/cursor'\n", ""),
            (
                "        text: {type: string, description: The text.}\n",
                "        text: {type: string, description: The text.}\n    Tree:\n      type: object\n      description: A tree.\n      properties:\n        tree: {$ref: '#/components/schemas/Tree'}\n",
            ),
            ("blue: Like the sea.", "blue: Like blood."),
        ],
    );
}

#[test]
fn white_space() {
    check_golden(
        &expect_file!["../golden/style/white_space.txt"],
        &[
            ("summary: Lists parts.", "summary: Lists parts.  "),
            ("match every filter.\n\n", "match every filter.\t\n   \n"),
            ("  - name: stores\n", "  - name: stores # of parts \n"),
            (
                "          example: '2024-01-02T03:04:05Z'\n",
                "          example: |-\n            2024 \n",
            ),
        ],
    );
    for (text, expect) in [
        (GOOD.trim_end().to_owned(), "the last line has no line end"),
        (format!("{GOOD}\n"), "white space ends the file"),
        (GOOD.replace('\n', "\r\n"), "nothing"),
    ] {
        assert!(told(&text).contains(expect), "{}", told(&text));
    }
}

/// Mends a spoilt spec, and expects what it was before.
#[test]
fn what_is_mended() {
    let check_mended = |spoilt: &str, expect: &str| {
        let (mended, fixed) = mend(spoilt, &check("spec.yaml", spoilt));
        assert_eq!(mended, expect);
        assert_ne!(fixed, 0);
        let (again, fixed) = mend(&mended, &check("spec.yaml", &mended));
        assert_eq!((again, fixed), (mended, 0));
    };
    let good = GOOD.replace("\r\n", "\n");
    for (from, to) in [
        ("Lists parts.", "Lists parts"),
        ("Lists parts.", "Lists parts  "),
        ("summary: Lists parts.\n", "summary: Lists parts # which?\n"),
        ("these are all.\n", "these are all  \n"),
        ("these are all.\n", "these are all\n\n\n"),
        ("Like the sea.", "Like the sea"),
        ("{asc: Rising., desc: Falling.}", "{asc: Rising, desc: Falling}"),
        ("description: In words.}", "description: In words}"),
        ("schemas:\n", "schemas:   \n"),
    ] {
        let spoilt = good.replace(from, to);
        assert_ne!(spoilt, good, "{from:?}");
        let expect = match to {
            "summary: Lists parts # which?\n" => {
                good.replace(from, "summary: Lists parts. # which?\n")
            }
            "these are all\n\n\n" => good.replace(from, "these are all.\n\n\n"),
            _ => good.clone(),
        };
        check_mended(&spoilt, &expect);
        check_mended(&spoilt.replace('\n', "\r\n"), &expect.replace('\n', "\r\n"));
    }
    check_mended(good.trim_end(), &good);
    check_mended(&format!("{good}\n \n"), &good);
    let forms = [
        ("'It is\n            gone'", "'It is\n            gone.'"),
        ("\"It is \\\"g\u{f6}ne\\\"\"", "\"It is \\\"g\u{f6}ne\\\".\""),
        (">-\n            It is\n            gone", ">-\n            It is\n            gone."),
        ("|+\n            It is gone\n", "|+\n            It is gone.\n"),
        ("It is\n            gone", "It is\n            gone."),
    ];
    for (spoilt, expect) in forms {
        check_mended(&good.replace("It is gone.", spoilt), &good.replace("It is gone.", expect));
    }
}

/// What stands behind an alias or an escape is told, and left alone.
#[test]
fn what_cannot_be_mended_is_left_alone() {
    let good = GOOD.replace("\r\n", "\n");
    for (from, to) in [
        ("It is gone.", "\"It is gone\\n\""),
        ("description: It is gone.", "description: Is it gone?"),
        (
            "description: The store.\n          schema",
            "description: &store The store:\n          schema",
        ),
    ] {
        let spoilt = good.replace(from, to);
        let findings = check("spec.yaml", &spoilt);
        assert!(!findings.is_empty(), "{to:?}");
        assert_eq!(mend(&spoilt, &findings), (spoilt, 0), "{to:?}");
    }
}

/// Spoils every part of the spec in turn; whatever comes of it is told, not panicked.
#[test]
fn no_spec_makes_it_panic() {
    let document = Document::parse("spec.yaml", GOOD).expect("YAML");
    let mut pointers = Vec::new();
    collect("", &document.value, &mut pointers);
    for (index, pointer) in pointers.iter().enumerate() {
        let mut value = document.value.clone();
        let place = value.pointer_mut(pointer).expect("a part of the spec");
        *place = [Value::Null, json!([]), json!(7)][index % 3].clone();
        check("spec.yaml", &serde_json::to_string(&value).expect("JSON"));
    }
}

fn lint(file: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("lint").args(arguments).arg(file).output().expect("xtask runs")
}

#[test]
fn the_command_tells_mends_and_exits() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lint");
    fs::create_dir_all(&dir).expect("a directory");
    let file = dir.join("spec.yaml");
    let name = file.display();
    let spoilt = replaced("Lists parts.", "Lists parts").replace("explode: false", "explod: false");
    fs::write(&file, &spoilt).expect("the spec");

    let check_run = |arguments: &[&str], code: i32, lines: &[String]| {
        let output = lint(&file, arguments);
        let shown = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{shown}");
        let shown: Vec<&str> = shown.lines().collect();
        assert_eq!(shown.len(), lines.len(), "{shown:?}");
        for (shown, line) in shown.iter().zip(lines) {
            assert!(shown.starts_with(line.as_str()), "{shown}");
        }
    };
    check_run(
        &[],
        1,
        &[
            format!("{name}:18: /paths/~1parts/get/summary: it does not end with a full stop"),
            format!("{name}:39: /paths/~1parts/get/parameters/2: the list `colors`"),
            format!("{name}:43: /paths/~1parts/get/parameters/2/explod: unknown key"),
            format!("{name}: 3 findings; `cargo xtask lint --fix` mends 1"),
        ],
    );
    assert_eq!(fs::read_to_string(&file).expect("the spec"), spoilt);
    check_run(
        &["--fix"],
        1,
        &[format!("{name}:39: "), format!("{name}:43: "), format!("{name}: 1 mended, 2 findings")],
    );
    let mended = fs::read_to_string(&file).expect("the spec");
    assert_eq!(mended, spoilt.replace("Lists parts", "Lists parts."));
    fs::write(&file, mended.replace("explod:", "explode:")).expect("the spec");
    check_run(&["--fix"], 0, &[format!("{name}: 0 findings")]);
    assert_eq!(fs::read_to_string(&file).expect("the spec"), GOOD);
}
