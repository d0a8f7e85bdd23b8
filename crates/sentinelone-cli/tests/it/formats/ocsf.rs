//! Findings against the published attributes of OCSF.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Map, Value};

/// The class and its objects, by their names.
pub(crate) struct Schema(BTreeMap<&'static str, Object>);

#[derive(Default)]
struct Object {
    attributes: BTreeMap<&'static str, Attribute>,
    /// Of these at least one must be there, unless there are none.
    any: Vec<&'static str>,
}

struct Attribute {
    type_name: &'static str,
    is_list: bool,
    is_required: bool,
    profile: Option<&'static str>,
    /// The numbers of its enum, or none for no enum.
    numbers: Vec<i64>,
}

impl Schema {
    pub(crate) fn published() -> Self {
        let mut objects = BTreeMap::<_, Object>::new();
        let mut object = "";
        let table = include_str!("../../ocsf/detection_finding-1.5.0.txt");
        for line in table.lines().filter(|it| !it.is_empty() && !it.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[') {
                object = name.trim_end_matches(']');
                continue;
            }
            let object = objects.entry(object).or_default();
            match line.strip_prefix("any ") {
                Some(names) => object.any = names.split(' ').collect(),
                None => {
                    let (name, attribute) = line.split_once(' ').expect("an attribute");
                    object.attributes.insert(name, Attribute::parse(attribute));
                }
            }
        }
        Schema(objects)
    }

    /// What is wrong with a finding.
    pub(crate) fn faults(&self, finding: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        let profiles = &finding["metadata"]["profiles"];
        let profiles: Vec<_> = profiles.as_array().into_iter().flatten().collect();
        self.object("detection_finding", finding, "", &profiles, &mut faults);
        faults
    }

    fn object(
        &self,
        name: &str,
        value: &Value,
        path: &str,
        profiles: &[&Value],
        faults: &mut Vec<String>,
    ) {
        let Some(object) = self.0.get(name) else {
            faults.push(format!("{path}: the table has no object {name}"));
            return;
        };
        let Some(members) = value.as_object() else {
            faults.push(format!("{path}: not an object"));
            return;
        };
        let applies =
            |it: &Attribute| it.profile.is_none_or(|it| profiles.iter().any(|p| *p == it));
        for (name, attribute) in &object.attributes {
            if attribute.is_required && applies(attribute) && !members.contains_key(*name) {
                faults.push(format!("{path}.{name}: required"));
            }
        }
        if !object.any.is_empty() && !object.any.iter().any(|it| members.contains_key(*it)) {
            faults.push(format!("{path}: has none of {:?}", object.any));
        }
        for (name, member) in members {
            let path = format!("{path}.{name}");
            match object.attributes.get(name.as_str()) {
                Some(it) if applies(it) => self.attribute(it, member, &path, profiles, faults),
                Some(_) => faults.push(format!("{path}: of a profile that does not apply")),
                None => faults.push(format!("{path}: not published")),
            }
            self.sibling(object, members, name, &path, faults);
        }
    }

    fn attribute(
        &self,
        attribute: &Attribute,
        value: &Value,
        path: &str,
        profiles: &[&Value],
        faults: &mut Vec<String>,
    ) {
        let elements = match (attribute.is_list, value) {
            (true, Value::Array(elements)) if !elements.is_empty() => elements.as_slice(),
            (true, _) => return faults.push(format!("{path}: not a list of something")),
            (false, _) => std::slice::from_ref(value),
        };
        for element in elements {
            let is_right = match attribute.type_name {
                "string" | "url" | "hostname" | "username" | "file_name" | "file_path"
                | "resource_uid" => element.as_str().is_some_and(|it| !it.is_empty()),
                "integer" => element.as_i64().is_some_and(|it| i32::try_from(it).is_ok()),
                "long" | "timestamp" => element.is_i64() || element.is_u64(),
                "boolean" => element.is_boolean(),
                "ip" => element.as_str().is_some_and(|it| it.parse::<IpAddr>().is_ok()),
                "mac" => element.as_str().is_some_and(|it| it.len() == 17),
                "file_hash" => element.as_str().is_some_and(|it| {
                    !it.is_empty() && it.bytes().all(|it| it.is_ascii_hexdigit())
                }),
                "json" => !element.is_null(),
                name => {
                    self.object(name, element, path, profiles, faults);
                    true
                }
            };
            if !is_right {
                faults.push(format!("{path}: {element} is no {}", attribute.type_name));
            }
            let number = element.as_i64().unwrap_or_default();
            if !attribute.numbers.is_empty() && !attribute.numbers.contains(&number) {
                faults.push(format!("{path}: {number} is not of the enum"));
            }
        }
    }

    /// A number for what has none needs a text beside it that says what it is.
    fn sibling(
        &self,
        object: &Object,
        members: &Map<String, Value>,
        name: &str,
        path: &str,
        faults: &mut Vec<String>,
    ) {
        let is_enum = object.attributes.get(name).is_some_and(|it| !it.numbers.is_empty());
        if let Some(text) = name.strip_suffix("_id").filter(|_| is_enum)
            && members[name] == 99
            && !members.contains_key(text)
        {
            faults.push(format!("{path}: 99 without {text}"));
        }
    }
}

impl Attribute {
    fn parse(text: &'static str) -> Self {
        let mut words = text.split(' ');
        let type_name = words.next().expect("a type");
        let is_required = words.next() == Some("required");
        let (mut profile, mut numbers) = (None, Vec::new());
        for word in words {
            match word.strip_prefix('@') {
                Some(name) => profile = Some(name),
                None => numbers = word.split(',').map(|it| it.parse().expect("a number")).collect(),
            }
        }
        let (type_name, is_list) = match type_name.strip_suffix("[]") {
            Some(element) => (element, true),
            None => (type_name, false),
        };
        Attribute { type_name, is_list, is_required, profile, numbers }
    }
}

#[test]
fn faults_are_found() {
    let schema = Schema::published();
    let check = |finding: &str, expect: &[&str]| {
        let finding = serde_json::from_str(finding).expect("JSON");
        let faults = schema.faults(&finding);
        expect.iter().for_each(|it| assert!(faults.iter().any(|fault| fault == it), "{faults:?}"));
    };
    check("{}", &[".class_uid: required", ".finding_info: required", ".metadata: required"]);
    check(
        r#"{"class_uid":"2004","new":1}"#,
        &[".class_uid: \"2004\" is no integer", ".new: not published"],
    );
    check(r#"{"severity_id":7}"#, &[".severity_id: 7 is not of the enum"]);
    check(r#"{"verdict_id":1}"#, &[".verdict_id: of a profile that does not apply"]);
    check(r#"{"status_id":99}"#, &[".status_id: 99 without status"]);
    check(r#"{"malware":{}}"#, &[".malware: not a list of something"]);
    check(r#"{"malware":[{}]}"#, &[".malware: has none of [\"name\", \"uid\"]"]);
    check(r#"{"cloud":{}}"#, &[".cloud: of a profile that does not apply"]);
    check(
        r#"{"api":1,"device":{"ip":"x"}}"#,
        &[".device.ip: \"x\" is no ip", ".device.type_id: required"],
    );
}
