//! A file as it was in a revision of git.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The text of a file in a revision.
pub fn at_revision(revision: &str, file: &Path) -> Result<String> {
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
