//! Text prepared for comparison: the one place that decides that `Ā` equals `ā`.
//!
//! For attributes with `caseExact: false` a value loses its invisible characters, is width-mapped, case-folded by Unicode's full
//! default folding and put into NFC, so that filter, sort and uniqueness agree (RFC 7643 §2.2,
//! RFC 7644 §7.8, and the mapping steps of RFC 8265 §3.3 for `userName`).

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;

/// Prepares text of an attribute whose case does not matter.
///
/// ```
/// assert_eq!(scim::fold::fold("ĀDAŽI"), scim::fold::fold("ādaži"));
/// assert_eq!(scim::fold::fold("A\u{304}"), scim::fold::fold("ā"));
/// ```
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let narrow = in_usual_width(text);
    let mapper = CaseMapper::new();
    // Folding can undo composition and composition can expose case (e.g. U+0345), so the steps are
    // repeated until they agree; two rounds settle every assigned character.
    let mut prepared = exact(&narrow);
    for _ in 0..3 {
        let next = exact(&mapper.fold_string(&prepared));
        if next == prepared {
            break;
        }
        prepared = next;
    }
    prepared
}

/// Prepares text of an attribute whose case matters: NFC and nothing else.
pub fn exact(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

/// Default-ignorable characters: two names that look alike because of them must not be two names.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Full-width and half-width forms become their usual selves (RFC 8265 §3.3.1).
fn in_usual_width(text: &str) -> String {
    let usual = ComposingNormalizerBorrowed::new_nfkc();
    let mut narrow = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        match c {
            '\u{3000}' => narrow.push(' '),
            '\u{FF01}'..='\u{FFEE}' => narrow.push_str(&usual.normalize(c.encode_utf8(&mut [0; 4]))),
            other => narrow.push(other),
        }
    }
    narrow
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latvian_letters_fold() {
        assert_eq!(fold("ĀČĒĢĪĶĻŅŠŪŽ"), "āčēģīķļņšūž");
    }

    #[test]
    fn composed_and_decomposed_are_one() {
        assert_eq!(fold("S\u{30C}a"), "ša");
        assert_eq!(fold("N\u{327}"), "ņ");
    }

    #[test]
    fn invisible_characters_make_no_other_name() {
        assert_eq!(fold("an\u{200B}na\u{AD}"), "anna");
        assert_eq!(fold("\u{FEFF}"), "");
    }

    #[test]
    fn folding_is_full_and_idempotent() {
        assert_eq!(fold("STRASSE"), fold("straße"));
        assert_eq!(fold("Ａｎｎａ"), "anna");
        assert_eq!(fold("\u{FF76}x"), fold("\u{30AB}x"));
        for text in ["İstanbul", "ΟΔΥΣΣΕΎΣ", "ᾳ\u{345}", "ǅ", "\u{1E9E}"] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }
}
