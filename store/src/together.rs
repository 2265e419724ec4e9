//! Several statements in one round trip: between the server and its database that is what most small writes cost.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, EntityName, EntityTrait, IdenStatic,
    Iterable, QueryTrait, Statement, Value, Values,
};

use crate::{Error, Work, resources::ROWS_PER_STATEMENT, transaction::Transaction};

/// The most parameters of one statement on PostgreSQL is 65 535.
const PARAMETERS: usize = 60_000;

/// Statements that do not depend on each other's rows.
pub(crate) struct Together {
    backend: DatabaseBackend,
    steps: Vec<Step>,
}

enum Step {
    One(Statement),
    /// On SQLite, where a round trip costs nothing: an insertion, again and again for rows of values.
    Insert {
        sql: String,
        rows: Vec<Vec<Value>>,
    },
}

impl Work {
    /// Nothing yet.
    pub(crate) fn together(&self) -> Together {
        Together { backend: self.backend(), steps: Vec::new() }
    }
}

impl Together {
    pub(crate) fn add(&mut self, statement: Statement) {
        self.steps.push(Step::One(statement));
    }

    /// Adds the insertion of rows, however many.
    pub(crate) fn insert<A: ActiveModelTrait>(&mut self, rows: Vec<A>) {
        if self.backend == DatabaseBackend::Sqlite {
            self.steps.extend(again(rows));
            return;
        }
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some = rows.by_ref().take(ROWS_PER_STATEMENT);
            self.add(<A::Entity as EntityTrait>::insert_many(some).build(self.backend));
        }
    }

    /// Runs all of them.
    pub(crate) async fn run(self, work: &Work) -> Result<(), Error> {
        match &*work.transaction {
            Transaction::Postgres(transaction) => self.run_joined(transaction).await,
            Transaction::Sqlite(writing) => {
                for step in &self.steps {
                    match step {
                        Step::One(statement) => writing.run(statement).map(drop)?,
                        Step::Insert { sql, rows } => writing.insert(sql, rows)?,
                    }
                }
                Ok(())
            }
        }
    }

    async fn run_joined(self, transaction: &DatabaseTransaction) -> Result<(), Error> {
        let mut some = Vec::new();
        let mut parameters = 0;
        for step in self.steps {
            let Step::One(statement) = step else { continue };
            let own = statement.values.as_ref().map_or(0, |values| values.0.len());
            if parameters + own > PARAMETERS {
                transaction.execute_raw(join(std::mem::take(&mut some))).await?;
                parameters = 0;
            }
            parameters += own;
            some.push(statement);
        }
        if !some.is_empty() {
            transaction.execute_raw(join(some)).await?;
        }
        Ok(())
    }
}

/// The columns that the first row has, and the values of each row.
fn again<A: ActiveModelTrait>(mut rows: Vec<A>) -> Option<Step> {
    let first = rows.first()?;
    let columns: Vec<_> =
        <A::Entity as EntityTrait>::Column::iter().filter(|column| !first.get(*column).is_not_set()).collect();
    let names: Vec<&str> = columns.iter().map(IdenStatic::as_str).collect();
    let marks = vec!["?"; columns.len()].join(", ");
    let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", A::Entity::default().table_name(), names.join(", "));
    let values = |row: &mut A| columns.iter().filter_map(|column| row.take(*column).into_value()).collect();
    Some(Step::Insert { sql, rows: rows.iter_mut().map(values).collect() })
}

/// One statement that does what all of them do, as PostgreSQL takes them: as parts of one, whose parameters go on
/// counting.
fn join(statements: Vec<Statement>) -> Statement {
    let mut sql = String::new();
    let mut values: Vec<Value> = Vec::new();
    let mut add = |statement: Statement, before: &str, after: &str| {
        sql.push_str(before);
        count_on(&mut sql, &statement.sql, values.len());
        sql.push_str(after);
        values.extend(statement.values.unwrap_or(Values(Vec::new())).0);
    };
    let mut statements = statements.into_iter();
    let first = statements.next();
    // PostgreSQL runs the main statement first and its parts from the last to the first: so locks are taken in the
    // order that was asked for.
    let parts = statements.rev().enumerate().collect::<Vec<_>>();
    let last = parts.len();
    for (at, part) in parts {
        let before = if at == 0 { format!("WITH part{at} AS (") } else { format!(", part{at} AS (") };
        add(part, &before, if at + 1 == last { ") " } else { ")" });
    }
    first.into_iter().for_each(|first| add(first, "", ""));
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
    use super::*;

    #[test]
    fn parameters_go_on_counting() {
        let one = |sql: &str, values: &[i32]| {
            Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values.iter().map(|value| (*value).into()))
        };
        let all =
            vec![one("INSERT a ($1, $2)", &[1, 2]), one("UPDATE b $1", &[3]), one("INSERT c ($1), ($2)", &[4, 5])];
        let joined = join(all.clone());
        let expected = "WITH part0 AS (INSERT c ($1), ($2)), part1 AS (UPDATE b $3) INSERT a ($4, $5)";
        assert_eq!(joined.sql, expected);
        assert_eq!(joined.values.map(|values| values.0.len()), Some(5));
        assert_eq!(join(vec![all[0].clone()]).sql, "INSERT a ($1, $2)");
    }
}
