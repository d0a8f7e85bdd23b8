//! Where records are written: standard output, or a file that appears when it is whole.

use std::fs::{File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::failure::Failure;

/// An open destination.
pub(crate) struct Output {
    writer: Writer,
    /// The file as it is to be called, and as it is called until it is whole.
    file: Option<(PathBuf, PathBuf)>,
    /// Whether a file that is there is replaced.
    force: bool,
}

/// What follows the name of a file in that of the one with the records that it cannot hold.
pub(crate) const REJECTED: &str = ".rejected.ndjson";

enum Writer {
    Plain(Box<dyn Write + Send>),
    Gzip(GzEncoder<Box<dyn Write + Send>>),
    Zstd(zstd::Encoder<'static, Box<dyn Write + Send>>),
}

impl Output {
    /// Standard output.
    pub(crate) fn stdout() -> Self {
        Output { writer: Writer::Plain(Box::new(io::stdout())), file: None, force: false }
    }

    /// The file at `path`, or standard output if that is `-`. A file that is there is left alone
    /// until [`Output::finish`], and refused unless `force` is set.
    pub(crate) fn open(path: &Path, force: bool) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Output::stdout());
        }
        if path.is_dir() {
            let failure = Failure::usage(format!("{} is a directory", path.display()));
            return Err(failure.hint("name a file in it"));
        }
        let partial = with_suffix(path, ".partial");
        let rejected = with_suffix(path, REJECTED);
        // A run that failed before anything came has left nothing to be kept.
        let is_taken = |it: &&Path| {
            it.exists() && (*it != partial || it.metadata().is_ok_and(|it| 0 < it.len()))
        };
        if !force && let Some(taken) = [path, &partial, &rejected].into_iter().find(is_taken) {
            let failure = Failure::usage(format!("{} is there already", taken.display()));
            return Err(failure.hint("name another file, or add --force to replace it"));
        }
        let name = partial.display().to_string();
        let failed = |error| Failure::write(&name, error);
        let file = File::options().create(true).append(true).open(&partial).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::new(format!("another process writes {name}")));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        file.set_len(0).map_err(failed)?;
        if rejected.exists() {
            std::fs::remove_file(&rejected).map_err(failed)?;
        }
        let plain: Box<dyn Write + Send> = Box::new(BufWriter::new(file));
        let writer = match path.extension().and_then(|it| it.to_str()) {
            Some("gz") => Writer::Gzip(GzEncoder::new(plain, Compression::default())),
            Some("zst") => {
                Writer::Zstd(zstd::Encoder::new(plain, 0).map_err(|it| Failure::write("zstd", it))?)
            }
            _ => Writer::Plain(plain),
        };
        Ok(Output { writer, file: Some((path.to_owned(), partial)), force })
    }

    /// The file, unless it is standard output.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|(path, _)| path.as_path())
    }

    /// What the destination is called.
    pub(crate) fn name(&self) -> String {
        match &self.file {
            Some((path, _)) => path.display().to_string(),
            None => "standard output".to_owned(),
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = match &mut self.writer {
            Writer::Plain(writer) => writer.write_all(bytes),
            Writer::Gzip(writer) => writer.write_all(bytes),
            Writer::Zstd(writer) => writer.write_all(bytes),
        };
        written.map_err(|error| Failure::write(&self.name(), error))
    }

    /// Gives the file its name, now that it is whole and on the disk.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let name = self.name();
        let Output { writer, file, force } = self;
        let finish = || {
            let mut plain = match writer {
                Writer::Plain(writer) => writer,
                Writer::Gzip(writer) => writer.finish()?,
                Writer::Zstd(writer) => writer.finish()?,
            };
            plain.flush()?;
            if let Some((path, partial)) = &file {
                File::open(partial)?.sync_all()?;
                if force {
                    std::fs::rename(partial, path)?;
                } else {
                    // Unlike a rename, a link does not replace what has come meanwhile.
                    std::fs::hard_link(partial, path)?;
                    std::fs::remove_file(partial)?;
                }
            }
            Ok(())
        };
        finish().map_err(|error| Failure::write(&name, error))
    }
}

/// Bytes as they are appended to the file, compressed if its name says so. Both compressions can
/// be appended to.
pub(crate) fn compress(path: &Path, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    match path.extension().and_then(|it| it.to_str()) {
        _ if bytes.is_empty() => Ok(bytes),
        Some("gz") => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&bytes)?;
            encoder.finish()
        }
        Some("zst") => zstd::encode_all(&bytes[..], 0),
        _ => Ok(bytes),
    }
}

/// The path with something after its name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
