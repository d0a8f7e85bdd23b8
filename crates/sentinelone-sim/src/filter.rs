//! From the arguments of a request to the conditions that they set.

use sentinelone_runtime::operation::FilterOp;

use crate::condition::Condition;
use crate::field::{Key, Path};
use crate::problem::Refusal;
use crate::query::{Operand, Query};
use crate::source::Source;
use crate::tags::TagRule;

/// The conditions that an item must meet, all of them.
///
/// A filter that would have to be ignored is refused instead: an ignored filter makes a wrong
/// program look right.
pub(crate) fn conditions(query: &Query, source: &dyn Source) -> Result<Vec<Condition>, Refusal> {
    let mut conditions = Vec::new();
    for argument in &query.arguments {
        let Some(filter) = &argument.parameter.filter else { continue };
        // An empty list does not filter, which is why a client had better not send one.
        if argument.operands.is_empty() {
            continue;
        }
        let name = argument.parameter.name;
        if !is_known(filter.op) || !filter.fields.iter().all(|field| source.has(field)) {
            let detail = format!("{name}: the simulator does not execute this filter");
            return Err(Refusal::unsupported(detail));
        }
        let tags = match (filter.op, argument.operands.first()) {
            (FilterOp::Tags, Some(Operand::Text(text))) => TagRule::parse(text)
                .ok_or_else(|| Refusal::invalid(vec![format!("{name}: Not a valid JSON.")]))?,
            _ => Vec::new(),
        };
        let operands = match (filter.op, argument.operands.first()) {
            (FilterOp::Between, Some(Operand::Text(text))) => ends(text)
                .ok_or_else(|| Refusal::invalid(vec![format!("{name}: Not a valid range.")]))?,
            _ => argument.operands.clone(),
        };
        conditions.push(Condition {
            op: filter.op,
            fields: filter.fields.iter().map(|field| Path::new(field)).collect(),
            operands,
            value: filter.value,
            tags,
        });
    }
    Ok(conditions)
}

/// The two ends of `from-to`.
fn ends(text: &str) -> Option<Vec<Operand>> {
    let (from, to) = text.split_once('-')?;
    let is_range = matches!(
        (Key::from(from), Key::from(to)),
        (Key::Number(_), Key::Number(_)) | (Key::Version(_), Key::Version(_))
    );
    is_range.then(|| [from, to].map(|end| Operand::Text(end.to_owned())).to_vec())
}

/// Whether the simulator executes the comparison: a table may know more of them.
fn is_known(op: FilterOp) -> bool {
    use FilterOp::*;
    let is_bound = matches!(op, Gt | Gte | Lt | Lte | Between);
    is_bound || matches!(op, In | NotIn | Contains | Equals | Exists | FullText | Tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_a_range() {
        let check = |text: &str, expect: Option<[&str; 2]>| {
            let expect = expect.map(|it| it.map(|end| Operand::Text(end.to_owned())).to_vec());
            assert_eq!(ends(text), expect, "{text}");
        };
        check("1-20", Some(["1", "20"]));
        check("1514978764288-1514978999999", Some(["1514978764288", "1514978999999"]));
        check("3-1", Some(["3", "1"]));
        check("2.0.0.0-2.1.5.144", Some(["2.0.0.0", "2.1.5.144"]));
        for text in ["", "1", "-", "1-", "-2", "1-x", "1,2", "1-2-3", "a-b", "1-2.0.0", "2.0.0-"] {
            check(text, None);
        }
    }
}
