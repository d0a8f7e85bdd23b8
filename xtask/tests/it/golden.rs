//! The crate that codegen makes of a small spec, held against golden files.
//! `UPDATE_EXPECT=1 cargo test -p xtask` rewrites them.

use std::fs;
use std::path::Path;

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
