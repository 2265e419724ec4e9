//! Requests: what people ask for, item by item, and who has to decide about it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [request(), item(), approver()] {
            manager.create_table(table).await?;
        }
        for index in [number(), of_requester(), of_subject(), of_request(), twin(), asked_by(), of_group()] {
            manager.create_index(index).await?;
        }
        for index in [of_item(), waiting()] {
            manager.create_index(index).await?;
        }
        if manager.get_database_backend() == sea_orm_migration::sea_orm::DatabaseBackend::Sqlite {
            manager.get_connection().execute_unprepared(STATISTICS).await?;
        }
        Ok(())
    }
}

/// Without foreign keys to people: requests are evidence. `number` is the year and the place in it; `content` is JSON: why
/// it is asked for.
fn request() -> TableCreateStatement {
    Table::create()
        .table("access_request")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("number").big_integer().not_null())
        .col(ColumnDef::new("requester_id").uuid().not_null())
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("created").big_integer().not_null())
        .col(ColumnDef::new("content").text().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned()
}

/// `content` is the item as the rules know it; the other columns say of that what is looked up.
fn item() -> TableCreateStatement {
    Table::create()
        .table("request_item")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .col(ColumnDef::new("request_id").uuid().not_null())
        .col(ColumnDef::new("requester_id").uuid().not_null())
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("group_id").uuid().not_null())
        .col(ColumnDef::new("kind").string_len(16).not_null())
        .col(ColumnDef::new("state").string_len(16).not_null())
        .col(ColumnDef::new("grant_id").uuid())
        .col(ColumnDef::new("ended").big_integer())
        .col(ColumnDef::new("content").text().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(
            ForeignKey::create()
                .from("request_item", ("tenant_id", "request_id"))
                .to("access_request", ("tenant_id", "id")),
        )
        .to_owned()
}

/// Who decides about an item or has had to: an index of what the item says. `waits` is true while it is their turn.
fn approver() -> TableCreateStatement {
    Table::create()
        .table("approver")
        .col(ColumnDef::new("tenant_id").big_integer().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("item_id").uuid().not_null())
        .col(ColumnDef::new("waits").boolean().not_null())
        .primary_key(Index::create().col("tenant_id").col("user_id").col("item_id"))
        .foreign_key(
            ForeignKey::create()
                .from("approver", ("tenant_id", "item_id"))
                .to("request_item", ("tenant_id", "id"))
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

fn number() -> IndexCreateStatement {
    index("access_request_number", "access_request", &["number"]).unique().to_owned()
}

fn of_requester() -> IndexCreateStatement {
    index("access_request_of_requester", "access_request", &["requester_id", "id"])
}

fn of_subject() -> IndexCreateStatement {
    index("access_request_of_subject", "access_request", &["subject_id", "id"])
}

fn of_request() -> IndexCreateStatement {
    index("request_item_of_request", "request_item", &["request_id"])
}

/// The same is not asked for twice at a time.
fn twin() -> IndexCreateStatement {
    let columns = ["subject_id", "group_id", "kind"];
    index("request_item_twin", "request_item", &columns).unique().and_where(Expr::col("ended").is_null()).to_owned()
}

/// What comes to nothing when somebody leaves who has asked for it.
fn asked_by() -> IndexCreateStatement {
    index("request_item_asked_by", "request_item", &["requester_id"]).and_where(Expr::col("ended").is_null()).to_owned()
}

/// What comes to nothing when an entitlement is not in use any more.
fn of_group() -> IndexCreateStatement {
    index("request_item_of_group", "request_item", &["group_id"]).and_where(Expr::col("ended").is_null()).to_owned()
}

fn of_item() -> IndexCreateStatement {
    index("approver_of_item", "approver", &["item_id"])
}

/// What waits for somebody.
fn waiting() -> IndexCreateStatement {
    index("approver_waiting", "approver", &["user_id", "item_id"]).and_where(Expr::col("waits")).to_owned()
}

/// As in the step that made the tables of resources: what is true of every large database.
const STATISTICS: &str = "
    ANALYZE sqlite_master;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
        ('access_request', 'sqlite_autoindex_access_request_1', '200000 20000 1'),
        ('access_request', 'access_request_number', '200000 20000 1'),
        ('access_request', 'access_request_of_requester', '200000 20000 10 1'),
        ('access_request', 'access_request_of_subject', '200000 20000 10 1'),
        ('request_item', 'sqlite_autoindex_request_item_1', '400000 40000 1'),
        ('request_item', 'request_item_of_request', '400000 40000 2'),
        ('request_item', 'request_item_twin', '20000 2000 2 1 1'),
        ('request_item', 'request_item_asked_by', '20000 2000 4'),
        ('request_item', 'request_item_of_group', '20000 2000 10'),
        ('approver', 'sqlite_autoindex_approver_1', '800000 80000 200 1'),
        ('approver', 'approver_of_item', '800000 80000 2'),
        ('approver', 'approver_waiting', '20000 2000 10 1');
    ANALYZE sqlite_master;
";
