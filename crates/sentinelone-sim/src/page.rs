//! One page of a list.

use sentinelone_runtime::operation::Pagination;
use serde_json::{Map, Value};

use crate::clock::Micros;
use crate::collection::Collection;
use crate::condition::Condition;
use crate::cursor::{Cursor, Direction};
use crate::field::{Key, Path};
use crate::filter::conditions;
use crate::list::List;
use crate::problem::Refusal;
use crate::query::Query;
use crate::source::{Members, Source, Wanted};
use crate::view::{Selection, View};

/// The body that holds the page which the query asks for.
pub(crate) fn page(
    pagination: &Pagination,
    query: &Query,
    list: &List,
    now: Micros,
) -> Result<Value, Refusal> {
    let collection = list.read(now);
    let order = Order::of(pagination, query, collection.source())?;
    let start = Start::of(pagination, query, &order)?;
    let conditions = conditions(query, collection.source())?;
    // Bounds on what the list is sorted on cut it off at both ends.
    let (bounds, conditions): (Vec<_>, Vec<_>) =
        conditions.into_iter().partition(|it| it.is_bound() && it.fields[0] == order.field);
    let selection = Selection { conditions, sorted_on: order.field.clone() };
    let limit = match query.is_on(pagination.count_only) {
        true => 0,
        false => query.count(pagination.limit).unwrap_or(usize::MAX),
    };
    let cut = list
        .views
        .with(&collection, &selection, |view| order.cut(view, &collection, &bounds, &start, limit));
    let items = cut.numbers.iter().map(|number| collection.shown(*number)).collect();
    let last = cut.numbers.last().filter(|_| cut.has_more);
    let next_cursor = last.map(|last| order.cursor(&collection, *last).encode(order.id_column));
    let total = if query.is_on(pagination.skip_count) { 0 } else { cut.total };

    let mut body = Value::Object(Map::new());
    put(&mut body, pagination.items, Value::Array(items));
    put(&mut body, pagination.next_cursor, next_cursor.into());
    if let Some(pointer) = pagination.total_items {
        put(&mut body, pointer, total.into());
    }
    Ok(body)
}

/// Which items are on a page.
struct Cut {
    numbers: Vec<u32>,
    has_more: bool,
    total: usize,
}

/// How the list is sorted. Items that are equal by the field follow their ids.
struct Order {
    column: String,
    field: Path,
    direction: Direction,
    id_column: &'static str,
    id_field: Path,
}

impl Order {
    fn of(pagination: &Pagination, query: &Query, source: &dyn Source) -> Result<Order, Refusal> {
        let identity = source.identity();
        let id_field = Path::new(identity);
        let Some(sort) = &pagination.sort else {
            return Ok(Order {
                column: identity.to_owned(),
                field: id_field.clone(),
                direction: Direction::Ascending,
                id_column: identity,
                id_field,
            });
        };
        let column = query.text(sort.by).unwrap_or(sort.default);
        let Some((_, field)) = sort.fields.iter().find(|(known, _)| *known == column) else {
            let problem = format!("{}: \"{column}\" is not a valid choice.", sort.by);
            return Err(Refusal::invalid(vec![problem]));
        };
        let field = Path::new(field);
        if !source.has(field.text()) {
            let detail = format!("{}: the simulator does not sort by {column}", sort.by);
            return Err(Refusal::unsupported(detail));
        }
        Ok(Order {
            column: column.to_owned(),
            field,
            direction: query.text(sort.order).map_or(Direction::Ascending, Direction::parse),
            id_column: sort.default,
            id_field,
        })
    }

    /// Cuts a page out of a view.
    fn cut(
        &self,
        view: &View,
        collection: &Collection,
        bounds: &[Condition],
        start: &Start,
        limit: usize,
    ) -> Cut {
        let places = view.within(collection, bounds);
        let total = places.len();
        let rest = match (start, self.direction) {
            (Start::Skip(count), Direction::Ascending) => {
                places.start.saturating_add(*count).min(places.end)..places.end
            }
            (Start::Skip(count), Direction::Descending) => {
                places.start..places.end.saturating_sub(*count).max(places.start)
            }
            (Start::After(cursor), direction) => {
                let last = (Key::from(&cursor.value), Key::from(&cursor.id));
                let keys = |place| self.keys(collection, view.number(place));
                match direction {
                    Direction::Ascending => {
                        view.first_not(places.clone(), |place| keys(place) <= last)..places.end
                    }
                    Direction::Descending => {
                        places.start..view.first_not(places, |place| keys(place) < last)
                    }
                }
            }
        };
        let has_more = limit < rest.len();
        let numbers = |places: &mut dyn Iterator<Item = usize>| {
            places.take(limit).map(|place| view.number(place)).collect()
        };
        let numbers = match self.direction {
            Direction::Ascending => numbers(&mut rest.into_iter()),
            Direction::Descending => numbers(&mut rest.rev()),
        };
        Cut { numbers, has_more, total }
    }

    fn keys(&self, collection: &Collection, number: u32) -> (Key, Key) {
        let wanted = Members::of([&self.field, &self.id_field]);
        let item = collection.item(number, Wanted::Only(&wanted));
        (Key::from(&self.field.first(&item)), Key::from(&self.id_field.first(&item)))
    }

    /// The place after an item.
    fn cursor(&self, collection: &Collection, number: u32) -> Cursor {
        let item = collection.item(number, Wanted::All);
        Cursor {
            column: self.column.clone(),
            direction: self.direction,
            value: self.field.first(&item),
            id: self.id_field.first(&item),
        }
    }
}

/// Where a page starts.
enum Start {
    Skip(usize),
    After(Cursor),
}

impl Start {
    fn of(pagination: &Pagination, query: &Query, order: &Order) -> Result<Start, Refusal> {
        let Some(text) = query.text(pagination.cursor) else {
            let skip = pagination.skip.and_then(|name| query.count(name));
            return Ok(Start::Skip(skip.unwrap_or(0)));
        };
        if let Some(skip) = pagination.skip.filter(|name| query.is_given(name)) {
            let problem = format!("{skip}: Not allowed together with {}.", pagination.cursor);
            return Err(Refusal::invalid(vec![problem]));
        }
        let cursor = Cursor::decode(text).ok_or_else(Refusal::bad_cursor)?;
        if cursor.column != order.column || cursor.direction != order.direction {
            return Err(Refusal::bad_cursor());
        }
        Ok(Start::After(cursor))
    }
}

/// Puts a value where a JSON pointer points, making the objects on the way.
pub(crate) fn put(body: &mut Value, pointer: &str, value: Value) {
    let mut place = body;
    for token in pointer.split('/').skip(1) {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[token.replace("~1", "/").replace("~0", "~")];
    }
    *place = value;
}
