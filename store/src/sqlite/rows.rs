//! Rows as sea-orm's entities read them. SQLite itself knows numbers, text and bytes alone; what else a value is stands
//! in the declaration of its column.

use std::collections::BTreeMap;

use rusqlite::{Row, Statement, types::ValueRef};
use sea_orm::{ProxyRow, Value};
use uuid::Uuid;

use crate::sqlite::Fault;

/// The columns of 32 bits: declared like those of 64, which SQLite does not tell apart.
const SMALL: [&str; 3] = ["element", "shard", "status"];

/// What a column holds.
#[derive(Clone, Copy)]
enum Holds {
    Bool,
    Small,
    Id,
    /// What SQLite itself says.
    Plain,
}

/// A column of a statement.
pub(super) struct Column {
    name: String,
    holds: Holds,
}

/// The columns of a statement.
pub(super) fn columns(statement: &Statement<'_>) -> Vec<Column> {
    let column = |column: &rusqlite::Column<'_>| {
        let name = column.name().to_owned();
        let holds = match column.decl_type().unwrap_or_default() {
            "boolean" => Holds::Bool,
            "uuid_text" => Holds::Id,
            _ if SMALL.contains(&name.as_str()) => Holds::Small,
            _ => Holds::Plain,
        };
        Column { name, holds }
    };
    statement.columns().iter().map(column).collect()
}

/// A row by the names of its columns.
pub(super) fn read(row: &Row<'_>, columns: &[Column]) -> Result<ProxyRow, Fault> {
    let mut values = BTreeMap::new();
    for (at, column) in columns.iter().enumerate() {
        values.insert(column.name.clone(), value(column.holds, row.get_ref(at)?)?);
    }
    Ok(ProxyRow::new(values))
}

fn value(holds: Holds, value: ValueRef<'_>) -> Result<Value, Fault> {
    Ok(match (holds, value) {
        (_, ValueRef::Null) => Value::String(None),
        (Holds::Bool, ValueRef::Integer(number)) => Value::Bool(Some(number != 0)),
        (Holds::Small, ValueRef::Integer(number)) => {
            Value::Int(Some(i32::try_from(number).map_err(|_| Fault::IntegralValueOutOfRange(0, number))?))
        }
        (_, ValueRef::Integer(number)) => Value::BigInt(Some(number)),
        (_, ValueRef::Real(number)) => Value::Double(Some(number)),
        (Holds::Id, ValueRef::Blob(bytes)) => Value::Uuid(Uuid::from_slice(bytes).ok()),
        (_, ValueRef::Blob(bytes)) => Value::Bytes(Some(bytes.to_vec())),
        (_, ValueRef::Text(text)) => {
            Value::String(Some(std::str::from_utf8(text).map_err(|error| Fault::Utf8Error(0, error))?.to_owned()))
        }
    })
}
