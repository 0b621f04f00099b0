//! The one catalogue of everything said to people, Vietnamese and English (Fluent, one file a room
//! in `assets/phrases/<language>/`). Enter by [`text`]. Knows nothing of who asks or why.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

use crate::domain::language::Language;

type Bundle = FluentBundle<FluentResource>;

macro_rules! catalogue {
    ($($file:literal),* $(,)?) => {
        /// The source of every catalogue file: name, Vietnamese, English.
        const FILES: &[(&str, &str, &str)] = &[$((
            $file,
            include_str!(concat!("../../assets/phrases/vi/", $file, ".ftl")),
            include_str!(concat!("../../assets/phrases/en/", $file, ".ftl")),
        )),*];
    };
}

catalogue!("refusal", "state", "verdict", "mail", "pages", "cli", "hub");

/// The phrase `key` in `language` with its placeholders filled from `arguments`.
///
/// A key missing in the language is looked up in the other one; a key missing in both gives the
/// key itself, so that nothing shown is ever empty. Values are inserted as they are: escaping for
/// HTML or a terminal is the caller's.
#[must_use]
pub fn text(language: Language, key: &str, arguments: &[(&str, &str)]) -> String {
    let other = match language {
        Language::Vietnamese => Language::English,
        Language::English => Language::Vietnamese,
    };
    lookup(language, key, arguments)
        .or_else(|| lookup(other, key, arguments))
        .unwrap_or_else(|| key.to_owned())
}

/// `text` from outside made harmless where it is shown: characters that steer a terminal become
/// spaces, and those that turn the direction of writing or cannot be seen become visible.
#[must_use]
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' => '\u{FFFD}',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

/// Whether the catalogue of `language` holds `key`.
#[must_use]
pub fn has(language: Language, key: &str) -> bool {
    bundle(language).has_message(key)
}

fn lookup(language: Language, key: &str, arguments: &[(&str, &str)]) -> Option<String> {
    let bundle = bundle(language);
    let pattern = bundle.get_message(key)?.value()?;
    let mut named = FluentArgs::new();
    for (name, value) in arguments {
        named.set(*name, *value);
    }
    let mut faults = Vec::new();
    Some(
        bundle
            .format_pattern(pattern, Some(&named), &mut faults)
            .into_owned(),
    )
}

fn bundle(language: Language) -> &'static Bundle {
    static VIETNAMESE: OnceLock<Bundle> = OnceLock::new();
    static ENGLISH: OnceLock<Bundle> = OnceLock::new();
    match language {
        Language::Vietnamese => VIETNAMESE.get_or_init(|| read(language)),
        Language::English => ENGLISH.get_or_init(|| read(language)),
    }
}

/// A fault in a catalogue file leaves its good messages in; the tests below refuse any fault.
fn read(language: Language) -> Bundle {
    let locale = language.to_string().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![locale]);
    bundle.set_use_isolating(false);
    for (_, vietnamese, english) in FILES {
        let source = language.pick(vietnamese, english);
        let resource = FluentResource::try_new(source.to_owned());
        bundle.add_resource_overriding(resource.unwrap_or_else(|(good, _)| good));
    }
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(source: &str) -> Vec<String> {
        let is_key = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
        let name = |line: &str| line.split('=').next().unwrap_or("").trim().to_owned();
        source.lines().filter(is_key).map(name).collect()
    }

    #[test]
    fn both_languages_say_the_same_things() {
        for (file, vietnamese, english) in FILES {
            let (vi, en): (BTreeSet<_>, BTreeSet<_>) = (
                keys(vietnamese).into_iter().collect(),
                keys(english).into_iter().collect(),
            );
            assert_eq!(vi, en, "{file}.ftl differs between the languages");
        }
    }

    #[test]
    fn no_phrase_is_said_twice_and_every_file_is_well_formed() {
        let mut seen = BTreeSet::new();
        for (file, vietnamese, english) in FILES {
            for source in [vietnamese, english] {
                let read = FluentResource::try_new((*source).to_owned());
                assert!(
                    read.is_ok(),
                    "{file}.ftl: {:?}",
                    read.err().map(|(_, faults)| faults)
                );
            }
            for key in keys(vietnamese) {
                assert!(
                    seen.insert(key.clone()),
                    "{key} stands twice (again in {file}.ftl)"
                );
            }
        }
    }

    #[test]
    fn placeholders_are_filled_without_invisible_marks() {
        let said = text(
            Language::English,
            "refusal-unknown-agency",
            &[("code", "H21.99")],
        );
        assert!(said.contains("H21.99") && said.is_ascii(), "{said}");
    }

    #[test]
    fn text_from_outside_neither_steers_a_terminal_nor_turns_around() {
        let hostile = "a\u{1b}[2J\u{202E}fdp.exe\u{200B}\nb";
        let shown = harmless(hostile);
        assert_eq!(shown, "a [2J\u{FFFD}fdp.exe\u{FFFD} b");
    }
}
