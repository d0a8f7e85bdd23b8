use std::collections::HashSet;
use std::fmt;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::task::JoinSet;

use crate::call::Call;
use crate::console::{Console, pagination};
use crate::continuation::{Continuation, Read};
use crate::error::{Error, ErrorKind};
use crate::operation::{Operation, Pagination};
use crate::page::{Page, Record};
use crate::trace::in_current_span;
use crate::transport::{BoxFuture, Phase};

/// All pages of a list.
///
/// The stream ends after the page without a next cursor, or after the first error. Every page is
/// asked for with the same filters. Pages hold 1,000 records, or the most that the operation
/// allows, unless the query sets a limit.
///
/// Nothing is sent before the stream is polled. From then on, the next page is fetched by a task
/// of its own while the caller works on the last one, so that neither waits for the other;
/// [`Pages::prefetch`] turns that off. It is never more than one page ahead, and outside of a
/// tokio runtime it is not ahead at all. Dropping the stream cancels the request that is on its
/// way.
pub struct Pages<T> {
    console: Console,
    call: Call,
    pagination: &'static Pagination,
    prefetch: bool,
    /// Cursors that were sent. One that comes back would make the walk endless.
    sent: HashSet<String>,
    /// The page that the stream gives next.
    next: Next,
    fetch: Option<Fetch<T>>,
    /// How far another stream has read the first page of this one.
    resumed: Option<Read>,
    ended: bool,
}

#[derive(Clone)]
enum Next {
    First,
    At(String),
    None,
    /// The page after `last`, whose cursor for it is one that was sent.
    Repeated {
        last: Option<String>,
        read: Option<Read>,
    },
}

impl<T: 'static> Pages<T> {
    pub(crate) fn new(console: Console, mut call: Call) -> Self {
        let operation = call.arguments.operation();
        let pagination = pagination(operation);
        if !call.arguments.is_set(pagination.limit)
            && let Some(limit) = operation.parameter(pagination.limit)
            && let Some(most) = limit.constraints.maximum
        {
            call.arguments.set(pagination.limit, &most);
        }
        Pages {
            prefetch: console.0.prefetch,
            console,
            call,
            pagination,
            sent: HashSet::new(),
            next: Next::First,
            fetch: None,
            resumed: None,
            ended: false,
        }
    }

    pub(crate) fn resume(
        console: Console,
        operation: &'static Operation,
        continuation: &Continuation,
    ) -> Result<Self, Error> {
        let call = continuation.call(&console, operation)?;
        let mut pages = Pages::new(console, call);
        if let Some(cursor) = &continuation.cursor {
            pages.next = Next::At(cursor.clone());
        }
        pages.resumed = continuation.read;
        Ok(pages)
    }

    /// Whether the next page is fetched while the last one is worked on.
    #[must_use]
    pub fn prefetch(mut self, prefetch: bool) -> Self {
        self.prefetch = prefetch;
        self
    }

    /// Where to go on after the pages that the stream has given, or `None` after the last.
    ///
    /// After an error it is the page that failed. After a cursor that was sent before, it is the
    /// page with that cursor, of which whoever resumes gets no record twice.
    pub fn continuation(&self) -> Option<Continuation> {
        self.continuation_at(&self.next, self.resumed)
    }

    /// The records of the pages, one by one.
    pub fn records(self) -> Records<T> {
        Records {
            at: Next::None,
            page: Vec::new().into_iter(),
            read: 0,
            last: None,
            since_yield: 0,
            pages: self,
        }
    }

    fn continuation_at(&self, at: &Next, read: Option<Read>) -> Option<Continuation> {
        let (cursor, read) = match at {
            Next::First => (None, read),
            Next::At(cursor) => (Some(cursor.clone()), read),
            Next::Repeated { last, read } => (last.clone(), *read),
            Next::None => return None,
        };
        Some(Continuation::new(&self.console, &self.call, cursor, read))
    }

    /// Begins to fetch the next page, if there is one and it is not on its way.
    fn start(&mut self, in_background: bool) -> Result<(), Error> {
        if self.fetch.is_some() {
            return Ok(());
        }
        let mut call = self.call.clone();
        match &self.next {
            Next::First => {}
            Next::At(cursor) => {
                self.sent.insert(cursor.clone());
                if let Some(skip) = self.pagination.skip {
                    call.arguments.unset(skip);
                }
                call.arguments.set(self.pagination.cursor, cursor);
            }
            Next::None => return Ok(()),
            Next::Repeated { .. } => {
                let message = "the console sent the same cursor twice, so that the list would \
                               never end; the records so far are complete up to there";
                let error = Error::new(ErrorKind::RepeatedCursor, message);
                return Err(error.for_operation(call.arguments.operation().id));
            }
        }
        let console = self.console.clone();
        let fetch = async move { console.page(&call).await };
        self.fetch = Some(if in_background {
            let mut task = JoinSet::new();
            task.spawn(in_current_span(fetch));
            Fetch::Spawned(task)
        } else {
            Fetch::Inline(Box::pin(fetch))
        });
        Ok(())
    }

    /// What comes after a page.
    fn after(&self, page: &Page<T>) -> Next {
        match page.next_cursor() {
            None => Next::None,
            Some(cursor) if self.sent.contains(cursor) => Next::Repeated {
                last: match &self.next {
                    Next::At(cursor) => Some(cursor.clone()),
                    _ => None,
                },
                read: page.records().last().map(|it| Read::new(page.records().len(), it.raw())),
            },
            Some(cursor) => Next::At(cursor.to_owned()),
        }
    }

    /// How many records of a page another stream has given, if the last of them is at its place.
    fn read_before(&mut self, page: &Page<T>) -> usize {
        let Some(read) = self.resumed.take() else { return 0 };
        let last = read.records.checked_sub(1).and_then(|last| page.records().get(last));
        let unchanged = last.is_some_and(|last| Read::new(read.records, last.raw()) == read);
        if unchanged { read.records } else { 0 }
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Page<T>, Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if let Err(error) = self.start(false) {
            self.ended = true;
            return Poll::Ready(Some(Err(error)));
        }
        let Some(fetch) = &mut self.fetch else {
            self.ended = true;
            return Poll::Ready(None);
        };
        let outcome = ready!(fetch.poll(context));
        self.fetch = None;
        match &outcome {
            Ok(page) => {
                self.next = self.after(page);
                if self.prefetch && tokio::runtime::Handle::try_current().is_ok() {
                    // A cursor that comes back is reported when its page is asked for.
                    let _ = self.start(true);
                }
            }
            Err(_) => self.ended = true,
        }
        Poll::Ready(Some(outcome))
    }
}

impl<T: 'static> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut outcome = ready!(self.poll_page(context));
        if let Some(Ok(page)) = &mut outcome {
            let read = self.read_before(page);
            page.forget(read);
        }
        Poll::Ready(outcome)
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("call", &self.call).finish_non_exhaustive()
    }
}

/// A page that is on its way.
enum Fetch<T> {
    Inline(BoxFuture<'static, Result<Page<T>, Error>>),
    /// A set of one, which aborts its task when it is dropped.
    Spawned(JoinSet<Result<Page<T>, Error>>),
}

impl<T: 'static> Fetch<T> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Page<T>, Error>> {
        let task = match self {
            Fetch::Inline(future) => return future.as_mut().poll(context),
            Fetch::Spawned(task) => task,
        };
        Poll::Ready(match ready!(task.poll_join_next(context)) {
            Some(Ok(outcome)) => outcome,
            Some(Err(error)) if error.is_panic() => resume_unwind(error.into_panic()),
            Some(Err(_)) | None => {
                let message = "the tokio runtime was shut down while a page was on its way";
                Err(Error::new(ErrorKind::Transport, message).with_phase(Phase::Head))
            }
        })
    }
}

/// All records of a list, page after page; see [`Pages`].
///
/// Memory holds two pages at a time, one that is read and one that is fetched, however long the
/// list is.
pub struct Records<T> {
    pages: Pages<T>,
    /// The page that is read.
    at: Next,
    page: std::vec::IntoIter<Record<T>>,
    read: usize,
    last: Option<Record<T>>,
    since_yield: u32,
}

/// After how many records other tasks get a turn, so that a page which is on its way makes way on
/// a runtime of one thread too.
const YIELD_AFTER: u32 = 64;

impl<T: 'static> Records<T> {
    /// Whether the next page is fetched while the last one is read.
    #[must_use]
    pub fn prefetch(mut self, prefetch: bool) -> Self {
        self.pages.prefetch = prefetch;
        self
    }

    /// Where to go on after the records that the stream has given, or `None` after the last.
    ///
    /// After an error it is the page that failed. In the middle of a page, the continuation knows
    /// how much of it was read. Whoever resumes gets the rest of the page, unless the console
    /// sends a page in which the last record that was read is not at its place or has changed: then
    /// the page is given again from its start, for a record twice is better than one lost.
    pub fn continuation(&self) -> Option<Continuation> {
        if self.page.len() == 0 {
            return self.pages.continuation();
        }
        let read = self.last.as_ref().map(|last| Read::new(self.read, last.raw()));
        self.pages.continuation_at(&self.at, read)
    }

    /// Begins to read a page.
    fn open(&mut self, at: Next, page: Page<T>) {
        self.read = self.pages.read_before(&page);
        self.at = at;
        self.page = page.into_records().into_iter();
        self.last = self.read.checked_sub(1).and_then(|last| self.page.nth(last));
    }
}

impl<T: 'static> Stream for Records<T> {
    type Item = Result<Record<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if self.since_yield == YIELD_AFTER && self.pages.fetch.is_some() {
                self.since_yield = 0;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            if let Some(record) = self.page.next() {
                self.read += 1;
                self.since_yield = (self.since_yield + 1).min(YIELD_AFTER);
                self.last = Some(record.clone());
                return Poll::Ready(Some(Ok(record)));
            }
            self.last = None;
            let at = self.pages.next.clone();
            match ready!(self.pages.poll_page(context)) {
                Some(Ok(page)) => self.open(at, page),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Records<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records")
            .field("pages", &self.pages)
            .field("left_on_page", &self.page.len())
            .finish_non_exhaustive()
    }
}
