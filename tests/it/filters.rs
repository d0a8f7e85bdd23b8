//! Every filter of the spec, as the simulator executes it, against a second hand's reading of
//! `x-filter`. A filter that is ignored, or has no semantics, fails here.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use sentinelone::operation::{FilterOp, Parameter, ValueType};
use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Client, OPERATIONS, RateLimits, reqwest};
use sentinelone_sim::Simulator;
use serde_json::Value;

const THREATS: u32 = 250;

#[tokio::test]
async fn every_filter_selects_what_the_spec_says() {
    let console = Simulator::builder().threats(THREATS).seed(11).start().await.expect("a console");
    let client = Client::builder().url(console.url()).token(console.token());
    let client = client.rate_limits(RateLimits::unlimited()).build().expect("a client");
    let all = client.get_threats_stream(&GetThreatsQuery::new());
    let parse = |it: sentinelone::Record<_>| serde_json::from_str(it.raw()).expect("JSON");
    let all: Vec<Value> = all.map_ok(parse).try_collect().await.expect("all threats");
    assert_eq!(all.len(), THREATS as usize);

    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let operation = OPERATIONS.iter().find(|it| it.id == "getThreats").expect("the operation");
    let (mut checked, mut unproven) = (0, Vec::new());
    for parameter in operation.parameters.iter().filter(|it| it.filter.is_some()) {
        let path = operation.path;
        let ask = async |value: &str| {
            let mut url = reqwest::Url::parse(console.url()).expect("a URL");
            url.set_path(path);
            url.query_pairs_mut().append_pair(parameter.name, value).append_pair("limit", "1000");
            let token = format!("ApiToken {}", console.token());
            let response = http.get(url).header("authorization", token).send().await;
            let text = response.expect("an answer").text().await.expect("a body");
            let page: Value = serde_json::from_str(&text).expect("JSON");
            let data = page["data"].as_array();
            let data = data.unwrap_or_else(|| panic!("{}={value}: {text}", parameter.name));
            BTreeSet::from_iter(data.iter().map(|it| it["id"].as_str().expect("an id").to_owned()))
        };
        if parameter
            .filter
            .as_ref()
            .is_some_and(|it| it.fields.iter().any(|it| it.starts_with('$')))
        {
            // The answer does not show why; but the filter must select, and both ways.
            let values = hidden_values(parameter);
            let (some, others) = (ask(&values[0]).await, ask(&values[1]).await);
            assert!(!some.is_empty() && !others.is_empty(), "{}", parameter.name);
            assert!(some.is_disjoint(&others), "{}", parameter.name);
            checked += 1;
            continue;
        }
        let selected = |value: String| {
            let holds = |item: &&Value| holds(parameter, &value, item);
            let ids = all.iter().filter(holds).map(|it| it["id"].as_str().expect("an id"));
            let ids: BTreeSet<String> = ids.map(str::to_owned).collect();
            (value, ids)
        };
        let telling =
            |(_, ids): &(String, BTreeSet<String>)| !ids.is_empty() && ids.len() < all.len();
        let mut selections = values(parameter, &all).into_iter().map(selected);
        let Some((value, expected)) = selections.find(telling) else {
            unproven.push(parameter.name);
            continue;
        };
        assert_eq!(ask(&value).await, expected, "{}={value}", parameter.name);
        checked += 1;
    }
    assert_eq!(unproven, [""; 0], "no value of these selects some threats and not others");
    assert!(90 < checked, "{checked}");
}

/// Two values of a filter by what is not in the answer, which select threats that are not the
/// same.
fn hidden_values(parameter: &Parameter) -> [String; 2] {
    match (parameter.value_type, parameter.known_values) {
        (ValueType::Boolean, _) => ["true".to_owned(), "false".to_owned()],
        (_, [first, second, ..]) => [(*first).to_owned(), (*second).to_owned()],
        _ => [
            r#"{"department":["legal","sales"],"stage__nin":["test"]}"#.to_owned(),
            r#"{"department":["legal"],"stage":["test"]}"#.to_owned(),
        ],
    }
}

/// Values to try, from the threats themselves where that makes sense.
fn values(parameter: &Parameter, all: &[Value]) -> Vec<String> {
    if parameter.value_type == ValueType::Boolean {
        return vec!["true".to_owned(), "false".to_owned()];
    }
    let mut values = BTreeSet::new();
    for item in all {
        for value in fields(parameter, item) {
            let mut text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if parameter.filter.as_ref().is_some_and(|it| it.op == FilterOp::Contains) {
                // A part is enough, and no item can have a comma in it.
                text.truncate(text.find(',').unwrap_or(text.len()));
            }
            let known = parameter.known_values;
            let allowed = known.is_empty() || known.contains(&text.as_str());
            let long_enough = parameter.min_length.unwrap_or(1) <= text.chars().count();
            if allowed && long_enough && !text.contains(',') {
                values.insert(text);
            }
        }
    }
    let keys = parameter.filter.as_ref().expect("a filter").fields.iter();
    for path in keys.filter_map(|it| it.strip_suffix(".~")) {
        let maps = all.iter().flat_map(|item| at(path, item)).filter_map(Value::as_object);
        values.extend(maps.flat_map(|it| it.keys().cloned()));
    }
    // Of two, so that what a list means shows too.
    let values = Vec::from_iter(values);
    match (parameter.list, &values[..]) {
        (true, [first, .., last]) => {
            let pair = [format!("{first},{last}")];
            pair.into_iter().chain(values).collect()
        }
        // The middle one of all date-times divides them.
        (false, [_, ..]) => vec![values[values.len() / 2].clone(), values[0].clone()],
        _ => values,
    }
}

fn fields<'v>(parameter: &Parameter, item: &'v Value) -> Vec<&'v Value> {
    let filter = parameter.filter.as_ref().expect("a filter");
    filter.fields.iter().filter(|it| !it.ends_with('~')).flat_map(|it| at(it, item)).collect()
}

/// The values at a path as `spec/README.md` describes it.
fn at<'v>(path: &str, value: &'v Value) -> Vec<&'v Value> {
    path.split('.').fold(vec![value], |values, part| {
        let members = values.into_iter().flat_map(|value| match part.strip_suffix("[]") {
            Some(name) => value[name].as_array().map(|it| it.iter().collect()).unwrap_or_default(),
            None if part == "*" => {
                value.as_object().map(|it| it.values().collect()).unwrap_or_default()
            }
            None => Vec::from_iter(value.get(part)),
        });
        members.filter(|value| !value.is_null()).collect()
    })
}

fn holds(parameter: &Parameter, value: &str, item: &Value) -> bool {
    let filter = parameter.filter.as_ref().expect("a filter");
    let found = fields(parameter, item);
    let text = |it: &&Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    let any = |wanted: &dyn Fn(&str) -> bool| found.iter().any(|it| wanted(&text(it)));
    let items =
        || value.split(',').filter(|_| parameter.list).chain((!parameter.list).then_some(value));
    let contains =
        || any(&|text| items().any(|it| text.to_lowercase().contains(&it.to_lowercase())));
    let time = |text: &str| -> Option<DateTime<Utc>> { text.parse().ok() };
    let compare = |holds: fn(std::cmp::Ordering) -> bool| {
        any(&|text| time(text).zip(time(value)).is_some_and(|(own, it)| holds(own.cmp(&it))))
    };
    let keys = filter.fields.iter().filter_map(|it| it.strip_suffix(".~"));
    let mut keys =
        keys.flat_map(|it| at(it, item)).filter_map(Value::as_object).flat_map(|it| it.keys());
    match filter.op {
        FilterOp::In => {
            any(&|text| items().any(|it| it == text)) || keys.any(|key| items().any(|it| it == key))
        }
        FilterOp::NotIn => {
            !any(&|text| items().any(|it| it == text))
                && !keys.any(|key| items().any(|it| it == key))
        }
        FilterOp::Contains | FilterOp::FullText => contains(),
        FilterOp::Equals => match filter.value {
            Some(wanted) => any(&|text| text == wanted) == (value == "true"),
            None => any(&|text| text == value),
        },
        FilterOp::Exists => any(&|text| !text.is_empty()) == (value == "true"),
        FilterOp::Gt => compare(std::cmp::Ordering::is_gt),
        FilterOp::Gte => compare(std::cmp::Ordering::is_ge),
        FilterOp::Lt => compare(std::cmp::Ordering::is_lt),
        FilterOp::Lte => compare(std::cmp::Ordering::is_le),
        other => panic!("{other:?} is new: say here what it means"),
    }
}
