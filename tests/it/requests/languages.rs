//! What people are told that cannot be done, in their language.

use serde_json::{Value, json};

use super::{Scene, id};
use crate::support::{Client, Reply, Server};

impl Scene {
    /// What somebody who reads these languages sends.
    async fn reads(&self, name: &str, accepted: &str, method: &str, path: &str, body: Value) -> Reply {
        let person: Client = self.person(name);
        let request = person.request(method, path).header("accept-language", accepted);
        person.send(if body.is_null() { request } else { request.json(&body) }).await
    }
}

/// What a problem says of itself: in which language, its title and its detail.
#[track_caller]
fn said(reply: &Reply) -> (&str, &str, &str) {
    assert_eq!(reply.header("vary"), Some("accept-language"));
    let text = |name: &str| reply.body[name].as_str().expect("a text");
    (reply.header("content-language").expect("a language"), text("title"), text("detail"))
}

/// Values that cannot be taken, people who may not, states that do not suit: all of it is told in the language that is asked for,
/// and the type of the problem is the same.
async fn refusals_are_told_in_latvian(server: Server) {
    let scene = Scene::new(server).await;
    let wish = json!({ "items": [{ "kind": "grant", "entitlement": scene.group, "days": 0 }] });
    let wrong = scene.reads("anna", "lv", "POST", "/requests", wish.clone()).await;
    let (language, title, detail) = said(&wrong);
    assert_eq!((language, title), ("lv", "Dažas vērtības nevar pieņemt"));
    assert_eq!(detail, "items/0/days jābūt no 1 līdz 36525.");
    assert_eq!(wrong.body["errors"], json!([{ "pointer": "/items/0/days", "detail": "Jābūt no 1 līdz 36525." }]));
    wrong.problem(400, "invalid");
    let wrong = scene.person("anna").json("POST", "/requests", &wish).await;
    assert_eq!(said(&wrong), ("en", "Some values cannot be taken", "items/0/days must be 1 to 36525."), "nobody said");

    let item = scene.asked().await;
    let path = format!("/request-items/{}", id(&item));
    let withdrawal = format!("{path}/withdrawal");
    let missing = scene.reads("zane", "lv-LV", "POST", &withdrawal, Value::Null).await;
    assert_eq!(said(&missing), ("lv", "Nav atrasts", "Šāda pieprasījuma punkta nav."));
    missing.problem(404, "");
    let stranger = scene.reads("mara", "en;q=0.2, lv;q=0.9", "POST", &withdrawal, Value::Null).await;
    assert_eq!(said(&stranger), ("lv", "Tas ir atļauts citiem", "Jūs neesat starp tiem, kas to drīkst."));
    stranger.problem(403, "forbidden");
    let voting = format!("{path}/votes");
    let unmatched = scene.reads("mara", "lv", "POST", &voting, json!({ "decision": "approve" })).await;
    assert_eq!(said(&unmatched).1, "Trūkst nosacījuma");
    unmatched.problem(428, "");
    scene.withdraw("anna", id(&item)).await.expect(200);
    let over = scene.reads("anna", "lv", "POST", &withdrawal, Value::Null).await;
    assert_eq!(
        said(&over).2,
        "Pieprasījuma punkts ir stāvoklī „atsaukts”, un darbība „atsaukt” nav iespējama: šajā stāvoklī tā nav paredzēta."
    );
    assert_eq!((&over.body["state"], &over.body["possible"]), (&json!("withdrawn"), &json!([])), "for programs");
    over.problem(409, "state");
    let twice = json!({ "delegate": scene.mara, "from": "2026-01-05", "until": "2026-01-09" });
    let oneself = scene.reads("mara", "lv", "POST", "/delegations", twice).await;
    assert_eq!(said(&oneself).2, "delegate ir tas pats, kas ir prombūtnē.");
    let unread = scene.reads("anna", "lv", "POST", "/requests", json!({ "items": 7, "more": 1 })).await;
    assert_eq!(said(&unread), ("lv", "Dažas vērtības nevar pieņemt", "items jābūt sarakstam."));
    let far = json!({ "items": [{ "kind": "grant", "entitlement": scene.zane }] });
    let far = scene.reads("anna", "lv", "POST", "/requests", far).await;
    assert_eq!(said(&far).2, "items/0/entitlement nav šejienes tiesības.");
}

/// Grants, reviews, offers, notifications and emergencies too.
async fn whatever_people_deal_with_is_told_so(server: Server) {
    let scene = Scene::new(server).await;
    let nothing = "019b2c45-6071-7293-b4a5-a6b7c8d9eafb";
    for (path, detail) in [
        (format!("/requests/{nothing}"), "Šāda pieprasījuma nav."),
        (format!("/reviews/{nothing}"), "Šādas tiesību pārskatīšanas nav."),
        (format!("/review-items/{nothing}"), "Šāda pārskatāmā piešķīruma nav."),
        (format!("/delegations/{nothing}"), "Šādas aizvietošanas nav."),
        (format!("/notifications/{nothing}"), "Šāda paziņojuma nav."),
        (format!("/emergencies/{nothing}"), "Šādas ārkārtas piekļuves nav."),
        (format!("/offers?subject={nothing}"), "Šāda lietotāja nav."),
        ("/me/holdings?at=x".to_owned(), "Parametram at jābūt brīdim, piemēram, 2026-11-24T08:00:00Z."),
        ("/reviews?count=0".to_owned(), "Parametram count jābūt no 1 līdz 100."),
        ("/nowhere".to_owned(), "Šajā adresē nekā nav."),
        (format!("/grants/{nothing}"), "Neviena no Jūsu pārvaldības lomām to neļauj."),
        (format!("/clients/{nothing}"), "Neviena no Jūsu pārvaldības lomām to neļauj."),
        (format!("/issuers/{nothing}"), "Tas ir atļauts tiem, kas pārvalda visu pašvaldību."),
    ] {
        let reply = scene.reads("anna", "lv", "GET", &path, Value::Null).await;
        assert!(reply.status >= 400, "{path}");
        assert_eq!((said(&reply).0, said(&reply).2), ("lv", detail), "{path}");
    }
    let stranger = scene.reads("nobody", "lv", "GET", "/me", Value::Null).await;
    assert_eq!(said(&stranger).1, "Nav pierādīts, kas Jūs esat");
    let review = json!({ "name": "x", "scope": { "application": scene.application } });
    scene
        .administrator
        .json("POST", "/grants", &json!({ "user": scene.anna, "entitlement": scene.group, "reason": "x" }))
        .await;
    let review = scene.administrator.json("POST", "/reviews", &review).await.expect(201).id();
    scene.server.app.timers.run().await.expect("timers");
    let bulk = json!({ "items": [nothing], "verdict": "keep" });
    let answered = scene.reads("mara", "lv", "POST", &format!("/reviews/{review}/decisions"), bulk).await.expect(200);
    assert_eq!(answered.header("content-language"), Some("lv"));
    assert_eq!(answered.body["items"][0]["detail"], "šāda pārskatāmā piešķīruma nav");
}

/// Administrators are told so too, and programs are not.
async fn administrators_are_told_so_too(server: Server) {
    let scene = Scene::new(server).await;
    let administrator = &scene.administrator;
    let client = json!({ "name": "x", "applicationId": scene.zane });
    let request = administrator.request("POST", "/clients").header("accept-language", "lv").json(&client);
    let wrong = administrator.send(request).await;
    assert_eq!((said(&wrong).0, said(&wrong).1), ("lv", "Dažas vērtības nevar pieņemt"));
    assert_eq!(said(&wrong).2, "applicationId nav pašvaldības lietotne.");
    wrong.problem(400, "invalid");
    let grant = format!("/grants/{}/revocation", scene.zane);
    let request = administrator.request("POST", &grant).header("accept-language", "lv").json(&json!({ "reason": "" }));
    let wrong = administrator.send(request).await;
    assert_eq!((said(&wrong).0, said(&wrong).2), ("lv", "reason jābūt tekstam no 1 līdz 1000 rakstzīmēm."));
    // SCIM speaks English alone.
    let scim = scene.writer.request("GET", "/Users/x").header("accept-language", "lv");
    let missing = scene.writer.send(scim).await;
    assert_eq!(missing.header("content-language"), None);
    assert_eq!(missing.refused(404, ""), "There is no such User.");
}

on_both_databases! {
    refusals_are_told_in_latvian,
    whatever_people_deal_with_is_told_so,
    administrators_are_told_so_too,
}
