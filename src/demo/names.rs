//! Names of people, as they are borne in Latvia: a woman's family name agrees with her.

use crate::demo::chance::{Of, draw, pick};

const WOMEN: &[&str] = &[
    "Agnese", "Aija", "Aiga", "Anita", "Anna", "Baiba", "Dace", "Daina", "Diāna", "Elīna", "Evija", "Guna", "Gunta",
    "Ieva", "Ilona", "Ilze", "Inese", "Inga", "Ināra", "Irina", "Jana", "Krista", "Laima", "Laura", "Līga", "Lāsma",
    "Madara", "Maija", "Mārīte", "Olga", "Rasa", "Rūta", "Sandra", "Santa", "Sanita", "Signe", "Svetlana", "Vija",
    "Zane", "Žanete",
];
const MEN: &[&str] = &[
    "Agris", "Ainārs", "Aivars", "Aleksejs", "Andris", "Artūrs", "Arvīds", "Dainis", "Edgars", "Gatis", "Guntis",
    "Gints", "Ilmārs", "Imants", "Ivars", "Jānis", "Juris", "Kaspars", "Kārlis", "Ķirils", "Māris", "Mārcis",
    "Normunds", "Oskars", "Pēteris", "Raimonds", "Reinis", "Sergejs", "Toms", "Uldis", "Valdis", "Viktors", "Zigmārs",
    "Žanis", "Ģirts",
];

/// Stems of family names with the endings of a man's and a woman's.
const FAMILIES: &[([&str; 2], &[&str])] = &[
    (["š", "a"], &["Bērziņ", "Kalniņ", "Liepiņ", "Ozoliņ", "Krūmiņ", "Zariņ", "Siliņ", "Kārkliņ", "Avotiņ", "Āboliņ"]),
    (["š", "a"], &["Vilciņ", "Kļaviņ", "Celmiņ", "Strautiņ", "Egliņ", "Grīniņ", "Skujiņ", "Pūriņ", "Dārziņ", "Ķirsiņ"]),
    (["š", "a"], &["Lapiņ", "Kociņ", "Rubiņ", "Zeltiņ", "Ziediņ", "Putniņ", "Ķēniņ", "Kundziņ", "Vītoliņ", "Gulbiņ"]),
    (["s", "a"], &["Ozol", "Vītol", "Kalēj", "Kronberg", "Grīnberg", "Liepkaln", "Vilk", "Strazd", "Ābol", "Vanag"]),
    (["is", "e"], &["Balod", "Apsīt", "Eglīt", "Zālīt", "Rudzīt", "Lāc", "Bried", "Ērgl", "Gail", "Zvirbul"]),
    (["is", "e"], &["Kalvīt", "Ābelīt", "Krūzīt", "Freiman", "Dreiman", "Dzen", "Ķirs", "Kurm", "Ezerīt", "Roķ"]),
    (["s", "e"], &["Janson", "Pēterson", "Jēkabson", "Anderson", "Šmit", "Šulc", "Miller", "Vēber", "Ķezber"]),
    (["", ""], &["Liepa", "Kļava", "Priede", "Egle", "Roze", "Vētra", "Cauna", "Irbe", "Butkus", "Čakste"]),
    (["s", "a"], &["Ivanov", "Petrov", "Kuzņecov", "Vasiļjev", "Adamovič", "Stankevič", "Kazlausk", "Petrausk"]),
    (["is", "a"], &["Kozlovsk", "Jankovsk", "Sokolovsk", "Baranovsk", "Vaļinsk", "Žukovsk"]),
];

/// A person's name.
pub(super) struct Name {
    pub(super) given: &'static str,
    pub(super) family: String,
    pub(super) is_woman: bool,
}

impl Name {
    /// The name that a person has by their number.
    pub(super) fn of(person: usize) -> Self {
        let is_woman = draw(person, Of::Sex) % 8 < 5;
        let given = pick(if is_woman { WOMEN } else { MEN }, draw(person, Of::Given));
        let seed = draw(person, Of::Family);
        let mut family = surname(seed, is_woman);
        // Some keep the name they were born with beside the one they married into.
        if is_woman && draw(person, Of::Double) % 40 == 7 {
            family = format!("{}-{family}", surname(seed + 1, is_woman));
        }
        Self { given, family, is_woman }
    }

    /// Both parts, as they are spoken.
    pub(super) fn full(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// Both parts, as they stand in an address.
    pub(super) fn in_ascii(&self) -> String {
        format!("{}.{}", self.given, self.family).to_lowercase().chars().map(without_mark).collect()
    }
}

fn surname(number: usize, is_woman: bool) -> String {
    let (endings, stems) = pick(FAMILIES, number);
    let stem = pick(stems, number / FAMILIES.len());
    format!("{stem}{}", endings[usize::from(is_woman)])
}

fn without_mark(letter: char) -> char {
    match letter {
        'ā' => 'a',
        'č' => 'c',
        'ē' => 'e',
        'ģ' => 'g',
        'ī' => 'i',
        'ķ' => 'k',
        'ļ' => 'l',
        'ņ' => 'n',
        'š' => 's',
        'ū' => 'u',
        'ž' => 'z',
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn family_names_agree() {
        assert_eq!([false, true].map(|is_woman| surname(0, is_woman)), ["Bērziņš", "Bērziņa"]);
        assert_eq!([false, true].map(|is_woman| surname(4, is_woman)), ["Balodis", "Balode"]);
        assert_eq!([false, true].map(|is_woman| surname(7, is_woman)), ["Liepa", "Liepa"]);
    }

    #[test]
    fn addresses_are_ascii() {
        let name = Name { given: "Ģertrūde", family: "Šķēle-Žīļuņča".into(), is_woman: true };
        assert_eq!(name.in_ascii(), "gertrude.skele-zilunca");
    }
}
