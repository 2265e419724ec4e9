//! What an index has in order is read in order, on both databases, however many tenants there are; see docs/decisions/0006.
#![expect(
    clippy::disallowed_methods,
    reason = "a test finds its server in the environment, and names its database by itself"
)]

use scim::{
    message::{PageSize, Parameters},
    schema::Catalog,
};
use sea_orm::{ConnectionTrait, Database, DatabaseBackend, Statement};

use super::*;
use crate::{Location, Options, Store, TenantId, members::tests::plan, reader::Reader};

const SINCE: [&str; 2] =
    ["meta.lastModified gt \"2026-01-01T00:00:00Z\"", "meta.lastModified ge \"2026-01-01T00:00:00Z\""];
const NUMBER: TenantId = TenantId(150);

/// Three hundred tenants with five users each, and among them one with a thousand, in no order; as large as documents are.
const MANY_TENANTS: &str = "
    INSERT INTO tenant (slug, name, state, created) SELECT 't' || n, 'T', 'active', 0 FROM generate_series(1, 300) n;
    INSERT INTO resource (tenant_id, kind, id, created, modified, version, document)
        SELECT tenant.id, 'User', gen_random_uuid(), 0, n, 1, repeat(md5(n::text), 30)
        FROM tenant, generate_series(1, 1000) n WHERE tenant.id = 150 OR n <= 5 ORDER BY md5(tenant.id || ' ' || n);
    ANALYZE";

/// What a query for users asks the database for.
fn select(backend: DatabaseBackend, parameters: &Parameters) -> SelectStatement {
    let catalog = Catalog::standard();
    let kind = catalog.by_name("User").expect("User");
    let page = PageSize { default: 100, maximum: 100 };
    let queries = [parameters.query(kind, page, scim::Mode::Tolerant).expect("a query")];
    let kinds = std::slice::from_ref(kind);
    let wanted = Wanted { catalog: &catalog, kinds, queries: &queries, base: "", total: None };
    let search = Search::new(backend, NUMBER, &catalog, kind);
    let condition = queries[0].condition.as_ref();
    let mut select = search.ids(condition.map_or(Truth::Always, |asked| search.of_resource(asked)));
    Sequence::new(&wanted).apply(&mut select, NUMBER);
    select
}

fn changed(filter: &str) -> Parameters {
    Parameters { filter: Some(filter.into()), cursor: Some(String::new()), ..Parameters::default() }
}

/// A database on the PostgreSQL server of `TEST_DATABASE_URL` with many tenants.
async fn many_tenants() -> Store {
    let server = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names a PostgreSQL server");
    let name = format!("test_{}", Uuid::now_v7().simple());
    let connection = Database::connect(&server).await.expect("the PostgreSQL server of TEST_DATABASE_URL");
    connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a new database");
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    let url = format!("{base}/{name}");
    let store = Store::connect(&Location::Postgres(url.clone()), &Options::default()).await.expect("a database");
    store.migrate().await.expect("migrated");
    let connection = Database::connect(&url).await.expect("a connection");
    connection.execute_unprepared(MANY_TENANTS).await.expect("many tenants");
    store
}

/// How PostgreSQL goes about a statement whatever its values are, for which nulls stand here.
async fn explained(store: &Store, statement: Statement) -> String {
    let Reader::Postgres(connections) = &store.read else { panic!("this is about PostgreSQL") };
    let values = vec!["NULL"; statement.values.map_or(0, |values| values.iter().count())].join(", ");
    let connection = connections.begin("BEGIN").await.expect("a connection");
    connection.execute_unprepared(&format!("PREPARE asked AS {}", statement.sql)).await.expect("prepared");
    let explain = format!("EXPLAIN EXECUTE asked({values})");
    let rows = connection.query_all_raw(Statement::from_string(DatabaseBackend::Postgres, explain)).await;
    connection.execute_unprepared("DEALLOCATE asked").await.expect("forgotten");
    let rows = rows.expect("a plan");
    let lines: Vec<String> = rows.iter().map(|row| row.try_get("", "QUERY PLAN").expect("a line")).collect();
    lines.join("\n")
}

/// `meta.lastModified gt` is a range of an index, in the order of that index, however large the tenant.
#[tokio::test]
async fn what_has_changed_is_found_by_an_index() {
    for filter in SINCE {
        let plan = plan(&select(DatabaseBackend::Sqlite, &changed(filter))).await;
        assert!(plan.contains("resource_modified (tenant_id=? AND kind=? AND modified>?)"), "{plan}");
        assert!(!plan.contains("ORDER BY"), "{plan}");
    }
}

#[tokio::test]
async fn postgres_walks_along_an_index_among_many_tenants() {
    let store = many_tenants().await;
    let backend = DatabaseBackend::Postgres;
    let ordered = async |parameters: &Parameters, skipped: u64, columns: &[&'static str]| {
        let mut select = select(backend, parameters);
        select.columns(columns.iter().map(|column| ("resource", *column)));
        let plan = explained(&store, Slice { length: 101, skipped }.of(backend.build(&select))).await;
        assert!(!plan.contains("Sort") && !plan.contains("Bitmap"), "{plan}");
        plan
    };
    for (skipped, columns) in [(0, &COLUMNS[..]), (900, &["kind"])] {
        let plan = ordered(&Parameters::default(), skipped, columns).await;
        assert!(plan.contains("Index Cond: ((tenant_id = $1)"), "{plan}");
    }
    for filter in SINCE {
        let plan = ordered(&changed(filter), 0, &COLUMNS).await;
        assert!(plan.contains("using resource_modified") && plan.contains("(modified >"), "{plan}");
    }
}

/// By `startIndex` as well the index finds what has changed, and how many that are; by `cursor` it also has them in order.
#[tokio::test]
async fn postgres_counts_by_an_index_what_has_changed() {
    let store = many_tenants().await;
    let by_number = Parameters { filter: Some(SINCE[0].into()), ..Parameters::default() };
    let mut page = select(DatabaseBackend::Postgres, &by_number);
    let mut count = page.clone();
    let count = count.clear_selects().clear_order_by().expr(Expr::col(("resource", "id")).count());
    page.column(("resource", "kind"));
    for select in [&page, &*count] {
        let statement = store.backend().build(select);
        let plan = explained(&store, statement).await;
        assert!(plan.contains("using resource_modified") && plan.contains("(modified >"), "{plan}");
    }
}
