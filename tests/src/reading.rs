//! A second hand's reading of `x-filter` and of `sort`, as `spec/README.md` describes them. What
//! the simulator answers is held against it, so it shares nothing with it.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sentinelone_runtime::operation::{Filter, FilterOp, Parameter, ValueType};
use serde_json::Value;

/// Whether the parameter with that value selects the item, by what the item shows.
pub fn selects(parameter: &Parameter, value: &str, item: &Value) -> bool {
    let filter = filter(parameter);
    let found: Vec<Value> = filter.fields.iter().flat_map(|path| at(path, item)).collect();
    let any = |wanted: &dyn Fn(&str) -> bool| found.iter().any(|it| wanted(&text(it)));
    let items = || match parameter.list {
        true => value.split(',').collect(),
        false => vec![value],
    };
    let is_one = || any(&|text| items().contains(&text));
    let compare = |holds: fn(Ordering) -> bool| any(&|text| order(text, value).is_some_and(holds));
    match filter.op {
        FilterOp::In => is_one(),
        FilterOp::NotIn => !is_one(),
        FilterOp::Contains | FilterOp::FullText => {
            any(&|text| items().iter().any(|it| text.to_lowercase().contains(&it.to_lowercase())))
        }
        FilterOp::Equals => match filter.value {
            Some(wanted) => any(&|text| text == wanted) == (value == "true"),
            None => any(&|text| text == value),
        },
        FilterOp::Exists => any(&|text| !["", "[]", "{}"].contains(&text)) == (value == "true"),
        FilterOp::Gt => compare(Ordering::is_gt),
        FilterOp::Gte => compare(Ordering::is_ge),
        FilterOp::Lt => compare(Ordering::is_lt),
        FilterOp::Lte => compare(Ordering::is_le),
        FilterOp::Between => {
            let (from, to) = value.split_once('-').expect("two ends");
            let is_from = |text: &str, bound: &str, holds: fn(Ordering) -> bool| {
                order(&in_milliseconds(text), bound).is_some_and(holds)
            };
            any(&|text| is_from(text, from, Ordering::is_ge) && is_from(text, to, Ordering::is_le))
        }
        other => panic!("{other:?} is new: say here what it means"),
    }
}

/// Whether the parameter is about what an item does not show.
pub fn is_hidden(parameter: &Parameter) -> bool {
    filter(parameter).fields.iter().any(|path| path.starts_with('$'))
}

/// The values to give to the parameter that the items have themselves, each as one text.
pub fn values(parameter: &Parameter, items: &[Value]) -> Vec<String> {
    if parameter.value_type == ValueType::Boolean {
        return vec!["true".to_owned(), "false".to_owned()];
    }
    let filter = filter(parameter);
    let mut values = BTreeSet::new();
    for value in items.iter().flat_map(|item| filter.fields.iter().flat_map(|it| at(it, item))) {
        let mut text = text(&value);
        if filter.op == FilterOp::Contains {
            // A part is enough, and no item can have a comma in it.
            text.truncate(text.find(',').unwrap_or(text.len()));
        }
        if filter.op == FilterOp::Between {
            text = in_milliseconds(&text);
            text = format!("{text}-{text}");
        }
        let known = parameter.known_values;
        let is_known = known.is_empty() || known.contains(&text.as_str());
        let length = text.chars().count();
        let least = parameter.constraints.min_length.unwrap_or(1);
        let most = parameter.constraints.max_length.unwrap_or(usize::MAX);
        let fits = (least..=most).contains(&length);
        if is_known && fits && !text.contains(',') {
            values.insert(text);
        }
    }
    values.into_iter().collect()
}

/// The values at a path that are not null.
pub fn at(path: &str, item: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    collect(Some(path), item, &mut found);
    found
}

fn collect(path: Option<&str>, value: &Value, found: &mut Vec<Value>) {
    let Some(path) = path else {
        found.extend((!value.is_null()).then(|| value.clone()));
        return;
    };
    let (part, rest) = match path.split_once('.') {
        Some((part, rest)) => (part, Some(rest)),
        None => (path, None),
    };
    match (part, part.strip_suffix("[]"), value) {
        ("*", _, Value::Object(members)) => {
            members.values().for_each(|value| collect(rest, value, found));
        }
        ("~", _, Value::Object(members)) => {
            members.keys().for_each(|key| collect(rest, &key.as_str().into(), found));
        }
        (_, Some(name), _) => {
            let elements = value[name].as_array().into_iter().flatten();
            elements.for_each(|element| collect(rest, element, found));
        }
        _ => value.get(part).into_iter().for_each(|value| collect(rest, value, found)),
    }
}

/// What an item sorts as by the field at that path: nothing, then numbers, then texts. Date-times
/// are texts of one length.
pub fn sort_key(path: &str, item: &Value) -> (Option<Result<u64, ()>>, String) {
    let first = at(path, item).first().map(text);
    let number = |text: &String| {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| is_number).ok_or(())
    };
    (first.as_ref().map(number), first.unwrap_or_default())
}

fn filter(parameter: &Parameter) -> &Filter {
    parameter.filter.as_ref().expect("a parameter that filters")
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A number as it is, and a time as one.
fn in_milliseconds(text: &str) -> String {
    let time = text.parse::<DateTime<Utc>>();
    time.map_or_else(|_| text.to_owned(), |time| time.timestamp_millis().to_string())
}

fn order(own: &str, wanted: &str) -> Option<Ordering> {
    let time = |text: &str| -> Option<DateTime<Utc>> { text.parse().ok() };
    let number = |text: &str| -> Option<f64> { text.parse().ok() };
    // A number has one dot at most.
    let version = |text: &str| -> Option<Vec<u64>> {
        let parts = text.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<_>>>();
        parts.filter(|parts| 3 <= parts.len())
    };
    match (time(own).zip(time(wanted)), version(own).zip(version(wanted))) {
        (Some((own, wanted)), _) => Some(own.cmp(&wanted)),
        (_, Some((own, wanted))) => Some(own.cmp(&wanted)),
        _ => number(own)?.partial_cmp(&number(wanted)?),
    }
}
