//! What becomes of a console's document. `UPDATE_EXPECT=1 cargo test -p xtask` rewrites the golden
//! files.

use std::fs;
use std::path::Path;
use std::process::Command;

use expect_test::{ExpectFile, expect_file};
use serde_json::Value;
use similar::{Algorithm, TextDiff};
use xtask::codegen::{Generation, passes};
use xtask::import::{Import, Swagger, import};
use xtask::load::Document;
use xtask::style;
use xtask::write::{apply, changes, replace};

use crate::lint::collect;
use crate::synthetic;

const DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/import");

const DOCUMENTS: [&str; 6] = ["lists", "actions", "parameters", "schemas", "operations", "media"];

fn read(name: &str) -> String {
    let text = fs::read_to_string(Path::new(DIR).join(name)).expect("a file of the tests");
    text.replace("\r\n", "\n")
}

fn swagger(name: &str) -> Swagger {
    let file = format!("{name}.json");
    Swagger::parse(&file, &read(&file)).unwrap_or_else(|error| panic!("{error:#}"))
}

fn import_into(spec: &str, swagger: &Swagger) -> Import {
    import(swagger, &parsed(spec), None).unwrap_or_else(|error| panic!("{error:#}"))
}

/// The text of a spec of one file after an import.
fn text_of(spec: &str, import: &Import) -> String {
    import.texts.get("spec.yaml").map_or(spec, String::as_str).to_owned()
}

/// The lines that are added, with those around them.
fn added(before: &str, after: &str) -> String {
    let mut diff = TextDiff::configure();
    let diff = diff.algorithm(Algorithm::Patience).diff_lines(before, after);
    let lines = diff.unified_diff().context_radius(1).to_string();
    let unnumbered = lines.lines().map(|line| if line.starts_with("@@") { "@@" } else { line });
    unnumbered.map(|line| format!("{}\n", line.trim_end())).collect()
}

fn parsed(spec: &str) -> Document {
    Document::parse("spec.yaml", spec).unwrap_or_else(|faults| panic!("{faults}"))
}

fn generated(spec: &str) -> Generation {
    passes(&parsed(spec)).unwrap_or_else(|error| panic!("{error:#}"))
}

/// Imports all of a document into the base, and holds what is told and what is added against the
/// golden files.
#[track_caller]
fn check(name: &str, told: &ExpectFile, added: &ExpectFile) {
    let base = read("base.yaml");
    let import = import_into(&base, &swagger(name));
    told.assert_eq(&format!("{import}\n\n{}", import.list()));
    let text = text_of(&base, &import);
    let mut kept = text.lines();
    let lost = base.lines().find(|line| !kept.any(|it| it == *line));
    assert_eq!(lost, None, "a line of the spec is changed");
    let lines = self::added(&base, &text);
    assert!(!lines.contains("NOT TO BE IMPORTED"), "a sentence of the document is in the spec");
    added.assert_eq(&lines);

    let again = import_into(&text, &swagger(name));
    assert!(again.texts.is_empty(), "the second import of {name} changes something");
    generated(&text);
    let found = |spec: &str| style::check("spec.yaml", spec).into_iter().map(|it| it.fault);
    let told: Vec<_> = found(&base).map(|it| it.problem).collect();
    let unfit = found(&text)
        .find(|it| !it.problem.contains("since its import") && !told.contains(&it.problem));
    assert!(unfit.is_none(), "{unfit:?}");
}

#[test]
fn lists() {
    let golden = expect_file!["../golden/import/lists.diff"];
    check("lists", &expect_file!["../golden/import/lists.txt"], &golden);
}

#[test]
fn actions() {
    let golden = expect_file!["../golden/import/actions.diff"];
    check("actions", &expect_file!["../golden/import/actions.txt"], &golden);
}

#[test]
fn parameters() {
    let golden = expect_file!["../golden/import/parameters.diff"];
    check("parameters", &expect_file!["../golden/import/parameters.txt"], &golden);
}

#[test]
fn schemas() {
    let golden = expect_file!["../golden/import/schemas.diff"];
    check("schemas", &expect_file!["../golden/import/schemas.txt"], &golden);
}

#[test]
fn operations() {
    let golden = expect_file!["../golden/import/operations.diff"];
    check("operations", &expect_file!["../golden/import/operations.txt"], &golden);
}

#[test]
fn media() {
    let golden = expect_file!["../golden/import/media.diff"];
    check("media", &expect_file!["../golden/import/media.txt"], &golden);
}

/// One operation after the other makes what all of them at once make, but for the order.
#[test]
fn what_an_earlier_import_brought_is_used_again() {
    let names = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let swagger = swagger("actions");
    let connect = names(&["post /web/api/v2.1/agents/actions/connect/"]);
    let disconnect = names(&["POST /agents/actions/disconnect"]);
    let base = read("base.yaml");
    let first = import(&swagger, &parsed(&base), Some(&connect)).expect("an import");
    assert_eq!((first.types, first.enums), (4, 1));
    let text = text_of(&base, &first);
    let spec = parsed(&text);
    let second = import(&swagger, &spec, Some(&disconnect)).expect("an import");
    assert_eq!((second.types, second.enums, second.reused), (0, 0, 2));
    generated(&text_of(&text, &second));
}

/// What stands on the command line is looked for as it is, before a path that is much like it.
#[test]
fn paths_that_differ_in_a_slash() {
    let paths = r#"{"/a/": {"get": {"responses": {"204": {}}}}, "/a": {"get": {"responses": {"204": {}}}}}"#;
    let text = format!(r#"{{"swagger": "2.0", "paths": {paths}}}"#);
    let swagger = Swagger::parse("swagger.json", &text).expect("a document");
    let base = read("base.yaml");
    for name in ["GET /a", "GET /a/"] {
        let import = import(&swagger, &parsed(&base), Some(&[name.to_owned()])).expect("an import");
        assert_eq!(import.operations[0].name, name);
    }
}

#[test]
fn a_file_is_replaced_as_a_whole_or_not_at_all() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("replaced");
    fs::create_dir_all(&dir).expect("a directory");
    let file = dir.join("spec.yaml");
    fs::write(&file, "old").expect("a file");
    let permissions = fs::metadata(&file).expect("the file").permissions();
    let mut readonly = permissions.clone();
    readonly.set_readonly(true);
    fs::set_permissions(&file, readonly).expect("permissions");
    replace(&file, "new").expect_err("a file that is not to be written");
    assert_eq!(fs::read_to_string(&file).expect("the file"), "old");
    fs::set_permissions(&file, permissions).expect("permissions");
    replace(&file, "new").expect("a file");
    assert_eq!(fs::read_to_string(&file).expect("the file"), "new");
    assert_eq!(fs::read_dir(&dir).expect("the directory").count(), 1);
}

#[test]
fn a_document_that_is_not_utf_8() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("latin-1.json");
    fs::write(&file, b"{\"swagger\": \"2.0\", \"paths\": {}, \"info\": \"\xe9\"}").expect("a file");
    let error = Swagger::load(&file).expect_err("an error").to_string();
    assert!(
        error.ends_with("is not UTF-8; download it without a change of its encoding"),
        "{error}"
    );
}

/// Definitions that lead to others and on, thousands of them.
#[test]
fn deep_documents() {
    let base = read("base.yaml");
    let links = [
        r##"{"type": "object", "properties": {"a": {"$ref": "#/definitions/NEXT"}}}"##,
        r##"{"type": "array", "items": {"$ref": "#/definitions/NEXT"}}"##,
        r##"{"allOf": [{"$ref": "#/definitions/NEXT"}, {"properties": {"pNEXT": {"type": "string"}}}]}"##,
        r##"{"$ref": "#/definitions/NEXT"}"##,
    ];
    for link in links {
        let definition =
            |number| format!("\"{number}\": {}", link.replace("NEXT", &format!("{}", number + 1)));
        let definitions: Vec<_> = (0..3000).map(definition).collect();
        let answer = r##"{"200": {"schema": {"$ref": "#/definitions/0"}}}"##;
        let text = format!(
            r#"{{"swagger": "2.0", "paths": {{"/a": {{"get": {{"responses": {answer}}}}}}}, "definitions": {{{}}}}}"#,
            definitions.join(", ")
        );
        let swagger = Swagger::parse("swagger.json", &text).expect("a document");
        generated(&text_of(&base, &import_into(&base, &swagger)));
    }
}

#[test]
fn errors_of_use() {
    let mut told = String::new();
    let lists = read("lists.json");
    let spec = read("base.yaml");
    let flow = spec.replace(
        "tags:\n  - name: threats\n    description: Threats.",
        "tags: [{name: threats, description: Threats.}]",
    );
    // What is added to a text that keeps its last blank lines would end them.
    let kept =
        spec.replace("        desc: Falling.\n", "        desc: |+\n          Falling.\n\n\n");
    for (swagger, spec, operation) in [
        ("swagger: '2.0'", spec.as_str(), "GET /a"),
        ("[]", &spec, "GET /a"),
        (r#"{"openapi": "3.0.3", "paths": {}}"#, &spec, "GET /a"),
        (r#"{"swagger": "1.2", "paths": {}}"#, &spec, "GET /a"),
        (r#"{"swagger": "2.0"}"#, &spec, "GET /a"),
        (r#"{"swagger": "2.0", "paths": {}}"#, &spec, "GET /a"),
        (&lists, &spec, "GET /web/api/v2.1/agent"),
        (&lists, &spec, "POST /web/api/v2.1/agents"),
        (&lists, &spec, "GET /web/api/v2.1/sytes"),
        (&lists, &spec, "/web/api/v2.1/agents"),
        (&lists, &spec, "GET"),
        (&lists, "a: [", "GET /web/api/v2.1/agents"),
        (&lists, "a: b", "GET /web/api/v2.1/agents"),
        (&lists, &flow, "GET /web/api/v2.1/agents"),
        (&lists, &spec.replace("paths:\n", "paths: &all\n"), "GET /web/api/v2.1/agents"),
        (&lists, &spec.replace("paths:\n", "paths :\n"), "GET /web/api/v2.1/agents"),
        (&lists, &kept, "GET /web/api/v2.1/agents"),
    ] {
        let outcome = Swagger::parse("swagger.json", swagger).and_then(|swagger| {
            let document = Document::parse("spec.yaml", spec)?;
            import(&swagger, &document, Some(&[operation.to_owned()]))
        });
        let error = format!("{:#}", outcome.expect_err("an error of use"));
        assert_eq!(error.lines().count(), 1, "{error}");
        told.push_str(&format!("{error}\n"));
    }
    expect_file!["../golden/import/errors_of_use.txt"].assert_eq(&told);
}

/// Of all that the SDK's own spec has in its files, what an operation needs is referred to.
#[test]
fn the_spec_of_the_sdk() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    for name in DOCUMENTS {
        import_all(&swagger(name), &root.join("spec/sentinelone.yaml"));
    }
}

/// An operation of a path in another file is added there, with the schemas that only such
/// operations need.
#[test]
fn a_spec_of_several_files() {
    let (spec, import) = import_all(&swagger("files"), &Path::new(DIR).join("files/spec.yaml"));
    let mut told = String::new();
    for (file, text) in &import.texts {
        let name = Path::new(file).file_name().expect("a file").display();
        told.push_str(&format!("{name}\n{}", added(spec.text(file), text)));
    }
    expect_file!["../golden/import/files.diff"].assert_eq(&told);
}

fn import_all(swagger: &Swagger, spec: &Path) -> (Document, Import) {
    let spec = Document::load(spec).unwrap_or_else(|faults| panic!("{faults}"));
    let import = import(swagger, &spec, None).unwrap_or_else(|error| panic!("{error:#}"));
    let written = spec.with_texts(&import.texts).unwrap_or_else(|faults| panic!("{faults}"));
    if let Err(error) = passes(&written) {
        panic!("{}: {error:#}", swagger.file);
    }
    (spec, import)
}

/// What a spec need not have is added to it, and its line ends stay.
#[test]
fn bare_specs() {
    let full = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\ntags: []\npaths: {} # none\n";
    for spec in ["openapi: 3.0.3\ninfo:\n  title: T\n  version: '1'\n", full] {
        for name in DOCUMENTS {
            let unix = text_of(spec, &import_into(spec, &swagger(name)));
            generated(&unix);
            let windows = spec.replace('\n', "\r\n");
            let windows = text_of(&windows, &import_into(&windows, &swagger(name)));
            assert_eq!(windows, unix.replace('\n', "\r\n"));
        }
    }
}

#[test]
fn the_generated_crate_compiles() {
    let mut spec = read("base.yaml");
    for name in DOCUMENTS {
        spec = text_of(&spec, &import_into(&spec, &swagger(name)));
    }
    check_crate("imported", generated(&spec), &["--all-features"]);
}

/// Compiles a crate that was generated.
fn check_crate(name: &str, generation: Generation, features: &[&str]) {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut files = generation.files;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let runtime = root.join("crates/sentinelone-runtime").display().to_string();
    let tags = files[Path::new("Cargo.toml")].split("# The modules of the spec's tags.\n").nth(1);
    let tags = tags.and_then(|it| it.split("\n\n").next()).expect("features");
    let manifest = MANIFEST.replace("RUNTIME", &runtime.replace('\\', "/")).replace("TAGS", tags);
    let manifest = manifest.replace("NAME", name);
    files.insert("Cargo.toml".into(), manifest);
    files.insert("README.md".into(), "What was imported.\n".to_owned());
    apply(&dir, &changes(&dir, &files).expect("the crate")).expect("the crate");
    fs::copy(root.join("Cargo.lock"), dir.join("Cargo.lock")).expect("the lock file");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline"])
        .args(features)
        .current_dir(&dir)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

const MANIFEST: &str = r#"[package]
name = "NAME"
edition = "2024"

[features]
clap = ["dep:clap", "sentinelone-runtime/clap"]
TAGS

[dependencies]
chrono = { version = "0.4", default-features = false, features = ["alloc", "serde", "std"] }
clap = { version = "4", features = ["derive"], optional = true }
sentinelone-runtime = { path = "RUNTIME" }
serde = { version = "1", features = ["derive"] }
serde_json = "1"

[profile.dev]
debug = "line-tables-only"

[lints.rust]
missing_docs = "deny"
unreachable_pub = "deny"
warnings = "deny"

[workspace]
"#;

/// Spoils parts of the documents; whatever comes of it is a spec that codegen takes.
/// `SPOIL=all cargo test -p xtask --test it too_odd` spoils every part in every way.
#[test]
fn no_document_is_too_odd() {
    let base = read("base.yaml");
    let ways = ["null", "[]", "7", r#""x""#, "{}", "true", "[{}]", r##"{"$ref": "#/paths"}"##];
    let step = if std::env::var_os("SPOIL").is_some() { 1 } else { 151 };
    let documents: Vec<Value> = DOCUMENTS
        .iter()
        .map(|name| serde_json::from_str(&read(&format!("{name}.json"))).expect("JSON"))
        .collect();
    let mut spoils = Vec::new();
    for document in &documents {
        let mut pointers = Vec::new();
        collect("", document, &mut pointers);
        for pointer in pointers {
            spoils.extend(ways.map(|way| (document, pointer.clone(), way)));
        }
    }
    for (document, pointer, way) in spoils.into_iter().step_by(step) {
        let mut document = document.clone();
        let place = document.pointer_mut(&pointer).expect("a part of the document");
        *place = serde_json::from_str(way).expect("JSON");
        let Ok(swagger) = Swagger::parse("swagger.json", &document.to_string()) else { continue };
        let import = import(&swagger, &parsed(&base), None);
        let import = import.unwrap_or_else(|error| panic!("{pointer} {way}: {error:#}"));
        let spec = Document::parse("spec.yaml", &text_of(&base, &import)).expect("a spec");
        if let Err(error) = passes(&spec) {
            panic!("{pointer} {way}: {error:#}");
        }
    }
}

/// `OPERATIONS=800 cargo test -p xtask --test it whole` is as large as a console's document.
#[test]
fn a_whole_document() {
    let operations = std::env::var("OPERATIONS").map_or(200, |it| it.parse().expect("a number"));
    let resources = operations / synthetic::OPERATIONS;
    let text = synthetic::document(resources).to_string();
    let swagger = Swagger::parse("swagger.json", &text).expect("a document");
    let base = read("base.yaml");
    let import = import_into(&base, &swagger);
    assert_eq!(import.operations.len(), resources * synthetic::OPERATIONS);
    let left_out = import.operations.iter().find(|it| it.made.is_err());
    assert!(left_out.is_none(), "{left_out:?}");
    // Of each resource a page and an item at most, and what all of them share.
    assert!(import.types < 2 * resources + 200, "{} types", import.types);
    assert!(import.enums < 50, "{} enums", import.enums);
    let generation = generated(&text_of(&base, &import));
    let counts = generation.counts;
    assert_eq!(counts.operations, resources * synthetic::OPERATIONS + 2);
    assert!(resources * synthetic::ARRAYS < counts.parameters, "{counts}");
    check_crate("whole", generation, &["--features", "things_0"]);
}

/// What was asked for by name and left out is a failure to whoever called it.
#[test]
fn the_exit_code() {
    let spec = Path::new(env!("CARGO_TARGET_TMPDIR")).join("exit_code.yaml");
    let check = |arguments: &[&str], expect: i32| {
        fs::write(&spec, read("base.yaml")).expect("a file");
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/import/operations.json");
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("import").arg(document).args(arguments).arg("--spec").arg(&spec);
        let output = command.output().expect("a run");
        let shown = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(expect), "{arguments:?}: {shown}");
    };
    check(&["POST /bare/upload"], 1);
    check(&["--all"], 0);
    check(&["--list"], 0);
    check(&["GET /nothing/of/the/kind"], 1);
    check(&[], 1);
}
