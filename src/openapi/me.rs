//! `/Me` (RFC 7644 §3.11): the description of one user, for the one that the caller is.

use serde_json::{Value, json};

/// The path, from that of one user.
pub(super) fn path(mut one: Value) -> Value {
    one["parameters"] = json!([{ "$ref": "#/components/parameters/tenant" }]);
    for (method, id, summary, description) in [
        (
            "get",
            "getMe",
            "Read oneself",
            "RFC 7644 §3.11: the user that the caller is linked to, by the claim of a token (JWT) of one of the tenant's issuers. \
             `Location` and `meta.location` are the permanent address. A client is linked to no user, and gets 404. \
             POST is answered 501 to people.",
        ),
        ("put", "replaceMe", "Replace oneself", "As `PUT` of the user, if the token has `scim.write`."),
        ("patch", "patchMe", "Change oneself", "As `PATCH` of the user, if the token has `scim.write`."),
        (
            "delete",
            "deleteMe",
            "Delete oneself",
            "As `DELETE` of the user, if the token has `scim.write`. The token then opens nothing.",
        ),
    ] {
        let operation = &mut one[method];
        operation["operationId"] = id.into();
        operation["summary"] = summary.into();
        operation["description"] = description.into();
        operation["security"] = json!([{ "personToken": [] }]);
    }
    one
}
