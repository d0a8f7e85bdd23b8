//! The generated crate, held against the spec; and the crate that codegen makes of a small spec,
//! held against golden files. `UPDATE_GOLDEN=1 cargo test -p sentinelone-tests` rewrites those.

use std::path::{Path, PathBuf};

use xtask::codegen::{Generation, codegen, passes};
use xtask::load::Document;
use xtask::write::{apply, changes};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn generation(file: &str, text: &str) -> Generation {
    let document = Document::parse(file, text).unwrap_or_else(|faults| panic!("{faults}"));
    passes(&document).unwrap_or_else(|error| panic!("{error:#}"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_committed_crate_is_what_the_spec_gives() {
    let spec = read(&root().join("spec/sentinelone.yaml"));
    let generation = generation("spec/sentinelone.yaml", &spec);
    let crate_dir = root().join("crates/sentinelone");
    let stale = changes(&crate_dir, &generation.files).expect("the crate");
    let stale: Vec<_> = stale.iter().map(|change| &change.path).collect();
    assert!(stale.is_empty(), "stale: {stale:?}; run `cargo xtask codegen`");
    let marked = generation.files.values().all(|text| text.contains("@generated"));
    assert!(marked, "every file says that it is generated");
}

#[test]
fn generation_is_the_same_from_run_to_run() {
    let spec = read(&root().join("tests/widgets/widgets.yaml"));
    let first = generation("widgets.yaml", &spec).files;
    for _ in 0..3 {
        assert_eq!(generation("widgets.yaml", &spec).files, first);
    }
}

#[test]
fn the_widgets_crate_is_as_it_was() {
    let spec = read(&root().join("tests/widgets/widgets.yaml"));
    let generation = generation("tests/widgets/widgets.yaml", &spec);
    let golden = root().join("tests/widgets");
    let changes = changes(&golden, &generation.files).expect("the golden files");
    let changes: Vec<_> =
        changes.into_iter().filter(|change| change.path != Path::new("Cargo.toml")).collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        apply(&golden, &changes).expect("the golden files");
        return;
    }
    let diff: String = changes.iter().map(|change| change.diff(&golden)).collect();
    assert!(diff.is_empty(), "{diff}\nif this is meant, run with UPDATE_GOLDEN=1");
}

/// Adds to a copy of the spec what a vendor adds, and generates from it into an empty directory.
#[test]
fn additions_need_no_edit_but_in_the_spec() {
    let spec = read(&root().join("spec/sentinelone.yaml"));
    let edit = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "the spec has no {from:?}");
        text.replacen(from, to, 1)
    };
    // A parameter.
    let spec = edit(
        &spec,
        "        - name: accountIds\n",
        "        - name: newFilter\n          in: query\n          description: New.\n          \
         schema:\n            type: boolean\n        - name: accountIds\n",
    );
    // An enum value, with its meaning.
    let spec = edit(
        &spec,
        "        - true_positive\n",
        "        - true_positive\n        - brand_new\n",
    );
    let spec = edit(
        &spec,
        "        true_positive: ",
        "        brand_new: New.\n        true_positive: ",
    );
    // A field.
    let at = spec.find("\n    ThreatInfo:\n").expect("the schema");
    let (before, after) = spec.split_at(at);
    let after = edit(
        after,
        "      properties:\n",
        "      properties:\n        newField:\n          type: string\n          nullable: true\n          \
         description: New.\n",
    );
    let spec = format!("{before}{after}");
    // A whole list.
    let spec = edit(
        &spec,
        "\ncomponents:\n",
        "  /web/api/v2.1/new-threats:\n    get:\n      operationId: getNewThreats\n      \
         tags: [threats]\n      summary: New.\n      description: New.\n      parameters:\n        \
         - {name: cursor, in: query, description: Cursor., schema: {type: string}}\n        \
         - {name: limit, in: query, description: Limit., schema: {type: integer, minimum: 1, \
         maximum: 50}}\n      x-pagination: {cursor: cursor, limit: limit, items: /data, \
         nextCursor: /pagination/nextCursor}\n      responses:\n        '200':\n          \
         description: New.\n          content: {application/json: {schema: {$ref: \
         '#/components/schemas/ThreatsPage'}}}\n\ncomponents:\n",
    );
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("additions");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("a directory");
    let file = dir.join("spec.yaml");
    std::fs::write(&file, spec).expect("the spec");
    let report = codegen(&file, &dir.join("crate"), false).unwrap_or_else(|e| panic!("{e:#}"));
    assert_eq!((report.counts.operations, report.unchanged), (2, 0));

    let written = |name: &str| read(&dir.join("crate/src/threats").join(name));
    for (file, expect) in [
        ("queries.rs", "pub new_filter: Option<bool>"),
        ("table.rs", r#"Parameter::query("newFilter", ValueType::Boolean)"#),
        ("enums.rs", r#"Self::BrandNew => "brand_new""#),
        ("types.rs", "pub new_field: Option<String>"),
        ("wire.rs", r#""newField" => self.new_field = members.next_value()?"#),
        ("queries.rs", "pub struct GetNewThreatsQuery"),
        ("operations.rs", "pub fn get_new_threats_stream("),
        ("operations.rs", "query: GetNewThreatsQuery"),
    ] {
        assert!(written(file).contains(expect), "{file} lacks {expect}");
    }
}
