//! Every operation of the description, asked by those who may not; and the wall between tenants.

use serde_json::{Value, json};
use sqlx::Executor;
use uuid::Uuid;

use crate::scim::definitions;
use crate::support::{
    Client, Reply, Server,
    client::{ENTERPRISE, GROUP, USER, text},
    description::DESCRIPTION,
    server::START,
};

/// What a caller must bring.
#[derive(Clone, Copy, PartialEq)]
enum Needs {
    Nothing,
    /// A token that may read, or none at all.
    ReadOrNobody,
    Read,
    Write,
    TenantAdmin,
    /// A person with the scope `rights`; no client has it.
    Person,
    /// A token of those who run the platform.
    Platform,
    /// A client's id and secret; a bearer token is none.
    Secret,
}

/// Every operation must stand here: a new one without a row fails.
const OPERATIONS: [(&str, Needs); 197] = [
    ("listUsers", Needs::Read),
    ("createUser", Needs::Write),
    ("getUser", Needs::Read),
    ("replaceUser", Needs::Write),
    ("patchUser", Needs::Write),
    ("deleteUser", Needs::Write),
    ("listGroups", Needs::Read),
    ("createGroup", Needs::Write),
    ("getGroup", Needs::Read),
    ("replaceGroup", Needs::Write),
    ("patchGroup", Needs::Write),
    ("deleteGroup", Needs::Write),
    ("listRoles", Needs::Read),
    ("searchRoles", Needs::Read),
    ("getRole", Needs::Read),
    ("listEntitlements", Needs::Read),
    ("searchEntitlements", Needs::Read),
    ("getEntitlement", Needs::Read),
    ("listOwnResources", Needs::Read),
    ("searchOwnResources", Needs::Read),
    ("createOwnResource", Needs::Write),
    ("getOwnResource", Needs::Read),
    ("replaceOwnResource", Needs::Write),
    ("patchOwnResource", Needs::Write),
    ("deleteOwnResource", Needs::Write),
    ("listGroupMembers", Needs::Read),
    ("searchUsers", Needs::Read),
    ("searchGroups", Needs::Read),
    ("listEverything", Needs::Read),
    ("searchEverything", Needs::Read),
    ("bulk", Needs::Write),
    ("getMe", Needs::Read),
    ("replaceMe", Needs::Write),
    ("patchMe", Needs::Write),
    ("deleteMe", Needs::Write),
    ("getServiceProviderConfig", Needs::ReadOrNobody),
    ("listResourceTypes", Needs::Read),
    ("getResourceType", Needs::Read),
    ("listSchemas", Needs::Read),
    ("getSchema", Needs::Read),
    ("listClients", Needs::TenantAdmin),
    ("createClient", Needs::TenantAdmin),
    ("getClient", Needs::TenantAdmin),
    ("changeClient", Needs::TenantAdmin),
    ("deleteClient", Needs::TenantAdmin),
    ("listTokens", Needs::TenantAdmin),
    ("createToken", Needs::TenantAdmin),
    ("getToken", Needs::TenantAdmin),
    ("revokeToken", Needs::TenantAdmin),
    ("rotateToken", Needs::TenantAdmin),
    ("getLimits", Needs::TenantAdmin),
    ("getMyself", Needs::Person),
    ("listViewsOfMyself", Needs::Person),
    ("listOwnHoldings", Needs::Person),
    ("getStanding", Needs::TenantAdmin),
    ("listViewsOfUser", Needs::TenantAdmin),
    ("getSuspension", Needs::TenantAdmin),
    ("putSuspension", Needs::TenantAdmin),
    ("liftSuspension", Needs::TenantAdmin),
    ("listOffers", Needs::Person),
    ("listNotifications", Needs::Person),
    ("getNotification", Needs::Person),
    ("readNotification", Needs::Person),
    ("readNotifications", Needs::Person),
    ("listRequests", Needs::TenantAdmin),
    ("createRequest", Needs::Person),
    ("getRequest", Needs::TenantAdmin),
    ("listRequestItems", Needs::Person),
    ("getRequestItem", Needs::TenantAdmin),
    ("createVote", Needs::Person),
    ("createQuestion", Needs::Person),
    ("createAnswer", Needs::Person),
    ("createReassignment", Needs::Person),
    ("createWithdrawal", Needs::Person),
    ("listReviews", Needs::TenantAdmin),
    ("createReview", Needs::TenantAdmin),
    ("getReview", Needs::TenantAdmin),
    ("closeReview", Needs::TenantAdmin),
    ("cancelReview", Needs::TenantAdmin),
    ("postponeReview", Needs::TenantAdmin),
    ("createReviewDecisions", Needs::Person),
    ("listItemsOfReview", Needs::TenantAdmin),
    ("listReviewItems", Needs::Person),
    ("getReviewItem", Needs::TenantAdmin),
    ("createReviewDecision", Needs::Person),
    ("withdrawReviewDecision", Needs::Person),
    ("reassignReviewItem", Needs::TenantAdmin),
    ("listDelegations", Needs::TenantAdmin),
    ("createDelegation", Needs::Person),
    ("getDelegation", Needs::TenantAdmin),
    ("cancelDelegation", Needs::TenantAdmin),
    ("listEmergencies", Needs::TenantAdmin),
    ("openEmergency", Needs::Person),
    ("getEmergency", Needs::TenantAdmin),
    ("reviewEmergency", Needs::Person),
    ("listAdminRoles", Needs::TenantAdmin),
    ("createAdminRole", Needs::TenantAdmin),
    ("getAdminRole", Needs::TenantAdmin),
    ("revokeAdminRole", Needs::TenantAdmin),
    ("getSettings", Needs::TenantAdmin),
    ("changeSettings", Needs::TenantAdmin),
    ("listOwnSchemas", Needs::TenantAdmin),
    ("getOwnSchema", Needs::TenantAdmin),
    ("putOwnSchema", Needs::TenantAdmin),
    ("deleteOwnSchema", Needs::TenantAdmin),
    ("listOwnTypes", Needs::TenantAdmin),
    ("getOwnType", Needs::TenantAdmin),
    ("putOwnType", Needs::TenantAdmin),
    ("deleteOwnType", Needs::TenantAdmin),
    ("listCatalogueRoles", Needs::TenantAdmin),
    ("createCatalogueRole", Needs::TenantAdmin),
    ("getCatalogueRole", Needs::TenantAdmin),
    ("replaceCatalogueRole", Needs::TenantAdmin),
    ("deleteCatalogueRole", Needs::TenantAdmin),
    ("listCatalogueEntitlements", Needs::TenantAdmin),
    ("createCatalogueEntitlement", Needs::TenantAdmin),
    ("getCatalogueEntitlement", Needs::TenantAdmin),
    ("replaceCatalogueEntitlement", Needs::TenantAdmin),
    ("deleteCatalogueEntitlement", Needs::TenantAdmin),
    ("exportTenant", Needs::TenantAdmin),
    ("listCalls", Needs::TenantAdmin),
    ("getCall", Needs::TenantAdmin),
    ("listApplications", Needs::TenantAdmin),
    ("createApplication", Needs::TenantAdmin),
    ("getApplication", Needs::TenantAdmin),
    ("changeApplication", Needs::TenantAdmin),
    ("deleteApplication", Needs::TenantAdmin),
    ("listApplicationGroups", Needs::TenantAdmin),
    ("assignGroup", Needs::TenantAdmin),
    ("unassignGroup", Needs::TenantAdmin),
    ("listOrganisationUnits", Needs::TenantAdmin),
    ("createOrganisationUnit", Needs::TenantAdmin),
    ("getOrganisationUnit", Needs::TenantAdmin),
    ("changeOrganisationUnit", Needs::TenantAdmin),
    ("deleteOrganisationUnit", Needs::TenantAdmin),
    ("listOrganisationUnitPeople", Needs::TenantAdmin),
    ("listUnmatchedUnits", Needs::TenantAdmin),
    ("listEmployments", Needs::TenantAdmin),
    ("listApplicationEntitlements", Needs::TenantAdmin),
    ("createApplicationEntitlement", Needs::TenantAdmin),
    ("getApplicationEntitlement", Needs::TenantAdmin),
    ("changeApplicationEntitlement", Needs::TenantAdmin),
    ("deleteApplicationEntitlement", Needs::TenantAdmin),
    ("listGrants", Needs::TenantAdmin),
    ("createGrant", Needs::TenantAdmin),
    ("getGrant", Needs::TenantAdmin),
    ("revokeGrant", Needs::TenantAdmin),
    ("extendGrant", Needs::TenantAdmin),
    ("listTimers", Needs::TenantAdmin),
    ("listHoldings", Needs::TenantAdmin),
    ("listApprovalPolicies", Needs::TenantAdmin),
    ("createApprovalPolicy", Needs::TenantAdmin),
    ("getApprovalPolicy", Needs::TenantAdmin),
    ("replaceApprovalPolicy", Needs::TenantAdmin),
    ("deleteApprovalPolicy", Needs::TenantAdmin),
    ("listSodViolations", Needs::TenantAdmin),
    ("getSodViolation", Needs::TenantAdmin),
    ("exceptSodViolation", Needs::TenantAdmin),
    ("exceptBeforehand", Needs::TenantAdmin),
    ("withdrawSodException", Needs::TenantAdmin),
    ("remedySodViolation", Needs::TenantAdmin),
    ("listSodRuleImpact", Needs::TenantAdmin),
    ("listSodRules", Needs::TenantAdmin),
    ("foreseeBirthrightRule", Needs::TenantAdmin),
    ("runBirthrightRules", Needs::TenantAdmin),
    ("createSodRule", Needs::TenantAdmin),
    ("getSodRule", Needs::TenantAdmin),
    ("replaceSodRule", Needs::TenantAdmin),
    ("deleteSodRule", Needs::TenantAdmin),
    ("listBirthrightRules", Needs::TenantAdmin),
    ("createBirthrightRule", Needs::TenantAdmin),
    ("getBirthrightRule", Needs::TenantAdmin),
    ("replaceBirthrightRule", Needs::TenantAdmin),
    ("deleteBirthrightRule", Needs::TenantAdmin),
    ("getStatus", Needs::TenantAdmin),
    ("listAlarms", Needs::TenantAdmin),
    ("getAlarm", Needs::TenantAdmin),
    ("acknowledgeAlarm", Needs::TenantAdmin),
    ("createRestoration", Needs::TenantAdmin),
    ("listIssuers", Needs::TenantAdmin),
    ("createIssuer", Needs::TenantAdmin),
    ("getIssuer", Needs::TenantAdmin),
    ("changeIssuer", Needs::TenantAdmin),
    ("deleteIssuer", Needs::TenantAdmin),
    ("createAccessToken", Needs::Secret),
    ("listTenants", Needs::Platform),
    ("createTenant", Needs::Platform),
    ("getTenant", Needs::Platform),
    ("suspendTenant", Needs::Platform),
    ("resumeTenant", Needs::Platform),
    ("archiveTenant", Needs::Platform),
    ("listAllAlarms", Needs::Platform),
    ("getLive", Needs::Nothing),
    ("getReady", Needs::Nothing),
    ("getMetrics", Needs::Nothing),
    ("getDescriptionYaml", Needs::Nothing),
    ("getDescriptionJson", Needs::Nothing),
];
/// Pages, which are for everybody and whose scripts the description does not list.
const PAGES: [&str; 1] = ["getReference"];

/// An operation with an address that leads to something and a body that would do.
struct Operation {
    needs: Needs,
    method: String,
    path: String,
    /// Its media type and itself.
    body: Option<(String, Value)>,
}

/// The ids that stand in paths.
struct Ids {
    user: String,
    group: String,
    own: String,
    client: Uuid,
    token: Uuid,
    application: Uuid,
    unit: String,
}

fn operations(ids: &Ids) -> Vec<Operation> {
    let mut operations = Vec::new();
    let mut left: Vec<&str> = OPERATIONS.iter().map(|(id, _)| *id).collect();
    for (template, item) in DESCRIPTION["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item").iter().filter(|(name, _)| *name != "parameters") {
            let id = operation["operationId"].as_str().expect("an operationId");
            if PAGES.contains(&id) {
                continue;
            }
            left.retain(|other| *other != id);
            let (_, needs) = OPERATIONS.iter().find(|(name, _)| *name == id).unwrap_or_else(|| {
                panic!("{method} {template} ({id}) is new: say in OPERATIONS what its caller must bring")
            });
            let named = if template.contains("/Users") {
                &ids.user
            } else if template.contains("/{endpoint}") {
                &ids.own
            } else if template.contains("/Groups") {
                &ids.group
            } else if template.contains("/Schemas") {
                USER
            } else {
                "User"
            };
            let content = operation["requestBody"]["content"].as_object();
            let media = content.and_then(|content| content.iter().next());
            let body = media.and_then(|(media_type, media)| {
                let example = media["examples"].as_object()?.values().next()?;
                Some((media_type.clone(), example["value"].clone()))
            });
            let path = template
                .replace("{tenant}", "riga")
                .replace("{id}", named)
                .replace("{endpoint}", "Vehicles")
                .replace("{client}", &ids.client.to_string())
                .replace("{token}", &ids.token.to_string())
                .replace("{urn}", definitions::VEHICLE)
                .replace("{name}", "Vehicle")
                .replace("{application}", &ids.application.to_string())
                .replace("{group}", &ids.group)
                .replace("{user}", &ids.user)
                .replace("{unit}", &ids.unit)
                .replace("{grant}", &ids.token.to_string())
                .replace("{request}", &ids.token.to_string())
                .replace("{review}", &ids.token.to_string())
                .replace("{item}", &ids.token.to_string())
                .replace("{delegation}", &ids.token.to_string())
                .replace("{notification}", &ids.token.to_string())
                .replace("{role}", &ids.token.to_string())
                .replace("{rule}", &ids.token.to_string())
                .replace("{violation}", &ids.token.to_string())
                .replace("{alarm}", &ids.token.to_string())
                .replace("{call}", &ids.token.to_string())
                .replace("{issuer}", &ids.token.to_string());
            operations.push(Operation { needs: *needs, method: method.to_ascii_uppercase(), path, body });
        }
    }
    assert!(left.is_empty(), "no longer described: {left:?}");
    operations
}

impl Operation {
    fn is_administration(&self) -> bool {
        matches!(self.needs, Needs::TenantAdmin | Needs::Person | Needs::Platform)
    }

    /// Holds a refusal against the form of its route.
    #[track_caller]
    fn refuses(&self, reply: Reply, status: u16) {
        if self.is_administration() {
            reply.problem(status, "");
        } else {
            reply.refused(status, "");
        }
    }
}

async fn ask(client: &Client, operation: &Operation) -> Reply {
    let (media_type, body) = match &operation.body {
        Some((media_type, body)) => (media_type.as_str(), text(media_type, body)),
        None => ("application/json", String::new()),
    };
    client.raw(&operation.method, &operation.path, media_type, body).await
}

/// How many events there are.
async fn events(server: &Server) -> i64 {
    let look = server.database.look().await;
    let count: (i64,) = sqlx::query_as("SELECT count(*) FROM event").fetch_one(&look).await.expect("a count");
    count.0
}

/// Shows: T-02, T-03, T-05, T-06, T-08, T-13, Z-03, Z-04, X-04, X-14
async fn who_may_not_learns_and_changes_nothing(server: Server) {
    let client = server.client().await;
    let user = client.user("a", json!({})).await.id();
    let group = client.group("g", &[&user]).await.id();
    server.set(|settings| settings.roles_and_entitlements = true).await;
    definitions::vehicles(&server).await;
    let own = definitions::car(&client).await;
    server.tenant("jurmala").await;
    let site = client.at(&server.url);
    let later = START + 1_000_000;
    let all = &["scim.read", "scim.write", "tenant.admin"];
    let (_, reader) = server.token("riga", &["scim.read"], later).await;
    let (_, writer) = server.token("riga", &["scim.write"], later).await;
    let (_, provisioner) = server.token("riga", &["scim.read", "scim.write"], later).await;
    let (_, everything) = server.token("riga", all, later).await;
    let (_, ended) = server.token("riga", all, START).await;
    let (id, revoked) = server.token("riga", all, later).await;
    server.revoke("riga", id).await;
    let (_, stranger) = server.token("jurmala", all, later).await;
    let (client_id, token, _) = server.token_of("riga", "another", &[], &["scim.read"], later).await;
    let (application, app) = server.application("riga", "documents", &[], &[&group]).await;
    let city = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga" });
    let administrator = server.administrator("riga").await;
    let unit = administrator.json("POST", "/organisation-units", &city).await.expect(201).id();
    let operator = server.operator().await.token;
    let look = server.database.look().await;
    look.execute("UPDATE token SET scopes = '' WHERE tenant_id = (SELECT id FROM tenant WHERE slug = '-platform')")
        .await
        .expect("a weak token of an operator");
    let before = events(&server).await;
    for operation in operations(&Ids { user, group, own, client: client_id, token, application, unit }) {
        let name = format!("{} {}", operation.method, operation.path);
        if operation.needs == Needs::Nothing {
            ask(&site.with_token(""), &operation).await.expect(200);
            continue;
        }
        if operation.needs == Needs::Secret {
            for token in ["", &everything, &stranger, &operator, &ended, "nonsense"] {
                let client = site.with_token(token);
                // The secret of the example is nobody's; a token beside it is one way too many.
                let (status, code) = if token.is_empty() { (401, "invalid_client") } else { (400, "invalid_request") };
                let told = ask(&client, &operation).await.denied(status, code);
                let path = operation.path.replace("/riga", "/nowhere");
                let nowhere =
                    Operation { path, body: operation.body.clone(), method: operation.method.clone(), ..operation };
                assert_eq!(ask(&client, &nowhere).await.body["error_description"], told);
            }
            continue;
        }
        let nobody = ask(&site.with_token(""), &operation).await;
        if operation.needs == Needs::ReadOrNobody {
            nobody.expect(200);
        } else {
            let realm = if operation.is_administration() { "api" } else { "scim" };
            let challenge = format!("Bearer realm=\"{realm}\"");
            assert_eq!(nobody.header("www-authenticate"), Some(challenge.as_str()), "{name}");
            operation.refuses(nobody, 401);
        }
        for wrong in [ended.as_str(), &revoked, "nonsense", &reader[..reader.len() - 1]] {
            let reply = ask(&site.with_token(wrong), &operation).await;
            let challenge = reply.header("www-authenticate").expect("a challenge").to_owned();
            assert!(challenge.contains("error=\"invalid_token\""), "{name}: {challenge}");
            operation.refuses(reply, 401);
        }
        let basic = site.with_token("").request(&operation.method, &operation.path).basic_auth("a", Some("b"));
        operation.refuses(site.send(basic).await, 401);
        for stranger in [&stranger, if operation.needs == Needs::Platform { &everything } else { &operator }] {
            let strange = ask(&site.with_token(stranger), &operation).await;
            let path = operation.path.replace("/riga", "/nowhere");
            let nowhere =
                Operation { path, body: operation.body.clone(), method: operation.method.clone(), ..operation };
            let missing = ask(&site.with_token(stranger), &nowhere).await;
            let told = |reply: &Reply| reply.body["detail"].clone();
            assert_eq!(told(&strange), told(&missing), "{name}: a tenant that exists looks like one that does not");
            operation.refuses(strange, 404);
        }
        if !matches!(operation.needs, Needs::Read | Needs::ReadOrNobody) {
            let is_hidden = operation.needs == Needs::Platform || operation.path.contains("/Vehicles");
            let status = if is_hidden { 404 } else { 403 };
            operation.refuses(ask(&site.with_token(&app.token), &operation).await, status);
        }
        let (weak, lacks) = match operation.needs {
            Needs::Write => (&reader, "scim.write"),
            Needs::TenantAdmin => (&provisioner, "tenant.admin"),
            Needs::Person => (&everything, "rights"),
            Needs::Platform => (&operator, "platform.admin"),
            _ => (&writer, "scim.read"),
        };
        let reply = ask(&site.with_token(weak), &operation).await;
        let challenge = reply.header("www-authenticate").expect("a challenge").to_owned();
        assert!(challenge.contains("insufficient_scope") && challenge.contains(lacks), "{name}: {challenge}");
        operation.refuses(reply, 403);
    }
    assert_eq!(events(&server).await, before, "nothing was written");
    assert_eq!(server.find("riga").await.state, store::TenantState::Active);
}

/// Shows: Z-05, Z-06, Z-07, Z-08, Z-09, Z-10, Z-11, S-37, X-14
async fn tenants_do_not_see_each_other(server: Server) {
    server.tenant("jurmala").await;
    let riga = server.client().await;
    let jurmala = server.client_of("jurmala").await;
    let here = riga
        .user(
            "anna",
            json!({ "externalId": "same", "displayName": "Anna R", "title": "t", "emails": [{ "value": "x" }] }),
        )
        .await;
    let group = riga.group("g", &[&here.id()]).await;
    let there = jurmala.user("ANNA", json!({ "externalId": "same" })).await;
    assert_ne!(here.id(), there.id());
    assert!(there.body["meta"]["location"].as_str().expect("a location").starts_with(&jurmala.base));

    for path in [format!("/Users/{}", here.id()), format!("/Groups/{}", group.id())] {
        jurmala.get(&path).await.refused(404, "");
        jurmala.delete(&path).await.refused(404, "");
        jurmala.patch(&path, json!([{ "op": "replace", "path": "displayName", "value": "x" }])).await.refused(404, "");
    }
    jurmala
        .put(&format!("/Users/{}", here.id()), &json!({ "schemas": [USER], "userName": "x" }))
        .await
        .refused(404, "");
    for filter in ["title pr", "emails.value eq \"x\"", "groups pr", "groups.display eq \"g\"", "displayName co \"R\""]
    {
        assert!(jurmala.filter("/Users", filter).await.is_empty(), "{filter}");
    }
    assert!(jurmala.filter("/Groups", &format!("members.value eq \"{}\"", here.id())).await.is_empty());
    assert_eq!(Client::names(&jurmala.find("/Users", &[("sortBy", "title")]).await), ["ANNA"]);
    assert_eq!(jurmala.get("/Groups").await.body["totalResults"], 0);

    let members = json!({ "schemas": [GROUP], "displayName": "h", "members": [{ "value": here.id() }] });
    jurmala.post("/Groups", &members).await.refused(400, "invalidValue");
    let own = jurmala.group("h", &[]).await.id();
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": group.id() }] }]);
    jurmala.patch(&format!("/Groups/{own}"), add).await.refused(400, "invalidValue");
    let manager = json!({ ENTERPRISE: { "manager": { "value": here.id() } } });
    let led = jurmala.user("led", manager).await.body;
    assert_eq!(led[ENTERPRISE]["manager"], json!({ "value": here.id() }), "a stranger's name is not looked up");
    riga.delete(&format!("/Users/{}", here.id())).await.expect(204);
    let still = jurmala.get(&format!("/Users/{}", led["id"].as_str().expect("an id"))).await.body;
    assert_eq!(still, led, "what happens in one tenant changes nothing in another");
}

/// The tenant of a path is one literal segment, whatever its spelling.
async fn a_path_cannot_be_bent(server: Server) {
    server.tenant("jurmala").await;
    let client = server.client().await;
    client.user("a", json!({})).await;
    let stranger = server.client_of("jurmala").await;
    let site = stranger.at(&server.url);
    for path in [
        "/t/riga%2F/scim/v2/Users",
        "/t/%72iga/scim/v2/Users",
        "/t/RIGA/scim/v2/Users",
        "/t/jurmala%2F..%2Friga/scim/v2/Users",
        "/t/riga/scim/v2/Users/..%2F..%2F..%2Fjurmala",
        "/t/riga%00/scim/v2/Users",
        "/t//riga/scim/v2/Users",
        "/t/riga;x=y/scim/v2/Users",
        "/t/riga/scim//v2/Users",
        "//t/riga/scim/v2/Users",
    ] {
        let reply = site.get(path).await;
        assert!(matches!(reply.status, 400 | 404), "{path}: {} {:#}", reply.status, reply.body);
    }
    client.at(&server.url).get("/t/%72iga/scim/v2/Users").await.expect(200);
}

/// Removing always works; granting does not while a tenant is suspended.
async fn a_suspended_tenant_takes_away_and_does_not_give(server: Server) {
    let client = server.client().await;
    let emails = json!([{ "value": "b@example.com", "type": "work", "display": "B" }]);
    let roles = json!({ "roles": [{ "value": "clerk" }, { "value": "guard" }], "emails": emails });
    let (a, b) = (client.user("a", json!({})).await.id(), client.user("b", roles).await.id());
    let group = client.group("g", &[&a]).await.id();
    server.suspend("riga").await;
    // A token that was not seen before is not remembered with the earlier state.
    let client = server.client().await;
    client.get("/Users").await.expect(200);
    client.post("/Users", &json!({ "schemas": [USER], "userName": "c" })).await.refused(403, "");
    let group = format!("/Groups/{group}");
    let add = |id: &str| json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
    client.patch(&group, add(&b)).await.refused(403, "");
    client.patch(&group, add(&a)).await.expect(204);
    client.patch(&group, json!([{ "op": "remove", "path": format!("members[value eq \"{a}\"]") }])).await.expect(204);
    let roles = |values: serde_json::Value| json!([{ "op": "replace", "path": "roles", "value": values }]);
    client.patch(&format!("/Users/{b}"), roles(json!([{ "value": "clerk" }]))).await.expect(200);
    client.patch(&format!("/Users/{b}"), roles(json!([{ "value": "head" }]))).await.refused(403, "");
    client.patch(&format!("/Users/{b}"), roles(json!([]))).await.expect(200);
    client
        .patch(&format!("/Users/{b}"), json!([{ "op": "add", "path": "password", "value": "x" }]))
        .await
        .refused(403, "");
    let active = |flag: bool| json!([{ "op": "replace", "path": "active", "value": flag }]);
    client.patch(&format!("/Users/{a}"), active(false)).await.expect(200);
    client.patch(&format!("/Users/{a}"), active(true)).await.refused(403, "");
    // However it is said that somebody is back.
    for operation in [
        json!({ "op": "remove", "path": "active" }),
        json!({ "op": "remove", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active" }),
        json!({ "op": "replace", "path": "active", "value": null }),
        json!({ "op": "replace", "value": { "active": "" } }),
    ] {
        client.patch(&format!("/Users/{a}"), json!([operation])).await;
        assert_eq!(client.get(&format!("/Users/{a}")).await.body["active"], false, "{operation}");
    }
    // Less of a value is no other value.
    let label = json!([{ "op": "remove", "path": "emails[type eq \"work\"].display" }]);
    let labelled = client.patch(&format!("/Users/{b}"), label).await.expect(200).body;
    assert_eq!(labelled["emails"], json!([{ "value": "b@example.com", "type": "work" }]));
    client.patch(&format!("/Users/{a}"), roles(json!([{ "value": "head" }]))).await.refused(403, "");
    client.delete(&format!("/Users/{b}")).await.expect(204);
    server.resume("riga").await;
    let client = server.client().await;
    client.patch(&format!("/Users/{a}"), active(true)).await.expect(200);
}

/// Who may write and not read learns which resource a write made of theirs, and nothing of what was there.
async fn who_only_writes_reads_nothing(server: Server) {
    let client = server.client().await;
    let body = json!({ "displayName": "Anna", "nickName": "A", "emails": [{ "value": "a@example.com" }] });
    let anna = client.user("anna", body.clone()).await.id();
    let group = client.group("g", &[&anna]).await.id();
    let (_, token) = server.token("riga", &["scim.write"], START + 1_000_000).await;
    let writer = client.with_token(&token);
    let (user, group) = (format!("/Users/{anna}"), format!("/Groups/{group}"));
    let nothing = json!([{ "op": "remove", "path": "nickName" }]);
    let stranger = json!([{ "op": "remove", "path": "members[value eq \"x\"]" }]);
    let whole = json!({ "schemas": [USER], "userName": "anna", "displayName": "Berta" });
    for reply in [
        writer.patch(&user, nothing.clone()).await,
        writer.patch(&format!("{user}?attributes=emails,displayName"), nothing).await,
        writer.put(&user, &whole).await,
        writer.patch(&format!("{group}?attributes=members"), stranger).await,
        writer.post("/Users", &json!({ "schemas": [USER], "userName": "berta" })).await,
    ] {
        assert!(matches!(reply.status, 200 | 201), "{:#}", reply.body);
        let mut shown: Vec<&String> = reply.body.as_object().expect("an object").keys().collect();
        shown.sort_unstable();
        assert_eq!(shown, ["id", "meta", "schemas"], "{:#}", reply.body);
    }
    assert_eq!(client.get(&user).await.body["displayName"], "Berta");
    writer.get(&user).await.refused(403, "");
}

/// A token ends at its second, and a revocation is felt within five. Shows: T-04
async fn tokens_end(server: Server) {
    let (id, token) = server.token("riga", &["scim.read"], START + 60_000).await;
    let client = server.client().await.with_token(&token);
    client.get("/Users").await.expect(200);
    server.pass(59_999);
    client.get("/Users").await.expect(200);
    server.pass(1);
    client.get("/Users").await.refused(401, "");

    let (other, token) = server.token("riga", &["scim.read"], START + 1_000_000).await;
    assert_ne!(id, other);
    let client = client.with_token(&token);
    client.get("/Users").await.expect(200);
    server.revoke("riga", other).await;
    let revoked = tokio::time::Instant::now();
    while client.get("/Users").await.status != 401 {
        assert!(revoked.elapsed().as_secs() < 5, "a revoked token still works after five seconds");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

on_both_databases! {
    who_may_not_learns_and_changes_nothing,
    tenants_do_not_see_each_other,
    a_path_cannot_be_bent,
    a_suspended_tenant_takes_away_and_does_not_give,
    who_only_writes_reads_nothing,
    tokens_end,
}
