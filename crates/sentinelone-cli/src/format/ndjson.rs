//! A record a line: the console's own bytes, unless only some fields are wanted.

use sentinelone::operation::Schema;
use serde_json::{Map, Value};

use super::{Encode, Unfit};
use crate::failure::Failure;
use crate::field::{Column, select};

pub(super) struct Ndjson {
    /// The fields to be written, or none for the record as it came.
    columns: Vec<Column>,
}

impl Ndjson {
    pub(super) fn new(schema: &Schema, fields: &[String]) -> Result<Self, Failure> {
        Ok(Ndjson { columns: select(schema, fields)? })
    }

    /// Writes a record without a line's end.
    pub(super) fn write(&self, raw: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
        if self.columns.is_empty() {
            super::push_line(raw, out);
            return Ok(());
        }
        let record = super::parse(raw)?;
        let mut projected = Value::Object(Map::new());
        for column in &self.columns {
            let mut place = &mut projected;
            for name in column.path.split('.') {
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                place = &mut place[name];
            }
            *place = column.find(&record)?.cloned().unwrap_or_default();
        }
        out.extend_from_slice(projected.to_string().as_bytes());
        Ok(())
    }
}

impl Encode for Ndjson {
    fn record(&mut self, raw: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
        self.write(raw, out)?;
        out.push(b'\n');
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<(), Failure> {
        Ok(())
    }
}
