//! Alarms of mass changes, banners, and giving back what was taken away.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, PLATFORM, TENANT, page, parameters, shown},
    schemas::{object, reference},
};

const ALARM_ID: &str = "019b2c47-8293-7a45-b667-c3d4e5f60718";
const CLIENT_ID: &str = "019b2c40-1b2c-7d3e-8f40-516273849506";

/// Adds every path.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let mut add = |path: String, item| paths.insert(path, item);
    add(format!("{TENANT}/status"), status());
    add(format!("{TENANT}/alarms"), list());
    add(format!("{TENANT}/alarms/{{alarm}}"), one());
    add(format!("{TENANT}/alarms/{{alarm}}/acknowledge"), acknowledgement());
    add(format!("{TENANT}/restorations"), restorations());
    add(format!("{PLATFORM}/alarms"), of_all());
}

fn status() -> Value {
    let banner = json!({
        "kind": "massChange",
        "severity": "warning",
        "since": "2026-11-24T08:15:00.120Z",
        "alarm": ALARM_ID,
        "client": CLIENT_ID,
        "text": "The client “Entra ID” took away, within an hour, 61 users and other resources (expected: 60 at the most) and 0 memberships (expected: 240 at the most). \
            It has been done. If it was not meant, stop the client and restore what it removed; if it was, acknowledge the alarm.",
    });
    json!({
        "parameters": parameters(&["tenant", "acceptLanguage"]),
        "get": Operation {
            tag: "Alarms",
            id: "getStatus",
            summary: "Read what a console shows on every page",
            description: "A banner for each alarm that nobody has acknowledged or that goes on.",
            success: shown("200", "The banners", "Status", json!({ "banners": [banner] })),
            failures: &[],
        }.described(),
    })
}

fn list() -> Value {
    json!({
        "parameters": parameters(&["tenant"]),
        "get": Operation {
            tag: "Alarms",
            id: "listAlarms",
            summary: "List alarms",
            description: "The newest first. An alarm is raised when a client deactivates or deletes more users and other resources, or takes away more memberships from those who \
                stay, within an hour than `massChangeCount` and `massChangePercent` of all there are. The removals are done all the same. \
                There is one alarm a client until an hour has passed without a removal that is too much.",
            success: shown("200", "A page of alarms", "AlarmPage", json!({ "items": [alarm()] })),
            failures: &[],
        }.paged(),
    })
}

fn one() -> Value {
    json!({
        "parameters": parameters(&["tenant", "alarm"]),
        "get": Operation {
            tag: "Alarms",
            id: "getAlarm",
            summary: "Read an alarm",
            description: "`open` until somebody acknowledges it, then `acknowledged` while it goes on, then `closed`.",
            success: shown("200", "The alarm", "Alarm", alarm()),
            failures: &[],
        }.described(),
    })
}

fn acknowledgement() -> Value {
    let mut known = alarm();
    known["state"] = "acknowledged".into();
    known["acknowledged"] = "2026-11-24T08:40:00.000Z".into();
    known["acknowledgedBy"] = "019b2c40-0a1b-7c2d-8e3f-405162738495".into();
    known["comment"] = "The summer workers, as planned.".into();
    json!({
        "parameters": parameters(&["tenant", "alarm"]),
        "post": Operation {
            tag: "Alarms",
            id: "acknowledgeAlarm",
            summary: "Say that an alarm is known",
            description: "With what was found out. Whoever was first stays named. The banner goes, and the client is no longer watched, once it no longer goes on.",
            success: shown("200", "The alarm as it is now", "Alarm", known),
            failures: &[("415", "UnsupportedMediaType")],
        }.taking("Acknowledgement", &[
            ("planned", "It was meant", json!({ "comment": "The summer workers, as planned." })),
        ]),
    })
}

fn restorations() -> Value {
    let wish = |dry: bool| {
        json!({
            "clientId": CLIENT_ID,
            "from": "2026-11-24T08:00:00Z",
            "until": "2026-11-24T09:00:00Z",
            "dryRun": dry,
        })
    };
    let report = json!({
        "clientId": CLIENT_ID,
        "from": "2026-11-24T08:00:00.000Z",
        "until": "2026-11-24T09:00:00.000Z",
        "dryRun": false,
        "complete": true,
        "restored": { "users": 2, "groups": 0, "resources": 0, "activations": 59, "memberships": 4, "references": 1 },
        "items": [{ "what": "resource", "type": "User", "id": "019b2c48-93a4-7b56-8778-d4e5f6071829" }],
        "conflictCount": 1,
        "conflicts": [{
            "what": "resource", "type": "User", "id": "019b2c48-93a4-7b56-8778-d4e5f607182a",
            "reason": "userName is taken by another User.",
        }],
    });
    json!({
        "parameters": parameters(&["tenant"]),
        "post": Operation {
            tag: "Alarms",
            id: "createRestoration",
            summary: "Give back what a client took away",
            description: "Undoes what one client, or people of one issuer, removed in a stretch of time that began within the last 30 days: deleted users and groups are there again \
                with their ids and documents, but without passwords; users that it deactivated are active again; members that it took out are back, and so are \
                managers that were emptied by a deletion. What others have done since stays: only the latest removal counts. What cannot be \
                given back is listed and passed over. Done again, it finds what is left, and nothing if nothing is. A call goes on for 20 seconds; \
                if `complete` is false, send the same again with `nextCursor` as `cursor`. A dry run says what would be done and changes nothing \
                (it does not know who waits for a group that is not there either, until they are active again); \
                one that is not complete tells what it came to.",
            success: shown("200", "What came of it", "RestorationReport", report),
            failures: &[("415", "UnsupportedMediaType")],
        }.taking("Restoration", &[
            ("dry", "See what would be done", wish(true)),
            ("hour", "An hour", wish(false)),
        ]),
    })
}

fn of_all() -> Value {
    let mut alarm = alarm();
    alarm["tenant"] = "berzaine".into();
    if let Some(alarm) = alarm.as_object_mut() {
        alarm.shift_remove("firstRemoval");
    }
    let operation = Operation {
        tag: "Tenants",
        id: "listAllAlarms",
        summary: "List the alarms of all tenants",
        description: "The newest first: counts, and nothing of people.",
        success: shown("200", "A page of alarms", "PlatformAlarmPage", json!({ "items": [alarm] })),
        failures: &[],
    }
    .paged();
    json!({ "get": operation })
}

fn alarm() -> Value {
    json!({
        "id": ALARM_ID,
        "kind": "massChange",
        "client": CLIENT_ID,
        "state": "open",
        "began": "2026-11-24T08:15:00.120Z",
        "firstRemoval": "2026-11-24T08:02:11.004Z",
        "lastRemoval": "2026-11-24T08:15:00.020Z",
        "users": { "removed": 61, "threshold": 60 },
        "memberships": { "removed": 0, "threshold": 240 },
    })
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    parameters["alarm"] = json!({
        "name": "alarm", "in": "path", "required": true, "description": "The alarm's id",
        "schema": { "type": "string", "format": "uuid" }, "example": ALARM_ID,
    });
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let count = |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    let time = |description: &str| json!({ "type": "string", "format": "date-time", "description": description });
    let id = |description: &str| json!({ "type": "string", "format": "uuid", "description": description });
    let removed = |description: &str| {
        let mut schema = object(
            &["removed", "threshold"],
            json!({ "removed": count("How many within an hour, at the worst"), "threshold": count("What must not be exceeded") }),
        );
        schema["description"] = description.into();
        schema
    };
    let alarm = json!({
        "id": id("Its id"),
        "kind": { "enum": ["massChange"] },
        "client": id("The client, or the issuer on whose word people called"),
        "state": { "enum": ["open", "acknowledged", "closed"] },
        "began": time("When it was raised"),
        "firstRemoval": time("When the first of what was counted was taken away: where to restore from"),
        "lastRemoval": time("When the last was"),
        "users": removed("Users that were deactivated, and resources of every type that were deleted, each counted once"),
        "memberships": removed("Memberships that were taken away from those who stay"),
        "acknowledged": time("When somebody said that they know"),
        "acknowledgedBy": id("Which client said so; left out for the command line"),
        "comment": text("What they said"),
    });
    let needed = ["id", "kind", "client", "state", "began", "lastRemoval", "users", "memberships"];
    let mut platform = Map::from_iter([("tenant".to_owned(), text("The tenant's slug"))]);
    platform.extend(needed.iter().map(|name| ((*name).to_owned(), alarm[*name].clone())));
    schemas.insert("Alarm".into(), object(&[&needed[..], &["firstRemoval"]].concat(), alarm));
    schemas.insert("AlarmPage".into(), page("Alarm"));
    schemas.insert("PlatformAlarm".into(), object(&[&needed[..], &["tenant"]].concat(), platform.into()));
    schemas.insert("PlatformAlarmPage".into(), page("PlatformAlarm"));
    let comment = json!({ "type": "string", "maxLength": 1000, "description": "What was found out; may be empty" });
    schemas.insert("Acknowledgement".into(), object(&["comment"], json!({ "comment": comment })));
    let banner = json!({
        "kind": { "enum": ["massChange"] },
        "severity": { "enum": ["warning"] },
        "since": time("Since when"),
        "alarm": id("The alarm that it tells of"),
        "client": id("The client"),
        "text": text("What happened and what to do, for people"),
    });
    let banner = object(&["kind", "severity", "since", "alarm", "client", "text"], banner);
    let banners = json!({ "type": "array", "maxItems": 20, "items": banner });
    schemas.insert("Status".into(), object(&["banners"], json!({ "banners": banners })));
    add_restorations(schemas);
}

fn add_restorations(schemas: &mut Map<String, Value>) {
    let time = |description: &str| json!({ "type": "string", "format": "date-time", "description": description });
    let count = |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    let mut wish = json!({
        "clientId": { "type": "string", "format": "uuid", "description": "The client, be it deleted, or the issuer" },
        "from": time("Not what was removed before"),
        "until": time("Only what was removed before"),
        "dryRun": { "type": "boolean", "default": false, "description": "Change nothing" },
    });
    let report = wish.clone();
    wish["cursor"] = json!({ "type": "string", "description": "The `nextCursor` of an answer that was not complete" });
    schemas.insert("Restoration".into(), object(&["clientId", "from", "until"], wish));
    let item = json!({
        "what": { "enum": ["resource", "activation", "membership", "reference"] },
        "type": { "type": "string", "description": "The resource type; empty of a member that is gone" },
        "id": { "type": "string", "format": "uuid", "description": "The resource; of a membership, the member" },
        "group": { "type": "string", "format": "uuid", "description": "The group of a membership" },
        "reason": { "type": "string", "description": "Why it could not be given back" },
    });
    schemas.insert("RestorationItem".into(), object(&["what", "type", "id"], item));
    let items = json!({ "type": "array", "maxItems": 1000, "items": reference("RestorationItem") });
    let given = json!({
        "users": count("Deleted users that are there again"),
        "groups": count("Deleted groups that are there again"),
        "resources": count("Deleted resources of other types that are there again"),
        "activations": count("Users that are active again"),
        "memberships": count("Memberships"),
        "references": count("References, such as managers, that name somebody again"),
    });
    let names = ["users", "groups", "resources", "activations", "memberships", "references"];
    let mut report = report;
    report["complete"] = json!({ "type": "boolean", "description": "Whether there is nothing left to look at" });
    report["restored"] = object(&names, given);
    report["items"] = items.clone();
    report["conflictCount"] = count("How much could not be given back");
    report["conflicts"] = items;
    report["nextCursor"] = json!({ "type": "string" });
    let needed = ["clientId", "from", "until", "dryRun", "complete", "restored", "items", "conflictCount", "conflicts"];
    schemas.insert("RestorationReport".into(), object(&needed, report));
}
