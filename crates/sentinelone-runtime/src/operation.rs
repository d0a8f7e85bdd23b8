//! What the SDK knows of an operation: one row of the table that codegen emits from the spec.
//!
//! The rows are data. The client validates and encodes a request by them, and a simulator
//! answers it by them, so that neither names an operation, a path or a parameter.

pub use http::Method;

pub use crate::constraints::Constraints;
pub use crate::schema::{Field, FieldType, Schema};

/// An operation of the API: `paths.<path>.<method>` of the spec.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Operation {
    /// The spec's `operationId`, such as `getThreats`.
    pub id: &'static str,
    /// The first of the operation's `tags`.
    pub tag: &'static str,
    /// The request method.
    pub method: Method,
    /// The path template, such as `/web/api/v2.1/threats`, with `{name}` for a path parameter.
    pub path: &'static str,
    /// Path and query parameters, sorted by name.
    pub parameters: &'static [Parameter],
    /// The JSON body that it takes.
    pub body: Option<Body>,
    /// The status of a successful answer.
    pub status: u16,
    /// Set where the answer is not JSON but bytes to be streamed: their type, such as `text/csv`.
    pub download: Option<&'static str>,
    /// The body of a successful answer, made of the spec's examples, where it is not a page.
    pub example: Option<&'static str>,
    /// Set where the operation answers with one page of a list (`x-pagination`).
    pub pagination: Option<Pagination>,
    /// What it does to the items of a list, or tells of them (`x-acts-on`).
    pub acts_on: Option<ActsOn>,
    /// How often the console lets one token call the operation (`x-rate-limit`).
    pub rate_limit: Option<RateLimit>,
    /// Whether it makes no difference how often a request arrives, so that one that failed may
    /// be sent again: by the method, unless the spec says otherwise (`x-idempotent`).
    pub idempotent: bool,
    /// Whether it takes the token (`security`).
    pub takes_token: bool,
}

impl Operation {
    /// An operation without parameters, body, pages or limits, which takes the token, answers with
    /// 200 in JSON and is idempotent if its method is.
    pub const fn new(
        id: &'static str,
        tag: &'static str,
        method: Method,
        path: &'static str,
    ) -> Self {
        // `Method::is_idempotent` is not a constant function.
        let idempotent = !matches!(method, Method::POST | Method::PATCH | Method::CONNECT);
        Operation {
            id,
            tag,
            method,
            path,
            parameters: &[],
            body: None,
            status: 200,
            download: None,
            example: None,
            pagination: None,
            acts_on: None,
            rate_limit: None,
            idempotent,
            takes_token: true,
        }
    }

    /// Sets the parameters.
    pub const fn parameters(mut self, parameters: &'static [Parameter]) -> Self {
        self.parameters = parameters;
        self
    }

    /// Sets the JSON body.
    pub const fn body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// Sets the status of a successful answer.
    pub const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Gives an example of a successful answer's body.
    pub const fn example(mut self, body: &'static str) -> Self {
        self.example = Some(body);
        self
    }

    /// Marks the operation as one that answers with bytes of that type.
    pub const fn download(mut self, media_type: &'static str) -> Self {
        self.download = Some(media_type);
        self
    }

    /// Marks the operation as a paged list.
    pub const fn paged(mut self, pagination: Pagination) -> Self {
        self.pagination = Some(pagination);
        self
    }

    /// Says what the operation does to the items of a list.
    pub const fn acts_on(mut self, acts_on: ActsOn) -> Self {
        self.acts_on = Some(acts_on);
        self
    }

    /// Sets the rate limit.
    pub const fn limited(mut self, rate_limit: RateLimit) -> Self {
        self.rate_limit = Some(rate_limit);
        self
    }

    /// Says whether a request that failed may be sent again, whatever its method.
    pub const fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = idempotent;
        self
    }

    /// Says that the operation takes no token.
    pub const fn without_token(mut self) -> Self {
        self.takes_token = false;
        self
    }

    /// The parameter with that wire name.
    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

/// What an operation does to the items of a list that it selects, or tells of them (`x-acts-on`).
///
/// They are selected by the parameters with an `x-filter` or an `x-identifies`, or by the members of
/// the body's filter, which are called as the parameters of the list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActsOn {
    /// The name of the items' schema.
    pub items: &'static str,
    /// Each field that is set, with where the value comes from: a JSON pointer into the body, or the
    /// value itself.
    pub set: &'static [(&'static str, &'static str)],
    /// What is added to the list that belongs to each item.
    pub add: Option<Addition>,
    /// Whether the items are removed.
    pub remove: bool,
    /// JSON pointer to the number of selected items in the response body.
    pub count: Option<&'static str>,
    /// JSON pointer to the item in the response body, or to the one that was added to it.
    pub item: Option<&'static str>,
    /// The file that the answer has the URL of.
    pub link: Option<Link>,
    /// Where the answer is a table: what of an item is a row, in the notation of
    /// [`Filter::fields`]. The item itself is unless set.
    pub rows: Option<&'static str>,
    /// The most items that a table has. The rest of the selected ones is left out.
    pub most: Option<u32>,
}

impl ActsOn {
    /// Selects items of a schema, and does nothing with them.
    pub const fn new(items: &'static str) -> Self {
        ActsOn {
            items,
            set: &[],
            add: None,
            remove: false,
            count: None,
            item: None,
            link: None,
            rows: None,
            most: None,
        }
    }

    /// Sets fields of the items.
    pub const fn set(mut self, set: &'static [(&'static str, &'static str)]) -> Self {
        self.set = set;
        self
    }

    /// Adds to the list that belongs to each item.
    pub const fn add(mut self, addition: Addition) -> Self {
        self.add = Some(addition);
        self
    }

    /// Removes the items.
    pub const fn remove(mut self) -> Self {
        self.remove = true;
        self
    }

    /// Answers with the number of items at `pointer`.
    pub const fn count(mut self, pointer: &'static str) -> Self {
        self.count = Some(pointer);
        self
    }

    /// Answers with the item at `pointer`.
    pub const fn item(mut self, pointer: &'static str) -> Self {
        self.item = Some(pointer);
        self
    }

    /// Answers with the URL of a file.
    pub const fn link(mut self, link: Link) -> Self {
        self.link = Some(link);
        self
    }

    /// Says what of an item is a row of the table.
    pub const fn rows(mut self, path: &'static str) -> Self {
        self.rows = Some(path);
        self
    }

    /// Sets the most items that the table has.
    pub const fn most(mut self, items: u32) -> Self {
        self.most = Some(items);
        self
    }
}

/// What is added to the list that belongs to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Addition {
    /// The name of the schema of what is added.
    pub items: &'static str,
    /// Each field of it, with where the value comes from, as in [`ActsOn::set`].
    pub set: &'static [(&'static str, &'static str)],
}

impl Addition {
    /// Adds an item of a schema, with these fields.
    pub const fn new(items: &'static str, set: &'static [(&'static str, &'static str)]) -> Self {
        Addition { items, set }
    }
}

/// A file that an answer has the URL of, on another host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// JSON pointer to the URL in the response body.
    pub url: &'static str,
    /// The type of the file, such as `application/zip`.
    pub media_type: &'static str,
}

impl Link {
    /// A file of that type, whose URL stands at `url`.
    pub const fn new(url: &'static str, media_type: &'static str) -> Self {
        Link { url, media_type }
    }
}

/// The JSON body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Body {
    /// What it is.
    pub content: FieldType,
    /// Whether the request is refused without it.
    pub required: bool,
    /// The member with the filter that says what the request is for (`x-requires-filter`). A
    /// request in whose filter nothing is set would be for everything that the token may change,
    /// so it is refused unless the caller says that this is meant.
    pub filter: Option<&'static str>,
}

impl Body {
    /// A body that may be left out.
    pub const fn new(content: FieldType) -> Self {
        Body { content, required: false, filter: None }
    }

    /// Makes the body required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Names the member in which a filter must be set.
    pub const fn requires_filter(mut self, name: &'static str) -> Self {
        self.filter = Some(name);
        self
    }
}

/// A path or query parameter and what the spec allows as its value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Parameter {
    /// The name on the wire, such as `createdAt__gte`.
    pub name: &'static str,
    /// Where the value stands in the request.
    pub location: Location,
    /// The type of the value, or of each item where `list` is set.
    pub value_type: ValueType,
    /// Whether the value is a list: its items are joined by commas on the wire.
    pub list: bool,
    /// Whether the request is refused without it.
    pub required: bool,
    /// The values that the spec names, for an enum. The console may know more.
    pub known_values: &'static [&'static str],
    /// What the value may be, beyond its type.
    pub constraints: Constraints,
    /// What the console takes where the parameter is left out, in wire form.
    pub default: Option<&'static str>,
    /// Which items of the list the parameter selects (`x-filter`).
    pub filter: Option<Filter>,
    /// The schema of the item whose id the parameter is (`x-identifies`). The operation is about
    /// that item, or about a list that belongs to it.
    pub identifies: Option<&'static str>,
}

impl Parameter {
    /// An optional query parameter with one value.
    pub const fn query(name: &'static str, value_type: ValueType) -> Self {
        Parameter {
            name,
            location: Location::Query,
            value_type,
            list: false,
            required: false,
            known_values: &[],
            constraints: Constraints::new(),
            default: None,
            filter: None,
            identifies: None,
        }
    }

    /// A path parameter; these are always required.
    pub const fn path(name: &'static str, value_type: ValueType) -> Self {
        let mut parameter = Parameter::query(name, value_type).required();
        parameter.location = Location::Path;
        parameter
    }

    /// Makes the value a list.
    pub const fn list(mut self) -> Self {
        self.list = true;
        self
    }

    /// Makes the parameter required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Names the known values of an enum.
    pub const fn known_values(mut self, values: &'static [&'static str]) -> Self {
        self.known_values = values;
        self
    }

    /// Says what the value may be, beyond its type.
    pub const fn constrained(mut self, constraints: Constraints) -> Self {
        self.constraints = constraints;
        self
    }

    /// Sets what the console takes where the parameter is left out.
    pub const fn default_value(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }

    /// Says which items the parameter selects.
    pub const fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Says that the parameter is the id of an item of that schema.
    pub const fn identifies(mut self, schema: &'static str) -> Self {
        self.identifies = Some(schema);
        self
    }
}

/// Where a parameter stands in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the query string.
    Query,
    /// In the path.
    Path,
}

/// The type of a parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueType {
    /// Any text, or one of an enum.
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// An RFC 3339 date-time in UTC, to the microsecond.
    DateTime,
}

/// Which items of a list a query parameter selects (`x-filter`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// How the parameter's value is held against the fields.
    pub op: FilterOp,
    /// The fields of an item, of which any may match.
    ///
    /// Members are joined by `.`; `name[]` is each element of an array, `*` each value and `~`
    /// each key of a map. A path that starts with `$` names an attribute that the console knows
    /// of an item but does not return; that of a schema's name is the list of such items that
    /// belongs to it.
    pub fields: &'static [&'static str],
    /// For a boolean parameter: the parameter asks whether the field has this value.
    pub value: Option<&'static str>,
}

impl Filter {
    /// A filter on any of `fields`.
    pub const fn new(op: FilterOp, fields: &'static [&'static str]) -> Self {
        Filter { op, fields, value: None }
    }

    /// Makes the parameter ask whether the field has this value.
    pub const fn value(mut self, value: &'static str) -> Self {
        self.value = Some(value);
        self
    }
}

/// How a filter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FilterOp {
    /// The field is one of the parameter's items.
    In,
    /// The field is none of the parameter's items.
    NotIn,
    /// The field contains any of the parameter's items, whatever the case.
    Contains,
    /// The field equals the parameter.
    Equals,
    /// The field is greater.
    Gt,
    /// The field is greater or equal.
    Gte,
    /// The field is less.
    Lt,
    /// The field is less or equal.
    Lte,
    /// The field is between two whole numbers or versions, `from-to`, or one of them. A time is held
    /// against numbers in milliseconds since 1970.
    Between,
    /// The field is there and not empty, or is not, as the parameter says.
    Exists,
    /// Any of the fields contains the parameter's text, whatever the case.
    FullText,
    /// The parameter is a JSON object of tag keys with the values to select, or to leave out
    /// where the key ends in `__nin`.
    Tags,
}

/// How a list is paged (`x-pagination`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pagination {
    /// The query parameter that takes the cursor.
    pub cursor: &'static str,
    /// The query parameter that takes the page size; its `maximum` is the largest page.
    pub limit: &'static str,
    /// The query parameter that skips items; it cannot be sent with a cursor.
    pub skip: Option<&'static str>,
    /// The query parameter that asks for the total alone.
    pub count_only: Option<&'static str>,
    /// The query parameter that asks for the total to be left uncounted.
    pub skip_count: Option<&'static str>,
    /// JSON pointer to the array of items in the response body.
    pub items: &'static str,
    /// JSON pointer to the cursor of the next page in the response body.
    pub next_cursor: &'static str,
    /// JSON pointer to the number of all items in the response body.
    pub total_items: Option<&'static str>,
    /// How the list is sorted.
    pub sort: Option<Sort>,
    /// What one item is made of, as far as the spec says.
    pub item: Option<&'static Schema>,
}

impl Pagination {
    /// Pages that are asked for by `cursor` and `limit`, with their parts at these JSON pointers.
    pub const fn new(
        cursor: &'static str,
        limit: &'static str,
        items: &'static str,
        next_cursor: &'static str,
    ) -> Self {
        Pagination {
            cursor,
            limit,
            skip: None,
            count_only: None,
            skip_count: None,
            items,
            next_cursor,
            total_items: None,
            sort: None,
            item: None,
        }
    }

    /// Names the parameter that skips items.
    pub const fn skip(mut self, name: &'static str) -> Self {
        self.skip = Some(name);
        self
    }

    /// Names the parameter that asks for the total alone.
    pub const fn count_only(mut self, name: &'static str) -> Self {
        self.count_only = Some(name);
        self
    }

    /// Names the parameter that leaves the total uncounted.
    pub const fn skip_count(mut self, name: &'static str) -> Self {
        self.skip_count = Some(name);
        self
    }

    /// Points to the number of all items.
    pub const fn total_items(mut self, pointer: &'static str) -> Self {
        self.total_items = Some(pointer);
        self
    }

    /// Says how the list is sorted.
    pub const fn sorted(mut self, sort: Sort) -> Self {
        self.sort = Some(sort);
        self
    }

    /// Says what one item is made of.
    pub const fn item(mut self, schema: &'static Schema) -> Self {
        self.item = Some(schema);
        self
    }
}

/// How a paged list is sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sort {
    /// The query parameter that names the column.
    pub by: &'static str,
    /// The query parameter that names the direction, `asc` or `desc`.
    pub order: &'static str,
    /// The column that sorts the list where none is named, and breaks ties.
    pub default: &'static str,
    /// Each column with the field of an item that it sorts on, in the notation of
    /// [`Filter::fields`].
    pub fields: &'static [(&'static str, &'static str)],
}

impl Sort {
    /// A list sorted by the parameters `by` and `order`.
    pub const fn new(
        by: &'static str,
        order: &'static str,
        default: &'static str,
        fields: &'static [(&'static str, &'static str)],
    ) -> Self {
        Sort { by, order, default, fields }
    }
}

/// How often one token may call an operation (`x-rate-limit`).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Sustained requests per second.
    pub requests_per_second: f64,
    /// Requests that may be sent at once after a pause.
    pub burst: u32,
}

impl RateLimit {
    /// A limit of so many requests per second, with bursts.
    pub const fn new(requests_per_second: f64, burst: u32) -> Self {
        RateLimit { requests_per_second, burst }
    }
}
