//! RFC 7643 §8: what resources look like in JSON. What stands there as an answer is sent first, as a client
//! would that copies a resource from another server.

use std::mem::discriminant;

use serde_json::{Value, json};

use super::{BABS, EMPLOYEES, JOHN, MANDY, TOUR_GUIDES, US_EMPLOYEES, assert_answers, example, send};
use crate::support::{
    Client, Server,
    client::{ENTERPRISE, USER},
};

/// RFC 7643 §8.1, figure 3.
///
/// Shows: C-01, C-02, C-04, S-03, S-38, S-43, S-44, S-45, S-47, S-48, S-50, Y-39
async fn a_minimal_user_is_a_name(server: Server) {
    let client = server.client().await;
    let created = send(&client, "POST", "/Users", "", &example(MINIMAL_USER, &client, &[])).await.expect(201);
    let id = created.id();
    assert_ne!(id, BABS);
    assert_answers(&created.body, &example(MINIMAL_USER, &client, &[(BABS, &id)]));
    let meta = &created.body["meta"];
    assert_eq!(meta["created"], "2026-01-01T00:00:00.000Z", "not what the body says");
    assert_eq!(meta["lastModified"], meta["created"]);
    assert_eq!(created.header("etag"), meta["version"].as_str());
    assert_eq!(client.get(&format!("/Users/{id}")).await.expect(200).body, created.body);
}

/// RFC 7643 §8.2, figure 4. The password is kept and not shown; `groups` are those of the server.
///
/// Shows: C-03, C-04, S-20, S-23, S-52, S-53, S-56, S-64, S-65, S-66, S-67, S-83, S-85, G-03, G-14, Y-09, Y-40
async fn a_full_user_is_kept_whole(server: Server) {
    let client = server.client().await;
    let created = send(&client, "POST", "/Users", "", &full_user(&client, &[])).await.expect(201);
    let id = created.id();
    let path = format!("/Users/{id}");
    let mut alone = full_user(&client, &[(BABS, &id)]);
    for name in ["password", "groups"] {
        alone.as_object_mut().expect("a user").remove(name);
    }
    assert_answers(&created.body, &alone);
    assert_eq!(client.get(&path).await.expect(200).body, created.body);

    let guides = client.group("Tour Guides", &[&id]).await.id();
    let employees = client.group("Employees", &[&id]).await.id();
    let americans = client.group("US Employees", &[&id]).await.id();
    let ids = [
        (BABS, id.as_str()),
        (TOUR_GUIDES, guides.as_str()),
        (EMPLOYEES, employees.as_str()),
        (US_EMPLOYEES, americans.as_str()),
    ];
    let mut member = full_user(&client, &ids);
    member.as_object_mut().expect("a user").remove("password");
    for group in member["groups"].as_array_mut().expect("groups") {
        group["type"] = "direct".into();
    }
    assert_answers(&client.get(&path).await.expect(200).body, &member);
}

/// RFC 7643 §8.3, figure 5. The manager's relative address is accepted, and an absolute one comes back.
///
/// Shows: S-14, S-30, S-34, S-35, S-77, S-78, S-79, S-80, C-04, F-23
async fn an_enterprise_user_has_a_manager(server: Server) {
    let client = server.client().await;
    let john = client.user("jsmith", json!({ "displayName": "John Smith" })).await.id();
    let mut sent = full_user(&client, &[]);
    sent["schemas"] = json!([USER, ENTERPRISE]);
    sent[ENTERPRISE] = example(ENTERPRISE_EXTENSION, &client, &[(JOHN, &john)]);
    let created = send(&client, "POST", "/Users", "", &sent).await.expect(201);
    let id = created.id();

    let mut expected = example(&sent.to_string(), &client, &[(BABS, &id)]);
    for name in ["password", "groups"] {
        expected.as_object_mut().expect("a user").remove(name);
    }
    let address = format!("{}/Users/{john}", client.base);
    expected[ENTERPRISE]["manager"]["$ref"] = address.as_str().into();
    assert_answers(&created.body, &expected);
    assert_eq!(client.get(&format!("/Users/{id}")).await.expect(200).body, created.body);
    let manager = address.strip_prefix(&client.base).expect("an address here");
    assert_eq!(client.get(manager).await.expect(200).body["displayName"], "John Smith");
    let filter = format!("{ENTERPRISE}:manager.value eq \"{john}\"");
    assert_eq!(client.filter("/Users", &filter).await, ["bjensen@example.com"]);
}

/// RFC 7643 §8.4, figure 6. The server says of members what they are.
///
/// Shows: C-01, C-08, S-44, S-70, S-71, S-74, Y-08, F-39, G-14
async fn a_group_has_members(server: Server) {
    let client = server.client().await;
    let babs = client.user("bjensen", json!({ "displayName": "Babs Jensen" })).await.id();
    let mandy = client.user("mpepperidge", json!({ "displayName": "Mandy Pepperidge" })).await.id();
    let sent = example(GROUP_OF_TWO, &client, &[(BABS, &babs), (MANDY, &mandy)]);
    let created = send(&client, "POST", "/Groups", "", &sent).await.expect(201);
    let id = created.id();
    assert_ne!(id, TOUR_GUIDES);

    let mut expected = example(&sent.to_string(), &client, &[(TOUR_GUIDES, &id)]);
    for member in expected["members"].as_array_mut().expect("members") {
        member["type"] = "User".into();
    }
    assert_answers(&created.body, &expected);
    assert_eq!(client.get(&format!("/Groups/{id}")).await.expect(200).body, created.body);
    for user in [&babs, &mandy] {
        let read = client.get(&format!("/Users/{user}")).await.expect(200).body;
        assert_eq!(read["groups"][0]["display"], "Tour Guides");
        assert_eq!(client.filter("/Groups", &format!("members.value eq \"{user}\"")).await, ["Tour Guides"]);
    }
}

/// RFC 7643 §8.5, figure 7. Of the example's two ways to authenticate one is offered, and it needs no page of
/// its own; the configuration is no resource with versions.
///
/// Shows: V-01, V-02, V-03, V-04, V-06, V-19, S-49, Y-42
async fn the_configuration_has_the_shape_of_the_example(server: Server) {
    let client = server.client().await;
    let ours = client.get("/ServiceProviderConfig").await.expect(200).body;
    let theirs = example(CONFIGURATION, &client, &[]);
    let missing = ["/authenticationSchemes/documentationUri", "/meta/created", "/meta/lastModified", "/meta/version"];
    assert_eq!(lacks(&ours, &theirs, ""), missing);
    assert_eq!(ours["schemas"], theirs["schemas"]);
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert_eq!(ours[feature]["supported"], theirs[feature]["supported"], "{feature}");
    }
    assert_eq!(ours["authenticationSchemes"][0]["type"], theirs["authenticationSchemes"][0]["type"]);
    assert_eq!(ours["authenticationSchemes"][0]["primary"], true);
    for name in ["location", "resourceType"] {
        assert_eq!(ours["meta"][name], theirs["meta"][name], "{name}");
    }
}

/// RFC 7643 §8.6, figure 8, and RFC 7644 §4, figure 9. Nobody has to be an employee, so the extension is
/// offered and not required.
///
/// Shows: V-07, V-08, V-09, V-10, V-18, V-21, S-33
async fn the_resource_types_are_those_of_the_example(server: Server) {
    let client = server.client().await;
    let list = client.get("/ResourceTypes").await.expect(200).body;
    assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    assert_eq!((&list["totalResults"], &list["startIndex"], &list["itemsPerPage"]), (&json!(2), &json!(1), &json!(2)));
    let examples = example(RESOURCE_TYPES, &client, &[]);
    let kinds = list["Resources"].as_array().expect("Resources");
    assert_eq!(kinds.len(), 2);
    for (kind, theirs) in kinds.iter().zip(examples.as_array().expect("a list")) {
        for name in ["schemas", "id", "name", "endpoint", "schema", "meta"] {
            assert_eq!(kind[name], theirs[name], "{name}");
        }
        for extension in theirs["schemaExtensions"].as_array().into_iter().flatten() {
            let offered = json!({ "schema": extension["schema"], "required": false });
            assert!(kind["schemaExtensions"].as_array().expect("extensions").contains(&offered), "{kind:#}");
        }
        let path = format!("/ResourceTypes/{}", kind["id"].as_str().expect("an id"));
        assert_eq!(client.get(&path).await.expect(200).body, *kind);
    }
}

/// The full user with its certificate.
fn full_user(client: &Client, ids: &[(&str, &str)]) -> Value {
    example(&FULL_USER.replace("{certificate}", CERTIFICATE), client, ids)
}

/// Where an answer lacks a member of an example, or has another type there.
fn lacks(answer: &Value, example: &Value, path: &str) -> Vec<String> {
    match (answer, example) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let inside = theirs.iter().flat_map(|(name, value)| {
                lacks(ours.get(name).unwrap_or(&Value::Null), value, &format!("{path}/{name}"))
            });
            inside.collect()
        }
        (Value::Array(ours), Value::Array(theirs)) => lacks(&ours[0], &theirs[0], path),
        _ if discriminant(answer) == discriminant(example) => Vec::new(),
        _ => vec![path.to_owned()],
    }
}

on_both_databases! {
    a_minimal_user_is_a_name,
    a_full_user_is_kept_whole,
    an_enterprise_user_has_a_manager,
    a_group_has_members,
    the_configuration_has_the_shape_of_the_example,
    the_resource_types_are_those_of_the_example,
}

const MINIMAL_USER: &str = r#"{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
  "id": "2819c223-7f76-453a-919d-413861904646",
  "userName": "bjensen@example.com",
  "meta": {
    "resourceType": "User",
    "created": "2010-01-23T04:56:22Z",
    "lastModified": "2011-05-13T04:42:34Z",
    "version": "W\/\"3694e05e9dff590\"",
    "location": "https://example.com/v2/Users/2819c223-7f76-453a-919d-413861904646"
  }
}"#;

/// With the country by its two letters, as errata 5990 and 5991 have it.
const FULL_USER: &str = r#"{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
  "id": "2819c223-7f76-453a-919d-413861904646",
  "externalId": "701984",
  "userName": "bjensen@example.com",
  "name": {
    "formatted": "Ms. Barbara J Jensen, III",
    "familyName": "Jensen",
    "givenName": "Barbara",
    "middleName": "Jane",
    "honorificPrefix": "Ms.",
    "honorificSuffix": "III"
  },
  "displayName": "Babs Jensen",
  "nickName": "Babs",
  "profileUrl": "https://login.example.com/bjensen",
  "emails": [
    { "value": "bjensen@example.com", "type": "work", "primary": true },
    { "value": "babs@jensen.org", "type": "home" }
  ],
  "addresses": [
    {
      "type": "work",
      "streetAddress": "100 Universal City Plaza",
      "locality": "Hollywood",
      "region": "CA",
      "postalCode": "91608",
      "country": "US",
      "formatted": "100 Universal City Plaza\nHollywood, CA 91608 USA",
      "primary": true
    },
    {
      "type": "home",
      "streetAddress": "456 Hollywood Blvd",
      "locality": "Hollywood",
      "region": "CA",
      "postalCode": "91608",
      "country": "US",
      "formatted": "456 Hollywood Blvd\nHollywood, CA 91608 USA"
    }
  ],
  "phoneNumbers": [
    { "value": "555-555-5555", "type": "work" },
    { "value": "555-555-4444", "type": "mobile" }
  ],
  "ims": [{ "value": "someaimhandle", "type": "aim" }],
  "photos": [
    { "value": "https://photos.example.com/profilephoto/72930000000Ccne/F", "type": "photo" },
    { "value": "https://photos.example.com/profilephoto/72930000000Ccne/T", "type": "thumbnail" }
  ],
  "userType": "Employee",
  "title": "Tour Guide",
  "preferredLanguage": "en-US",
  "locale": "en-US",
  "timezone": "America/Los_Angeles",
  "active":true,
  "password": "t1meMa$heen",
  "groups": [
    {
      "value": "e9e30dba-f08f-4109-8486-d5c6a331660a",
      "$ref": "https://example.com/v2/Groups/e9e30dba-f08f-4109-8486-d5c6a331660a",
      "display": "Tour Guides"
    },
    {
      "value": "fc348aa8-3835-40eb-a20b-c726e15c55b5",
      "$ref": "https://example.com/v2/Groups/fc348aa8-3835-40eb-a20b-c726e15c55b5",
      "display": "Employees"
    },
    {
      "value": "71ddacd2-a8e7-49b8-a5db-ae50d0a5bfd7",
      "$ref": "https://example.com/v2/Groups/71ddacd2-a8e7-49b8-a5db-ae50d0a5bfd7",
      "display": "US Employees"
    }
  ],
  "x509Certificates": [{ "value": "{certificate}" }],
  "meta": {
    "resourceType": "User",
    "created": "2010-01-23T04:56:22Z",
    "lastModified": "2011-05-13T04:42:34Z",
    "version": "W\/\"a330bc54f0671c9\"",
    "location": "https://example.com/v2/Users/2819c223-7f76-453a-919d-413861904646"
  }
}"#;

/// What figure 5 has and figure 4 has not.
const ENTERPRISE_EXTENSION: &str = r#"{
  "employeeNumber": "701984",
  "costCenter": "4130",
  "organization": "Universal Studios",
  "division": "Theme Park",
  "department": "Tour Operations",
  "manager": {
    "value": "26118915-6090-4610-87e4-49d8ca9f808d",
    "$ref": "../Users/26118915-6090-4610-87e4-49d8ca9f808d",
    "displayName": "John Smith"
  }
}"#;

const GROUP_OF_TWO: &str = r#"{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
  "id": "e9e30dba-f08f-4109-8486-d5c6a331660a",
  "displayName": "Tour Guides",
  "members": [
    {
      "value": "2819c223-7f76-453a-919d-413861904646",
      "$ref": "https://example.com/v2/Users/2819c223-7f76-453a-919d-413861904646",
      "display": "Babs Jensen"
    },
    {
      "value": "902c246b-6245-4190-8e05-00816be7344a",
      "$ref": "https://example.com/v2/Users/902c246b-6245-4190-8e05-00816be7344a",
      "display": "Mandy Pepperidge"
    }
  ],
  "meta": {
    "resourceType": "Group",
    "created": "2010-01-23T04:56:22Z",
    "lastModified": "2011-05-13T04:42:34Z",
    "version": "W\/\"3694e05e9dff592\"",
    "location": "https://example.com/v2/Groups/e9e30dba-f08f-4109-8486-d5c6a331660a"
  }
}"#;

const CONFIGURATION: &str = r#"{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
  "documentationUri": "http://example.com/help/scim.html",
  "patch": { "supported": true },
  "bulk": { "supported": true, "maxOperations": 1000, "maxPayloadSize": 1048576 },
  "filter": { "supported": true, "maxResults": 200 },
  "changePassword": { "supported": true },
  "sort": { "supported": true },
  "etag": { "supported": true },
  "authenticationSchemes": [
    {
      "name": "OAuth Bearer Token",
      "description": "Authentication scheme using the OAuth Bearer Token Standard",
      "specUri": "http://www.rfc-editor.org/info/rfc6750",
      "documentationUri": "http://example.com/help/oauth.html",
      "type": "oauthbearertoken",
      "primary": true
    },
    {
      "name": "HTTP Basic",
      "description": "Authentication scheme using the HTTP Basic Standard",
      "specUri": "http://www.rfc-editor.org/info/rfc2617",
      "documentationUri": "http://example.com/help/httpBasic.html",
      "type": "httpbasic"
    }
  ],
  "meta": {
    "location": "https://example.com/v2/ServiceProviderConfig",
    "resourceType": "ServiceProviderConfig",
    "created": "2010-01-23T04:56:22Z",
    "lastModified": "2011-05-13T04:42:34Z",
    "version": "W\/\"3694e05e9dff594\""
  }
}"#;

const RESOURCE_TYPES: &str = r#"[
  {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    "id": "User",
    "name": "User",
    "endpoint": "/Users",
    "description": "User Account",
    "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
    "schemaExtensions": [
      { "schema": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "required": true }
    ],
    "meta": { "location": "https://example.com/v2/ResourceTypes/User", "resourceType": "ResourceType" }
  },
  {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    "id": "Group",
    "name": "Group",
    "endpoint": "/Groups",
    "description": "Group",
    "schema": "urn:ietf:params:scim:schemas:core:2.0:Group",
    "meta": { "location": "https://example.com/v2/ResourceTypes/Group", "resourceType": "ResourceType" }
  }
]"#;

const CERTIFICATE: &str = "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx\
    EzARBgNVBAgMCkNhbGlmb3JuaWExFDASBgNVBAoMC2V4YW1wbGUuY29tMRQwEgYD\
    VQQDDAtleGFtcGxlLmNvbTAeFw0xMTEwMjIwNjI0MzFaFw0xMjEwMDQwNjI0MzFa\
    MH8xCzAJBgNVBAYTAlVTMRMwEQYDVQQIDApDYWxpZm9ybmlhMRQwEgYDVQQKDAtl\
    eGFtcGxlLmNvbTEhMB8GA1UEAwwYTXMuIEJhcmJhcmEgSiBKZW5zZW4gSUlJMSIw\
    IAYJKoZIhvcNAQkBFhNiamVuc2VuQGV4YW1wbGUuY29tMIIBIjANBgkqhkiG9w0B\
    AQEFAAOCAQ8AMIIBCgKCAQEA7Kr+Dcds/JQ5GwejJFcBIP682X3xpjis56AK02bc\
    1FLgzdLI8auoR+cC9/Vrh5t66HkQIOdA4unHh0AaZ4xL5PhVbXIPMB5vAPKpzz5i\
    PSi8xO8SL7I7SDhcBVJhqVqr3HgllEG6UClDdHO7nkLuwXq8HcISKkbT5WFTVfFZ\
    zidPl8HZ7DhXkZIRtJwBweq4bvm3hM1Os7UQH05ZS6cVDgweKNwdLLrT51ikSQG3\
    DYrl+ft781UQRIqxgwqCfXEuDiinPh0kkvIi5jivVu1Z9QiwlYEdRbLJ4zJQBmDr\
    SGTMYn4lRc2HgHO4DqB/bnMVorHB0CC6AV1QoFK4GPe1LwIDAQABo3sweTAJBgNV\
    HRMEAjAAMCwGCWCGSAGG+EIBDQQfFh1PcGVuU1NMIEdlbmVyYXRlZCBDZXJ0aWZp\
    Y2F0ZTAdBgNVHQ4EFgQU8pD0U0vsZIsaA16lL8En8bx0F/gwHwYDVR0jBBgwFoAU\
    dGeKitcaF7gnzsNwDx708kqaVt0wDQYJKoZIhvcNAQEFBQADgYEAA81SsFnOdYJt\
    Ng5Tcq+/ByEDrBgnusx0jloUhByPMEVkoMZ3J7j1ZgI8rAbOkNngX8+pKfTiDz1R\
    C4+dx8oU6Za+4NJXUjlL5CvV6BEYb1+QAEJwitTVvxB/A67g42/vzgAtoRUeDov1\
    +GFiBZ+GNF/cAYKcMtGcrs2i97ZkJMo=";
