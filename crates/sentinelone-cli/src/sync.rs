//! An incremental export that neither loses nor repeats a threat.
//!
//! A [`Sync`] appends to its output every threat that was updated since it last ran, as the
//! console's own JSON, a threat a line. A threat that is updated again is written again, so the
//! output holds every version of every threat that stayed for long enough to be read, exactly once,
//! whenever and however often the process is killed.
//!
//! How it keeps that promise:
//!
//! - It asks for threats by `updatedAt`, from the watermark on, which is the exact text of the last
//!   threat that it wrote, up to a bound that it fixes before it begins: the console's own time less
//!   a settle time. A threat that is updated meanwhile leaves the window, and comes next time.
//! - It remembers what it wrote at the watermark, by the hash of all members but those that change
//!   without an update of the threat. So it may ask for that time once more, where there may be
//!   others, without writing anything twice.
//! - It appends, makes sure that the bytes are on the disk, and only then replaces the state, which
//!   holds the watermark and the length of the output, in one step. What is in the output beyond that
//!   length was not accounted for, and is cut off before it goes on.
//! - The watermark moves within a pass only as long as threats come in the order that was asked
//!   for. Once one does not, what the pass has written is taken back, and it counts as a whole or
//!   not at all.
//! - The cursor of a page is never kept. If the console no longer takes one, the pass begins anew at
//!   the watermark.

mod disk;
mod error;
mod files;
mod peek;
mod state;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::TryStreamExt;
use sentinelone::threats::{GetThreatsQuery, SortOrder, Threat, ThreatSortColumn};
use sentinelone::{Client, Page, http};

pub use disk::{Disk, RealDisk};
pub use error::{SyncError, SyncErrorKind};

use crate::format::push_line;
use crate::writer::rejection;
use files::Files;
use peek::Peek;
use state::{Seen, State};

/// How long to wait for a threat to show itself that was updated a moment ago, unless set.
const SETTLE: Duration = Duration::from_secs(60);

/// How often a pass is begun anew without having written anything, before that is an error.
const FRUITLESS: u32 = 3;

/// An incremental export of threats to a file or a directory.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use sentinelone::{Client, threats::GetThreatsQuery};
/// use sentinelone_cli::sync::Sync;
///
/// let client = Client::from_env()?;
/// let query = GetThreatsQuery::new();
/// let mut sync = Sync::new(client, query, "threats.state", "threats.ndjson").open()?;
/// loop {
///     let summary = sync.run(|_| {}).await?;
///     println!("{} threats, {} rejected", summary.written, summary.rejected);
///     tokio::time::sleep(std::time::Duration::from_secs(60)).await;
/// }
/// # }
/// ```
#[must_use = "nothing is read before it is opened and run"]
pub struct Sync {
    client: Client,
    query: GetThreatsQuery,
    state: PathBuf,
    output: PathBuf,
    settle: Duration,
    overlap: Duration,
    since: Option<DateTime<Utc>>,
    disk: Arc<dyn Disk>,
}

impl Sync {
    /// The threats that match `query`, in `output`, a file or an existing directory, with the state
    /// in the file `state`.
    ///
    /// In a directory every pass that finds anything writes a file of its own.
    pub fn new(
        client: Client,
        query: GetThreatsQuery,
        state: impl Into<PathBuf>,
        output: impl Into<PathBuf>,
    ) -> Self {
        Sync {
            client,
            query,
            state: state.into(),
            output: output.into(),
            settle: SETTLE,
            overlap: Duration::ZERO,
            since: None,
            disk: Arc::new(RealDisk),
        }
    }

    /// How long the console may take to show a threat that was updated; 60 seconds unless set.
    /// What is newer is left to the next run.
    pub fn settle(self, settle: Duration) -> Self {
        Sync { settle, ..self }
    }

    /// How far before the watermark to look for threats that the console showed later than `settle`
    /// allows for; not at all unless set. Every threat of that time is remembered in the state, so
    /// a sync looks back no further than to where it began to remember.
    pub fn overlap(self, overlap: Duration) -> Self {
        Sync { overlap, ..self }
    }

    /// Where to begin if there is no state yet: at threats that were updated then or later, rather
    /// than at the first.
    pub fn since(self, since: Option<DateTime<Utc>>) -> Self {
        Sync { since, ..self }
    }

    /// Writes with something else than the file system's own functions.
    pub fn disk(self, disk: Arc<dyn Disk>) -> Self {
        Sync { disk, ..self }
    }

    /// Takes hold of the files, and takes them back to where the state says that they were.
    ///
    /// # Errors
    ///
    /// - [`SyncErrorKind::Query`] if the query sets what the sync sets by itself, or the files cannot
    ///   be those of a sync.
    /// - [`SyncErrorKind::Locked`] if another process writes them.
    /// - [`SyncErrorKind::State`] if the state is not one, or one of another query or console.
    /// - [`SyncErrorKind::Output`] if the output is not the one that the state knows of.
    /// - [`SyncErrorKind::Disk`] if a file cannot be read or written.
    ///
    /// Nothing that was there is changed then.
    pub fn open(self) -> Result<OpenSync, SyncError> {
        let new = self.new_state()?;
        let (files, state) = Files::open(&self.state, &self.output, new, Arc::clone(&self.disk))?;
        Ok(OpenSync { sync: self, files, state, is_settled: true })
    }

    /// Sends the first request of a run, without a change to any file.
    pub(crate) async fn send_first(&self) -> Result<(), SyncError> {
        let mut new = self.new_state()?;
        new.place = files::place(&self.state, &self.output)?;
        let state = match files::read(&self.state)? {
            Some(text) => new.read(&text).map_err(|error| error.within(&self.state))?,
            None => new,
        };
        self.client.get_threats(&self.counting(&state)).await?;
        Ok(())
    }

    fn new_state(&self) -> Result<State, SyncError> {
        if self.output == Path::new("-") {
            let message = "a sync needs a file or a directory, which it can go on with";
            return Err(SyncError::new(SyncErrorKind::Query, message));
        }
        Ok(State::new(self.client.url(), &canonical(&self.query)?, self.since))
    }

    /// The query that tells the console's time, and how many threats there are to be read.
    fn counting(&self, state: &State) -> GetThreatsQuery {
        self.reading(state.written.seen.from(self.look_back()), None).count_only(true)
    }

    /// The query for everything from one time up to another.
    fn reading(
        &self,
        from: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> GetThreatsQuery {
        let mut query = self.query.clone();
        query.sort_by = Some(ThreatSortColumn::UpdatedAt);
        query.sort_order = Some(SortOrder::Asc);
        query.updated_at_gte = from;
        query.updated_at_lt = until;
        query
    }

    fn look_back(&self) -> TimeDelta {
        TimeDelta::from_std(self.overlap).unwrap_or(TimeDelta::MAX)
    }
}

/// A [`Sync`] that holds its files.
#[derive(Debug)]
pub struct OpenSync {
    sync: Sync,
    files: Files,
    /// What the state file holds, and so never more than the files do.
    state: State,
    /// Whether the files hold nothing but what counts.
    is_settled: bool,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Threats that were written.
    pub written: u64,
    /// Threats that were rejected, as they have no id or no time, and are in a file of their own.
    pub rejected: u64,
    /// Threats that came once more, at the watermark or in an overlap.
    pub known: u64,
    /// How often the console no longer took a cursor.
    pub restarts: u32,
    /// How many threats there were to be read when the run began.
    pub total: Option<u64>,
}

impl OpenSync {
    /// Writes everything that was updated between the last run and now, less the settle time.
    /// `progress` is called when a page is on the disk.
    ///
    /// The future may be dropped whenever it waits; what was written until then stays.
    ///
    /// # Errors
    ///
    /// - [`SyncErrorKind::Call`] if the console does not answer, after all retries.
    /// - [`SyncErrorKind::Console`] if it answers with what was not asked for, or not with all of it.
    /// - [`SyncErrorKind::Disk`] if a file cannot be written.
    ///
    /// The next run goes on from the last page that is on the disk.
    pub async fn run(&mut self, progress: impl Fn(&Summary)) -> Result<Summary, SyncError> {
        if !self.is_settled {
            self.settle()?;
        }
        self.is_settled = false;
        let outcome = self.read_all(&progress).await;
        match &outcome {
            Ok(_) => self.is_settled = true,
            // The failure says more than one to tidy up, which the next run does otherwise.
            Err(_) => _ = self.settle(),
        }
        outcome
    }

    /// The text of the last update that is in the output.
    pub fn watermark(&self) -> Option<&str> {
        self.state.written.seen.watermark()
    }

    /// Where the threats are that were rejected.
    pub fn rejected_path(&self) -> &Path {
        self.files.rejected_path()
    }

    /// Reads everything up to a bound, in as many passes as it takes.
    async fn read_all(&mut self, progress: &impl Fn(&Summary)) -> Result<Summary, SyncError> {
        let mut summary = Summary::default();
        let until = self.bound(&mut summary).await?;
        let mut fruitless = 0;
        loop {
            let before = self.state.written.clone();
            match self.pass(until, &mut summary, progress).await {
                Ok(Outcome::Complete) => return Ok(summary),
                Ok(Outcome::Disordered) => {
                    let Summary { total, restarts, .. } = summary;
                    summary = Summary { total, restarts: restarts + 1, ..Summary::default() };
                }
                Err(error) if error.is_about_a_cursor() && fruitless < FRUITLESS => {
                    summary.restarts += 1;
                    fruitless = if before == self.state.written { fruitless + 1 } else { 0 };
                    self.files.take_back(&self.state)?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The end of the run: the console's time, less the settle time.
    async fn bound(&self, summary: &mut Summary) -> Result<DateTime<Utc>, SyncError> {
        let page = self.sync.client.get_threats(&self.sync.counting(&self.state)).await?;
        summary.total = page.total_items();
        let date = page.headers().get(http::header::DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let date = date.ok_or_else(|| {
            let message = "the console's answer has no `Date` header, without which its time is \
                           not known";
            SyncError::new(SyncErrorKind::Console, message)
        })?;
        let settle = TimeDelta::from_std(self.sync.settle).unwrap_or(TimeDelta::MAX);
        let bound = DateTime::<Utc>::from(date).checked_sub_signed(settle);
        Ok(bound.unwrap_or_else(|| SystemTime::UNIX_EPOCH.into()))
    }

    /// Reads from the watermark to the bound.
    async fn pass(
        &mut self,
        until: DateTime<Utc>,
        summary: &mut Summary,
        progress: &impl Fn(&Summary),
    ) -> Result<Outcome, SyncError> {
        let from = self.state.written.seen.from(self.sync.look_back());
        if from.is_some_and(|from| until <= from) {
            return Ok(Outcome::Complete);
        }
        let seen = self.state.written.seen.clone();
        let mut pass =
            Pass { from, until, seen, last: None, in_order: true, count: Count::default() };
        let query = self.sync.reading(from, Some(until));
        let mut pages = self.sync.client.get_threats_pages(&query);
        while let Some(page) = pages.try_next().await? {
            let batch = pass.read(&page)?;
            if !pass.in_order && !self.state.disordered {
                self.begin_anew()?;
                return Ok(Outcome::Disordered);
            }
            if !batch.lines.is_empty() || !batch.rejected.is_empty() {
                self.state = self.files.begin(&self.state, !batch.lines.is_empty())?;
                self.files.append(batch.lines, &batch.rejected)?;
            }
            if !self.state.disordered {
                self.commit(&mut pass, summary, Outcome::Disordered)?;
                progress(summary);
            }
        }
        self.commit(&mut pass, summary, Outcome::Complete)?;
        progress(summary);
        Ok(Outcome::Complete)
    }

    /// Makes what was appended count, moves the watermark to it, and forgets what cannot come once
    /// more. The pass is complete, or may still turn out to be disordered.
    fn commit(
        &mut self,
        pass: &mut Pass,
        summary: &mut Summary,
        outcome: Outcome,
    ) -> Result<(), SyncError> {
        let mut next = self.state.clone();
        next.written.seen = pass.seen.trimmed(self.sync.look_back());
        if outcome == Outcome::Complete {
            (next.start, next.disordered, next.writing) = (None, false, false);
        }
        self.state = self.files.commit(&self.state, next)?;
        pass.seen = self.state.written.seen.clone();
        let Count { written, rejected, known } = std::mem::take(&mut pass.count);
        summary.written += written;
        summary.rejected += rejected;
        summary.known += known;
        Ok(())
    }

    /// Takes back what the pass has written.
    fn begin_anew(&mut self) -> Result<(), SyncError> {
        let next = self.state.begun_anew();
        self.files.keep(&self.state, &next)?;
        self.state = next;
        self.files.take_back(&self.state)
    }

    /// Takes back what does not count, after a run that failed or was dropped.
    fn settle(&mut self) -> Result<(), SyncError> {
        self.files.take_back(&self.state)?;
        let next = self.state.with_writing(false);
        self.files.keep(&self.state, &next)?;
        self.state = next;
        self.is_settled = true;
        Ok(())
    }
}

/// How a pass ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Complete,
    /// A threat came before one that was updated earlier.
    Disordered,
}

/// One walk from the watermark to the bound.
struct Pass {
    from: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
    seen: Seen,
    last: Option<DateTime<Utc>>,
    in_order: bool,
    /// What was read since the last commit.
    count: Count,
}

#[derive(Default)]
struct Count {
    written: u64,
    rejected: u64,
    known: u64,
}

/// What a page has that is not in the files yet.
#[derive(Default)]
struct Batch {
    lines: Vec<u8>,
    rejected: Vec<u8>,
}

impl Pass {
    fn read(&mut self, page: &Page<Threat>) -> Result<Batch, SyncError> {
        if let Some(error) = page.errors().first() {
            let message = format!("the console says that a page is not whole: {error}");
            return Err(SyncError::new(SyncErrorKind::Console, message));
        }
        let mut batch = Batch::default();
        for record in page.records() {
            let raw = record.raw();
            match Peek::at(raw) {
                Ok(Peek { updated, text, key }) => {
                    self.check(updated)?;
                    if self.seen.insert(key, Some((updated, &text))) {
                        push_line(raw, &mut batch.lines);
                        batch.lines.push(b'\n');
                        self.count.written += 1;
                    } else {
                        self.count.known += 1;
                    }
                }
                Err(unfit) => {
                    if self.seen.insert(state::hash(raw), None) {
                        batch.rejected.extend_from_slice(rejection(raw, &unfit).as_bytes());
                        batch.rejected.push(b'\n');
                        self.count.rejected += 1;
                    } else {
                        self.count.known += 1;
                    }
                }
            }
        }
        Ok(batch)
    }

    /// Notes the time of the next threat. One that was not asked for is an error: a console that
    /// does not filter would be read from the start each time.
    fn check(&mut self, time: DateTime<Utc>) -> Result<(), SyncError> {
        if self.from.is_some_and(|from| time < from) || self.until <= time {
            let message = "the console sent a threat that was updated outside of the time that \
                           was asked for";
            return Err(SyncError::new(SyncErrorKind::Console, message));
        }
        self.in_order &= self.last.is_none_or(|last| last <= time);
        self.last = self.last.max(Some(time));
        Ok(())
    }
}

/// The query as it stands in the state, if it leaves alone what the sync sets by itself.
fn canonical(query: &GetThreatsQuery) -> Result<serde_json::Value, SyncError> {
    let query = serde_json::to_value(query).map_err(|error| {
        SyncError::new(SyncErrorKind::Query, "the query cannot be kept").because(error)
    })?;
    const OWN: [&str; 10] = [
        "cursor",
        "skip",
        "skipCount",
        "countOnly",
        "sortBy",
        "sortOrder",
        "updatedAt__gt",
        "updatedAt__gte",
        "updatedAt__lt",
        "updatedAt__lte",
    ];
    let mut query = query;
    if let Some(name) = OWN.iter().find(|name| query.get(**name).is_some()) {
        let message = format!("`{name}` is set by the sync itself; leave it out of the query");
        return Err(SyncError::new(SyncErrorKind::Query, message));
    }
    // The size of a page says nothing of what is in the output.
    if let Some(members) = query.as_object_mut() {
        members.remove("limit");
    }
    Ok(query)
}

impl std::fmt::Debug for Sync {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sync")
            .field("state", &self.state)
            .field("output", &self.output)
            .field("settle", &self.settle)
            .field("overlap", &self.overlap)
            .finish_non_exhaustive()
    }
}
