//! Mail by SMTP: what is due is handed over, once.

use serde_json::json;

use super::{Scene, environment, id, with_mail};
use crate::support::{
    Server,
    smtp::{Answer, Smtp},
};

const MINUTE: i64 = 60_000;

/// A mail is written in the language of whoever gets it, and says of itself what mails of programs say.
async fn a_mail_is_in_the_language_of_whoever_gets_it(server: Server) {
    let smtp = Smtp::start().await;
    let scene = with_mail(server, &smtp).await;
    let bent =
        json!([{ "op": "add", "path": "displayName", "value": "Anna\r\nBcc: all@riga.example\r\n\r\n.\r\nQUIT" }]);
    scene.writer.patch(&format!("/Users/{}", scene.anna), bent).await.expect(200);
    let named = json!({ "names": { "en": "Assessor", "lv": "Vērtētājs" } });
    let group = scene.entitlement("named", named).await;
    let item = scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
    assert_eq!(scene.mail("mara").await, "due");
    assert_eq!(scene.post().await, 1);
    let [mail] = &smtp.take()[..] else { panic!("one mail") };
    assert_eq!((mail.from.as_str(), &mail.to[..]), ("rights@riga.example", &["mara@riga.example".to_owned()][..]));
    assert_eq!(mail.header("Subject"), "Vajadzīgs Jūsu lēmums: Vērtētājs");
    assert_eq!(mail.header("Content-Language"), "lv");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(mail.header("Content-Type"), "text/plain; charset=utf-8");
    assert_eq!(mail.header("Date"), "Thu, 01 Jan 2026 00:00:00 +0000");
    let told = scene.told("mara").await;
    assert_eq!(mail.header("Message-ID"), format!("<{}@riga.example>", id(&told[0])));
    let text = mail.text();
    assert!(
        text.contains("PR-2026-000001 gaida Jūsu lēmumu") && text.contains("https://tiesibas.riga.example"),
        "{text}"
    );
    assert!(text.contains("Kam: Anna Bcc: all@riga.example . QUIT. Pieprasītājs:"), "{text}");
    assert!(text.ends_with("Šī vēstule nosūtīta automātiski; uz to nav jāatbild."), "{text}");
    assert_eq!(told[0]["mail"], "sent");

    scene.approve("mara", id(&item)).await.expect(200);
    assert_eq!(scene.post().await, 1);
    let [mail] = &smtp.take()[..] else { panic!("one mail") };
    assert_eq!(mail.header("Subject"), "Your decision is needed: Assessor");
    assert_eq!((mail.header("Bcc"), mail.header("Content-Language")), (String::new(), "en".into()));
    assert_eq!(mail.to, ["oskars@riga.example"]);
    assert_eq!(scene.post().await, 0, "nothing is sent twice");
}

/// A server that says not now is asked again, later and later; one that says no is not; whether it is silent before or behind the mail
/// makes the difference.
async fn refusals_are_told_apart(server: Server) {
    let smtp = Smtp::start().await;
    let scene = with_mail(server, &smtp).await;
    scene.asked().await;
    smtp.answer(&[Answer::AtRecipient(451), Answer::AtEnd(452)]);
    assert_eq!((scene.post().await, scene.mail("mara").await), (0, "due".into()));
    scene.server.pass(MINUTE - 1);
    assert_eq!(scene.post().await, 0);
    scene.server.pass(1);
    assert_eq!((scene.post().await, scene.mail("mara").await), (0, "due".into()));
    scene.server.pass(MINUTE);
    assert_eq!(scene.post().await, 0, "the second pause is longer");
    scene.server.pass(MINUTE);
    assert_eq!((scene.post().await, scene.mail("mara").await), (1, "sent".into()));
    assert_eq!(smtp.take().len(), 1);

    for (answer, state, arrives) in
        [(Answer::AtRecipient(550), "failed", 0), (Answer::AtEnd(554), "failed", 0), (Answer::Silence, "unknown", 1)]
    {
        let group = scene.entitlement(&format!("{answer:?}"), json!({})).await;
        scene.server.pass(1000);
        scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
        smtp.answer(&[answer]);
        assert_eq!((scene.post().await, scene.mail("mara").await), (0, state.into()), "{answer:?}");
        scene.server.pass(24 * 60 * MINUTE);
        assert_eq!((scene.post().await, smtp.take().len()), (0, arrives), "{answer:?}");
    }
}

/// A mail server that is down delays nothing and loses nothing; many mails go over one line.
async fn a_server_that_is_down_delays_nothing(server: Server) {
    let mut smtp = Smtp::start().await;
    let scene = with_mail(server, &smtp).await;
    smtp.stop().await;
    scene.asked().await;
    assert_eq!((scene.post().await, scene.mail("mara").await), (0, "due".into()));
    for name in ["a", "b", "c"] {
        let group = scene.entitlement(name, json!({})).await;
        scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
    }
    assert_eq!(scene.post().await, 0);
    smtp.listen().await;
    scene.server.pass(10 * MINUTE);
    assert_eq!((scene.post().await, smtp.take().len(), smtp.lines()), (4, 4, 1));
}

/// Of two nodes one sends; what a node had claimed when it went down is not sent again.
async fn two_nodes_send_once(mut server: Server) {
    let smtp = Smtp::start().await;
    let other = server.beside_with(&environment(smtp.port)).await;
    let scene = with_mail(server, &smtp).await;
    for name in ["a", "b", "c", "d", "e"] {
        let group = scene.entitlement(name, json!({})).await;
        scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await;
    }
    let there = other.post.clone().expect("a mail server");
    let (here, there) = tokio::join!(scene.post(), there.run());
    assert_eq!((here + there.expect("mails"), smtp.take().len()), (5, 5));

    scene.asked().await;
    let due = scene.server.store.due_mails(i64::MAX, 10).await.expect("a look");
    let riga = scene.server.store.tenant(due[0].tenant);
    let until = crate::support::server::START + 15 * MINUTE;
    assert!(riga.claim_mail(&due[0], until).await.expect("a claim").is_some());
    assert!(riga.claim_mail(&due[0], until).await.expect("a claim").is_none(), "it belongs to somebody");
    assert_eq!((scene.post().await, scene.mail("mara").await), (0, "sending".into()));
    scene.server.pass(15 * MINUTE);
    assert_eq!((scene.post().await, scene.mail("mara").await, smtp.take().len()), (0, "unknown".into(), 0));
}

/// Where there is no mail server, no address, or a tenant does not want it, people read what they are told here.
async fn without_mail_people_read_here(server: Server) {
    let scene = Scene::new(server).await;
    scene.asked().await;
    assert!(scene.server.app.post.is_none());
    assert_eq!(scene.mail("mara").await, "none");

    let smtp = Smtp::start().await;
    let mut scene = scene;
    scene.server.move_to(&environment(smtp.port)).await;
    scene.administrator = scene.administrator.at(&format!("{}/t/riga/api/v1", scene.server.url));
    assert_eq!(scene.post().await, 0, "what was told before is not sent");
    let ask = async |scene: &Scene, name: &str| {
        scene.server.pass(1000);
        let group = scene.entitlement(name, json!({})).await;
        scene.ask("anna", json!({ "kind": "grant", "entitlement": group })).await
    };
    ask(&scene, "a").await;
    assert_eq!((scene.post().await, scene.mail("mara").await), (0, "failed".into()), "she has no address");
    for (address, sent) in [("nobody", 0), ("mara@riga.example", 1)] {
        scene.reachable(&scene.mara, address, "lv").await;
        ask(&scene, address).await;
        assert_eq!(scene.post().await, sent, "{address}");
    }
    scene.administrator.json("PATCH", "/settings", &json!({ "mailNotifications": false })).await.expect(200);
    ask(&scene, "b").await;
    assert_eq!((scene.post().await, scene.mail("mara").await), (0, "none".into()));
    scene.administrator.json("PATCH", "/settings", &json!({ "mailNotifications": true })).await.expect(200);
    ask(&scene, "c").await;
    scene.active(&scene.mara, false).await;
    assert_eq!(scene.post().await, 0, "who has left meanwhile gets no mail");
    assert_eq!(smtp.take().len(), 1);
}

/// A server that cannot encrypt what has to be gets nothing.
async fn nothing_is_sent_in_the_clear(mut server: Server) {
    let smtp = Smtp::start().await;
    let mut environment = environment(smtp.port);
    environment.retain(|(name, _)| *name != "CAURLAIDE_MAIL_TLS");
    server.move_to(&environment).await;
    let scene = Scene::new(server).await;
    scene.reachable(&scene.mara, "mara@riga.example", "lv").await;
    scene.asked().await;
    assert_eq!((scene.post().await, scene.mail("mara").await), (0, "due".into()));
    assert_eq!((smtp.take().len(), smtp.lines()), (0, 1));
}

/// A server that encrypts is believed if somebody vouches for it, and is told who the service is.
async fn a_server_that_encrypts_is_told_who_we_are(mut server: Server) {
    let (smtp, certificate) = Smtp::encrypting().await;
    let authority = server.database.directory.path().join("authority.pem");
    std::fs::write(&authority, certificate).expect("written");
    let mut environment = environment(smtp.port);
    environment.retain(|(name, _)| *name != "CAURLAIDE_MAIL_TLS");
    environment.extend([("CAURLAIDE_MAIL_USER", "rights".to_owned()), ("CAURLAIDE_MAIL_PASSWORD", "wrong".to_owned())]);
    let unknown = server.beside_with(&environment).await;
    environment.push(("CAURLAIDE_MAIL_CA", authority.display().to_string()));
    let wrong = server.beside_with(&environment).await;
    environment.retain(|(name, _)| *name != "CAURLAIDE_MAIL_PASSWORD");
    environment.push(("CAURLAIDE_MAIL_PASSWORD", "s3cret".into()));
    server.move_to(&environment).await;
    let scene = Scene::new(server).await;
    scene.reachable(&scene.mara, "mara@riga.example", "lv").await;
    scene.asked().await;
    for (node, logins) in [(unknown, 0), (wrong, 1)] {
        assert_eq!(node.post.expect("a mail server").run().await.expect("mails"), 0);
        assert_eq!((scene.mail("mara").await, smtp.logins().len()), ("due".into(), logins));
        scene.server.pass(5 * MINUTE);
    }
    assert_eq!((scene.post().await, smtp.take().len(), smtp.logins().len()), (1, 1, 2));
}

on_both_databases! {
    a_server_that_encrypts_is_told_who_we_are,
    a_mail_is_in_the_language_of_whoever_gets_it,
    refusals_are_told_apart,
    a_server_that_is_down_delays_nothing,
    two_nodes_send_once,
    without_mail_people_read_here,
    nothing_is_sent_in_the_clear,
}
