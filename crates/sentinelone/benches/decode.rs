//! What decoding a page costs: 1,000 records, each by itself with unknown members kept, against a
//! plain serde_json decode of the whole page into the same fields, and against splitting alone.
//!
//! `cargo bench -p sentinelone` prints the times; `page` is the same JSON in every row.

use std::sync::LazyLock;

use divan::{Bencher, black_box, counter::BytesCount};
use sentinelone::Client;
use sentinelone::threats::{GetThreatsQuery, Threat};

fn main() {
    divan::main();
}
