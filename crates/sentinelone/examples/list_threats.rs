//! Prints the threats that no analyst has judged yet, the oldest first.
//!
//! ```console
//! $ export SENTINELONE_URL=https://example.sentinelone.net SENTINELONE_TOKEN=…
//! $ cargo run --example list_threats
//! ```

use futures_util::TryStreamExt;
use sentinelone::Client;
use sentinelone::threats::{AnalystVerdict, GetThreatsQuery, SortOrder, ThreatSortColumn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let query = GetThreatsQuery::new()
        .analyst_verdicts([AnalystVerdict::Undefined])
        .sort_by(ThreatSortColumn::CreatedAt)
        .sort_order(SortOrder::Asc);

    let mut threats = client.get_threats_stream(&query);
    while let Some(record) = threats.try_next().await? {
        match record.decode() {
            Ok(threat) => {
                let info = threat.threat_info.unwrap_or_default();
                println!("{:?}\t{}", info.created_at, info.threat_name.unwrap_or_default());
            }
            Err(malformed) => eprintln!("{malformed}: {}", malformed.raw()),
        }
    }
    Ok(())
}
