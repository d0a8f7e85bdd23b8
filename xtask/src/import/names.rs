//! Names of our own: of operations, types, enum values and tags.

use std::collections::BTreeSet;

use heck::{ToKebabCase, ToLowerCamelCase, ToSnakeCase, ToUpperCamelCase};

use crate::emit::is_reserved;
use crate::lint::is_module;
use crate::model::STREAM_SUFFIXES;

/// A name is cut behind a word when it is longer.
const LONGEST: usize = 60;

/// What a type cannot be called, besides what generated code has for itself: what its derives and
/// traits are called.
const TRAITS: [&str; 19] = [
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Deserialize",
    "Display",
    "Eq",
    "Fn",
    "From",
    "Hash",
    "IntoIterator",
    "Iterator",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Self",
    "Send",
    "Serialize",
    "Sync",
];

/// Names that are no longer free.
#[derive(Debug, Default)]
pub(super) struct Taken {
    types: BTreeSet<String>,
    methods: BTreeSet<String>,
}

impl Taken {
    /// Keeps the name of a schema or of a query struct for what has it.
    pub(super) fn keep_type(&mut self, name: &str) {
        self.types.insert(name.to_owned());
    }

    /// Keeps the names of everything that is made of an operation.
    pub(super) fn keep_operation(&mut self, id: &str) {
        let method = id.to_snake_case();
        self.methods.extend(STREAM_SUFFIXES.map(|suffix| format!("{method}{suffix}")));
        self.methods.insert(method);
        self.keep_type(&format!("{}Query", id.to_upper_camel_case()));
    }

    /// The first of these names that is free, or the last of them with a number.
    pub(super) fn choose_type(&mut self, candidates: &[String]) -> String {
        let usable: Vec<String> =
            candidates.iter().map(|name| type_name(name)).filter(|name| !name.is_empty()).collect();
        let last = usable.last().cloned().unwrap_or_else(|| "Unnamed".to_owned());
        let numbered = (2..).map(|number| type_name(&format!("{last}{number}")));
        let is_free = |name: &String| {
            !self.types.contains(name) && !is_reserved(name) && !TRAITS.contains(&name.as_str())
        };
        let name = usable.into_iter().chain(numbered).find(is_free).unwrap_or(last);
        self.keep_type(&name);
        name
    }

    /// The first of these ids whose methods are free, or the last of them with a number.
    pub(super) fn choose_operation(&mut self, candidates: &[String]) -> String {
        let last = candidates.last().cloned().unwrap_or_default();
        let numbered = (2..).map(|number| format!("{last}{number}"));
        let is_free = |id: &String| {
            let method = id.to_snake_case();
            let all = STREAM_SUFFIXES.map(|suffix| format!("{method}{suffix}"));
            let query = format!("{}Query", id.to_upper_camel_case());
            !all.iter().chain([&method]).any(|name| self.methods.contains(name))
                && !self.types.contains(&query)
        };
        let id = candidates.iter().cloned().chain(numbered).find(is_free).unwrap_or(last);
        self.keep_operation(&id);
        id
    }
}

/// What an operation is called after, from its method and path.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    /// Ids for it, the best first.
    pub(super) ids: Vec<String>,
    /// What it is about, in upper camel case: `AgentApplications`.
    pub(super) noun: String,
    /// One of these: `AgentApplication`.
    pub(super) one: String,
    /// The words of the path, without what stands before them in every path.
    pub(super) segments: Vec<String>,
}

impl Naming {
    pub(super) fn new(method: &str, path: &str) -> Naming {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let is_version = |segment: &&&str| {
            let digits = segment.strip_prefix('v').unwrap_or_default();
            digits.starts_with(|it: char| it.is_ascii_digit())
        };
        let start = segments.iter().position(|it| is_version(&it)).map_or(0, |at| at + 1);
        let (placeholders, literals): (Vec<&str>, Vec<&str>) =
            segments[start..].iter().partition(|segment| segment.contains('{'));
        let of_one = segments.last().is_some_and(|segment| segment.contains('{'));

        let (last, before) = literals.split_last().map_or(("", &[][..]), |(last, it)| (*last, it));
        let owners: String = before.iter().map(|it| camel(&singular(it))).collect();
        let one = format!("{owners}{}", camel(&singular(last)));
        let noun = if of_one { one.clone() } else { format!("{owners}{}", camel(last)) };
        let is_plural = singular(last) != last;
        let actions = literals.iter().position(|it| *it == "actions").filter(|at| 0 < *at);
        let id = match (method, actions) {
            ("POST", Some(at)) if at + 1 < literals.len() => {
                let verb: String = literals[at + 1..].iter().map(|it| camel(it)).collect();
                let owners: String =
                    literals[..at - 1].iter().map(|it| camel(&singular(it))).collect();
                format!("{verb}{owners}{}", camel(literals[at - 1]))
            }
            ("POST", _) if is_plural && !of_one => format!("create{one}"),
            ("PUT", _) => format!("update{noun}"),
            _ => format!("{}{noun}", method.to_lowercase()),
        };
        let mut ids = vec![id.to_lower_camel_case()];
        if ids[0].is_empty() || !ids[0].starts_with(|it: char| it.is_ascii_alphabetic()) {
            ids[0] = format!("{}Operation", method.to_lowercase());
        }
        if !placeholders.is_empty() {
            let by: String = placeholders.iter().map(|it| camel(it)).collect();
            ids.push(format!("{}By{by}", ids[0]));
        }
        let or_default = |name: String| if name.is_empty() { "Root".to_owned() } else { name };
        let ids = ids.iter().map(|id| cut(id)).collect();
        let segments = literals.iter().map(|it| (*it).to_owned()).collect();
        Naming { ids, noun: or_default(noun), one: or_default(one), segments }
    }
}

/// A part of a name, in upper camel case.
pub(super) fn camel(segment: &str) -> String {
    ascii_words(segment).to_upper_camel_case()
}

/// The name of a Rust type: upper camel case that stays what it is.
pub(super) fn type_name(name: &str) -> String {
    let words = ascii_words(name);
    let words = words.trim_start();
    let is_number = words.starts_with(|it: char| it.is_ascii_digit());
    let mut name = if is_number { format!("N{words}") } else { words.to_owned() };
    // A name may fall apart into other words once its spaces are gone.
    for _ in 0..4 {
        name = cut(&name.to_upper_camel_case());
    }
    name
}

/// The name of a definition without the module and the endings that the console's framework adds:
/// `agents.schemas_AgentViewSchemaMany_200` is `AgentView`.
pub(super) fn definition_name(name: &str) -> String {
    const ENDINGS: [&str; 6] = ["Schema", "Scheme", "Many", "200", "201", "202"];
    let name = name.rsplit('.').next().unwrap_or_default();
    let name = name.strip_prefix("schemas_").unwrap_or(name);
    let name = type_name(name);
    let mut short = name.as_str();
    while let Some(shorter) = ENDINGS.iter().find_map(|ending| short.strip_suffix(ending)) {
        if shorter.is_empty() {
            break;
        }
        short = shorter;
    }
    short.to_owned()
}

/// One of many: `statuses` is `status`, `indices` stays.
pub(super) fn singular(word: &str) -> String {
    let lower = word.to_lowercase();
    let cut = |count: usize| word[..word.len() - count].to_owned();
    if !word.is_ascii() || word.len() < 3 {
        word.to_owned()
    } else if lower.ends_with("ies") && 4 < word.len() {
        format!("{}y", cut(3))
    } else if ["sses", "shes", "ches", "xes", "zes", "uses"].iter().any(|it| lower.ends_with(it)) {
        cut(2)
    } else if lower.ends_with('s') && !["ss", "us", "is"].iter().any(|it| lower.ends_with(it)) {
        cut(1)
    } else {
        word.to_owned()
    }
}

/// The Rust names of the values of an enum, if the values in upper camel case are no good.
pub(super) fn variants(values: &[String]) -> Option<Vec<String>> {
    let plain: Vec<String> = values.iter().map(|value| value.to_upper_camel_case()).collect();
    let distinct = |names: &[String]| names.iter().collect::<BTreeSet<_>>().len() == names.len();
    if plain.iter().all(|name| is_variant(name)) && distinct(&plain) {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    for value in values {
        let name = variant(value);
        let numbered = (2..).map(|number| type_name(&format!("{name}V{number}")));
        let free = std::iter::once(name.clone()).chain(numbered).find(|it| !names.contains(it));
        names.push(free.unwrap_or(name));
    }
    Some(names)
}

fn variant(value: &str) -> String {
    if value.trim().is_empty() {
        return "Empty".to_owned();
    }
    let spoken: String = value
        .chars()
        .map(|it| match it {
            '+' => " plus ".to_owned(),
            '*' => " any ".to_owned(),
            '<' => " less ".to_owned(),
            '>' => " greater ".to_owned(),
            '=' => " equal ".to_owned(),
            '%' => " percent ".to_owned(),
            '-' if value.starts_with('-') => " minus ".to_owned(),
            it => it.to_string(),
        })
        .collect();
    let name = type_name(&spoken);
    match name.as_str() {
        "" => "Symbol".to_owned(),
        "Other" | "Self" => format!("{name}Value"),
        _ if is_variant(&name) => name,
        _ => type_name(&format!("Value {name}")),
    }
}

fn is_variant(name: &str) -> bool {
    let is_name = syn::parse_str::<syn::Ident>(name).is_ok() && name.to_upper_camel_case() == name;
    is_name && name != "Other" && name != "Self"
}

/// The tag of an operation, as a word of a command line; its module is called so, too.
pub(super) fn tag(name: &str) -> String {
    const CRATES: [&str; 6] =
        ["alloc", "core", "sentinelone_runtime", "serde", "serde_json", "std"];
    let tag = ascii_words(name).to_kebab_case();
    let module = tag.to_snake_case();
    if tag.is_empty() {
        "other".to_owned()
    } else if CRATES.contains(&module.as_str()) || !is_module(&module) {
        format!("api-{tag}")
    } else {
        tag
    }
}

/// The letters and digits of a name that every tool takes, with spaces between.
pub(super) fn ascii_words(name: &str) -> String {
    name.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { ' ' }).collect()
}

/// A name in camel case without the words that make it too long.
fn cut(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let head = &name[..LONGEST];
    let end = head.rfind(|it: char| it.is_ascii_uppercase()).filter(|at| LONGEST / 2 < *at);
    head[..end.unwrap_or(LONGEST)].to_owned()
}
