//! On PostgreSQL every row that names its tenant held the tenant's row until it was committed, so that all writers of a
//! tenant met there. Tenants are told from nothing but a checked credential, and their numbers are never given out
//! twice, so that what is written most need not ask.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DatabaseBackend::Postgres {
            return Ok(());
        }
        for table in ["resource", "event", "call", "removal"] {
            let drop = format!("ALTER TABLE {table} DROP CONSTRAINT {table}_tenant_id_fkey");
            manager.get_connection().execute_unprepared(&drop).await?;
        }
        Ok(())
    }
}
