//! To which application and to which unit a review keeps: whoever looks after one of them finds it by that. What was begun before
//! is found so from its next change on.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Without foreign keys: reviews are evidence. SQLite adds one column at a time.
        for column in ["application_id", "node_id"] {
            let column = ColumnDef::new(column).uuid().to_owned();
            manager.alter_table(Table::alter().table("campaign").add_column(column).to_owned()).await?;
        }
        for (name, column) in [("campaign_of_application", "application_id"), ("campaign_of_node", "node_id")] {
            manager.create_index(index(name, column)).await?;
        }
        if manager.get_database_backend() == DatabaseBackend::Sqlite {
            manager.get_connection().execute_unprepared(STATISTICS).await?;
        }
        Ok(())
    }
}

fn index(name: &'static str, column: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(name)
        .table("campaign")
        .col("tenant_id")
        .col(column)
        .col("id")
        .and_where(Expr::col(column).is_not_null())
        .to_owned()
}

/// As in the step that made the table.
const STATISTICS: &str = "
    ANALYZE sqlite_master;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('campaign', 'campaign_of_application', '10000 1000 10 1'),
        ('campaign', 'campaign_of_node', '10000 1000 10 1');
    ANALYZE sqlite_master;
";
