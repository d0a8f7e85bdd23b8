//! The formats of records: from the console's JSON to bytes.

mod csv;
mod json;
mod ndjson;
mod ocsf;
#[cfg(feature = "parquet")]
mod parquet;
mod table;
pub(crate) mod visible;

use std::path::Path;

use sentinelone::operation::Schema;
use serde_json::Value;

use crate::failure::Failure;
use crate::terminal::Terminal;

/// A format that records are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table to read, cut to the width of the terminal; times are in UTC. What a terminal would
    /// obey is shown escaped
    Table,
    /// The console's own JSON, a record a line
    Ndjson,
    /// One JSON array
    Json,
    /// Comma-separated values with a header. Lists are JSON; null and an empty text look the same.
    /// Values are exact, also where a spreadsheet would take them for formulas: import them as text
    Csv,
    /// Apache Parquet, with typed columns; lists are JSON
    #[cfg(feature = "parquet")]
    Parquet,
    /// OCSF 1.5.0 Detection Findings (class 2004), a finding a line, with the record as raw_data.
    /// There is no severity in the API: a false positive is 1 (informational), what is malicious or
    /// confirmed is 4 (high), and 5 (critical) if it is both and unresolved, what is suspicious is 3
    /// (medium), and all else is 0 (unknown)
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

impl Unfit {
    /// The value at the path is not what it should be.
    pub(crate) fn not(path: &str, expected: &str, found: &Value) -> Self {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Unfit { path: path.to_owned(), reason: format!("not {expected}, but {found}") }
    }
}

impl Format {
    /// The format that the name of a file stands for, whether it is compressed or not.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        let extension = |path: &Path| path.extension()?.to_str().map(str::to_ascii_lowercase);
        match extension(path)?.as_str() {
            "gz" | "zst" => Format::of_file(&path.with_extension("")),
            "ndjson" | "jsonl" => Some(Format::Ndjson),
            "json" => Some(Format::Json),
            "csv" => Some(Format::Csv),
            #[cfg(feature = "parquet")]
            "parquet" => Some(Format::Parquet),
            _ => None,
        }
    }

    /// What writes records of the schema, or of it the fields at these paths. If there are none, it
    /// is all of them, or for a table the most important.
    pub(crate) fn encoder(
        self,
        schema: &'static Schema,
        fields: &[String],
        terminal: Terminal,
    ) -> Result<Box<dyn Encode + Send>, Failure> {
        match self {
            Format::Ndjson => Ok(Box::new(ndjson::Ndjson::new(schema, fields)?)),
            Format::Json => Ok(Box::new(json::Json::new(schema, fields)?)),
            Format::Csv => Ok(Box::new(csv::Csv::new(schema, fields)?)),
            Format::Table => Ok(Box::new(table::Table::new(schema, fields, terminal)?)),
            #[cfg(feature = "parquet")]
            Format::Parquet if terminal.is_terminal => {
                let failure = Failure::usage("Parquet is not for a terminal");
                Err(failure.hint("write it to a file, such as --output threats.parquet"))
            }
            #[cfg(feature = "parquet")]
            Format::Parquet => Ok(Box::new(parquet::Parquet::new(schema, fields)?)),
            Format::Ocsf => Ok(Box::new(ocsf::Ocsf::new(fields)?)),
        }
    }
}

/// Reads a record as JSON.
fn parse(raw: &str) -> Result<Value, Unfit> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_stand_for_formats() {
        let check = |path: &str, expect: Option<Format>| {
            assert_eq!(Format::of_file(Path::new(path)), expect, "{path}");
        };
        check("a/threats.csv", Some(Format::Csv));
        check("threats.CSV.gz", Some(Format::Csv));
        check("threats.2026.jsonl.zst", Some(Format::Ndjson));
        check("threats.json", Some(Format::Json));
        #[cfg(feature = "parquet")]
        check("threats.parquet", Some(Format::Parquet));
        for path in ["threats", "threats.gz", ".csv", "csv", "threats.txt", ""] {
            check(path, None);
        }
    }
}
