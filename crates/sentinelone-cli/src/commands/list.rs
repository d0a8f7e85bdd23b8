//! `s1 threats list`.

use futures_util::TryStreamExt;
use sentinelone::Page;
use sentinelone::threats::Threat;

use crate::arguments::ListArguments;
use crate::context::Context;
use crate::failure::{Failure, note};
use crate::format::visible::visible;
use crate::output::Output;
use crate::writer::Writer;

/// How many threats are shown unless `--limit` says otherwise.
const SHOWN: i32 = 50;

pub(crate) async fn run(arguments: &ListArguments, context: &Context) -> Result<(), Failure> {
    let mut query = arguments.filters.query(context.now());
    if !arguments.all {
        query.limit = query.limit.or(Some(SHOWN));
    }
    let client = context.client()?;
    let mut writer = Writer::new(&arguments.shape, context, Output::stdout())?;
    if arguments.all {
        arguments.filters.refuse_paging("s1 threats list --all")?;
        let mut pages = client.get_threats_pages(&query);
        while let Some(page) = pages.try_next().await? {
            writer.page(&page)?;
        }
        return writer.finish();
    }
    let page = client.get_threats(&query).await?;
    writer.page(&page)?;
    writer.finish()?;
    if !context.global.quiet && context.is_interactive() {
        tell_of_more(&page);
    }
    Ok(())
}

fn tell_of_more(page: &Page<Threat>) {
    let shown = page.records().len();
    if let (Some(cursor), Some(total)) = (page.next_cursor(), page.total_items()) {
        let cursor = visible(cursor, usize::MAX).replace('\'', "'\\''");
        note(&format!("{shown} of {total} threats; --all shows all, --cursor '{cursor}' the next"));
    }
}
