//! How changes of a spec are classed. `UPDATE_EXPECT=1 cargo test -p xtask` rewrites the golden files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::{ExpectFile, expect_file};
use serde_json::{Value, json};
use xtask::diff::{Change, changelog, diff, next_version};
use xtask::lint::lint;
use xtask::load::Document;

use crate::lint::collect;

/// The earlier spec.
const BASE: &str = include_str!("../specs/parts.yaml");

fn document(text: &str) -> Document {
    Document::parse("spec.yaml", text).unwrap_or_else(|faults| panic!("{faults}"))
}

fn changes(before: &str, after: &str) -> Vec<Change> {
    diff(&document(before), &document(after)).unwrap_or_else(|error| panic!("{error:#}\n{after}"))
}

fn patched(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(BASE.replace("\r\n", "\n"), |text, (from, to)| {
        assert!(text.contains(from), "the spec has no {from:?}");
        text.replacen(from, to, 1)
    })
}

/// Holds what each patch changes, and what taking it back changes, against the golden file.
#[track_caller]
fn check(golden: &ExpectFile, patches: &[(&str, &[(&str, &str)])]) {
    let mut told = format!("{:<10}  {:<10}  change\n", "rust", "wire");
    for (name, edits) in patches {
        let patched = patched(edits);
        told.push_str(&format!("\n# {name}\n"));
        for (title, before, after) in [("", BASE, &*patched), ("# and back\n", &*patched, BASE)] {
            told.push_str(title);
            for change in changes(before, after) {
                told.push_str(&format!("{change}\n"));
            }
        }
    }
    golden.assert_eq(&told);
}

#[test]
fn operations() {
    check(
        &expect_file!["../golden/diff/operations.txt"],
        &[
            (
                "an operation",
                &[(
                    "  /stores/{storeId}:\n",
                    "  /orders:\n    put:\n      operationId: putOrder\n      tags: [stores]\n      summary: Orders.\n      description: Orders.\n      responses:\n        '204':\n          description: Done.\n  /stores/{storeId}:\n",
                )],
            ),
            ("its name", &[("operationId: getStore", "operationId: fetchStore")]),
            ("its path", &[("  /stores/{storeId}:", "  /v2/stores/{storeId}:")]),
            ("its method", &[("    delete:\n", "    put:\n")]),
            ("its tag", &[("tags: [stores]", "tags: [parts]")]),
            ("its description", &[("Deletes a part for good.", "Deletes a part.")]),
            (
                "deprecation",
                &[("operationId: getStore\n", "operationId: getStore\n      deprecated: true\n")],
            ),
            (
                "idempotence",
                &[("operationId: addPart\n", "operationId: addPart\n      x-idempotent: true\n")],
            ),
            (
                "a filter that must be set",
                &[
                    (
                        "operationId: addPart\n",
                        "operationId: addPart\n      x-requires-filter: filter\n",
                    ),
                    (
                        "      required: [name]\n      properties:\n        name: {type: string, minLength",
                        "      required: [name, filter]\n      properties:\n        filter: {$ref: '#/components/schemas/PartFilter'}\n        name: {type: string, minLength",
                    ),
                    (
                        "    Store:\n",
                        "    PartFilter:\n      type: object\n      description: Selects parts.\n      properties:\n        name: {type: string, description: The name.}\n    Store:\n",
                    ),
                ],
            ),
            (
                "a file in place of JSON",
                &[(
                    "          description: The part.\n          content: {application/json: {schema: {$ref: '#/components/schemas/Part'}}}",
                    "          description: The part.\n          content: {text/csv: {}}",
                )],
            ),
            (
                "security",
                &[("operationId: addPart\n", "operationId: addPart\n      security: []\n")],
            ),
            (
                "a slower rate",
                &[("requestsPerSecond: 5, burst: 10", "requestsPerSecond: 2.5, burst: 10")],
            ),
            ("no rate", &[("      x-rate-limit: {requestsPerSecond: 5, burst: 10}\n", "")]),
            (
                "a body",
                &[(
                    "operationId: deletePart\n",
                    "operationId: deletePart\n      requestBody:\n        content: {application/json: {schema: {$ref: '#/components/schemas/PartBody'}}}\n",
                )],
            ),
            (
                "a body that need not be",
                &[("        required: true\n        content", "        content")],
            ),
            (
                "a body that is shared, and its schema",
                &[
                    (
                        "      requestBody:\n        required: true\n        content: {application/json: {schema: {$ref: '#/components/schemas/PartBody'}}}\n",
                        "      requestBody: {$ref: '#/components/requestBodies/Part'}\n",
                    ),
                    (
                        "  headers:\n    Request-Id:",
                        "  requestBodies:\n    Part:\n      content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}\n  headers:\n    Request-Id:",
                    ),
                ],
            ),
            (
                "another body",
                &[(
                    "content: {application/json: {schema: {$ref: '#/components/schemas/PartBody'}}}",
                    "content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}",
                )],
            ),
        ],
    );
}

#[test]
fn parameters() {
    check(
        &expect_file!["../golden/diff/parameters.txt"],
        &[
            (
                "one more",
                &[(
                    "        - name: page\n",
                    "        - name: width\n          in: query\n          description: The width.\n          schema: {type: integer}\n        - name: page\n",
                )],
            ),
            (
                "one more that is required",
                &[(
                    "        - name: page\n",
                    "        - name: width\n          in: query\n          required: true\n          description: The width.\n          schema: {type: integer}\n        - name: page\n",
                )],
            ),
            (
                "the first of a method",
                &[(
                    "operationId: addPart\n",
                    "operationId: addPart\n      parameters:\n        - name: dryRun\n          in: query\n          description: Changes nothing.\n          schema: {type: boolean}\n",
                )],
            ),
            ("another name", &[("        - name: page\n", "        - name: sheet\n")]),
            (
                "a type",
                &[(
                    "format: int32, minimum: 1, default: 1",
                    "format: int64, minimum: 1, default: 1",
                )],
            ),
            (
                "from text to enum",
                &[(
                    "schema: {type: string, minLength: 2, maxLength: 9, example: bolt}",
                    "schema: {$ref: '#/components/schemas/Color'}",
                )],
            ),
            (
                "from value to list",
                &[(
                    "          schema: {type: string, minLength: 2, maxLength: 9, example: bolt}",
                    "          style: form\n          explode: false\n          schema: {type: array, items: {type: string}}",
                )],
            ),
            ("a narrower length", &[("minLength: 2, maxLength: 9", "minLength: 3, maxLength: 9")]),
            ("a narrower list", &[("maxItems: 3", "maxItems: 2")]),
            (
                "a pattern",
                &[("maxLength: 9, example: bolt", "maxLength: 9, pattern: '^b', example: bolt")],
            ),
            ("a default", &[("minimum: 1, default: 1", "minimum: 1, default: 2")]),
            (
                "required",
                &[(
                    "        - name: page\n          in: query\n",
                    "        - name: page\n          in: query\n          required: true\n",
                )],
            ),
            ("an example", &[("example: [red]", "example: [blue]")]),
            ("a filter", &[("          x-filter: {op: equals, fields: [name]}\n", "")]),
            (
                "how it filters",
                &[(
                    "x-filter: {op: in, fields: [color]}",
                    "x-filter: {op: not-in, fields: [color, name]}",
                )],
            ),
            (
                "one that is shared",
                &[("minimum: 1, maximum: 50, default: 10", "minimum: 1, maximum: 40, default: 10")],
            ),
            (
                "the type of one that is shared",
                &[(
                    "format: int32, minimum: 1, maximum: 50",
                    "format: int64, minimum: 1, maximum: 50",
                )],
            ),
            (
                "a name in a path",
                &[("/stores/{storeId}", "/stores/{id}"), ("name: storeId", "name: id")],
            ),
            (
                "the type of a path",
                &[(
                    "          description: The store.\n          schema: {type: string}",
                    "          description: The store.\n          schema: {type: integer}",
                )],
            ),
        ],
    );
}

#[test]
fn paging_and_answers() {
    check(
        &expect_file!["../golden/diff/paging_and_answers.txt"],
        &[
            (
                "no paging",
                &[(
                    "      x-pagination:\n        cursor: cursor\n        limit: limit\n        items: /data\n        nextCursor: /pagination/nextCursor\n        totalItems: /pagination/totalItems\n        sort:\n          by: sortBy\n          order: sortOrder\n          default: id\n          fields: {id: id, createdAt: createdAt}\n",
                    "",
                )],
            ),
            ("no total", &[("        totalItems: /pagination/totalItems\n", "")]),
            ("another cursor", &[("        cursor: cursor\n", "        cursor: name\n")]),
            (
                "a column",
                &[(
                    "fields: {id: id, createdAt: createdAt}",
                    "fields: {id: id, createdAt: createdAt, name: name}",
                )],
            ),
            ("how a column sorts", &[("createdAt: createdAt}", "createdAt: name}")]),
            ("the column without any", &[("default: id\n", "default: createdAt\n")]),
            ("the status of a success", &[("        '201':", "        '200':")]),
            (
                "what is answered",
                &[("'#/components/schemas/Store'}}}", "'#/components/schemas/Note'}}}")],
            ),
            (
                "nothing is answered",
                &[(
                    "          description: The store.\n          content: {application/json: {schema: {$ref: '#/components/schemas/Store'}}}\n",
                    "          description: The store.\n",
                )],
            ),
            (
                "an error",
                &[(
                    "        '204':\n",
                    "        '404': {$ref: '#/components/responses/BadRequest'}\n        '204':\n",
                )],
            ),
            (
                "a header",
                &[(
                    "        Request-Id: {$ref: '#/components/headers/Request-Id'}\n",
                    "        Request-Id: {$ref: '#/components/headers/Request-Id'}\n        Age: {description: The age., schema: {type: integer}}\n",
                )],
            ),
            (
                "a type of answer",
                &[(
                    "      content:\n        application/json:\n",
                    "      content:\n        text/plain: {schema: {type: string}}\n        application/json:\n",
                )],
            ),
        ],
    );
}

#[test]
fn schemas() {
    check(
        &expect_file!["../golden/diff/schemas.txt"],
        &[
            (
                "a field of an answer",
                &[(
                    "        text: {type: string, description: The text.}\n",
                    "        text: {type: string, description: The text.}\n        by: {type: string, description: Who wrote it.}\n",
                )],
            ),
            ("the name of a field", &[("        count: {type", "        number: {type")]),
            (
                "the type of a field",
                &[("count: {type: integer, format: int64,", "count: {type: number,")],
            ),
            (
                "a wider number in an answer",
                &[(
                    "count: {type: integer, format: int64,",
                    "count: {type: integer, format: int32,",
                )],
            ),
            (
                "a constraint in an answer",
                &[(
                    "maxLength: 9, description: The name., example: bolt",
                    "maxLength: 8, description: The name., example: bolt",
                )],
            ),
            (
                "null in an answer",
                &[(
                    "          nullable: true\n          description: When",
                    "          description: When",
                )],
            ),
            ("a promise of an answer", &[("required: [id]", "required: [id, name]")]),
            (
                "a field of a body",
                &[(
                    "        weight: {type: number",
                    "        height: {type: number, description: The height.}\n        weight: {type: number",
                )],
            ),
            ("a required field of a body", &[("required: [name]", "required: [name, weight]")]),
            (
                "a new required field of a body",
                &[(
                    "required: [name]\n      properties:\n",
                    "required: [name, height]\n      properties:\n        height: {type: number, description: The height.}\n",
                )],
            ),
            (
                "a constraint in a body",
                &[("name: {type: string, minLength: 2,", "name: {type: string, minLength: 1,")],
            ),
            (
                "a type that another holds",
                &[(
                    "note: {$ref: '#/components/schemas/Note'}",
                    "note: {$ref: '#/components/schemas/Size'}",
                )],
            ),
            (
                "the values of a map",
                &[(
                    "additionalProperties: {type: string}",
                    "additionalProperties: {type: integer}",
                )],
            ),
            (
                "a plain schema that others name",
                &[(
                    "PartId: {type: string, pattern: '^[0-9]+$', description: The id of a part., example: '12'}",
                    "PartId: {type: integer, description: The id of a part., example: 12}",
                )],
            ),
            (
                "a plain schema written out",
                &[(
                    "id: {$ref: '#/components/schemas/PartId'}",
                    "id: {type: string, pattern: '^[0-9]+$', description: The id of a part., example: '12'}",
                )],
            ),
            (
                "what is not in the crate",
                &[
                    ("totalItems: {type: integer", "total: {type: integer"),
                    ("/pagination/totalItems", "/pagination/total"),
                ],
            ),
            (
                "a type of the spec alone",
                &[(
                    "        part: {$ref: '#/components/schemas/PartId'}",
                    "        note: {$ref: '#/components/schemas/Note'}\n        part: {$ref: '#/components/schemas/PartId'}",
                )],
            ),
            (
                "the name of a type",
                &[("schemas/Note'", "schemas/Remark'"), ("    Note:\n", "    Remark:\n")],
            ),
            (
                "an object that becomes an enum",
                &[(
                    "    Note:\n      type: object\n      description: A note.\n      properties:\n        text: {type: string, description: The text.}\n",
                    "    Note:\n      type: string\n      description: A note.\n      x-open-enum: true\n      enum: [good]\n      x-enumDescriptions: {good: Good.}\n",
                )],
            ),
            (
                "a variant",
                &[(
                    "        - {title: Words, type: string, description: In words.}\n",
                    "        - {title: Words, type: string, description: In words.}\n        - {title: Fit, type: boolean, description: Whether it fits.}\n",
                )],
            ),
            (
                "what a variant holds",
                &[("title: Number, type: integer", "title: Number, type: number")],
            ),
        ],
    );
}

#[test]
fn enums() {
    check(
        &expect_file!["../golden/diff/enums.txt"],
        &[
            (
                "a value",
                &[
                    ("enum: [red, blue]", "enum: [red, blue, n/a]"),
                    (
                        "        blue: Like the sea.\n",
                        "        blue: Like the sea.\n        n/a: Without colour.\n",
                    ),
                    (
                        "x-open-enum: true\n",
                        "x-open-enum: true\n      x-enum-varnames: [Red, Blue, None]\n",
                    ),
                ],
            ),
            (
                "a value in answers alone",
                &[
                    (
                        "        note: {$ref: '#/components/schemas/Note'}",
                        "        note: {$ref: '#/components/schemas/Note'}\n        age: {$ref: '#/components/schemas/Age'}",
                    ),
                    (
                        "    Note:\n",
                        "    Age:\n      type: string\n      description: An age.\n      x-open-enum: true\n      enum: [old]\n      x-enumDescriptions: {old: Old.}\n    Note:\n",
                    ),
                ],
            ),
            (
                "the name of a variant",
                &[("enum: [red, blue]", "enum: [red, blue]\n      x-enum-varnames: [Red, Navy]")],
            ),
            ("the order", &[("enum: [red, blue]", "enum: [blue, red]")]),
            ("what a value means", &[("blue: Like the sea.", "blue: Like the sky.")]),
        ],
    );
}

#[test]
fn modules() {
    check(
        &expect_file!["../golden/diff/modules.txt"],
        &[
            (
                "a type that another tag comes to use",
                &[(
                    "        labels: {type",
                    "        note: {$ref: '#/components/schemas/Note'}\n        labels: {type",
                )],
            ),
            (
                "a type that one tag uses no longer",
                &[("        paint: {$ref: '#/components/schemas/Color'}\n", "")],
            ),
            (
                "a body that is answered, too",
                &[(
                    "        labels: {type",
                    "        last: {$ref: '#/components/schemas/PartBody'}\n        labels: {type",
                )],
            ),
        ],
    );
}

#[test]
fn the_rest() {
    check(
        &expect_file!["../golden/diff/the_rest.txt"],
        &[
            ("info", &[("title: Parts API", "title: Part API"), ("version: '1'", "version: '2'")]),
            (
                "tags",
                &[
                    ("Where parts are kept.", "Where they are."),
                    ("tags:\n", "tags:\n  - name: none\n    description: Nothing.\n"),
                ],
            ),
            ("security", &[("security:\n  - Token: []\n", "")]),
            ("a scheme", &[("name: Authorization", "name: Token")]),
            ("a server", &[("security:\n", "servers:\n  - url: https://parts.test\nsecurity:\n")]),
        ],
    );
}

#[test]
fn the_same_spec() {
    assert_eq!(changes(BASE, BASE), []);
    let moved =
        patched(&[("enum: [red, blue]\n", "enum:\n        - red\n        - blue # and others\n")]);
    assert_eq!(changes(BASE, &moved), []);
    let shared = |required: bool| {
        let body = "{application/json: {schema: {$ref: '#/components/schemas/PartBody'}}}";
        patched(&[
            (
                &format!("      requestBody:\n        required: true\n        content: {body}\n"),
                "      requestBody: {$ref: '#/components/requestBodies/Part'}\n",
            ),
            (
                "  headers:\n    Request-Id:",
                &format!(
                    "  requestBodies:\n    Part: {{required: {required}, content: {body}}}\n  headers:\n    Request-Id:"
                ),
            ),
        ])
    };
    assert_eq!(changes(BASE, &shared(true)), []);
    let told = changes(&shared(true), &shared(false));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].place.to_string(), "requestBodies/Part/required");
}

/// Changes every part of a good spec in turn. What is good still is told, whatever it is.
#[test]
fn no_change_goes_untold() {
    let base = document(BASE);
    let mut pointers = Vec::new();
    collect("", &base.value, &mut pointers);
    let (mut told, mut untold) = (0, Vec::new());
    for pointer in pointers.iter().filter(|it| !it.is_empty()) {
        let old = base.value.pointer(pointer).expect("a part of the spec");
        let new = match old {
            Value::String(text) => Some(json!(format!("{text}x"))),
            Value::Number(number) => Some(json!(number.as_i64().unwrap_or(0) + 1)),
            Value::Bool(flag) => Some(json!(!flag)),
            _ => None,
        };
        let mut value = base.value.clone();
        set(&mut value, pointer, new.clone());
        let after = document(&serde_json::to_string(&value).expect("JSON"));
        if let Ok(changes) = diff(&base, &after) {
            let is_version = pointer == "/openapi";
            if changes.is_empty() && !is_version && lint(&after).is_ok() {
                untold.push(format!("{pointer} -> {new:?}"));
            }
            told += 1;
        }
    }
    assert_eq!(untold, Vec::<String>::new());
    assert!(pointers.len() / 2 < told, "{told} of {}", pointers.len());
}

/// Sets a part, or removes it.
fn set(value: &mut Value, pointer: &str, new: Option<Value>) {
    let (parent, name) = pointer.rsplit_once('/').expect("a part of another");
    let name = name.replace("~1", "/").replace("~0", "~");
    match (value.pointer_mut(parent).expect("a parent"), new) {
        (Value::Object(members), Some(new)) => {
            members.insert(name, new);
        }
        (Value::Object(members), None) => {
            members.shift_remove(&name);
        }
        (Value::Array(items), Some(new)) => items[name.parse::<usize>().expect("a number")] = new,
        (Value::Array(items), None) => {
            items.remove(name.parse().expect("a number"));
        }
        _ => panic!("a parent that is none"),
    }
}

#[test]
fn a_changelog() {
    let after = patched(&[
        ("operationId: getStore", "operationId: fetchStore"),
        ("        - name: page\n", "        - name: sheet\n"),
        (
            "        - name: verbose\n",
            "        - name: aVeryLongNameOfAParameterThatFillsTheLine\n",
        ),
        ("enum: [asc, desc]", "enum: [asc, desc, none]"),
        ("{asc: Rising., desc: Falling.}", "{asc: Rising., desc: Falling., none: Neither.}"),
        (
            "        text: {type: string, description: The text.}\n",
            "        words: {type: string, description: The words.}\n",
        ),
        ("maximum: 50", "maximum: 40"),
        ("Deletes a part for good.", "Deletes a part."),
        ("x-no-filter: [verbose]", "x-no-filter: []"),
        ("maxItems: 3", "maxItems: 4"),
    ]);
    let changes = changes(BASE, &after);
    expect_file!["../golden/diff/changelog.md"].assert_eq(&changelog(&changes));
    assert_eq!(changelog(&[]), "");
}

#[test]
fn versions() {
    let breaking = changes(BASE, &patched(&[("operationId: getStore", "operationId: fetchStore")]));
    let narrower = changes(BASE, &patched(&[("maximum: 50", "maximum: 40")]));
    let wider = changes(BASE, &patched(&[("maximum: 50", "maximum: 60")]));
    let text = changes(BASE, &patched(&[("Like the sea.", "Like the sky.")]));
    for (current, changes, next) in [
        ("0.1.0", &breaking, Some("0.2.0")),
        ("0.1.3", &narrower, Some("0.2.0")),
        ("0.1.3", &wider, Some("0.1.4")),
        ("0.1.3", &text, Some("0.1.4")),
        ("0.1.3", &Vec::new(), Some("0.1.3")),
        ("0.2.0-alpha.1", &breaking, Some("0.3.0")),
        ("1.2.3", &breaking, Some("2.0.0")),
        ("1.2.3", &wider, Some("1.3.0")),
        ("1.2.3", &text, Some("1.2.4")),
        ("one", &text, None),
    ] {
        assert_eq!(next_version(current, changes).as_deref(), next, "{current}");
    }
}

/// A repository with a spec in a directory of its own.
struct Repository {
    dir: PathBuf,
}

impl Repository {
    fn new(name: &str) -> Repository {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("spec")).expect("a directory");
        let repository = Repository { dir };
        repository.git(&["init", "--quiet"]);
        repository
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = own("git");
        git.current_dir(&self.dir);
        for setting in ["user.name=Test", "user.email=test@example.com", "commit.gpgSign=false"] {
            git.args(["-c", setting]);
        }
        git.args(arguments);
        assert!(git.status().expect("git runs").success(), "{arguments:?}");
    }

    fn spec(&self) -> PathBuf {
        self.dir.join("spec/parts.yaml")
    }

    fn commit(&self, text: &str) {
        fs::write(self.spec(), text).expect("the spec");
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", "The spec"]);
    }

    fn diff(&self, arguments: &[&str]) -> Output {
        let mut xtask = own(env!("CARGO_BIN_EXE_xtask"));
        xtask.arg("diff").arg("--spec").arg(self.spec()).args(arguments);
        xtask.output().expect("xtask runs")
    }
}

/// A command that is told of no repository, as a hook of git would tell it.
fn own(program: &str) -> Command {
    let mut command = Command::new(program);
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        command.env_remove(name);
    }
    command
}

#[test]
fn the_command_reads_a_revision() {
    let repository = Repository::new("diff");
    repository.commit(BASE);
    repository.git(&["tag", "first"]);
    let current = env!("CARGO_PKG_VERSION");
    let shown = |output: &Output| {
        let breaking = changes(BASE, &patched(&[("maximum: 50", "maximum: 40")]));
        let next = next_version(current, &breaking).expect("a version");
        let text = String::from_utf8_lossy(&output.stdout);
        text.replace(&next, "<next>").replace(current, "<current>")
    };

    let output = repository.diff(&[]);
    assert!(output.status.success());
    assert!(shown(&output).ends_with("spec/parts.yaml: as in HEAD; the version stays <current>\n"));

    repository.commit(&patched(&[("maximum: 50", "maximum: 60")]));
    fs::write(repository.spec(), patched(&[("        - name: page\n", "        - name: sheet\n")]))
        .expect("the spec");
    let mut told = String::new();
    for arguments in [&[][..], &["first"]] {
        let output = repository.diff(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        told.push_str(&format!("$ cargo xtask diff {}\n{}\n", arguments.concat(), shown(&output)));
    }
    expect_file!["../golden/diff/command.txt"].assert_eq(&told);

    let output = repository.diff(&["second"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("second") && error.contains("give a revision that has"), "{error}");
}
