//! The routes of administration: `/t/{tenant}/api/v1` and `/api/v1`, with their bodies, answers and problems.

use serde_json::{Map, Value, json};

use crate::{
    administration::{LONGEST_LIFE, MAX_NETWORKS},
    openapi::schemas::{object, reference},
};

pub(super) const TENANT: &str = "/t/{tenant}/api/v1";
pub(super) const PLATFORM: &str = "/api/v1";
const CLIENT_ID: &str = "019b2c40-1b2c-7d3e-8f40-516273849506";
const TOKEN_ID: &str = "019b2c41-2c3d-7e4f-9051-627384950617";
const SECRET: &str = "caurlaide_k3vq8mz2xw5tbn7rcy4dhj6pfs3agkeui2qwzx5vt8nm4bry7cdhj";

/// An operation: what it is called, who may, and what comes of it.
pub(super) struct Operation<'a> {
    pub(super) tag: &'a str,
    pub(super) id: &'a str,
    pub(super) summary: &'a str,
    pub(super) description: &'a str,
    pub(super) success: Value,
    pub(super) failures: &'a [(&'a str, &'a str)],
}

/// Adds every path.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let clients = format!("{TENANT}/clients");
    paths.insert(clients.clone(), client_list());
    paths.insert(format!("{clients}/{{client}}"), one_client());
    paths.insert(format!("{clients}/{{client}}/tokens"), token_list());
    paths.insert(format!("{clients}/{{client}}/tokens/{{token}}"), one_token());
    paths.insert(format!("{clients}/{{client}}/tokens/{{token}}/rotate"), rotation());
    let tenants = format!("{PLATFORM}/tenants");
    paths.insert(tenants.clone(), tenant_list());
    paths.insert(format!("{tenants}/{{tenant}}"), one_tenant());
    for (path, change) in tenant_changes() {
        paths.insert(format!("{tenants}/{{tenant}}/{path}"), change);
    }
}

impl Operation<'_> {
    pub(super) fn described(self) -> Value {
        let common = [
            ("400", "Invalid"),
            ("401", "Unauthorized"),
            ("403", "Forbidden"),
            ("404", "NotFound"),
            ("405", "MethodNotAllowed"),
            ("408", "BodyTimeout"),
            ("413", "TooLarge"),
            ("429", "TooMany"),
            ("500", "Internal"),
            ("503", "Busy"),
        ];
        let mut responses = self.success;
        let mut failures: Vec<_> = common.iter().chain(self.failures).collect();
        failures.sort_unstable();
        for (status, name) in failures {
            responses[*status] = json!({ "$ref": format!("#/components/responses/{name}Problem") });
        }
        let schemes: &[&str] = match self.tag {
            "Tenants" => &["operatorToken"],
            "People" => &["personToken"],
            // People with a role that lets them.
            _ => &["token", "personToken"],
        };
        json!({
            "tags": [self.tag],
            "operationId": self.id,
            "summary": self.summary,
            "description": self.description,
            "security": schemes.iter().map(|scheme| json!({ *scheme: [] })).collect::<Vec<_>>(),
            "responses": responses,
        })
    }

    pub(super) fn taking(self, schema: &str, examples: &[(&str, &str, Value)]) -> Value {
        let examples: Map<String, Value> = examples
            .iter()
            .map(|(name, summary, value)| ((*name).to_owned(), json!({ "summary": summary, "value": value })))
            .collect();
        let content = json!({ "application/json": { "schema": reference(schema), "examples": examples } });
        let mut operation = self.described();
        operation["requestBody"] = json!({ "required": true, "content": content });
        operation
    }

    /// A list, in pages.
    pub(super) fn paged(self) -> Value {
        let mut operation = self.described();
        operation["parameters"] = parameters(&["pageCount", "cursor"]);
        operation
    }
}

pub(super) fn parameters(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "$ref": format!("#/components/parameters/{name}") })).collect()
}

pub(super) fn shown(status: &str, description: &str, schema: &str, example: Value) -> Value {
    let mut answer = json!({
        "description": description,
        "content": { "application/json": { "schema": reference(schema), "example": example } },
    });
    if status == "201" {
        answer["headers"] = json!({ "Location": { "$ref": "#/components/headers/Location" } });
    }
    json!({ status: answer })
}

/// The same with the tag of its version.
pub(super) fn tagged(status: &str, description: &str, schema: &str, example: Value) -> Value {
    let mut answer = shown(status, description, schema, example);
    answer[status]["headers"]["ETag"] = json!({ "$ref": "#/components/headers/VersionTag" });
    answer
}

/// An operation that may be bound to the version that was read.
pub(super) fn conditional(mut operation: Value) -> Value {
    operation["parameters"] = parameters(&["mayMatchVersion"]);
    operation["responses"]["412"] = json!({ "$ref": "#/components/responses/PreconditionFailedProblem" });
    operation
}

pub(super) fn gone(description: &str) -> Value {
    json!({ "204": { "description": description } })
}

fn client_list() -> Value {
    let new = json!({ "name": "Entra ID", "networks": ["192.0.2.0/24", "2001:db8::/32"] });
    json!({
        "parameters": parameters(&["tenant"]),
        "get": Operation {
            tag: "Clients",
            id: "listClients",
            summary: "List clients",
            description: "The programs that call on behalf of the tenant, the oldest first. Whoever looks after an application alone sees those that read for it and have no \
                token of another scope that works.",
            success: shown("200", "A page of clients", "ClientPage", json!({ "items": [client()] })),
            failures: &[],
        }.paged(),
        "post": Operation {
            tag: "Clients",
            id: "createClient",
            summary: "Create a client",
            description: "A client with `networks` is believed only if it calls from one of them. One with an `applicationId` may have tokens \
                with `app.read`. Whoever looks after an application alone makes those of it, 50 at the most.",
            success: tagged("201", "The new client", "Client", client()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewClient", &[
            ("networks", "From two networks", new),
            ("anywhere", "From anywhere", json!({ "name": "Payroll" })),
        ]),
    })
}

fn one_client() -> Value {
    json!({
        "parameters": parameters(&["tenant", "client"]),
        "get": Operation {
            tag: "Clients",
            id: "getClient",
            summary: "Read a client",
            description: "`lastUsed` is exact to about a minute.",
            success: tagged("200", "The client", "Client", client()),
            failures: &[],
        }.described(),
        "patch": conditional(Operation {
            tag: "Clients",
            id: "changeClient",
            summary: "Change a client",
            description: "What is left out stays. An empty list of networks lets it call from anywhere. \
                While the tenant is suspended, networks can only become narrower.",
            success: tagged("200", "The client as it is now", "Client", client()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("ClientChange", &[
            ("rename", "Another name", json!({ "name": "Entra ID (production)" })),
            ("networks", "Other networks", json!({ "networks": ["192.0.2.0/24"] })),
        ])),
        "delete": conditional(Operation {
            tag: "Clients",
            id: "deleteClient",
            summary: "Delete a client",
            description: "Its tokens are revoked at once.",
            success: gone("It is gone"),
            failures: &[],
        }.described()),
    })
}

fn token_list() -> Value {
    let new = json!({ "scopes": ["scim.read", "scim.write"], "expiresIn": 7_776_000 });
    json!({
        "parameters": parameters(&["tenant", "client"]),
        "get": Operation {
            tag: "Clients",
            id: "listTokens",
            summary: "List a client's tokens",
            description: "The oldest first, those that no longer work included; never the tokens themselves.",
            success: shown("200", "A page of tokens", "TokenPage", json!({ "items": [token()] })),
            failures: &[],
        }.paged(),
        "post": Operation {
            tag: "Clients",
            id: "createToken",
            summary: "Create a token",
            description: "`secret` is the token itself, in this answer alone. The scope `app.read` stands alone, and is for clients that were \
                made with an `applicationId`. Whoever looks after an application alone makes such tokens and no others, which end with their role at the latest.",
            success: shown("201", "The new token", "IssuedToken", issued()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewToken", &[
            ("quarter", "For ninety days", new),
            ("administrator", "For a year", json!({ "scopes": ["tenant.admin"] })),
        ]),
    })
}

fn one_token() -> Value {
    json!({
        "parameters": parameters(&["tenant", "client", "token"]),
        "get": Operation {
            tag: "Clients",
            id: "getToken",
            summary: "Read a token",
            description: "Everything but the token itself.",
            success: shown("200", "The token", "Token", token()),
            failures: &[],
        }.described(),
        "delete": Operation {
            tag: "Clients",
            id: "revokeToken",
            summary: "Revoke a token",
            description: "On this node at once, on others within two seconds. It stays in the list.",
            success: gone("It is revoked"),
            failures: &[],
        }.described(),
    })
}

fn rotation() -> Value {
    json!({
        "parameters": parameters(&["tenant", "client", "token"]),
        "post": Operation {
            tag: "Clients",
            id: "rotateToken",
            summary: "Replace a token",
            description: "A new token with the same scopes; the old one works beside it until the overlap is over.",
            success: shown("201", "The new token", "IssuedToken", issued()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("Rotation", &[("hour", "An hour to change over", json!({ "overlap": 3600 }))]),
    })
}

fn tenant_list() -> Value {
    let alone = json!({ "slug": "jurmala", "name": "Jūrmala" });
    let whole = json!({ "slug": "berzaine", "name": "Bērzaines novads", "client": { "name": "Administrator" } });
    let mut onboarded = tenant();
    onboarded["client"] =
        json!({ "id": CLIENT_ID, "name": "Administrator", "networks": [], "created": "2026-11-02T07:30:00.000Z" });
    onboarded["token"] = issued();
    onboarded["token"]["scopes"] = json!(["tenant.admin"]);
    json!({
        "get": Operation {
            tag: "Tenants",
            id: "listTenants",
            summary: "List tenants",
            description: "By slug.",
            success: shown("200", "A page of tenants", "TenantPage", json!({ "items": [tenant()] })),
            failures: &[],
        }.paged(),
        "post": Operation {
            tag: "Tenants",
            id: "createTenant",
            summary: "Take a tenant on",
            description: "With `client`, the tenant also gets a client that manages the others, and its token is in this \
                answer alone. The tenant's endpoints work at once.",
            success: shown("201", "The new tenant", "OnboardedTenant", onboarded),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewTenant", &[("whole", "With its first client", whole), ("alone", "By itself", alone)]),
    })
}

fn one_tenant() -> Value {
    json!({
        "parameters": parameters(&["tenant"]),
        "get": Operation {
            tag: "Tenants",
            id: "getTenant",
            summary: "Read a tenant",
            description: "Its state, and why it has it.",
            success: shown("200", "The tenant", "Tenant", tenant()),
            failures: &[],
        }.described(),
    })
}

fn tenant_changes() -> [(&'static str, Value); 3] {
    let ended = |state: &str, reason: Option<&str>| {
        let mut tenant = tenant();
        tenant["state"] = state.into();
        if let Some(reason) = reason {
            tenant["reason"] = reason.into();
        }
        shown("200", "The tenant as it is now", "Tenant", tenant)
    };
    let body_failures = [("409", "Conflict"), ("415", "UnsupportedMediaType")];
    let suspend = Operation {
        tag: "Tenants",
        id: "suspendTenant",
        summary: "Suspend a tenant",
        description: "Reading, deactivating, removing and revoking still work; whatever grants is refused.",
        success: ended("suspended", Some("The agreement is disputed")),
        failures: &body_failures,
    };
    let resume = Operation {
        tag: "Tenants",
        id: "resumeTenant",
        summary: "Let a suspended tenant work again",
        description: "The request has no body.",
        success: ended("active", None),
        failures: &[("409", "Conflict")],
    };
    let archive = Operation {
        tag: "Tenants",
        id: "archiveTenant",
        summary: "Archive a tenant",
        description: "All its tokens are revoked, and from now on it is only read. There is no way back.",
        success: ended("archived", Some("The agreement has ended")),
        failures: &body_failures,
    };
    let because = |reason: &str| json!({ "reason": reason });
    let mut changes = [
        ("suspend", suspend.taking("Reason", &[("reason", "With a reason", because("The agreement is disputed"))])),
        ("resume", resume.described()),
        ("archive", archive.taking("Reason", &[("reason", "With a reason", because("The agreement has ended"))])),
    ];
    changes =
        changes.map(|(path, operation)| (path, json!({ "parameters": parameters(&["tenant"]), "post": operation })));
    changes
}

fn client() -> Value {
    json!({
        "id": CLIENT_ID,
        "name": "Entra ID",
        "networks": ["192.0.2.0/24", "2001:db8::/32"],
        "created": "2026-11-02T07:30:00.000Z",
        "lastUsed": "2026-11-24T08:15:00.000Z",
    })
}

fn token() -> Value {
    json!({
        "id": TOKEN_ID,
        "client": CLIENT_ID,
        "scopes": ["scim.read", "scim.write"],
        "state": "active",
        "created": "2026-11-02T07:30:00.000Z",
        "expires": "2027-01-31T07:30:00.000Z",
    })
}

fn issued() -> Value {
    let mut token = token();
    token["secret"] = SECRET.into();
    token
}

fn tenant() -> Value {
    json!({ "slug": "berzaine", "name": "Bērzaines novads", "state": "active", "created": "2026-11-02T07:30:00.000Z" })
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    let id = |name: &str, description: &str, example: &str| {
        let schema = json!({ "type": "string", "format": "uuid" });
        json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema, "example": example })
    };
    parameters["client"] = id("client", "The client's id", CLIENT_ID);
    parameters["token"] = id("token", "The token's id, which is no secret", TOKEN_ID);
    parameters["pageCount"] = json!({
        "name": "count",
        "in": "query",
        "description": "How many items at the most; 100 if left out",
        "schema": { "type": "integer", "minimum": 1, "maximum": 100 },
        "example": 100,
    });
    parameters["cursor"] = json!({
        "name": "cursor",
        "in": "query",
        "description": "The `nextCursor` of the page before",
        "schema": { "type": "string" },
        "example": CLIENT_ID,
    });
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let name = || json!({ "type": "string", "minLength": 1, "maxLength": 200 });
    let networks = || {
        json!({
            "type": "array",
            "items": { "type": "string" },
            "maxItems": MAX_NETWORKS,
            "description": "In CIDR notation; none for all",
        })
    };
    let time = || json!({ "type": "string", "format": "date-time" });
    let id = || json!({ "type": "string", "format": "uuid" });
    let application =
        || json!({ "type": "string", "format": "uuid", "description": "The application that it reads for; it stays" });
    let life = || json!({ "type": "integer", "minimum": 60, "maximum": LONGEST_LIFE, "description": "In seconds" });
    let scopes = json!({ "type": "array", "minItems": 1, "items": { "enum": ["scim.read", "scim.write", "grants.write", "app.read", "tenant.admin", "platform.admin"] } });
    let token = json!({
        "id": id(),
        "client": id(),
        "scopes": scopes,
        "state": { "enum": ["active", "retiring", "revoked", "expired"] },
        "created": time(),
        "expires": time(),
        "revoked": time(),
        "replacedBy": id(),
        "lastUsed": time(),
    });
    let token_members = ["id", "client", "scopes", "state", "created", "expires"];
    let mut issued = token.clone();
    issued["secret"] = json!({ "type": "string", "description": "The token itself, shown this once" });
    let tenant = json!({
        "slug": { "type": "string" },
        "name": name(),
        "state": { "enum": ["active", "suspended", "archived"] },
        "reason": { "type": "string", "description": "Why it is no longer active" },
        "created": time(),
    });
    let tenant_members = ["slug", "name", "state", "created"];
    let mut onboarded = tenant.clone();
    onboarded["client"] = reference("Client");
    onboarded["token"] = reference("IssuedToken");
    let slug = json!({ "type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" });
    let fault = object(
        &["pointer", "detail"],
        json!({
            "pointer": { "type": "string", "description": "A JSON Pointer into the body (RFC 6901)" },
            "detail": { "type": "string" },
        }),
    );
    let problem = json!({
        "type": { "type": "string", "description": "`about:blank` if the status says it all" },
        "title": { "type": "string" },
        "status": { "type": "integer", "minimum": 400, "maximum": 599 },
        "detail": { "type": "string" },
        "errors": { "type": "array", "items": fault },
        "state": { "type": "string", "description": "The state of what it is about, where that is in the way" },
        "possible": { "type": "array", "items": { "type": "string" }, "description": "What is possible in that state" },
        "needed": { "type": "string", "description": "How surely it has to be known who asks (`assurance`)" },
        "rules": { "type": "array", "items": { "type": "string", "format": "uuid" }, "description": "Rules that stand against it (`conflict`)" },
        "requestId": { "type": "string", "description": "As in `X-Request-Id`" },
    });
    for (name, schema) in [
        (
            "NewClient",
            object(&["name"], json!({ "name": name(), "networks": networks(), "applicationId": application() })),
        ),
        ("ClientChange", object(&[], json!({ "name": name(), "networks": networks() }))),
        (
            "Client",
            object(
                &["id", "name", "networks", "created"],
                json!({
                    "id": id(), "name": name(), "networks": networks(), "applicationId": application(), "created": time(),
                    "lastUsed": time(),
                    "watchedSince": { "type": "string", "format": "date-time", "description": "It is watched because of an alarm that is open or goes on" },
                }),
            ),
        ),
        ("ClientPage", page("Client")),
        ("NewToken", object(&["scopes"], json!({ "scopes": token["scopes"], "expiresIn": life() }))),
        (
            "Rotation",
            object(
                &[],
                json!({
                    "overlap": {
                        "type": "integer", "minimum": 0, "maximum": 2_592_000, "default": 604_800,
                        "description": "How long the old token still works, in seconds",
                    },
                    "expiresIn": life(),
                }),
            ),
        ),
        ("Token", object(&token_members, token.clone())),
        ("IssuedToken", object(&[&token_members[..], &["secret"]].concat(), issued)),
        ("TokenPage", page("Token")),
        (
            "NewTenant",
            object(&["slug", "name"], json!({ "slug": slug, "name": name(), "client": reference("NewClient") })),
        ),
        ("Reason", object(&["reason"], json!({ "reason": name() }))),
        ("Tenant", object(&tenant_members, tenant)),
        ("OnboardedTenant", object(&tenant_members, onboarded)),
        ("TenantPage", page("Tenant")),
        ("Problem", object(&["type", "title", "status", "detail", "requestId"], problem)),
    ] {
        schemas.insert(name.into(), schema);
    }
}

/// A page of such items.
pub(super) fn page(of: &str) -> Value {
    let items = json!({ "type": "array", "items": reference(of) });
    object(&["items"], json!({ "items": items, "nextCursor": { "type": "string" } }))
}

/// Adds the failures, each as problem details (RFC 9457).
pub(super) fn add_responses(responses: &mut Value) {
    let mut add = |name: &str, description: &str, status: u16, kind: Option<&str>, title: &str, detail: &str| {
        let mut example = json!({
            "type": kind.map_or("about:blank".to_owned(), |kind| format!("urn:caurlaide:problem:{kind}")),
            "title": title,
            "status": status,
            "detail": detail,
        });
        if kind == Some("invalid") {
            example["errors"] =
                json!([{ "pointer": "/name", "detail": "Must be 1 to 200 characters of text, on one line." }]);
        }
        example["requestId"] = "019b2c42-3d4e-7f50-8162-738495061728".into();
        let content = json!({ "application/problem+json": { "schema": reference("Problem"), "example": example } });
        let headers = json!({
            "Content-Language": { "description": "In which language its words are", "required": true, "schema": { "type": "string" }, "example": "en" },
            "Vary": { "description": "That they could be in another", "required": true, "schema": { "type": "string" }, "example": "accept-language" },
        });
        responses[format!("{name}Problem")] =
            json!({ "description": description, "headers": headers, "content": content });
    };
    add(
        "Invalid",
        "The request cannot be understood, or a value cannot be taken",
        400,
        Some("invalid"),
        "Some values cannot be taken",
        "Name must be 1 to 200 characters of text, on one line.",
    );
    add(
        "Unauthorized",
        "No valid token",
        401,
        None,
        "Unauthorized",
        "A bearer token is needed in the Authorization header.",
    );
    add(
        "Forbidden",
        "The token lacks a scope, or the tenant is `suspended` or `archived`",
        403,
        Some("suspended"),
        "The tenant is suspended",
        "This tenant is suspended: reading, revoking and deleting work, granting does not.",
    );
    add(
        "NotFound",
        "There is no such thing, or none that this token may know of",
        404,
        None,
        "Not Found",
        "There is no such client.",
    );
    add(
        "MethodNotAllowed",
        "The route does not know the method",
        405,
        None,
        "Method Not Allowed",
        "PUT is not possible here; the header Allow says what is.",
    );
    add(
        "BodyTimeout",
        "The body did not arrive in time",
        408,
        None,
        "Request Timeout",
        "The body did not arrive in time.",
    );
    add(
        "Conflict",
        "The name is `taken`, or what is there (`conflict`) or its `state` stands in the way, or a request with this Idempotency-Key goes on (`idempotency`)",
        409,
        Some("taken"),
        "There is one already",
        "There is a client of that name already.",
    );
    add(
        "PreconditionFailed",
        "It is at another version by now (`stale`)",
        412,
        Some("stale"),
        "It has changed meanwhile",
        "It is at version 4 by now, which is not what the change was made for.",
    );
    add(
        "PreconditionRequired",
        "The header If-Match is missing",
        428,
        None,
        "Precondition Required",
        "Others may change this too: the header If-Match must name the version that was read, by its ETag.",
    );
    add(
        "OtherRequest",
        "Another request had this Idempotency-Key (`idempotency`)",
        422,
        Some("idempotency"),
        "The request is known by its key",
        "This Idempotency-Key was sent with another request before.",
    );
    add("TooLarge", "The body is too large", 413, None, "Payload Too Large", "The body is larger than 65536 bytes.");
    add(
        "UnsupportedMediaType",
        "The body is not JSON",
        415,
        None,
        "Unsupported Media Type",
        "Bodies must be application/json.",
    );
    add(
        "TooMany",
        "The client or its tenant sends too many requests, or too many tokens from its address were not valid",
        429,
        None,
        "Too Many Requests",
        "This client sends more requests than it may. Try again in 2 seconds.",
    );
    add(
        "Internal",
        "Something failed inside",
        500,
        None,
        "Internal Server Error",
        "Something failed inside the server. Its log knows more, under the X-Request-Id of this answer.",
    );
    add(
        "Busy",
        "The server is busy, or gave the request up; try again",
        503,
        None,
        "Service Unavailable",
        "The server is busy; nothing was changed. Try again.",
    );
}
