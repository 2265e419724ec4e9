//! `/t/{tenant}/api/v1/reviews` and `/review-items`: what people hold, looked through.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, TENANT, conditional, parameters, shown, tagged},
    entitlements::GROUP_ID,
    requests::{of_both, of_people},
};

pub(super) const TAG: &str = "Reviews";
const REVIEW_ID: &str = "019b2c4a-b5c6-7d78-8a9a-f60718293a4b";
const ITEM_ID: &str = "019b2c4a-b5c6-7d78-8a9a-f60718293a4c";
const GRANT_ID: &str = "019b2c4a-b5c6-7d78-8a9a-f60718293a4d";
const APPLICATION_ID: &str = "019b2c4a-b5c6-7d78-8a9a-f60718293a4e";
const USER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738495";
const MANAGER_ID: &str = "019b2c3f-0a1b-7c2d-9e3f-405162738496";

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let reviews = format!("{TENANT}/reviews");
    paths.insert(reviews.clone(), all());
    paths.insert(format!("{reviews}/{{review}}"), one());
    for (path, operation) in [("closure", close()), ("cancellation", cancel()), ("postponement", postpone())] {
        let parameters = parameters(&["tenant", "review"]);
        paths.insert(format!("{reviews}/{{review}}/{path}"), json!({ "parameters": parameters, "post": operation }));
    }
    paths.insert(
        format!("{reviews}/{{review}}/decisions"),
        json!({ "parameters": parameters(&["tenant", "review"]), "post": of_people(decide_many()) }),
    );
    paths.insert(format!("{reviews}/{{review}}/items"), items());
    let items = format!("{TENANT}/review-items");
    paths.insert(items.clone(), waiting());
    paths.insert(format!("{items}/{{item}}"), item());
    for (path, operation) in deeds() {
        let parameters = parameters(&["tenant", "item"]);
        paths.insert(format!("{items}/{{item}}/{path}"), json!({ "parameters": parameters, "post": operation }));
    }
}

fn all() -> Value {
    let mut list = Operation {
        tag: TAG,
        id: "listReviews",
        summary: "List reviews",
        description: "The oldest first. Administrators see all; people those in which they review something, and by a role those that keep to an \
            application or a unit that they look after.",
        success: shown("200", "A page of reviews", "ReviewPage", json!({ "items": [review(false)] })),
        failures: &[],
    }
    .described();
    list["parameters"] = parameters(&["reviewState", "pageCount", "cursor"]);
    let mut success = tagged("201", "The review", "Review", review(false));
    let preview = json!({ "items": 412, "excluded": 2, "reviewers": 37, "withoutReviewer": 5, "complete": true });
    success["200"] = json!({
        "description": "What it would be (`dryRun=true`): nothing was written",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ReviewPreview" }, "example": preview } },
    });
    let new = json!({
        "name": "What is risky, 2026",
        "scope": { "riskAtLeast": 2 },
        "reviewers": [{ "lineManager": 1 }, "owner", "nodeHead"],
        "starts": "2026-11-30",
        "workingDays": 20,
        "silence": "byRisk",
    });
    let mut begin = Operation {
        tag: TAG,
        id: "createReview",
        summary: "Begin a review",
        description: "Of the active grants that suit all of `scope`; of every one where it says nothing. Each is given to those whom the first of \
            `reviewers` finds that finds anybody, never to whom it is about; where nobody is found silence decides, unless an administrator hands \
            it to somebody. It takes its snapshot when it begins, some grants at a time (`items`, `prepared`), and closes at `deadline`, after \
            `workingDays` (20 where nobody says), or when everything is decided. Then what was decided is done: what is kept is certified, the rest \
            ends or ends earlier, in a tenant that is suspended too. `silence`: `byRisk` ends what nobody has decided where the risk is 3 or the \
            person works by contract alone, and keeps the rest. Whoever looks after a part of the tenant names it, in `scope.application` or `scope.unit`, \
            or is refused; with `scope.user` alone the unit is named for them. They leave nobody out, name nobody who reviews, and let silence `keep`. \
            What is to begin later begins if they still look after it.",
        success,
        failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
    }
    .taking("NewReview", &[("risky", "What can do harm", new)]);
    begin["parameters"] = parameters(&["dryRun"]);
    json!({ "parameters": parameters(&["tenant"]), "get": of_both(list), "post": begin })
}

fn one() -> Value {
    json!({
        "parameters": parameters(&["tenant", "review"]),
        "get": of_both(Operation {
            tag: TAG,
            id: "getReview",
            summary: "Read a review",
            description: "With how many of its items are in which state: of those that the caller reviews or looks after, or of all for an administrator.",
            success: tagged("200", "The review", "Review", review(true)),
            failures: &[],
        }.described()),
    })
}

fn close() -> Value {
    let close = Operation {
        tag: TAG,
        id: "closeReview",
        summary: "Close a review early",
        description: "Nobody decides any more. What was decided is done, and what silence means of the rest. By a role alone as it is called off.",
        success: tagged("200", "The review", "Review", review(false)),
        failures: &[("409", "Conflict")],
    }
    .described();
    conditional(close)
}

fn cancel() -> Value {
    let cancel = Operation {
        tag: TAG,
        id: "cancelReview",
        summary: "Call a review off",
        description: "Nothing of it is done; what was decided stays as evidence. Whoever looks after a part of the tenant calls off what keeps to it and was begun by a \
            role like theirs; others' not if it has something about themselves.",
        success: tagged("200", "The review", "Review", review(false)),
        failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
    }
    .taking("ReviewReason", &[("wrong", "Why", json!({ "reason": "The wrong application" }))]);
    conditional(cancel)
}

fn postpone() -> Value {
    let postpone = Operation {
        tag: TAG,
        id: "postponeReview",
        summary: "Postpone a micro-review",
        description: "By an administrator, or by whoever reviews something in it; twice at the most.",
        success: tagged("200", "The review", "Review", review(false)),
        failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
    }
    .taking("ReviewPostponement", &[("later", "Until when", json!({ "deadline": "2027-01-15" }))]);
    of_both(conditional(postpone))
}

fn decide_many() -> Value {
    let answers = json!({
        "items": [
            { "id": ITEM_ID, "status": 200, "state": "keep" },
            { "id": GRANT_ID, "status": 404, "detail": "there is no such review item" },
        ],
        "more": false,
    });
    Operation {
        tag: TAG,
        id: "createReviewDecisions",
        summary: "Decide about many grants",
        description: "One verdict about the items that are named (500 at the most), or about those that suit the filter, are open and are the caller's \
            to review: the first 500, and `more` if there are others. Each is answered for itself with the status that a decision about it alone \
            would have had; of those that are not, nothing changes.",
        success: shown("200", "What came of each", "ReviewAnswers", answers),
        failures: &[("409", "Conflict"), ("415", "UnsupportedMediaType")],
    }
    .taking(
        "NewReviewDecisions",
        &[
            ("named", "These", json!({ "items": [ITEM_ID], "verdict": "keep" })),
            ("filter", "Those of one person", json!({ "filter": { "subject": USER_ID }, "verdict": "revoke" })),
        ],
    )
}

fn items() -> Value {
    let mut list = Operation {
        tag: TAG,
        id: "listItemsOfReview",
        summary: "List what is reviewed",
        description: "In the order of ids. Administrators see all; people what they review.",
        success: shown("200", "A page of items", "ReviewItemPage", json!({ "items": [review_item()] })),
        failures: &[],
    }
    .described();
    list["parameters"] =
        parameters(&["reviewItemState", "reviewItemEntitlement", "reviewItemSubject", "pageCount", "cursor"]);
    json!({ "parameters": parameters(&["tenant", "review"]), "get": of_both(list) })
}

fn waiting() -> Value {
    let mut list = Operation {
        tag: TAG,
        id: "listReviewItems",
        summary: "List what waits to be reviewed by oneself",
        description: "Items of all reviews that go on about which the caller may decide, themselves or for somebody for whom they stand in.",
        success: shown("200", "A page of items", "ReviewItemPage", json!({ "items": [review_item()] })),
        failures: &[],
    }
    .described();
    list["parameters"] = parameters(&["waitingFor", "pageCount", "cursor"]);
    json!({ "parameters": parameters(&["tenant"]), "get": of_people(list) })
}

fn item() -> Value {
    json!({
        "parameters": parameters(&["tenant", "item"]),
        "get": of_both(Operation {
            tag: TAG,
            id: "getReviewItem",
            summary: "Read what is reviewed",
            description: "With what helps to decide about it: since when and by what the person holds it, when a review last kept it, what is recommended.",
            success: tagged("200", "The item as it is now", "ReviewItem", review_item()),
            failures: &[],
        }.described()),
    })
}

fn deeds() -> [(&'static str, Value); 3] {
    let usual = &[("409", "Conflict"), ("415", "UnsupportedMediaType")];
    let operation = |id, summary, description| Operation {
        tag: TAG,
        id,
        summary,
        description,
        success: tagged("200", "The item as it is now", "ReviewItem", review_item()),
        failures: usual,
    };
    let decision = operation(
        "createReviewDecision",
        "Decide about a grant",
        "By whoever reviews it, or their deputy; never about oneself. `shorten` takes `until`, which lies before the end that there is. Who `abstain`s \
         passes it on to those who come next, once. Of what can do much harm (risk 3) it has to be known at `substantial` at least who decides: \
         else 403 `assurance`.",
    );
    let decision = decision.taking(
        "NewReviewDecision",
        &[
            ("keep", "It stays", json!({ "verdict": "keep" })),
            ("revoke", "It ends", json!({ "verdict": "revoke", "comment": "Works elsewhere now" })),
            ("shorten", "It ends earlier", json!({ "verdict": "shorten", "until": "2026-12-31" })),
        ],
    );
    let withdrawal = operation(
        "withdrawReviewDecision",
        "Take a decision back",
        "As long as the review goes on. What was said is kept.",
    );
    let reassignment = operation(
        "reassignReviewItem",
        "Give it to somebody else to review",
        "By whoever reviews it, or an administrator, as long as nobody has decided.",
    );
    let reassignment = reassignment.taking(
        "NewReviewReassignment",
        &[("colleague", "To a colleague", json!({ "to": MANAGER_ID, "reason": "Knows the register better" }))],
    );
    [
        ("decision", of_people(conditional(decision))),
        ("withdrawal", of_people(conditional(withdrawal.described()))),
        ("reassignment", of_both(conditional(reassignment))),
    ]
}

fn review(counted: bool) -> Value {
    let mut review = json!({
        "id": REVIEW_ID,
        "name": "Tax administration 2026",
        "state": "active",
        "micro": false,
        "scope": { "application": APPLICATION_ID, "riskAtLeast": 2 },
        "reviewers": [{ "lineManager": 1 }, "owner", "nodeHead"],
        "silence": "byRisk",
        "starts": "2026-11-29T22:00:00.000Z",
        "deadline": "2026-12-30T15:00:00.000Z",
        "items": 412,
        "prepared": true,
        "created": "2026-11-24T08:15:00.000Z",
        "version": 3,
    });
    if counted {
        review["counts"] = json!({ "open": 300, "keep": 100, "revoke": 12 });
    }
    review
}

fn review_item() -> Value {
    json!({
        "id": ITEM_ID,
        "review": REVIEW_ID,
        "state": "open",
        "grant": GRANT_ID,
        "subject": USER_ID,
        "subjectName": "Anna Ozola",
        "unit": "Revenue division",
        "entitlement": GROUP_ID,
        "entitlementName": "tax-assessors",
        "application": APPLICATION_ID,
        "applicationName": "Property tax",
        "risk": 2,
        "since": "2026-03-02T07:00:00.000Z",
        "source": "request",
        "sourceId": "019b2c48-93a4-7b56-8778-d4e5f6071829",
        "recommendation": { "verdict": "keep", "reason": "suits" },
        "reviewers": [{ "id": MANAGER_ID }],
        "version": 1,
    })
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    let id = json!({ "type": "string", "format": "uuid" });
    parameters["review"] = json!({
        "name": "review", "in": "path", "required": true, "description": "The review's id", "schema": id, "example": REVIEW_ID,
    });
    let states = json!({ "enum": super::review_schemas::STATES });
    let item_states = json!({ "enum": super::review_schemas::ITEM_STATES });
    for (key, name, schema, description, example) in [
        ("reviewState", "state", &states, "In that state", "active"),
        ("reviewItemState", "state", &item_states, "In that state", "open"),
        ("reviewItemEntitlement", "entitlement", &id, "Of that entitlement", GROUP_ID),
        ("reviewItemSubject", "subject", &id, "Of that user", USER_ID),
    ] {
        parameters[key] = json!({
            "name": name, "in": "query", "description": description, "schema": schema, "example": example,
        });
    }
}
