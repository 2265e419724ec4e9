//! `/t/{tenant}/api/v1/grants` and `/t/{tenant}/api/v1/holdings`: why people have what they have, and who had what.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, TENANT, conditional, page, parameters, shown, tagged},
    entitlements::{APPLICATION_ID, GROUP_ID, names},
    schemas::{object, reference},
};

const TAG: &str = "Grants";
const GRANT_ID: &str = "019b2c47-8293-7a45-b667-c3d4e5f60718";
const USER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738495";
const CLIENT_ID: &str = "019b2c40-1b2c-7d3e-8f40-516273849506";
const REASON: &str = "Stands in for Anna until the post is filled";

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let grants = format!("{TENANT}/grants");
    paths.insert(grants.clone(), list());
    paths.insert(format!("{grants}/{{grant}}"), one());
    paths.insert(format!("{grants}/{{grant}}/revocation"), revocation());
    paths.insert(format!("{grants}/{{grant}}/extension"), extension());
    paths.insert(format!("{TENANT}/me/holdings"), own_holdings());
    paths.insert(format!("{TENANT}/holdings"), holdings());
}

fn list() -> Value {
    let mut search = Operation {
        tag: TAG,
        id: "listGrants",
        summary: "List grants",
        description: "Why people are or were members of the groups of entitlements, the oldest grant first. What has ended stays in the list: it \
            is evidence.",
        success: shown("200", "A page of grants", "GrantPage", json!({ "items": [grant()] })),
        failures: &[],
    }
    .described();
    search["parameters"] =
        parameters(&["grantUser", "grantEntitlement", "grantState", "grantAt", "pageCount", "cursor"]);
    json!({
        "parameters": parameters(&["tenant"]),
        "get": search,
        "post": Operation {
            tag: TAG,
            id: "createGrant",
            summary: "Give somebody an entitlement",
            description: "At once, or from an instant on (`from`), and until an instant (`until`) or until somebody takes it away. The user becomes a member \
                of the group in the moment in which it begins, and is none from the moment in which it ends. An entitlement of the highest risk, and one \
                that sets a longest duration, needs an end.",
            success: tagged("201", "The new grant", "Grant", grant()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewGrant", &[
            ("give", "By hand", json!({ "user": USER_ID, "entitlement": GROUP_ID, "reason": REASON })),
            ("later", "From a day on, for a while", json!({
                "user": USER_ID, "entitlement": GROUP_ID, "from": "2026-12-01T06:00:00Z", "until": "2027-05-31T20:00:00Z", "reason": REASON,
            })),
        ]),
    })
}

fn one() -> Value {
    json!({
        "parameters": parameters(&["tenant", "grant"]),
        "get": Operation {
            tag: TAG,
            id: "getGrant",
            summary: "Read a grant",
            description: "As the list shows it.",
            success: tagged("200", "The grant", "Grant", grant()),
            failures: &[],
        }.described(),
    })
}

fn revocation() -> Value {
    let mut revoked = grant();
    revoked["state"] = "ended".into();
    revoked["ended"] = "2026-11-27T12:00:00.000Z".into();
    revoked["ending"] = "administrator".into();
    revoked["taken"] = json!({ "client": CLIENT_ID, "reason": "Has moved to the archive" });
    revoked["stillHeld"] = false.into();
    json!({
        "parameters": parameters(&["tenant", "grant"]),
        "post": conditional(Operation {
            tag: TAG,
            id: "revokeGrant",
            summary: "Take a grant away",
            description: "At once and for good; done twice, the second time changes nothing. `stillHeld` says whether the user stays a member of the \
                group by another grant. Works while the tenant is suspended.",
            success: tagged("200", "The grant as it is now", "RevokedGrant", revoked),
            failures: &[("415", "UnsupportedMediaType")],
        }.taking("GrantRevocation", &[("take", "By hand", json!({ "reason": "Has moved to the archive" }))])),
    })
}

fn extension() -> Value {
    let mut extended = grant();
    extended["until"] = "2027-05-31T20:00:00.000Z".into();
    extended["extensions"] = json!([{
        "at": "2026-11-27T12:00:00.000Z", "until": "2027-05-31T20:00:00.000Z", "client": CLIENT_ID, "reason": "The post is not filled",
    }]);
    json!({
        "parameters": parameters(&["tenant", "grant"]),
        "post": conditional(Operation {
            tag: TAG,
            id: "extendGrant",
            summary: "Move the end of a grant away",
            description: "Of an active grant that has an end, within the durations that the entitlement sets; `duration.extensions` binds what is asked for and \
                not what is done by hand. What was announced of the end is announced again.",
            success: tagged("200", "The grant as it is now", "Grant", extended),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("GrantExtension", &[
            ("extend", "Half a year more", json!({ "until": "2027-05-31T20:00:00Z", "reason": "The post is not filled" })),
        ])),
    })
}

fn holdings() -> Value {
    let mut search = Operation {
        tag: TAG,
        id: "listHoldings",
        summary: "Who has or had what, and why",
        description: "What a user (`user`) had, or who had something of an application (`application`), at an instant (`at`, else now): one item a \
            grant. One of the two has to stand. People and groups that are gone are still told by their ids.",
        success: shown(
            "200",
            "A page of holdings",
            "HoldingPage",
            json!({ "at": "2026-11-27T12:00:00.000Z", "items": [{
                "displayName": "Anna Ozola", "application": APPLICATION_ID, "code": "operator", "names": names(), "grant": grant(),
            }] }),
        ),
        failures: &[],
    }
    .described();
    search["responses"]["200"]["content"]["text/csv"] = json!({
        "schema": { "type": "string" },
        "example": "user,displayName,application,entitlement,code,name,source,state,from,until,ended,ending,reason,grant\r\n",
    });
    search["parameters"] =
        parameters(&["holdingUser", "holdingApplication", "grantAt", "holdingFormat", "pageCount", "cursor"]);
    json!({ "parameters": parameters(&["tenant"]), "get": search })
}

/// What people are told of themselves.
fn own_holdings() -> Value {
    let mut own = holdings();
    let search = &mut own["get"];
    search["tags"] = json!(["People"]);
    search["operationId"] = "listOwnHoldings".into();
    search["summary"] = "List what one has or had, and why".into();
    search["description"] = "As `/holdings` of oneself, or of a `subject` whose line manager one is today or whose unit one leads (404 for anybody \
        else): whoever may take something from them sees what that is. Of others it is what they have now, without `at`."
        .into();
    search["parameters"] = parameters(&["holdingSubject", "grantAt", "pageCount", "cursor"]);
    if let Some(content) = search["responses"]["200"]["content"].as_object_mut() {
        content.remove("text/csv");
    }
    own
}

fn grant() -> Value {
    json!({
        "id": GRANT_ID,
        "user": USER_ID,
        "entitlement": GROUP_ID,
        "source": "administrator",
        "state": "active",
        "from": "2026-11-24T08:15:00.000Z",
        "given": { "client": CLIENT_ID, "reason": REASON },
    })
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    let id = json!({ "type": "string", "format": "uuid" });
    parameters["grant"] = json!({
        "name": "grant", "in": "path", "required": true, "description": "The grant's id", "schema": id, "example": GRANT_ID,
    });
    parameters["holdingFormat"] = json!({
        "name": "format", "in": "query", "description": "What the answer looks like; a table (RFC 4180) is whole, without pages",
        "schema": { "enum": ["json", "csv"], "default": "json" }, "example": "csv",
    });
    let state = json!({ "enum": ["scheduled", "active", "suspended", "ended"] });
    let instant = json!({ "type": "string", "format": "date-time" });
    for (key, name, schema, description, example) in [
        ("grantUser", "user", &id, "Of that user", USER_ID),
        ("grantEntitlement", "entitlement", &id, "Of the entitlement that is this group", GROUP_ID),
        ("grantState", "state", &state, "In that state", "active"),
        ("grantAt", "at", &instant, "Held at that instant, which is not ahead", "2026-11-27T12:00:00Z"),
        ("holdingUser", "user", &id, "What this user had", USER_ID),
        ("holdingSubject", "subject", &id, "What this user had, whom one leads", USER_ID),
        ("holdingApplication", "application", &id, "Who had something of this application", APPLICATION_ID),
    ] {
        parameters[key] =
            json!({ "name": name, "in": "query", "description": description, "schema": schema, "example": example });
    }
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let id = |description: &str| json!({ "type": "string", "format": "uuid", "description": description });
    let time = |description: &str| json!({ "type": "string", "format": "date-time", "description": description });
    let reason = json!({ "type": "string", "minLength": 1, "maxLength": 4000, "description": "Why" });
    let deed = json!({
        "client": id("The client, or the issuer of the token; none for the server and its operator"),
        "user": id("On behalf of this user"),
        "reason": reason,
    });
    let mut prolongation = deed.clone();
    prolongation["at"] = time("When somebody did it");
    prolongation["until"] = time("To when");
    let grant = json!({
        "id": id("Its id"),
        "user": id("To whom"),
        "entitlement": id("The group"),
        "source": { "enum": ["request", "rule", "scim", "administrator", "emergency", "import"] },
        "sourceId": id("The client, rule or request"),
        "state": { "enum": ["scheduled", "active", "suspended", "ended"] },
        "from": time("Since when the user has or had it by this grant"),
        "until": time("When it ends by itself"),
        "ended": time("When it ended"),
        "ending": { "enum": [
            "expired", "cancelled", "request", "givenBack", "manager", "owner", "administrator", "review", "leaver", "conflict",
            "removed", "emergencyOver", "retired",
        ] },
        "given": reference("GrantDeed"),
        "taken": reference("GrantDeed"),
        "predecessor": id("The grant that it takes the place of, because that had been taken away by mistake"),
        "extensions": {
            "type": "array", "items": reference("GrantProlongation"), "description": "How its end moved away, the first time first",
        },
    });
    let members = ["id", "user", "entitlement", "source", "state", "from", "given"];
    let mut revoked = grant.clone();
    revoked["stillHeld"] = json!({ "type": "boolean" });
    let holding = json!({
        "displayName": { "type": "string", "description": "The name of the user, as long as they are there" },
        "application": id("The application"),
        "code": { "type": "string" },
        "names": reference("LocalizedName"),
        "grant": reference("Grant"),
    });
    let mut holdings = page("Holding");
    holdings["properties"]["at"] = time("The instant that it is told for");
    for (called, schema) in [
        ("GrantDeed", object(&[], deed)),
        ("Grant", object(&members, grant)),
        ("GrantPage", page("Grant")),
        ("RevokedGrant", object(&[&members[..], &["stillHeld"]].concat(), revoked)),
        (
            "NewGrant",
            object(
                &["user", "entitlement", "reason"],
                json!({
                    "user": id("To whom"),
                    "entitlement": id("Of what: the group"),
                    "from": time("When it begins; left out, at once"),
                    "until": time("When it ends; left out, when somebody takes it away"),
                    "reason": reason,
                }),
            ),
        ),
        ("GrantExtension", object(&["until", "reason"], json!({ "until": time("The new end"), "reason": reason }))),
        ("GrantProlongation", object(&["at", "until"], prolongation)),
        ("GrantRevocation", object(&["reason"], json!({ "reason": reason }))),
        ("Holding", object(&["grant"], holding)),
        ("HoldingPage", holdings),
    ] {
        schemas.insert(called.into(), schema);
    }
}
