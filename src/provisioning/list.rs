//! GET of a list (RFC 7644 §3.4.2).

use scim::{
    message::{PageSize, Parameters},
    schema::ResourceType,
};

use crate::provisioning::{Directory, Error};

impl Directory {
    /// A page of resources as the text of a ListResponse.
    pub async fn list(&self, kind: &ResourceType, parameters: &Parameters, page: PageSize) -> Result<String, Error> {
        let query = parameters.query(kind, page)?;
        let found = self.data.query(&self.catalog, kind, &query, &self.base).await?;
        let shown = self.show_all(kind, found.resources, &query.projection).await?;
        let bodies: Vec<String> = shown.into_iter().map(|shown| shown.body).collect();
        Ok(scim::message::list_text(found.total, query.start_index, &bodies))
    }
}
