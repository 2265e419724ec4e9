//! Titles of positions: the list of positions has them as a man bears them.

/// How nouns end of a man and of a woman; the first that fits counts.
const ENDINGS: [(&str, &str); 7] =
    [("ājs", "āja"), ("ējs", "ēja"), ("nieks", "niece"), ("ogs", "oģe"), ("īgs", "īdze"), ("is", "e"), ("s", "e")];

/// The title as a woman bears it.
pub(super) fn of_woman(title: &str) -> String {
    // An adjective agrees with its noun.
    let title = title.replace("ais ", "ā ");
    let agreeing = ENDINGS.iter().find_map(|&(his, hers)| Some(format!("{}{hers}", title.strip_suffix(his)?)));
    agreeing.unwrap_or(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_agree() {
        for (his, hers) in [
            ("Nodaļas vadītājs", "Nodaļas vadītāja"),
            ("Nodokļu administrators", "Nodokļu administratore"),
            ("Sociālais darbinieks", "Sociālā darbiniece"),
            ("Sociālais pedagogs", "Sociālā pedagoģe"),
            ("Galvenais grāmatvedis", "Galvenā grāmatvede"),
            ("Ārsta palīgs", "Ārsta palīdze"),
            ("Apkopējs", "Apkopēja"),
        ] {
            assert_eq!(of_woman(his), hers);
        }
    }
}
