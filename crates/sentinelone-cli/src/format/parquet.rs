//! Apache Parquet: a column for each leaf of the schema, named by its dotted path.

use std::mem;
use std::sync::Arc;

use chrono::DateTime;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use sentinelone::operation::{FieldType, Schema};
use serde_json::Value;

use super::{Encode, Unfit};
use crate::failure::Failure;
use crate::field::{Column, columns, select};

/// How many rows make a group, which is held until it is whole.
const ROWS: usize = 10_000;

/// How many bytes of text make a group if that is reached before.
const BYTES: usize = 32 << 20;

pub(super) struct Parquet {
    columns: Vec<(Column, Chunk)>,
    rows: usize,
    bytes: usize,
    writer: SerializedFileWriter<Vec<u8>>,
    /// Why a group could not be written, until it can be told.
    failed: Option<ParquetError>,
}

impl Parquet {
    pub(super) fn new(schema: &Schema, fields: &[String]) -> Result<Self, Failure> {
        let columns = if fields.is_empty() { columns(schema) } else { select(schema, fields)? };
        let writer = open(schema.name, &columns).map_err(cannot_write)?;
        let columns = columns.into_iter().map(|it| (Chunk::new(it.field_type), it));
        let columns = columns.map(|(chunk, column)| (column, chunk)).collect();
        Ok(Parquet { columns, rows: 0, bytes: 0, writer, failed: None })
    }

    /// Writes the rows that are held as a group.
    fn group(&mut self, out: &mut Vec<u8>) -> Result<(), ParquetError> {
        if self.rows > 0 {
            let mut group = self.writer.next_row_group()?;
            let mut chunks = self.columns.iter_mut();
            while let (Some(writer), Some((_, chunk))) = (group.next_column()?, chunks.next()) {
                chunk.write(writer)?;
            }
            group.close()?;
            (self.rows, self.bytes) = (0, 0);
        }
        self.writer.flush()?;
        out.append(self.writer.inner_mut());
        Ok(())
    }
}

impl Encode for Parquet {
    fn record(&mut self, raw: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
        let record = super::parse(raw)?;
        let cells: Result<Vec<_>, _> =
            self.columns.iter().map(|(column, _)| cell(column, &record)).collect();
        for ((_, chunk), cell) in self.columns.iter_mut().zip(cells?) {
            if let Some(Cell::Text(text)) = &cell {
                self.bytes += text.len();
            }
            chunk.push(cell);
        }
        self.rows += 1;
        if (self.rows == ROWS || self.bytes >= BYTES) && self.failed.is_none() {
            self.failed = self.group(out).err();
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        let failed = self.failed.take().map_or(Ok(()), Err);
        let finished = failed.and_then(|()| self.group(out)).and_then(|()| {
            self.writer.finish()?;
            out.append(self.writer.inner_mut());
            Ok(())
        });
        finished.map_err(cannot_write)
    }
}

fn open(name: &str, columns: &[Column]) -> Result<SerializedFileWriter<Vec<u8>>, ParquetError> {
    let fields: Result<Vec<_>, _> = columns.iter().map(declaration).collect();
    let schema = Type::group_type_builder(name).with_fields(fields?).build()?;
    let compression = Compression::ZSTD(ZstdLevel::default());
    let properties = WriterProperties::builder().set_compression(compression).build();
    SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))
}

fn declaration(column: &Column) -> Result<TypePtr, ParquetError> {
    let (physical, logical) = match column.field_type {
        FieldType::Integer => (Physical::INT64, None),
        FieldType::Number => (Physical::DOUBLE, None),
        FieldType::Boolean => (Physical::BOOLEAN, None),
        FieldType::DateTime => {
            (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS)))
        }
        _ => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let builder = Type::primitive_type_builder(&column.path, physical);
    let builder = builder.with_repetition(Repetition::OPTIONAL).with_logical_type(logical);
    Ok(Arc::new(builder.build()?))
}

fn cannot_write(error: ParquetError) -> Failure {
    Failure::new("Parquet cannot be written").because(error)
}

/// A value of a column.
enum Cell {
    Text(Vec<u8>),
    Integer(i64),
    Number(f64),
    Boolean(bool),
}

/// What a record holds in a column, if it is of the column's type.
fn cell(column: &Column, record: &Value) -> Result<Option<Cell>, Unfit> {
    let Some(value) = column.find(record)? else { return Ok(None) };
    let unfit = |expected| Unfit::not(&column.path, expected, value);
    let cell = match column.field_type {
        FieldType::String | FieldType::Enum(_) => {
            value.as_str().map(|it| Cell::Text(it.into())).ok_or_else(|| unfit("a text"))?
        }
        FieldType::Integer => {
            value.as_i64().map(Cell::Integer).ok_or_else(|| unfit("a whole number of 64 bits"))?
        }
        FieldType::Number => value.as_f64().map(Cell::Number).ok_or_else(|| unfit("a number"))?,
        FieldType::Boolean => {
            value.as_bool().map(Cell::Boolean).ok_or_else(|| unfit("a boolean"))?
        }
        FieldType::DateTime => match value.as_str() {
            Some("") => return Ok(None),
            Some(text) => Cell::Integer(microseconds(text).map_err(|error| Unfit {
                path: column.path.clone(),
                reason: format!("not a date-time: {error}"),
            })?),
            None => return Err(unfit("a date-time")),
        },
        FieldType::List(_) if !value.is_array() => return Err(unfit("a list")),
        FieldType::Map(_) if !value.is_object() => return Err(unfit("an object")),
        _ => Cell::Text(column.text(value).into_owned().into_bytes()),
    };
    Ok(Some(cell))
}

fn microseconds(text: &str) -> Result<i64, chrono::ParseError> {
    Ok(DateTime::parse_from_rfc3339(text)?.timestamp_micros())
}

/// A column's values of a group.
struct Chunk {
    values: Values,
    /// 1 for each row that has a value, 0 for a null.
    levels: Vec<i16>,
}

enum Values {
    Texts(Vec<ByteArray>),
    Integers(Vec<i64>),
    Numbers(Vec<f64>),
    Booleans(Vec<bool>),
}

impl Chunk {
    fn new(field_type: FieldType) -> Self {
        let values = match field_type {
            FieldType::Integer | FieldType::DateTime => Values::Integers(Vec::new()),
            FieldType::Number => Values::Numbers(Vec::new()),
            FieldType::Boolean => Values::Booleans(Vec::new()),
            _ => Values::Texts(Vec::new()),
        };
        Chunk { values, levels: Vec::new() }
    }

    fn push(&mut self, cell: Option<Cell>) {
        let is_value = match (&mut self.values, cell) {
            (Values::Texts(values), Some(Cell::Text(it))) => push(values, it.into()),
            (Values::Integers(values), Some(Cell::Integer(it))) => push(values, it),
            (Values::Numbers(values), Some(Cell::Number(it))) => push(values, it),
            (Values::Booleans(values), Some(Cell::Boolean(it))) => push(values, it),
            _ => false,
        };
        self.levels.push(is_value.into());
    }

    /// Writes the values, and is empty then.
    fn write(&mut self, mut writer: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = mem::take(&mut self.levels);
        let levels = Some(levels.as_slice());
        match &mut self.values {
            Values::Texts(values) => {
                writer.typed::<ByteArrayType>().write_batch(&mem::take(values), levels, None)?
            }
            Values::Integers(values) => {
                writer.typed::<Int64Type>().write_batch(&mem::take(values), levels, None)?
            }
            Values::Numbers(values) => {
                writer.typed::<DoubleType>().write_batch(&mem::take(values), levels, None)?
            }
            Values::Booleans(values) => {
                writer.typed::<BoolType>().write_batch(&mem::take(values), levels, None)?
            }
        };
        writer.close()
    }
}

fn push<T>(values: &mut Vec<T>, value: T) -> bool {
    values.push(value);
    true
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use sentinelone::operation::Field;

    use super::*;

    static SCHEMA: Schema = Schema::new(
        "Sample",
        &[
            Field::new("text", FieldType::String),
            Field::new("sort", FieldType::Enum(&["a", "b"])),
            Field::new("part", FieldType::Object(&PART)),
            Field::new("list", FieldType::List(&FieldType::String)),
            Field::new("map", FieldType::Map(&FieldType::String)),
            Field::new("any", FieldType::Any),
        ],
    );

    static PART: Schema = Schema::new(
        "Part",
        &[
            Field::new("count", FieldType::Integer),
            Field::new("share", FieldType::Number),
            Field::new("is", FieldType::Boolean),
            Field::new("at", FieldType::DateTime),
        ],
    );

    fn write(fields: &[&str], records: impl IntoIterator<Item = String>) -> (Vec<u8>, Vec<String>) {
        let fields: Vec<_> = fields.iter().map(ToString::to_string).collect();
        let mut parquet = Parquet::new(&SCHEMA, &fields).expect("an encoder");
        let (mut out, mut unfit) = (Vec::new(), Vec::new());
        for raw in records {
            if let Err(it) = parquet.record(&raw, &mut out) {
                unfit.push(format!("{}: {}", it.path, it.reason));
            }
        }
        parquet.finish(&mut out).expect("an end");
        (out, unfit)
    }

    fn read(file: Vec<u8>) -> SerializedFileReader<sentinelone::bytes::Bytes> {
        SerializedFileReader::new(file.into()).expect("a Parquet file")
    }

    #[track_caller]
    fn check(fields: &[&str], record: &str, expect: Result<&str, &str>) {
        let (file, unfit) = write(fields, [record.to_owned()]);
        let file = read(file);
        let rows = file.get_row_iter(None).expect("rows");
        let rows: Vec<_> = rows.map(|row| row.expect("a row").to_string()).collect();
        match expect {
            Ok(expect) => assert_eq!((rows.join("\n").as_str(), unfit), (expect, vec![])),
            Err(expect) => assert_eq!((rows, unfit), (vec![], vec![expect.to_owned()])),
        }
    }

    #[test]
    fn values() {
        check(
            &["text", "sort", "part"],
            r#"{"text":"a\u0000é","sort":"new","part":{"count":-9007199254740993,"share":1,"is":true,"at":"2026-11-25T13:00:00.000001+01:00"}}"#,
            Ok(
                "{text: \"a\0é\", sort: \"new\", part.count: -9007199254740993, part.share: 1.0, part.is: true, part.at: 2026-11-25 12:00:00.000001 +00:00}",
            ),
        );
        check(
            &["list", "map", "any"],
            r#"{"list":["x", 1],"map":{"b": "y", "a": null},"any":"z"}"#,
            Ok(r#"{list: "["x",1]", map: "{"b":"y","a":null}", any: ""z""}"#),
        );
        check(
            &[],
            "{}",
            Ok(
                "{text: null, sort: null, part.count: null, part.share: null, part.is: null, part.at: null, list: null, map: null, any: null}",
            ),
        );
    }

    #[test]
    fn date_times() {
        let check = |text: &str, expect| {
            check(&["part.at"], &format!(r#"{{"part":{{"at":"{text}"}}}}"#), expect);
        };
        check("", Ok("{part.at: null}"));
        check("9999-12-31T23:59:59Z", Ok("{part.at: 9999-12-31 23:59:59.000000 +00:00}"));
        check("0001-01-01T00:00:00Z", Ok("{part.at: 0001-01-01 00:00:00.000000 +00:00}"));
        check("2026-11-25", Err("part.at: not a date-time: premature end of input"));
        check("never", Err("part.at: not a date-time: premature end of input"));
    }

    #[test]
    fn what_does_not_fit() {
        let check = |record: &str, expect| check(&[], record, Err(expect));
        check("", ": EOF while parsing a value at line 1 column 0");
        check("7", ": not an object, but a number");
        check(r#"{"text":7}"#, "text: not a text, but a number");
        check(r#"{"sort":false}"#, "sort: not a text, but a boolean");
        check(r#"{"part":"x"}"#, "part: not an object, but a text");
        check(
            r#"{"text":"x","part":{"count":1.5}}"#,
            "part.count: not a whole number of 64 bits, but a number",
        );
        check(
            r#"{"part":{"count":9223372036854775808}}"#,
            "part.count: not a whole number of 64 bits, but a number",
        );
        check(r#"{"part":{"count":"1"}}"#, "part.count: not a whole number of 64 bits, but a text");
        check(r#"{"part":{"share":"1"}}"#, "part.share: not a number, but a text");
        check(r#"{"part":{"is":"true"}}"#, "part.is: not a boolean, but a text");
        check(r#"{"part":{"at":1}}"#, "part.at: not a date-time, but a number");
        check(r#"{"list":{}}"#, "list: not a list, but an object");
        check(r#"{"map":[]}"#, "map: not an object, but a list");
    }

    #[test]
    fn groups_are_bounded() {
        let records = (0..25_000).map(|it| format!(r#"{{"part":{{"count":{it}}}}}"#));
        let (file, unfit) = write(&["part.count"], records);
        assert_eq!(unfit, [""; 0]);
        let file = read(file);
        let rows = |group: usize| file.metadata().row_group(group).num_rows();
        assert_eq!((file.num_row_groups(), rows(0), rows(1), rows(2)), (3, 10_000, 10_000, 5_000));
        let text = "x".repeat(1 << 20);
        let records = (0..40).map(|_| format!(r#"{{"text":"{text}"}}"#));
        assert_eq!(read(write(&["text"], records).0).num_row_groups(), 2);
    }

    #[test]
    fn bytes_leave_with_each_group() {
        let mut parquet = Parquet::new(&SCHEMA, &[]).expect("an encoder");
        let mut lengths = Vec::new();
        for _ in 0..2 * ROWS {
            let mut out = Vec::new();
            parquet.record(r#"{"text":"x"}"#, &mut out).expect("a record that fits");
            lengths.push(out.len());
        }
        let full = lengths.iter().enumerate().filter(|(_, length)| **length > 0);
        assert_eq!(full.map(|(row, _)| row).collect::<Vec<_>>(), [ROWS - 1, 2 * ROWS - 1]);
    }

    #[test]
    fn a_file_without_rows() {
        let file = read(write(&[], []).0);
        let metadata = file.metadata().file_metadata();
        assert_eq!((metadata.num_rows(), metadata.schema().get_fields().len()), (0, 9));
    }
}
