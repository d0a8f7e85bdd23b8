//! Streams all threats and prints what it took, the peak of memory included (on Linux).
//!
//! It sends as fast as it can, so point it at a simulator:
//!
//! ```console
//! $ cargo run --release -p sentinelone-sim -- --threats 1000000
//! $ export SENTINELONE_URL=http://127.0.0.1:… SENTINELONE_TOKEN=…
//! $ cargo run --release -p sentinelone --example measure_stream
//! ```

use std::time::Instant;

use futures_util::TryStreamExt;
use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Client, RateLimits};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder().environment().rate_limits(RateLimits::unlimited()).build()?;
    let start = Instant::now();
    let (mut threats, mut bytes) = (0_u64, 0);
    let mut records = client.get_threats_stream(&GetThreatsQuery::new());
    while let Some(record) = records.try_next().await? {
        record.decode()?;
        threats += 1;
        bytes += record.raw().len() as u64;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{threats} threats, {} MB in {seconds:.1} s", bytes / 1_000_000);
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        println!("peak memory: {}", peak.unwrap_or("unknown").trim());
    }
    Ok(())
}
