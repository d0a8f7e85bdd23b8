//! Operations that do something to the items of a list, or tell of them.

use std::time::Duration;

use sentinelone_runtime::operation::{ActsOn, Addition, FieldType, Operation, Schema};
use serde_json::{Value, json};

use crate::answer::{Content, example};
use crate::clock::Micros;
use crate::collection::{Collection, merge, nested};
use crate::console::Console;
use crate::field::Path;
use crate::files;
use crate::filter::conditions;
use crate::list::List;
use crate::lists::{Access, attribute};
use crate::page::put;
use crate::problem::Refusal;
use crate::query::Query;
use crate::subject::Subject;
use crate::table::{Rows, table};
use crate::view::Selection;

/// Does what is asked for, and says what the answer is.
pub(crate) fn act(
    console: &Console,
    operation: &'static Operation,
    acts_on: &'static ActsOn,
    query: &Query,
    body: &Value,
) -> Result<Content, Refusal> {
    let action = Action { console, operation, acts_on, query, body };
    let changes = acts_on.remove || acts_on.add.is_some() || !acts_on.set.is_empty();
    let access = if changes { Access::Change } else { Access::Read };
    let now = console.clock.now();
    let subject = Subject::of(console, query, acts_on.items, access, now)?;
    if changes {
        return action.change(&subject);
    }
    let collection = subject.list.read(now);
    let numbers = action.select(&subject, &collection)?;
    if operation.download == Some("text/csv") {
        // Others get at the list while the table is written.
        drop(collection);
        return action.table(&subject.list, &numbers);
    }
    let item = numbers.first().map(|number| collection.shown(*number));
    let mut content = action.content(numbers.len(), item)?;
    if let (Content::Json(answer), Some(link), [number]) =
        (&mut content, acts_on.link, &numbers[..])
    {
        let id = collection.identity(*number);
        put(answer, link.url, files::url(console, link.media_type, &id).into());
    }
    Ok(content)
}

/// One call of such an operation.
struct Action<'a> {
    console: &'a Console,
    operation: &'static Operation,
    acts_on: &'static ActsOn,
    query: &'a Query,
    body: &'a Value,
}

impl Action<'_> {
    fn change(&self, subject: &Subject) -> Result<Content, Refusal> {
        let clock = &self.console.clock;
        // Whoever changes a list has that of its owner first, so that no two wait for each other.
        let mut owner = subject.owner.as_ref().map(|it| (it.list.write(clock.now()), it.number));
        let mut collection = subject.list.write(clock.now());
        let numbers = self.select(subject, &collection)?;
        // What is added to a list has a later time than what is there.
        let now = match self.acts_on.add {
            Some(_) => clock.advance(Duration::from_millis(1)),
            None => clock.now(),
        };
        let patch = self.patch(self.acts_on.set, self.acts_on.items)?;
        for number in &numbers {
            if self.acts_on.remove {
                collection.remove(*number, now);
            } else if !self.acts_on.set.is_empty() {
                collection.change(*number, &patch, now, now);
            }
        }
        let mut item = numbers.first().map(|number| collection.shown(*number));
        if let Some(Addition { items, set, .. }) = self.acts_on.add {
            let patch = self.patch(set, items)?;
            for number in &numbers {
                item = Some(self.add(items, &patch, &mut collection, *number, now)?);
            }
        }
        if let Some((owners, number)) = &mut owner {
            show_in_owner(owners, *number, self.acts_on.items, &collection, now);
        }
        self.content(numbers.len(), item)
    }

    /// The numbers of the items that are meant. If the path says which, there must be some.
    fn select(&self, subject: &Subject, collection: &Collection) -> Result<Vec<u32>, Refusal> {
        let filter = self.operation.body.and_then(|body| self.body.get(body.filter?));
        let mut selected = conditions(self.query, collection.source())?;
        selected.extend(subject.condition(collection));
        if let Some(Value::Object(members)) = filter {
            let patterns = &self.console.patterns;
            let filters = Query::of_body(self.listing(self.acts_on.items)?, members, patterns)?;
            selected.extend(conditions(&filters, collection.source())?);
        }
        let sorted_on = Path::new(collection.source().identity());
        let selection = Selection { conditions: selected, sorted_on };
        let most = self.acts_on.most.map_or(usize::MAX, |most| most as usize);
        let numbers: Vec<u32> = subject.list.views.with(collection, &selection, |view| {
            (0..view.len().min(most)).map(|place| view.number(place)).collect()
        });
        if numbers.is_empty() && self.query.path_selects(self.acts_on.items) {
            return Err(Refusal::not_found());
        }
        Ok(numbers)
    }

    /// Adds to the list that belongs to an item, and gives what was added.
    fn add(
        &self,
        items: &'static str,
        patch: &Value,
        owners: &mut Collection,
        number: u32,
        now: Micros,
    ) -> Result<Value, Refusal> {
        let owned = (self.acts_on.items, &*owners);
        let list = self.console.lists.of_item(items, owned, number, Access::Change);
        let list = list.ok_or_else(Refusal::internal)?;
        let mut collection = list.write(now);
        let added = collection.add(now, now).map_err(|_| Refusal::internal())?;
        collection.change(added, patch, now, now);
        show_in_owner(owners, number, items, &collection, now);
        Ok(collection.shown(added))
    }

    fn content(&self, count: usize, item: Option<Value>) -> Result<Content, Refusal> {
        let mut content = example(self.operation)?;
        if let Content::Json(answer) = &mut content {
            if let Some(pointer) = self.acts_on.count {
                put(answer, pointer, count.into());
            }
            if let Some((pointer, item)) = self.acts_on.item.zip(item) {
                put(answer, pointer, item);
            }
        }
        Ok(content)
    }

    fn table(&self, list: &List, numbers: &[u32]) -> Result<Content, Refusal> {
        let schema = self.schema(self.acts_on.items)?;
        let mut rows = Rows { path: self.acts_on.rows, conditions: Vec::new() };
        if let Some(path) = rows.path {
            // What is said of the rows chooses among those of an item, too.
            let conditions = conditions(self.query, list.read(self.console.clock.now()).source())?;
            rows.conditions.extend(conditions.into_iter().filter_map(|it| it.within(path)));
        }
        let table = table(list, &self.console.clock, numbers, schema, &rows);
        table.map(Content::File).map_err(|_| Refusal::internal())
    }

    /// What is to be changed of an item. What the body leaves out stays as it is.
    fn patch(&self, set: &[(&'static str, &'static str)], items: &str) -> Result<Value, Refusal> {
        let schema = self.schema(items)?;
        let mut patch = json!({});
        for (field, from) in set {
            let value = match (from.starts_with('/'), schema.at(field)) {
                (true, _) => self.body.pointer(from).cloned(),
                (false, Some(FieldType::Boolean | FieldType::Integer | FieldType::Number)) => {
                    serde_json::from_str(from).ok()
                }
                (false, _) => Some(Value::from(*from)),
            };
            if let Some(value) = value.filter(|value| !value.is_null()) {
                merge(&mut patch, &nested(field, value));
            }
        }
        Ok(patch)
    }

    fn schema(&self, items: &str) -> Result<&'static Schema, Refusal> {
        let pagination = self.listing(items)?.pagination.as_ref();
        pagination.and_then(|it| it.item).ok_or_else(Refusal::internal)
    }

    /// The operation that lists the items, whose parameters are what a filter can say.
    fn listing(&self, items: &str) -> Result<&'static Operation, Refusal> {
        let lists_them = |operation: &&&'static Operation| {
            let item = operation.pagination.as_ref().and_then(|it| it.item);
            item.is_some_and(|item| item.name == items)
        };
        let operations = self.console.operations;
        operations.iter().find(lists_them).copied().ok_or_else(Refusal::internal)
    }
}

/// Changes an item whose list has changed, so that a filter by whether it has such items sees it.
fn show_in_owner(
    owners: &mut Collection,
    number: u32,
    schema: &str,
    list: &Collection,
    now: Micros,
) {
    let attribute = attribute(schema);
    let patch = match owners.source().has(&attribute) {
        true if (0..list.len()).any(|number| list.is_visible(number)) => json!({ attribute: [{}] }),
        true => json!({ attribute: [] }),
        false => json!({}),
    };
    owners.change(number, &patch, now, now);
}
