//! Texts of Fluent in the languages of the service.

use fluent_bundle::{FluentArgs, FluentError, FluentResource, concurrent::FluentBundle};

use crate::language::Language;

type Bundle = FluentBundle<FluentResource>;

/// The same texts in every language.
pub struct Bundles {
    latvian: Bundle,
    english: Bundle,
}

impl Bundles {
    /// Of two sources with the same keys.
    pub fn new(latvian: &str, english: &str) -> Self {
        Self { latvian: bundle(Language::Latvian, latvian), english: bundle(Language::English, english) }
    }

    /// A text, or one part of it, with its arguments, and what was wrong with it.
    pub fn format(
        &self,
        language: Language,
        key: &str,
        part: Option<&str>,
        args: Option<&FluentArgs<'_>>,
    ) -> (String, Vec<FluentError>) {
        let bundle = match language {
            Language::Latvian => &self.latvian,
            Language::English => &self.english,
        };
        let message = bundle.get_message(key);
        let pattern = message.and_then(|message| match part {
            Some(name) => message.get_attribute(name).map(|attribute| attribute.value()),
            None => message.value(),
        });
        let mut errors = Vec::new();
        // A test sees to it that every text is there.
        let text = pattern.map(|pattern| bundle.format_pattern(pattern, args, &mut errors).into_owned());
        (text.unwrap_or_else(|| key.to_owned()), errors)
    }

    /// Whether there is such a text.
    pub fn has(&self, language: Language, key: &str) -> bool {
        match language {
            Language::Latvian => self.latvian.has_message(key),
            Language::English => self.english.has_message(key),
        }
    }
}

fn bundle(language: Language, source: &str) -> Bundle {
    // What is wrong with one text does not take away the others; a test sees to it that nothing is.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
    let mut bundle = Bundle::new_concurrent(vec![language.word().parse().unwrap_or_default()]);
    bundle.set_use_isolating(false);
    // Nothing was there before.
    let _ = bundle.add_resource(resource);
    bundle
}
