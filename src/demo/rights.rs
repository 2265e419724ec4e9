//! Access rights of a town: three applications whose groups are entitlements, who approves them, what does not go together,
//! and what people have by their work.

use serde_json::{Value, json};

/// An application, by the codes of the groups that are its entitlements.
pub(super) struct DemoApplication {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// The unit that it belongs to, and whose head answers for it.
    pub(super) unit: &'static str,
    /// By which law people work with it.
    pub(super) legal_basis: &'static str,
    /// Groups, each with its code, its name in Latvian and in English, and its risk.
    pub(super) entitlements: &'static [(&'static str, &'static str, &'static str, &'static str, u8)],
}

pub(super) static APPLICATIONS: [DemoApplication; 3] = [
    DemoApplication {
        code: "documents",
        name: "Lietvedība",
        unit: "KAN",
        legal_basis: "Arhīvu likums",
        entitlements: &[
            ("LIE-LIETOTAJI", "user", "Lietvedība: lietotājs", "Documents: user", 1),
            ("LIE-ADMINISTRATORI", "administrator", "Lietvedība: administrators", "Documents: administrator", 2),
        ],
    },
    DemoApplication {
        code: "e-services",
        name: "E-pakalpojumi",
        unit: "KLI",
        legal_basis: "Ministru kabineta 2017. gada 4. jūlija noteikumi Nr. 402",
        entitlements: &[
            ("SOC-LIETOTAJI", "social", "E-pakalpojumi: sociālā palīdzība", "E-services: social assistance", 2),
            ("BUV-LIETOTAJI", "building", "E-pakalpojumi: būvniecība", "E-services: building", 2),
        ],
    },
    DemoApplication {
        code: "property-tax",
        name: "Nekustamā īpašuma nodokļa administrēšana",
        unit: "FIN",
        legal_basis: "Likums „Par nekustamā īpašuma nodokli”",
        entitlements: &[
            ("NOD-LIETOTAJI", "assessor", "Nodoklis: aprēķinātājs", "Property tax: assessor", 2),
            ("GRA-LIETOTAJI", "cashier", "Nodoklis: maksājumu grāmatotājs", "Property tax: books payments", 2),
            ("NOD-ADMINISTRATORI", "administrator", "Nodoklis: administrators", "Property tax: administrator", 3),
        ],
    },
];

/// For how long something of a risk is given, in seconds: the more harm it can do, the sooner somebody looks at it again.
pub(super) fn duration(risk: u8) -> Value {
    const DAY: i64 = 24 * 3600;
    let (proposed, longest, extensions) = match risk {
        0 | 1 => (365, 730, 3),
        2 => (365, 365, 2),
        _ => (30, 90, 1),
    };
    json!({ "default": proposed * DAY, "longest": longest * DAY, "extensions": extensions })
}

/// Who approves what of each application, by its code.
pub(super) fn policies() -> [(&'static str, Value); 3] {
    let manager = json!({
        "resolver": { "lineManager": 1 }, "mayReassign": true, "mayShorten": true, "remindAfter": 510,
        "escalateAfter": 1530, "escalateTo": { "lineManager": 2 },
    });
    let owner = |skips: bool| json!({ "resolver": "owner", "fallback": "nodeHead", "skipIfApproved": skips, "remindAfter": 510 });
    let sure = |mut stage: Value| {
        stage["assurance"] = "substantial".into();
        stage
    };
    let security = json!({ "resolver": "securityOfficer", "remindAfter": 510 });
    [
        ("documents", json!({ "name": "Lietvedība: vadītājs", "risk": 2, "stages": [manager] })),
        (
            "e-services",
            json!({ "name": "E-pakalpojumi: vadītājs, īpašnieks", "risk": 2, "stages": [manager, owner(true)] }),
        ),
        (
            "property-tax",
            json!({
                "name": "Nodoklis: vadītājs, īpašnieks, drošības pārvaldnieks",
                "risk": 3,
                "stages": [sure(manager.clone()), sure(owner(false)), sure(security)],
            }),
        ),
    ]
}

/// What nobody should hold together, by the codes of groups.
pub(super) fn apart(group: impl Fn(&str) -> Option<String>) -> Option<[Value; 2]> {
    let (assessor, cashier) = (group("NOD-LIETOTAJI")?, group("GRA-LIETOTAJI")?);
    let administrator = group("NOD-ADMINISTRATORI")?;
    Some([
        json!({
            "name": "Aprēķināt un grāmatot",
            "description": "Kas aprēķina nodokli, negrāmato tā maksājumus.",
            "one": [assessor], "other": [cashier], "mode": "requireException",
        }),
        json!({
            "name": "Pārvaldīt un lietot",
            "description": "Kas pārvalda nodokļu sistēmu, tajā nestrādā.",
            "one": [administrator], "other": [assessor, cashier], "mode": "block",
        }),
    ])
}

/// Everybody in finances works with documents.
pub(super) fn birthright(unit: &str, group: &str) -> Value {
    json!({
        "name": "Finanšu darbinieku dokumenti",
        "description": "Ikviens finanšu darbinieks strādā ar dokumentiem.",
        "when": { "all": [{ "within": unit }, { "not": { "type": "intern" } }] },
        "entitlements": [group],
    })
}
