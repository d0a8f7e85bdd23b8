//! Items that are not as the spec says, for a client to cope with. Which fields they have is
//! known from the filters of the operation.

use sentinelone_runtime::operation::{Operation, Pagination, Parameter, ValueType};
use serde_json::{Value, json};

use crate::fault::Fault;

/// Changes the body as the fault says, if it has what to change.
pub(crate) fn drift(
    body: &mut Value,
    operation: &Operation,
    pagination: &Pagination,
    cursor: Option<&str>,
    fault: Fault,
) -> Option<()> {
    if fault == Fault::DuplicateCursor {
        let next = body.pointer_mut(pagination.next_cursor).filter(|next| next.is_string())?;
        *next = cursor?.into();
        return Some(());
    }
    let item = body.pointer_mut(pagination.items)?.get_mut(0)?;
    match fault {
        Fault::UnknownMember => {
            item.as_object_mut()?
                .insert("simulatedMember".to_owned(), json!({"of": ["a", "fault"]}));
        }
        Fault::NullObject => {
            let mut members = item.as_object_mut()?.values_mut();
            *members.find(|member| member.is_object())? = Value::Null;
        }
        Fault::UnknownEnumValue => {
            *text(item, operation, |it| !it.known_values.is_empty())? = "simulated_value".into();
        }
        Fault::WrongType => {
            *text(item, operation, |it| it.value_type == ValueType::String)? =
                json!({"a": "fault"});
        }
        Fault::BlankDate => {
            *text(item, operation, |it| it.value_type == ValueType::DateTime)? = "".into();
        }
        _ => return None,
    }
    Some(())
}

/// The first field of the item with a text that such a parameter filters.
fn text<'v>(
    item: &'v mut Value,
    operation: &Operation,
    filters: impl Fn(&Parameter) -> bool,
) -> Option<&'v mut Value> {
    let fields =
        operation.parameters.iter().filter(|it| filters(it)).filter_map(|it| it.filter.as_ref());
    let pointers =
        fields.flat_map(|filter| filter.fields).map(|it| format!("/{}", it.replace('.', "/")));
    let pointer = pointers.into_iter().find(|it| item.pointer(it).is_some_and(Value::is_string))?;
    item.pointer_mut(&pointer)
}
