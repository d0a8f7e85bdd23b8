//! One page of a list.

use sentinelone_runtime::operation::Pagination;
use serde_json::{Map, Value};

use crate::cursor::{Cursor, Direction};
use crate::field::{Key, Path};
use crate::filter::conditions;
use crate::problem::Refusal;
use crate::query::Query;
use crate::view::{Selection, View, Views};

/// The body that holds the page which the query asks for.
pub(crate) fn page(
    pagination: &Pagination,
    query: &Query,
    views: &Views,
) -> Result<Value, Refusal> {
    let order = Order::of(pagination, query, views)?;
    let start = Start::of(pagination, query, &order)?;
    let conditions = conditions(query, views.collection())?;
    let selection = Selection { conditions, sorted_on: order.field.clone() };
    let limit = match query.is_on(pagination.count_only) {
        true => None,
        false => Some(query.count(pagination.limit).unwrap_or(usize::MAX)),
    };
    let mut page = views.with(&selection, |view| order.cut(view, &start, limit, views));
    if query.is_on(pagination.skip_count) {
        page.total = 0;
    }

    let mut body = Value::Object(Map::new());
    put(&mut body, pagination.items, Value::Array(page.items));
    put(&mut body, pagination.next_cursor, page.next_cursor.into());
    if let Some(pointer) = pagination.total_items {
        put(&mut body, pointer, page.total.into());
    }
    Ok(body)
}

struct Page {
    items: Vec<Value>,
    next_cursor: Option<String>,
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
    fn of(pagination: &Pagination, query: &Query, views: &Views) -> Result<Order, Refusal> {
        let identity = views.collection().identity();
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
        if !views.collection().has(field.text()) {
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

    /// Cuts a page out of a view; without a limit, only counts.
    fn cut(&self, view: &View, start: &Start, limit: Option<usize>, views: &Views) -> Page {
        let total = view.len();
        let Some(limit) = limit else {
            return Page { items: Vec::new(), next_cursor: None, total };
        };
        let item = |number| views.collection().item(number);
        let first = match start {
            Start::Skip(count) => (*count).min(total),
            Start::After(cursor) => {
                let last = (Key::from(&cursor.value), Key::from(&cursor.id));
                view.place_after(self.direction, |number| {
                    let item = item(number);
                    let keys = (
                        Key::from(&self.field.first(&item)),
                        Key::from(&self.id_field.first(&item)),
                    );
                    match self.direction {
                        Direction::Ascending => keys <= last,
                        Direction::Descending => last <= keys,
                    }
                })
            }
        };
        let end = first.saturating_add(limit).min(total);
        let numbers = (first..end).map(|place| view.read(place, self.direction));
        let items = numbers.map(|number| views.collection().shown(number)).collect();
        let last = end.checked_sub(1).filter(|last| first <= *last && end < total);
        let last = last.map(|place| item(view.read(place, self.direction)));
        let next_cursor = last.map(|item| self.cursor(&item).encode(self.id_column));
        Page { items, next_cursor, total }
    }

    fn cursor(&self, item: &Value) -> Cursor {
        Cursor {
            column: self.column.clone(),
            direction: self.direction,
            value: self.field.first(item),
            id: self.id_field.first(item),
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
fn put(body: &mut Value, pointer: &str, value: Value) {
    let mut place = body;
    for token in pointer.split('/').skip(1) {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[token.replace("~1", "/").replace("~0", "~")];
    }
    *place = value;
}
