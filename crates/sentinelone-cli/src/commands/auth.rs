//! `s1 auth`.

use sentinelone::threats::GetThreatsQuery;
use serde_json::json;

use crate::arguments::AnswerFormat;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) async fn check(format: AnswerFormat, context: &Context) -> Result<(), Failure> {
    let console = context.console()?;
    let client = context.client_of(&console)?;
    let page = client.get_threats(&GetThreatsQuery::new().count_only(true)).await?;
    let (url, threats, request_id) = (&console.url, page.total_items(), page.request_id());
    let text = match format {
        AnswerFormat::Text => {
            let threats = threats.map_or("unknown".to_owned(), |it| it.to_string());
            let request_id = request_id.unwrap_or("none");
            format!("console: {url}\nstatus: ok\nrequest id: {request_id}\nthreats: {threats}\n")
        }
        AnswerFormat::Json => {
            let answer = json!({
                "console": url,
                "status": "ok",
                "requestId": request_id,
                "threats": threats,
            });
            format!("{answer}\n")
        }
    };
    let mut output = Output::stdout();
    output.write(text.as_bytes())?;
    output.finish()
}
