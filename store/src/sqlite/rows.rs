//! Rows as sea-orm's entities read them. SQLite itself knows numbers, text and bytes alone; what else a value is stands
//! in the declaration of its column.

use std::collections::BTreeMap;

use rusqlite::{Row, Statement, types::ValueRef};
use sea_orm::{ProxyRow, Value};
use uuid::Uuid;

use crate::sqlite::Fault;

/// The columns of 32 bits: declared like those of 64, which SQLite does not tell apart.
const SMALL: [&str; 4] = ["element", "part", "shard", "status"];

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

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// A name means one kind of number in every table.
    #[test]
    fn small_numbers_are_known_by_name() {
        let entities = Path::new(env!("CARGO_MANIFEST_DIR")).join("../entity/src");
        let (mut small, mut large) = (BTreeSet::new(), BTreeSet::new());
        for file in fs::read_dir(entities).expect("entities") {
            let text = fs::read_to_string(file.expect("a file").path()).expect("text");
            for (name, kind) in text.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": ")) {
                match kind.trim_end_matches(',') {
                    "i32" | "Option<i32>" => small.insert(name.to_owned()),
                    "i64" | "Option<i64>" => large.insert(name.to_owned()),
                    _ => false,
                };
            }
        }
        assert!(small.iter().eq(SMALL), "{small:?}");
        assert!(small.is_disjoint(&large), "{small:?} {large:?}");
    }
}
