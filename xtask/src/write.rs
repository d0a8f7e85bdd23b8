//! Holds the generated files against those on disk, and writes what differs.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result};
use similar::TextDiff;

use crate::emit::Files;

/// How a file on disk differs from what is generated.
#[derive(Debug)]
pub struct Change {
    /// The file's path within the crate.
    pub path: PathBuf,
    /// What is on disk, if the file exists.
    old: Option<String>,
    /// What is generated; none if codegen no longer writes the file.
    new: Option<String>,
}

impl Change {
    /// The change as a unified diff, with paths below `dir`.
    pub fn diff(&self, dir: &Path) -> String {
        let path = dir.join(&self.path);
        let (old, new) = (self.old.as_deref().unwrap_or(""), self.new.as_deref().unwrap_or(""));
        let name = |text: &Option<String>| match text {
            Some(_) => path.display().to_string(),
            None => "/dev/null".to_owned(),
        };
        TextDiff::from_lines(old, new)
            .unified_diff()
            .header(&name(&self.old), &name(&self.new))
            .to_string()
    }

    /// One word for what applying the change does.
    pub fn verb(&self) -> &'static str {
        match (&self.old, &self.new) {
            (None, _) => "create",
            (_, None) => "remove",
            _ => "update",
        }
    }
}

/// The changes that make the crate in `dir` hold `files` and nothing else that codegen owns: its
/// manifest and all of `src`.
pub fn changes(dir: &Path, files: &Files) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for (path, new) in files {
        let old = match fs::read(dir.join(path)) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("reading {}", path.display())),
        };
        if old.as_deref().map(normalized).as_ref() != Some(new) {
            changes.push(Change { path: path.clone(), old, new: Some(new.clone()) });
        }
    }
    let mut owned = Vec::new();
    collect_files(&dir.join("src"), &mut owned)?;
    for path in owned {
        let path = path.strip_prefix(dir).unwrap_or(&path).to_owned();
        if !files.contains_key(&path) {
            let bytes = fs::read(dir.join(&path))?;
            let old = Some(String::from_utf8_lossy(&bytes).into_owned());
            changes.push(Change { path, old, new: None });
        }
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}

/// Writes the changes to disk.
pub fn apply(dir: &Path, changes: &[Change]) -> Result<()> {
    for change in changes {
        let path = dir.join(&change.path);
        let outcome = match &change.new {
            Some(text) => {
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent)?;
                }
                fs::write(&path, text)
            }
            None => fs::remove_file(&path).map(|()| remove_empty_dirs(&path, dir)),
        };
        outcome.with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

/// Writes a file of which nothing is lost if that fails: it may hold what is in no commit yet.
pub fn replace(file: &Path, text: &str) -> io::Result<()> {
    let file = fs::canonicalize(file)?;
    let permissions = fs::metadata(&file)?.permissions();
    if permissions.readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let new = file.with_extension("yaml.new");
    fs::write(&new, text)?;
    fs::set_permissions(&new, permissions)?;
    fs::rename(&new, &file)
}

/// Git may check files out with CRLF.
fn normalized(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn collect_files(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("reading {}", dir.display())),
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Removes the directories above a removed file that have become empty, up to `top`.
fn remove_empty_dirs(file: &Path, top: &Path) {
    for dir in file.ancestors().skip(1).take_while(|dir| *dir != top) {
        if fs::remove_dir(dir).is_err() {
            return;
        }
    }
}
