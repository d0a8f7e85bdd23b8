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
use crate::query::{Operand, Query};

pub(crate) struct Subject {
    pub(crate) list: Arc<List>,
    /// The list with the item that it belongs to, and the number of that item.
    pub(crate) owner: Option<(Arc<List>, u32)>,
    /// The id of the item that is meant, if it is one.
    id: Option<Operand>,
}

impl Subject {
    /// What the items of that schema are to which the request's path leads. An item that they
    /// belong to must be there.
    pub(crate) fn of(
        console: &Console,
        query: &Query,
        schema: &'static str,
        access: Access,
        now: Micros,
    ) -> Result<Subject, Refusal> {
        let (mut list, mut owner, mut id) = (console.lists.get(schema).cloned(), None, None);
        for argument in &query.arguments {
            let Some(identified) = argument.parameter.identifies else { continue };
            if identified == schema {
                id = argument.operands.first().cloned();
                continue;
            }
            let Some(owners) = console.lists.get(identified) else { continue };
            let collection = owners.read(now);
            let number = find(&collection, argument.operands.first())?;
            let of_item = console.lists.of_item(schema, (identified, &*collection), number, access);
            if let Some(of_item) = of_item {
                (list, owner) = (Some(of_item), Some((Arc::clone(owners), number)));
            }
        }
        Ok(Subject { list: list.ok_or_else(Refusal::internal)?, owner, id })
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

/// Refuses a request whose path has the id of an item that is not there.
pub(crate) fn check_owners(console: &Console, query: &Query, now: Micros) -> Result<(), Refusal> {
    for argument in &query.arguments {
        let identified = argument.parameter.identifies.and_then(|it| console.lists.get(it));
        if let Some(list) = identified {
            find(&list.read(now), argument.operands.first())?;
        }
    }
    Ok(())
}

fn find(collection: &Collection, id: Option<&Operand>) -> Result<u32, Refusal> {
    let id = match id {
        Some(Operand::Text(id)) => id.clone(),
        Some(Operand::Integer(id)) => id.to_string(),
        _ => String::new(),
    };
    let number = collection.find(&id).filter(|number| collection.is_visible(*number));
    number.ok_or_else(Refusal::not_found)
}
