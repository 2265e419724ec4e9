//! The applications of a town, and what people may ask for in them: documents, e-services, and the property tax.

const DAY: i64 = 24 * 3600;

/// An application.
pub(super) struct DemoApplication {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// What it sees of people.
    pub(super) released: &'static [&'static str],
    /// The unit that it belongs to, by its code; whoever leads that owns it.
    pub(super) unit: &'static str,
    pub(super) entitlements: &'static [DemoEntitlement],
}

/// A group that is an entitlement.
pub(super) struct DemoEntitlement {
    /// The code of the group.
    pub(super) group: &'static str,
    pub(super) code: &'static str,
    pub(super) name_lv: &'static str,
    pub(super) name_en: &'static str,
    /// Whose word makes somebody a member.
    pub(super) authority: &'static str,
    pub(super) risk: i64,
    pub(super) purpose: &'static str,
    pub(super) legal_basis: &'static str,
    /// For whom it is, by the codes of units; for everybody if there is none.
    pub(super) units: &'static [&'static str],
    /// For how long in days: where nobody says, and at the most.
    pub(super) days: Option<(i64, i64)>,
    pub(super) extensions: i64,
    pub(super) emergency: bool,
}

impl DemoEntitlement {
    /// For how long it is given, in seconds: where nobody says, and at the most.
    pub(super) fn lengths(&self) -> (Option<i64>, Option<i64>) {
        (self.days.map(|(proposed, _)| proposed * DAY), self.days.map(|(_, longest)| longest * DAY))
    }
}

const RECORDS: &str = "Arhīvu likums; Ministru kabineta 2018. gada 4. septembra noteikumi Nr. 558";
const SERVICES: &str = "Valsts pārvaldes iekārtas likums; Ministru kabineta 2017. gada 4. jūlija noteikumi Nr. 402";
const TAX: &str = "Likums „Par nekustamā īpašuma nodokli”";

pub(super) static APPLICATIONS: [DemoApplication; 3] = [
    DemoApplication {
        code: "documents",
        name: "Lietvedības sistēma",
        released: &["userName", "displayName", "emails.value"],
        unit: "KAN",
        entitlements: &[
            DemoEntitlement {
                group: "LIE-LIETOTAJI",
                code: "reader",
                name_lv: "Lietvedība: lasītājs",
                name_en: "Documents: reader",
                authority: "scim",
                risk: 0,
                purpose: "Lasa nodaļas dokumentus",
                legal_basis: RECORDS,
                units: &[],
                days: None,
                extensions: 0,
                emergency: false,
            },
            DemoEntitlement {
                group: "LIE-REGISTRATORI",
                code: "registrar",
                name_lv: "Lietvedība: reģistrators",
                name_en: "Documents: registrar",
                authority: "grants",
                risk: 1,
                purpose: "Reģistrē saņemtos un nosūtāmos dokumentus",
                legal_basis: RECORDS,
                units: &[],
                days: Some((365, 730)),
                extensions: 3,
                emergency: false,
            },
            DemoEntitlement {
                group: "LIE-ADMINISTRATORI",
                code: "archivist",
                name_lv: "Lietvedība: arhīva pārzinis",
                name_en: "Documents: archivist",
                authority: "grants",
                risk: 2,
                purpose: "Nodod dokumentus arhīvā un iznīcina tos",
                legal_basis: RECORDS,
                units: &["KAN"],
                days: Some((365, 365)),
                extensions: 2,
                emergency: false,
            },
        ],
    },
    DemoApplication {
        code: "e-services",
        name: "E-pakalpojumu sistēma",
        released: &["userName", "displayName"],
        unit: "KLI",
        entitlements: &[
            DemoEntitlement {
                group: "EPK-APSTRADE",
                code: "handler",
                name_lv: "E-pakalpojumi: pieteikumu apstrādātājs",
                name_en: "E-services: handler of applications",
                authority: "grants",
                risk: 1,
                purpose: "Apstrādā iedzīvotāju pieteikumus",
                legal_basis: SERVICES,
                units: &[],
                days: Some((365, 730)),
                extensions: 3,
                emergency: false,
            },
            DemoEntitlement {
                group: "EPK-PUBLICETAJI",
                code: "publisher",
                name_lv: "E-pakalpojumi: publicētājs",
                name_en: "E-services: publisher",
                authority: "grants",
                risk: 2,
                purpose: "Publicē un maina pakalpojumu aprakstus",
                legal_basis: SERVICES,
                units: &["KLI", "INF", "KOM"],
                days: Some((180, 365)),
                extensions: 2,
                emergency: false,
            },
        ],
    },
    DemoApplication {
        code: "property-tax",
        name: "Nekustamā īpašuma nodokļa sistēma",
        released: &["userName", "displayName", "emails.value"],
        unit: "FIN-NIN",
        entitlements: &[
            DemoEntitlement {
                group: "NOD-LIETOTAJI",
                code: "viewer",
                name_lv: "Nodoklis: skatītājs",
                name_en: "Property tax: viewer",
                authority: "scim",
                risk: 1,
                purpose: "Skata nodokļa maksātāju datus",
                legal_basis: TAX,
                units: &[],
                days: None,
                extensions: 0,
                emergency: false,
            },
            DemoEntitlement {
                group: "NOD-APREKINS",
                code: "assessor",
                name_lv: "Nodoklis: aprēķinātājs",
                name_en: "Property tax: assessor",
                authority: "grants",
                risk: 2,
                purpose: "Aprēķina nodokli un piemēro atvieglojumus",
                legal_basis: TAX,
                units: &["FIN"],
                days: Some((365, 365)),
                extensions: 2,
                emergency: false,
            },
            DemoEntitlement {
                group: "NOD-MAKSAJUMI",
                code: "payments",
                name_lv: "Nodoklis: maksājumu grāmatotājs",
                name_en: "Property tax: payments",
                authority: "grants",
                risk: 2,
                purpose: "Grāmato maksājumus un dzēš parādus",
                legal_basis: TAX,
                units: &["FIN"],
                days: Some((365, 365)),
                extensions: 2,
                emergency: false,
            },
            DemoEntitlement {
                group: "NOD-ADMINISTRATORI",
                code: "administrator",
                name_lv: "Nodoklis: sistēmas administrators",
                name_en: "Property tax: administrator of the system",
                authority: "grants",
                risk: 3,
                purpose: "Uztur sistēmu un novērš kļūdas datos",
                legal_basis: TAX,
                units: &["INF"],
                days: Some((30, 90)),
                extensions: 1,
                emergency: true,
            },
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::{people, towns};

    #[test]
    fn entitlements_are_groups_and_units_are_units() {
        for people in towns().iter().map(people) {
            for application in &APPLICATIONS {
                let leads = |code: &str| people.units.iter().any(|unit| unit.code == code && unit.head.is_some());
                assert!(leads(application.unit), "{}", application.unit);
                for entitlement in application.entitlements {
                    let external_id = format!("GR-{}", entitlement.group);
                    let group = people.groups.iter().find(|group| group.external_id == external_id);
                    let group = group.unwrap_or_else(|| panic!("{external_id} is no group"));
                    assert!(entitlement.authority == "scim" || group.groups.is_empty(), "{external_id} holds groups");
                    assert!(entitlement.units.iter().all(|code| leads(code)), "{external_id}");
                    assert!(entitlement.risk < 3 || entitlement.days.is_some(), "{external_id} needs an end");
                }
            }
        }
    }
}
