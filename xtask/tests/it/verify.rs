//! What is lost on the way is noticed.

use std::path::PathBuf;

use xtask::emit::{Files, Layout, Source, emit};
use xtask::generate::{Generated, generate};
use xtask::lower::lower;
use xtask::model::Api;
use xtask::verify::verify;

use crate::widgets::document;

/// Generates the widgets, spoils what was generated, and gives the complaint.
#[track_caller]
fn check(spoil: impl FnOnce(&mut Generated, &mut Files), expect: &str) {
    let document = document();
    let api = Api::read(&document.value).expect("the model");
    let layout = Layout::new(&api, &document.value);
    let mut generated = generate(&lower(&document.value), &["Color".to_owned()]).expect("code");
    let source = Source {
        api: &api,
        generated: &generated,
        layout: &layout,
        file: &document.file,
        sha256: &document.sha256,
    };
    let mut files = emit(&source).expect("files");
    verify(&api, &generated, &layout, &files).expect("nothing is lost yet");
    spoil(&mut generated, &mut files);
    let complaint = verify(&api, &generated, &layout, &files).expect_err("something is lost");
    assert_eq!(complaint.to_string(), expect);
}

#[test]
fn what_is_lost_is_noticed() {
    check(
        |generated, _| drop(generated.methods.remove("get_gadgets")),
        "progenitor made no method get_gadgets of getGadgets",
    );
    check(
        |generated, _| {
            let method = generated.methods.get_mut("get_gadgets").expect("the method");
            let cursor = method.query.remove("cursor").expect("the parameter");
            method.query.insert("curser".to_owned(), cursor);
        },
        "progenitor made curser of getGadgets, which the spec does not have",
    );
    check(
        |generated, _| {
            generated.methods.get_mut("delete_widget_notes").expect("the method").path.clear();
        },
        "progenitor gave deleteWidgetNotes other path parameters than the spec",
    );
    check(
        |_, files| drop(files.remove(&PathBuf::from("src/gadgets/types.rs"))),
        "the type Gadget was not written",
    );
    check(
        |_, files| drop(files.remove(&PathBuf::from("src/gadgets/schemas.rs"))),
        "the schema Gadget was not written",
    );
    check(
        |_, files| {
            let schemas = files.get_mut(&PathBuf::from("src/widgets/schemas.rs"));
            let schemas = schemas.expect("the schemas");
            *schemas = schemas.replace(r#"Field::new("weight""#, r#"Field::new("height""#);
        },
        "the schema Widget lacks weight",
    );
    check(
        |_, files| {
            files.insert(PathBuf::from("src/x.rs"), "use progenitor_client::Error;".to_owned());
        },
        "src/x.rs still holds `progenitor_client`",
    );
}
