//! What an application's client reads.

use serde_json::{Value, json};

use super::{Scene, scene};
use crate::{
    scim::definitions,
    support::{
        Client, Server,
        client::{ENTERPRISE, GROUP, USER},
    },
};

fn names(list: &Value, attribute: &str) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(|item| item[attribute].as_str()).map(str::to_owned).collect()
}

async fn it_sees_its_groups_and_who_is_in_them(server: Server) {
    let Scene { client, readers, staff, team, others, users, .. } = &scene(server).await;
    let [anna, berta, carl, dora, evija, ferdis] = users;
    assert_eq!(client.filter("/Users", "id pr").await, ["anna", "berta", "carl", "dora"]);
    assert_eq!(client.get("/Users").await.expect(200).body["totalResults"], 4);
    assert_eq!(client.get("/Users?count=0").await.expect(200).body["totalResults"], 4);
    assert_eq!(client.filter("/Groups", "id pr").await, ["readers", "staff"]);
    assert_eq!(client.get("").await.expect(200).body["totalResults"], 6);
    for (path, seen) in [("/Users", [anna, berta, carl, dora].as_slice()), ("/Groups", &[readers, staff])] {
        for id in seen {
            client.get(&format!("{path}/{id}")).await.expect(200);
        }
    }
    for hidden in [
        format!("/Users/{evija}"),
        format!("/Users/{ferdis}"),
        format!("/Groups/{team}"),
        format!("/Groups/{others}"),
        format!("/Groups/{others}/members"),
        format!("/Users/{readers}"),
    ] {
        let kind = if hidden.contains("/Users/") { "User" } else { "Group" };
        assert_eq!(client.get(&hidden).await.refused(404, ""), format!("There is no such {kind}."));
    }

    let shown = client.get(&format!("/Users/{dora}")).await.expect(200).body;
    let wanted = json!({
        "schemas": [USER, ENTERPRISE], "id": dora, "userName": "dora", "active": true,
        "name": { "givenName": "dora" },
        "emails": [{ "value": "home-dora@x.lv" }, { "value": "dora@x.lv" }],
        ENTERPRISE: { "department": "D1" },
        "groups": shown["groups"], "meta": shown["meta"],
    });
    assert_eq!(shown, wanted);
    let groups: Vec<(&str, &str)> = shown["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|group| (group["display"].as_str().expect("a name"), group["type"].as_str().expect("a way")))
        .collect();
    assert_eq!(groups.len(), 2, "{shown:#}");
    assert!(groups.contains(&("staff", "direct")) && groups.contains(&("readers", "indirect")), "{shown:#}");
    let nested = client.get(&format!("/Users/{carl}")).await.expect(200).body;
    assert_eq!(names(&nested["groups"], "display"), ["readers"], "through a group that is nobody's");

    // Members without their names, which were not released, and without the group that is nobody's.
    let group = client.get(&format!("/Groups/{readers}")).await.expect(200).body;
    let mut members = names(&group["members"], "value");
    members.sort();
    let mut wanted = vec![anna.clone(), staff.clone()];
    wanted.sort();
    assert_eq!(members, wanted);
    assert!(!group.to_string().contains("ANNA") && names(&group["members"], "display").is_empty(), "{group:#}");
    let page = client.get(&format!("/Groups/{readers}/members?count=1")).await.expect(200).body;
    assert_eq!((&page["totalResults"], page["Resources"].as_array().map(Vec::len)), (&json!(2), Some(1)));
    let rest = format!("/Groups/{readers}/members?count=1&cursor={}", page["nextCursor"].as_str().expect("a cursor"));
    let rest = client.get(&rest).await.expect(200).body;
    assert_eq!(rest.get("nextCursor"), None);
    assert!(rest["Resources"][0].get("display").is_none() && rest["Resources"][0].get("value").is_some());
}

async fn attributes_and_filters_know_what_was_released(server: Server) {
    let Scene { client, identities, readers, staff, team, others, users, .. } = &scene(server).await;
    let [anna, .., evija, _] = users;
    let asked = format!("/Users/{anna}?attributes=title,name,emails,externalId,password,{ENTERPRISE},groups");
    let shown = client.get(&asked).await.expect(200).body;
    assert_eq!(shown["name"], json!({ "givenName": "anna" }));
    for hidden in ["title", "externalId", "password"] {
        assert_eq!(shown.get(hidden), None);
    }
    for (filter, found) in [
        ("userName eq \"ANNA\"", vec!["anna"]),
        ("userName eq \"evija\"", vec![]),
        ("name.givenName sw \"b\"", vec!["berta"]),
        ("emails.value co \"carl\"", vec!["carl"]),
        ("department eq \"D1\" and not (userName eq \"anna\")", vec!["berta", "carl", "dora"]),
        ("groups.display eq \"others\"", vec![]),
        ("groups.display eq \"staff\"", vec!["berta", "dora"]),
        ("groups pr", vec!["anna", "berta", "carl", "dora"]),
        ("not (groups pr)", vec![]),
        ("groups[type eq \"indirect\"]", vec!["berta", "carl", "dora"]),
        ("groups[type ne \"direct\"]", vec!["berta", "carl", "dora"]),
        ("meta.created pr and active eq true", vec!["anna", "berta", "carl", "dora"]),
    ] {
        assert_eq!(client.filter("/Users", filter).await, found, "{filter}");
    }
    for (group, found) in [(readers, 4), (staff, 2), (team, 0), (others, 0)] {
        assert_eq!(client.filter("/Users", &format!("groups.value eq \"{group}\"")).await.len(), found);
    }
    for (filter, found) in [
        (format!("members.value eq \"{anna}\""), vec!["readers"]),
        (format!("members.value eq \"{evija}\""), vec![]),
        (format!("members.value eq \"{team}\""), vec![]),
        (format!("members.value eq \"{staff}\""), vec!["readers"]),
        ("members.type eq \"Group\"".to_owned(), vec!["readers"]),
        ("members[type eq \"Group\"] and displayName sw \"r\"".to_owned(), vec!["readers"]),
        ("members pr".to_owned(), vec!["readers", "staff"]),
    ] {
        assert_eq!(client.filter("/Groups", &filter).await, found, "{filter}");
    }
    let unknown = client.find("/Users", &[("filter", "nothing eq \"x\"")]).await.refused(400, "invalidFilter");
    for path in ["title", "externalId", "displayName", "nickName", "name.familyName", "emails.type", "employeeNumber"] {
        for filter in [format!("{path} pr"), format!("{path} eq \"x\""), format!("not ({path} pr)")] {
            let refused = client.find("/Users", &[("filter", &filter)]).await.refused(400, "invalidFilter");
            assert_eq!(refused, unknown.replace("nothing", path), "as what does not exist");
        }
        client.find("/Users", &[("sortBy", path)]).await.refused(400, "invalidValue");
    }
    for filter in ["emails[type eq \"work\"]", "schemas pr", "schemas eq \"x\"", "members.display eq \"ANNA\""] {
        client.find("/Users", &[("filter", filter)]).await.refused(400, "invalidFilter");
        client.find("/Groups", &[("filter", filter)]).await.refused(400, "invalidFilter");
    }
    client.find("/Users", &[("sortBy", "emails")]).await.refused(400, "invalidValue");
    let sorted = client.find("/Users", &[("sortBy", "userName"), ("sortOrder", "descending")]).await;
    assert_eq!(Client::names(&sorted), ["dora", "carl", "berta", "anna"]);
    // What a query of every type can ask of groups does not tell of users.
    let both = client.find("", &[("filter", "displayName sw \"s\"")]).await.expect(200);
    assert_eq!(Client::names(&both), ["staff"]);
    assert_eq!(identities.find("", &[("filter", "displayName eq \"anna\"")]).await.body["totalResults"], 1);
    let both = client.find("", &[("filter", "displayName eq \"anna\"")]).await.expect(200);
    assert_eq!(both.body["totalResults"], 0);
}

async fn discovery_shows_what_may_be_asked(server: Server) {
    let scene = scene(server).await;
    scene.server.set(|settings| settings.roles_and_entitlements = true).await;
    definitions::vehicles(&scene.server).await;
    definitions::car(&scene.identities).await;
    let client = &scene.client;
    client.get("/ServiceProviderConfig").await.expect(200);
    let types = client.get("/ResourceTypes").await.expect(200).body;
    assert_eq!(names(&types["Resources"], "name"), ["User", "Group"]);
    let schemas = client.get("/Schemas").await.expect(200).body;
    assert_eq!(names(&schemas["Resources"], "id"), [USER, ENTERPRISE, GROUP]);
    let user = client.get(&format!("/Schemas/{USER}")).await.expect(200).body;
    let mut attributes = names(&user["attributes"], "name");
    attributes.sort();
    assert_eq!(attributes, ["active", "emails", "groups", "name", "userName"]);
    let name = user["attributes"].as_array().expect("attributes").iter().find(|attribute| attribute["name"] == "name");
    assert_eq!(names(&name.expect("name")["subAttributes"], "name"), ["givenName"]);
    for path in
        ["/Roles", "/Entitlements", "/Vehicles", "/Roles/x", "/Vehicles/x", "/Schemas/urn:x", "/ResourceTypes/Role"]
    {
        client.get(path).await.refused(404, "");
    }
    client.get("/Me").await.refused(404, "");
    let all = client.get("").await.expect(200).body;
    assert_eq!(all["totalResults"], 6);
}

async fn it_only_reads(server: Server) {
    let Scene { client, identities, readers, users, .. } = &scene(server).await;
    let user = format!("/Users/{}", users[0]);
    let before = identities.get(&user).await.expect(200).body;
    let change = json!([{ "op": "replace", "path": "userName", "value": "x" }]);
    let whole = json!({ "schemas": [USER], "userName": "x" });
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        { "method": "DELETE", "path": user },
    ] });
    for refused in [
        client.patch(&user, change.clone()).await,
        client.put(&user, &whole).await,
        client.delete(&user).await,
        client.post("/Users", &whole).await,
        client.post("/Groups", &json!({ "schemas": [GROUP], "displayName": "x" })).await,
        client.patch(&format!("/Groups/{readers}"), json!([{ "op": "remove", "path": "members" }])).await,
        client.delete(&format!("/Groups/{readers}")).await,
        client.post("/Bulk", &bulk).await,
        client.patch("/Me", change).await,
        client.delete("/Me").await,
    ] {
        refused.refused(403, "");
    }
    assert_eq!(identities.get(&user).await.expect(200).body, before);
    let api = client.at(&client.base.replace("/scim/v2", "/api/v1"));
    api.get("/applications").await.problem(403, "");
    let search =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "userName sw \"a\"" });
    assert_eq!(Client::names(&client.post("/Users/.search", &search).await), ["anna"]);
    assert_eq!(Client::names(&client.post("/.search", &search).await), ["anna"]);
}

/// A copy that a client keeps is never taken for another's, nor for what it would see now.
async fn tags_name_what_is_seen(server: Server) {
    let scene = scene(server).await;
    let Scene { client, identities, administrator, readers, team, users, .. } = &scene;
    let application = format!("/applications/{}", scene.application);
    let again = async |client: &Client, path: &str, tag: &str| {
        client.send(client.request("GET", path).header("if-none-match", tag)).await.status
    };
    let (carl, group) = (format!("/Users/{}", users[2]), format!("/Groups/{readers}"));
    for path in [&carl, &group] {
        let (own, whole) = (client.get(path).await.etag(), identities.get(path).await.etag());
        assert_ne!(own, whole, "{path}");
        assert_eq!((again(client, path, &own).await, again(client, path, &whole).await), (304, 200), "{path}");
        assert_eq!(again(identities, path, &own).await, 200, "{path}");
        let shown = client.get(path).await.expect(200);
        assert_eq!(shown.body["meta"]["version"], shown.etag());
        let version = own.trim_start_matches("W/\"").split('-').next().expect("a version").to_owned();
        let matched = client.request("GET", path).header("if-match", format!("W/\"{version}\""));
        client.send(matched).await.expect(200);
    }
    let tags = async || (client.get(&carl).await.etag(), client.get(&group).await.etag());
    let before = tags().await;
    administrator.ask("PUT", &format!("{application}/groups/{team}")).await.expect(204);
    let with_team = tags().await;
    assert!(with_team.0 != before.0 && with_team.1 != before.1, "another group is seen");
    administrator.delete(&format!("{application}/groups/{team}")).await.expect(204);
    assert_eq!(tags().await, before);
    administrator.json("PATCH", &application, &json!({ "released": ["title"] })).await.expect(200);
    let after = tags().await;
    assert_ne!(after.0, before.0, "other attributes are seen");
    assert_eq!(client.get(&carl).await.body["title"], "clerk");
    let title = json!([{ "op": "replace", "path": "title", "value": "head" }]);
    identities.patch(&carl, title).await.expect(200);
    assert_eq!(again(client, &carl, &after.0).await, 200);
    administrator.json("PATCH", &application, &json!({ "released": ["displayName"] })).await.expect(200);
    let named = client.get(&group).await.expect(200);
    assert!(named.etag() != after.1 && named.body.to_string().contains("ANNA"), "the names of members are released");
}

/// A manager's name is one of the manager: it is shown where it was released as such, and its change is no news elsewhere.
async fn a_managers_name_is_released_by_itself(server: Server) {
    let scene = scene(server).await;
    let Scene { client, identities, administrator, users, .. } = &scene;
    let application = format!("/applications/{}", scene.application);
    let manager = format!("{ENTERPRISE}:manager");
    let (anna, dora) = (format!("/Users/{}", users[0]), format!("/Users/{}", users[3]));
    let release = async |path: &str| {
        administrator.json("PATCH", &application, &json!({ "released": [path] })).await.expect(200);
        client.get(&dora).await.expect(200)
    };
    let whole = release(&manager).await.body;
    assert_eq!(whole[ENTERPRISE]["manager"]["displayName"], "ANNA");
    let before = release(&format!("{manager}.value")).await;
    assert_eq!(before.body[ENTERPRISE], json!({ "manager": { "value": users[0] } }));
    let address = release(&format!("{manager}.$ref")).await;
    assert!(address.body[ENTERPRISE]["manager"].get("displayName").is_none());
    let name = json!([{ "op": "replace", "path": "displayName", "value": "Anna B" }]);
    identities.patch(&anna, name).await.expect(200);
    assert_eq!(client.get(&dora).await.etag(), address.etag());
    assert_eq!(release(&format!("{manager}.value")).await.etag(), before.etag());
}

async fn a_retired_application_is_told_so(server: Server) {
    let scene = scene(server).await;
    let application = format!("/applications/{}", scene.application);
    let state = async |word: &str| {
        scene.administrator.json("PATCH", &application, &json!({ "state": word })).await.expect(200);
    };
    state("retired").await;
    for path in ["/Users", "/Groups", "", "/Schemas", "/ServiceProviderConfig", "/Me"] {
        let told = scene.client.get(path).await.refused(403, "");
        assert!(told.contains("retired"), "{told}");
    }
    state("active").await;
    scene.client.get("/Users").await.expect(200);
}

/// Who leaves a group, is deactivated or deleted is gone, or shown as gone, in the next answer.
async fn what_is_taken_away_is_not_seen(server: Server) {
    let Scene { client, identities, readers, team, users, .. } = &scene(server).await;
    let [anna, berta, carl, ..] = users;
    let active = json!([{ "op": "replace", "path": "active", "value": false }]);
    identities.patch(&format!("/Users/{berta}"), active).await.expect(200);
    assert_eq!(client.filter("/Users", "active eq false").await, [""; 0]);
    client.get(&format!("/Users/{berta}")).await.refused(404, "");
    let remove = |id: &str| json!([{ "op": "remove", "path": format!("members[value eq \"{id}\"]") }]);
    identities.patch(&format!("/Groups/{readers}"), remove(anna)).await.expect(204);
    client.get(&format!("/Users/{anna}")).await.refused(404, "");
    identities.patch(&format!("/Groups/{readers}"), remove(team)).await.expect(204);
    client.get(&format!("/Users/{carl}")).await.refused(404, "");
    identities.delete(&format!("/Groups/{readers}")).await.expect(204);
    assert_eq!(client.filter("/Groups", "id pr").await, ["staff"]);
    assert_eq!(client.filter("/Users", "id pr").await, ["dora"]);
}

/// With client credentials it is the same, and the log of calls knows who it was.
async fn short_lived_tokens_see_the_same(server: Server) {
    let scene = scene(server).await;
    let clients = scene.administrator.get("/clients").await.expect(200).body;
    let of = clients["items"].as_array().expect("clients").iter().find(|client| client.get("applicationId").is_some());
    let id = of.expect("a client")["id"].as_str().expect("an id");
    let nobody = scene.client.with_token("").at(&scene.client.base.replace("/scim/v2", ""));
    let own = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", scene.client.token.as_str())];
    let granted = nobody.form("/oauth/token", &own).await.expect(200).body;
    assert_eq!(granted["scope"], "app.read");
    let short = scene.client.with_token(granted["access_token"].as_str().expect("a token"));
    let found = short.get("/Users?sortBy=userName").await.expect(200);
    assert_eq!(found.body, scene.client.get("/Users?sortBy=userName").await.body);
    assert_eq!(Client::names(&found), ["anna", "berta", "carl", "dora"]);
    short.find("/Users", &[("filter", "title pr")]).await.refused(400, "invalidFilter");
    assert!(scene.server.app.calls.flush().await);
    let calls = scene.administrator.get("/calls?count=1").await.expect(200).body;
    let call = &calls["items"][0];
    assert_eq!(
        (&call["status"], call["client"]["id"].as_str().or(call["client"].as_str())),
        (&json!(400), Some(id)),
        "{call:#}"
    );
}

/// A place in a list that one caller was shown is none for another.
async fn cursors_belong_to_who_sees(server: Server) {
    let Scene { client, identities, .. } = &scene(server).await;
    let mut names = Vec::new();
    let mut path = "/Users?count=1&sortBy=userName&cursor=".to_owned();
    loop {
        let page = client.get(&path).await.expect(200);
        names.extend(Client::names(&page));
        let Some(next) = page.body["nextCursor"].as_str() else { break };
        path = format!("/Users?count=1&sortBy=userName&cursor={next}");
    }
    assert_eq!(names, ["anna", "berta", "carl", "dora"]);
    let other = identities.get("/Users?count=1&sortBy=userName&cursor=").await.expect(200).body;
    let other = format!("/Users?count=1&sortBy=userName&cursor={}", other["nextCursor"].as_str().expect("a cursor"));
    client.get(&other).await.refused(400, "invalidCursor");
}

on_both_databases! {
    it_sees_its_groups_and_who_is_in_them,
    attributes_and_filters_know_what_was_released,
    discovery_shows_what_may_be_asked,
    it_only_reads,
    tags_name_what_is_seen,
    a_managers_name_is_released_by_itself,
    a_retired_application_is_told_so,
    what_is_taken_away_is_not_seen,
    short_lived_tokens_see_the_same,
    cursors_belong_to_who_sees,
}
