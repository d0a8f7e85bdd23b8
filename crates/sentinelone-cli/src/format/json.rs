//! One JSON array of all records.

use sentinelone::operation::Schema;

use super::ndjson::Ndjson;
use super::{Encode, Unfit};
use crate::failure::Failure;

pub(super) struct Json {
    records: Ndjson,
    is_first: bool,
}

impl Json {
    pub(super) fn new(schema: &Schema, fields: &[String]) -> Result<Self, Failure> {
        Ok(Json { records: Ndjson::new(schema, fields)?, is_first: true })
    }
}

impl Encode for Json {
    fn record(&mut self, raw: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let length = out.len();
        out.extend_from_slice(if self.is_first { b"[\n" } else { b",\n" });
        self.records.write(raw, out).inspect_err(|_| out.truncate(length))?;
        self.is_first = false;
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        out.extend_from_slice(if self.is_first { b"[]\n" } else { b"\n]\n" });
        Ok(())
    }
}
