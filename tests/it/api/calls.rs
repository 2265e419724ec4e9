//! `/t/{tenant}/api/v1/calls`: the log of calls.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use caurlaide::{
    calls::{Calls, Whose, forget_old},
    clock::{Clock, Ids},
};
use serde_json::{Value, json};
use sqlx::{Executor, Row};
use store::{Call, TenantId};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{
    Client, Kind, Server,
    client::{GROUP, USER},
    server::START,
};

const DAY: i64 = 24 * 3_600_000;
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// The calls of a tenant that fit, when all of them are written.
async fn calls(server: &Server, administrator: &Client, query: &str) -> Vec<Value> {
    assert!(server.app.calls.flush().await);
    let page = administrator.get(&format!("/calls{query}")).await.expect(200).body;
    page["items"].as_array().expect("items").clone()
}

async fn last(server: &Server, administrator: &Client) -> Value {
    calls(server, administrator, "?count=1").await.remove(0)
}

/// What `/metrics` says.
async fn numbers(server: &Server) -> String {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    http.get(format!("{}/metrics", server.url)).send().await.expect("an answer").text().await.expect("numbers")
}

/// A call of that time that lists users.
fn call(ids: &Ids, at: i64, status: u16) -> Call {
    Call {
        id: ids.next(),
        at,
        client: None,
        method: "GET".into(),
        route: "/Users".into(),
        status,
        scim_type: None,
        detail: None,
        micros: 1,
        request: "r".into(),
        changes: "{}".into(),
    }
}

async fn each_call_says_what_came_of_it(server: Server) {
    let (administrator, client) = (server.administrator("riga").await, server.client().await);
    let said = async |route: &str, status: u16, summary: &str| {
        let call = last(&server, &administrator).await;
        assert_eq!(
            (call["route"].as_str(), call["status"].as_u64(), call["summary"].as_str()),
            (Some(route), Some(status.into()), Some(summary)),
            "{call:#}"
        );
        call
    };
    let (a, b) = (client.user("a", json!({})).await.id(), client.user("b", json!({})).await.id());
    let made = said("/Users", 201, "POST created 1 User").await;
    assert_eq!(made["changes"], json!({ "created": { "User": 1 } }));
    assert_eq!(made["at"], "2026-01-01T00:00:00.000Z");
    assert!(made["micros"].as_i64().is_some_and(|micros| micros > 0), "{made}");
    client.get("/Users").await.expect(200);
    said("/Users", 200, "GET read /Users").await;
    let user = format!("/Users/{a}");
    let tag = client.get(&user).await.etag();
    said("/Users/{id}", 200, "GET read /Users/{id}").await;
    client.send(client.request("GET", &user).header("if-none-match", &tag)).await.expect(304);
    said("/Users/{id}", 304, "GET found /Users/{id} unchanged").await;
    client.get("").await.expect(200);
    said("/", 200, "GET read /").await;
    client
        .post("/Users/.search", &json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] }))
        .await
        .expect(200);
    said("/Users/.search", 200, "POST searched /Users").await;
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    client.patch(&user, off.clone()).await.expect(200);
    said("/Users/{id}", 200, "PATCH changed active").await;
    client.patch(&user, off).await.expect(200);
    said("/Users/{id}", 200, "PATCH changed nothing").await;
    let password = json!([{ "op": "replace", "path": "password", "value": "t0p-s3cret-word" }]);
    client.patch(&user, password).await.expect(200);
    said("/Users/{id}", 200, "PATCH changed password").await;

    let group = client.group("g", &[&a, &b]).await.id();
    said("/Groups", 201, "POST created 1 Group and added 2 memberships").await;
    let path = format!("/Groups/{group}");
    let change = json!([
        { "op": "replace", "path": "displayName", "value": "h" }, { "op": "remove", "path": "members" },
    ]);
    client.patch(&path, change).await.expect(204);
    said("/Groups/{id}", 204, "PATCH changed displayName and removed 2 memberships").await;
    client
        .put(&path, &json!({ "schemas": [GROUP], "displayName": "h", "members": [{ "value": a }] }))
        .await
        .expect(200);
    said("/Groups/{id}", 200, "PUT added 1 membership").await;
    client.get(&format!("{path}/members")).await.expect(200);
    said("/Groups/{id}/members", 200, "GET read /Groups/{id}/members").await;
    client.delete(&path).await.expect(204);
    said("/Groups/{id}", 204, "DELETE removed 1 membership and deleted 1 Group").await;
    client.get("/Schemas").await.expect(200);
    said("/Schemas", 200, "GET read /Schemas").await;
}

async fn bulk_counts_what_lasted(server: Server) {
    let (administrator, client) = (server.administrator("riga").await, server.client().await);
    client.user("a", json!({})).await;
    let new = |name: &str| json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": { "schemas": [USER], "userName": name } });
    let circle = |own: &str, other: &str, name: &str| {
        let members = json!([{ "value": format!("bulkId:{other}") }]);
        json!({ "method": "POST", "path": "/Groups", "bulkId": own, "data": { "schemas": [GROUP], "displayName": name, "members": members } })
    };
    let operations = json!([
        new("b"), new("a"), new("c"), new("d"),
        { "method": "POST", "path": "/Groups", "bulkId": "g", "data": { "schemas": [GROUP], "displayName": "g", "members": [{ "value": "bulkId:b" }] } },
        // One of a circle is refused, and so nothing of it lasts.
        circle("x", "y", "x"), circle("y", "x", "g"),
        { "method": "DELETE", "path": "/Users/nobody" },
    ]);
    let reply = client.post("/Bulk", &json!({ "schemas": [BULK], "Operations": operations })).await.expect(200);
    let failed =
        reply.body["Operations"].as_array().expect("results").iter().filter(|result| result["response"].is_object());
    let failed = failed.count();
    let call = last(&server, &administrator).await;
    assert_eq!(call["changes"]["created"], json!({ "Group": 1, "User": 3 }), "{call:#}");
    assert_eq!((&call["changes"]["operations"], &call["changes"]["membersAdded"]), (&json!(8), &json!(1)));
    let summary = call["summary"].as_str().expect("a summary");
    assert!(summary.starts_with(&format!("Bulk ran 8 operations, of which {failed} failed (")), "{summary}");
    assert!(summary.contains("created 1 Group and 3 Users and added 1 membership. Operation "), "{summary}");
    let taken = json!({ "status": 409, "scimType": "uniqueness", "detail": "userName is taken by another User.", "first": 2, "count": 1 });
    let nobody = json!({ "status": 404, "detail": "There is no such User.", "first": 8, "count": 1 });
    let reasons = call["changes"]["reasons"].as_array().expect("reasons");
    assert!(reasons.contains(&taken) && reasons.contains(&nobody), "{reasons:#?}");
    let counted: u64 = reasons.iter().filter_map(|reason| reason["count"].as_u64()).sum();
    assert_eq!(counted, failed as u64);
    assert!(summary.contains("Operation 2 (409): userName is taken by another User."), "{summary}");
}

/// Why a call was refused is readable by a person.
async fn refusals_say_why(server: Server) {
    let (administrator, client) = (server.administrator("riga").await, server.client().await);
    let user = client.user("a", json!({})).await.id();
    client.post("/Users", &json!({ "schemas": [USER], "userName": "A" })).await.refused(409, "uniqueness");
    let call = last(&server, &administrator).await;
    assert_eq!((&call["status"], &call["scimType"]), (&json!(409), &json!("uniqueness")));
    assert_eq!(call["summary"], "refused: userName is taken by another User.");
    assert_eq!(call["changes"], json!({}));
    client.get("/Users/nobody").await.refused(404, "");
    assert_eq!(last(&server, &administrator).await["summary"], "refused: There is no such User.");
    client.find("/Users", &[("filter", "nothing eq 1")]).await.refused(400, "invalidFilter");
    let call = last(&server, &administrator).await;
    assert_eq!(
        call["summary"], "refused: the filter names an attribute that there is not.",
        "the client's words are not kept"
    );
    client
        .patch(&format!("/Users/{user}"), json!([{ "op": "add", "path": "id", "value": "x" }]))
        .await
        .refused(400, "mutability");
    assert_eq!(last(&server, &administrator).await["summary"], "refused: id is read-only.");
    client.delete("/Users").await.refused(405, "");
    assert!(last(&server, &administrator).await["summary"].as_str().is_some_and(|said| said.contains("not possible")));
    let (_, reader) = server.token("riga", &["scim.read"], START + DAY).await;
    client.with_token(&reader).delete("/Users/x").await.refused(403, "");
    assert_eq!(last(&server, &administrator).await["summary"], "refused: The token lacks the scope scim.write.");
    server.suspend("riga").await;
    server.client().await.post("/Users", &json!({ "schemas": [USER], "userName": "c" })).await.refused(403, "");
    let said = last(&server, &administrator).await["summary"].clone();
    assert!(said.as_str().is_some_and(|said| said.starts_with("refused: This tenant is suspended")), "{said}");
}

/// Who cannot show who they are is noted at the address they came to; whoever can, in their own tenant.
async fn strangers_are_noted_where_they_came(server: Server) {
    server.tenant("jurmala").await;
    let (riga, jurmala) = (server.administrator("riga").await, server.administrator("jurmala").await);
    let stranger = server.client_of("jurmala").await;
    let (_, ended) = server.token("riga", &["scim.read"], START).await;
    let site = stranger.at(&server.client().await.base);
    site.with_token(&ended).get("/Users").await.refused(401, "");
    site.with_token("").get("/Users").await.refused(401, "");
    site.get("/Users").await.refused(404, "");
    server.operator().await.at(&site.base).get("/Users").await.refused(404, "");
    site.with_token("").at(&format!("{}/t/nowhere/scim/v2", server.url)).get("/Users").await.refused(401, "");
    site.with_token("").get("/ServiceProviderConfig").await.expect(200);
    let here = calls(&server, &riga, "").await;
    assert_eq!(here.len(), 2, "{here:#?}");
    assert!(here.iter().all(|call| call.get("client").is_none() && call["status"] == 401));
    assert!(here[1]["summary"].as_str().is_some_and(|said| said.contains("has ended")), "{:#}", here[1]);
    let there = calls(&server, &jurmala, "").await;
    assert_eq!((there.len(), &there[0]["summary"]), (1, &json!("refused: There is no such tenant.")));
    assert_eq!(server.app.calls.dropped(), 1, "nobody would read of what is asked at no tenant's address");
    // Whoever sends many wrong tokens does not fill the log.
    for _ in 0..30 {
        site.with_token("nonsense").get("/Users").await.refused(401, "");
    }
    assert!(calls(&server, &riga, "").await.len() <= 2 + 30);
}

/// Every value that a client can send anywhere, and none of them in the log. Shows: T-09, Q-07
async fn nothing_personal_is_kept(server: Server) {
    let mark = "Pers0nal";
    for strict in [false, true] {
        server.set(|settings| settings.strict = strict).await;
        let client = server.client().await;
        let mail = format!("{mark}@riga.lv");
        let name = format!("{mark}{strict}");
        let more = json!({ "displayName": name, "name": { "familyName": name }, "emails": [{ "value": mail }], "externalId": name });
        let user = client.user(&name, more).await.id();
        let group = client.group(&name, &[&user]).await.id();
        let path = format!("/Users/{user}");
        let odd =
            json!({ "schemas": [USER, format!("urn:{mark}:X")], "userName": "x", mark: 1, "name": { mark: "x" } });
        client.post("/Users", &odd).await;
        client.post("/Users", &json!({ "schemas": [mark] , "userName": "y"})).await;
        client.post("/Users", &json!({ "schemas": [USER], "userName": name })).await.refused(409, "uniqueness");
        client.put(&path, &json!({ "schemas": [USER], "userName": name, "emails": mark })).await;
        client.post(&format!("/{mark}"), &odd).await.refused(404, "");
        client.get(&format!("/Users/{mark}")).await.refused(404, "");
        client.get(&format!("/Schemas/{mark}")).await.refused(404, "");
        client.get(&format!("/Users/{mark}/{mark}/{mark}")).await.refused(404, "");
        for filter in [
            format!("{mark} eq \"{mark}\""),
            format!("userName eq {mark}"),
            format!("userName {mark} \"x\""),
            format!("emails.{mark} pr"),
            format!("emails[{mark} eq \"x\"]"),
            format!("emails[value.{mark} eq \"x\"]"),
            format!("urn:{mark}:x pr"),
            format!("{mark}@riga.lv"),
            format!("active eq \"{mark}\""),
            format!("meta.created gt \"{mark}\""),
            format!("userName eq \"{mark}\" {mark}"),
        ] {
            client.find("/Users", &[("filter", &filter)]).await;
        }
        let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": format!("userName eq \"{mark}\"") });
        client.post("/Users/.search", &search).await.expect(200);
        for (parameter, value) in [
            ("sortBy", mark),
            ("sortBy", "a b Pers0nal"),
            ("attributes", mark),
            ("count", mark),
            ("cursor", mark),
            (mark, mark),
        ] {
            client.find("/Users", &[(parameter, value)]).await;
        }
        for operation in [
            json!({ "op": mark, "path": "title", "value": mark }),
            json!({ "op": "add", "path": mark, "value": mark }),
            json!({ "op": "add", "path": format!("name.{mark}"), "value": mark }),
            json!({ "op": "add", "path": format!("emails[{mark} eq \"x\"].value"), "value": mark }),
            json!({ "op": "add", "path": format!("emails[value eq \"{mark}\"].{mark}"), "value": mark }),
            json!({ "op": "replace", "path": format!("emails[value eq \"{mark}x\"]"), "value": { "value": mark } }),
            json!({ "op": "add", "path": format!("urn:{mark}:x"), "value": mark }),
            json!({ "op": "add", "value": { mark: mark } }),
            json!({ "op": "add", "path": "active", "value": mark }),
            json!({ "op": "replace", "path": "title", "value": mark }),
        ] {
            client.patch(&path, json!([operation])).await;
        }
        client
            .patch(
                &format!("/Groups/{group}"),
                json!([{ "op": "add", "path": "members", "value": [{ "value": mark }] }]),
            )
            .await;
        let bulk = json!({ "schemas": [BULK], "Operations": [
            { "method": mark, "path": format!("/{mark}") },
            { "method": "POST", "path": "/Users", "bulkId": mark, "data": { "schemas": [USER], "userName": name } },
            { "method": "POST", "path": "/Groups", "bulkId": "g", "data": { "schemas": [GROUP], "displayName": mark, "members": [{ "value": format!("bulkId:{mark}") }] } },
        ] });
        client.post("/Bulk", &bulk).await;
        client.raw("POST", "/Users", mark, mark).await;
        client.raw("POST", "/Users", "application/scim+json", format!("{{\"{mark}\": {mark}}}")).await;
        client.raw("POST", "/Users", "application/scim+json", format!("{{\"{mark}\": 1, \"{mark}\": 2}}")).await;
        client.send(client.request(&mark.to_uppercase(), &path)).await;
        client.send(client.request("GET", &path).header("if-match", mark)).await;
        client.send(client.request("GET", &path).header("accept", mark)).await;
        client.with_token(mark).get("/Users").await.refused(401, "");
        client.delete(&path).await.expect(204);
        client.delete(&format!("/Groups/{group}")).await.expect(204);
    }
    assert!(server.app.calls.flush().await);
    let look = server.database.look().await;
    let rows = sqlx::query(
        "SELECT method, route, COALESCE(scim_type, ''), COALESCE(detail, ''), request_id, changes FROM call",
    )
    .fetch_all(&look)
    .await
    .expect("calls");
    assert!(rows.len() > 80, "{}", rows.len());
    for row in rows {
        for column in 0..6 {
            let text: String = row.get(column);
            assert!(!text.to_lowercase().contains("pers0nal"), "{text}");
        }
    }
}

async fn the_log_is_searched(server: Server) {
    let (administrator, client) = (server.administrator("riga").await, server.client().await);
    let (other, _, token) = server.token_of("riga", "another", &[], &["scim.read"], START + 10 * DAY).await;
    let named = client.request("GET", "/Users").header("x-request-id", "r-1");
    client.send(named).await.expect(200);
    client.user("a", json!({})).await;
    server.pass(3_600_000);
    client.get("/Users/x").await.refused(404, "");
    client.post("/Users", &json!({ "schemas": [USER], "userName": "a" })).await.refused(409, "uniqueness");
    client.with_token(&token).get("/Groups").await.expect(200);
    let all = calls(&server, &administrator, "").await;
    let routes: Vec<&str> = all.iter().map(|call| call["route"].as_str().expect("a route")).collect();
    assert_eq!(routes, ["/Groups", "/Users", "/Users/{id}", "/Users", "/Users"], "the newest first");
    for (query, expected) in [
        ("method=post", 2),
        ("route=/Users", 3),
        ("route=/Users/%7Bid%7D", 1),
        ("status=4xx", 2),
        ("status=404", 1),
        ("status=2xx&method=GET", 2),
        ("requestId=r-1", 1),
        ("text=USERNAME", 1),
        ("text=nothing-like-it", 0),
        (&format!("client={other}"), 1),
        ("since=2026-01-01T00:30:00Z", 3),
        ("until=2026-01-01T00:30:00Z", 2),
        ("since=2026-01-01T00:30:00Z&until=2026-01-01T00:40:00Z", 0),
    ] {
        let found = calls(&server, &administrator, &format!("?{query}")).await;
        assert_eq!(found.len(), expected, "{query}: {found:#?}");
    }
    let one = all[1]["id"].as_str().expect("an id");
    assert_eq!(administrator.get(&format!("/calls/{one}")).await.expect(200).body, all[1]);
    for wrong in [
        "status=9xx",
        "since=yesterday",
        "until=1",
        "count=0",
        "count=101",
        "colour=red",
        "client=x",
        "method=GET&method=PUT",
    ] {
        administrator.get(&format!("/calls?{wrong}")).await.problem(400, "invalid");
    }
    let wrong = administrator.get("/calls?status=4xx&client=x").await.body;
    assert_eq!(wrong["detail"], "The parameter client must be an id such as 019b2c46-7182-7934-a556-b2c3d4e5f606.");
    let wrong = administrator.get("/calls?count=many").await.body;
    assert_eq!(wrong["detail"], "The parameter count must be a whole number.");
    administrator.get(&format!("/calls?text={}", "x".repeat(201))).await.problem(400, "invalid");
    administrator.get("/calls?cursor=x").await.problem(400, "invalid");
    administrator.get("/calls/x").await.problem(404, "");
    administrator.get(&format!("/calls/{other}")).await.problem(404, "");

    let (mut seen, mut path) = (Vec::new(), "/calls?count=2".to_owned());
    loop {
        let page = administrator.get(&path).await.expect(200).body;
        seen.extend(page["items"].as_array().expect("items").clone());
        let Some(next) = page["nextCursor"].as_str() else { break };
        administrator.get(&format!("/calls?count=2&status=4xx&cursor={next}")).await.problem(400, "invalid");
        path = format!("/calls?count=2&cursor={next}");
    }
    assert_eq!(seen, all);
}

async fn tenants_have_their_own_log(server: Server) {
    server.tenant("jurmala").await;
    let (riga, jurmala) = (server.administrator("riga").await, server.administrator("jurmala").await);
    let client = server.client().await;
    for _ in 0..3 {
        client.get("/Users").await.expect(200);
    }
    let here = calls(&server, &riga, "").await;
    assert_eq!(here.len(), 3);
    assert!(calls(&server, &jurmala, "").await.is_empty());
    let id = here[0]["id"].as_str().expect("an id");
    jurmala.get(&format!("/calls/{id}")).await.problem(404, "");
    jurmala.at(&riga.base).get("/calls").await.problem(404, "");
    let page = riga.get("/calls?count=2").await.expect(200).body;
    let next = page["nextCursor"].as_str().expect("a cursor");
    jurmala.get(&format!("/calls?count=2&cursor={next}")).await.problem(400, "invalid");
    riga.get(&format!("/calls?count=2&cursor={next}")).await.expect(200);
}

/// While the database lets nothing be written down, answers go out as ever, and what is lost is counted.
async fn drops_are_counted_and_nobody_waits(server: Server) {
    let riga = server.find("riga").await.id;
    let client = server.client().await;
    client.get("/Users").await.expect(200);
    let look = server.database.look().await;
    let mut held = look.acquire().await.expect("a connection");
    let (begin, bolt) = match server.kind() {
        Kind::Sqlite => ("BEGIN IMMEDIATE", "SELECT 1"),
        Kind::Postgres => ("BEGIN", "LOCK TABLE call IN ACCESS EXCLUSIVE MODE"),
    };
    held.execute(begin).await.expect("begun");
    held.execute(bolt).await.expect("locked");
    let short = Calls::with_queue(server.store.clone(), 10);
    let ids = Ids::new(Clock::of(|| START));
    for _ in 0..2000 {
        short.note(Whose::Tenant(riga), call(&ids, START, 200));
        tokio::task::yield_now().await;
    }
    let dropped = short.dropped();
    assert!((500..2000).contains(&dropped), "{dropped}");
    let started = Instant::now();
    for _ in 0..20 {
        client.get("/Users").await.expect(200);
    }
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    held.execute("ROLLBACK").await.expect("let go");
    assert!(short.flush().await && server.app.calls.flush().await);
    let rows: (i64,) = sqlx::query_as("SELECT count(*) FROM call").fetch_one(&look).await.expect("a count");
    assert_eq!(u64::try_from(rows.0).expect("a count") + short.dropped(), 2000 + 21, "each is written or counted");
    let numbers = numbers(&server).await;
    // Other tests of the same process count there too.
    let counted = numbers.lines().find_map(|line| line.strip_prefix("caurlaide_calls_dropped_total "));
    let counted: u64 = counted.and_then(|number| number.parse().ok()).expect("a counter");
    assert!(counted >= short.dropped(), "{counted}");
}

/// Whoever does not wait for the answer is in the log nevertheless: what they asked for may have been done.
async fn whoever_hangs_up_is_noted(server: Server) {
    // Numbers are shared with other tests of the same process, and so nobody else has this tenant.
    let slug = format!("hasty-{:?}", server.kind()).to_lowercase();
    server.tenant(&slug).await;
    let (administrator, client) = (server.administrator(&slug).await, server.client_of(&slug).await);
    let look = server.database.look().await;
    let mut held = look.acquire().await.expect("a connection");
    let (begin, bolt) = match server.kind() {
        Kind::Sqlite => ("BEGIN IMMEDIATE", "SELECT 1"),
        Kind::Postgres => ("BEGIN", "LOCK TABLE resource IN ACCESS EXCLUSIVE MODE"),
    };
    held.execute(begin).await.expect("begun");
    held.execute(bolt).await.expect("locked");
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).await.expect("a connection");
    let body = json!({ "schemas": [USER], "userName": "a" }).to_string();
    let request = format!(
        "POST /t/{slug}/scim/v2/Users HTTP/1.1\r\nHost: x\r\nX-Request-Id: gone\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
        client.token,
        body.len(),
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let patience = Duration::from_millis(300);
    assert!(timeout(patience, stream.read_u8()).await.is_err(), "there is no answer while the table is locked");
    drop(stream);
    let started = Instant::now();
    let is_noted = |line: &str| [slug.as_str(), "499"].iter().all(|label| line.contains(&format!("=\"{label}\"")));
    while !numbers(&server).await.lines().any(is_noted) {
        assert!(started.elapsed() < Duration::from_secs(20), "nobody saw that the client is gone");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    held.execute("ROLLBACK").await.expect("let go");
    let gone = calls(&server, &administrator, "?requestId=gone").await.remove(0);
    assert_eq!((&gone["status"], &gone["route"]), (&json!(499), &json!("/Users")), "{gone:#}");
    assert!(gone["client"].is_string() && gone["micros"].as_u64() > Some(0), "{gone:#}");
    assert_eq!(gone["summary"], "POST of /Users was not answered: the client hung up");
    assert_eq!(server.app.calls.dropped(), 0);
}

async fn write(server: &Server, tenant: TenantId, calls: Vec<Call>) {
    let calls: Vec<(TenantId, Call)> = calls.into_iter().map(|call| (tenant, call)).collect();
    for some in calls.chunks(500) {
        server.store.record_calls(some, &[]).await.expect("written");
    }
}

async fn old_calls_are_forgotten(server: Server) {
    server.tenant("jurmala").await;
    let (riga, jurmala) = (server.find("riga").await.id, server.find("jurmala").await.id);
    for (age, count) in [(91, 1200), (90, 1), (89, 2)] {
        let at = START - age * DAY;
        let ids = Ids::new(Clock::of(move || at));
        write(&server, riga, (0..count).map(|_| call(&ids, at, 200)).collect()).await;
    }
    let ids = Ids::new(Clock::of(|| START - 200 * DAY));
    write(&server, jurmala, vec![call(&ids, START - 200 * DAY, 200)]).await;
    assert_eq!(forget_old(&server.store, START).await.expect("forgotten"), 1201);
    assert_eq!(forget_old(&server.store, START).await.expect("forgotten"), 0);
    let administrator = server.administrator("riga").await;
    assert_eq!(calls(&server, &administrator, "").await.len(), 3, "what is ninety days old to the millisecond stays");
}

/// A page looks for what is rare among 60 000 calls, and says how far it has come.
async fn a_search_is_bounded(server: Server) {
    let riga = server.find("riga").await.id;
    let ids = Ids::new(Clock::of(|| START));
    let usual = |count: usize| (0..count).map(|_| call(&ids, START, 200)).collect::<Vec<Call>>();
    let (first, second) = (call(&ids, START, 404), call(&ids, START, 409));
    write(&server, riga, vec![first.clone(), second.clone()]).await;
    write(&server, riga, usual(52_000)).await;
    let administrator = server.administrator("riga").await;
    let since = "since=2025-12-31T23:00:00Z";
    let page = administrator.get(&format!("/calls?status=4xx&{since}")).await.expect(200).body;
    let found: Vec<&str> = page["items"].as_array().expect("items").iter().filter_map(|c| c["id"].as_str()).collect();
    assert_eq!(found, [second.id.to_string(), first.id.to_string()], "nobody has to ask twice");
    assert_eq!(page.get("nextCursor"), None);

    write(&server, riga, usual(8000)).await;
    let page = administrator.get("/calls?status=4xx&count=2").await.expect(200).body;
    assert_eq!(page["items"], json!([]));
    let next = page["nextCursor"].as_str().expect("a next page");
    let page = administrator.get(&format!("/calls?status=4xx&count=2&cursor={next}")).await.expect(200).body;
    assert_eq!((&page["items"][0]["id"], page["items"].as_array().map(Vec::len)), (&json!(second.id), Some(2)));
    assert_eq!(page.get("nextCursor"), None);
    let page = administrator.get("/calls").await.expect(200).body;
    let ids: HashSet<&str> =
        page["items"].as_array().expect("items").iter().filter_map(|call| call["id"].as_str()).collect();
    assert_eq!(ids.len(), 100);
}

on_both_databases! {
    each_call_says_what_came_of_it,
    bulk_counts_what_lasted,
    refusals_say_why,
    strangers_are_noted_where_they_came,
    nothing_personal_is_kept,
    the_log_is_searched,
    tenants_have_their_own_log,
    drops_are_counted_and_nobody_waits,
    whoever_hangs_up_is_noted,
    old_calls_are_forgotten,
    a_search_is_bounded,
}
