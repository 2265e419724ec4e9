//! `/t/{tenant}/api/v1/requests`, `/request-items` and `/delegations`: what people ask for, who decides, and who stands in.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, TENANT, conditional, gone, parameters, shown, tagged},
    entitlements::GROUP_ID,
};

pub(super) const TAG: &str = "Requests";
const REQUEST_ID: &str = "019b2c48-93a4-7b56-8778-d4e5f6071829";
const ITEM_ID: &str = "019b2c48-93a4-7b56-8778-d4e5f607182a";
const DELEGATION_ID: &str = "019b2c49-a4b5-7c67-9889-e5f60718293a";
const USER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738495";
const MANAGER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738496";
const OTHER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738497";
const REASON: &str = "Takes over the assessment of property tax from Ilze";

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let items = format!("{TENANT}/request-items");
    paths.insert(format!("{TENANT}/requests"), requests());
    paths.insert(format!("{TENANT}/requests/{{request}}"), one());
    paths.insert(items.clone(), waiting());
    paths.insert(format!("{items}/{{item}}"), item());
    for (path, operation) in deeds() {
        let parameters = parameters(&["tenant", "item"]);
        paths.insert(format!("{items}/{{item}}/{path}"), json!({ "parameters": parameters, "post": operation }));
    }
    paths.insert(format!("{TENANT}/delegations"), delegations());
    paths.insert(format!("{TENANT}/delegations/{{delegation}}"), delegation());
}

/// What people do; administrators do not.
pub(super) fn of_people(mut operation: Value) -> Value {
    operation["security"] = json!([{ "personToken": [] }]);
    operation
}

/// What people see as far as it concerns them, and administrators whole.
pub(super) fn of_both(mut operation: Value) -> Value {
    operation["security"] = json!([{ "personToken": [] }, { "token": [] }]);
    operation
}

fn requests() -> Value {
    let mut list = Operation {
        tag: TAG,
        id: "listRequests",
        summary: "List requests",
        description: "The oldest first. People see what they asked for, what is for them or for those who report to them, and what they decide or \
            have decided about; administrators see all.",
        success: shown("200", "A page of requests", "RequestPage", json!({ "items": [request()] })),
        failures: &[],
    }
    .described();
    list["parameters"] = parameters(&["requestState", "requestRequester", "requestSubject", "pageCount", "cursor"]);
    let new = json!({
        "justification": REASON,
        "items": [{ "kind": "grant", "entitlement": GROUP_ID, "until": "2027-05-31" }],
    });
    let mut preview = request();
    for name in ["id", "number"] {
        preview.as_object_mut().map(|preview| preview.shift_remove(name));
    }
    let mut success = shown("201", "The request", "Request", request());
    success["200"] = json!({
        "description": "What would come of it (`dryRun=true`): nothing was written",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Request" }, "example": preview } },
    });
    let mut submit = Operation {
        tag: TAG,
        id: "createRequest",
        summary: "Ask for something",
        description: "For oneself, or for somebody (`subject`) who reports to the caller, works in a unit that they lead, or for an entitlement that \
            they answer for. Each item goes its own way: a new grant (`entitlement`, from `from` on, until `until` or for `days`), a later end \
            of one (`grant`, `until`), or its end (`grant`). A day stands for its first second in `from` and for its last in `until`, by the \
            time in Latvia. All is judged before anything is written, and all that is wrong is told at once. To take something away needs \
            nobody's leave.",
        success,
        failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
    }
    .taking("NewRequest", &[
        ("grant", "A new grant", new),
        ("revoke", "The end of one", json!({ "items": [{ "kind": "revoke", "grant": OTHER_ID }] })),
    ]);
    submit["parameters"] = parameters(&["dryRun"]);
    json!({ "parameters": parameters(&["tenant"]), "get": of_both(list), "post": of_people(submit) })
}

fn one() -> Value {
    json!({
        "parameters": parameters(&["tenant", "request"]),
        "get": of_both(Operation {
            tag: TAG,
            id: "getRequest",
            summary: "Read a request",
            description: "As the list shows it.",
            success: shown("200", "The request", "Request", request()),
            failures: &[],
        }.described()),
    })
}

fn waiting() -> Value {
    let mut search = Operation {
        tag: TAG,
        id: "listRequestItems",
        summary: "List what waits for oneself",
        description: "Items about which the caller may decide just now, themselves or for somebody for whom they stand in; the oldest first.",
        success: shown("200", "A page of items", "RequestItemPage", json!({ "items": [request_item()] })),
        failures: &[],
    }
    .described();
    search["parameters"] = parameters(&["waitingFor", "pageCount", "cursor"]);
    json!({ "parameters": parameters(&["tenant"]), "get": of_people(search) })
}

fn item() -> Value {
    json!({
        "parameters": parameters(&["tenant", "item"]),
        "get": of_both(Operation {
            tag: TAG,
            id: "getRequestItem",
            summary: "Read an item of a request",
            description: "With the tag of its version, which a vote has to name.",
            success: item_now(request_item()),
            failures: &[],
        }.described()),
    })
}

fn item_now(example: Value) -> Value {
    tagged("200", "The item as it is now", "RequestItem", example)
}

/// What people do with an item.
fn deeds() -> [(&'static str, Value); 5] {
    let rejected = json!({ "decision": "reject", "comment": "Ilze stays until summer" });
    let vote = deed(
        "createVote",
        "Decide about an item",
        "By whoever is asked in the stage that is open, or their deputy; never by the requester or whom it is for. `If-Match` must name the version \
         that was read. A rejection needs a comment. `until` lets it end earlier. `onBehalfOf` says for whom a deputy decides who stands in for \
         several. With the last approval the grant is there in the same moment. What the stage demands of the caller's identity and the token does \
         not show is 403 `assurance`, with the level `needed`.",
        &[
            ("409", "Conflict"),
            ("412", "PreconditionFailed"),
            ("415", "UnsupportedMediaType"),
            ("428", "PreconditionRequired"),
        ],
    );
    let vote = bound(
        vote.taking(
            "NewVote",
            &[("approve", "Approve", json!({ "decision": "approve" })), ("reject", "Reject", rejected)],
        ),
        "ifMatchVersion",
    );
    let usual = &[("409", "Conflict"), ("412", "PreconditionFailed"), ("415", "UnsupportedMediaType")];
    let question = deed(
        "createQuestion",
        "Ask before deciding",
        "By whoever may decide. The clocks of the decision stand still until it is answered.",
        usual,
    );
    let answer = deed(
        "createAnswer",
        "Answer a question",
        "By the requester or whom it is for: `answer`, or `change` for another time for which it is asked; then everything is decided anew.",
        usual,
    );
    let hand_on = deed(
        "createReassignment",
        "Hand a decision on",
        "By whoever may decide, where the policy lets them, to an active user who is not concerned and not asked already.",
        usual,
    );
    let withdrawal = deed(
        "createWithdrawal",
        "Take back what was asked for",
        "By the requester or whom it is for. Works while the tenant is suspended.",
        &[("409", "Conflict"), ("412", "PreconditionFailed")],
    );
    let may = "mayMatchVersion";
    let question =
        question.taking("NewQuestion", &[("ask", "A question", json!({ "question": "Until when is Ilze here?" }))]);
    let answer = answer.taking(
        "NewAnswer",
        &[
            ("answer", "In words", json!({ "answer": "Until 31 December." })),
            ("change", "Another end", json!({ "change": { "until": "2027-03-31" } })),
        ],
    );
    let hand_on = hand_on.taking(
        "NewReassignment",
        &[("hand", "To a colleague", json!({ "to": OTHER_ID, "reason": "Knows the register better" }))],
    );
    [
        ("votes", vote),
        ("questions", bound(question, may)),
        ("answers", bound(answer, may)),
        ("reassignments", bound(hand_on, may)),
        ("withdrawal", bound(withdrawal.described(), may)),
    ]
}

fn deed<'a>(id: &'a str, summary: &'a str, description: &'a str, failures: &'a [(&'a str, &'a str)]) -> Operation<'a> {
    Operation { tag: TAG, id, summary, description, success: item_now(request_item()), failures }
}

fn bound(mut operation: Value, parameter: &str) -> Value {
    operation["parameters"] = parameters(&[parameter]);
    of_people(operation)
}

fn delegations() -> Value {
    let new = json!({
        "delegate": OTHER_ID, "duties": ["approvals"], "from": "2026-12-21", "until": "2027-01-04", "reason": "Holidays",
    });
    json!({
        "parameters": parameters(&["tenant"]),
        "get": of_both(Operation {
            tag: TAG,
            id: "listDelegations",
            summary: "List deputies",
            description: "Who stands in for the caller and for whom they stand in, the oldest first; an administrator sees all.",
            success: shown("200", "A page of delegations", "DelegationPage", json!({ "items": [example_delegation()] })),
            failures: &[],
        }.paged()),
        "post": of_people(Operation {
            tag: TAG,
            id: "createDelegation",
            summary: "Let somebody stand in",
            description: "For a while somebody decides in the caller's name, and both names are kept. A deputy has no deputy: whoever stands in for \
                somebody in that time for that duty cannot be stood in for. It is not changed, only cancelled and made anew.",
            success: tagged("201", "The delegation", "Delegation", example_delegation()),
            failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
        }.taking("NewDelegation", &[("holidays", "Over the holidays", new)])),
    })
}

fn delegation() -> Value {
    json!({
        "parameters": parameters(&["tenant", "delegation"]),
        "get": of_both(Operation {
            tag: TAG,
            id: "getDelegation",
            summary: "Read a delegation",
            description: "Of the caller, as whoever is away or as the deputy; an administrator reads any.",
            success: tagged("200", "The delegation", "Delegation", example_delegation()),
            failures: &[],
        }.described()),
        "delete": of_both(conditional(Operation {
            tag: TAG,
            id: "cancelDelegation",
            summary: "End a delegation",
            description: "At once, by whoever is away or by an administrator.",
            success: gone("It has ended"),
            failures: &[("409", "Conflict")],
        }.described())),
    })
}

fn request() -> Value {
    json!({
        "id": REQUEST_ID,
        "number": "PR-2026-000123",
        "state": "open",
        "requester": USER_ID,
        "subject": USER_ID,
        "justification": REASON,
        "created": "2026-11-24T08:15:00.000Z",
        "items": [request_item()],
    })
}

fn request_item() -> Value {
    json!({
        "id": ITEM_ID,
        "request": REQUEST_ID,
        "kind": "grant",
        "state": "pending",
        "requester": USER_ID,
        "subject": USER_ID,
        "entitlement": GROUP_ID,
        "until": "2027-05-31T20:59:59.000Z",
        "risk": 1,
        "submitted": "2026-11-24T08:15:00.000Z",
        "expires": "2026-12-08T08:15:00.000Z",
        "stages": [{
            "number": 0,
            "state": "open",
            "approvers": [{ "id": MANAGER_ID }],
            "needed": 1,
            "quorum": "any",
            "reminds": "2026-11-25T08:15:00.000Z",
            "escalates": "2026-11-27T08:15:00.000Z",
            "votes": [],
        }],
        "version": 1,
    })
}

fn example_delegation() -> Value {
    json!({
        "id": DELEGATION_ID,
        "delegator": MANAGER_ID,
        "delegate": OTHER_ID,
        "duties": ["approvals"],
        "from": "2026-12-20T22:00:00.000Z",
        "until": "2027-01-04T21:59:59.000Z",
        "state": "planned",
        "reason": "Holidays",
    })
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    let id = json!({ "type": "string", "format": "uuid" });
    for (name, description, example) in [
        ("request", "The request's id", REQUEST_ID),
        ("item", "The item's id", ITEM_ID),
        ("delegation", "The delegation's id", DELEGATION_ID),
    ] {
        parameters[name] = json!({
            "name": name, "in": "path", "required": true, "description": description, "schema": id, "example": example,
        });
    }
    let state = json!({ "enum": super::request_schemas::STATES });
    for (key, name, schema, description, example) in [
        ("requestState", "state", state, "In that state", json!("open")),
        ("requestRequester", "requester", id.clone(), "By that user", json!(USER_ID)),
        ("requestSubject", "subject", id, "For that user", json!(USER_ID)),
        (
            "dryRun",
            "dryRun",
            json!({ "type": "boolean", "default": false }),
            "Only show what would come of it",
            json!(true),
        ),
    ] {
        parameters[key] =
            json!({ "name": name, "in": "query", "description": description, "schema": schema, "example": example });
    }
    parameters["waitingFor"] = json!({
        "name": "waitingFor", "in": "query", "required": true, "description": "For whom: the caller", "schema": { "enum": ["me"] },
        "example": "me",
    });
    parameters["ifMatchVersion"] = json!({
        "name": "If-Match", "in": "header", "required": true, "description": "The version that was read, by its ETag",
        "schema": { "type": "string" }, "example": "W/\"3\"",
    });
    parameters["mayMatchVersion"] = json!({
        "name": "If-Match", "in": "header", "description": "Only if it is still at that version, by the `ETag` of what was read; `*` for whatever is there",
        "schema": { "type": "string" }, "example": "W/\"3\"",
    });
}
