//! What a filter demands of the tags of an item.

use std::collections::BTreeMap;

use serde_json::Value;

/// What one member of the filter's JSON demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagRule {
    key: String,
    values: Vec<String>,
    absent: bool,
}

impl TagRule {
    /// Reads the text of a JSON object of lists of texts.
    pub(crate) fn parse(text: &str) -> Option<Vec<TagRule>> {
        let members: BTreeMap<String, Vec<String>> = serde_json::from_str(text).ok()?;
        let rule = |(name, values): (String, _)| match name.strip_suffix("__nin") {
            Some(key) => TagRule { key: key.to_owned(), values, absent: true },
            None => TagRule { key: name, values, absent: false },
        };
        Some(members.into_iter().map(rule).collect())
    }

    /// Whether tags, an object of lists of texts, are as demanded.
    pub(crate) fn holds(&self, tags: &Value) -> bool {
        let own = tags.get(&self.key).and_then(Value::as_array).into_iter().flatten();
        let found = own.filter_map(Value::as_str).any(|it| self.values.iter().any(|v| v == it));
        found != self.absent
    }
}
