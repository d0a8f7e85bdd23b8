//! What an operation is about: a list, one item of it, or a list that belongs to an item.

use std::sync::Arc;

use sentinelone_runtime::operation::FilterOp;

use crate::clock::Micros;
use crate::collection::Collection;
use crate::condition::Condition;
use crate::console::Console;
use crate::field::Path;
use crate::list::List;
use crate::lists::Access;
use crate::problem::Refusal;
use crate::query::{Argument, Operand, Query};

pub(crate) struct Subject {
    pub(crate) list: Arc<List>,
    /// The item that the list belongs to.
    pub(crate) owner: Option<Named>,
    /// The id of the item that is meant, if it is one.
    id: Option<Operand>,
}

/// An item that the path of a request names.
pub(crate) struct Named {
    schema: &'static str,
    pub(crate) list: Arc<List>,
    pub(crate) number: u32,
}

impl Subject {
    /// The items of that schema to which the request's path leads. What they belong to must be there.
    pub(crate) fn of(
        console: &Console,
        query: &Query,
        schema: &'static str,
        access: Access,
        now: Micros,
    ) -> Result<Subject, Refusal> {
        let is_own = |it: &&Argument| it.parameter.identifies == Some(schema);
        let id = query.arguments.iter().find(is_own).and_then(|it| it.operands.first().cloned());
        for owner in named(console, query, Some(schema), now)? {
            let collection = owner.list.read(now);
            let owners = (owner.schema, &*collection);
            let list = console.lists.of_item(schema, owners, owner.number, access);
            drop(collection);
            if let Some(list) = list {
                return Ok(Subject { list, owner: Some(owner), id });
            }
        }
        let list = console.lists.get(schema).cloned().ok_or_else(Refusal::internal)?;
        Ok(Subject { list, owner: None, id })
    }

    /// What an item must meet to be the one that is meant.
    pub(crate) fn condition(&self, collection: &Collection) -> Option<Condition> {
        let id = self.id.clone()?;
        Some(Condition {
            op: FilterOp::In,
            fields: vec![Path::new(collection.source().identity())],
            operands: vec![id],
            value: None,
            tags: Vec::new(),
        })
    }
}

/// The items that the path of a request names, other than those of that schema. They must be there.
pub(crate) fn named(
    console: &Console,
    query: &Query,
    other_than: Option<&str>,
    now: Micros,
) -> Result<Vec<Named>, Refusal> {
    let mut found = Vec::new();
    for Argument { parameter, operands, .. } in &query.arguments {
        let schema = parameter.identifies.filter(|it| Some(*it) != other_than);
        let Some((schema, list)) = schema.and_then(|it| Some((it, console.lists.get(it)?))) else {
            continue;
        };
        let id = match operands.first() {
            Some(Operand::Text(id)) => id.clone(),
            Some(Operand::Integer(id)) => id.to_string(),
            _ => String::new(),
        };
        let collection = list.read(now);
        let number = collection.find(&id).filter(|number| collection.is_visible(*number));
        let number = number.ok_or_else(Refusal::not_found)?;
        found.push(Named { schema, list: Arc::clone(list), number });
    }
    Ok(found)
}
