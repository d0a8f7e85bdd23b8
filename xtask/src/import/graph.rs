//! Schemas that need a name, those of the spec among them, and which of them are the same.
//!
//! Within the schema of a node, `$ref: '#node/7'` names the node of that number.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::json::{items, members, text};

/// The number of a node.
pub(super) type Node = usize;

/// Where a schema stands. In answers everything may be missing or null, whatever the document
/// says, so that schemas which differ in that alone are the same there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    Request,
    Answer,
}

/// A schema that needs a name, or has one.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) schema: Value,
    pub(super) side: Side,
    /// What the spec calls it.
    pub(super) existing: Option<String>,
    /// What the document calls it.
    pub(super) definition: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Graph {
    entries: Vec<Entry>,
}

impl Graph {
    pub(super) fn add(&mut self, entry: Entry) -> Node {
        self.entries.push(entry);
        self.entries.len() - 1
    }

    pub(super) fn entry(&self, node: Node) -> &Entry {
        &self.entries[node]
    }

    pub(super) fn set(&mut self, node: Node, schema: Value) {
        self.entries[node].schema = schema;
    }

    /// The schema that a `$ref` to a node leads to, or the schema itself.
    pub(super) fn resolve<'g>(&'g self, schema: &'g Value) -> &'g Value {
        match node_of(schema) {
            Some(node) => &self.entries[node].schema,
            None => schema,
        }
    }

    /// The nodes that a schema names, in its order.
    pub(super) fn children(schema: &Value) -> Vec<Node> {
        let mut children = Vec::new();
        collect(schema, &mut children);
        children
    }

    /// The class of each node. Two nodes of one class are built alike, however deep one looks.
    pub(super) fn classes(&self) -> Vec<usize> {
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut classes = Vec::new();
        let mut children = Vec::new();
        for entry in &self.entries {
            let mut below = Vec::new();
            // What is no type has nothing but its constraints to tell it from others.
            let side = if is_type(&entry.schema) { entry.side } else { Side::Request };
            let shape = self.shape(&entry.schema, side, &mut below, 0).to_string();
            let next = numbers.len();
            classes.push(*numbers.entry(shape).or_insert(next));
            children.push(below);
        }
        let mut count = numbers.len();
        loop {
            let mut numbers: HashMap<(usize, Vec<usize>), usize> = HashMap::new();
            let refined = (0..classes.len()).map(|node| {
                let below = children[node].iter().map(|child| classes[*child]).collect();
                let next = numbers.len();
                *numbers.entry((classes[node], below)).or_insert(next)
            });
            classes = refined.collect();
            if numbers.len() == count {
                return classes;
            }
            count = numbers.len();
        }
    }

    /// What makes a schema what it is: no prose, no order, and nothing that an answer may ignore.
    /// The nodes that it names go to `below`.
    pub(super) fn shape(
        &self,
        schema: &Value,
        side: Side,
        below: &mut Vec<Node>,
        depth: usize,
    ) -> Value {
        const REQUEST: [&str; 11] = [
            "default",
            "exclusiveMaximum",
            "exclusiveMinimum",
            "maxItems",
            "maxLength",
            "maximum",
            "minItems",
            "minLength",
            "minimum",
            "nullable",
            "pattern",
        ];
        if let Some(node) = node_of(schema) {
            let entry = &self.entries[node];
            if is_type(&entry.schema) || entry.schema.is_null() || 16 < depth {
                below.push(node);
                return json!("node");
            }
            return self.shape(&entry.schema, side, below, depth + 1);
        }
        if let [only] = items(schema, "allOf") {
            return self.shape(only, side, below, depth + 1);
        }
        let mut shape: BTreeMap<&str, Value> = BTreeMap::new();
        if let Some(ty) = text(schema, "type") {
            shape.insert("type", json!(ty));
        }
        if text(schema, "format") == Some("date-time") {
            shape.insert("format", json!("date-time"));
        }
        let mut values: Vec<&str> =
            items(schema, "enum").iter().filter_map(Value::as_str).collect();
        values.sort_unstable();
        if !values.is_empty() {
            shape.insert("enum", json!(values));
        }
        if schema["items"].is_object() {
            shape.insert("items", self.shape(&schema["items"], side, below, depth + 1));
        }
        match &schema["additionalProperties"] {
            Value::Object(_) => {
                let inner = &schema["additionalProperties"];
                shape.insert("map", self.shape(inner, side, below, depth + 1));
            }
            _ if schema["type"] == "object" && schema.get("properties").is_none() => {
                shape.insert("map", json!(true));
            }
            _ => {}
        }
        let sorted: BTreeMap<&String, &Value> = members(&schema["properties"]).collect();
        if !sorted.is_empty() {
            let properties = sorted
                .iter()
                .map(|(name, it)| json!([name, self.shape(it, side, below, depth + 1)]));
            shape.insert("properties", properties.collect());
        }
        let variants = items(schema, "oneOf");
        if !variants.is_empty() {
            let variants = variants.iter().map(|it| self.shape(it, side, below, depth + 1));
            shape.insert("oneOf", variants.collect());
        }
        if side == Side::Request {
            for key in REQUEST {
                if let Some(value) = schema.get(key).filter(|it| **it != false) {
                    shape.insert(key, value.clone());
                }
            }
            let mut required: Vec<&str> =
                items(schema, "required").iter().filter_map(Value::as_str).collect();
            required.sort_unstable();
            if !required.is_empty() {
                shape.insert("required", json!(required));
            }
        }
        json!(shape)
    }
}

/// A `$ref` to a node.
pub(super) fn reference(node: Node) -> Value {
    json!({ "$ref": format!("#node/{node}") })
}

/// The node that a schema is a `$ref` to.
pub(super) fn node_of(schema: &Value) -> Option<Node> {
    text(schema, "$ref")?.strip_prefix("#node/")?.parse().ok()
}

/// Whether a schema becomes a type of its own in Rust.
pub(super) fn is_type(schema: &Value) -> bool {
    ["properties", "enum", "oneOf"].iter().any(|key| schema.get(key).is_some())
}

/// Writes names for nodes.
pub(super) fn with_names(value: &Value, name: &impl Fn(Node) -> String) -> Value {
    if let Some(node) = node_of(value) {
        return json!({ "$ref": format!("#/components/schemas/{}", name(node)) });
    }
    match value {
        Value::Object(object) => {
            object.iter().map(|(key, it)| (key.clone(), with_names(it, name))).collect()
        }
        Value::Array(items) => items.iter().map(|it| with_names(it, name)).collect(),
        other => other.clone(),
    }
}

fn collect(value: &Value, nodes: &mut Vec<Node>) {
    match value {
        Value::Object(object) => match node_of(value) {
            Some(node) => nodes.push(node),
            None => object.values().for_each(|value| collect(value, nodes)),
        },
        Value::Array(items) => items.iter().for_each(|value| collect(value, nodes)),
        _ => {}
    }
}
