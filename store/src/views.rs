//! Who looked at whose data: written in batches with the log of calls, read by the person, and forgotten when it is old.

use std::collections::HashMap;

use entity::{client, issuer, person_view};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Query},
};
use uuid::Uuid;

use crate::{Error, TenantId, TenantStore, calls::first_id};

/// That somebody looked at the data of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonView {
    /// Its id, which rises with time.
    pub id: Uuid,
    /// The user whose data it is.
    pub subject: Uuid,
    /// When it was answered, in milliseconds since 1970.
    pub at: i64,
    /// With which client, or through which issuer.
    pub client: Uuid,
    /// Which user looked; none for a client by itself.
    pub user: Option<Uuid>,
    /// What was read, without ids.
    pub route: String,
    /// The request's id.
    pub request: String,
}

impl From<person_view::Model> for PersonView {
    fn from(row: person_view::Model) -> Self {
        Self {
            id: row.id,
            subject: row.subject_id,
            at: row.at,
            client: row.client_id,
            user: row.user_id,
            route: row.route,
            request: row.request_id,
        }
    }
}

pub(crate) fn row((tenant, view): &(TenantId, PersonView)) -> person_view::ActiveModel {
    person_view::ActiveModel {
        tenant_id: Set(tenant.0),
        id: Set(view.id),
        subject_id: Set(view.subject),
        at: Set(view.at),
        client_id: Set(view.client),
        user_id: Set(view.user),
        route: Set(view.route.clone()),
        request_id: Set(view.request.clone()),
    }
}

impl TenantStore {
    /// Who looked at a person's data, the newest first, behind that entry.
    pub async fn views_of(&self, subject: Uuid, behind: Option<Uuid>, limit: u64) -> Result<Vec<PersonView>, Error> {
        use person_view::Column;
        let rows = person_view::Entity::find()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::SubjectId.eq(subject))
            .filter(Condition::all().add_option(behind.map(|behind| Column::Id.lt(behind))))
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(&self.store.read)
            .await?;
        Ok(rows.into_iter().map(PersonView::from).collect())
    }

    /// What these clients and issuers are called. What is not there any more is left out.
    pub async fn names_of_callers(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, Error> {
        let clients = client::Entity::find()
            .select_only()
            .columns([client::Column::Id, client::Column::Name])
            .filter(client::Column::TenantId.eq(self.tenant.0))
            .filter(client::Column::Id.is_in(ids.iter().copied()))
            .build(self.store.backend());
        let issuers = issuer::Entity::find()
            .select_only()
            .columns([issuer::Column::Id, issuer::Column::Name])
            .filter(issuer::Column::TenantId.eq(self.tenant.0))
            .filter(issuer::Column::Id.is_in(ids.iter().copied()))
            .build(self.store.backend());
        let mut names = HashMap::new();
        for select in [clients, issuers] {
            names.extend(self.store.read.rows(select, |row| Ok((row.get(0)?, row.get(1)?))).await?);
        }
        Ok(names)
    }

    /// Forgets views from before that instant, that many at the most. Says how many.
    pub async fn forget_views(&self, before: i64, limit: u64) -> Result<u64, Error> {
        use person_view::Column;
        let old = Query::select()
            .column(Column::Id)
            .from(person_view::Entity)
            .and_where(Expr::col(Column::TenantId).eq(self.tenant.0))
            .and_where(Expr::col(Column::Id).lt(first_id(before)))
            .order_by(Column::Id, sea_orm::Order::Asc)
            .limit(limit)
            .to_owned();
        let gone = person_view::Entity::delete_many()
            .filter(Column::TenantId.eq(self.tenant.0))
            .filter(Column::Id.in_subquery(old))
            .exec(&self.store.write)
            .await?;
        Ok(gone.rows_affected)
    }
}
