//! The description of the API (OpenAPI 3.1), made from the same catalogue that the server works by.
//! `openapi.yaml` is this text, checked in; a test compares the two.

mod admin_roles;
mod administration;
mod alarms;
mod applications;
mod archive;
mod calls;
mod definitions;
mod emergencies;
mod entitlements;
mod examples;
mod grants;
mod issuers;
mod me;
mod notifications;
mod oauth;
mod offers;
mod once;
mod operations;
mod organisation;
mod request_schemas;
mod requests;
mod review_schemas;
mod reviews;
mod rule_schemas;
mod rules;
mod schemas;
mod suspensions;
mod timers;
mod violations;

use scim::schema::{Catalog, Choices};
use serde_json::{Value, json};

const TITLE: &str = "Caurlaide";
const DESCRIPTION: &str = "Identity provisioning by SCIM 2.0 (RFC 7643, RFC 7644), one endpoint per tenant.

**Authentication.** A bearer token of the tenant, made with `caurlaide token create` or by another token with `tenant.admin`, or a short-lived one \
that a client gets for it at `/t/{tenant}/oauth/token`. People call SCIM with a token (JWT) of an issuer that the tenant trusts (`/t/{tenant}/api/v1/issuers`). \
Scopes: `scim.read` and `scim.write` for SCIM, `grants.write` beside it to add members where grants alone make some, `app.read`, alone, to read there what an application may see, `tenant.admin` for `/t/{tenant}/api/v1`, `rights` for what people do there by themselves (in tokens of issuers alone); `platform.admin`, of operators alone, for `/api/v1`. \
A token of another tenant sees 404. A client may be bound to networks; a token that comes from elsewhere is as good as none.

**Limits.** A body: 1 MiB; a write to a group and a bulk request: 8 MiB, which holds 100 000 members that are ids alone, and about half as many with `type` and `$ref`. A bulk request: 1 000 operations. A page: 100 resources, at most 1 000 with `count`; \
groups that are listed with their members: 200 000 members in all. A filter: 4 096 bytes, 256 terms, 32 levels, 8 tests of memberships. \
A PATCH: 1 000 operations, 8 searches for members other than by `value eq`, 32 MiB of list values gone through. A resource: 1 MiB; a list in it: \
1 000 values; a text: 64 KiB; a `userName` or a group's `displayName`: 256 characters. JSON nests at most 64 levels and holds 600 000 values. \
A request: 30 seconds, of which its body may take 20. Exceeding a limit is an error and changes nothing.

**How requests are read.** <a id=\"tolerant\"></a>A tenant is tolerant unless it says otherwise: `\"True\"` is understood as a boolean, one value as a list of one, \
attributes that no schema has are passed over, and a PATCH makes the value that its path filter names if there is none. <a id=\"strict\"></a>A strict tenant \
(`PATCH /t/{tenant}/api/v1/settings`, `{\"strict\": true}`) wants the letter of the RFCs and refuses all of that. `documentationUri` of `ServiceProviderConfig` says which it is.

**Pace.** At each node a client (or a person) may send 2 000 requests a second and all clients of a tenant together 4 000, twice as many at once, unless operator or \
tenant have set it otherwise (`/t/{tenant}/api/v1/limits` says what applies); a bulk request counts as its operations, and is paid for afterwards. From one address (of \
IPv6: one /64) 100 tokens a minute may be wrong. Of a tenant that sends more than its share at once, 500 requests wait. Beyond that the answer is 429 with \
`Retry-After` in whole seconds: nothing was done, and the same request may be sent again. Removing and deactivating count like everything else.

In administration a body has 64 KiB at the most (256 KiB where schemas and resource types are defined, 50 of each, 500 attributes a schema), a page 100 items, a tenant 1 000 clients, a client 100 tokens that work and 100 networks; \
a token lives 366 days at the most.

**Errors** below `/api` and `/t/{tenant}/api` are problem details (RFC 9457), in Latvian or English as `Accept-Language` says (`lv` or `en`; English, if it says nothing; `type` and what else is for programs is the same), below `/t/{tenant}/oauth` those of RFC 6749, SCIM Error messages everywhere else. Every answer carries `X-Request-Id`, which the server's log repeats.";

/// The whole description.
pub fn document() -> Value {
    let catalog = Catalog::of(Choices { roles_and_entitlements: true, ..Choices::default() });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "description": DESCRIPTION,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "EUPL-1.2", "identifier": "EUPL-1.2" },
        },
        "servers": [{ "url": "/", "description": "This server" }],
        "tags": [
            { "name": "Users", "description": "People and their accounts" },
            { "name": "Groups", "description": "Groups of people and of other groups" },
            { "name": "Roles", "description": "What users may be given in `roles`; served where the tenant wants it" },
            { "name": "Entitlements", "description": "What users may be given in `entitlements`; served where the tenant wants it" },
            { "name": "OwnResources", "description": "Resource types that the tenant has defined" },
            { "name": "Everything", "description": "Several types of resources at once" },
            { "name": "Discovery", "description": "What a tenant's endpoint can do" },
            { "name": "Clients", "description": "The programs that call on behalf of a tenant, and what they call with" },
            { "name": "Applications", "description": "Which programs read who belongs to which groups, and what they see of users" },
            { "name": "Organisation", "description": "The municipality, its institutions and companies and their units, and who works where" },
            { "name": "Entitlements of applications", "description": "Groups that people are in by grants; for the tenant's administrator" },
            { "name": "Timers", "description": "What has to happen by itself; for the tenant's administrator" },
            { "name": "Grants", "description": "Why people are in the groups of entitlements, and who had what when; for the tenant's administrator" },
            { "name": "Requests", "description": "What people ask for, who decides about it, and who stands in for whom; administrators read it" },
            { "name": "Reviews", "description": "What people hold, looked through by those who know; administrators begin it" },
            { "name": "People", "description": "What people do by themselves, with a token of an issuer that the tenant trusts and the scope `rights`" },
            { "name": "Admin roles", "description": "Who looks after the tenant, a part of its organisation or an application" },
            { "name": "Rules", "description": "Who approves, what does not go together, and what people have by their work; for the tenant's administrator" },
            { "name": "Definitions", "description": "What a tenant sets and defines for itself; for its administrator" },
            { "name": "Calls", "description": "What clients asked of a tenant, and what came of it; for its administrator" },
            { "name": "Alarms", "description": "Who took away far more than usual, and giving it back; for the tenant's administrator" },
            { "name": "Archive", "description": "A whole tenant as a file, to be imported elsewhere; for its administrator" },
            { "name": "Issuers", "description": "Whose tokens (JWT) a tenant believes, on behalf of its users" },
            { "name": "Tenants", "description": "Whom the platform serves; for those who run it" },
            { "name": "Operation", "description": "For the operator's tools" },
        ],
        "paths": operations::paths(&catalog),
        "components": {
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "A token of the tenant" },
                "operatorToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of those who run the platform, made with `caurlaide operator token create`",
                },
                "personToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of an issuer that the tenant trusts",
                },
                "clientSecret": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "A client's id, and one of its own tokens as the password",
                },
                "metricsToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The operator's token for the metrics, where one is set",
                },
            },
            "parameters": operations::parameters(),
            "headers": operations::headers(),
            "responses": operations::responses(),
            "schemas": schemas::schemas(&catalog),
        },
    })
}

/// The whole description as it is checked in.
pub fn yaml() -> String {
    // A JSON value always has a YAML text.
    serde_norway::to_string(&document()).unwrap_or_default()
}
