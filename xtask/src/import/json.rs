//! Looking into JSON of which nothing is known.

use serde_json::{Map, Value};

pub(super) fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

pub(super) fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The members of an object; none of anything else.
pub(super) fn members(value: &Value) -> impl DoubleEndedIterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Whether a member is `true`, also as a text.
pub(super) fn is_true(value: &Value, key: &str) -> bool {
    value.get(key).is_some_and(|it| *it == true || *it == "true")
}

/// An object of these members in this order, without those that are null.
pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let present = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(present.map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Adds the members of one object to another, at its end.
pub(super) fn extend(value: &mut Value, more: Map<String, Value>) {
    if let Some(object) = value.as_object_mut() {
        object.extend(more);
    }
}
