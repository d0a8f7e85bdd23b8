//! The example of an answer, put together of those that the document gives.

use serde_json::{Map, Value};

use super::Reader;

/// How deep an example goes, as some schemas contain themselves.
const DEPTH: usize = 8;

impl Reader<'_> {
    /// An example of what a media type describes, if the document says enough.
    pub(super) fn example(&self, media_type: &Value) -> Option<Value> {
        let named = media_type.get("examples").and_then(Value::as_object);
        let named = named.and_then(|it| self.resolve(it.values().next()?).ok()?.get("value"));
        let own = media_type.get("example").or(named).cloned();
        own.or_else(|| self.example_of(&media_type["schema"], DEPTH))
    }

    /// An object has the members of which an example is known. What may be null and has none of its
    /// own is left out, as it need not be there.
    fn example_of(&self, schema: &Value, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        let resolved = self.resolve(schema).ok()?;
        for schema in [schema, resolved] {
            if let Some(own) = schema.get("example") {
                return Some(own.clone());
            }
            if schema["nullable"] == true {
                return None;
            }
        }
        let schema = resolved;
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return values.first().cloned();
        }
        if let Some(elements) = schema.get("items") {
            return Some(vec![self.example_of(elements, depth)?].into());
        }
        let properties = schema.get("properties")?.as_object()?;
        let member = |(name, property): (&String, &Value)| {
            Some((name.clone(), self.example_of(property, depth)?))
        };
        let members: Map<String, Value> = properties.iter().filter_map(member).collect();
        (!members.is_empty()).then_some(Value::Object(members))
    }
}
