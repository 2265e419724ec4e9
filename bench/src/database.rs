//! Where servers keep what they store: SQLite files of their own, or databases on a PostgreSQL server that are made
//! for a run and dropped after it.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::Outcome;

/// Which database.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    Sqlite,
    /// One of that name on the server of that URL.
    Postgres {
        server: String,
        name: String,
    },
}

impl Database {
    /// A database of this run's own: whatever else is on the server is not ours.
    pub(crate) fn postgres(server: &str) -> Self {
        Self::Postgres { server: server.to_owned(), name: format!("caurlaide_bench_{}", std::process::id()) }
    }

    /// The floor's database beside this one.
    pub(crate) fn of_floor(&self) -> Self {
        match self {
            Self::Sqlite => Self::Sqlite,
            Self::Postgres { server, name } => Self::Postgres { server: server.clone(), name: format!("{name}_floor") },
        }
    }

    /// What people call it.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    /// The URL of a PostgreSQL database.
    pub(crate) fn url(&self) -> Option<String> {
        let Self::Postgres { server, name } = self else { return None };
        let (server, parameters) = server.split_once('?').map_or((server.as_str(), None), |(a, b)| (a, Some(b)));
        let base = server.rsplit_once('/').map_or(server, |(base, _)| base);
        let parameters = parameters.map(|parameters| format!("?{parameters}")).unwrap_or_default();
        Some(format!("{base}/{name}{parameters}"))
    }

    /// Makes it, empty. An SQLite file is made by whoever opens it.
    pub(crate) async fn create(&self) -> Outcome<()> {
        self.drop().await?;
        let Self::Postgres { server, name } = self else { return Ok(()) };
        tell(server, format!("CREATE DATABASE {name}")).await
    }

    /// Takes it away, whoever is still connected.
    pub(crate) async fn drop(&self) -> Outcome<()> {
        let Self::Postgres { server, name } = self else { return Ok(()) };
        tell(server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
    }

    /// Does at once what autovacuum does in the first quiet minutes, so that it does not happen while others measure.
    pub(crate) async fn settle(&self) -> Outcome<()> {
        let Some(url) = self.url() else { return Ok(()) };
        tell(&url, "VACUUM (ANALYZE)".to_owned()).await?;
        tell(&url, "CHECKPOINT".to_owned()).await
    }
}

async fn tell(url: &str, statement: String) -> Outcome<()> {
    let mut connection = PgConnection::connect(url).await?;
    connection.execute(AssertSqlSafe(statement)).await?;
    Ok(connection.close().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_names_the_database_of_the_run() {
        let of = |server: &str| Database::Postgres { server: server.into(), name: "x".into() }.url();
        assert_eq!(of("postgres://a:b@h:1/postgres").as_deref(), Some("postgres://a:b@h:1/x"));
        assert_eq!(of("postgres://h/y?sslmode=disable").as_deref(), Some("postgres://h/x?sslmode=disable"));
        assert_eq!(Database::Sqlite.url(), None);
    }
}
