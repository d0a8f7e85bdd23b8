//! From the arguments of a request to the conditions that they set.

use sentinelone_runtime::operation::FilterOp;

use crate::condition::Condition;
use crate::field::Path;
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
        conditions.push(Condition {
            op: filter.op,
            fields: filter.fields.iter().map(|field| Path::new(field)).collect(),
            operands: argument.operands.clone(),
            value: filter.value,
            tags,
        });
    }
    Ok(conditions)
}

/// Whether the simulator executes the comparison: a table may know more of them.
fn is_known(op: FilterOp) -> bool {
    use FilterOp::*;
    matches!(op, In | NotIn | Contains | Equals | Gt | Gte | Lt | Lte | Exists | FullText | Tags)
}
