//! What people are told of requests and grants, and the mail about it.

mod mails;
mod once;
mod people;
mod story;

use serde_json::{Value, json};

use super::{Scene, id};
use crate::support::{Server, smtp::Smtp};

impl Scene {
    /// What somebody was told, the newest first.
    async fn told(&self, name: &str) -> Vec<Value> {
        let page = self.person(name).get("/notifications").await.expect(200).body;
        assert!(page.get("nextCursor").is_none());
        page["items"].as_array().expect("items").clone()
    }

    /// Of which kinds somebody was told, the oldest first.
    async fn kinds(&self, name: &str) -> Vec<String> {
        let told = self.told(name).await;
        told.iter().rev().map(|one| one["kind"].as_str().expect("a kind").to_owned()).collect()
    }

    /// Lets time pass, in milliseconds, and what is due happen.
    async fn wait(&self, millis: i64) {
        self.server.pass(millis);
        self.server.app.timers.run().await.expect("timers");
    }

    /// Sends the mails that are due. Says how many.
    async fn post(&self) -> u64 {
        self.server.app.post.as_ref().expect("a mail server").run().await.expect("mails")
    }

    /// What has become of somebody's newest mail.
    async fn mail(&self, name: &str) -> String {
        self.told(name).await[0]["mail"].as_str().expect("a state").to_owned()
    }

    /// Gives somebody an address and a language.
    async fn reachable(&self, user: &str, address: &str, language: &str) {
        let change = json!([
            { "op": "add", "path": "emails", "value": [{ "value": address, "type": "work", "primary": true }] },
            { "op": "add", "path": "preferredLanguage", "value": language },
        ]);
        self.writer.patch(&format!("/Users/{user}"), change).await.expect(200);
    }
}

/// A scene whose server sends mails by that one. Māra reads Latvian, everybody else English.
async fn with_mail(mut server: Server, smtp: &Smtp) -> Scene {
    server.move_to(&environment(smtp.port)).await;
    let scene = Scene::new(server).await;
    for (user, address, language) in [
        (&scene.anna, "anna@riga.example", "en"),
        (&scene.mara, "mara@riga.example", "lv-LV"),
        (&scene.zane, "zane@riga.example", "en"),
        (&scene.oskars, "oskars@riga.example", "en"),
    ] {
        scene.reachable(user, address, language).await;
    }
    scene
}

fn environment(port: u16) -> Vec<(&'static str, String)> {
    vec![
        ("CAURLAIDE_MAIL_HOST", "127.0.0.1".into()),
        ("CAURLAIDE_MAIL_PORT", port.to_string()),
        ("CAURLAIDE_MAIL_TLS", "none".into()),
        ("CAURLAIDE_MAIL_FROM", "Caurlaide <rights@riga.example>".into()),
        ("CAURLAIDE_MAIL_LINK", "https://tiesibas.riga.example".into()),
    ]
}
