//! The spec of the widgets, to be read as it is or spoiled.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use xtask::fault::Faults;
use xtask::load::Document;

/// The crate `widgets`, which other tests build and call.
pub(crate) const WIDGETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/widgets");

/// The texts of a spec by their files.
pub(crate) type Texts = BTreeMap<String, String>;

/// The texts of the widgets.
pub(crate) fn texts() -> Texts {
    let text = |file: &str| {
        let text = fs::read_to_string(Path::new(WIDGETS).join(file)).expect("a file of the spec");
        (file.to_owned(), text.replace("\r\n", "\n"))
    };
    ["widgets.yaml", "gadgets.yaml"].map(text).into()
}

/// The texts with the first `from` in one of them replaced.
pub(crate) fn edited(texts: &Texts, from: &str, to: &str) -> Texts {
    let mut texts = texts.clone();
    let text = ["widgets.yaml", "gadgets.yaml"].into_iter().find(|it| texts[*it].contains(from));
    let text = text.unwrap_or_else(|| panic!("the spec has no {from:?}"));
    texts.insert(text.to_owned(), texts[text].replacen(from, to, 1));
    texts
}

/// Reads texts whose root is `root`.
pub(crate) fn read(root: &str, texts: &Texts) -> Result<Document, Faults> {
    Document::read(Path::new(root), |path| {
        let name = path.to_str().expect("a name").replace('\\', "/");
        texts.get(&name).cloned().ok_or_else(|| ErrorKind::NotFound.into())
    })
}

/// Reads the widgets.
pub(crate) fn document() -> Document {
    read("widgets.yaml", &texts()).unwrap_or_else(|faults| panic!("{faults}"))
}
