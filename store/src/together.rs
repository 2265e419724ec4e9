//! Several statements in one round trip: between the server and its database that is what most small writes cost.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseBackend, EntityName, EntityTrait, IdenStatic, Iterable, QueryTrait,
    Statement, Value, Values, sea_query::OnConflict,
};

use crate::{Error, Work, at_once, postgres::Open, resources::ROWS_PER_STATEMENT, transaction::Transaction};

/// The most parameters of one statement on PostgreSQL is 65 535.
pub(crate) const PARAMETERS: usize = 60_000;
/// From so many rows on PostgreSQL takes them as one parameter: to read a text with a parameter for each value takes longer than to
/// write the rows, and another number of them is another text.
const MANY: usize = 8;

/// Statements that do not depend on each other's rows.
pub(crate) struct Together {
    backend: DatabaseBackend,
    steps: Vec<Step>,
}

enum Step {
    One(Part),
    /// On SQLite, where a round trip costs nothing: an insertion, again and again for rows of values.
    Insert {
        sql: String,
        rows: Vec<Vec<Value>>,
    },
}

impl Work {
    /// Nothing yet.
    pub(crate) fn together(&self) -> Together {
        Together::new(self.backend())
    }
}

impl Together {
    pub(crate) fn new(backend: DatabaseBackend) -> Self {
        Self { backend, steps: Vec::new() }
    }

    pub(crate) fn add(&mut self, statement: Statement) {
        self.steps.push(Step::One(statement.into()));
    }

    /// Adds a statement whose rows those behind it name, on PostgreSQL, where it must return that many.
    pub(crate) fn add_named(&mut self, name: &'static str, rows: u64, statement: Statement) {
        self.steps.push(Step::One(Part { statement, rows: Some(rows), name: Some(name) }));
    }

    /// Adds the insertion of rows, however many.
    pub(crate) fn insert<A: ActiveModelTrait>(&mut self, rows: Vec<A>) {
        if self.backend == DatabaseBackend::Sqlite {
            self.steps.extend(again(rows));
            return;
        }
        let rows = match self.add_many(rows, "") {
            Ok(()) => return,
            Err(rows) => rows,
        };
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some = rows.by_ref().take(ROWS_PER_STATEMENT);
            self.add(<A::Entity as EntityTrait>::insert_many(some).build(self.backend));
        }
    }

    /// Adds the insertion of many rows on PostgreSQL, each statement with one parameter. Gives back what are few, or have a value
    /// that it does not know how to write.
    fn add_many<A: ActiveModelTrait>(&mut self, rows: Vec<A>, end: &str) -> Result<(), Vec<A>> {
        if rows.len() < MANY || !rows.first().is_some_and(|row| columns_of(row).iter().all(|(_, value)| can_say(value)))
        {
            return Err(rows);
        }
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some: Vec<A> = rows.by_ref().take(ROWS_PER_STATEMENT).collect();
            if let Some((names, rows)) = whole(some) {
                let table = A::Entity::default().table_name().to_owned();
                let list = format!("\"{}\"", names.join("\", \""));
                let sql = format!(
                    "INSERT INTO \"{table}\" ({list}) SELECT {list} FROM json_populate_recordset(NULL::\"{table}\", $1::json){end}"
                );
                self.add(Statement::from_sql_and_values(self.backend, sql, [said(&names, &rows).into()]));
            }
        }
        Ok(())
    }

    /// Adds the insertion of rows, however many; those whose key is there take over these columns of theirs.
    pub(crate) fn upsert<A: ActiveModelTrait>(
        &mut self,
        rows: Vec<A>,
        key: &[<A::Entity as EntityTrait>::Column],
        anew: &[<A::Entity as EntityTrait>::Column],
    ) {
        let of = |column: &<A::Entity as EntityTrait>::Column| format!("\"{0}\" = excluded.\"{0}\"", column.as_str());
        let renewed: Vec<String> = anew.iter().map(of).collect();
        let names: Vec<&str> = key.iter().map(IdenStatic::as_str).collect();
        let there = format!(" ON CONFLICT (\"{}\") DO UPDATE SET {}", names.join("\", \""), renewed.join(", "));
        if self.backend == DatabaseBackend::Sqlite {
            self.steps.extend(again(rows).map(|step| step.with(&there)));
            return;
        }
        let rows = match self.add_many(rows, &there) {
            Ok(()) => return,
            Err(rows) => rows,
        };
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some = <A::Entity as EntityTrait>::insert_many(rows.by_ref().take(ROWS_PER_STATEMENT));
            let there = OnConflict::columns(key.iter().copied()).update_columns(anew.iter().copied()).to_owned();
            self.add(some.on_conflict(there).build(self.backend));
        }
    }

    /// Runs all of them; what is written at once runs at the end.
    pub(crate) async fn run(self, work: &Work) -> Result<(), Error> {
        self.run_in(&work.transaction).await
    }

    /// The same where others must be held off meanwhile, which takes a transaction.
    pub(crate) async fn run_whole(self, work: &Work) -> Result<(), Error> {
        if work.transaction.is_at_once() && !self.steps.is_empty() {
            return Err(at_once::not_at_once().into());
        }
        self.run(work).await
    }

    /// The same, in a transaction that is not for a tenant's work.
    pub(crate) async fn run_in(self, transaction: &Transaction) -> Result<(), Error> {
        match transaction {
            Transaction::AtOnce(at_once) => {
                at_once.add(self.parts());
                Ok(())
            }
            Transaction::Postgres(transaction) => self.run_joined(transaction).await,
            Transaction::Sqlite(writing) => {
                for step in &self.steps {
                    match step {
                        Step::One(part) => writing.run(&part.statement).map(drop)?,
                        Step::Insert { sql, rows } => writing.insert(sql, rows)?,
                    }
                }
                Ok(())
            }
        }
    }

    async fn run_joined(self, transaction: &Open) -> Result<(), Error> {
        let mut some = Vec::new();
        let mut parameters = 0;
        for part in self.parts() {
            let own = part.parameters();
            if parameters + own > PARAMETERS {
                run_as_one(transaction, std::mem::take(&mut some)).await?;
                parameters = 0;
            }
            parameters += own;
            some.push(part);
        }
        if !some.is_empty() {
            run_as_one(transaction, some).await?;
        }
        Ok(())
    }

    fn parts(self) -> impl Iterator<Item = Part> {
        self.steps.into_iter().filter_map(|step| match step {
            Step::One(part) => Some(part),
            Step::Insert { .. } => None,
        })
    }
}

/// A part of a joined statement.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) statement: Statement,
    /// How many rows it must return for the whole to be kept.
    pub(crate) rows: Option<u64>,
    /// What parts behind it call it by; names and numbers are one list, and no name is given twice.
    pub(crate) name: Option<&'static str>,
}

impl From<Statement> for Part {
    fn from(statement: Statement) -> Self {
        Self { statement, rows: None, name: None }
    }
}

async fn run_as_one(transaction: &Open, parts: Vec<Part>) -> Result<(), Error> {
    match transaction.execute_raw(join(parts)).await {
        Ok(_) => Ok(()),
        Err(error) if at_once::has_met(&error) => Err(Error::Conflict),
        Err(error) => Err(error.into()),
    }
}

impl Step {
    /// The same with this at its end.
    fn with(self, end: &str) -> Self {
        match self {
            Self::Insert { sql, rows } => Self::Insert { sql: sql + end, rows },
            one @ Self::One(_) => one,
        }
    }
}

impl Part {
    pub(crate) fn only_reads(&self) -> bool {
        self.rows.is_some() && self.statement.sql.starts_with("SELECT ")
    }

    pub(crate) fn parameters(&self) -> usize {
        self.statement.values.as_ref().map_or(0, |values| values.0.len())
    }
}

/// The insertion of rows, one by one.
fn again<A: ActiveModelTrait>(rows: Vec<A>) -> Option<Step> {
    let (names, rows) = whole(rows)?;
    let marks = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", A::Entity::default().table_name(), names.join(", "));
    Some(Step::Insert { sql, rows })
}

/// The columns that the first row has, and the values of each row.
fn whole<A: ActiveModelTrait>(mut rows: Vec<A>) -> Option<(Vec<&'static str>, Vec<Vec<Value>>)> {
    let columns: Vec<_> = columns_of(rows.first()?).into_iter().map(|(column, _)| column).collect();
    let values = |row: &mut A| columns.iter().filter_map(|column| row.take(*column).into_value()).collect();
    let rows = rows.iter_mut().map(values).collect();
    Some((columns.iter().map(IdenStatic::as_str).collect(), rows))
}

/// The columns that a row has, with its values.
fn columns_of<A: ActiveModelTrait>(row: &A) -> Vec<(<A::Entity as EntityTrait>::Column, Value)> {
    <A::Entity as EntityTrait>::Column::iter()
        .filter_map(|column| Some((column, row.get(column).into_value()?)))
        .collect()
}

/// Whether [`said`] knows how to write a value of that kind.
fn can_say(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::String(_) | Value::Uuid(_))
}

/// Rows as a list of JSON objects.
fn said(names: &[&str], rows: &[Vec<Value>]) -> String {
    let mut text = String::with_capacity(rows.len() * names.len() * 24);
    for row in rows {
        text.push(if text.is_empty() { '[' } else { ',' });
        for (at, (name, value)) in names.iter().zip(row).enumerate() {
            let value = match value {
                Value::Bool(Some(value)) => value.to_string(),
                Value::Int(Some(value)) => value.to_string(),
                Value::BigInt(Some(value)) => value.to_string(),
                Value::Uuid(Some(value)) => format!("\"{value}\""),
                Value::String(Some(value)) => serde_json::Value::from(value.as_str()).to_string(),
                _ => "null".to_owned(),
            };
            text.push_str(if at == 0 { "{\"" } else { ",\"" });
            text.push_str(name);
            text.push_str("\":");
            text.push_str(&value);
        }
        text.push('}');
    }
    text.push(']');
    text
}

/// One statement that does what all of them do, as PostgreSQL takes them: as parts of one, whose parameters go on
/// counting. Those with a number of rows run first, one after the other, and the whole is undone if one returns another.
pub(crate) fn join(parts: Vec<Part>) -> Statement {
    let mut sql = String::new();
    let mut values: Vec<Value> = Vec::new();
    let mut add = |statement: Statement, before: &str, after: &str| {
        sql.push_str(before);
        count_on(&mut sql, &statement.sql, values.len());
        sql.push_str(after);
        values.extend(statement.values.unwrap_or(Values(Vec::new())).0);
    };
    let (counted, others): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| part.rows.is_some());
    let mut others = others.into_iter();
    let main = if counted.is_empty() { others.next().map(|part| part.statement) } else { None };
    let mut verdict = Vec::with_capacity(counted.len());
    // PostgreSQL runs the main statement first, with the parts that it asks for, and the others from the last to the
    // first: so locks are taken in the order that was asked for.
    let all: Vec<Part> = counted.into_iter().chain(others.rev()).collect();
    let last = all.len();
    for (at, Part { statement, rows, name }) in all.into_iter().enumerate() {
        let name = name.map_or_else(|| format!("part{at}"), str::to_owned);
        let before = if at == 0 { format!("WITH {name} AS (") } else { format!(", {name} AS (") };
        verdict.extend(rows.map(|rows| (name, rows)));
        add(statement, &before, if at + 1 == last { ") " } else { ")" });
    }
    match main {
        Some(main) => add(main, "", ""),
        None => sql.push_str(&at_once::verdict(&verdict)),
    }
    Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values)
}

/// Writes a statement with its parameters counted from `before` on. Values are bound and never written out, so that a
/// dollar sign starts a parameter.
fn count_on(sql: &mut String, statement: &str, before: usize) {
    let mut parts = statement.split('$');
    sql.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = part[..digits].parse().unwrap_or(0);
        sql.push_str(&format!("${}{}", number + before, &part[digits..]));
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn rows_are_said_as_json() {
        let rows = [
            vec![Value::from(9_007_199_254_740_993_i64), Value::from("\"a\\ b\u{7}\n"), Value::from(Uuid::nil())],
            vec![Value::BigInt(None), Value::from(true), Value::from(-1_i32)],
        ];
        assert!(rows.iter().flatten().all(can_say) && !can_say(&Value::from(vec![1_u8])));
        let text = said(&["x", "y", "z"], &rows);
        let expected = "[{\"x\":9007199254740993,\"y\":\"\\\"a\\\\ b\\u0007\\n\",\"z\":\"00000000-0000-0000-0000-000000000000\"},\
                        {\"x\":null,\"y\":true,\"z\":-1}]";
        assert_eq!(text, expected);
    }

    #[test]
    fn parameters_go_on_counting() {
        let one = |sql: &str, values: &[i32]| {
            Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values.iter().map(|value| (*value).into()))
        };
        let all = [one("INSERT a ($1, $2)", &[1, 2]), one("UPDATE b $1", &[3]), one("INSERT c ($1), ($2)", &[4, 5])];
        let joined = join(all.iter().cloned().map(Part::from).collect());
        let counted = |statement: &Statement, rows| Part { statement: statement.clone(), rows: Some(rows), name: None };
        let judged = join(vec![counted(&all[1], 1), all[0].clone().into(), all[2].clone().into()]).sql;
        let parts = "WITH part0 AS (UPDATE b $1), part1 AS (INSERT c ($2), ($3)), part2 AS (INSERT a ($4, $5)) SELECT ";
        assert!(judged.starts_with(parts) && judged.contains("(SELECT count(*) FROM part0) = 1"), "{judged}");
        let expected = "WITH part0 AS (INSERT c ($1), ($2)), part1 AS (UPDATE b $3) INSERT a ($4, $5)";
        assert_eq!(joined.sql, expected);
        assert_eq!(joined.values.map(|values| values.0.len()), Some(5));
        assert_eq!(join(vec![all[0].clone().into()]).sql, "INSERT a ($1, $2)");
    }
}
