"""Reads what s1 exports by other programs than s1, and compares it with the NDJSON.

    pip install duckdb pyarrow
    python crates/sentinelone-cli/tests/read_back.py target/debug/s1 [THREATS]

It exports simulated threats as NDJSON, CSV and Parquet, reads the CSV by DuckDB and the Parquet by
DuckDB and by pyarrow, and holds counts, types and every value against the NDJSON.
"""

import csv
import json
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet


def main(s1, threats):
    with tempfile.TemporaryDirectory() as folder:
        files = {kind: Path(folder, f"threats.{kind}") for kind in ["ndjson", "csv", "parquet"]}
        for kind, file in files.items():
            export = [s1, f"--sim={threats}", "--quiet", "threats", "export", "--format", kind]
            subprocess.run([*export, "--output", file], check=True)
        records = [json.loads(line) for line in files["ndjson"].open(encoding="utf-8")]
        assert len(records) == threats, len(records)
        print(f"{threats} threats")
        check_csv(files["csv"], records)
        check_parquet(files["parquet"], records)


def check_csv(file, records):
    with file.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines))
    table = duckdb.sql(f"select * from read_csv('{file}', header = true, all_varchar = true)")
    assert table.columns == header, "DuckDB reads another header"
    rows = table.fetchall()
    assert len(rows) == len(records), len(rows)
    for row, record in zip(rows, records):
        for path, cell in zip(header, row):
            assert (cell or "") == text(at(record, path)), (path, cell)
    print(f"CSV by DuckDB {duckdb.__version__}: {len(rows)} rows of {len(header)} columns, all equal")


def check_parquet(file, records):
    table = pyarrow.parquet.read_table(file)
    assert table.num_rows == len(records), table.num_rows
    times = 0
    for path, column in zip(table.column_names, table.columns):
        for cell, record in zip(column.to_pylist(), records):
            value = at(record, path)
            if isinstance(cell, datetime):
                assert cell == datetime.fromisoformat(value.replace("Z", "+00:00")), (path, cell)
                assert cell.tzinfo is not None and cell.utcoffset().total_seconds() == 0, path
                times += 1
            elif isinstance(cell, str) and not isinstance(value, str):
                assert json.loads(cell) == value, (path, cell)
            else:
                assert type(cell) is type(value) and cell == value, (path, cell, value)
    types = Counter(str(field.type) for field in table.schema)
    expected = {"string", "int64", "bool", "timestamp[us, tz=UTC]"}
    assert set(types) == expected, types
    groups = pyarrow.parquet.ParquetFile(file).num_row_groups
    print(
        f"Parquet by pyarrow {pyarrow.__version__}: {table.num_rows} rows in {groups} row groups, "
        f"all equal, {times} times; columns: {dict(types)}"
    )

    duckdb.sql("set timezone = 'UTC'")
    relation = duckdb.sql(f"select * from '{file}'")
    types = dict(zip(relation.columns, map(str, relation.types)))
    assert types["threatInfo.createdAt"] == "TIMESTAMP WITH TIME ZONE", types
    assert types["threatInfo.fileSize"] == "BIGINT" and types["id"] == "VARCHAR", types
    [(first, last, count)] = duckdb.sql(
        'select min(epoch_us("threatInfo.createdAt")), max(epoch_us("threatInfo.createdAt")), '
        f"count(distinct id) from '{file}'"
    ).fetchall()
    created = [microseconds(record["threatInfo"]["createdAt"]) for record in records]
    assert (first, last, count) == (min(created), max(created), len(records))
    print(f"Parquet by DuckDB: {count} ids, types {dict(Counter(types.values()))}")


def at(record, path):
    for name in path.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


def text(value):
    """A value as a cell of CSV has it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def microseconds(value):
    time = datetime.fromisoformat(value.replace("Z", "+00:00"))
    span = time - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 12_000)
