//! Incremental exports as they are often written, to show that what holds ours would not hold them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use sentinelone::threats::{GetThreatsQuery, SortOrder, Threat, ThreatSortColumn};
use sentinelone::{Client, Page, RateLimits};
use sentinelone_sim::{Faults, Simulator};

use crate::judge::Judge;
use crate::scenario::{SETTLE, Scenario};

/// A way to remember where to go on.
pub(crate) struct Watermark {
    pub(crate) name: &'static str,
    query: fn(&Memory) -> GetThreatsQuery,
    /// After each page.
    page: fn(&mut Memory, &Page<Threat>),
    /// After the last.
    end: fn(&mut Memory, DateTime<Utc>),
}

#[derive(Default)]
struct Memory {
    time: Option<DateTime<Utc>>,
    cursor: Option<String>,
}

/// The latest creation time of all, and only what was created later.
pub(crate) static CREATED_ONLY: Watermark = Watermark {
    name: "created only",
    query: |memory| {
        let mut query = sorted(ThreatSortColumn::CreatedAt);
        query.created_at_gt = memory.time;
        query
    },
    page: |memory, page| {
        let created = |it: Threat| it.threat_info.and_then(|info| info.created_at);
        let latest = page.records().iter().filter_map(|it| created(it.decode().ok()?)).max();
        memory.time = memory.time.max(latest);
    },
    end: |_, _| {},
};

/// The cursor of the last page that had one.
pub(crate) static PAGE_CURSOR: Watermark = Watermark {
    name: "page cursor",
    query: |memory| {
        let mut query = sorted(ThreatSortColumn::CreatedAt);
        query.cursor = memory.cursor.clone();
        query
    },
    page: |memory, page| {
        if let Some(cursor) = page.next_cursor() {
            memory.cursor = Some(cursor.to_owned());
        }
    },
    end: |_, _| {},
};

/// The time when the last page had been read.
pub(crate) static NOW_AFTER_THE_LOOP: Watermark = Watermark {
    name: "now after the loop",
    query: |memory| {
        let mut query = sorted(ThreatSortColumn::UpdatedAt);
        query.updated_at_gte = memory.time;
        query
    },
    page: |_, _| {},
    end: |memory, now| memory.time = Some(now),
};

fn sorted(column: ThreatSortColumn) -> GetThreatsQuery {
    GetThreatsQuery::new().sort_by(column).sort_order(SortOrder::Asc).limit(20)
}

/// The same scenario as for ours, without a crash. Gives what is wrong with the output.
pub(crate) async fn sync(seed: u64, watermark: &Watermark) -> Vec<String> {
    let scenario = Scenario::new(seed);
    let console = scenario.start(Faults::default()).await;
    let mut judge = Judge::default();
    let (mut memory, mut output) = (Memory::default(), String::new());
    for _ in 0..4 {
        scenario.go_on(&console);
        console.advance(SETTLE + Duration::from_secs(1));
        let begun = judge.begin(&console);
        run(&console, watermark, &mut memory, &mut output).await;
        judge.end(&console, begun);
    }
    judge.judge(&console, &output)
}

async fn run(console: &Simulator, watermark: &Watermark, memory: &mut Memory, output: &mut String) {
    let client = Client::builder().url(console.url()).token(console.token());
    let client: Client = client.rate_limits(RateLimits::unlimited()).build().expect("a client");
    let mut pages = client.get_threats_pages(&(watermark.query)(memory)).prefetch(false);
    while let Some(page) = pages.try_next().await.expect("a page") {
        for record in page.records() {
            output.push_str(record.raw());
            output.push('\n');
        }
        (watermark.page)(memory, &page);
    }
    (watermark.end)(memory, console.now());
}
