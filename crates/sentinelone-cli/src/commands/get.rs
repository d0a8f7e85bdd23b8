//! `s1 threats get`.

use sentinelone::threats::GetThreatsQuery;

use crate::arguments::GetArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Output;
use crate::writer::Writer;

/// How many ids are asked for at once: more would make the URL too long for the gateway.
const AT_ONCE: usize = 200;

pub(crate) async fn run(arguments: &GetArguments, context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    let mut writer = Writer::new(&arguments.shape, context, Output::stdout())?;
    let mut found = 0;
    for ids in arguments.ids.chunks(AT_ONCE) {
        let query = GetThreatsQuery::new().ids(ids).limit(1_000);
        let page = client.get_threats(&query).await?;
        found += page.records().len();
        writer.page(&page)?;
    }
    writer.finish()?;
    let mut ids = arguments.ids.clone();
    ids.sort_unstable();
    ids.dedup();
    if found < ids.len() {
        let message = format!("{} of {} threats were not found", ids.len() - found, ids.len());
        return Err(Failure::new(message).hint("does the token see the sites that they are in?"));
    }
    Ok(())
}
