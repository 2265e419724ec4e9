//! All that differs between SQLite and PostgreSQL.

use sea_orm::{
    ConnectionTrait, DatabaseBackend, Statement, Value,
    sea_query::{Expr, ExprTrait, Func, SelectStatement},
    sqlx::{ConnectOptions, postgres::PgConnectOptions},
};

use crate::{
    Error, Options,
    postgres::{Connections, Open},
};

/// A long-lived number that stands for "Caurlaide's migrations" among PostgreSQL's advisory locks.
const MIGRATION_LOCK: i64 = 0x6361_7572_6c61;

/// The same for the nesting of groups, beside a tenant's number.
const NESTING_LOCK: i32 = 0x6361_7572;

/// And for what is part of what in its organisation.
const ORGANISATION_LOCK: i32 = 0x6361_7573;

/// The lock of those who change its rules about access rights.
const RULES_LOCK: i32 = 0x6361_7574;
/// The lock of those who look for conflicts of its people.
const DUTIES_LOCK: i32 = 0x6361_7575;

/// And for the numbers of its requests.
const REQUEST_LOCK: i32 = 0x6361_7579;

/// The lock of those who give or take roles of people who look after something.
const ADMIN_ROLES_LOCK: i32 = 0x6361_7578;

pub(crate) fn postgres(url: &str, options: &Options) -> Result<PgConnectOptions, Error> {
    let server: PgConnectOptions =
        url.parse().map_err(|error| Error::Unusable(format!("the address of the database is not valid: {error}")))?;
    let patience = options.patience.as_millis().to_string();
    Ok(server.disable_statement_logging().application_name("caurlaide").options([
        ("lock_timeout", patience.as_str()),
        ("statement_timeout", "30000"),
        ("synchronous_commit", "on"),
        // Statements are few and written so that one plan suits every value: see docs/decisions/0020.
        ("plan_cache_mode", "force_generic_plan"),
        // Among a thousand tenants each is taken for a few rows, which are then gathered and sorted, though an index has them in order: it looks
        // cheaper wherever rows from all over a table cost more than neighbours. See docs/decisions/0006.
        ("random_page_cost", "1"),
        ("jit", "off"),
        // A node that stopped in the middle must not keep its locks.
        ("idle_in_transaction_session_timeout", "15000"),
        // What nobody waits for any more ends.
        ("client_connection_check_interval", "1000"),
        ("tcp_user_timeout", "10000"),
        ("tcp_keepalives_idle", "10"),
    ]))
}

/// A transaction of PostgreSQL that sees everything as it is at its first statement, whatever others write meanwhile, and
/// that whoever takes its rows slowly may keep open for a while.
pub(crate) async fn snapshot(connections: &Connections) -> Result<Open, Error> {
    let transaction = connections.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    transaction.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = '10min'").await?;
    Ok(transaction)
}

/// Makes other nodes wait while one migrates; the lock ends with the transaction. SQLite's write lock
/// already does.
pub(crate) async fn lock_migrations(connection: &impl ConnectionTrait) -> Result<(), Error> {
    if connection.get_database_backend() == DatabaseBackend::Postgres {
        let patience = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0";
        connection.execute_unprepared(patience).await?;
        connection.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
    }
    Ok(())
}

/// Makes other writers who nest groups of that tenant wait: two that put each of two groups into the other would
/// not see each other. SQLite has one writer at a time.
pub(crate) async fn lock_nesting(connection: &impl ConnectionTrait, tenant: i64) -> Result<(), Error> {
    lock_of_tenant(connection, NESTING_LOCK, tenant).await
}

/// The same for those who change the organisation of that tenant.
pub(crate) async fn lock_organisation(connection: &impl ConnectionTrait, tenant: i64) -> Result<(), Error> {
    lock_of_tenant(connection, ORGANISATION_LOCK, tenant).await
}

/// The same for those who give numbers to requests of that tenant.
pub(crate) async fn lock_requests(connection: &impl ConnectionTrait, tenant: i64) -> Result<(), Error> {
    lock_of_tenant(connection, REQUEST_LOCK, tenant).await
}

/// What waits, on PostgreSQL, while somebody holds the numbers of requests, and lets nobody hold them until it is over.
pub(crate) fn share_requests(tenant: i64) -> (&'static str, [Value; 2]) {
    ("SELECT 1 FROM pg_advisory_xact_lock_shared($1, hashint8($2))", [REQUEST_LOCK.into(), tenant.into()])
}

/// The same for those who change its rules about access rights, or take away what these name.
pub(crate) async fn lock_rules(connection: &impl ConnectionTrait, tenant: i64) -> Result<(), Error> {
    lock_of_tenant(connection, RULES_LOCK, tenant).await
}

/// The same for those who look for conflicts of its people.
pub(crate) async fn lock_duties(connection: &impl ConnectionTrait, tenant: i64) -> Result<(), Error> {
    lock_of_tenant(connection, DUTIES_LOCK, tenant).await
}

/// The same for those who give or take roles of people who look after something.
pub(crate) async fn lock_admin_roles(connection: &impl ConnectionTrait, tenant: i64) -> Result<(), Error> {
    lock_of_tenant(connection, ADMIN_ROLES_LOCK, tenant).await
}

async fn lock_of_tenant(connection: &impl ConnectionTrait, lock: i32, tenant: i64) -> Result<(), Error> {
    let backend = connection.get_database_backend();
    if backend == DatabaseBackend::Postgres {
        let sql = "SELECT pg_advisory_xact_lock($1, hashint8($2))";
        connection.execute_raw(Statement::from_sql_and_values(backend, sql, [lock.into(), tenant.into()])).await?;
    }
    Ok(())
}

pub(crate) async fn has_table(connection: &impl ConnectionTrait, name: &str) -> Result<bool, Error> {
    let backend = connection.get_database_backend();
    let sql = match backend {
        DatabaseBackend::Postgres => "SELECT 1 WHERE to_regclass($1) IS NOT NULL",
        _ => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1",
    };
    let found = connection.query_one_raw(Statement::from_sql_and_values(backend, sql, [name.into()])).await?;
    Ok(found.is_some())
}

/// Whether `text` holds `part`, by code point. `LIKE` folds ASCII case on SQLite.
pub(crate) fn contains(backend: DatabaseBackend, text: Expr, part: &str) -> Expr {
    let position = if backend == DatabaseBackend::Postgres { "strpos" } else { "instr" };
    Expr::expr(Func::cust(position).arg(text).arg(part)).gt(0)
}

/// Whether `text` ends with `part`, by code point.
pub(crate) fn ends_with(backend: DatabaseBackend, text: Expr, part: &str) -> Expr {
    let length = i32::try_from(part.chars().count()).unwrap_or(i32::MAX);
    let tail = if backend == DatabaseBackend::Postgres {
        Func::cust("right").arg(text).arg(length)
    } else {
        Func::cust("substr").arg(text).arg(-length)
    };
    Expr::expr(tail).eq(part)
}

/// Whether a column is in a short list that a query makes. PostgreSQL makes the list first and looks each of it
/// up, whatever it knows of the tables; told `IN`, it may walk through all rows until it has gathered statistics.
pub(crate) fn one_of_few(backend: DatabaseBackend, column: Expr, list: SelectStatement) -> Expr {
    if backend != DatabaseBackend::Postgres {
        return column.in_subquery(list);
    }
    let array = Func::cust("ARRAY").arg(Expr::SubQuery(None, Box::new(list.into())));
    column.eq(Func::cust("ANY").arg(array))
}

/// Keeps PostgreSQL from turning what is asked of few rows into a join with all that answer it: it leaves a query with
/// an offset alone. SQLite asks row by row anyway.
pub(crate) fn ask_row_by_row(backend: DatabaseBackend, query: &mut SelectStatement) {
    if backend == DatabaseBackend::Postgres {
        query.offset(0);
    }
}

/// Lets PostgreSQL gather its first statistics as soon as there is something to gather: until then it takes a tenant
/// for one row and walks through all of its users. It does so by itself within a minute or so, and from then on;
/// SQLite has fixed ones.
pub(crate) async fn first_statistics(connection: &impl ConnectionTrait) -> Result<(), Error> {
    if connection.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(());
    }
    let wanting = "SELECT 1 FROM pg_stat_user_tables WHERE relname = 'resource' AND n_live_tup >= 100 \
                   AND last_analyze IS NULL AND last_autoanalyze IS NULL";
    let wanting = Statement::from_string(DatabaseBackend::Postgres, wanting);
    if connection.query_one_raw(wanting).await?.is_some() {
        connection.execute_unprepared("ANALYZE resource, resource_value, member").await?;
    }
    Ok(())
}

/// A resource id as the text that clients see.
pub(crate) fn id_text(backend: DatabaseBackend, column: &str) -> Expr {
    if backend == DatabaseBackend::Postgres {
        return Expr::cust(format!("CAST({column} AS text) COLLATE \"C\""));
    }
    let part = |start, length| format!("substr(hex({column}), {start}, {length})");
    let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)];
    Expr::cust(format!("lower({})", parts.join(" || '-' || ")))
}
