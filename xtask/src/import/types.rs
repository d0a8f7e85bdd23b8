//! The types of schemas, of which documents have more than Swagger.

use serde_json::Value;

use super::json::{is_true, items};

/// The type of a schema that is an object.
pub(super) struct Type {
    pub(super) name: &'static str,
    pub(super) nullable: bool,
}

impl Type {
    /// The type, or what is wrong with it; an empty name if it may be anything.
    pub(super) fn of(value: &Value) -> Result<Type, String> {
        let marked = ["x-nullable", "nullable"].iter().any(|key| is_true(value, key));
        let (listed, nulls): (Vec<&str>, Vec<&str>) = match &value["type"] {
            Value::String(one) => (vec![one.as_str()], Vec::new()),
            Value::Array(several) => {
                several.iter().filter_map(Value::as_str).partition(|it| *it != "null")
            }
            _ => (Vec::new(), Vec::new()),
        };
        let nullable = marked || !nulls.is_empty();
        let name = match listed.as_slice() {
            [] if value["properties"].is_object() => "object",
            [] if value.get("additionalProperties").is_some_and(Value::is_object) => "object",
            [] if value.get("items").is_some() => "array",
            [] => {
                let listed = items(value, "enum");
                let texts = listed.iter().any(Value::is_string);
                let format = value["format"] == "date-time";
                if texts || format { "string" } else { "" }
            }
            [one] => match one.to_lowercase().as_str() {
                "string" | "str" | "text" | "date" | "datetime" | "date-time" | "uuid" => "string",
                "integer" | "int" | "int32" | "int64" | "long" => "integer",
                "number" | "float" | "double" | "decimal" => "number",
                "boolean" | "bool" => "boolean",
                "object" | "dict" | "map" => "object",
                "array" | "list" | "set" => "array",
                "any" | "null" => "",
                _ => return Err(format!("is of type `{one}`")),
            },
            several => return Err(format!("is of the types {}", several.join(", "))),
        };
        Ok(Type { name, nullable })
    }
}
