//! The languages of the service.

use scim::{Document, schema::Container};
use serde_json::Value;
use store::Names;

/// A language of the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Latvian, where nobody says.
    #[default]
    Latvian,
    /// English.
    English,
}

impl Language {
    /// Every one of them.
    pub const ALL: [Self; 2] = [Self::Latvian, Self::English];

    /// The language as it is written (RFC 5646).
    pub fn word(self) -> &'static str {
        match self {
            Self::Latvian => "lv",
            Self::English => "en",
        }
    }

    /// That of a tag such as `lv-LV`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.word()))
    }

    /// The one that somebody likes best of what they take (RFC 9110 §12.5.4); the first of those that they like alike.
    pub fn accepted(header: &str) -> Option<Self> {
        let weighed = header.split(',').filter_map(|part| {
            let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
            let quality = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |quality| quality.trim().parse().ok());
            let quality: f32 = quality.filter(|quality| *quality > 0.0)?;
            Some((Self::of_tag(tag)?, quality))
        });
        let better = |best: (Self, f32), next: (Self, f32)| if next.1 > best.1 { next } else { best };
        weighed.reduce(better).map(|(language, _)| language)
    }

    /// That in which somebody is written to.
    pub fn of_user(user: &Document) -> Self {
        let preferred = user.get(Container::Root, "preferredLanguage").and_then(Value::as_str);
        preferred.and_then(Self::accepted).unwrap_or_default()
    }

    /// A name in this language, or in the other where there is none.
    pub fn of(self, names: &Names) -> &str {
        let (own, other) = match self {
            Self::Latvian => (&names.lv, &names.en),
            Self::English => (&names.en, &names.lv),
        };
        own.as_deref().or(other.as_deref()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_is_taken() {
        let (lv, en) = (Some(Language::Latvian), Some(Language::English));
        for (header, expected) in [
            ("lv", lv),
            ("en-GB,en;q=0.9,lv;q=0.8", en),
            ("de, lv-LV;q=0.3, en;q=0.2", lv),
            ("EN", en),
            ("lv;q=0, en;q=0.1", en),
            ("de", None),
            ("*", None),
            ("", None),
            ("en;q=x", None),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
    }

    #[test]
    fn a_name_is_found_in_some_language() {
        let names = Names { lv: None, en: Some("Clerk".into()) };
        assert_eq!(Language::Latvian.of(&names), "Clerk");
    }
}
