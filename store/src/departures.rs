//! What is known of how somebody left: since when they are out, and when applications have read it.

use std::collections::HashMap;

use entity::{application_group, call, client, member, removal};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Func, Query},
};
use uuid::Uuid;

use crate::{Error, Removed, Row, TenantStore, calls::first_id};

/// How many calls behind a departure are looked through for the first of each application.
const WINDOW: u64 = 20_000;
/// How many applications are looked at.
const APPLICATIONS: u64 = 200;

/// That somebody left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// When, in milliseconds since 1970: from then on no read shows a membership.
    pub at: i64,
    /// By which client, or through which issuer.
    pub client: Option<Uuid>,
    /// Whether the user was deleted, and not only deactivated.
    pub is_deletion: bool,
}

/// An application of whose groups somebody was a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Which.
    pub application: Uuid,
    /// In how many of its groups.
    pub groups: i64,
    /// When its own client first read something after that, in milliseconds since 1970.
    pub read: Option<i64>,
}

impl TenantStore {
    /// How somebody left last, as long as that is kept.
    pub async fn departure(&self, user: Uuid) -> Result<Option<Departure>, Error> {
        use removal::Column;
        let row = removal::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::ResourceId.eq(user))
            .filter(Column::What.is_in([Removed::Activity.word(), Removed::Resource.word()]))
            .order_by_desc(Column::Version)
            .one(&self.store.read)
            .await?;
        let deleted = Removed::Resource.word();
        Ok(row.map(|row| Departure { at: row.at, client: row.client_id, is_deletion: row.what == deleted }))
    }

    /// In how many groups somebody is.
    pub async fn count_memberships_of(&self, user: Uuid) -> Result<u64, Error> {
        let theirs = member::Entity::find()
            .filter(member::Column::TenantId.eq(self.tenant.0))
            .filter(member::Column::MemberId.eq(user));
        Ok(theirs.count(&self.store.read).await?)
    }

    /// The applications in which somebody had something when they left, in the order of ids.
    pub async fn leftovers(&self, user: Uuid, departure: &Departure) -> Result<Vec<Leftover>, Error> {
        let (grant, group) = ("access_grant", "application_group");
        let ended = || Expr::col((grant, "ended"));
        let select = Query::select()
            .column((group, "application_id"))
            .expr(Func::count_distinct(Expr::col((group, "group_id"))))
            .from(grant)
            .inner_join(
                application_group::Entity,
                Expr::col((group, "tenant_id"))
                    .equals((grant, "tenant_id"))
                    .and(Expr::col((group, "group_id")).equals((grant, "group_id"))),
            )
            .and_where(Expr::col((grant, "tenant_id")).eq(self.tenant.0))
            .and_where(Expr::col((grant, "user_id")).eq(user))
            .and_where(Expr::col((grant, "activated")).lte(departure.at))
            .and_where(ended().is_null().or(ended().gte(departure.at)))
            .group_by_col((group, "application_id"))
            .order_by((group, "application_id"), sea_orm::Order::Asc)
            .limit(APPLICATIONS)
            .take();
        let select = self.store.backend().build(&select);
        let rows: Vec<(Uuid, i64)> = self.store.read.rows(select, |row| Ok((row.get(0)?, row.get(1)?))).await?;
        let applications: Vec<Uuid> = rows.iter().map(|(application, _)| *application).collect();
        let reads = self.first_reads(&applications, departure.at).await?;
        let leftover = |(application, groups)| Leftover { application, groups, read: reads.get(&application).copied() };
        Ok(rows.into_iter().map(leftover).collect())
    }

    /// When clients of these applications first read something after an instant, as far as the log of calls is looked
    /// through.
    async fn first_reads(&self, applications: &[Uuid], since: i64) -> Result<HashMap<Uuid, i64>, Error> {
        let select = client::Entity::find()
            .select_only()
            .columns([client::Column::Id, client::Column::ApplicationId])
            .filter(client::Column::TenantId.eq(self.tenant.0))
            .filter(client::Column::ApplicationId.is_in(applications.iter().copied()))
            .build(self.store.backend());
        let clients: Vec<(Uuid, Uuid)> = self.store.read.rows(select, |row| Ok((row.get(0)?, row.get(1)?))).await?;
        let clients: HashMap<Uuid, Uuid> = clients.into_iter().collect();
        let select = call::Entity::find()
            .select_only()
            .columns([call::Column::ClientId, call::Column::At])
            .filter(call::Column::TenantId.eq(self.tenant.0))
            .filter(call::Column::Id.gte(first_id(since)))
            .filter(call::Column::Method.eq("GET"))
            .filter(call::Column::Status.lt(400))
            .order_by_asc(call::Column::Id)
            .limit(if clients.is_empty() { 0 } else { WINDOW })
            .build(self.store.backend());
        let read = |row: &Row<'_>| Ok((row.get::<Option<Uuid>>(0)?, row.get::<i64>(1)?));
        let mut first = HashMap::new();
        for (client, at) in self.store.read.rows(select, read).await? {
            if let Some(application) = client.and_then(|client| clients.get(&client)).filter(|_| at >= since) {
                first.entry(*application).or_insert(at);
            }
        }
        Ok(first)
    }
}
