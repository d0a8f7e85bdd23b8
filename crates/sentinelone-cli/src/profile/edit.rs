//! Changes of the file, which leave alone what they are not about.

use std::io::{self, Write};
use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use super::{Profile, Profiles, Stored};
use crate::failure::Failure;

impl Profiles {
    /// Adds a profile, or puts it in the place of the one of its name. The first one becomes the
    /// default.
    pub(crate) fn set(&self, profile: &Profile) -> Result<(), Failure> {
        self.change(|document| {
            let members = member(member(document.as_table_mut(), "profile")?, &profile.name)?;
            for key in ["token", "token_file", "keyring"] {
                members.remove(key);
            }
            put(members, "url", &profile.url);
            match &profile.token {
                Stored::Nowhere => {}
                Stored::Here(token) => put(members, "token", token.expose()),
                Stored::File(path) => put(members, "token_file", &path.display().to_string()),
                Stored::Keyring => _ = members.insert("keyring", value(true)),
            }
            if self.default.is_none() {
                put(document.as_table_mut(), "default", &profile.name);
            }
            Some(())
        })
    }

    /// Removes the profile of that name.
    pub(crate) fn remove(&self, name: &str) -> Result<(), Failure> {
        self.get(name)?;
        self.change(|document| {
            member(document.as_table_mut(), "profile")?.remove(name);
            if self.is_default(name) {
                document.remove("default");
            }
            Some(())
        })
    }

    /// Makes a profile the one that holds where none is named.
    pub(crate) fn make_default(&self, name: &str) -> Result<(), Failure> {
        self.get(name)?;
        self.change(|document| {
            put(document.as_table_mut(), "default", name);
            Some(())
        })
    }

    fn change(&self, change: impl FnOnce(&mut DocumentMut) -> Option<()>) -> Result<(), Failure> {
        let failed = || Failure::new(format!("{} cannot be changed", self.path.display()));
        let mut document: DocumentMut = self.text.parse().map_err(|_| failed())?;
        change(&mut document).ok_or_else(failed)?;
        replace(&self.path, &document.to_string()).map_err(|error| failed().because(error))
    }
}

/// The table that is a member of another, added if it is not there.
fn member<'t>(table: &'t mut dyn TableLike, key: &str) -> Option<&'t mut dyn TableLike> {
    if !table.contains_key(key) {
        let mut added = Table::new();
        added.set_implicit(true);
        table.insert(key, Item::Table(added));
    }
    table.get_mut(key)?.as_table_like_mut()
}

/// Sets a member, and leaves what a comment above it says.
fn put(table: &mut dyn TableLike, key: &str, text: &str) {
    match table.get_mut(key) {
        Some(item) => *item = value(text),
        None => _ = table.insert(key, value(text)),
    }
}

/// Gives the file another text, all or nothing, for the user's eyes alone.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link to the file stays one.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    create_directory(directory)?;
    // Nobody but the user can read a temporary file.
    let mut file = tempfile::Builder::new().prefix(".config-").tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

fn create_directory(directory: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
