//! From records to a destination: encodes them, and keeps apart those that cannot be.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use sentinelone::Record;
use serde_json::json;
use serde_json::value::RawValue;

use crate::arguments::Shape;
use crate::context::{Context, threat};
use crate::failure::{Failure, Kind};
use crate::format::{Encode, Format, Unfit};
use crate::output::{Output, with_suffix};
use crate::terminal::Terminal;

/// Writes records to a destination.
pub(crate) struct Writer {
    encoder: Box<dyn Encode + Send>,
    output: Output,
    buffer: Vec<u8>,
    rejected: Rejected,
    written: u64,
}

impl Writer {
    pub(crate) fn new(shape: &Shape, context: &Context, output: Output) -> Result<Self, Failure> {
        let default = if context.is_interactive() && output.path().is_none() {
            Format::Table
        } else {
            output.path().and_then(Format::of_file).unwrap_or(Format::Ndjson)
        };
        let terminal = Terminal::of(&output);
        let encoder = shape.format.unwrap_or(default).encoder(threat(), &shape.fields, terminal)?;
        let rejected = Rejected::beside(&output);
        Ok(Writer { encoder, output, buffer: Vec::new(), rejected, written: 0 })
    }

    pub(crate) fn page<T>(&mut self, records: &[Record<T>]) -> Result<(), Failure> {
        for record in records {
            match self.encoder.record(record.raw(), &mut self.buffer) {
                Ok(()) => self.written += 1,
                Err(unfit) => self.rejected.add(record.raw(), &unfit)?,
            }
        }
        self.output.write(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Completes the destination. Records that were rejected are a failure of their own kind.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        self.encoder.finish(&mut self.buffer)?;
        self.output.write(&self.buffer)?;
        self.output.finish()?;
        self.rejected.finish()
    }
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
        let path = output.path().map(|path| with_suffix(path, ".rejected.ndjson"));
        Rejected { path, file: None, count: 0 }
    }

    fn add(&mut self, raw: &str, unfit: &Unfit) -> Result<(), Failure> {
        self.count += 1;
        let line = rejection(raw, unfit);
        let Some(path) = &self.path else {
            eprintln!("rejected: {line}");
            return Ok(());
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
