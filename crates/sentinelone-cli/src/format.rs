//! The formats of records: from the console's JSON to bytes.

mod json;
mod ndjson;

use sentinelone::operation::Schema;

use crate::failure::Failure;

/// A format that records are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table for a terminal.
    Table,
    /// The console's own JSON, a record a line.
    Ndjson,
    /// One JSON array.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// Apache Parquet, with typed columns.
    #[cfg(feature = "parquet")]
    Parquet,
    /// OCSF Detection Findings (class 2004), a finding a line.
    Ocsf,
}

/// Writes records in a format.
pub(crate) trait Encode {
    /// Writes a record after those before it, or finds that the format cannot hold it, and then
    /// writes nothing.
    fn record(&mut self, raw: &str, out: &mut Vec<u8>) -> Result<(), Unfit>;

    /// Writes what comes after the last record.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Failure>;
}

/// Why a record cannot be written in a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    /// Where in the record, such as `threatInfo.createdAt`; empty for the whole.
    pub(crate) path: String,
    /// What is wrong there.
    pub(crate) reason: String,
}

impl Format {
    /// What writes records of the schema, or of it the fields at these paths; all if there are none.
    pub(crate) fn encoder(
        self,
        schema: &'static Schema,
        fields: &[String],
    ) -> Result<Box<dyn Encode + Send>, Failure> {
        match self {
            Format::Ndjson => Ok(Box::new(ndjson::Ndjson::new(schema, fields)?)),
            Format::Json => Ok(Box::new(json::Json::new(schema, fields)?)),
            _ => Err(Failure::usage("this format is not there yet")),
        }
    }
}

/// Reads a record as JSON.
fn parse(raw: &str) -> Result<serde_json::Value, Unfit> {
    serde_json::from_str(raw)
        .map_err(|error| Unfit { path: String::new(), reason: error.to_string() })
}

/// Writes JSON as it is, but on one line.
pub(crate) fn push_line(json: &str, out: &mut Vec<u8>) {
    let is_line_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    // The console's own records have none, and this is how most of them are written.
    if !json.contains('\n') && !json.contains('\r') {
        out.extend_from_slice(json.as_bytes());
        return;
    }
    // Within a text a line's end is escaped, so one that is not has no meaning.
    out.extend(json.bytes().filter(|byte| !is_line_end(byte)));
}
