//! `/t/{tenant}/api/v1/offers`: what people may ask for.

use serde_json::{Map, Value, json};

use crate::openapi::{
    administration::{Operation, TENANT, page, parameters, shown},
    applications::{APPLICATION_ID, OWNER_ID},
    entitlements::{GROUP_ID, lengths},
    schemas::{object, reference},
};

/// Adds the path.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let offer = json!({
        "entitlement": GROUP_ID,
        "application": { "id": APPLICATION_ID, "code": "property-tax", "name": "Property tax" },
        "code": "operator",
        "name": "Property tax: operator",
        "purpose": "Calculates and corrects the tax",
        "legalBasis": "Likums \"Par nekustamā īpašuma nodokli\"",
        "risk": 2,
        "duration": lengths(),
        "needsJustification": true,
        "needsLegalBasis": false,
        "emergency": false,
        "missing": [],
        "responsible": { "id": OWNER_ID, "displayName": "Anna Kalniņa" },
    });
    let mut list = Operation {
        tag: "People",
        id: "listOffers",
        summary: "What may be asked for",
        description: "For oneself, or for a `subject` whose line manager one is (404 for anybody else): what is in use, may be asked for, is meant \
            for people who work where and as they do, and is not held. `q` stands in a name or a code, whatever the case. `missing` names what \
            somebody needs first and does not have. Names are in the language of `Accept-Language`, `lv` or `en`, else in that of \
            `preferredLanguage`.",
        success: shown("200", "A page of offers", "OfferPage", json!({ "items": [offer] })),
        failures: &[],
    }
    .described();
    list["parameters"] =
        parameters(&["offerSubject", "offerApplication", "offerText", "acceptLanguage", "pageCount", "cursor"]);
    paths.insert(format!("{TENANT}/offers"), json!({ "parameters": parameters(&["tenant"]), "get": list }));
}

/// Adds the parameters.
pub(super) fn add_parameters(parameters: &mut Value) {
    let id = json!({ "type": "string", "format": "uuid" });
    let text = json!({ "type": "string", "maxLength": 200 });
    for (key, name, schema, description, example) in [
        ("offerSubject", "subject", &id, "For this user", OWNER_ID),
        ("offerApplication", "application", &id, "Of this application", APPLICATION_ID),
        ("offerText", "q", &text, "With this text in a name or a code", "tax"),
    ] {
        parameters[key] =
            json!({ "name": name, "in": "query", "description": description, "schema": schema, "example": example });
    }
    parameters["acceptLanguage"] = json!({
        "name": "Accept-Language", "in": "header", "description": "In which language: `lv` or `en`", "schema": { "type": "string" },
        "example": "en",
    });
}

/// Adds the schemas.
pub(super) fn add_schemas(schemas: &mut Map<String, Value>) {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let flag = |description: &str| json!({ "type": "boolean", "description": description });
    let id = json!({ "type": "string", "format": "uuid" });
    let application = object(
        &["id", "code", "name"],
        json!({ "id": id, "code": text("Its name for programs"), "name": text("Its name for people") }),
    );
    let offer = json!({
        "entitlement": { "type": "string", "format": "uuid", "description": "The group" },
        "application": application,
        "code": text("Its name for programs"),
        "name": text("Its name for people"),
        "purpose": text("What it is for"),
        "legalBasis": text("By which law"),
        "risk": { "type": "integer", "minimum": 0, "maximum": 3 },
        "duration": reference("EntitlementDuration"),
        "needsJustification": flag("Whether whoever asks has to say why"),
        "needsLegalBasis": flag("Whether whoever asks has to say by which law or order"),
        "emergency": flag("Whether it can be taken at once in an emergency"),
        "missing": { "type": "array", "items": id, "description": "What the person needs first and does not have" },
        "responsible": reference("NamedUser"),
    });
    let members = [
        "entitlement",
        "application",
        "code",
        "name",
        "risk",
        "duration",
        "needsJustification",
        "needsLegalBasis",
        "emergency",
        "missing",
    ];
    schemas.insert("Offer".into(), object(&members, offer));
    schemas.insert("OfferPage".into(), page("Offer"));
}
