//! Bodies of requests: what they must say before they are sent, and whether they are sent again.

use sentinelone_tests::{Answer, Server, answer, json};
use serde_json::value::RawValue;
use widgets::actions::{Action, ActionBody, ActionData, CountBody, MakerFilter, WidgetFilter};
use widgets::operation::Operation;
use widgets::widgets::Color;
use widgets::{Call, ErrorKind, OPERATIONS};

use crate::widgets::client;

const UNSET: &str = "nothing is set in it, so that everything in its scope would be meant; set a \
                     filter, or ask for that by `for_everything`";

#[tokio::test]
async fn a_body_whose_filter_says_what_it_is_for() {
    let server = Server::start([json(r#"{"data":{"affected":2}}"#)]);
    let filter = WidgetFilter::new().ids(["1", "22"]).works(false);
    let body = ActionBody::new(filter, ActionData::new("dull").layers(2));
    let answer =
        client(&server).act_on_widgets(&Action::TakeApart, &body).await.expect("an answer");
    let affected = answer.into_body().data.and_then(|data| data.affected);
    assert_eq!(affected, Some(2));
    let request = server.requests().remove(0);
    let line = "POST /web/api/v2.1/widgets/actions/take%20apart HTTP/1.1\r\n";
    assert!(request.starts_with(line), "{request}");
    let sent = r#"{"filter":{"ids":["1","22"],"works":false},"data":{"reason":"dull","layers":2}}"#;
    assert!(request.ends_with(&format!("\r\n\r\n{sent}")), "{request}");
}

#[tokio::test]
async fn everything_is_meant_only_if_that_is_said() {
    let server = Server::start([json("{}")]);
    let client = client(&server);
    let empty = "an empty list would not filter; leave it unset for that";
    for (filter, expect) in [
        (WidgetFilter::new(), format!("`filter`: {UNSET}")),
        (WidgetFilter::new().query(" "), format!("`filter`: {UNSET}")),
        (WidgetFilter::new().maker(MakerFilter::new()), format!("`filter`: {UNSET}")),
        (WidgetFilter::new().ids([""; 0]), format!("`filter.ids`: {empty}; `filter`: {UNSET}")),
        (
            WidgetFilter::new().works(true).maker(MakerFilter::new().names([""; 0])),
            format!("`filter.maker.names`: {empty}"),
        ),
    ] {
        let body = ActionBody::new(filter, ActionData::new("dull"));
        let error = client.act_on_widgets(&Action::Paint, &body).await.expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.to_string(), format!("actOnWidgets: {expect}"));
    }
    let everything = ActionBody::for_everything(ActionData::new("dull"));
    let read: ActionBody = serde_json::from_str(&serde_json::to_string(&everything).expect("JSON"))
        .expect("the same body");
    let error = client.act_on_widgets(&Action::Paint, &read).await;
    assert!(error.is_err(), "what is read from a file says nothing of its own accord");
    let mut body = everything.clone();
    body.filter = body.filter.colors([Color::Red; 0]);
    let error = client.act_on_widgets(&Action::Paint, &body).await.expect_err("an empty list");
    assert_eq!(error.to_string(), format!("actOnWidgets: `filter.colors`: {empty}"));
    assert_eq!(server.connections(), 0);

    client.act_on_widgets(&Action::Paint, &everything).await.expect("an answer");
    let request = server.requests().remove(0);
    assert!(request.ends_with(r#"{"filter":{},"data":{"reason":"dull"}}"#), "{request}");
}

#[tokio::test]
async fn a_body_is_held_against_the_spec() {
    let server = Server::start([json("{}")]);
    let client = client(&server);
    let operation = operation("actOnWidgets");
    let check = async |body: &str, expect: &[&str]| {
        let body: Box<RawValue> = serde_json::from_str(body).expect("JSON");
        let call = Call::new(operation).argument("action", "paint").expect("an action").json(&body);
        let error = client.call(&call).await.expect_err("a refusal");
        let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems, expect, "{body}");
    };
    let some = r#""filter":{"works":true}"#;
    check("[]", &["`body`: it is not an object", &format!("`filter`: {UNSET}")]).await;
    check("null", &["`body`: it is not an object"]).await;
    check(
        "{}",
        &["`filter`: it is required", "`data`: it is required", &format!("`filter`: {UNSET}")],
    )
    .await;
    check(&format!(r#"{{{some},"data":{{}}}}"#), &["`data.reason`: it is required"]).await;
    check(
        r#"{"filter":{"ids":["1","x","2","3"]},"data":{"reason":"no","layers":5,"thickness":2.5,
            "colors":[],"labels":{"a":"B"},"steps":[{"name":"a"},{"name":""},{}],"startAt":"now"}}"#,
        &[
            "`filter.ids`: 4 items are more than 3; send them in several requests",
            "`filter.ids[1]`: it does not match `^[0-9]+$`",
            "`data.reason`: its length is 2, at least 3 is needed",
            "`data.layers`: 5 is greater than 4",
            "`data.thickness`: 2.5 is greater than 2",
            "`data.colors`: 0 items are fewer than 1",
            "`data.labels.*`: it does not match `^[a-z]*$`",
            "`data.steps[1].name`: its length is 0, at least 1 is needed",
            "`data.steps[2].name`: it is required",
            "`data.startAt`: it is not a date-time such as 2026-11-01T00:00:00Z",
        ],
    )
    .await;
    check(
        r#"{"filter":{"ids":"1","works":"yes","maker":[]},"data":{"reason":7,"layers":1.5,
            "thickness":"x","labels":1,"steps":[7]}}"#,
        &[
            "`filter.ids`: it is not an array",
            "`filter.works`: it is not `true` or `false`",
            "`filter.maker`: it is not an object",
            "`data.reason`: it is not a text",
            "`data.layers`: it is not a whole number",
            "`data.thickness`: it is not a number",
            "`data.labels`: it is not an object",
            "`data.steps[0]`: it is not an object",
            "`filter.maker`: an empty list would not filter; leave it unset for that",
        ],
    )
    .await;
    let none = Call::new(operation).argument("action", "paint").expect("an action");
    let error = client.call(&none).await.expect_err("no body");
    assert_eq!(error.to_string(), "actOnWidgets: `body`: it is required");
    assert_eq!(server.connections(), 0);

    // What the spec does not name, and nulls, are the console's business. Nothing is rewritten.
    let body = r#"{ "filter": {"new": [1]}, "data": {"reason": "abc", "layers": null, "x": 1.0}}"#;
    let raw: Box<RawValue> = serde_json::from_str(body).expect("JSON");
    client.call(&none.json(&raw)).await.expect("an answer");
    assert!(server.requests()[0].ends_with(body), "{}", server.requests()[0]);
    let raw: Box<RawValue> =
        serde_json::from_str(r#"{"filter":{},"data":{"reason":"abc"}}"#).expect("JSON");
    let call = Call::new(operation).argument("action", "paint").expect("an action").json(&raw);
    client.call(&call.for_everything()).await.expect("an answer");
}

fn operation(id: &str) -> &'static Operation {
    OPERATIONS.iter().find(|it| it.id == id).expect("the operation")
}

#[tokio::test]
async fn a_post_is_sent_again_only_if_the_spec_says_so() {
    let down = || answer("503 Service Unavailable", &[], "");
    let server = Server::start([down(), json("{}")]);
    let body = ActionBody::new(WidgetFilter::new().works(true), ActionData::new("dull"));
    let error =
        client(&server).act_on_widgets(&Action::Paint, &body).await.expect_err("one attempt");
    assert_eq!((error.attempts(), server.requests().len()), (1, 1));

    let server = Server::start([
        Answer::from(down()),
        Answer::none(),
        json(r#"{"data":[{"color":"red","count":3},{"color":"new"}]}"#).into(),
    ]);
    let body = CountBody::new().filter(WidgetFilter::new().works(true));
    let answer = client(&server).count_widgets(&body).await.expect("an answer");
    assert_eq!(answer.attempts(), 3);
    let counts = answer.into_body().data.expect("counts");
    assert_eq!((counts.len(), counts[0].count), (2, Some(3)));
    let requests = server.requests();
    assert!(requests[0].ends_with("\r\n\r\n{\"filter\":{\"works\":true}}"), "{}", requests[0]);
    assert_eq!(requests, [requests[0].as_str(); 3]);
}
