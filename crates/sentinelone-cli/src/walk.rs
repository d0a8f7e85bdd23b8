//! All pages of a query: one after another, or several windows of time at once.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::TryStreamExt;
use sentinelone::threats::{GetThreatsQuery, SortOrder, Threat, ThreatSortColumn};
use sentinelone::{Client, Error, Page};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::failure::Failure;

/// So many windows for each request at a time, as some hold more threats than others.
const WINDOWS: i32 = 4;

/// Hands every page to `take`, with the number of all threats if that is known. Gives how many
/// threats are in no window, as they have no time of creation.
pub(crate) async fn walk(
    client: &Client,
    query: GetThreatsQuery,
    concurrency: u16,
    mut take: impl FnMut(&Page<Threat>, Option<u64>) -> Result<(), Failure>,
) -> Result<u64, Failure> {
    if concurrency > 1 {
        return in_windows(client, query, concurrency, take).await;
    }
    let mut pages = client.get_threats_pages(&query);
    while let Some(page) = pages.try_next().await? {
        take(&page, page.total_items())?;
    }
    Ok(0)
}

async fn in_windows(
    client: &Client,
    query: GetThreatsQuery,
    concurrency: u16,
    mut take: impl FnMut(&Page<Threat>, Option<u64>) -> Result<(), Failure>,
) -> Result<u64, Failure> {
    if query.sort_by.is_some() || query.sort_order.is_some() {
        let message = "windows are read at once, in no order; leave out --sort-by and \
                       --sort-order, or --concurrency";
        return Err(Failure::usage(message));
    }
    let ((first, total), (last, _)) = tokio::try_join!(
        created(client, &query, SortOrder::Asc),
        created(client, &query, SortOrder::Desc),
    )?;
    let (mut read, mut counted) = (0, 0);
    if let (Some(first), Some(last)) = (first, last) {
        let windows = windows(first, last, i32::from(concurrency) * WINDOWS);
        // Reading goes ahead of writing by no more than a page for each request.
        let (sender, mut receiver) = mpsc::channel(1);
        let mut queue = JoinSet::new();
        let mut windows = windows.into_iter().map(|(from, to)| {
            let mut query = query.clone();
            (query.created_at_gt, query.created_at_lte) = (None, None);
            (query.created_at_gte, query.created_at_lt) = (Some(from), Some(to));
            read_window(client.clone(), query, sender.clone())
        });
        for window in windows.by_ref().take(usize::from(concurrency)) {
            queue.spawn(window);
        }
        loop {
            tokio::select! {
                Some(page) = receiver.recv() => {
                    let Window { page, is_first } = page?;
                    read += page.records().len() as u64;
                    if is_first {
                        counted += page.total_items().unwrap_or(0);
                    }
                    take(&page, total)?;
                }
                ended = queue.join_next() => {
                    if let Some(Err(error)) = &ended {
                        return Err(Failure::new("a window was not read").because(error.to_string()));
                    }
                    match (ended, windows.next()) {
                        (_, Some(window)) => _ = queue.spawn(window),
                        (Some(_), None) => {}
                        (None, None) => break,
                    }
                }
            }
        }
        // What is still on its way in the channel, now that nothing more is sent.
        while let Ok(page) = receiver.try_recv() {
            let Window { page, is_first } = page?;
            read += page.records().len() as u64;
            counted += if is_first { page.total_items().unwrap_or(0) } else { 0 };
            take(&page, total)?;
        }
    }
    let counted = counted.max(read);
    if total.is_none_or(|total| total <= counted) {
        return Ok(0);
    }
    // Some may have ceased to match meanwhile.
    let total = client.get_threats(&query.count_only(true)).await?.total_items();
    Ok(total.unwrap_or(0).saturating_sub(counted))
}

/// A page of a window.
struct Window {
    page: Page<Threat>,
    is_first: bool,
}

async fn read_window(
    client: Client,
    query: GetThreatsQuery,
    pages: mpsc::Sender<Result<Window, Error>>,
) {
    let mut stream = client.get_threats_pages(&query).prefetch(false);
    let mut is_first = true;
    while let Some(page) = stream.try_next().await.transpose() {
        let is_error = page.is_err();
        let page = page.map(|page| Window { page, is_first });
        // Whoever does not listen any more has failed by itself.
        if pages.send(page).await.is_err() || is_error {
            return;
        }
        is_first = false;
    }
}

/// When the first threat was created, or the last, and how many there are.
async fn created(
    client: &Client,
    query: &GetThreatsQuery,
    order: SortOrder,
) -> Result<(Option<DateTime<Utc>>, Option<u64>), Failure> {
    let query = query.clone().sort_by(ThreatSortColumn::CreatedAt).sort_order(order).limit(1);
    let page = client.get_threats(&query).await?;
    let Some(record) = page.records().first() else { return Ok((None, page.total_items())) };
    let created = record.decode().ok().and_then(|threat| threat.threat_info?.created_at);
    let created = created.ok_or_else(|| {
        let failure = Failure::new("a threat has no time of creation to cut windows by");
        failure.hint("leave out --concurrency")
    })?;
    Ok((Some(created), page.total_items()))
}

/// Windows from the first time to the last, each with its beginning and without its end.
fn windows(
    first: DateTime<Utc>,
    last: DateTime<Utc>,
    count: i32,
) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    // The console compares microseconds.
    let end = last + TimeDelta::microseconds(1);
    let length = ((end - first) / count).max(TimeDelta::microseconds(1));
    let starts = std::iter::successors(Some(first), |start| Some(*start + length));
    let starts = starts.take_while(|start| *start < end);
    starts.map(|start| (start, (start + length).min(end))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(first: i64, last: i64, count: i32, expect: &[(i64, i64)]) {
        let time = |micros| DateTime::from_timestamp_micros(micros).expect("a time");
        let found = windows(time(first), time(last), count);
        let micros = |(from, to): (DateTime<Utc>, DateTime<Utc>)| {
            (from.timestamp_micros(), to.timestamp_micros())
        };
        assert_eq!(found.into_iter().map(micros).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn windows_cover_everything_once() {
        check(0, 99, 2, &[(0, 50), (50, 100)]);
        check(0, 99, 3, &[(0, 33), (33, 66), (66, 99), (99, 100)]);
        check(5, 5, 8, &[(5, 6)]);
        check(5, 6, 8, &[(5, 6), (6, 7)]);
    }
}
