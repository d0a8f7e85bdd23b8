//! A spec as it was in a revision of git.

use std::io;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::load::Document;

/// The spec whose root is at that path, as it and the files that it refers to were in a revision.
pub fn at_revision(revision: &str, root: &Path) -> Result<Document> {
    let text = text(revision, root)?;
    let read = Document::read(root, |path| match path == root {
        true => Ok(text.clone()),
        false => self::text(revision, path).map_err(io::Error::other),
    });
    read.with_context(|| format!("the spec in {revision}"))
}

/// The text of a file in a revision.
fn text(revision: &str, file: &Path) -> Result<String> {
    let name = file.file_name().context("give the path of a spec in YAML")?;
    let dir = match file.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    };
    // The `./` has git look from the directory it runs in.
    let object = format!("{revision}:./{}", name.to_string_lossy());
    let output = Command::new("git")
        .current_dir(dir)
        .args(["show", "--no-textconv", "--end-of-options", &object])
        .output()
        .context("git cannot be run; install it")?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{}; give a revision that has {}",
            told.trim().trim_start_matches("fatal: ").trim_end_matches('.'),
            file.display()
        );
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("{} is not UTF-8 in {revision}", file.display()))
}
