//! In which language the program speaks.

use crate::domain::language::Language;
use crate::phrases;

/// The language of this run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speech {
    pub(super) language: Language,
    /// Language of messages inside JSON: depends on `--lang` only, so that output is repeatable.
    pub(super) data_language: Language,
}

pub(super) fn parse_language(text: &str) -> Result<Language, String> {
    text.parse()
}

impl Speech {
    pub(super) fn new(asked: Option<Language>) -> Self {
        let language = asked.unwrap_or_else(from_environment);
        Self {
            language,
            data_language: asked.unwrap_or_default(),
        }
    }

    pub(super) fn text(&self, key: &str, params: &[(&'static str, String)]) -> String {
        let arguments: Vec<_> = params
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        phrases::text(self.language, key, &arguments)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line reads the user's locale"
)]
fn from_environment() -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    match set {
        Some(locale) if locale.starts_with("vi") => Language::Vietnamese,
        Some(_) => Language::English,
        None => Language::Vietnamese,
    }
}
