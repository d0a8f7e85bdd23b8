//! The crate that codegen makes of a small spec, held against golden files.
//! `UPDATE_EXPECT=1 cargo test -p xtask` rewrites them.

use std::fs;
use std::path::Path;

use expect_test::expect;
use xtask::codegen::{Generation, passes};
use xtask::load::Document;
use xtask::write::{apply, changes};

use crate::widgets::WIDGETS;

fn generation() -> Generation {
    let root = Path::new("tests/widgets/widgets.yaml");
    let document = Document::read(root, |path| {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path))
    });
    passes(&document.unwrap_or_else(|faults| panic!("{faults}")))
        .unwrap_or_else(|error| panic!("{error:#}"))
}

#[test]
fn generation_is_the_same_from_run_to_run() {
    let first = generation().files;
    for _ in 0..3 {
        assert_eq!(generation().files, first);
    }
}

#[test]
fn the_widgets_crate_is_as_it_was() {
    let golden = Path::new(WIDGETS);
    let mut changes = changes(golden, &generation().files).expect("the golden files");
    // Its own manifest has another name.
    changes.retain(|change| change.path != Path::new("Cargo.toml"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        apply(golden, &changes).expect("the golden files");
        return;
    }
    let diff: String = changes.iter().map(|change| change.diff(golden)).collect();
    assert!(diff.is_empty(), "{diff}\nif this is meant, run UPDATE_EXPECT=1 cargo test -p xtask");
}

#[test]
fn every_tag_is_a_feature() {
    let files = generation().files;
    let manifest = &files[Path::new("Cargo.toml")];
    let features = manifest.split("[features]").nth(1).and_then(|it| it.split("\n\n").next());
    let expect = expect![[r#"

        default = ["rustls", "tracing", "widgets", "gadgets", "doodads", "actions"]
        # TLS by rustls, with the platform's certificates.
        rustls = ["sentinelone-runtime/rustls"]
        # TLS by the operating system's library.
        native-tls = ["sentinelone-runtime/native-tls"]
        # Spans and events of `tracing` for calls and their attempts.
        tracing = ["sentinelone-runtime/tracing"]
        # `clap::Args` for the query structs.
        clap = ["dep:clap", "sentinelone-runtime/clap"]
        # The modules of the spec's tags.
        widgets = []
        gadgets = []
        doodads = []
        actions = []"#]];
    expect.assert_eq(features.expect("features"));
}
