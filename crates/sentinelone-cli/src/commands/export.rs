//! `s1 threats export`.

use crate::arguments::ExportArguments;
use crate::context::Context;
use crate::failure::{Failure, Kind, note};
use crate::output::Output;
use crate::progress::Progress;
use crate::walk::walk;
use crate::writer::Writer;

pub(crate) async fn run(arguments: &ExportArguments, context: &Context) -> Result<(), Failure> {
    arguments.filters.refuse_paging("s1 threats export")?;
    let query = arguments.filters.query(context.now());
    let client = context.client()?;
    let output = match context.global.dry_run {
        true => Output::stdout(),
        false => Output::open(&arguments.output, arguments.force)?,
    };
    let mut writer = Writer::new(&arguments.shape, context, output)?;
    let progress = Progress::new(context);
    let (mut pages, mut threats) = (0, 0);
    let outcome = walk(&client, query, arguments.concurrency, |page, total| {
        pages += 1;
        threats += page.records().len() as u64;
        progress.total(total);
        progress.show(pages, threats);
        writer.page(page)
    });
    let outcome = outcome.await;
    progress.finish();
    let missed = outcome?;
    writer.finish()?;
    if missed > 0 {
        let message = format!(
            "{missed} threats may be missing: they are in no window, as those without a time of \
             creation are not"
        );
        let failure = Failure::new(message).kind(Kind::Partial);
        return Err(failure.hint("leave out --concurrency to read them all"));
    }
    if !context.global.quiet {
        note(&format!("{threats} threats written"));
    }
    Ok(())
}
