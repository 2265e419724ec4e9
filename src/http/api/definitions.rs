//! `/t/{tenant}/api/v1/schemas` and `/resource-types`: what a tenant defines for itself, in the JSON in which SCIM shows
//! it (RFC 7643 §6 and §7).

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Json, Response},
};
use serde_json::{Value, json};

use crate::{
    http::{
        api::{
            Administrator,
            input::{At, JsonBody, MayMatch},
            marked,
        },
        error::Failure,
    },
    provisioning::{self, digest_tag},
    wording::phrase,
};

/// Schemas.
pub(crate) mod schemas {
    use scim::{discovery::schema_definition, schema::Schema};

    use super::{
        Administrator, At, Failure, Json, JsonBody, MayMatch, Response, StatusCode, Value, all, named, put_at, refused,
        tagged,
    };

    pub(crate) async fn list(by: Administrator) -> Result<Json<Value>, Failure> {
        let definitions = by.directory().await?.definitions().await?;
        Ok(all(definitions.schemas.iter().map(schema_definition)))
    }

    pub(crate) async fn show(by: Administrator, At((_, urn)): At<(String, String)>) -> Result<Response, Failure> {
        Ok(tagged(schema_definition(&by.directory().await?.own_schema(&urn).await?)))
    }

    pub(crate) async fn put(
        by: Administrator,
        At((slug, urn)): At<(String, String)>,
        MayMatch(tags): MayMatch,
        JsonBody(definition): JsonBody<Value>,
    ) -> Result<Response, Failure> {
        let schema = Schema::read(&definition).map_err(refused)?;
        named("id", &schema.id, &urn)?;
        let shown = schema_definition(&schema);
        let is_new = by.directory().await?.define_schema(schema, tags.as_ref()).await?;
        Ok(put_at(is_new, &format!("{}/t/{slug}/api/v1/schemas/{urn}", by.app.public_url), shown))
    }

    pub(crate) async fn delete(
        by: Administrator,
        At((_, urn)): At<(String, String)>,
        MayMatch(tags): MayMatch,
    ) -> Result<StatusCode, Failure> {
        by.directory().await?.remove_schema(&urn, tags.as_ref()).await?;
        Ok(StatusCode::NO_CONTENT)
    }
}

/// Resource types.
pub(crate) mod types {
    use scim::{discovery::type_definition, schema::TypeDefinition};

    use super::{
        Administrator, At, Failure, Json, JsonBody, MayMatch, Response, StatusCode, Value, all, named, put_at, refused,
        tagged,
    };

    pub(crate) async fn list(by: Administrator) -> Result<Json<Value>, Failure> {
        let definitions = by.directory().await?.definitions().await?;
        Ok(all(definitions.types.iter().map(type_definition)))
    }

    pub(crate) async fn show(by: Administrator, At((_, name)): At<(String, String)>) -> Result<Response, Failure> {
        Ok(tagged(type_definition(&by.directory().await?.own_type(&name).await?)))
    }

    pub(crate) async fn put(
        by: Administrator,
        At((slug, name)): At<(String, String)>,
        MayMatch(tags): MayMatch,
        JsonBody(definition): JsonBody<Value>,
    ) -> Result<Response, Failure> {
        let definition = TypeDefinition::read(&definition).map_err(refused)?;
        named("name", &definition.name, &name)?;
        let directory = by.directory().await?;
        let is_new = directory.define_type(definition, tags.as_ref()).await?;
        let shown = type_definition(&directory.own_type(&name).await?);
        Ok(put_at(is_new, &format!("{}/t/{slug}/api/v1/resource-types/{name}", by.app.public_url), shown))
    }

    pub(crate) async fn delete(
        by: Administrator,
        At((_, name)): At<(String, String)>,
        MayMatch(tags): MayMatch,
    ) -> Result<StatusCode, Failure> {
        by.directory().await?.remove_type(&name, tags.as_ref()).await?;
        Ok(StatusCode::NO_CONTENT)
    }
}

/// All of them: there are too few for pages.
fn all(definitions: impl Iterator<Item = Value>) -> Json<Value> {
    Json(json!({ "items": definitions.collect::<Vec<_>>() }))
}

fn refused(error: scim::schema::DefinitionError) -> Failure {
    provisioning::Error::from(error).into()
}

/// 400 unless the body names what the address names.
fn named(member: &str, own: &str, addressed: &str) -> Result<(), Failure> {
    if own == addressed {
        return Ok(());
    }
    Err(provisioning::Error::wrong_value(phrase("as-in-the-address").with("name", member)).into())
}

fn put_at(is_new: bool, location: &str, shown: Value) -> Response {
    if is_new {
        return (StatusCode::CREATED, [(header::LOCATION, location)], tagged(shown)).into_response();
    }
    tagged(shown)
}

fn tagged(shown: Value) -> Response {
    marked(digest_tag(&shown), shown)
}
