//! The files of a sync: the output, what was rejected, the state, and the locks on them.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::Disk;
use super::error::{SyncError, SyncErrorKind};
use super::state::{Mark, State, Written, hash};
use crate::output::{REJECTED, compress, with_suffix};

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
    /// Set if the state file may hold something else than it should.
    is_unsure: bool,
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
        mut new: State,
        disk: Arc<dyn Disk>,
    ) -> Result<(Files, State), SyncError> {
        // A link stays a link.
        let target = std::fs::canonicalize(state).ok().filter(|_| state.is_symlink());
        let state = target.as_deref().unwrap_or(state);
        new.place = place(state, output)?;
        if state.is_dir() {
            let error = io::Error::from(io::ErrorKind::IsADirectory);
            return Err(SyncError::disk("read", state, error));
        }
        let mut locks = vec![lock(&with_suffix(state, ".lock"))?];
        let directory = output.is_dir().then(|| output.to_owned());
        let rejected = match &directory {
            Some(directory) => directory.join("rejected.ndjson"),
            None => with_suffix(output, REJECTED),
        };
        let mut files = Files {
            disk,
            state: state.to_owned(),
            output: Appended::new(output.to_owned()),
            rejected: Appended::new(rejected),
            directory,
            rotate: false,
            is_unsure: false,
            _locks: Vec::new(),
        };
        let text = read(state)?;
        let read = text.map(|text| new.read(&text)).transpose();
        let read = read.map_err(|error| error.within(state))?;
        // Once without a change to anything, and once more when nobody else can change it.
        files.check(read.as_ref())?;
        let state = match read {
            Some(state) => state,
            None => {
                new.written.output.number = files.directory.as_ref().map(|_| 1);
                files.replace_state(&new)?;
                new
            }
        };
        locks.extend(files.lock_output()?);
        files.check(Some(&state))?;
        files.take_back(&state)?;
        let settled = state.with_writing(false);
        files.keep(&state, &settled)?;
        files.rotate = settled.start.is_none() && settled.written.output.length > 0;
        files._locks = locks;
        Ok((files, settled))
    }

    pub(super) fn rejected_path(&self) -> &Path {
        &self.rejected.path
    }

    /// Takes the files back to what counts.
    pub(super) fn take_back(&mut self, state: &State) -> Result<(), SyncError> {
        let Written { output, rejected, .. } = &state.written;
        self.output.path = self.numbered(output);
        self.output.take_back(output, &*self.disk)?;
        self.rejected.take_back(rejected, &*self.disk)
    }

    /// Notes in the state that there will be more in the files than counts, and begins another
    /// file if the last one is complete. Gives the state as it is then.
    pub(super) fn begin(&mut self, state: &State, lines: bool) -> Result<State, SyncError> {
        let mut next = state.with_writing(true);
        let another = self.rotate && lines && self.directory.is_some();
        if another {
            let number = state.written.output.number.unwrap_or(0) + 1;
            next.written.output = Mark { number: Some(number), ..Mark::default() };
            check(&self.numbered(&next.written.output), &next.written.output, false)?;
        }
        if next.start.is_none() {
            next.start = Some(next.written.clone());
        }
        self.keep(state, &next)?;
        if another {
            self.output = Appended::new(self.numbered(&next.written.output));
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
        let number = next.written.output.number;
        next.written.output = Mark { number, ..self.output.commit(&*self.disk)? };
        next.written.rejected = self.rejected.commit(&*self.disk)?;
        self.keep(state, &next)?;
        if next.start.is_none() {
            self.rotate = next.written.output.length > 0;
        }
        Ok(next)
    }

    /// Writes the state, unless it is what the file holds.
    pub(super) fn keep(&mut self, state: &State, next: &State) -> Result<(), SyncError> {
        if next == state && !self.is_unsure { Ok(()) } else { self.replace_state(next) }
    }

    /// Puts the state in the place of the last one.
    fn replace_state(&mut self, state: &State) -> Result<(), SyncError> {
        let temporary = with_suffix(&self.state, ".s1-new");
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
        let replaced = replace().map_err(|error| SyncError::disk("written", &self.state, error));
        self.is_unsure = replaced.is_err();
        replaced
    }

    /// The output, which is a file in the directory if it is one.
    fn numbered(&self, mark: &Mark) -> PathBuf {
        match (&self.directory, mark.number) {
            (Some(directory), Some(number)) => directory.join(name(number)),
            _ => self.output.path.clone(),
        }
    }

    /// Whether the files are those that the state knows of, and nobody else has written to them.
    /// Without a state, nothing may be there that could be somebody's.
    fn check(&self, state: Option<&State>) -> Result<(), SyncError> {
        let Some(State { written, writing, .. }) = state else { return self.refuse_all() };
        if self.directory.is_some() != written.output.number.is_some() {
            let is = if self.directory.is_some() { "is" } else { "is not" };
            let problem = format!("{is} a directory, unlike the output that the state knows of");
            return Err(refused(&self.output.path, &problem));
        }
        check(&self.numbered(&written.output), &written.output, *writing)?;
        check(&self.rejected.path, &written.rejected, *writing)?;
        let Some(directory) = &self.directory else { return Ok(()) };
        let last = name(written.output.number.unwrap_or(0));
        let later = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("threats-") && last.as_str() < name
        };
        match filled(directory)?.into_iter().find(later) {
            None => Ok(()),
            Some(path) => {
                let problem = "is later than what the state knows of; take it away, or name the \
                               state that belongs to it";
                Err(refused(&path, problem))
            }
        }
    }

    fn refuse_all(&self) -> Result<(), SyncError> {
        let mut paths = Vec::new();
        match &self.directory {
            None => paths.extend([&self.output.path, &self.rejected.path].map(Clone::clone)),
            Some(directory) => paths.extend(filled(directory)?),
        }
        let is_filled = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|it| it.len() > 0);
        match paths.into_iter().find(is_filled) {
            None => Ok(()),
            Some(path) => {
                let problem = format!(
                    "is there already, but no state in {}; name the state that belongs to it, or \
                     another output",
                    self.state.display()
                );
                Err(refused(&path, &problem))
            }
        }
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

    /// Cuts off what does not count.
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

/// The text of a file, if it is there.
pub(super) fn read(path: &Path) -> Result<Option<String>, SyncError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SyncError::disk("read", path, error)),
    }
}

/// Where the output is: from the directory of the state if it is in there, so that both can be
/// moved together.
pub(super) fn place(state: &Path, output: &Path) -> Result<String, SyncError> {
    let absolute = |path: &Path| -> io::Result<PathBuf> {
        match std::fs::canonicalize(path) {
            Ok(path) => Ok(path),
            // It is still to be made.
            Err(_) => {
                let directory = std::fs::canonicalize(directory_of(path))?;
                Ok(directory.join(path.file_name().unwrap_or_default()))
            }
        }
    };
    let output = absolute(output).map_err(|error| SyncError::disk("written", output, error))?;
    let lock = with_suffix(state, ".lock");
    let state = absolute(state).map_err(|error| SyncError::disk("written", &lock, error))?;
    if state == output {
        let message = "the state and the output are one file; name two";
        return Err(SyncError::new(SyncErrorKind::Query, message));
    }
    let directory = directory_of(&state);
    let place = output.strip_prefix(directory).unwrap_or(&output);
    Ok(match place.as_os_str().is_empty() {
        true => ".".to_owned(),
        false => place.to_string_lossy().into_owned(),
    })
}

/// Whether a file begins with what counts, and has no more unless it was being written.
fn check(path: &Path, mark: &Mark, writing: bool) -> Result<(), SyncError> {
    let length = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(SyncError::disk("read", path, error)),
    };
    if length < mark.length {
        return Err(refused(
            path,
            "is shorter than the state says; put back what was taken away, or begin anew with \
             another state and output",
        ));
    }
    if mark.length < length && !writing {
        return Err(refused(
            path,
            "has more in it than was written by this sync; take that away, or begin anew with \
             another state and output",
        ));
    }
    let tail = tail(path, mark.length).map_err(|error| SyncError::disk("read", path, error))?;
    if mark.length > 0 && hash(tail) != mark.tail {
        return Err(refused(
            path,
            "is not the output that the state knows of; put that one back, or begin anew with \
             another state and output",
        ));
    }
    Ok(())
}

fn refused(path: &Path, problem: &str) -> SyncError {
    SyncError::new(SyncErrorKind::Output, format!("{} {problem}", path.display()))
}

/// The name of a file in a directory of several.
fn name(number: u64) -> String {
    format!("threats-{number:08}.ndjson")
}

/// The files of a directory that have records in them.
fn filled(directory: &Path) -> Result<Vec<PathBuf>, SyncError> {
    let entries =
        std::fs::read_dir(directory).map_err(|error| SyncError::disk("read", directory, error))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let is_filled = |path: &PathBuf| {
        path.extension().is_some_and(|it| it == "ndjson")
            && std::fs::metadata(path).is_ok_and(|it| it.len() > 0)
    };
    Ok(paths.filter(is_filled).collect())
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
