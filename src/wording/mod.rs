//! Why something is not done, in the language of whoever asked: the words stand in `locales/`, and what is refused says only which
//! of them are meant. What nobody but administrators is told may be written in English where it happens.

mod bundle;
mod refusals;

use std::{borrow::Cow, fmt, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentValue};
use rights::{Instant, calendar::local};
use time::macros::format_description;

pub use bundle::Bundles;

use crate::language::Language;

static PROBLEMS: LazyLock<Bundles> = LazyLock::new(|| {
    Bundles::new(include_str!("../../locales/lv/problems.ftl"), include_str!("../../locales/en/problems.ftl"))
});

/// A text in every language of the service, with what is named in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    key: Cow<'static, str>,
    args: Vec<(Cow<'static, str>, Arg)>,
}

/// What is named in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// A number.
    Number(i64),
    /// A name, as it is.
    Name(String),
    /// An instant, as people read it.
    At(Instant),
    /// Other words.
    Phrase(Phrase),
}

/// What somebody is told: in every language, or in English alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// In English, as it was written.
    English(String),
    /// In every language.
    Phrase(Phrase),
}

/// The words of that name in every language.
pub fn phrase(key: impl Into<Cow<'static, str>>) -> Phrase {
    Phrase { key: key.into(), args: Vec::new() }
}

impl Phrase {
    /// The same with something that is named in it.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, arg: impl Into<Arg>) -> Self {
        self.args.push((name.into(), arg.into()));
        self
    }

    /// That there is no such thing, if the thing has a name in every language.
    pub fn of_missing(what: &str) -> Option<Self> {
        let said = phrase(format!("missing-{}", what.replace(' ', "-")));
        PROBLEMS.has(Language::English, &said.key).then_some(said)
    }

    /// The words in a language.
    pub fn say(&self, language: Language) -> String {
        let mut args = FluentArgs::new();
        for (name, arg) in &self.args {
            args.set(name.as_ref(), arg.say(language));
        }
        PROBLEMS.format(language, &self.key, None, Some(&args)).0
    }

    /// The same words, or those of another key where nobody has written these.
    pub(crate) fn or(self, key: &'static str) -> Self {
        if PROBLEMS.has(Language::English, &self.key) { self } else { phrase(key) }
    }
}

impl Arg {
    fn say(&self, language: Language) -> FluentValue<'static> {
        match self {
            Self::Number(number) => FluentValue::from(*number),
            Self::Name(name) => FluentValue::from(name.clone()),
            Self::At(at) => FluentValue::from(match language {
                Language::Latvian => moment(language, *at),
                // As in fields: whoever reads English may be a program's author.
                Language::English => at.to_string(),
            }),
            Self::Phrase(phrase) => FluentValue::from(phrase.say(language)),
        }
    }
}

impl Text {
    /// In English alone: for the command line, for programs, and for what comes from below. A test knows who says so.
    pub fn english(text: impl Into<String>) -> Self {
        Self::English(text.into())
    }

    /// In a language, or in English where there are no other words.
    pub fn say(&self, language: Language) -> Cow<'_, str> {
        match self {
            Self::English(text) => Cow::Borrowed(text),
            Self::Phrase(phrase) => Cow::Owned(phrase.say(language)),
        }
    }

    /// Whether it can be said in that language.
    pub fn is_in(&self, language: Language) -> bool {
        matches!(self, Self::Phrase(_)) || language == Language::English
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Language::English))
    }
}

impl<T: Into<Phrase>> From<T> for Text {
    fn from(phrase: T) -> Self {
        Self::Phrase(phrase.into())
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Arg {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u32> for Arg {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Arg {
    fn from(number: u64) -> Self {
        Self::Number(number.try_into().unwrap_or(i64::MAX))
    }
}

impl From<usize> for Arg {
    fn from(number: usize) -> Self {
        Self::Number(number.try_into().unwrap_or(i64::MAX))
    }
}

impl From<String> for Arg {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<&str> for Arg {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<Instant> for Arg {
    fn from(at: Instant) -> Self {
        Self::At(at)
    }
}

impl From<Phrase> for Arg {
    fn from(phrase: Phrase) -> Self {
        Self::Phrase(phrase)
    }
}

/// An instant as people in Latvia read it.
pub fn moment(language: Language, at: Instant) -> String {
    let (day, time) = local(at);
    let clock = format_description!("[hour]:[minute]");
    let clock = time.format(clock).unwrap_or_default();
    match language {
        Language::Latvian => {
            format!("{:02}.{:02}.{}. plkst. {clock}", day.day(), u8::from(day.month()), day.year())
        }
        Language::English => format!("{} {} {}, {clock}", day.day(), day.month(), day.year()),
    }
}

/// That a number, or a count, lies outside of what it may be.
pub fn between(least: impl Into<Arg>, most: impl Into<Arg>) -> Phrase {
    phrase("must-be-between").with("least", least).with("most", most)
}

/// The title of problems of a kind; `about:blank` has that of its status (RFC 9457 §4.2.1).
pub fn title(kind: Option<&str>, status: u16) -> Phrase {
    match kind {
        Some(kind) => phrase(format!("title-{kind}")),
        None => phrase(format!("status-{status}")).or("status-other"),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use super::*;

    const SOURCES: [&str; 2] =
        [include_str!("../../locales/lv/problems.ftl"), include_str!("../../locales/en/problems.ftl")];

    /// The keys of a source, each with what it names.
    fn keys(source: &str) -> BTreeMap<&str, Vec<&str>> {
        let mut keys: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut key = "";
        for line in source.lines() {
            if let Some((name, _)) =
                line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_alphabetic()))
            {
                key = name;
                keys.entry(key).or_default();
            }
            for named in line.split('$').skip(1) {
                let end = named.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(named.len());
                let named = &named[..end];
                let of = keys.entry(key).or_default();
                if !of.contains(&named) {
                    of.push(named);
                }
            }
        }
        keys.values_mut().for_each(|named| named.sort_unstable());
        keys
    }

    #[test]
    fn both_languages_have_the_same_keys_and_name_the_same() {
        for source in SOURCES {
            assert!(fluent_bundle::FluentResource::try_new(source.to_owned()).is_ok());
        }
        let [latvian, english] = SOURCES.map(keys);
        assert_eq!(latvian, english);
    }

    /// What is missing in other ways: a part of a wish, and what the command line reads.
    const OTHERS: [&str; 2] = ["import", "there is no such client"];

    /// Whatever key the sources name is there: `phrase("…")`, `code = "…"` of fields, `refuse("…")`, and of what is missing.
    #[test]
    fn every_key_that_is_named_has_words() {
        fn look(folder: &Path, known: &BTreeMap<&str, Vec<&str>>, seen: &mut usize) {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    look(&path, known, seen);
                    continue;
                }
                let text = fs::read_to_string(&path).expect("a source");
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                for opening in ["phrase(\"", "code = \"", ".or(\"", "refuse(\""] {
                    for key in code.split(opening).skip(1).filter_map(|rest| rest.split('"').next()) {
                        assert!(known.contains_key(key), "{}: {key}", path.display());
                        *seen += 1;
                    }
                }
                for opening in ["Missing(\"", "CALLED: &'static str = \""] {
                    for what in code.split(opening).skip(1).filter_map(|rest| rest.split('"').next()) {
                        // What else is called missing has words of its own.
                        let key = format!("missing-{}", what.replace(' ', "-"));
                        assert!(known.contains_key(&*key) || OTHERS.contains(&what), "{}: {key}", path.display());
                    }
                }
            }
        }
        let mut seen = 0;
        look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &keys(SOURCES[0]), &mut seen);
        assert!(seen > 50, "{seen}");
    }

    #[test]
    fn what_is_named_stands_in_the_text() {
        let said = phrase("must-be-between").with("least", 1).with("most", 20);
        assert_eq!(said.say(Language::English), "must be 1 to 20");
        assert_eq!(said.say(Language::Latvian), "jābūt no 1 līdz 20");
        let at = phrase("flaw-endAfter").with("at", Instant::from_millis(1_773_413_400_000));
        assert!(at.say(Language::Latvian).contains("13.03.2026. plkst. 16:50"));
        assert!(Text::english("x").say(Language::Latvian) == "x" && !Text::english("x").is_in(Language::Latvian));
        assert_eq!(title(None, 418), phrase("status-other"));
    }
}
