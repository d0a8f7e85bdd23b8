//! `s1 threats export`.

use futures_util::TryStreamExt;

use crate::arguments::ExportArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Output;
use crate::writer::Writer;

pub(crate) async fn run(arguments: &ExportArguments, context: &Context) -> Result<(), Failure> {
    arguments.filters.refuse_paging("s1 threats export")?;
    let query = arguments.filters.query(context.now());
    let client = context.client()?;
    let output = Output::open(&arguments.output, arguments.force)?;
    let mut writer = Writer::new(&arguments.shape, context, output)?;
    let mut pages = client.get_threats_pages(&query);
    while let Some(page) = pages.try_next().await? {
        writer.page(page.records())?;
    }
    writer.finish()
}
