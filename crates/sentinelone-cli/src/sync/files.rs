//! The files of a sync: the output, what was rejected, the state, and the locks on them.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::Disk;
use super::error::{SyncError, SyncErrorKind};
use super::state::{Mark, State, hash};
use crate::output::{compress, with_suffix};

/// How much of the end of a file tells it from another.
const TAIL: u64 = 4_096;

pub(super) struct Files {
    disk: Arc<dyn Disk>,
    state: PathBuf,
    output: Appended,
    rejected: Appended,
    /// The directory, if the output is one.
    directory: Option<PathBuf>,
    /// Whether what is appended next goes to a file of its own.
    rotate: bool,
    _locks: Vec<File>,
}

/// A file that is appended to.
struct Appended {
    path: PathBuf,
    file: Option<File>,
    length: u64,
    tail: Vec<u8>,
    /// Whether there are bytes that may not be on the disk yet.
    dirty: bool,
}

impl Files {
    /// Locks the files, reads the state, or makes it from `new` if there is none, and takes the
    /// files back to it.
    pub(super) fn open(
        state: &Path,
        output: &Path,
        new: State,
        disk: Arc<dyn Disk>,
    ) -> Result<(Files, State), SyncError> {
        let mut locks = vec![lock(&with_suffix(state, ".lock"))?];
        let text = match std::fs::read_to_string(state) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(SyncError::disk("read", state, error)),
        };
        let directory = output.is_dir().then(|| output.to_owned());
        let rejected = match &directory {
            Some(directory) => directory.join("rejected.ndjson"),
            None => with_suffix(output, ".rejected.ndjson"),
        };
        let mut files = Files {
            disk,
            state: state.to_owned(),
            output: Appended::new(output.to_owned()),
            rejected: Appended::new(rejected),
            directory,
            rotate: false,
            _locks: Vec::new(),
        };
        let state = match text {
            Some(text) => {
                let read = new.read(&text).map_err(|error| error.within(state))?;
                files.check(&read)?;
                read
            }
            None => {
                files.refuse_what_is_there()?;
                let mut state = new;
                state.output.number = files.directory.as_ref().map(|_| 1);
                files.replace_state(&state)?;
                state
            }
        };
        files.output.path = files.numbered(&state);
        if let Some(file) = files.lock_output()? {
            locks.push(file);
        }
        files.take_back(&state)?;
        files.rotate = state.output.length > 0;
        files._locks = locks;
        Ok((files, state))
    }

    pub(super) fn rejected_path(&self) -> &Path {
        &self.rejected.path
    }

    /// Takes the files back to where the state says that they were.
    pub(super) fn take_back(&mut self, state: &State) -> Result<(), SyncError> {
        self.output.path = self.numbered(state);
        self.output.take_back(&state.output, &*self.disk)?;
        self.rejected.take_back(&state.rejected, &*self.disk)
    }

    /// Notes in the state that there will be more in the files than is accounted for, and begins
    /// another file if the last one is complete.
    pub(super) fn begin(
        &mut self,
        state: &State,
        lines: bool,
        rejected: bool,
    ) -> Result<State, SyncError> {
        let mut next = state.clone();
        let another = self.rotate && lines && self.directory.is_some();
        if another {
            let number = state.output.number.unwrap_or(0) + 1;
            next.output = Mark { number: Some(number), ..Mark::default() };
        }
        next.writing |= lines || rejected;
        if next != *state {
            self.replace_state(&next)?;
        }
        if another {
            self.output = Appended::new(self.numbered(&next));
        }
        self.rotate &= !lines;
        Ok(next)
    }

    /// Appends to the output and to what was rejected.
    pub(super) fn append(&mut self, lines: Vec<u8>, rejected: &[u8]) -> Result<(), SyncError> {
        let lines = compress(&self.output.path, lines)
            .map_err(|error| SyncError::disk("compressed", &self.output.path, error))?;
        self.output.append(&lines, &*self.disk)?;
        self.rejected.append(rejected, &*self.disk)
    }

    /// Makes everything that was appended count: first the bytes, then the state. Gives the state
    /// as it is then.
    pub(super) fn commit(&mut self, state: &State, mut next: State) -> Result<State, SyncError> {
        let number = next.output.number;
        next.output = Mark { number, ..self.output.commit(&*self.disk)? };
        next.rejected = self.rejected.commit(&*self.disk)?;
        if next != *state {
            self.replace_state(&next)?;
        }
        if !next.writing {
            self.rotate = next.output.length > 0;
        }
        Ok(next)
    }

    /// Puts the state in the place of the last one.
    fn replace_state(&self, state: &State) -> Result<(), SyncError> {
        let temporary = with_suffix(&self.state, ".tmp");
        let text = state.text().map_err(|error| error.within(&self.state))?;
        let disk = &*self.disk;
        let replace = || {
            let file = disk.open(&temporary)?;
            // One that was left behind by a process that was killed.
            disk.truncate(&temporary, &file, 0)?;
            disk.write(&temporary, &file, text.as_bytes())?;
            disk.sync(&temporary, &file)?;
            disk.rename(&temporary, &self.state)?;
            disk.sync_directory(directory_of(&self.state))
        };
        replace().map_err(|error| SyncError::disk("written", &self.state, error))
    }

    /// The output, which is a file in the directory if it is one.
    fn numbered(&self, state: &State) -> PathBuf {
        match (&self.directory, state.output.number) {
            (Some(directory), Some(number)) => {
                directory.join(format!("threats-{number:08}.ndjson"))
            }
            _ => self.output.path.clone(),
        }
    }

    /// Without a state, nothing may be there that could be somebody's.
    fn refuse_what_is_there(&self) -> Result<(), SyncError> {
        let mut paths = vec![self.rejected.path.clone()];
        match &self.directory {
            None => paths.push(self.output.path.clone()),
            Some(directory) => {
                let entries = std::fs::read_dir(directory)
                    .map_err(|error| SyncError::disk("read", directory, error))?;
                let names = entries.flatten().map(|entry| entry.path());
                paths
                    .extend(names.filter(|path| path.extension().is_some_and(|it| it == "ndjson")));
            }
        }
        let filled = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|it| it.len() > 0);
        match paths.into_iter().find(filled) {
            None => Ok(()),
            Some(path) => Err(SyncError::new(
                SyncErrorKind::Output,
                format!(
                    "{} is there already, but no state in {}; name the state that belongs to it, \
                     or another output",
                    path.display(),
                    self.state.display()
                ),
            )),
        }
    }

    /// Whether the files are those that the state knows of, and nobody else has written to them.
    fn check(&mut self, state: &State) -> Result<(), SyncError> {
        if self.directory.is_some() != state.output.number.is_some() {
            let is = if self.directory.is_some() { "is" } else { "is not" };
            let path = self.output.path.display();
            let message = format!(
                "{path} {is} a directory, unlike the output that the state knows of; name that one"
            );
            return Err(SyncError::new(SyncErrorKind::Output, message));
        }
        let output = self.numbered(state);
        check(&output, &state.output, state.writing)?;
        check(&self.rejected.path, &state.rejected, state.writing)
    }

    /// Keeps others from writing the output who have a state of their own.
    fn lock_output(&mut self) -> Result<Option<File>, SyncError> {
        match &self.directory {
            Some(directory) if cfg!(unix) => lock_directory(directory).map(Some),
            Some(_) => Ok(None),
            None => {
                let path = &self.output.path;
                let open = || {
                    let file = self.disk.open(path)?;
                    self.disk.sync_directory(directory_of(path))?;
                    Ok(file)
                };
                let file = open().map_err(|error| SyncError::disk("written", path, error))?;
                try_lock(file, path).map(Some)
            }
        }
    }
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files").field("output", &self.output.path).finish_non_exhaustive()
    }
}

impl Appended {
    fn new(path: PathBuf) -> Self {
        Appended { path, file: None, length: 0, tail: Vec::new(), dirty: false }
    }

    fn append(&mut self, bytes: &[u8], disk: &dyn Disk) -> Result<(), SyncError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let failed = |error| SyncError::disk("written", &self.path, error);
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                let file = disk.open(&self.path).map_err(failed)?;
                disk.sync_directory(directory_of(&self.path)).map_err(failed)?;
                file
            }
        };
        self.dirty = true;
        let written = disk.write(&self.path, &file, bytes).map_err(failed);
        self.file = Some(file);
        written?;
        self.length += bytes.len() as u64;
        self.tail.extend_from_slice(bytes);
        let surplus = self.tail.len().saturating_sub(TAIL as usize);
        self.tail.drain(..surplus);
        Ok(())
    }

    fn commit(&mut self, disk: &dyn Disk) -> Result<Mark, SyncError> {
        if let Some(file) = self.file.as_ref().filter(|_| self.dirty) {
            disk.sync(&self.path, file)
                .map_err(|error| SyncError::disk("written", &self.path, error))?;
        }
        self.dirty = false;
        Ok(Mark { number: None, length: self.length, tail: hash(&self.tail) })
    }

    /// Cuts off what is not accounted for.
    fn take_back(&mut self, mark: &Mark, disk: &dyn Disk) -> Result<(), SyncError> {
        let failed = |error| SyncError::disk("written", &self.path, error);
        self.file = None;
        if std::fs::metadata(&self.path).is_ok_and(|it| mark.length < it.len()) {
            let file = disk.open(&self.path).map_err(failed)?;
            disk.truncate(&self.path, &file, mark.length).map_err(failed)?;
            disk.sync(&self.path, &file).map_err(failed)?;
        }
        self.tail = tail(&self.path, mark.length)
            .map_err(|error| SyncError::disk("read", &self.path, error))?;
        self.length = mark.length;
        self.dirty = false;
        Ok(())
    }
}

/// Whether a file begins with what is accounted for, and has no more unless it was being written.
fn check(path: &Path, mark: &Mark, writing: bool) -> Result<(), SyncError> {
    let length = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(SyncError::disk("read", path, error)),
    };
    let refuse = |problem: &str| {
        let message = format!("{} {problem}", path.display());
        Err(SyncError::new(SyncErrorKind::Output, message))
    };
    if length < mark.length {
        return refuse(
            "is shorter than the state says; put back what was taken away, or begin anew with \
             another state and output",
        );
    }
    if mark.length < length && !writing {
        return refuse(
            "has more in it than was written by this sync; take that away, or begin anew with \
             another state and output",
        );
    }
    let tail = tail(path, mark.length).map_err(|error| SyncError::disk("read", path, error))?;
    if mark.length > 0 && hash(tail) != mark.tail {
        return refuse(
            "is not the output that the state knows of; name that one, or begin anew with another \
             state and output",
        );
    }
    Ok(())
}

/// The last bytes of the first `length` ones.
fn tail(path: &Path, length: u64) -> io::Result<Vec<u8>> {
    let mut tail = Vec::new();
    if length > 0 {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        file.take(length.min(TAIL)).read_to_end(&mut tail)?;
    }
    Ok(tail)
}

fn lock(path: &Path) -> Result<File, SyncError> {
    let file = File::options().create(true).append(true).open(path);
    try_lock(file.map_err(|error| SyncError::disk("written", path, error))?, path)
}

fn lock_directory(path: &Path) -> Result<File, SyncError> {
    try_lock(File::open(path).map_err(|error| SyncError::disk("read", path, error))?, path)
}

fn try_lock(file: File, path: &Path) -> Result<File, SyncError> {
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SyncError::new(
            SyncErrorKind::Locked,
            format!("another process holds {}; wait for it to end", path.display()),
        )),
        Err(TryLockError::Error(error)) => Err(SyncError::disk("locked", path, error)),
    }
}

/// Where a file stands.
fn directory_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}
