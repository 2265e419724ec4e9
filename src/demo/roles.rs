//! Groups that open a system to those whose work needs it, wherever they sit.

/// Such a group.
pub(super) struct Role {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// Units that have it as a whole, by their codes.
    pub(super) units: &'static [&'static str],
    /// Titles whose holders have it.
    pub(super) titles: &'static [&'static str],
}

pub(super) static ROLES: [Role; 10] = [
    Role {
        code: "NOD-LIETOTAJI",
        name: "Nodokļu sistēma – lietotāji",
        units: &["FIN-NIN"],
        titles: &["Klientu apkalpošanas speciālists", "Nekustamo īpašumu speciālists"],
    },
    Role {
        code: "NOD-ADMINISTRATORI",
        name: "Nodokļu sistēma – administratori",
        units: &[],
        titles: &["Sistēmu administrators"],
    },
    Role {
        code: "LIE-LIETOTAJI",
        name: "Lietvedības sistēma – lietotāji",
        units: &["ADM", "DOM"],
        titles: &["Direktors", "Direktora vietnieks", "Lietvedis", "Vadītājs", "Valdes loceklis"],
    },
    Role {
        code: "LIE-ADMINISTRATORI",
        name: "Lietvedības sistēma – administratori",
        units: &[],
        titles: &["Arhīva pārzinis", "Kancelejas vadītājs"],
    },
    Role {
        code: "GRA-LIETOTAJI",
        name: "Grāmatvedības sistēma – lietotāji",
        units: &["FIN-GRA", "FIN-BUD"],
        titles: &["Finanšu analītiķis", "Iekšējais auditors"],
    },
    Role {
        code: "PER-LIETOTAJI",
        name: "Personāla sistēma – lietotāji",
        units: &["PER"],
        titles: &["Algu grāmatvedis"],
    },
    Role {
        code: "BUV-LIETOTAJI",
        name: "Būvniecības sistēma – lietotāji",
        units: &["BUV"],
        titles: &["Teritorijas plānotājs", "Zemes ierīkotājs"],
    },
    Role {
        code: "SOC-LIETOTAJI",
        name: "Sociālās palīdzības sistēma – lietotāji",
        units: &["SOC", "BAR"],
        titles: &["Sociālais darbinieks", "Sociālais pedagogs"],
    },
    Role {
        code: "SKO-LIETOTAJI",
        name: "Skolvadības sistēma – lietotāji",
        units: &["IZG", "SKO-1", "SKO-2"],
        titles: &["Pirmsskolas skolotājs"],
    },
    Role {
        code: "DZI-LIETOTAJI",
        name: "Dzimtsarakstu sistēma – lietotāji",
        units: &["DZI"],
        titles: &["Datu aizsardzības speciālists"],
    },
];
