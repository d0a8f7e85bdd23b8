//! `s1 threats count`.

use crate::arguments::Filters;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Output;
use crate::writer::not_whole;

pub(crate) async fn run(filters: &Filters, context: &Context) -> Result<(), Failure> {
    filters.refuse_paging("s1 threats count")?;
    let query = filters.query(context.now()).count_only(true);
    let page = context.client()?.get_threats(&query).await?;
    if let Some(error) = page.errors().first() {
        return Err(not_whole(&error.to_string()));
    }
    let total = page.total_items().ok_or_else(|| Failure::new("the console did not count"))?;
    let mut output = Output::stdout();
    output.write(format!("{total}\n").as_bytes())?;
    output.finish()
}
