//! Notifications: what people are told, and what becomes of the mail about it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(notification()).await?;
        for index in [of_recipient(), once(), due()] {
            manager.create_index(index).await?;
        }
        if manager.get_database_backend() == sea_orm_migration::sea_orm::DatabaseBackend::Sqlite {
            manager.get_connection().execute_unprepared(STATISTICS).await?;
        }
        Ok(())
    }
}

/// `event` names what happened, so that nobody hears of it twice. `content` holds ids and numbers and no names. `due` is when
/// the mail is to be sent, or until when it belongs to the node that sends it; nothing if there is no mail any more.
fn notification() -> TableCreateStatement {
    Table::create()
        .table("notification")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("recipient_id").uuid().not_null())
        .col(ColumnDef::new("event").string_len(120).not_null())
        .col(ColumnDef::new("kind").string_len(32).not_null())
        .col(ColumnDef::new("content").text().not_null())
        .col(ColumnDef::new("read").big_integer())
        .col(ColumnDef::new("mail").string_len(16).not_null())
        .col(ColumnDef::new("due").big_integer())
        .col(ColumnDef::new("attempts").big_integer().not_null())
        .col(ColumnDef::new("failure").text())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned()
}

fn of_recipient() -> IndexCreateStatement {
    Index::create()
        .name("notification_of_recipient")
        .table("notification")
        .col("tenant_id")
        .col("recipient_id")
        .col("id")
        .to_owned()
}

/// At most once for an event and a recipient.
fn once() -> IndexCreateStatement {
    Index::create()
        .name("notification_once")
        .table("notification")
        .col("tenant_id")
        .col("event")
        .col("recipient_id")
        .unique()
        .to_owned()
}

/// Does not begin with the tenant: whatever is due is looked for in all of them at once.
fn due() -> IndexCreateStatement {
    Index::create()
        .name("notification_due")
        .table("notification")
        .col("due")
        .and_where(Expr::col("due").is_not_null())
        .to_owned()
}

/// As in the step that made the tables of resources: what is true of every large database.
const STATISTICS: &str = "
    ANALYZE sqlite_master;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('notification', 'sqlite_autoindex_notification_1', '1000000 100000 1'),
        ('notification', 'notification_of_recipient', '1000000 100000 50 1'),
        ('notification', 'notification_once', '1000000 100000 2 1'),
        ('notification', 'notification_due', '1000 2');
    ANALYZE sqlite_master;
";
