//! Makes schemas as the spec has them of those of the document.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use super::base::{Base, is_flat, names, values};
use super::graph::{Entry, Graph, Side, is_type, node_of, reference};
use super::json::{items, members, text};
use super::swagger::Swagger;
use super::types::Type;
use super::{TODO, names};

/// The extension by which the console's document marks ids.
const ID_MARK: &str = "x-minimum";

/// How deep schemas may stand within each other: a parser of YAML, and the stack, take no more.
const DEEPEST: usize = 40;

/// Makes schemas, and says what it could not keep of them.
pub(super) struct Converter<'a> {
    pub(super) swagger: &'a Swagger,
    pub(super) base: &'a Base<'a>,
    pub(super) graph: Graph,
    pub(super) notes: Vec<String>,
    /// What is taken for a time by its name alone.
    pub(super) times: BTreeSet<String>,
    /// What was made of the parts that `$ref`s name, with the notes on them.
    made: HashMap<(String, Side), (Value, Vec<String>)>,
    /// The parts that are being made.
    open: Vec<String>,
    /// How many schemas are being made, each within another.
    depth: usize,
    /// Whether the document marks ids, so that their names need not tell.
    marks_ids: bool,
}

/// Where a schema stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// For notes.
    pub(super) at: String,
    /// The member or parameter that holds it.
    member: String,
    side: Side,
    /// The pointer and name of the definition that it is.
    definition: Option<(String, String)>,
}

impl Place {
    pub(super) fn new(at: &str, member: &str, side: Side) -> Place {
        let (at, member) = (at.to_owned(), member.to_owned());
        Place { at, member, side, definition: None }
    }

    pub(super) fn member_name(&self) -> &str {
        &self.member
    }

    fn member(&self, name: &str) -> Place {
        Place::new(&format!("{}.{name}", self.at), name, self.side)
    }

    fn element(&self) -> Place {
        Place::new(&format!("{}[]", self.at), &self.member, self.side)
    }
}

impl<'a> Converter<'a> {
    pub(super) fn new(swagger: &'a Swagger, base: &'a Base<'a>, graph: Graph) -> Converter<'a> {
        Converter {
            swagger,
            base,
            graph,
            notes: Vec::new(),
            times: BTreeSet::new(),
            made: HashMap::new(),
            open: Vec::new(),
            depth: 0,
            marks_ids: has_key(&swagger.value, ID_MARK),
        }
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// A body or an answer: always a `$ref` to a node.
    pub(super) fn component(&mut self, value: &Value, place: &Place) -> Value {
        let schema = self.schema(value, place);
        if node_of(&schema).is_some() {
            return schema;
        }
        let schema = if schema == json!({}) { any_object() } else { schema };
        let definition = place.definition.as_ref().map(|(_, name)| name.clone());
        let schema = described(schema);
        reference(self.graph.add(Entry { schema, side: place.side, existing: None, definition }))
    }

    /// A schema in the spec's form; what needs a name is a `$ref` to a node.
    pub(super) fn schema(&mut self, value: &Value, place: &Place) -> Value {
        self.depth += 1;
        if DEEPEST < self.depth {
            self.depth -= 1;
            return self.anything(place, "stands too deep");
        }
        let schema = self.shallow(value, place);
        self.depth -= 1;
        schema
    }

    fn shallow(&mut self, value: &Value, place: &Place) -> Value {
        match value {
            Value::Object(object) if object.contains_key("$ref") => self.follow(value, place),
            Value::Object(object) if object.contains_key("allOf") => {
                if let [only] = items(value, "allOf")
                    && text(only, "$ref").is_some()
                    && !object.contains_key("properties")
                {
                    return self.follow(only, place);
                }
                let merged = self.merged(value, place, &mut Vec::new());
                self.plain(&Value::Object(merged), place)
            }
            Value::Object(_) => self.plain(value, place),
            Value::Array(list) => match list.as_slice() {
                [only] => self.schema(only, place),
                _ => self.anything(place, &format!("has a list of {} schemas", list.len())),
            },
            Value::Bool(true) => json!({}),
            _ => self.anything(place, "has no schema"),
        }
    }

    /// What a `$ref` names, made once.
    fn follow(&mut self, value: &Value, place: &Place) -> Value {
        let Some(name) = text(value, "$ref") else {
            return self.anything(place, "has a `$ref` that is no text");
        };
        let Some((pointer, target)) = self.swagger.target(name) else {
            return self.anything(place, &format!("has the `$ref` `{name}`, which names nothing"));
        };
        let key = (pointer.clone(), place.side);
        if let Some((made, notes)) = self.made.get(&key).cloned() {
            notes.into_iter().for_each(|note| self.note(note));
            return made;
        }
        if self.open.contains(&pointer) {
            return self
                .anything(place, &format!("has the `$ref` `{name}`, which leads back to it"));
        }
        // What stands deeper than a definition has no name of its own.
        let name = match pointer.split('/').collect::<Vec<_>>()[..] {
            ["", _, name] => names::definition_name(&name.replace("~1", "/").replace("~0", "~")),
            _ => String::new(),
        };
        let inner = Place {
            at: if name.is_empty() { place.at.clone() } else { name.clone() },
            definition: Some((pointer.clone(), name)),
            ..place.clone()
        };
        self.open.push(pointer);
        let before = std::mem::take(&mut self.notes);
        let made = self.schema(target, &inner);
        let notes = std::mem::replace(&mut self.notes, before);
        self.open.pop();
        notes.iter().for_each(|note| self.note(note.clone()));
        self.made.insert(key, (made.clone(), notes));
        made
    }

    /// The members of a schema with those of its `allOf`.
    fn merged(
        &mut self,
        value: &Value,
        place: &Place,
        open: &mut Vec<String>,
    ) -> Map<String, Value> {
        let mut merged = value.as_object().cloned().unwrap_or_default();
        merged.remove("allOf");
        for part in items(value, "allOf") {
            let mut part = part;
            let depth = open.len();
            if let Some(name) = text(part, "$ref") {
                match self.swagger.target(name) {
                    Some((pointer, target)) if !open.contains(&pointer) && open.len() < DEEPEST => {
                        open.push(pointer);
                        part = target;
                    }
                    Some(_) => continue,
                    None => {
                        self.note(format!("{}: the `$ref` `{name}` names nothing", place.at));
                        continue;
                    }
                }
            }
            for (key, more) in self.merged(part, place, open) {
                match (merged.get_mut(&key), more) {
                    (Some(Value::Object(own)), Value::Object(more)) if key == "properties" => {
                        for (name, property) in more {
                            own.entry(name).or_insert(property);
                        }
                    }
                    (Some(Value::Array(own)), Value::Array(more)) if key == "required" => {
                        own.extend(more);
                    }
                    (Some(_), _) => {}
                    (None, more) => drop(merged.insert(key, more)),
                }
            }
            open.truncate(depth);
        }
        merged
    }

    /// A schema without `$ref` and `allOf`.
    fn plain(&mut self, value: &Value, place: &Place) -> Value {
        for key in ["oneOf", "anyOf"] {
            if value.get(key).is_some() {
                return self.anything(place, &format!("has `{key}`"));
            }
        }
        let Type { name: ty, nullable } = match Type::of(value) {
            Ok(ty) => ty,
            Err(problem) => return self.anything(place, &problem),
        };
        let schema = match ty {
            "object" => self.object(value, place),
            "array" => self.array(value, place),
            "string" => self.string(value, place),
            "integer" | "number" | "boolean" => {
                self.no_enum(value, ty, &place.at);
                let format = (ty == "integer").then(|| {
                    let small = value["format"] == "int32" && place.side == Side::Request;
                    if small { "int32" } else { "int64" }
                });
                json!({ "type": ty, "format": format })
            }
            _ => json!({}),
        };
        if node_of(&schema).is_some() {
            return schema;
        }
        let mut schema = schema;
        if place.side == Side::Request {
            schema = self.bounded(schema, value, ty, &place.at);
        }
        if nullable && schema != json!({}) {
            schema["nullable"] = json!(true);
        }
        ordered(schema)
    }

    fn object(&mut self, value: &Value, place: &Place) -> Value {
        let properties = match value.get("properties") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(properties)) => properties.clone(),
            Some(_) => return self.anything(place, "has `properties` that are no object"),
        };
        if properties.is_empty() {
            let inner = match value.get("additionalProperties") {
                Some(inner) if !inner.is_boolean() => self.schema(inner, &place.element()),
                _ => json!({}),
            };
            let inner = if inner == json!({}) { json!(true) } else { inner };
            return json!({ "type": "object", "additionalProperties": inner });
        }
        let definition = place.definition.as_ref().map(|(_, name)| name.clone());
        let entry = Entry { schema: Value::Null, side: place.side, existing: None, definition };
        let node = self.graph.add(entry);
        if let Some((pointer, _)) = &place.definition {
            let made = (reference(node), Vec::new());
            self.made.insert((pointer.clone(), place.side), made);
        }
        let mut kept: BTreeMap<String, String> = BTreeMap::new();
        let mut made = Map::new();
        for (name, property) in &properties {
            let place = place.member(name);
            let field = name.to_snake_case();
            if let Some(other) = kept.get(&field) {
                let problem = format!("is left out, for it collides with `{other}`");
                self.note(format!("{} {problem}", place.at));
                continue;
            }
            if field.is_empty() || ["new", "self", "unknown_members"].contains(&field.as_str()) {
                self.note(format!("{} is left out, for it cannot name a field", place.at));
                continue;
            }
            kept.insert(field, name.clone());
            let schema = self.schema(property, &place);
            made.insert(name.clone(), described(schema));
        }
        let listed = items(value, "required").iter().filter_map(Value::as_str);
        let marked = properties.iter().filter(|(_, it)| it["required"] == true);
        let named: BTreeSet<&str> = listed.chain(marked.map(|(name, _)| name.as_str())).collect();
        let required: Vec<&String> =
            made.keys().filter(|name| named.contains(name.as_str())).collect();
        if place.side == Side::Request
            && value.get("additionalProperties").is_some_and(|it| *it != false)
        {
            self.note(format!("{}: members beside the declared ones are left out", place.at));
        }
        let mut schema = json!({ "type": "object", "description": TODO });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema["properties"] = Value::Object(made);
        let schema = ordered(schema);
        match self.larger(&schema, place) {
            Some(existing) => existing,
            None => {
                self.graph.set(node, schema);
                reference(node)
            }
        }
    }

    /// An object of the spec that has all members of an answer's object and stands under the same
    /// name, or an enum that has all values.
    fn larger(&mut self, schema: &Value, place: &Place) -> Option<Value> {
        for (name, node) in self.base.of_member(&place.member, place.side) {
            let existing = &self.graph.entry(node).schema;
            let Some(besides) = self.besides(existing, schema, place) else { continue };
            if !besides.is_empty() {
                let at = &place.at;
                self.note(format!(
                    "{at} is taken for the spec's `{name}`, which has {besides} too"
                ));
            }
            return Some(reference(node));
        }
        None
    }

    /// What one schema has besides, if it has all that the other has.
    fn besides(&self, existing: &Value, schema: &Value, place: &Place) -> Option<String> {
        let (all, own) = if schema.get("enum").is_some() {
            (values(existing), values(schema))
        } else {
            let shape = |schema: &Value| self.graph.shape(schema, place.side, &mut Vec::new(), 0);
            let of = |name: &String| existing["properties"].get(name).map(shape);
            let are_flat = is_flat(schema) && is_flat(existing) && place.side == Side::Answer;
            let mut own = members(&schema["properties"]);
            if !are_flat || !own.all(|(name, property)| of(name) == Some(shape(property))) {
                return None;
            }
            (names(existing), names(schema))
        };
        // The columns of a list are its own.
        let is_its_own = place.member == "sortBy" && all != own;
        let besides: Vec<&str> = all.difference(&own).copied().collect();
        (own.is_subset(&all) && !is_its_own).then(|| besides.join(", "))
    }

    fn array(&mut self, value: &Value, place: &Place) -> Value {
        let element = place.element();
        let inner = match value.get("items") {
            Some(inner) => self.schema(inner, &element),
            None => self.anything(&element, "has no schema"),
        };
        json!({ "type": "array", "items": inner })
    }

    fn string(&mut self, value: &Value, place: &Place) -> Value {
        if let Some(node) = self.enumeration(value, place) {
            return node;
        }
        if let Some(id) = self.identifier(value, place) {
            return id;
        }
        if self.is_time(value, &place.member) {
            return json!({ "type": "string", "format": "date-time" });
        }
        json!({ "type": "string" })
    }

    /// The spec's schema of ids, if the text that is sent is one.
    pub(super) fn identifier(&mut self, value: &Value, place: &Place) -> Option<Value> {
        let member = place.member.strip_suffix("Nin").unwrap_or(&place.member);
        let endings = ["Id", "Ids", "_id", "_ids"];
        let is_named =
            matches!(member, "id" | "ids") || endings.iter().any(|it| member.ends_with(it));
        let free = ["enum", "format", "minLength", "pattern"].iter().all(|it| value[*it].is_null());
        let is_id = if self.marks_ids { !value[ID_MARK].is_null() } else { is_named && free };
        let node = self.base.schema("Identifier", place.side).filter(|_| is_id)?;
        (place.side == Side::Request).then(|| reference(node))
    }

    /// An enum of texts, if the schema is one.
    pub(super) fn enumeration(&mut self, value: &Value, place: &Place) -> Option<Value> {
        let mut listed: Vec<String> = Vec::new();
        for value in items(value, "enum") {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                _ => continue,
            };
            if !listed.contains(&value) {
                listed.push(value);
            }
        }
        if listed.is_empty() {
            return None;
        }
        let mut schema = json!({
            "type": "string",
            "description": TODO,
            "enum": listed,
            "x-open-enum": true,
        });
        if let Some(existing) = self.larger(&schema, place) {
            return Some(existing);
        }
        let meanings = listed.iter().map(|value| (value.clone(), json!(TODO)));
        schema["x-enumDescriptions"] = Value::Object(meanings.collect());
        let definition = place.definition.as_ref().map(|(_, name)| name.clone());
        let entry = Entry { schema, side: place.side, existing: None, definition };
        Some(reference(self.graph.add(entry)))
    }

    /// Says which values are not kept of an enum that is none of texts.
    pub(super) fn no_enum(&mut self, value: &Value, ty: &str, at: &str) {
        let listed: Vec<String> =
            items(value, "enum").iter().filter(|it| !it.is_null()).map(Value::to_string).collect();
        if !listed.is_empty() && ty != "boolean" {
            self.note(format!("{at} takes {} alone, which is left to prose", listed.join(", ")));
        }
    }

    /// Whether a text is a time, by its format or else by its name.
    pub(super) fn is_time(&mut self, value: &Value, member: &str) -> bool {
        let format = text(value, "format").unwrap_or_default();
        if matches!(format, "date-time" | "datetime") || value["type"] == "date-time" {
            return true;
        }
        let (bare, suffix) = member.split_once("__").unwrap_or((member, ""));
        let by_name = format.is_empty()
            && ["", "gt", "gte", "lt", "lte"].contains(&suffix)
            && (bare.ends_with("_at") || bare.ends_with("At") && 2 < bare.len());
        if by_name {
            self.times.insert(bare.to_owned());
        }
        by_name
    }

    /// A schema that takes anything, with a note that says why.
    fn anything(&mut self, place: &Place, problem: &str) -> Value {
        self.note(format!("{} {problem}, and may be anything", place.at));
        json!({})
    }
}

fn has_key(value: &Value, key: &str) -> bool {
    match value {
        Value::Object(object) => {
            object.contains_key(key) || object.values().any(|it| has_key(it, key))
        }
        Value::Array(items) => items.iter().any(|it| has_key(it, key)),
        _ => false,
    }
}

pub(super) fn any_object() -> Value {
    json!({ "type": "object", "additionalProperties": true })
}

/// A schema with room for its description; a `$ref` has none.
pub(super) fn described(schema: Value) -> Value {
    if node_of(&schema).is_some() || is_type(&schema) {
        return schema;
    }
    let mut schema = schema;
    schema["description"] = json!(TODO);
    ordered(schema)
}

/// A schema with its keys in the spec's order, and without those that are null.
pub(super) fn ordered(schema: Value) -> Value {
    const ORDER: [&str; 23] = [
        "$ref",
        "type",
        "format",
        "nullable",
        "description",
        "required",
        "properties",
        "additionalProperties",
        "minItems",
        "maxItems",
        "minLength",
        "maxLength",
        "minimum",
        "exclusiveMinimum",
        "maximum",
        "exclusiveMaximum",
        "pattern",
        "default",
        "items",
        "enum",
        "x-open-enum",
        "x-enum-varnames",
        "x-enumDescriptions",
    ];
    let Value::Object(mut object) = schema else { return schema };
    object.retain(|_, value| !value.is_null());
    let mut sorted: Vec<(String, Value)> = object.into_iter().collect();
    sorted.sort_by_key(|(key, _)| ORDER.iter().position(|it| it == key).unwrap_or(ORDER.len()));
    Value::Object(sorted.into_iter().collect())
}
