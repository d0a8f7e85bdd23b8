//! A disk that breaks off.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sentinelone_cli::sync::{Disk, RealDisk};

/// Counts the changes that are made, and breaks off in the middle of one of them.
pub(crate) struct CrashingDisk(Mutex<State>);

/// What happens when no changes are left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The process is killed.
    Killed,
    /// The power fails: what was not made sure of is lost, in part or as a whole.
    PowerFails,
    /// The disk is full, and has room again when it is tried once more.
    Full,
}

struct State {
    /// How many changes are left.
    left: u64,
    random: fastrand::Rng,
    fault: Fault,
    /// What a file was when it was last made sure of.
    sure: HashMap<PathBuf, Vec<u8>>,
    /// What stood in the place of a file before it was made or renamed, until the directory was
    /// made sure of.
    replaced: HashMap<PathBuf, Option<Vec<u8>>>,
}

impl CrashingDisk {
    pub(crate) fn new(crash_at: u64, seed: u64) -> Self {
        CrashingDisk(Mutex::new(State {
            left: crash_at,
            random: fastrand::Rng::with_seed(seed),
            fault: [Fault::Killed, Fault::PowerFails, Fault::Full][(seed % 3) as usize],
            sure: HashMap::new(),
            replaced: HashMap::new(),
        }))
    }

    /// Makes a change, or the part of it that is made before the crash.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut State) -> io::Result<T>,
        part: impl FnOnce(&mut State) -> io::Result<()>,
    ) -> io::Result<T> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.left == 0 {
            part(&mut state)?;
            match state.fault {
                Fault::Killed => {}
                Fault::PowerFails => state.lose()?,
                Fault::Full => {
                    state.left = u64::MAX;
                    return Err(io::ErrorKind::StorageFull.into());
                }
            }
            std::process::abort();
        }
        state.left -= 1;
        change(&mut state)
    }
}

impl State {
    /// Loses what was not made sure of.
    fn lose(&mut self) -> io::Result<()> {
        for (path, sure) in &self.sure {
            let Ok(now) = fs::read(path) else { continue };
            if now == *sure {
                continue;
            }
            let kept = match now.starts_with(sure) {
                // A part of what was appended may have come through.
                true => &now[..self.random.usize(sure.len()..=now.len())],
                false => sure,
            };
            fs::write(path, kept)?;
        }
        for (path, before) in self.replaced.drain() {
            match before {
                _ if self.random.bool() || !path.exists() => {}
                Some(before) => fs::write(path, before)?,
                None => fs::remove_file(path)?,
            }
        }
        Ok(())
    }
}

impl Disk for CrashingDisk {
    fn open(&self, path: &Path) -> io::Result<File> {
        let open = |state: &mut State| {
            let before = fs::read(path).ok();
            if before.is_none() {
                state.replaced.entry(path.to_owned()).or_insert(None);
            }
            state.sure.entry(path.to_owned()).or_insert(before.unwrap_or_default());
            RealDisk.open(path)
        };
        self.change(open, |_| Ok(()))
    }

    fn write(&self, path: &Path, file: &File, bytes: &[u8]) -> io::Result<()> {
        let write_part = |state: &mut State| {
            let length = state.random.usize(0..=bytes.len());
            RealDisk.write(path, file, &bytes[..length])
        };
        self.change(|_| RealDisk.write(path, file, bytes), write_part)
    }

    fn sync(&self, path: &Path, file: &File) -> io::Result<()> {
        let sync = |state: &mut State| {
            RealDisk.sync(path, file)?;
            state.sure.insert(path.to_owned(), fs::read(path)?);
            Ok(())
        };
        self.change(sync, |_| Ok(()))
    }

    fn truncate(&self, path: &Path, file: &File, length: u64) -> io::Result<()> {
        self.change(|_| RealDisk.truncate(path, file, length), |_| Ok(()))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let rename = |state: &mut State| {
            let before = fs::read(to).ok();
            state.replaced.entry(to.to_owned()).or_insert(before);
            if let Some(sure) = state.sure.remove(from) {
                state.sure.insert(to.to_owned(), sure);
            }
            RealDisk.rename(from, to)
        };
        self.change(rename, |_| Ok(()))
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        let sync = |state: &mut State| {
            RealDisk.sync_directory(path)?;
            state.replaced.retain(|file, _| file.parent() != Some(path));
            Ok(())
        };
        self.change(sync, |_| Ok(()))
    }
}
