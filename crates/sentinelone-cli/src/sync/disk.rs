//! The changes that a sync makes to the file system, one at a time.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// The changes that a sync makes to the file system.
///
/// Between any two of them the process may be killed; a test does that with a disk of its own.
/// Reading needs no part in it.
pub trait Disk: Send + Sync + 'static {
    /// Opens a file to write at its end, and makes it if it is not there.
    ///
    /// # Errors
    ///
    /// As the file system says; so do all others.
    fn open(&self, path: &Path) -> io::Result<File>;

    /// Writes all bytes at the end of a file.
    fn write(&self, path: &Path, file: &File, bytes: &[u8]) -> io::Result<()>;

    /// Returns when the bytes of a file are on the disk.
    fn sync(&self, path: &Path, file: &File) -> io::Result<()>;

    /// Cuts a file off at a length.
    fn truncate(&self, path: &Path, file: &File, length: u64) -> io::Result<()>;

    /// Puts a file in the place of another, in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Returns when the names of the files in a directory are on the disk.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;
}

/// The file system's own functions.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn open(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().append(true).create(true).open(path)
    }

    fn write(&self, _: &Path, mut file: &File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn sync(&self, _: &Path, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn truncate(&self, _: &Path, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        // Elsewhere a directory cannot be opened, and a rename is on the disk when it returns.
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }
}
