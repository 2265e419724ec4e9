//! Who answers for an application, and where in the organisation it belongs.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Without foreign keys: people and units come and go, and somebody else answers then. SQLite adds one column at a time.
        for column in ["owner_id", "deputy_id", "node_id"] {
            let column = ColumnDef::new(column).uuid().to_owned();
            manager.alter_table(Table::alter().table("application").add_column(column).to_owned()).await?;
        }
        for (name, column) in [("application_owner", "owner_id"), ("application_deputy", "deputy_id")] {
            manager.create_index(index(name, column)).await?;
        }
        Ok(())
    }
}

/// What somebody answers for.
fn index(name: &'static str, column: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(name)
        .table("application")
        .col("tenant_id")
        .col(column)
        .and_where(Expr::col(column).is_not_null())
        .to_owned()
}
