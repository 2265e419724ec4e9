//! Every example of RFC 7643 and RFC 7644 that this version can serve, sent as it stands there.
//!
//! Three things differ, because ids and addresses are the server's to give: `https://example.com/v2` is the
//! base URI of the test's tenant, ids are those of the resources of the test's scene, and where an example
//! shortens an id or breaks a line inside a string, it is whole here.

mod patch;
mod protocol;
mod queries;
mod representation;
mod schemas;

use serde_json::Value;

use crate::support::{Client, Reply};

/// Babs Jensen, of whom most examples are.
const BABS: &str = "2819c223-7f76-453a-919d-413861904646";
/// Mandy Pepperidge.
const MANDY: &str = "902c246b-6245-4190-8e05-00816be7344a";
/// John Smith, Babs's manager.
const JOHN: &str = "26118915-6090-4610-87e4-49d8ca9f808d";
/// The groups of Babs.
const TOUR_GUIDES: &str = "e9e30dba-f08f-4109-8486-d5c6a331660a";
const EMPLOYEES: &str = "fc348aa8-3835-40eb-a20b-c726e15c55b5";
const US_EMPLOYEES: &str = "71ddacd2-a8e7-49b8-a5db-ae50d0a5bfd7";

/// An example with the addresses of this tenant, and with our ids for theirs.
fn example(text: &str, client: &Client, ids: &[(&str, &str)]) -> Value {
    let text = text.replace("https://example.com/v2", &client.base);
    let text = ids.iter().fold(text, |text, (theirs, ours)| text.replace(*theirs, ours));
    serde_json::from_str(&text).expect("an example in JSON")
}

/// A request with the headers of the examples. `tag` is for `If-Match`, if it is not empty.
async fn send(client: &Client, method: &str, path: &str, tag: &str, body: &Value) -> Reply {
    let mut request = client.request(method, path).header("accept", "application/scim+json");
    if !tag.is_empty() {
        request = request.header("if-match", tag);
    }
    if !body.is_null() {
        request = request.header("content-type", "application/scim+json").body(body.to_string());
    }
    client.send(request).await
}

/// Fails unless an answer is what an example shows, up to what no example can foresee: instants and
/// versions; and `active`, which this server sets where a client says nothing of it.
#[track_caller]
fn assert_answers(answer: &Value, example: &Value) {
    let (mut ours, mut theirs) = (answer.clone(), example.clone());
    for unforeseen in ["created", "lastModified", "version"] {
        let given = ours["meta"].as_object_mut().expect("meta").remove(unforeseen);
        assert!(given.is_some(), "meta.{unforeseen} is missing in {answer:#}");
        theirs["meta"].as_object_mut().expect("meta").remove(unforeseen);
    }
    if theirs.get("active").is_none() && ours["active"] == true {
        ours.as_object_mut().expect("an object").remove("active");
    }
    assert_eq!(ours, theirs);
}

/// The example of §3.3, which other sections continue.
async fn create_babs(client: &Client) -> Reply {
    send(client, "POST", "/Users", "", &example(CREATE, client, &[])).await.expect(201)
}

/// The request of §3.3, which §3.14 repeats.
const CREATE: &str = r#"{
  "schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
  "userName":"bjensen",
  "externalId":"bjensen",
  "name":{
    "formatted":"Ms. Barbara J Jensen III",
    "familyName":"Jensen",
    "givenName":"Barbara"
  }
}"#;

/// The answer of §3.4.1.
const KNOWN: &str = r#"{
  "schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
  "id":"2819c223-7f76-453a-919d-413861904646",
  "externalId":"bjensen",
  "meta":{
    "resourceType":"User",
    "created":"2011-08-01T18:29:49.793Z",
    "lastModified":"2011-08-01T18:29:49.793Z",
    "location":"https://example.com/v2/Users/2819c223-7f76-453a-919d-413861904646",
    "version":"W\/\"f250dd84f0671c3\""
  },
  "name":{
    "formatted":"Ms. Barbara J Jensen III",
    "familyName":"Jensen",
    "givenName":"Barbara"
  },
  "userName":"bjensen",
  "phoneNumbers":[{ "value":"555-555-8377", "type":"work" }],
  "emails":[{ "value":"bjensen@example.com", "type":"work" }]
}"#;
