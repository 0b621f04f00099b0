//! The two languages of the product: Vietnamese first, English second.

use std::fmt;
use std::str::FromStr;

/// A language of pages, mails, reports and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Tiếng Việt.
    #[default]
    Vietnamese,
    /// English.
    English,
}

impl Language {
    /// The text in this language.
    #[must_use]
    pub const fn pick<'a>(self, vietnamese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Vietnamese => vietnamese,
            Self::English => english,
        }
    }
}

/// Whether a letter can steer a terminal or a page, hide, or turn the order of what stands around it:
/// control characters, marks of direction, characters without width, variation selectors and tags.
/// Source: Unicode Technical Report 36, 2.10; Unicode Standard Annex 9.
#[must_use]
pub fn is_steering(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pick("vi", "en"))
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split(['-', '_', '.']).next() {
            Some("vi") => Ok(Self::Vietnamese),
            Some("en" | "C" | "POSIX") => Ok(Self::English),
            _ => Err(format!("expected vi or en, found {text:?}")),
        }
    }
}
