//! Values of sea-query as parameters of SQLite.

use rusqlite::{
    Statement, ToSql,
    types::{ToSqlOutput, ValueRef},
};
use sea_orm::Value;

use crate::sqlite::Fault;

/// Binds all parameters of a statement. `?` takes the next value, `$2` the second.
pub(super) fn values(statement: &mut Statement<'_>, values: &[Value]) -> Result<(), Fault> {
    for parameter in 1..=statement.parameter_count() {
        let named = statement.parameter_name(parameter).and_then(|name| name.strip_prefix('$')?.parse().ok());
        let value = values.get(named.unwrap_or(parameter) - 1);
        statement.raw_bind_parameter(
            parameter,
            Bound(value.ok_or(Fault::InvalidParameterCount(values.len(), parameter))?),
        )?;
    }
    Ok(())
}

struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let integer = |value: Option<i64>| value.map_or(ValueRef::Null, ValueRef::Integer);
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Bool(value) => integer(value.map(i64::from)),
            Value::TinyInt(value) => integer(value.map(i64::from)),
            Value::SmallInt(value) => integer(value.map(i64::from)),
            Value::Int(value) => integer(value.map(i64::from)),
            Value::BigInt(value) => integer(*value),
            Value::TinyUnsigned(value) => integer(value.map(i64::from)),
            Value::SmallUnsigned(value) => integer(value.map(i64::from)),
            Value::Unsigned(value) => integer(value.map(i64::from)),
            Value::BigUnsigned(value) => integer(value.map(i64::try_from).transpose().map_err(wrong)?),
            Value::Double(value) => value.map_or(ValueRef::Null, ValueRef::Real),
            Value::String(value) => value.as_ref().map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes())),
            Value::Bytes(value) => value.as_ref().map_or(ValueRef::Null, |bytes| ValueRef::Blob(bytes)),
            Value::Uuid(value) => value.as_ref().map_or(ValueRef::Null, |id| ValueRef::Blob(id.as_bytes())),
            _ => return Err(wrong("a kind of value that no column has")),
        }))
    }
}

fn wrong(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    Fault::ToSqlConversionFailure(error.into())
}
