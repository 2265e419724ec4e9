//! What a municipality has beside its administration: institutions and companies of a few kinds.

use crate::demo::departments::LEADERSHIP;

/// An institution or a company of one town.
pub(super) struct Institution {
    /// The code in the municipality's register.
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: &'static Kind,
    /// How many people work there.
    pub(super) size: usize,
}

/// What institutions of one kind have in common.
pub(super) struct Kind {
    /// The code of the department whose head the institution's head reports to.
    pub(super) under: &'static str,
    /// The first title is the head's; the others take turns at the rest.
    pub(super) sections: &'static [Section],
}

/// A department inside an institution, with the titles in it.
pub(super) struct Section(pub(super) &'static str, pub(super) &'static [&'static str]);

pub(super) static SCHOOL: Kind = Kind {
    under: "IZG",
    sections: &[
        Section("Vadība", &["Direktors", "Direktora vietnieks", "Lietvedis"]),
        Section(
            "Pedagogi",
            &[
                "Latviešu valodas skolotājs",
                "Matemātikas skolotājs",
                "Sākumskolas skolotājs",
                "Angļu valodas skolotājs",
                "Dabaszinību skolotājs",
                "Vēstures skolotājs",
                "Mūzikas skolotājs",
                "Sporta skolotājs",
            ],
        ),
        Section("Atbalsta personāls", &["Sociālais pedagogs", "Skolas psihologs", "Skolas bibliotekārs"]),
        Section("Saimniecības daļa", &["Pavārs", "Apkopējs", "Dežurants"]),
    ],
};

pub(super) static KINDERGARTEN: Kind = Kind {
    under: "IZG",
    sections: &[
        Section("Vadība", &["Vadītājs", "Lietvedis"]),
        Section("Pedagogi", &["Pirmsskolas skolotājs", "Skolotāja palīgs", "Logopēds", "Mūzikas skolotājs"]),
        Section("Saimniecības daļa", &["Pavārs", "Apkopējs"]),
    ],
};

pub(super) static LIBRARY: Kind = Kind {
    under: "KUL",
    sections: &[
        Section("Vadība", &["Direktors"]),
        Section("Lasītāju apkalpošanas nodaļa", &["Bibliotekārs", "Bērnu literatūras bibliotekārs"]),
        Section("Komplektēšanas nodaļa", &["Bibliogrāfs"]),
    ],
};

pub(super) static CULTURE: Kind = Kind {
    under: "KUL",
    sections: &[
        Section("Vadība", &["Direktors"]),
        Section("Pasākumu daļa", &["Kultūras pasākumu organizators", "Kora diriģents", "Skaņu operators"]),
        Section("Saimniecības daļa", &["Dežurants"]),
    ],
};

pub(super) static CARE: Kind = Kind {
    under: "SOC",
    sections: &[
        Section("Vadība", &["Direktors", "Lietvedis"]),
        Section("Aprūpes nodaļa", &["Aprūpētājs", "Sociālais aprūpētājs", "Sociālais darbinieks"]),
        Section("Veselības punkts", &["Ārsta palīgs", "Fizioterapeits"]),
        Section("Saimniecības daļa", &["Pavārs", "Apkopējs"]),
    ],
};

pub(super) static WATER: Kind = Kind {
    under: LEADERSHIP,
    sections: &[
        Section("Valde", &["Valdes loceklis"]),
        Section("Tīklu daļa", &["Tīklu inženieris", "Santehniķis", "Avārijas dienesta atslēdznieks"]),
        Section("Attīrīšanas iekārtas", &["Iekārtu operators", "Laborants"]),
        Section("Abonentu daļa", &["Abonentu apkalpošanas speciālists", "Grāmatvedis"]),
    ],
};

pub(super) static HOUSING: Kind = Kind {
    under: LEADERSHIP,
    sections: &[
        Section("Valde", &["Valdes loceklis"]),
        Section("Apsaimniekošanas daļa", &["Namu pārvaldnieks", "Sētnieks", "Remontstrādnieks", "Elektriķis"]),
        Section("Norēķinu daļa", &["Norēķinu operators", "Grāmatvedis"]),
    ],
};
