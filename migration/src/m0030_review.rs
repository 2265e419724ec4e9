//! Reviews: campaigns, the grants in them, and who reviews which.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [campaign(), item(), reviewer()] {
            manager.create_table(table).await?;
        }
        for index in [of_state(), of_subject(), once(), items_of_state(), open_of_subject(), of_item()] {
            manager.create_index(index).await?;
        }
        if manager.get_database_backend() == sea_orm_migration::sea_orm::DatabaseBackend::Sqlite {
            manager.get_connection().execute_unprepared(STATISTICS).await?;
        }
        Ok(())
    }
}

/// Without foreign keys to people: reviews are evidence. `subject_id` is the one person of a micro-review. `content` is the
/// campaign as the rules know it, what it is about, and how far it has come, as JSON.
fn campaign() -> TableCreateStatement {
    Table::create()
        .table("campaign")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("subject_id").uuid())
        .col(ColumnDef::new("starts").big_integer().not_null())
        .col(ColumnDef::new("deadline").big_integer().not_null())
        .col(ColumnDef::new("created").big_integer().not_null())
        .col(ColumnDef::new("content").text().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned()
}

/// `content` is the item as the rules know it, and what was known when it was made; the other columns say of that what is
/// looked up.
fn item() -> TableCreateStatement {
    Table::create()
        .table("review_item")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("campaign_id").uuid().not_null())
        .col(ColumnDef::new("grant_id").uuid().not_null())
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("group_id").uuid().not_null())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("content").text().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(
            ForeignKey::create().from("review_item", ("tenant_id", "campaign_id")).to("campaign", ("tenant_id", "id")),
        )
        .to_owned()
}

/// Who reviews an item: an index of what the item says.
fn reviewer() -> TableCreateStatement {
    Table::create()
        .table("reviewer")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("campaign_id").uuid().not_null())
        .col(ColumnDef::new("item_id").uuid().not_null())
        .primary_key(Index::create().col("tenant_id").col("user_id").col("campaign_id").col("item_id"))
        .foreign_key(
            ForeignKey::create()
                .from("reviewer", ("tenant_id", "item_id"))
                .to("review_item", ("tenant_id", "id"))
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn index(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).col("tenant_id").to_owned();
    columns.iter().for_each(|column| {
        index.col(*column);
    });
    index
}

fn of_state() -> IndexCreateStatement {
    index("campaign_of_state", "campaign", &["state", "id"])
}

fn of_subject() -> IndexCreateStatement {
    index("campaign_of_subject", "campaign", &["subject_id"])
        .and_where(Expr::col("subject_id").is_not_null())
        .to_owned()
}

/// A grant is in a campaign once, however often the making of its items is taken up.
fn once() -> IndexCreateStatement {
    index("review_item_once", "review_item", &["campaign_id", "grant_id"]).unique().to_owned()
}

fn items_of_state() -> IndexCreateStatement {
    index("review_item_of_state", "review_item", &["campaign_id", "state", "id"])
}

/// What is left out when somebody leaves.
fn open_of_subject() -> IndexCreateStatement {
    let open = Expr::col("state").eq("open");
    index("review_item_of_subject", "review_item", &["subject_id", "id"]).and_where(open).to_owned()
}

fn of_item() -> IndexCreateStatement {
    index("reviewer_of_item", "reviewer", &["item_id"])
}

/// As in the step that made the tables of resources: what is true of every large database.
const STATISTICS: &str = "
    ANALYZE sqlite_master;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('campaign', 'sqlite_autoindex_campaign_1', '20000 2000 1'),
        ('campaign', 'campaign_of_state', '20000 2000 500 1'),
        ('campaign', 'campaign_of_subject', '15000 1500 2'),
        ('review_item', 'sqlite_autoindex_review_item_1', '2000000 200000 1'),
        ('review_item', 'review_item_once', '2000000 200000 2000 1'),
        ('review_item', 'review_item_of_state', '2000000 200000 2000 500 1'),
        ('review_item', 'review_item_of_subject', '200000 20000 10 1'),
        ('reviewer', 'sqlite_autoindex_reviewer_1', '2000000 200000 2000 100 1'),
        ('reviewer', 'reviewer_of_item', '2000000 200000 1');
    ANALYZE sqlite_master;
";
