//! From the arguments of a request to the conditions that they set.

use sentinelone_runtime::operation::{Filter, FilterOp};

use crate::condition::Condition;
use crate::field::Path;
use crate::problem::Refusal;
use crate::query::Query;

/// The conditions that an item must meet, all of them.
pub(crate) fn conditions(query: &Query) -> Result<Vec<Condition>, Refusal> {
    let mut conditions = Vec::new();
    for argument in &query.arguments {
        let Some(filter) = &argument.parameter.filter else { continue };
        let fields: Vec<Path> = filter.fields.iter().map(|field| Path::new(field)).collect();
        if unsupported(filter, &fields) {
            let name = argument.parameter.name;
            let detail = format!("{name}: the simulator does not execute this filter");
            return Err(Refusal::unsupported(detail));
        }
        conditions.push(Condition {
            op: filter.op,
            fields,
            operands: argument.operands.clone(),
            value: filter.value,
        });
    }
    Ok(conditions)
}

/// Whether the filter would have to be ignored. It is refused instead: an ignored filter makes a
/// wrong program look right.
fn unsupported(filter: &Filter, fields: &[Path]) -> bool {
    let executed = matches!(
        filter.op,
        FilterOp::In
            | FilterOp::NotIn
            | FilterOp::Contains
            | FilterOp::Equals
            | FilterOp::Gt
            | FilterOp::Gte
            | FilterOp::Lt
            | FilterOp::Lte
            | FilterOp::Exists
            | FilterOp::FullText
    );
    !executed || fields.iter().any(Path::is_hidden)
}
