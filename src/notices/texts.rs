//! The words, in both languages: one file each below `locales/`, read once.

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentError, FluentValue};
use rights::{Instant, Notice};

use crate::{
    language::Language,
    wording::{Bundles, moment},
};

/// The longest name that is repeated, in characters.
const LONGEST: usize = 200;

static NOTICES: LazyLock<Bundles> = LazyLock::new(|| {
    Bundles::new(include_str!("../../locales/lv/notices.ftl"), include_str!("../../locales/en/notices.ftl"))
});

/// What somebody reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// In a line.
    pub subject: String,
    /// In some lines.
    pub text: String,
}

/// What is named in it; nothing where what had the name is gone.
#[derive(Clone, Debug, Default)]
pub(super) struct Words<'a> {
    pub(super) entitlement: Option<&'a str>,
    pub(super) application: Option<&'a str>,
    pub(super) subject: Option<&'a str>,
    pub(super) requester: Option<&'a str>,
    pub(super) number: Option<String>,
    pub(super) rule: Option<&'a str>,
    pub(super) at: Option<Instant>,
    pub(super) days: Option<i64>,
    pub(super) reason: Option<&'a str>,
}

/// What somebody is told, in a language.
pub(super) fn say(language: Language, notice: Notice, words: &Words<'_>) -> Said {
    let args = arguments(language, words);
    let part = |name| format(language, notice.word(), Some(name), Some(&args)).0;
    Said { subject: clean(&part("subject")), text: part("text") }
}

/// Why a deputy hears of it.
pub fn deputy_line(language: Language, name: Option<&str>) -> String {
    let mut args = FluentArgs::new();
    args.set("name", name.map_or_else(|| plain(language, "gone-person"), clean));
    format(language, "deputy", None, Some(&args)).0
}

/// That nobody has to answer a mail.
pub fn automatic(language: Language) -> String {
    plain(language, "automatic")
}

fn plain(language: Language, key: &str) -> String {
    format(language, key, None, None).0
}

fn arguments<'a>(language: Language, words: &Words<'a>) -> FluentArgs<'a> {
    let mut args = FluentArgs::new();
    let names = [
        ("entitlement", words.entitlement, "gone-entitlement"),
        ("application", words.application, "gone-application"),
        ("subject", words.subject, "gone-person"),
        ("requester", words.requester, "gone-person"),
        ("number", words.number.as_deref(), "gone-request"),
        ("rule", words.rule, "gone-rule"),
    ];
    for (name, word, gone) in names {
        args.set(name, word.map_or_else(|| plain(language, gone), clean));
    }
    args.set("at", words.at.map_or_else(|| "none".to_owned(), |at| moment(language, at)));
    args.set("days", FluentValue::from(words.days.unwrap_or_default()));
    args.set("reason", words.reason.unwrap_or_default().to_owned());
    args
}

/// A name as it may stand in a line of a mail: nothing in it begins another line, or turns what is written around.
pub(super) fn clean(name: &str) -> String {
    let is_foreign = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let spaced: String = name.chars().map(|letter| if is_foreign(letter) { ' ' } else { letter }).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST).collect()
}

/// A text with its arguments, and what was wrong with it.
fn format(
    language: Language,
    key: &str,
    part: Option<&str>,
    args: Option<&FluentArgs<'_>>,
) -> (String, Vec<FluentError>) {
    NOTICES.format(language, key, part, args)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fluent_bundle::FluentResource;

    use super::*;

    const SOURCES: [&str; 2] =
        [include_str!("../../locales/lv/notices.ftl"), include_str!("../../locales/en/notices.ftl")];

    fn words() -> Words<'static> {
        Words {
            entitlement: Some("Vērtētājs"),
            application: Some("Nodoklis"),
            subject: Some("Anna Kalniņa"),
            requester: Some("Māra Ozola"),
            number: Some("PR-2026-000001".into()),
            rule: Some("Maksā un grāmato"),
            // Friday 13 March 2026, 14:50 UTC.
            at: Some(Instant::from_millis(1_773_413_400_000)),
            days: Some(14),
            reason: Some("expired"),
        }
    }

    #[test]
    fn both_languages_are_read_whole_and_have_the_same_keys() {
        let keys = SOURCES.map(|source| {
            assert!(FluentResource::try_new(source.to_owned()).is_ok());
            let is_key = |line: &&str| line.starts_with(|letter: char| letter.is_ascii_alphabetic());
            source.lines().filter(is_key).filter_map(|line| line.split(" =").next()).collect::<BTreeSet<_>>()
        });
        assert_eq!(keys[0], keys[1]);
        assert!(Notice::ALL.iter().all(|notice| keys[0].contains(notice.word())));
    }

    #[test]
    fn every_notice_has_its_words_and_none_lacks_an_argument() {
        for language in Language::ALL {
            let args = arguments(language, &words());
            for notice in Notice::ALL {
                for part in ["subject", "text"] {
                    let (text, errors) = format(language, notice.word(), Some(part), Some(&args));
                    assert!(errors.is_empty(), "{language:?} {notice:?} {part}: {errors:?}");
                    assert!(text.len() > 10 && !text.contains('{') && !text.contains('$'), "{notice:?}: {text}");
                    assert!(!text.contains("none"), "{language:?} {notice:?} {part}: {text}");
                }
                // Nothing of it names what is not there.
                let gone = say(language, notice, &Words::default());
                assert!(!gone.subject.is_empty() && !gone.text.contains('$'), "{gone:?}");
            }
            for (key, arguments) in [("deputy", true), ("automatic", false), ("gone-rule", false)] {
                let mut args = FluentArgs::new();
                args.set("name", "x");
                assert!(format(language, key, None, arguments.then_some(&args)).1.is_empty(), "{key}");
            }
        }
    }

    #[test]
    fn days_and_instants_are_written_as_they_are_read() {
        let text = |language, days| say(language, Notice::EndsSoon, &Words { days: Some(days), ..words() }).text;
        for (days, expected) in [
            (1, "atlikusi 1 diena"),
            (2, "atlikušas 2 dienas"),
            (7, "atlikušas 7 dienas"),
            (11, "atlikušas 11 dienas"),
            (21, "atlikusi 21 diena"),
            (30, "atlikušas 30 dienas"),
        ] {
            assert!(text(Language::Latvian, days).contains(expected), "{}", text(Language::Latvian, days));
        }
        assert!(text(Language::English, 1).contains("1 day is left"));
        assert!(text(Language::English, 21).contains("21 days are left"));
        assert!(text(Language::Latvian, 1).contains("13.03.2026. plkst. 16:50"));
        assert!(text(Language::English, 1).contains("13 March 2026, 16:50"));
        // In summer it is an hour later.
        assert_eq!(moment(Language::Latvian, Instant::from_millis(1_782_000_000_000)), "21.06.2026. plkst. 03:00");
    }

    #[test]
    fn nothing_of_a_name_begins_a_line() {
        let wicked = "Vērtētājs\r\nBcc: everybody@example.com\u{2028}\u{202e}x\u{0}";
        for language in Language::ALL {
            for notice in Notice::ALL {
                let names = Words {
                    entitlement: Some(wicked),
                    application: Some(wicked),
                    subject: Some(wicked),
                    requester: Some(wicked),
                    rule: Some(wicked),
                    ..words()
                };
                let Said { subject, text } = say(language, notice, &names);
                assert!(!subject.contains(char::is_control) && !subject.contains('\u{202e}'), "{subject}");
                let lines = |said: &str| said.lines().count();
                assert_eq!(lines(&text), lines(&say(language, notice, &words()).text), "{text}");
            }
        }
        assert_eq!(clean(&"x".repeat(1000)).len(), LONGEST);
    }
}
