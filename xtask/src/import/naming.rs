//! Gives every new schema one name, from what the document or its place calls it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use heck::ToUpperCamelCase;
use serde_json::Value;

use super::graph::{Graph, Node, Side, is_type, node_of};
use super::json::members;
use super::names::{Taken, camel, singular};
use super::operations::{Draft, Part, Root};

/// The names of all schemas that drafts lead to.
#[derive(Debug)]
pub(super) struct Named {
    classes: Vec<usize>,
    names: BTreeMap<usize, String>,
    /// A node of each class that the spec does not have.
    new: BTreeMap<usize, Node>,
    /// The same nodes in the order in which they were met.
    pub(super) order: Vec<Node>,
    /// The names of the spec's schemas that were met.
    pub(super) reused: BTreeSet<String>,
}

impl Named {
    pub(super) fn name(&self, node: Node) -> String {
        self.names.get(&self.classes[node]).cloned().unwrap_or_default()
    }

    /// How many new schemas a draft leads to.
    pub(super) fn count_below(&self, graph: &Graph, draft: &Draft) -> usize {
        let mut pending: Vec<Node> = draft.roots.iter().map(|root| root.node).collect();
        let mut found = BTreeSet::new();
        while let Some(node) = pending.pop() {
            let class = self.classes[node];
            if let Some(new) = self.new.get(&class)
                && found.insert(class)
            {
                pending.extend(Graph::children(&graph.entry(*new).schema));
            }
        }
        found.len()
    }
}

/// What is known of a class of equal schemas.
#[derive(Clone, Debug)]
struct Class {
    /// The node with the most to keep, which is one of a request.
    node: Node,
    existing: Option<String>,
    definition: Option<String>,
    /// What the paths have in common of the operations that begin with it, and how many they are.
    segments: Option<(Vec<String>, usize)>,
}

/// Names what the drafts lead to, and notes where a good name is taken.
pub(super) fn name_schemas(graph: &Graph, drafts: &mut [Draft], taken: &mut Taken) -> Named {
    let classes = graph.classes();
    let known = describe(graph, &classes, drafts);
    let in_spec: BTreeSet<&String> = known.values().filter_map(|it| it.existing.as_ref()).collect();
    let mut names: BTreeMap<usize, String> =
        known.iter().filter_map(|(class, it)| Some((*class, it.existing.clone()?))).collect();
    let (mut new, mut order, mut reused) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
    for draft in drafts {
        let mut pending: VecDeque<Root> = draft.roots.iter().cloned().collect();
        while let Some(Root { node, part, names: candidates }) = pending.pop_front() {
            let number = classes[node];
            let class = &known[&number];
            reused.extend(class.existing.clone());
            if names.contains_key(&number) {
                continue;
            }
            let candidates = class.candidates(graph, part, candidates);
            let name = taken.choose_type(&candidates);
            if let Some(wanted) = candidates.first().filter(|it| in_spec.contains(it)) {
                draft.notes.push(format!(
                    "`{wanted}` of the spec has other members; what is imported is `{name}`"
                ));
            }
            pending.extend(below(graph, class.node, &name, part, draft));
            names.insert(number, name);
            new.insert(number, class.node);
            order.push(class.node);
        }
    }
    Named { classes, names, new, order, reused }
}

fn describe(graph: &Graph, classes: &[usize], drafts: &[Draft]) -> BTreeMap<usize, Class> {
    let mut known: BTreeMap<usize, Class> = BTreeMap::new();
    for (node, number) in classes.iter().enumerate() {
        let entry = graph.entry(node);
        let class = known.entry(*number).or_insert(Class {
            node,
            existing: None,
            definition: None,
            segments: None,
        });
        class.existing = class.existing.take().or(entry.existing.clone());
        class.definition = class.definition.take().or(entry.definition.clone());
        if graph.entry(class.node).side == Side::Answer && entry.side == Side::Request {
            class.node = node;
        }
    }
    for draft in drafts {
        for root in draft.roots.iter().filter(|it| matches!(it.part, Part::Body | Part::Answer)) {
            let Some(class) = known.get_mut(&classes[root.node]) else { continue };
            let own = &draft.naming.segments;
            class.segments = Some(match class.segments.take() {
                None => (own.clone(), 1),
                Some((segments, count)) => {
                    let same = segments.iter().zip(own).take_while(|(a, b)| a == b);
                    (same.map(|(segment, _)| segment.clone()).collect(), count + 1)
                }
            });
        }
    }
    known
}

impl Class {
    /// Names for it, of which `given` come from its place.
    fn candidates(&self, graph: &Graph, part: Part, given: Vec<String>) -> Vec<String> {
        let schema = &graph.entry(self.node).schema;
        if !is_type(schema) && schema["additionalProperties"] == true {
            return vec!["AnyObject".to_owned()];
        }
        let mut names = Vec::new();
        // Lists are called after their operations, whatever the document calls them.
        if !matches!(part, Part::Page | Part::Item) {
            names.extend(self.definition.clone().filter(|it| !it.is_empty()));
        }
        if let Some((segments, 2..)) = &self.segments
            && let Some((last, owners)) = segments.split_last()
        {
            let owners: String = owners.iter().map(|it| camel(&singular(it))).collect();
            let part = if part == Part::Body { "Body" } else { "Response" };
            names.push(format!("{owners}{}{part}", camel(last)));
        }
        names.extend(given);
        names
    }
}

/// What a member's schema is called: after the member, if that says enough, or after the owner,
/// too.
pub(super) fn of_member(owner: &str, member: &str) -> Vec<String> {
    let name = member.to_upper_camel_case();
    let words = name.chars().filter(char::is_ascii_uppercase).count();
    let long = format!("{owner}{name}");
    if 1 < words { vec![name, long] } else { vec![long] }
}

/// The schemas that a new one leads to, with names for them.
fn below(graph: &Graph, node: Node, name: &str, part: Part, draft: &Draft) -> Vec<Root> {
    let one = &draft.naming.one;
    let is_root = !matches!(part, Part::Parameter | Part::Inner);
    let schema = &graph.entry(node).schema;
    let base = ["Page", "Response", "Body"].iter().find_map(|it| name.strip_suffix(it));
    let base = base.filter(|it| !it.is_empty()).unwrap_or(name);
    let own = [(String::new(), schema.clone())];
    let places: Vec<(&String, &Value)> = match schema.get("properties") {
        Some(properties) => members(properties).collect(),
        None => own.iter().map(|(name, schema)| (name, schema)).collect(),
    };
    let mut found = Vec::new();
    for (member, property) in places {
        let is_many = node_of(property).is_none();
        for node in Graph::children(property) {
            let names = match member.as_str() {
                "" => vec![one.clone(), format!("{base}Item")],
                "data" if is_root && is_many => vec![one.clone(), format!("{base}Item")],
                "data" if is_root && draft.method == "GET" && draft.path.ends_with('}') => {
                    vec![one.clone(), format!("{base}Data")]
                }
                "filter" if is_root => {
                    let owner = draft.naming.segments.first();
                    let owner = owner.map(|it| camel(&singular(it))).unwrap_or_default();
                    vec![format!("{owner}Filter"), format!("{base}Filter")]
                }
                many if is_many => of_member(base, &singular(many)),
                one => of_member(base, one),
            };
            found.push(Root { node, part: Part::Inner, names });
        }
    }
    found
}
