//! The generated crate, held against the spec.

use std::path::{Path, PathBuf};

use xtask::codegen::{Generation, codegen, passes};
use xtask::load::Document;
use xtask::write::changes;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The spec's root file, from the root of the workspace.
const SPEC: &str = "spec/sentinelone.yaml";

fn generation() -> Generation {
    let text_of = |path: &Path| std::fs::read_to_string(root().join(path));
    let document = Document::read(Path::new(SPEC), text_of);
    let document = document.unwrap_or_else(|faults| panic!("{faults}"));
    passes(&document).unwrap_or_else(|error| panic!("{error:#}"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_committed_crate_is_what_the_spec_gives() {
    let generation = generation();
    let crate_dir = root().join("crates/sentinelone");
    let stale = changes(&crate_dir, &generation.files).expect("the crate");
    let stale: Vec<_> = stale.iter().map(|change| &change.path).collect();
    assert!(stale.is_empty(), "stale: {stale:?}; run `cargo xtask codegen`");
    let marked = generation.files.values().all(|text| text.contains("@generated"));
    assert!(marked, "every file says that it is generated");
}

#[test]
fn every_field_that_selects_or_sorts_is_in_the_schema_of_the_item() {
    let mut checked = 0;
    for operation in sentinelone::OPERATIONS {
        let Some(pagination) = &operation.pagination else { continue };
        let item = pagination.item.expect("the schema of the item");
        let filters = operation.parameters.iter().filter_map(|it| it.filter.as_ref());
        let filtered = filters.flat_map(|filter| filter.fields.iter().copied());
        let sorted = pagination.sort.iter().flat_map(|sort| sort.fields.iter().map(|(_, it)| *it));
        for field in filtered.chain(sorted).filter(|field| !field.starts_with('$')) {
            assert!(item.at(field).is_some(), "{}: {field}", operation.id);
            checked += 1;
        }
    }
    assert!(100 < checked, "{checked} fields");
}

/// Adds to a copy of the spec what a vendor adds, and generates from it into an empty directory.
#[test]
fn additions_need_no_edit_but_in_the_spec() {
    let spec = read(&root().join(SPEC));
    // Inserts lines after the first `line` that comes after `anchor`.
    let insert = |text: String, anchor: &str, line: &str, lines: &str| {
        let start = text.find(anchor).unwrap_or_else(|| panic!("the spec has no {anchor:?}"));
        let end = text[start..].find(line).unwrap_or_else(|| panic!("{anchor:?} has no {line:?}"));
        let (before, after) = text.split_at(start + end + line.len());
        format!("{before}{lines}{after}")
    };
    let spec = insert(spec, "getThreats", "      parameters:\n", PARAMETER);
    let spec = insert(spec, "\n    DetectionType:\n", "      enum:\n", "        - brand_new\n");
    let spec = insert(
        spec,
        "\n    DetectionType:\n",
        "      x-enumDescriptions:\n",
        "        brand_new: New.\n",
    );
    let spec = insert(spec, "\n    ThreatInfo:\n", "      properties:\n", FIELD);
    let spec = insert(spec, "openapi", "\npaths:\n", LIST);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("additions");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(dir.join("spec")).expect("a directory");
    for entry in std::fs::read_dir(root().join("spec")).expect("the spec") {
        let file = entry.expect("a file of the spec");
        std::fs::copy(file.path(), dir.join("spec").join(file.file_name())).expect("a copy");
    }
    let file = dir.join(SPEC);
    std::fs::write(&file, spec).expect("the spec");
    let report = codegen(&file, &dir.join("crate"), false).unwrap_or_else(|e| panic!("{e:#}"));
    let operations = sentinelone::OPERATIONS.len() + 1;
    assert_eq!((report.counts.operations, report.unchanged), (operations, 0));

    let written = |name: &str| read(&dir.join("crate/src/threats").join(name));
    for (file, expect) in [
        ("queries.rs", "pub new_filter: Option<bool>"),
        ("table.rs", r#"Parameter::query("newFilter", ValueType::Boolean)"#),
        ("enums.rs", r#"Self::BrandNew => "brand_new""#),
        ("types.rs", "pub new_field: Option<String>"),
        ("wire.rs", r#""newField" => self.new_field = members.next_value()?"#),
        ("schemas.rs", r#"Field::new("newField", FieldType::String)"#),
        ("queries.rs", "pub struct GetNewThreatsQuery"),
        ("operations.rs", "pub fn get_new_threats_stream("),
        ("operations.rs", "query: &GetNewThreatsQuery"),
    ] {
        assert!(written(file).contains(expect), "{file} lacks {expect}");
    }
}

const PARAMETER: &str = "        - name: newFilter
          in: query
          description: New.
          schema:
            type: boolean
";

const FIELD: &str = "        newField:
          type: string
          nullable: true
          description: New.
";

const LIST: &str = "  /web/api/v2.1/new-threats:
    get:
      operationId: getNewThreats
      tags: [threats]
      summary: New.
      description: New.
      parameters:
        - {name: cursor, in: query, description: New., schema: {type: string}}
        - {name: limit, in: query, description: New., schema: {type: integer, maximum: 50}}
      x-pagination:
        {cursor: cursor, limit: limit, items: /data, nextCursor: /pagination/nextCursor}
      responses:
        '200':
          description: New.
          content: {application/json: {schema: {$ref: '#/components/schemas/ThreatsPage'}}}
";
