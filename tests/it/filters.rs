//! Every filter of every list, as the simulator executes it, against a second hand's reading of
//! `x-filter`. A filter that is ignored, or has no semantics, fails here.

use sentinelone::operation::{FilterOp, Location, Operation, Pagination, Parameter, ValueType};
use sentinelone::reqwest;
use sentinelone_sim::Simulator;
use sentinelone_tests::reading::{is_hidden, selects, values};
use sentinelone_tests::sample;
use serde_json::Value;
use tokio_rustls::rustls::crypto::ring;

const ITEMS: u32 = 100;

#[tokio::test]
async fn every_filter_selects_what_the_spec_says() {
    let checked = check(sentinelone::OPERATIONS).await;
    assert!(90 < checked, "{checked}");
}

#[tokio::test]
async fn every_filter_of_another_api_does() {
    let checked = check(widgets::OPERATIONS).await;
    assert_eq!(checked, 11);
}

/// Checks all filters of all lists, and counts them.
async fn check(operations: &'static [&'static Operation]) -> usize {
    let console = Simulator::builder().operations(operations).threats(ITEMS).seed(11);
    let console = console.start().await.expect("a console");
    // A client cannot be made without, though nothing here is encrypted.
    let _ = ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let (mut checked, mut unproven) = (0, Vec::new());
    for operation in operations {
        let Some(pagination) = &operation.pagination else { continue };
        let in_query = |it: &&Parameter| it.location == Location::Query && it.filter.is_some();
        let mut lists = lists(&console, operation, pagination, &http);
        for list in &mut lists {
            list.all = list.ask(None).await;
        }
        for parameter in operation.parameters.iter().filter(in_query) {
            let mut is_proven = false;
            for list in &lists {
                is_proven |= match is_hidden(parameter) {
                    true => list.proves_hidden(parameter).await,
                    false if parameter.required => list.proves_required(parameter).await,
                    false => list.proves(parameter, &list.all).await,
                };
                if is_proven {
                    break;
                }
            }
            match is_proven {
                true => checked += 1,
                false => unproven.push(format!("{}: {}", operation.id, parameter.name)),
            }
        }
    }
    assert_eq!(unproven, [""; 0], "no value of these selects some items and not others");
    checked
}

struct List<'a> {
    console: &'a Simulator,
    http: &'a reqwest::Client,
    pagination: &'static Pagination,
    path: String,
    /// The largest page.
    largest: i64,
    /// What has to be asked for in any case.
    required: Vec<&'static Parameter>,
    all: Vec<Value>,
}

/// The list that an operation answers with, or those that belong to the first few items of another.
fn lists<'a>(
    console: &'a Simulator,
    operation: &'static Operation,
    pagination: &'static Pagination,
    http: &'a reqwest::Client,
) -> Vec<List<'a>> {
    let largest = operation.parameter(pagination.limit).and_then(|it| it.constraints.maximum);
    let largest = largest.unwrap_or(1_000);
    let in_query = |it: &&Parameter| it.required && it.location == Location::Query;
    let required: Vec<_> = operation.parameters.iter().filter(in_query).collect();
    let list = |path| {
        let required = required.clone();
        List { console, http, pagination, path, largest, required, all: Vec::new() }
    };
    let owner = operation.parameters.iter().find_map(|it| Some((it.name, it.identifies?)));
    let Some((name, owners)) = owner else { return vec![list(operation.path.to_owned())] };
    let owners = console.items(owners).expect("a list");
    let path = |id: String| operation.path.replace(&format!("{{{name}}}"), &id);
    owners.ids().into_iter().take(20).map(|id| list(path(id))).collect()
}

impl List<'_> {
    /// All items that the argument selects, in the order of the list.
    async fn ask(&self, argument: Option<(&str, &str)>) -> Vec<Value> {
        let Pagination { cursor, limit, items, next_cursor, total_items, .. } = *self.pagination;
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let mut url = reqwest::Url::parse(self.console.url()).expect("a URL");
            url.set_path(&self.path);
            let given = argument.map(|(name, _)| name);
            let required = self.required.iter().filter(|it| Some(it.name) != given);
            url.query_pairs_mut()
                .extend_pairs(required.map(|it| (it.name, sample::argument(it))))
                .append_pair(limit, &self.largest.to_string())
                .extend_pairs(argument)
                .extend_pairs(next.as_ref().map(|next| (cursor, next)));
            let token = format!("ApiToken {}", self.console.token());
            let response = self.http.get(url.clone()).header("authorization", token).send().await;
            let text = response.expect("an answer").text().await.expect("a body");
            let mut page: Value = serde_json::from_str(&text).expect("JSON");
            let on_page = page.pointer_mut(items).map(Value::take);
            let Some(Value::Array(on_page)) = on_page else { panic!("{url}: {text}") };
            found.extend(on_page);
            match page.pointer(next_cursor).and_then(Value::as_str) {
                Some(cursor) => next = Some(cursor.to_owned()),
                None => {
                    let total = total_items.and_then(|it| page.pointer(it)?.as_u64());
                    assert!(total.is_none_or(|total| total == found.len() as u64), "{url}: {text}");
                    return found;
                }
            }
        }
    }

    /// Whether a value was found that selects some items and not others, and did.
    async fn proves(&self, parameter: &Parameter, all: &[Value]) -> bool {
        let selected = |value: String| {
            let items: Vec<_> = all.iter().filter(|it| selects(parameter, &value, it)).collect();
            (value, items)
        };
        let mut selections = candidates(parameter, all).into_iter().map(selected);
        let telling = selections.find(|(_, it)| !it.is_empty() && it.len() < all.len());
        let Some((value, expected)) = telling else { return false };
        let found = self.ask(Some((parameter.name, &value))).await;
        let is_as_expected = found.iter().eq(expected.iter().copied());
        let (name, lengths) = (parameter.name, (found.len(), expected.len()));
        assert!(is_as_expected, "{name}={value} selects others: {lengths:?}");
        true
    }

    /// Whether two values were found that select different items, and only what they say: there is no
    /// list without the filter.
    async fn proves_required(&self, parameter: &Parameter) -> bool {
        let mut selections: Vec<Vec<Value>> = Vec::new();
        let known = parameter.known_values.iter().map(|it| (*it).to_owned());
        for value in known.chain(candidates(parameter, &self.all)) {
            let found = self.ask(Some((parameter.name, &value))).await;
            let name = parameter.name;
            assert!(found.iter().all(|it| selects(parameter, &value, it)), "{name}={value}");
            if !found.is_empty() && !selections.contains(&found) {
                selections.push(found);
            }
        }
        1 < selections.len()
    }

    /// Whether two values were found that select different items, or one that selects none. The items
    /// do not show why.
    async fn proves_hidden(&self, parameter: &Parameter) -> bool {
        let mut selections: Vec<Vec<Value>> = Vec::new();
        let mut selects_none = false;
        for value in hidden_candidates(parameter) {
            let found = self.ask(Some((parameter.name, &value))).await;
            selects_none |= found.is_empty();
            if !found.is_empty() && !selections.contains(&found) {
                selections.push(found);
            }
        }
        // Nothing tells which ids there are, but those tried are none of them.
        let [some, others, ..] = &selections[..] else { return selects_none };
        let is_either = parameter.value_type == ValueType::Boolean;
        let name = parameter.name;
        assert!(!is_either || !some.iter().any(|it| others.contains(it)), "{name} selects both");
        true
    }
}

/// Values to try, from the items themselves where that makes sense.
fn candidates(parameter: &Parameter, all: &[Value]) -> Vec<String> {
    let values = values(parameter, all);
    match (parameter.list, &values[..]) {
        // Of two, so that what a list means shows too.
        (true, [first, .., last]) => {
            let pair = [format!("{first},{last}")];
            pair.into_iter().chain(values).collect()
        }
        // The middle one of all date-times divides them.
        (false, [_, ..]) => vec![values[values.len() / 2].clone(), values[0].clone()],
        _ => values,
    }
}

/// Values to try of a filter by what is not in the answer.
fn hidden_candidates(parameter: &Parameter) -> Vec<String> {
    let has_op = |op| parameter.filter.as_ref().is_some_and(|it| it.op == op);
    let is_tags = has_op(FilterOp::Tags);
    match (parameter.value_type, parameter.known_values) {
        _ if has_op(FilterOp::Between) => {
            // The hours of the first of March 2023.
            let hour = |hour: u64| format!("0-{}", 1_677_628_800_000 + hour * 3_600_000);
            (1..24).map(hour).collect()
        }
        (ValueType::Boolean, _) => vec!["true".to_owned(), "false".to_owned()],
        (_, [_, ..]) => parameter.known_values.iter().map(|it| (*it).to_owned()).collect(),
        _ if is_tags => [
            r#"{"department":["legal","sales"],"stage__nin":["test"]}"#,
            r#"{"department":["legal"],"stage":["test"]}"#,
            r#"{"key 0":["value 0","value 1"]}"#,
            r#"{"key 0__nin":["value 0"]}"#,
        ]
        .map(str::to_owned)
        .to_vec(),
        (ValueType::DateTime, _) => {
            (1..24).map(|hour| format!("2023-03-01T{hour:02}:00:00Z")).collect()
        }
        (ValueType::Integer, _) => vec!["30".to_owned(), "60".to_owned()],
        _ if parameter.constraints.pattern.is_some() => vec!["100000000000000000".to_owned()],
        _ => {
            let field = parameter.filter.as_ref().map_or("", |it| it.fields[0]);
            let name = field.trim_start_matches('$');
            let texts = (0..8).map(|number| format!("{name} {number}"));
            texts.chain((10..100).map(|number| number.to_string())).collect()
        }
    }
}
