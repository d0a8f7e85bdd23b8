//! `s1 api`.

use std::io::Read;
use std::path::Path;

use futures_util::TryStreamExt;
use sentinelone::{Call, Client};
use serde_json::value::RawValue;

use crate::arguments::OperationCall;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::output::Output;

pub(crate) async fn run(call: &OperationCall, context: &Context) -> Result<(), Failure> {
    let request = request(call)?;
    let client = context.client()?;
    if call.all {
        return all_pages(request, &client).await;
    }
    let response = client.call(&request).await?;
    let mut output = Output::stdout();
    output.write(response.body())?;
    if context.is_interactive() && !response.body().ends_with(b"\n") {
        output.write(b"\n")?;
    }
    output.finish()
}

async fn all_pages(request: Call, client: &Client) -> Result<(), Failure> {
    let mut output = Output::stdout();
    let (mut lines, mut errors) = (Vec::new(), Vec::new());
    let mut pages = client.call_pages::<serde_json::Value>(request)?;
    while let Some(page) = pages.try_next().await? {
        for record in page.records() {
            // Within a text a line's end is escaped, so one that is not has no meaning.
            lines.extend(record.raw().bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')));
            lines.push(b'\n');
        }
        output.write(&lines)?;
        lines.clear();
        errors.extend(page.errors().iter().map(ToString::to_string));
    }
    output.finish()?;
    if errors.is_empty() {
        return Ok(());
    }
    let message = format!("the console reports beside the records: {}", errors.join("; "));
    Err(Failure::new(message).kind(Kind::Partial))
}

fn request(call: &OperationCall) -> Result<Call, Failure> {
    let mut request = Call::new(call.operation);
    for (name, text) in &call.arguments {
        request = request.argument(name, text)?;
    }
    match &call.body {
        Some(path) => Ok(request.json(&body(path)?)),
        None => Ok(request),
    }
}

/// The text of a file if it is JSON, which goes out byte for byte.
fn body(path: &Path) -> Result<Box<RawValue>, Failure> {
    let mut text = String::new();
    let (read, name) = if path == Path::new("-") {
        (std::io::stdin().read_to_string(&mut text).map(|_| ()), "standard input".to_owned())
    } else {
        let read = std::fs::read_to_string(path).map(|read| text = read);
        (read, path.display().to_string())
    };
    let failed = |what: &str| Failure::usage(format!("the body in {name} {what}"));
    read.map_err(|error| failed("cannot be read").because(error))?;
    serde_json::from_str(&text).map_err(|error| failed("is not JSON").because(error))
}

#[cfg(test)]
mod tests {
    use sentinelone::operation::{Method, Operation, Parameter, ValueType};
    use sentinelone::{ReplayTransport, Reply};

    use super::*;
    use crate::arguments::operation::subcommand;

    /// The spec has no such operation yet.
    static ADD_NOTE: Operation =
        Operation::new("addNote", "notes", Method::POST, "/notes/{noteId}").parameters(&[
            Parameter::query("limit", ValueType::Integer).minimum(0),
            Parameter::path("noteId", ValueType::String),
            Parameter::query("tags", ValueType::String).list().known_values(&["a", "b"]),
            Parameter::query("url", ValueType::String),
        ]);

    #[tokio::test]
    async fn an_operation_with_a_path_parameter_and_a_body() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("body.json");
        std::fs::write(&file, "{ \"text\": 1.0,\n\"b\": [] }\n").expect("a file");
        let file = file.to_str().expect("a path");

        let command = subcommand(&ADD_NOTE);
        command.clone().debug_assert();
        let line = "add-note --note-id a/b --tags a --tags other,b --limit=-0 --parameter-url u";
        let words = line.split(' ').chain(["--body", file]);
        let matches = command.clone().try_get_matches_from(words).expect("a command line");
        let call = OperationCall::read(&ADD_NOTE, &matches);

        let replay = ReplayTransport::new([Reply::json("{}")]);
        let builder = Client::builder().url("console.test").token("t").transport(replay.clone());
        let client = builder.build().expect("a client");
        client.call(&request(&call).expect("a request")).await.expect("an answer");
        let requests = replay.requests();
        assert_eq!(requests[0].method(), "POST");
        assert_eq!(
            requests[0].uri(),
            "https://console.test/notes/a%2Fb?limit=0&tags=a,other,b&url=u"
        );
        assert_eq!(requests[0].body(), "{ \"text\": 1.0,\n\"b\": [] }");

        let without = command.try_get_matches_from(["add-note"]).expect_err("no path parameter");
        assert!(without.to_string().contains("--note-id <TEXT>"), "{without}");
    }

    #[test]
    fn a_body_that_is_not_json() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("body.json");
        std::fs::write(&file, "{\"a\": }").expect("a file");
        assert!(body(&file).is_err());
        assert!(body(directory.path()).is_err());
    }
}
