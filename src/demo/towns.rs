//! The municipalities of the demonstration. None of them is on a map.

use crate::demo::institutions::{CARE, CULTURE, HOUSING, Institution, KINDERGARTEN, LIBRARY, SCHOOL, WATER};

/// A municipality.
pub struct Town {
    /// The name in addresses.
    pub slug: &'static str,
    /// The name in full.
    pub name: &'static str,
    /// A number of its own, so that each town has people of its own.
    pub(super) number: usize,
    pub(super) institutions: &'static [Institution],
    pub(super) companies: &'static [Institution],
}

/// The municipalities, in the order in which they are shown.
pub fn towns() -> &'static [Town] {
    &TOWNS
}

static TOWNS: [Town; 5] = [
    Town {
        slug: "berzaine",
        name: "Bērzaines novada pašvaldība",
        number: 1,
        institutions: &[
            Institution { code: "SKO-1", name: "Bērzaines vidusskola", kind: &SCHOOL, size: 26 },
            Institution { code: "SKO-2", name: "Strautmaļu pamatskola", kind: &SCHOOL, size: 14 },
            Institution { code: "PII-1", name: "Bērnudārzs „Bitīte”", kind: &KINDERGARTEN, size: 14 },
            Institution { code: "BIB", name: "Bērzaines bibliotēka", kind: &LIBRARY, size: 6 },
            Institution { code: "SAC", name: "Sociālās aprūpes centrs „Bērzi”", kind: &CARE, size: 12 },
        ],
        companies: &[
            Institution { code: "UDE", name: "SIA „Bērzaines ūdens”", kind: &WATER, size: 11 },
            Institution { code: "NAM", name: "SIA „Bērzaines namsaimnieks”", kind: &HOUSING, size: 9 },
        ],
    },
    Town {
        slug: "ozolkrasts",
        name: "Ozolkrasta novada pašvaldība",
        number: 2,
        institutions: &[
            Institution { code: "SKO-1", name: "Ozolkrasta vidusskola", kind: &SCHOOL, size: 24 },
            Institution { code: "SKO-2", name: "Gāršupes pamatskola", kind: &SCHOOL, size: 13 },
            Institution { code: "PII-1", name: "Bērnudārzs „Zīlīte”", kind: &KINDERGARTEN, size: 15 },
            Institution { code: "BIB", name: "Ozolkrasta bibliotēka", kind: &LIBRARY, size: 5 },
            Institution { code: "KUC", name: "Ozolkrasta kultūras centrs", kind: &CULTURE, size: 7 },
            Institution { code: "SAC", name: "Sociālās aprūpes centrs „Krasti”", kind: &CARE, size: 10 },
        ],
        companies: &[
            Institution { code: "UDE", name: "SIA „Ozolkrasta ūdens”", kind: &WATER, size: 9 },
            Institution { code: "NAM", name: "SIA „Ozolkrasta namsaimnieks”", kind: &HOUSING, size: 8 },
        ],
    },
    Town {
        slug: "dzirnavkalns",
        name: "Dzirnavkalna novada pašvaldība",
        number: 3,
        institutions: &[
            Institution { code: "SKO-1", name: "Dzirnavkalna vidusskola", kind: &SCHOOL, size: 28 },
            Institution { code: "SKO-2", name: "Zvirgzdupes pamatskola", kind: &SCHOOL, size: 15 },
            Institution { code: "PII-1", name: "Bērnudārzs „Rūķītis”", kind: &KINDERGARTEN, size: 16 },
            Institution { code: "PII-2", name: "Bērnudārzs „Dzirnaviņas”", kind: &KINDERGARTEN, size: 12 },
            Institution { code: "BIB", name: "Dzirnavkalna bibliotēka", kind: &LIBRARY, size: 5 },
            Institution { code: "SAC", name: "Sociālās aprūpes centrs „Melderi”", kind: &CARE, size: 9 },
        ],
        companies: &[
            Institution { code: "UDE", name: "SIA „Dzirnavkalna ūdens”", kind: &WATER, size: 10 },
            Institution { code: "NAM", name: "SIA „Dzirnavkalna namsaimnieks”", kind: &HOUSING, size: 9 },
        ],
    },
    Town {
        slug: "vejupe",
        name: "Vējupes novada pašvaldība",
        number: 4,
        institutions: &[
            Institution { code: "SKO-1", name: "Vējupes vidusskola", kind: &SCHOOL, size: 22 },
            Institution { code: "SKO-2", name: "Smilgaines pamatskola", kind: &SCHOOL, size: 10 },
            Institution { code: "PII-1", name: "Bērnudārzs „Pienenīte”", kind: &KINDERGARTEN, size: 14 },
            Institution { code: "BIB", name: "Vējupes bibliotēka", kind: &LIBRARY, size: 5 },
            Institution { code: "KUC", name: "Vējupes kultūras centrs", kind: &CULTURE, size: 6 },
            Institution { code: "SAC", name: "Sociālās aprūpes centrs „Vējiņi”", kind: &CARE, size: 11 },
        ],
        companies: &[Institution { code: "UDE", name: "SIA „Vējupes ūdens”", kind: &WATER, size: 12 }],
    },
    Town {
        slug: "mezsala",
        name: "Mežsalas novada pašvaldība",
        number: 5,
        institutions: &[
            Institution { code: "SKO-1", name: "Mežsalas vidusskola", kind: &SCHOOL, size: 23 },
            Institution { code: "SKO-2", name: "Skujupes pamatskola", kind: &SCHOOL, size: 12 },
            Institution { code: "PII-1", name: "Bērnudārzs „Čiekuriņš”", kind: &KINDERGARTEN, size: 13 },
            Institution { code: "BIB", name: "Mežsalas bibliotēka", kind: &LIBRARY, size: 5 },
            Institution { code: "KUC", name: "Mežsalas kultūras centrs", kind: &CULTURE, size: 6 },
            Institution { code: "SAC", name: "Sociālās aprūpes centrs „Saulgrieži”", kind: &CARE, size: 10 },
        ],
        companies: &[
            Institution { code: "UDE", name: "SIA „Mežsalas ūdens”", kind: &WATER, size: 8 },
            Institution { code: "NAM", name: "SIA „Mežsalas namsaimnieks”", kind: &HOUSING, size: 8 },
        ],
    },
];
