//! Who answers for applications and entitlements, and on what terms people come to them.

use serde_json::{Value, json};

use super::Scene;
use crate::support::Server;

/// The owner answers; while they are away or gone the deputy; then who leads the unit or what it is part of; and when the
/// owner is back it is theirs again. Nothing is handed over for that, and where nobody is left that is seen.
async fn somebody_answers_as_long_as_anybody_is_there(server: Server) {
    let scene = Scene::new(server).await;
    let (administrator, writer) = (&scene.administrator, &scene.writer);
    let mut people = Vec::new();
    for name in ["anna", "berta", "carl", "dora"] {
        people.push(writer.user(name, json!({ "displayName": name })).await.id());
    }
    let [anna, berta, carl, dora] = people.try_into().expect("four");
    let city = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga", "head": dora });
    let city = administrator.json("POST", "/organisation-units", &city).await.expect(201).id();
    let tax = json!({ "kind": "unit", "code": "NIN", "name": "Nodokļi", "parent": city, "head": carl });
    let tax = administrator.json("POST", "/organisation-units", &tax).await.expect(201).id();
    let path = format!("/applications/{}", scene.application);
    let change = json!({ "owner": anna, "deputy": berta, "unit": tax });
    let shown = administrator.json("PATCH", &path, &change).await.expect(200).body;
    assert_eq!(shown["owner"], json!({ "id": anna, "displayName": "anna" }));
    assert_eq!((&shown["deputy"]["id"], &shown["unit"]), (&json!(berta), &json!(tax)));

    let group = writer.group("a", &[]).await.id();
    scene.entitle(&group, "a", "grants").await;
    let entitlement = format!("{}/{group}", scene.entitlements());
    let responsible = async |place: &str| administrator.get(place).await.expect(200).body["responsible"]["id"].clone();
    let set = async |user: &str, active: bool| {
        let change = json!([{ "op": "replace", "path": "active", "value": active }]);
        writer.patch(&format!("/Users/{user}"), change).await.expect(200);
    };
    for (gone, next) in [(&anna, &berta), (&berta, &carl), (&carl, &dora)] {
        assert_eq!(responsible(&path).await, json!(gone));
        assert_eq!(responsible(&entitlement).await, json!(gone));
        set(gone, false).await;
        assert_eq!(responsible(&path).await, json!(next));
    }
    set(&anna, true).await;
    assert_eq!(responsible(&path).await, json!(anna), "back again");
    administrator.json("PATCH", &entitlement, &json!({ "owner": dora })).await.expect(200);
    assert_eq!((responsible(&entitlement).await, responsible(&path).await), (json!(dora), json!(anna)));
    for gone in [&anna, &dora] {
        writer.delete(&format!("/Users/{gone}")).await.expect(204);
    }
    let shown = administrator.get(&path).await.expect(200).body;
    assert_eq!((shown.get("owner"), shown.get("responsible")), (None, None), "{shown:#}");
    assert_eq!(shown["deputy"]["id"], json!(berta), "who is only away is named");
    assert_eq!(responsible(&entitlement).await, Value::Null);
    let delete = administrator.request("DELETE", &format!("/organisation-units/{tax}")).header("if-match", "*");
    administrator.send(delete).await.problem(409, "conflict");
}

/// Terms are kept and shown as they were sent; what is wrong with them is named by its place and changes nothing.
async fn terms_are_judged_whole(server: Server) {
    let scene = Scene::new(server).await;
    let (administrator, path) = (&scene.administrator, scene.entitlements());
    let anna = scene.writer.user("anna", json!({})).await.id();
    let unit = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga" });
    let unit = administrator.json("POST", "/organisation-units", &unit).await.expect(201).id();
    let (a, b) = (scene.writer.group("a", &[]).await.id(), scene.writer.group("b", &[]).await.id());
    scene.entitle(&a, "a", "grants").await;
    let terms = json!({
        "requestable": false, "owner": anna, "audience": { "units": [unit], "employmentTypes": ["employee"] },
        "duration": { "default": 3600, "longest": 7200, "total": 9000, "extensions": 2 }, "needsJustification": true,
        "needsLegalBasis": true, "prerequisites": [a], "emergency": true,
    });
    let mut new = terms.clone();
    (new["group"], new["code"], new["names"]) = (json!(b), json!("b"), json!({ "lv": "B" }));
    let made = administrator.json("POST", &path, &new).await.expect(201).body;
    let one = format!("{path}/{b}");
    for (name, value) in terms.as_object().expect("terms").iter().filter(|(name, _)| *name != "owner") {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!(made["owner"]["id"], json!(anna));
    for (change, pointer) in [
        (json!({ "duration": { "default": 59 } }), "/duration/default"),
        (json!({ "duration": { "default": 7200, "longest": 3600 } }), "/duration/default"),
        (json!({ "duration": { "longest": 7200, "total": 3600 } }), "/duration/longest"),
        (json!({ "duration": { "extensions": -1 } }), "/duration/extensions"),
        (json!({ "duration": { "days": 1 } }), "/duration/days"),
        (json!({ "audience": { "units": [anna] } }), "/audience/units/0"),
        (json!({ "audience": { "employmentTypes": ["a", "a"] } }), "/audience/employmentTypes"),
        (json!({ "audience": { "employmentTypes": [""] } }), "/audience/employmentTypes/0"),
        (json!({ "audience": null }), "/audience"),
        (json!({ "owner": a }), "/owner"),
        (json!({ "approvalPolicy": a }), "/approvalPolicy"),
        (json!({ "prerequisites": [anna] }), "/prerequisites/0"),
        (json!({ "prerequisites": [b] }), "/prerequisites/0"),
        (json!({ "emergency": "x" }), "/emergency"),
    ] {
        let reply = administrator.json("PATCH", &one, &change).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{change}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    let circle = administrator.json("PATCH", &format!("{path}/{a}"), &json!({ "prerequisites": [b] })).await;
    assert_eq!(circle.body["errors"][0]["pointer"], "/prerequisites/0", "{:#}", circle.body);
    circle.problem(400, "invalid");
    assert_eq!(administrator.get(&one).await.expect(200).body, made);
    for (change, pointer) in [
        (json!({ "owner": a }), "/owner"),
        (json!({ "owner": anna, "deputy": anna }), "/deputy"),
        (json!({ "unit": anna }), "/unit"),
    ] {
        let reply = administrator.json("PATCH", &format!("/applications/{}", scene.application), &change).await;
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{change}: {:#}", reply.body);
        reply.problem(400, "invalid");
    }
    // While the tenant is suspended it can only become harder to get.
    scene.server.suspend("riga").await;
    for wider in [json!({ "requestable": true }), json!({ "owner": null }), json!({ "duration": {} })] {
        administrator.json("PATCH", &one, &wider).await.problem(403, "suspended");
    }
    administrator.json("PATCH", &one, &json!({ "emergency": false })).await.expect(200);
}

on_both_databases! { somebody_answers_as_long_as_anybody_is_there, terms_are_judged_whole }
