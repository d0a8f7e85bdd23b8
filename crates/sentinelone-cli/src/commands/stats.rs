//! `s1 threats stats`.

mod bars;
mod counts;

use futures_util::TryStreamExt;

use self::counts::Counts;
use crate::arguments::{StatsArguments, StatsFormat};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::output::Output;
use crate::terminal::Terminal;
use crate::writer::not_whole;

pub(crate) async fn run(arguments: &StatsArguments, context: &Context) -> Result<(), Failure> {
    arguments.filters.refuse_paging("s1 threats stats")?;
    let query = arguments.filters.query(context.now());
    let client = context.client()?;
    let mut counts = Counts::default();
    let mut pages = client.get_threats_pages(&query);
    let mut reported = None;
    while let Some(page) = pages.try_next().await? {
        reported = reported.or(page.errors().first().map(ToString::to_string));
        page.records().iter().for_each(|record| counts.add(record.raw()));
    }
    let mut output = Output::stdout();
    let text = match arguments.format {
        StatsFormat::Table => bars::render(&counts, Terminal::of(&output)),
        StatsFormat::Json => format!("{}\n", counts.json()),
    };
    output.write(text.as_bytes())?;
    output.finish()?;
    match counts.unreadable {
        0 => reported.map_or(Ok(()), |error| Err(not_whole(&error))),
        unreadable => {
            let message = format!(
                "{unreadable} of {} records are no JSON objects, and in no count but the total",
                counts.total
            );
            Err(Failure::new(message).kind(Kind::Partial))
        }
    }
}
