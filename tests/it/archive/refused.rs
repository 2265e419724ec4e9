//! What is not an archive, or not all of one, leaves nothing behind.

use caurlaide::administration::{ArchiveError, Error, Import};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{EVERYTHING, NO_SECRETS, export, import, lines, rows, scene, sealed};
use crate::support::{Client, Server, client::USER, server::START};

/// A small tenant with something of everything, as lines.
async fn small(server: &Server) -> Vec<Value> {
    let client = server.client().await;
    let (anna, berta) =
        (client.user("Anna", json!({ "displayName": "Anna" })).await.id(), client.user("Bērta", json!({})).await);
    let inner = client.group("iekšējā", &[&anna]).await.id();
    client.group("ārējā", &[&inner, &berta.id()]).await;
    server.application("riga", "documents", &["userName"], &[&inner]).await;
    let administrator = server.administrator("riga").await;
    let city = json!({ "kind": "municipality", "code": "RIG", "name": "Rīga", "head": anna });
    let city = administrator.json("POST", "/organisation-units", &city).await.expect(201).id();
    let part = json!({ "kind": "unit", "code": "FIN", "name": "Finanses", "parent": city });
    administrator.json("POST", "/organisation-units", &part).await.expect(201);
    server.set(|settings| settings.page_size = 50).await;
    lines(&export(server, "riga", EVERYTHING).await)
}

/// The place of the first line that fits.
#[track_caller]
fn place(lines: &[Value], fits: impl Fn(&Value) -> bool) -> usize {
    lines.iter().position(fits).expect("such a line")
}

fn is_user(line: &Value) -> bool {
    line["type"] == "User" && line["kind"] == "resource"
}

fn is(kind: &str) -> impl Fn(&Value) -> bool {
    move |line| line["kind"] == kind
}

/// The refusal of an archive, which must leave everything as it was.
async fn refusal(server: &Server, archive: &[u8], what: &str) -> (usize, String) {
    let before = rows(server).await;
    let refused = import(server, archive, "kopija").await.expect_err(what);
    assert_eq!(rows(server).await, before, "{what} leaves something");
    assert!(server.store.find_tenant("kopija").await.expect("a look").is_none(), "{what}");
    match refused {
        ArchiveError::Line { number, reason } => (usize::try_from(number).expect("a line"), reason),
        other => panic!("{what}: {other}"),
    }
}

/// What is done to the lines of an archive.
type Change<'a> = Box<dyn Fn(&mut Vec<Value>) + 'a>;

/// What is wrong with a line is found by its number and told without its values.
async fn wrong_lines_are_found(server: Server) {
    let original = small(&server).await;
    let client = server.client().await;
    // Beside the original its tokens would be taken; here nobody has them.
    let free = |mut lines: Vec<Value>| {
        lines.iter_mut().filter(|line| line["kind"] == "token").for_each(|line| {
            let hash = line["hash"].as_str().expect("a hash").chars().rev().collect::<String>();
            line["hash"] = hash.into();
        });
        lines
    };
    let lines = free(original);
    let user = place(&lines, is_user);
    let (second, member) = (user + 1, place(&lines, is("member")));
    let (token, event, settings) =
        (place(&lines, is("token")), place(&lines, is("event")), place(&lines, is("settings")));
    let reader = place(&lines, is("client"));
    let own = place(&lines, |line| line["scopes"] == json!(["app.read"]));
    let (application, assigned) = (place(&lines, is("application")), place(&lines, is("applicationGroup")));
    let nested = place(&lines, |line| line["kind"] == "member" && line["memberType"] == "Group");
    let group = place(&lines, |line| line["type"] == "Group");
    let part = place(&lines, |line| line["kind"] == "organisationUnit" && line["type"] == "unit");
    let insert = |at: usize, line: Value| -> Change<'_> { Box::new(move |lines| lines.insert(at, line.clone())) };
    let set = |at: usize, pointer: &'static str, value: Value| -> Change<'_> {
        Box::new(move |lines| *lines[at].pointer_mut(pointer).expect("a member") = value.clone())
    };
    let add = |at: usize, name: &'static str, value: Value| -> Change<'_> {
        Box::new(move |lines| lines[at][name] = value.clone())
    };
    let someone = Uuid::from_u128(7).to_string();
    let cases: Vec<(&str, usize, &str, Change<'_>)> = vec![
        ("a newer format", 0, "newer", set(0, "/version", 2.into())),
        ("another format", 0, "archive of Caurlaide", set(0, "/format", "x".into())),
        ("no state", 0, "state", set(0, "/tenant/state", "importing".into())),
        ("a duplicate userName", second, "userName", set(second, "/document/userName", "ANNA".into())),
        (
            "a doubled id",
            second,
            "id",
            Box::new(|lines| {
                lines[second] = {
                    let mut twin = lines[user].clone();
                    twin["document"]["userName"] = "other".into();
                    twin
                }
            }),
        ),
        ("a member who does not exist", member, "not in the archive", set(member, "/member", someone.clone().into())),
        ("a group that does not exist", member, "not in the archive", set(member, "/group", someone.clone().into())),
        ("a group without members", member, "no members", set(member, "/groupType", "User".into())),
        ("a membership twice", member + 1, "already", Box::new(|lines| lines[member + 1] = lines[member].clone())),
        (
            "a circle",
            nested,
            "in itself",
            Box::new(|lines| {
                let mut back = lines[nested].clone();
                back["group"] = lines[nested]["member"].clone();
                back["member"] = lines[nested]["group"].clone();
                lines.insert(nested, back);
            }),
        ),
        ("a castle", part, "kind", set(part, "/type", "castle".into())),
        ("a code of two lines", part, "code", set(part, "/code", "a\nb".into())),
        ("a code twice", part, "its code", set(part, "/code", "RIG".into())),
        ("a unit of nothing", part, "parent", set(part, "/parent", someone.clone().into())),
        ("a unit of itself", part, "within", set(part, "/parent", lines[part]["id"].clone())),
        ("a unit without versions", part, "version", set(part, "/version", 0.into())),
        ("an unheard-of state", application, "state", set(application, "/state", "sold".into())),
        (
            "a client of no application",
            reader,
            "not in the archive",
            add(reader, "application", someone.clone().into()),
        ),
        ("a token that reads and writes", own, "stands alone", set(own, "/scopes", json!(["app.read", "scim.write"]))),
        ("a group of nobody's", assigned, "not in the archive", set(assigned, "/group", someone.clone().into())),
        (
            "an application of nobody",
            assigned,
            "not in the archive",
            set(assigned, "/application", someone.clone().into()),
        ),
        ("a token for the platform", token, "scope", set(token, "/scopes", json!(["platform.admin"]))),
        ("a token for ever", token, "longer", set(token, "/expires", (START * 2).into())),
        ("a token of nobody", token, "client", set(token, "/client", someone.clone().into())),
        ("no hash", token, "hash", set(token, "/hash", "xyz".into())),
        (
            "an unknown attribute",
            user,
            "not as a User",
            Box::new(|lines| lines[user]["document"]["favouriteColour"] = "x".into()),
        ),
        (
            "a value of another form",
            user,
            "not as a User",
            Box::new(|lines| lines[user]["document"]["active"] = "True".into()),
        ),
        (
            "a wrong value",
            user,
            "emails",
            Box::new(|lines| lines[user]["document"]["emails"] = json!([{ "value": 1 }])),
        ),
        (
            "no name",
            user,
            "userName",
            Box::new(|lines| {
                lines[user]["document"].as_object_mut().expect("a document").shift_remove("userName");
            }),
        ),
        ("another id inside", user, "another id", set(user, "/document/id", someone.clone().into())),
        ("other schemas", user, "schemas", set(user, "/document/schemas", json!(["urn:x"]))),
        ("an unknown type", group, "type", set(group, "/type", "Castle".into())),
        ("a password in the clear", user, "argon2id", add(user, "passwordHash", "secret".into())),
        ("an unknown member", user, "colour", add(user, "colour", 1.into())),
        (
            "a missing member",
            user,
            "created",
            Box::new(|lines| {
                lines[user].as_object_mut().expect("a line").shift_remove("created");
            }),
        ),
        ("an unknown kind", user, "kind", set(user, "/kind", "castle".into())),
        (
            "another order",
            member + 1,
            "behind",
            Box::new(|lines| {
                let client = place(lines, is("client"));
                lines.swap(member, client);
            }),
        ),
        ("an unknown setting", settings, "settings", Box::new(|lines| lines[settings]["settings"]["x"] = 1.into())),
        ("endless pages", settings, "pageSize", set(settings, "/settings/pageSize", 1_000_000.into())),
        ("settings that do not count", settings + 1, "version", set(settings, "/version", 0.into())),
        (
            "a definition of nothing",
            settings + 1,
            "body",
            Box::new(|lines| {
                lines.insert(settings + 1, json!({
            "kind": "definition", "of": "schema", "name": "urn:x:y", "modified": 1, "body": { "id": "urn:x:y" },
        }));
            }),
        ),
        (
            "a type of nothing",
            settings + 2,
            "cannot be used",
            Box::new(|lines| {
                lines.insert(settings + 1, json!({
            "kind": "definition", "of": "type", "name": "Car", "modified": 1,
            "body": { "name": "Car", "endpoint": "/Cars", "schema": "urn:x:y", "description": "", "schemaExtensions": [] },
        }));
            }),
        ),
        ("no instant", user, "instant", set(user, "/created", (-1).into())),
        (
            "a removal of nothing known",
            event,
            "content",
            insert(
                event,
                json!({
                    "kind": "removal", "type": "User", "resource": someone, "version": 1, "part": 0, "at": 1, "created": 1,
                    "what": "stolen", "weight": 0,
                }),
            ),
        ),
        (
            "a removal that holds something else",
            event,
            "content",
            insert(
                event,
                json!({
                    "kind": "removal", "type": "User", "resource": someone, "version": 1, "part": 0, "at": 1, "created": 1,
                    "what": "deleted", "weight": 0, "content": { "id": Uuid::nil(), "userName": "Anna" },
                }),
            ),
        ),
        (
            "members that are none",
            event,
            "content",
            insert(
                event,
                json!({
                    "kind": "removal", "type": "Group", "resource": someone, "version": 1, "part": 0, "at": 1, "created": 1,
                    "what": "removed", "weight": 1, "content": ["Anna"],
                }),
            ),
        ),
        (
            "an alarm that no server raises",
            event,
            "alarm",
            insert(
                event,
                json!({
                    "kind": "alarm", "id": someone, "of": "Anna", "client": someone, "began": 1, "firstRemoval": 1,
                    "lastRemoval": 1, "users": 1, "usersThreshold": 1, "memberships": 1, "membershipsThreshold": 1,
                }),
            ),
        ),
        (
            "a look by a long route",
            event,
            "route",
            insert(
                event,
                json!({
                    "kind": "view", "id": someone, "subject": someone, "at": 1, "client": someone, "requestId": "x",
                    "route": "x".repeat(256),
                }),
            ),
        ),
        ("an unknown action", event, "action", set(event, "/action", "forged".into())),
        ("a long request", event, "requestId", set(event, "/requestId", "x".repeat(65).into())),
    ];
    for (what, at, says, change) in cases {
        let mut lines = lines.clone();
        change(&mut lines);
        let (number, reason) = refusal(&server, &sealed(&lines), what).await;
        // The line of a circle is the last one in it.
        let expected = if what == "a circle" { at + 2 } else { at + 1 };
        assert_eq!(number, expected, "{what}: {reason}");
        assert!(reason.contains(says), "{what}: {reason}");
        for value in ["Anna", "ANNA", "favouriteColour", &someone, &client.token] {
            assert!(!reason.contains(value), "{what} repeats a value: {reason}");
        }
    }
    import(&server, &sealed(&lines), "kopija").await.expect("as it was it can be imported");
}

/// What is kept of a removal is judged when it comes back, as if a client sent it.
async fn what_was_made_up_does_not_come_back(server: Server) {
    let mut lines = small(&server).await;
    lines.retain(|line| line["kind"] != "token");
    let client = lines[place(&lines, is("client"))]["id"].clone();
    let (bad, good) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let removal = |id: Uuid, document: Value| {
        let mut content = json!({ "schemas": [USER], "id": id });
        document.as_object().into_iter().flatten().for_each(|(name, value)| content[name] = value.clone());
        json!({
            "kind": "removal", "type": "User", "resource": id, "version": 2, "part": 0, "at": START, "created": START,
            "client": client, "what": "deleted", "weight": 0, "content": content,
        })
    };
    let event = place(&lines, is("event"));
    lines.insert(event, removal(bad, json!({ "userName": 5 })));
    lines.insert(event + 1, removal(good, json!({ "userName": "Cilda", "favouriteColour": "x", "active": true })));
    import(&server, &sealed(&lines), "kopija").await.expect("imported");
    let wish = json!({ "clientId": client, "from": "2026-01-01T00:00:00Z", "until": "2026-01-01T01:00:00Z" });
    let done = server.administrator("kopija").await.json("POST", "/restorations", &wish).await.expect(200).body;
    assert_eq!(done["restored"]["users"], 1, "{done:#}");
    let copied = server.client_of("kopija").await;
    copied.get(&format!("/Users/{bad}")).await.refused(404, "");
    let back = copied.get(&format!("/Users/{good}")).await.expect(200).body;
    assert_eq!((&back["userName"], &back["favouriteColour"]), (&json!("Cilda"), &Value::Null));
}

/// An archive that was cut off or altered is not taken, wherever that happened.
async fn what_is_not_whole_is_not_taken(server: Server) {
    small(&server).await;
    let archive = export(&server, "riga", NO_SECRETS).await;
    let ends: Vec<usize> =
        archive.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    let last = ends.len();
    assert_eq!(ends[last - 1], archive.len());
    for line in [0, 1, 2, last / 2, last - 2] {
        let (number, reason) = refusal(&server, &archive[..ends[line]], "a cut between lines").await;
        assert!(number == line + 2 && reason.contains("cut off"), "{line}: {number} {reason}");
        let (number, reason) = refusal(&server, &archive[..ends[line] + 9], "a cut in a line").await;
        assert!(number == line + 2 && reason.contains("cut off"), "{line}: {number} {reason}");
    }
    let (number, reason) = refusal(&server, &archive[..archive.len() - 1], "without the last end").await;
    assert!(number == last && reason.contains("cut off"), "{reason}");
    let nothing = refusal(&server, b"", "nothing").await;
    assert!(nothing.1.contains("cut off"), "{nothing:?}");

    let text = String::from_utf8(archive.clone()).expect("UTF-8");
    let altered = text.replacen("\"displayName\":\"Anna\"", "\"displayName\":\"Enna\"", 1);
    let (number, reason) = refusal(&server, altered.as_bytes(), "an altered byte").await;
    assert!(number == last && reason.contains("SHA-256"), "{reason}");
    let lines: Vec<&str> = text.lines().collect();
    let without = lines.iter().enumerate().filter(|(at, _)| *at != last - 3).map(|(_, line)| format!("{line}\n"));
    let (_, reason) = refusal(&server, without.collect::<String>().as_bytes(), "a line less").await;
    assert!(reason.contains("number of lines of the kind event"), "{reason}");
    let more = format!("{text}{}\n", lines[1]);
    let (number, reason) = refusal(&server, more.as_bytes(), "a line more").await;
    assert!(number == last + 1 && reason.contains("behind the footer"), "{reason}");

    for (what, line, says) in [
        ("no JSON", "{\"kind\":", "JSON"),
        ("no object", "[1]", "kind"),
        ("nothing", "", "empty"),
        ("a name twice", "{\"kind\":\"member\",\"kind\":\"member\"}", "twice"),
        ("a NUL", "{\"kind\":\"a\\u0000\"}", "NUL"),
        ("a long line", &format!("{{\"kind\":\"{}\"}}", "x".repeat(4 << 20)), "longer"),
    ] {
        let broken = format!("{}\n{line}\n", lines[0]);
        let (number, reason) = refusal(&server, broken.as_bytes(), what).await;
        assert!(number == 2 && reason.contains(says), "{what}: {reason}");
    }
    let (number, _) = refusal(&server, &[&archive[..ends[0]], b"\"\xff\"\n"].concat(), "no UTF-8").await;
    assert_eq!(number, 2);
}

/// One at fault among many is found, and the batches before it are gone again.
async fn a_late_fault_takes_everything_along(server: Server) {
    scene::fill(&server).await;
    let mut lines = lines(&export(&server, "riga", NO_SECRETS).await);
    let users: Vec<usize> = (0..lines.len()).filter(|at| is_user(&lines[*at])).collect();
    let (first, last) = (users[3], users[users.len() - 1]);
    let name = lines[first]["document"]["userName"].as_str().expect("a name").to_uppercase();
    lines[last]["document"]["userName"] = name.into();
    let (number, reason) = refusal(&server, &sealed(&lines), "a late duplicate").await;
    assert_eq!(number, last + 1, "{reason}");
}

/// A slug that somebody has is not taken from them.
async fn a_tenant_that_exists_is_left_alone(server: Server) {
    let client = server.client().await;
    client.user("a", json!({})).await;
    let archive = export(&server, "riga", EVERYTHING).await;
    let before = rows(&server).await;
    for slug in ["riga", "-platform", "Rīga", ""] {
        match import(&server, &archive, slug).await.expect_err("refused") {
            ArchiveError::Refused(Error::Taken(text)) if slug == "riga" => {
                assert!(text.to_string().contains("--slug"), "{text}");
            }
            ArchiveError::Refused(Error::Invalid(_)) if slug != "riga" => {}
            other => panic!("{slug}: {other}"),
        }
    }
    // Its tokens work for it and for nobody else on this database.
    let (_, reason) = refusal(&server, &archive, "tokens that are in use").await;
    assert!(reason.contains("without credentials"), "{reason}");
    assert_eq!(rows(&server).await, before);
    client.get("/Users").await.expect(200);

    let archive = export(&server, "riga", NO_SECRETS).await;
    let wanted = Import { slug: Some("kopija".into()), dry_run: true };
    let tried = server.platform().import(&archive[..], &wanted, &mut |_| {}).await.expect("it could be imported");
    assert_eq!(tried.tenant.slug, "kopija");
    assert_eq!(rows(&server).await, before, "a trial leaves nothing");
}

/// While an import runs nobody reaches what is there of it, and whoever discards it stops it.
async fn nobody_reaches_what_is_not_whole(server: Server) {
    small(&server).await;
    let (_, token) = server.token("riga", &["scim.read", "tenant.admin"], START + 1_000_000_000).await;
    let mut lines = lines(&export(&server, "riga", EVERYTHING).await);
    let event = lines[place(&lines, is("event"))].clone();
    let footer = lines.len() - 1;
    lines.splice(footer..footer, std::iter::repeat_n(event, 600));
    let archive = sealed(&lines);
    let other = Server::start(server.kind()).await;
    let before = rows(&other).await;
    let stranger = Client::new(&other.url, "kopija", &token);
    let look = async || {
        stranger.get("/Users").await.refused(401, "");
        stranger.at(&format!("{}/t/kopija/api/v1", other.url)).get("/export").await.problem(401, "");
        assert!(other.store.find_tenant("kopija").await.expect("a look").is_none());
        assert_eq!(other.store.tenants().await.expect("a list").len(), 1);
        assert_eq!(other.store.tenants_after(None, 10).await.expect("a list").len(), 1);
        assert!(matches!(other.store.create_tenant("kopija", "x", 0).await, Err(store::Error::Taken)));
    };
    let handle = tokio::runtime::Handle::current();
    let mut looks = 0;
    let wanted = Import { slug: Some("kopija".into()), dry_run: false };
    let mut looking = |read: u64| {
        assert!(read >= 500, "the tokens are there: {read}");
        looks += 1;
        tokio::task::block_in_place(|| handle.block_on(look()));
    };
    other.platform().import(&archive[..], &wanted, &mut looking).await.expect("imported");
    assert_eq!(looks, 2);
    stranger.get("/Users").await.expect(200);

    // Discarded in the middle, it ends and leaves nothing.
    let third = Server::start(server.kind()).await;
    let mut discarding = |_| {
        tokio::task::block_in_place(|| {
            let discarded = handle.block_on(third.platform().discard_import("kopija"));
            assert!(discarded.is_ok() || matches!(discarded, Err(Error::Missing("import"))), "{discarded:?}");
        });
    };
    let stopped = third.platform().import(&archive[..], &wanted, &mut discarding).await.expect_err("stopped");
    assert!(stopped.to_string().contains("discarded"), "{stopped}");
    assert_eq!(rows(&third).await, before);
    assert!(
        matches!(third.platform().discard_import("riga").await, Err(Error::Missing("import"))),
        "a tenant is no remains"
    );
}

/// A membership of an entitlement without its grant, a grant without its membership, or of something that is no entitlement,
/// is no tenant that there could have been.
async fn memberships_and_grants_have_to_agree(server: Server) {
    small(&server).await;
    let administrator = server.administrator("riga").await;
    let assigned = lines(&export(&server, "riga", NO_SECRETS).await).into_iter().find(is("applicationGroup"));
    let assigned = assigned.expect("a group of the application");
    let path = format!("/applications/{}/entitlements", assigned["application"].as_str().expect("an id"));
    let new = json!({ "group": assigned["group"], "code": "reader", "names": { "lv": "Lasītājs" } });
    administrator.json("POST", &path, &new).await.expect(201);
    let original = lines(&export(&server, "riga", NO_SECRETS).await);
    let (entitlement, grant) = (place(&original, is("entitlement")), place(&original, is("grant")));
    let member = place(&original, |line| line["kind"] == "member" && line["group"] == assigned["group"]);
    for gone in [grant, member] {
        let mut changed = original.clone();
        changed.remove(gone);
        let before = rows(&server).await;
        let refused = import(&server, &sealed(&changed), "kopija").await.expect_err("out of step");
        assert!(refused.to_string().contains("do not agree"), "{refused}");
        assert_eq!(rows(&server).await, before, "it leaves something");
    }
    let mut changed = original.clone();
    changed.remove(entitlement);
    let (line, reason) = refusal(&server, &sealed(&changed), "a grant of nothing").await;
    assert_eq!((line, reason.contains("its entitlement is not in the archive")), (grant, true), "{reason}");
    for (pointer, value, at) in [
        ("/authority", json!("nobody"), entitlement),
        ("/risk", json!(4), entitlement),
        ("/code", json!("A b"), entitlement),
        ("/state", json!("lost"), entitlement),
        ("/version", json!(0), grant),
        ("/version", json!(i64::MAX), grant),
        ("/version", json!(i64::MAX), entitlement),
        ("/grant/from", json!(-1), grant),
        ("/given/comment", json!(""), grant),
        ("/unknown", json!(1), grant),
    ] {
        let mut changed = original.clone();
        match pointer.rsplit_once('/') {
            Some((parent, name)) => changed[at].pointer_mut(parent).expect("a parent")[name] = value,
            None => unreachable!("a pointer begins with a slash"),
        }
        let (line, _) = refusal(&server, &sealed(&changed), pointer).await;
        assert_eq!(line, at + 1, "{pointer}");
    }
    import(&server, &sealed(&original), "kopija").await.expect("what agrees is taken");
}

on_both_databases! {
    wrong_lines_are_found,
    memberships_and_grants_have_to_agree,
    what_was_made_up_does_not_come_back,
    what_is_not_whole_is_not_taken,
    a_late_fault_takes_everything_along,
    a_tenant_that_exists_is_left_alone,
    nobody_reaches_what_is_not_whole,
}
