//! What the administration of a municipality consists of; the five towns have it in common.

/// The unit whose head is the executive director.
pub(super) const LEADERSHIP: &str = "VAD";
/// The title of those who are there to learn.
pub(super) const INTERN: &str = "Praktikants";

/// A unit of the administration.
pub(super) struct Department {
    /// The code in the municipality's register: `FIN-NIN` belongs to `FIN`.
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// How many people work there.
    pub(super) size: usize,
    /// First the head's; the others take turns at the rest.
    pub(super) titles: &'static [&'static str],
}

impl Department {
    /// The department that this one is a part of.
    pub(super) fn above(&self) -> Option<&'static Department> {
        let (code, _) = self.code.split_once('-')?;
        DEPARTMENTS.iter().find(|department| department.code == code)
    }
}

/// The people's representatives, who are nobody's employees.
pub(super) static COUNCIL: Department =
    Department { code: "DOM", name: "Dome", size: 9, titles: &["Domes priekšsēdētājs", "Domes deputāts"] };

/// The departments; one that others are parts of stands before them.
pub(super) static DEPARTMENTS: [Department; 21] = [
    Department {
        code: LEADERSHIP,
        name: "Vadība",
        size: 6,
        titles: &[
            "Izpilddirektors",
            "Izpilddirektora vietnieks",
            "Iekšējais auditors",
            "Datu aizsardzības speciālists",
            "Kiberdrošības pārvaldnieks",
            "Padomnieks",
        ],
    },
    Department {
        code: "KAN",
        name: "Kanceleja",
        size: 5,
        titles: &["Kancelejas vadītājs", "Lietvedis", "Arhīva pārzinis", "Sekretārs"],
    },
    Department {
        code: "JUR",
        name: "Juridiskā nodaļa",
        size: 4,
        titles: &["Nodaļas vadītājs", "Jurists", "Iepirkumu speciālists"],
    },
    Department {
        code: "PER",
        name: "Personāla nodaļa",
        size: 3,
        titles: &["Nodaļas vadītājs", "Personāla speciālists", "Darba aizsardzības speciālists"],
    },
    Department {
        code: "FIN",
        name: "Finanšu pārvalde",
        size: 2,
        titles: &["Pārvaldes vadītājs", "Finanšu analītiķis"],
    },
    Department {
        code: "FIN-BUD",
        name: "Budžeta un ekonomikas nodaļa",
        size: 4,
        titles: &["Nodaļas vadītājs", "Ekonomists"],
    },
    Department {
        code: "FIN-GRA",
        name: "Grāmatvedības nodaļa",
        size: 7,
        titles: &["Galvenais grāmatvedis", "Grāmatvedis", "Algu grāmatvedis"],
    },
    Department {
        code: "FIN-NIN",
        name: "Nekustamā īpašuma nodokļa nodaļa",
        size: 5,
        titles: &["Nodaļas vadītājs", "Nodokļu administrators", "Nodokļu inspektors"],
    },
    Department {
        code: "ATT",
        name: "Attīstības un plānošanas nodaļa",
        size: 4,
        titles: &["Nodaļas vadītājs", "Projektu vadītājs", "Teritorijas plānotājs"],
    },
    Department {
        code: "BUV",
        name: "Būvvalde",
        size: 6,
        titles: &["Būvvaldes vadītājs", "Būvinspektors", "Arhitekts", "Būvinženieris"],
    },
    Department {
        code: "IPA",
        name: "Īpašumu nodaļa",
        size: 4,
        titles: &["Nodaļas vadītājs", "Nekustamo īpašumu speciālists", "Zemes ierīkotājs"],
    },
    Department {
        code: "INF",
        name: "Informācijas tehnoloģiju nodaļa",
        size: 5,
        titles: &["Nodaļas vadītājs", "Sistēmu administrators", "Lietotāju atbalsta speciālists", INTERN],
    },
    Department {
        code: "KLI",
        name: "Klientu apkalpošanas centrs",
        size: 5,
        titles: &["Centra vadītājs", "Klientu apkalpošanas speciālists"],
    },
    Department {
        code: "DZI",
        name: "Dzimtsarakstu nodaļa",
        size: 3,
        titles: &["Nodaļas vadītājs", "Dzimtsarakstu speciālists"],
    },
    Department {
        code: "SOC",
        name: "Sociālais dienests",
        size: 10,
        titles: &[
            "Dienesta vadītājs",
            "Sociālais darbinieks",
            "Sociālās palīdzības organizators",
            "Sociālais rehabilitētājs",
            "Aprūpētājs",
        ],
    },
    Department {
        code: "BAR",
        name: "Bāriņtiesa",
        size: 4,
        titles: &["Bāriņtiesas priekšsēdētājs", "Bāriņtiesas loceklis"],
    },
    Department {
        code: "IZG",
        name: "Izglītības pārvalde",
        size: 5,
        titles: &["Pārvaldes vadītājs", "Izglītības speciālists", "Izglītības metodiķis", "Izglītības psihologs"],
    },
    Department {
        code: "KUL",
        name: "Kultūras un sporta nodaļa",
        size: 4,
        titles: &["Nodaļas vadītājs", "Kultūras pasākumu organizators", "Sporta darba organizators"],
    },
    Department {
        code: "KOM",
        name: "Komunikācijas nodaļa",
        size: 3,
        titles: &["Nodaļas vadītājs", "Sabiedrisko attiecību speciālists"],
    },
    Department {
        code: "POL",
        name: "Pašvaldības policija",
        size: 6,
        titles: &["Policijas priekšnieks", "Vecākais inspektors", "Inspektors"],
    },
    Department {
        code: "SAI",
        name: "Saimniecības nodaļa",
        size: 6,
        titles: &["Nodaļas vadītājs", "Autovadītājs", "Apkopējs", "Sētnieks", "Remontstrādnieks"],
    },
];
