//! Parquet, read back by the reader of the parquet crate.

use std::fs::File;

use parquet::basic::{LogicalType, TimeUnit, Type as Physical};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

use super::{at, export, records, s1, written};

#[test]
fn parquet_is_the_same_as_ndjson() {
    let records = records(&export(1_200, "ndjson", &[]));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("threats.parquet");
    let arguments = ["--sim=1200", "threats", "export", "--format", "parquet", "--output"];
    written(s1().args(arguments).arg(&path));
    let file = SerializedFileReader::new(File::open(path).expect("a file")).expect("Parquet");
    let rows: Vec<_> =
        file.get_row_iter(None).expect("rows").map(|it| it.expect("a row")).collect();
    assert_eq!(rows.len(), records.len());
    let mut times = 0;
    for (row, record) in rows.iter().zip(&records) {
        for (path, field) in row.get_column_iter() {
            let expect = at(record, path);
            match (field, expect) {
                (Field::Null, None) => {}
                (Field::Str(text), Some(Value::String(expect))) => {
                    assert_eq!(text, expect, "{path}");
                }
                (Field::Long(number), Some(expect)) => assert_eq!(expect, &Value::from(*number)),
                (Field::Bool(boolean), Some(expect)) => assert_eq!(expect, &Value::from(*boolean)),
                (Field::TimestampMicros(micros), Some(Value::String(expect))) => {
                    let time = expect.parse::<chrono::DateTime<chrono::Utc>>().expect("a time");
                    assert_eq!(*micros, time.timestamp_micros(), "{path}");
                    times += 1;
                }
                (Field::Str(json), Some(expect)) => assert_eq!(json, &expect.to_string(), "{path}"),
                _ => panic!("{path} is {field}, not {expect:?}"),
            }
        }
    }
    assert!(times > 3 * 1_200, "{times}");
}

#[test]
fn times_are_microseconds_in_utc() {
    let parquet =
        export(10, "parquet", &["--fields", "threatInfo.createdAt,id,threatInfo.fileSize"]);
    let file =
        SerializedFileReader::new(sentinelone::bytes::Bytes::from(parquet)).expect("Parquet");
    let schema = file.metadata().file_metadata().schema_descr();
    let check = |column: usize, name: &str, physical, logical: Option<LogicalType>| {
        let column = schema.column(column);
        assert_eq!((column.name(), column.physical_type()), (name, physical));
        assert_eq!(column.logical_type_ref(), logical.as_ref());
        assert_eq!(column.max_def_level(), 1);
    };
    let time = LogicalType::timestamp(true, TimeUnit::MICROS);
    check(0, "threatInfo.createdAt", Physical::INT64, Some(time));
    check(1, "id", Physical::BYTE_ARRAY, Some(LogicalType::String));
    check(2, "threatInfo.fileSize", Physical::INT64, None);
}
