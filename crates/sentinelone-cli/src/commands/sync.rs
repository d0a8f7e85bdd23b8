//! `s1 threats sync`.

use sentinelone::Error;

use crate::arguments::SyncArguments;
use crate::context::Context;
use crate::failure::{Failure, Kind, note};
use crate::progress::Progress;
use crate::sync::{OpenSync, Summary, Sync, SyncError, SyncErrorKind};

pub(crate) async fn run(arguments: &SyncArguments, context: &Context) -> Result<(), Failure> {
    let since = arguments.since.map(|since| since.from(context.now()));
    let sync =
        Sync::new(context.client()?, arguments.query.clone(), &arguments.state, &arguments.output);
    let sync = sync.settle(arguments.settle).overlap(arguments.overlap).since(since);
    if context.global.dry_run {
        return Ok(sync.send_first().await?);
    }
    let mut sync = sync.open()?;
    let mut rejected = 0;
    loop {
        match pass(&mut sync, context).await {
            Ok(summary) => rejected += summary.rejected,
            // Whoever follows would rather have the threats later than not at all.
            Err(error) if arguments.follow && is_passing(&error) => {
                Failure::from(error).report(context.global.error_format);
            }
            Err(error) => return Err(error.into()),
        }
        if !arguments.follow {
            break;
        }
        tokio::time::sleep(arguments.interval).await;
    }
    if rejected == 0 {
        return Ok(());
    }
    let place = sync.rejected_path().display();
    let message = format!("{rejected} threats were rejected; {place} has them with the reasons");
    Err(Failure::new(message).kind(Kind::Partial))
}

async fn pass(sync: &mut OpenSync, context: &Context) -> Result<Summary, SyncError> {
    let progress = Progress::new(context);
    let pages = std::cell::Cell::new(0);
    let outcome = sync
        .run(|summary| {
            pages.set(pages.get() + 1);
            progress.total(summary.total);
            progress.show(pages.get(), summary.written + summary.known + summary.rejected);
        })
        .await;
    progress.finish();
    let summary = outcome?;
    if !context.global.quiet {
        let until = sync.watermark().map_or_else(String::new, |text| format!(", up to {text}"));
        note(&format!("{} threats written{until}", summary.written));
    }
    Ok(summary)
}

/// Whether the same may go well in a while.
fn is_passing(error: &SyncError) -> bool {
    error.call().is_some_and(Error::is_retryable)
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        let kind = match error.kind() {
            SyncErrorKind::Query | SyncErrorKind::State | SyncErrorKind::Output => Kind::Usage,
            _ => Kind::Failed,
        };
        match error.into_call() {
            Ok(call) => call.into(),
            Err(error) => Failure::caused(error).kind(kind),
        }
    }
}
