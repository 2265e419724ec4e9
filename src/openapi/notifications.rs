//! `/t/{tenant}/api/v1/notifications`: what people were told.

use rights::Notice;
use serde_json::{Map, Value, json};
use store::MailState;

use crate::openapi::{
    administration::{Operation, TENANT, page, parameters, shown},
    applications::OWNER_ID,
    entitlements::GROUP_ID,
    schemas::object,
};

const NOTIFICATION_ID: &str = "019b2c4b-c6d7-7e89-9aab-07182a3b4c5d";
const ITEM_ID: &str = "019b2c48-93a4-7b56-8778-d4e5f607182a";
const REQUEST_ID: &str = "019b2c48-93a4-7b56-8778-d4e5f6071829";

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let of_tenant = parameters(&["tenant"]);
    let mut list = Operation {
        tag: "People",
        id: "listNotifications",
        summary: "What one was told",
        description: "The newest first, for ninety days: that something waits for a decision, what became of what one has asked for, what ends \
            soon. Deputies are told what they can decide, with `deputyOf`. Nobody is told twice of one thing, or of what they did themselves. \
            Texts are in the language of `Accept-Language`, `lv` or `en`, else in that of `preferredLanguage`; names in them are those \
            of today. `mail` says what has become of the mail about it.",
        success: shown("200", "A page of notifications", "NotificationPage", json!({ "items": [example()] })),
        failures: &[],
    }
    .described();
    list["parameters"] =
        parameters(&["notificationUnread", "notificationKind", "acceptLanguage", "pageCount", "cursor"]);
    paths.insert(format!("{TENANT}/notifications"), json!({ "parameters": of_tenant, "get": list }));
    let all = Operation {
        tag: "People",
        id: "readNotifications",
        summary: "Have read all that one was told",
        description: "Until that notification, or all. What came meanwhile stays unread if `until` is the newest that was shown.",
        success: shown("200", "How many are read now that were not", "NotificationsRead", json!({ "read": 3 })),
        failures: &[("415", "UnsupportedMediaType")],
    }
    .taking("NotificationReadings", &[("page", "All until the newest that was shown", json!({ "until": NOTIFICATION_ID }))]);
    paths.insert(format!("{TENANT}/notifications/readings"), json!({ "parameters": of_tenant, "post": all }));
    let of_one = parameters(&["tenant", "notification"]);
    let mut show = Operation {
        tag: "People",
        id: "getNotification",
        summary: "Read one thing that one was told",
        description: "Another person's does not exist: 404.",
        success: shown("200", "The notification", "Notification", example()),
        failures: &[],
    }
    .described();
    show["parameters"] = parameters(&["acceptLanguage"]);
    paths.insert(format!("{TENANT}/notifications/{{notification}}"), json!({ "parameters": of_one, "get": show }));
    let mut read_already = example();
    read_already["read"] = "2026-03-16T06:40:00.000Z".into();
    let mut read = Operation {
        tag: "People",
        id: "readNotification",
        summary: "Have read one thing that one was told",
        description: "Done twice, the first time stays.",
        success: shown("200", "The notification", "Notification", read_already),
        failures: &[],
    }
    .described();
    read["parameters"] = parameters(&["acceptLanguage"]);
    let path = format!("{TENANT}/notifications/{{notification}}/reading");
    paths.insert(path, json!({ "parameters": of_one, "post": read }));
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    parameters["notification"] = json!({
        "name": "notification", "in": "path", "required": true, "description": "The notification's id",
        "schema": { "type": "string", "format": "uuid" }, "example": NOTIFICATION_ID,
    });
    parameters["notificationUnread"] = json!({
        "name": "unread", "in": "query", "description": "Those that were not read, or those that were",
        "schema": { "type": "boolean" }, "example": true,
    });
    parameters["notificationKind"] = json!({
        "name": "kind", "in": "query", "description": "Those of a kind",
        "schema": { "enum": Notice::ALL.map(Notice::word) }, "example": "decisionWanted",
    });
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let id = |description: &str| json!({ "type": "string", "format": "uuid", "description": description });
    let instant = |description: &str| json!({ "type": "string", "format": "date-time", "description": description });
    let kinds = ["requestItem", "grant", "sodViolation", "reviewCampaign", "emergency", "user", "application"];
    let about = object(
        &["kind", "id"],
        json!({
            "kind": { "enum": kinds, "description": "What kind of thing" },
            "id": id("Which of them"),
            "request": id("Of which request"),
            "entitlement": id("Of which entitlement: the group"),
            "subject": id("Whom it concerns"),
        }),
    );
    let notification = object(
        &["id", "kind", "subject", "text", "about", "created", "mail"],
        json!({
            "id": id("Its id"),
            "kind": { "enum": Notice::ALL.map(Notice::word), "description": "Of what kind it is" },
            "subject": text("In a line"),
            "text": text("In some lines"),
            "about": about,
            "deputyOf": id("For whom the person stands in"),
            "created": instant("When it was written"),
            "read": instant("When it was read"),
            "mail": {
                "enum": MailState::ALL.map(MailState::word),
                "description": "What has become of the mail: there is `none`, it is `due`, a node is `sending` it, the mail server took it \
                    (`sent`), it `failed`, or whether it was sent is `unknown`, and it is not sent again",
            },
        }),
    );
    let readings = object(
        &[],
        json!({ "until": { "type": ["string", "null"], "format": "uuid", "description": "The last of them; nothing for all" } }),
    );
    let read = object(&["read"], json!({ "read": { "type": "integer", "minimum": 0, "description": "How many" } }));
    for (name, schema) in [
        ("Notification", notification),
        ("NotificationPage", page("Notification")),
        ("NotificationReadings", readings),
        ("NotificationsRead", read),
    ] {
        schemas.insert(name.into(), schema);
    }
}

fn example() -> Value {
    json!({
        "id": NOTIFICATION_ID, "kind": "decisionWanted",
        "subject": "Your decision is needed: Property tax: operator",
        "text": "Request PR-2026-000001 waits for your decision: \"Property tax: operator\" in \"Property tax\".\nFor: Anna Kalniņa. \
            Asked for by: Anna Kalniņa.\nIf nobody decides by 10 April 2026, 17:00, the request expires.",
        "about": { "kind": "requestItem", "id": ITEM_ID, "request": REQUEST_ID, "entitlement": GROUP_ID, "subject": OWNER_ID },
        "created": "2026-03-13T14:50:00.000Z", "mail": "sent",
    })
}
