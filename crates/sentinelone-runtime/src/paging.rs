use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::stream;

use crate::call::Call;
use crate::console::Console;
use crate::error::{Error, ErrorKind};
use crate::operation::Pagination;
use crate::page::{Page, Record};

/// All pages of a list, each fetched when it is asked for.
///
/// The stream ends after the page without a next cursor, or after the first error. Every page is
/// asked for with the same filters. Pages hold 1,000 records, or the most that the operation
/// allows, unless the query sets a limit.
pub struct Pages<T>(Pin<Box<dyn Stream<Item = Result<Page<T>, Error>> + Send>>);

impl<T: 'static> Pages<T> {
    pub(crate) fn new(console: Console, call: Call) -> Self {
        Pages(Box::pin(stream::try_unfold(Some(Walk::new(console, call)), |walk| async move {
            match walk {
                Some(walk) => walk.next().await.map(Some),
                None => Ok(None),
            }
        })))
    }

    /// The records of the pages, one by one.
    pub fn records(self) -> Records<T> {
        Records { pages: self, page: Vec::new().into_iter() }
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pages")
    }
}

/// All records of a list, page after page; see [`Pages`].
///
/// Memory holds one page at a time, however long the list is.
pub struct Records<T> {
    pages: Pages<T>,
    page: std::vec::IntoIter<Record<T>>,
}

impl<T> Stream for Records<T> {
    type Item = Result<Record<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(record) = self.page.next() {
                return Poll::Ready(Some(Ok(record)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => self.page = page.into_records().into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> fmt::Debug for Records<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("left_on_page", &self.page.len()).finish_non_exhaustive()
    }
}

/// A walk over the pages of a list, about to fetch the next one.
struct Walk {
    console: Console,
    call: Call,
    pagination: &'static Pagination,
    /// Cursors that were sent. One that comes back would make the walk endless.
    sent: HashSet<String>,
    next: Option<String>,
}

impl Walk {
    fn new(console: Console, mut call: Call) -> Self {
        let operation = call.arguments.operation();
        let Some(pagination) = &operation.pagination else {
            unreachable!("codegen wrote a stream for {}, which has no pages", operation.id)
        };
        if !call.arguments.is_set(pagination.limit)
            && let Some(most) = operation.parameter(pagination.limit).and_then(|it| it.maximum)
        {
            call.arguments.set(pagination.limit, &most);
        }
        Walk { console, call, pagination, sent: HashSet::new(), next: None }
    }

    async fn next<T>(mut self) -> Result<(Page<T>, Option<Walk>), Error> {
        if let Some(cursor) = self.next.take() {
            if !self.sent.insert(cursor.clone()) {
                let operation = self.call.arguments.operation().id;
                let message = "the console sent the same cursor twice, so that the list would \
                               never end; the records so far are complete up to there";
                return Err(Error::new(ErrorKind::RepeatedCursor, message).for_operation(operation));
            }
            if let Some(skip) = self.pagination.skip {
                self.call.arguments.unset(skip);
            }
            self.call.arguments.set(self.pagination.cursor, &cursor);
        }
        let page: Page<T> = self.console.page(&self.call).await?;
        let walk = page.next_cursor().map(|cursor| Walk { next: Some(cursor.to_owned()), ..self });
        Ok((page, walk))
    }
}
