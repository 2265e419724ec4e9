//! `/t/{tenant}/api/v1/issuers`: whose tokens (JWT) a tenant believes.

use serde_json::{Map, Value, json};

use crate::{
    administration::{ALGORITHMS, MAX_LEEWAY},
    openapi::{
        administration::{Operation, conditional, gone, parameters, shown, tagged},
        schemas::{object, reference},
    },
};

const PATH: &str = "/t/{tenant}/api/v1/issuers";
const ISSUER_ID: &str = "019b2c43-4e5f-7061-9273-849506172839";
const URI: &str = "https://id.berzaine.example/realms/novads/protocol/openid-connect/certs";
const TAG: &str = "Issuers";

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    paths.insert(PATH.into(), list());
    paths.insert(format!("{PATH}/{{issuer}}"), one());
}

fn list() -> Value {
    let mut published = issuer();
    ["id", "created", "leeway", "subjectClaim"].iter().for_each(|name| {
        published.as_object_mut().map(|issuer| issuer.remove(*name));
    });
    let mut given = published.clone();
    given.as_object_mut().map(|issuer| issuer.remove("jwksUri"));
    given["issuer"] = "https://sts.berzaine.example/".into();
    given["jwks"] = keys();
    given["linkBy"] = "externalId".into();
    given["subjectClaim"] = "oid".into();
    given["leeway"] = 60.into();
    json!({
        "parameters": parameters(&["tenant"]),
        "get": Operation {
            tag: TAG,
            id: "listIssuers",
            summary: "List issuers",
            description: "The oldest first.",
            success: shown("200", "A page of issuers", "IssuerPage", json!({ "items": [issuer()] })),
            failures: &[],
        }.paged(),
        "post": Operation {
            tag: TAG,
            id: "createIssuer",
            summary: "Register an issuer",
            description: "From then on its tokens are believed at the tenant's SCIM endpoint, on behalf of the user that the \
                `subjectClaim` of a token names. That user must be active; nobody else's token opens anything. A token must be signed by a key \
                with the `kid` that it names, by one of the `algorithms`; `iss`, `aud` and `exp` must be there and fit. \
                Keys at `jwksUri` are looked up again after ten minutes, or when a token names one that is not known, at most once a minute. \
                Private addresses are reached only where the operator allows it.",
            success: tagged("201", "The new issuer", "Issuer", issuer()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewIssuer", &[("published", "Keys at an address", published), ("given", "Keys at hand", given)]),
    })
}

fn one() -> Value {
    json!({
        "parameters": parameters(&["tenant", "issuer"]),
        "get": Operation {
            tag: TAG,
            id: "getIssuer",
            summary: "Read an issuer",
            description: "With its keys, if they were given.",
            success: tagged("200", "The issuer", "Issuer", issuer()),
            failures: &[],
        }.described(),
        "patch": conditional(Operation {
            tag: TAG,
            id: "changeIssuer",
            summary: "Change an issuer",
            description: "What is left out stays; lists are replaced whole; `jwks` and `jwksUri` take each other's place. \
                While the tenant is suspended, its tokens can only come to open less.",
            success: tagged("200", "The issuer as it is now", "Issuer", issuer()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("IssuerChange", &[
            ("scopes", "Let its tokens write", json!({ "scopes": ["scim.read", "scim.write"] })),
            ("keys", "Keys at an address", json!({ "jwksUri": URI })),
        ])),
        "delete": conditional(Operation {
            tag: TAG,
            id: "deleteIssuer",
            summary: "Delete an issuer",
            description: "Its tokens open nothing any more: on this node at once, on others within two seconds.",
            success: gone("It is gone"),
            failures: &[],
        }.described()),
    })
}

fn issuer() -> Value {
    json!({
        "id": ISSUER_ID,
        "name": "Single sign-on",
        "issuer": "https://id.berzaine.example/realms/novads",
        "audiences": ["https://rights.berzaine.example"],
        "algorithms": ["ES256", "RS256"],
        "jwksUri": URI,
        "subjectClaim": "sub",
        "linkBy": "userName",
        "scopes": ["scim.read"],
        "leeway": 30,
        "created": "2026-11-02T07:30:00.000Z",
    })
}

/// The key of RFC 8037 §A.2.
fn keys() -> Value {
    json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "kid": "2026-11", "use": "sig", "alg": "EdDSA",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }] })
}

/// Adds the parameter.
pub(super) fn add_parameters(parameters: &mut Value) {
    parameters["issuer"] = json!({
        "name": "issuer",
        "in": "path",
        "required": true,
        "description": "The issuer's id",
        "schema": { "type": "string", "format": "uuid" },
        "example": ISSUER_ID,
    });
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let word =
        |description: &str| json!({ "type": "string", "minLength": 1, "maxLength": 500, "description": description });
    let some = |items: Value, description: &str| json!({ "type": "array", "minItems": 1, "items": items, "description": description });
    let members = json!({
        "name": { "type": "string", "minLength": 1, "maxLength": 200 },
        "issuer": word("What its tokens say in `iss`"),
        "audiences": some(json!({ "type": "string" }), "For whom its tokens must be meant: one of them stands in `aud`"),
        "algorithms": some(json!({ "enum": ALGORITHMS }), "How its tokens may be signed"),
        "jwks": {
            "type": "object",
            "required": ["keys"],
            "properties": { "keys": { "type": "array", "items": { "type": "object" } } },
            "description": "Its public keys, a JWK Set (RFC 7517 §5); else `jwksUri`",
        },
        "jwksUri": { "type": "string", "description": "Where it publishes its keys: an https URL; else `jwks`" },
        "subjectClaim": word("The claim that names the person; `sub` if left out"),
        "linkBy": { "enum": ["id", "userName", "externalId"], "description": "The attribute of a user that the claim's value is" },
        "scopes": some(json!({ "enum": ["scim.read", "scim.write", "rights"] }), "What its tokens may do at the most; `scope` or `scp` of a token narrows it"),
        "leeway": { "type": "integer", "minimum": 0, "maximum": MAX_LEEWAY, "description": "How far its clock may be off, in seconds; 30 if left out" },
    });
    let mut whole = members.clone();
    whole["id"] = json!({ "type": "string", "format": "uuid" });
    whole["created"] = json!({ "type": "string", "format": "date-time" });
    let wanted = ["name", "issuer", "audiences", "algorithms", "linkBy", "scopes"];
    let always = [&wanted[..], &["id", "subjectClaim", "leeway", "created"]].concat();
    let page =
        json!({ "items": { "type": "array", "items": reference("Issuer") }, "nextCursor": { "type": "string" } });
    for (name, schema) in [
        ("NewIssuer", object(&wanted, members.clone())),
        ("IssuerChange", object(&[], members)),
        ("Issuer", object(&always, whole)),
        ("IssuerPage", object(&["items"], page)),
    ] {
        schemas.insert(name.into(), schema);
    }
}
