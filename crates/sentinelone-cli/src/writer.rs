//! From records to a destination: encodes them, and keeps apart those that cannot be.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use sentinelone::Page;
use serde_json::json;
use serde_json::value::RawValue;

use crate::arguments::Shape;
use crate::context::{Context, threat};
use crate::failure::{Failure, Kind};
use crate::format::visible::printable;
use crate::format::{Encode, Format, Unfit};
use crate::output::{Output, REJECTED, with_suffix};
use crate::terminal::Terminal;

/// Writes records to a destination.
pub(crate) struct Writer {
    encoder: Box<dyn Encode + Send>,
    output: Output,
    buffer: Vec<u8>,
    rejected: Rejected,
    /// Set if the bytes are for a terminal that must not obey them.
    shown: bool,
    /// What the console said was wrong, beside the records that it sent.
    reported: Vec<String>,
}

impl Writer {
    pub(crate) fn new(shape: &Shape, context: &Context, output: Output) -> Result<Self, Failure> {
        let default = if context.is_interactive() && output.path().is_none() {
            Format::Table
        } else {
            output.path().and_then(Format::of_file).unwrap_or(Format::Ndjson)
        };
        let terminal = Terminal::of(&output);
        let format = shape.format.unwrap_or(default);
        let encoder = format.encoder(threat(), &shape.fields, terminal)?;
        let rejected = Rejected::beside(&output);
        // A table minds the terminal by itself.
        let shown = terminal.is_terminal && format != Format::Table;
        Ok(Writer { encoder, output, buffer: Vec::new(), rejected, shown, reported: Vec::new() })
    }

    pub(crate) fn page<T>(&mut self, page: &Page<T>) -> Result<(), Failure> {
        self.reported.extend(page.errors().iter().map(ToString::to_string));
        for record in page.records() {
            if let Err(unfit) = self.encoder.record(record.raw(), &mut self.buffer) {
                self.rejected.add(record.raw(), &unfit)?;
            }
        }
        self.flush()
    }

    /// Completes the destination. Records that were rejected, or that the console could not send,
    /// are a failure of their own kind.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        self.encoder.finish(&mut self.buffer)?;
        self.flush()?;
        self.output.finish()?;
        self.rejected.finish()?;
        match self.reported.first() {
            None => Ok(()),
            Some(first) => Err(not_whole(first)),
        }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        match self.shown {
            true => self.output.write(&printable(&self.buffer))?,
            false => self.output.write(&self.buffer)?,
        }
        self.buffer.clear();
        Ok(())
    }
}

/// The console has said that what it sends is not all.
pub(crate) fn not_whole(error: &str) -> Failure {
    let message = format!("the console says that what it sent is not all: {error}");
    Failure::new(message).kind(Kind::Partial)
}

/// The records that the format cannot hold, in a file beside the destination, or on standard
/// error.
struct Rejected {
    path: Option<PathBuf>,
    file: Option<BufWriter<File>>,
    count: u64,
}

impl Rejected {
    fn beside(output: &Output) -> Self {
        let path = output.path().map(|path| with_suffix(path, REJECTED));
        Rejected { path, file: None, count: 0 }
    }

    fn add(&mut self, raw: &str, unfit: &Unfit) -> Result<(), Failure> {
        self.count += 1;
        let line = rejection(raw, unfit);
        let Some(path) = &self.path else {
            let line = format!("rejected: {line}\n");
            let written = std::io::stderr().write_all(&printable(line.as_bytes()));
            return written.map_err(|error| Failure::write("standard error", error));
        };
        let name = path.display().to_string();
        let failed = |error| Failure::write(&name, error);
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(BufWriter::new(File::create(path).map_err(failed)?)),
        };
        writeln!(file, "{line}").map_err(failed)
    }

    fn finish(mut self) -> Result<(), Failure> {
        if self.count == 0 {
            return Ok(());
        }
        let place = match (&mut self.file, &self.path) {
            (Some(file), Some(path)) => {
                file.flush().map_err(|error| Failure::write(&path.display().to_string(), error))?;
                path.display().to_string()
            }
            _ => "standard error".to_owned(),
        };
        let message =
            format!("{} records were rejected; {place} has them with the reasons", self.count);
        Err(Failure::new(message).kind(Kind::Partial))
    }
}

/// A line for a record that is kept apart: why, and its own text, byte for byte if it is JSON.
pub(crate) fn rejection(raw: &str, unfit: &Unfit) -> String {
    let Unfit { path, reason } = unfit;
    match serde_json::from_str::<&RawValue>(raw) {
        Ok(_) => {
            let raw = raw.replace(['\n', '\r'], "");
            format!("{{\"path\":{},\"reason\":{},\"record\":{raw}}}", json!(path), json!(reason))
        }
        Err(_) => json!({ "path": path, "reason": reason, "text": raw }).to_string(),
    }
}
