//! Comma-separated values.
//!
//! A cell that starts with `=`, `+`, `-` or `@` is a formula to a spreadsheet, and attackers choose
//! the names of their files. It is written as it is all the same: whoever reads the file by a
//! program would get a name that no file has, and an apostrophe before it is lost to a search by
//! that name. The help says to import such a file as text.

use csv::WriterBuilder;
use sentinelone::operation::Schema;

use super::{Encode, Unfit};
use crate::failure::Failure;
use crate::field::{Column, columns, select};

pub(super) struct Csv {
    columns: Vec<Column>,
    has_header: bool,
}

impl Csv {
    pub(super) fn new(schema: &Schema, fields: &[String]) -> Result<Self, Failure> {
        let columns = if fields.is_empty() { columns(schema) } else { select(schema, fields)? };
        Ok(Csv { columns, has_header: false })
    }

    /// Writes the header, unless it is there.
    fn header(&mut self, out: &mut Vec<u8>) -> Result<(), csv::Error> {
        if !self.has_header {
            self.has_header = true;
            line(self.columns.iter().map(|column| column.path.as_bytes()), out)?;
        }
        Ok(())
    }
}

impl Encode for Csv {
    fn record(&mut self, raw: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let record = super::parse(raw)?;
        let mut cells = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            cells.push(column.find(&record)?.map(|value| column.text(value)).unwrap_or_default());
        }
        let written =
            self.header(out).and_then(|()| line(cells.iter().map(|cell| cell.as_bytes()), out));
        written.map_err(|error| Unfit { path: String::new(), reason: error.to_string() })
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        self.header(out).map_err(|error| Failure::new("CSV cannot be written").because(error))
    }
}

fn line<'c>(cells: impl Iterator<Item = &'c [u8]>, out: &mut Vec<u8>) -> Result<(), csv::Error> {
    let mut writer = WriterBuilder::new().from_writer(out);
    writer.write_record(cells)?;
    Ok(writer.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::threat;

    #[track_caller]
    fn check(fields: &[&str], records: &[&str], expect: &str) {
        let fields: Vec<_> = fields.iter().map(ToString::to_string).collect();
        let mut csv = Csv::new(threat(), &fields).expect("fields of a threat");
        let mut out = Vec::new();
        for raw in records {
            if let Err(unfit) = csv.record(raw, &mut out) {
                out.extend_from_slice(format!("{}: {}\n", unfit.path, unfit.reason).as_bytes());
            }
        }
        csv.finish(&mut out).expect("an end");
        assert_eq!(String::from_utf8(out).expect("text"), expect);
    }

    #[test]
    fn cells() {
        check(&["id", "threatInfo.threatName"], &[], "id,threatInfo.threatName\n");
        check(
            &["id", "threatInfo.fileSize", "threatInfo.isFileless", "threatInfo.createdAt"],
            &[
                r#"{"id":"1","threatInfo":{"fileSize":12,"isFileless":false,"createdAt":"2026-11-25T12:00:00.100000Z"}}"#,
                r#"{"id":"2","threatInfo":null}"#,
            ],
            "id,threatInfo.fileSize,threatInfo.isFileless,threatInfo.createdAt\n\
             1,12,false,2026-11-25T12:00:00.100000Z\n\
             2,,,\n",
        );
        check(
            &["whiteningOptions", "agentRealtimeInfo.agentDecommissionedAt", "indicators"],
            &[
                r#"{"whiteningOptions":["hash", "path"],"agentRealtimeInfo":{"agentDecommissionedAt":"x"},"indicators":[]}"#,
            ],
            "whiteningOptions,agentRealtimeInfo.agentDecommissionedAt,indicators\n\
             \"[\"\"hash\"\",\"\"path\"\"]\",\"\"\"x\"\"\",[]\n",
        );
    }

    #[test]
    fn texts_are_exact() {
        check(
            &["threatInfo.threatName"],
            &[
                r#"{"threatInfo":{"threatName":"=HYPERLINK(\"http://x\")"}}"#,
                r#"{"threatInfo":{"threatName":"a,b\nc\u001b[31m"}}"#,
                r#"{"threatInfo":{"threatName":"\t-1"}}"#,
                "{}",
            ],
            "threatInfo.threatName\n\
             \"=HYPERLINK(\"\"http://x\"\")\"\n\
             \"a,b\nc\u{1b}[31m\"\n\
             \t-1\n\
             \"\"\n",
        );
    }

    #[test]
    fn what_does_not_fit_writes_nothing() {
        check(
            &["id", "threatInfo.sha1"],
            &["[]", r#"{"id":"1","threatInfo":"x"}"#, r#"{"id":"2","threatInfo":{"sha1":3}}"#, "{"],
            ": not an object, but a list\n\
             threatInfo: not an object, but a text\n\
             id,threatInfo.sha1\n\
             2,3\n\
             : EOF while parsing an object at line 1 column 1\n",
        );
    }
}
