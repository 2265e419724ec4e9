//! Several statements in one round trip: between the server and its database that is what most small writes cost.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryTrait, Statement, Value, Values};

use crate::{Error, Work, resources::ROWS_PER_STATEMENT};

/// The most parameters of one statement on PostgreSQL is 65 535.
const PARAMETERS: usize = 60_000;

/// Statements that do not depend on each other's rows.
pub(crate) struct Together {
    backend: DatabaseBackend,
    statements: Vec<Statement>,
}

impl Work {
    /// Nothing yet.
    pub(crate) fn together(&self) -> Together {
        Together { backend: self.backend(), statements: Vec::new() }
    }
}

impl Together {
    pub(crate) fn add(&mut self, statement: Statement) {
        self.statements.push(statement);
    }

    /// Adds the insertion of rows, however many.
    pub(crate) fn insert<A: ActiveModelTrait>(&mut self, rows: Vec<A>) {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some = rows.by_ref().take(ROWS_PER_STATEMENT);
            self.add(<A::Entity as EntityTrait>::insert_many(some).build(self.backend));
        }
    }

    /// Runs all of them.
    pub(crate) async fn run(self, work: &Work) -> Result<(), Error> {
        let mut some = Vec::new();
        let mut parameters = 0;
        for statement in self.statements {
            let own = statement.values.as_ref().map_or(0, |values| values.0.len());
            if parameters + own > PARAMETERS {
                work.transaction.execute_raw(join(self.backend, std::mem::take(&mut some))).await?;
                parameters = 0;
            }
            parameters += own;
            some.push(statement);
        }
        if !some.is_empty() {
            work.transaction.execute_raw(join(self.backend, some)).await?;
        }
        Ok(())
    }
}

/// One statement that does what all of them do. SQLite takes several behind one another; PostgreSQL takes them as
/// parts of one, whose parameters go on counting.
fn join(backend: DatabaseBackend, statements: Vec<Statement>) -> Statement {
    let mut sql = String::new();
    let mut values: Vec<Value> = Vec::new();
    let mut add = |statement: Statement, before: &str, after: &str| {
        sql.push_str(before);
        if backend == DatabaseBackend::Postgres {
            count_on(&mut sql, &statement.sql, values.len());
        } else {
            sql.push_str(&statement.sql);
        }
        sql.push_str(after);
        values.extend(statement.values.unwrap_or(Values(Vec::new())).0);
    };
    let mut statements = statements.into_iter();
    let first = statements.next();
    if backend == DatabaseBackend::Postgres {
        // PostgreSQL runs the main statement first and its parts from the last to the first: so locks are taken in the
        // order that was asked for.
        let parts = statements.rev().enumerate().collect::<Vec<_>>();
        let last = parts.len();
        for (at, part) in parts {
            let before = if at == 0 { format!("WITH part{at} AS (") } else { format!(", part{at} AS (") };
            add(part, &before, if at + 1 == last { ") " } else { ")" });
        }
        first.into_iter().for_each(|first| add(first, "", ""));
    } else {
        first.into_iter().for_each(|first| add(first, "", ""));
        statements.for_each(|statement| add(statement, "; ", ""));
    }
    Statement::from_sql_and_values(backend, sql, values)
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
        let joined = join(DatabaseBackend::Postgres, all.clone());
        let expected = "WITH part0 AS (INSERT c ($1), ($2)), part1 AS (UPDATE b $3) INSERT a ($4, $5)";
        assert_eq!(joined.sql, expected);
        assert_eq!(joined.values.map(|values| values.0.len()), Some(5));
        assert_eq!(join(DatabaseBackend::Postgres, vec![all[0].clone()]).sql, "INSERT a ($1, $2)");
        assert_eq!(join(DatabaseBackend::Sqlite, all[..2].to_vec()).sql, "INSERT a ($1, $2); UPDATE b $1");
    }
}
