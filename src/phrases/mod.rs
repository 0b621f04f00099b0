//! The one catalogue of everything said to people, Vietnamese and English (Fluent, one file a room
//! in `assets/phrases/<language>/`). Enter by [`text`]. Knows nothing of who asks or why.

use std::collections::HashMap;
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

catalogue!(
    "refusal", "state", "verdict", "mail", "pages", "change", "cli", "hub"
);

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
    phrases(language).contains_key(key)
}

fn lookup(language: Language, key: &str, arguments: &[(&str, &str)]) -> Option<String> {
    let bundle = phrases(language).get(key)?.read(language);
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

/// One phrase: its source, and what was read from it when it was first said. A child of the jail
/// says twenty things and must not read a thousand.
struct Phrase {
    source: &'static str,
    read: OnceLock<Box<Bundle>>,
}

impl Phrase {
    /// A phrase refers to no other one, so it is read alone. Where it is malformed nothing is said;
    /// the tests below refuse any fault.
    fn read(&self, language: Language) -> &Bundle {
        self.read.get_or_init(|| {
            let locale = language.to_string().parse().unwrap_or_default();
            let mut bundle = Bundle::new_concurrent(vec![locale]);
            bundle.set_use_isolating(false);
            let resource = FluentResource::try_new(self.source.to_owned());
            bundle.add_resource_overriding(resource.unwrap_or_else(|(good, _)| good));
            Box::new(bundle)
        })
    }
}

type Phrases = HashMap<&'static str, Phrase>;

fn phrases(language: Language) -> &'static Phrases {
    static VIETNAMESE: OnceLock<Phrases> = OnceLock::new();
    static ENGLISH: OnceLock<Phrases> = OnceLock::new();
    let find = || {
        let sources = FILES.iter().map(|(_, vi, en)| language.pick(vi, en));
        sources.flat_map(entries).collect()
    };
    match language {
        Language::Vietnamese => VIETNAMESE.get_or_init(find),
        Language::English => ENGLISH.get_or_init(find),
    }
}

/// The phrases of a file: each begins with its key at the start of a line, and ends where the next
/// line begins that is neither indented nor empty.
fn entries(source: &'static str) -> impl Iterator<Item = (&'static str, Phrase)> {
    let mut rest = source;
    std::iter::from_fn(move || {
        loop {
            let end = rest.match_indices('\n').map(|(at, _)| at + 1).find(|at| {
                let next = rest.as_bytes().get(*at);
                next.is_none_or(|byte| !byte.is_ascii_whitespace())
            });
            let (entry, behind) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
            rest = behind;
            match entry.split_once('=') {
                Some((key, _)) if key.starts_with(|c: char| c.is_ascii_lowercase()) => {
                    let (source, read) = (entry, OnceLock::new());
                    return Some((key.trim_end(), Phrase { source, read }));
                }
                _ if rest.is_empty() => return None,
                _ => {}
            }
        }
    })
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
    fn every_phrase_is_found_and_can_be_said_alone() {
        for (file, vietnamese, english) in FILES {
            for (language, source) in [
                (Language::Vietnamese, vietnamese),
                (Language::English, english),
            ] {
                for key in keys(source) {
                    let bundle = phrases(language)
                        .get(key.as_str())
                        .map(|one| one.read(language));
                    let pattern = bundle.and_then(|bundle| bundle.get_message(&key)?.value());
                    assert!(pattern.is_some(), "{key} in {file}.ftl is not found");
                }
                let mut inserted = source.split('{').skip(1).map(str::trim_start);
                assert!(
                    inserted.all(|what| what.starts_with(['$', '"'])),
                    "{file}.ftl: a phrase refers to another one"
                );
            }
        }
    }

    #[test]
    fn a_phrase_goes_on_over_indented_and_empty_lines() {
        let found: Vec<_> = entries("# said\na = 1\n\n    2\n# no = 3\nb-c = 4").collect();
        let found = found.iter().map(|(key, phrase)| (*key, phrase.source));
        assert_eq!(
            found.collect::<Vec<_>>(),
            [("a", "a = 1\n\n    2\n"), ("b-c", "b-c = 4")]
        );
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
