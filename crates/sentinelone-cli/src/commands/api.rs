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
    if call.operation.download.is_some() {
        return download(&request, &client, Output::stdout()).await;
    }
    let response = client.call(&request).await?;
    let mut output = Output::stdout();
    output.write(response.body())?;
    if context.is_interactive() && !response.body().ends_with(b"\n") {
        output.write(b"\n")?;
    }
    output.finish()
}

/// Prints bytes as they come, whatever they are and however many.
async fn download(request: &Call, client: &Client, mut output: Output) -> Result<(), Failure> {
    let mut download = client.call_download(request).await?;
    while let Some(chunk) = download.chunk().await? {
        output.write(&chunk)?;
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
    if let Some(path) = &call.body {
        request = request.json(&body(path)?);
    }
    Ok(request.for_everything_if(call.for_everything))
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
    use sentinelone::operation::{
        Body, Constraints, Field, FieldType, Method, Operation, Parameter, Schema, ValueType,
    };
    use sentinelone::{ReplayTransport, Reply};

    use super::*;
    use crate::arguments::operation::subcommand;

    /// The spec has no such operation yet.
    static ADD_NOTE: Operation =
        Operation::new("addNote", "notes", Method::POST, "/notes/{noteId}")
            .parameters(&[
                Parameter::query("limit", ValueType::Integer)
                    .constrained(Constraints::new().minimum(0)),
                Parameter::path("noteId", ValueType::String),
                Parameter::query("tags", ValueType::String).list().known_values(&["a", "b"]),
                Parameter::query("url", ValueType::String),
            ])
            .body(Body::new(FieldType::Any));

    static WITH_FILTER: Schema =
        Schema::new("WithFilter", &[Field::new("filter", FieldType::Object(&FILTER)).required()]);

    static FILTER: Schema =
        Schema::new("Filter", &[Field::new("ids", FieldType::List(&FieldType::String))]);

    static DELETE_NOTES: Operation =
        Operation::new("deleteNotes", "notes", Method::POST, "/notes/delete")
            .body(Body::new(FieldType::Object(&WITH_FILTER)).required().requires_filter("filter"));

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

    #[tokio::test]
    async fn everything_is_meant_only_if_that_is_said() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("body.json");
        std::fs::write(&file, "{\"filter\": {}}").expect("a file");
        let file = file.to_str().expect("a path");
        let command = subcommand(&DELETE_NOTES);
        command.clone().debug_assert();
        let replay = ReplayTransport::new([Reply::json("{}")]);
        let builder = Client::builder().url("console.test").token("t").transport(replay.clone());
        let client = builder.build().expect("a client");
        let call = async |words: &[&str]| {
            let matches = command.clone().try_get_matches_from(words).expect("a command line");
            let call = OperationCall::read(&DELETE_NOTES, &matches);
            client.call(&request(&call).expect("a request")).await
        };

        let error = call(&["delete-notes", "--body", file]).await.expect_err("a refusal");
        assert!(error.to_string().contains("`for_everything`"), "{error}");
        assert_eq!(replay.requests().len(), 0);
        call(&["delete-notes", "--body", file, "--for-everything"]).await.expect("an answer");
        assert_eq!(replay.requests()[0].body(), "{\"filter\": {}}");

        let without = command.clone().try_get_matches_from(["delete-notes"]).expect_err("no body");
        assert!(without.to_string().contains("--body <FILE>"), "{without}");
    }

    #[tokio::test]
    async fn an_answer_that_is_not_json() {
        static EXPORT: Operation =
            Operation::new("exportNotes", "notes", Method::GET, "/notes/export")
                .download("text/csv");
        let directory = tempfile::tempdir().expect("a directory");
        let bytes = b"a\r\n\0\xff";
        let replies = [Reply::text(200, &bytes[..]), Reply::text(200, &bytes[..]).broken()];
        let replay = ReplayTransport::new(replies);
        let builder = Client::builder().url("console.test").token("t").transport(replay.clone());
        let client = builder.build().expect("a client");
        for (name, expect) in [("whole", true), ("broken", false)] {
            let path = directory.path().join(name);
            let output = Output::open(&path, false).expect("a file");
            let outcome = download(&Call::new(&EXPORT), &client, output).await;
            assert_eq!((outcome.is_ok(), path.exists()), (expect, expect), "{outcome:?}");
        }
        assert_eq!(std::fs::read(directory.path().join("whole")).expect("a file"), bytes);
        assert_eq!(replay.requests()[0].headers()["accept"], "*/*");
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
