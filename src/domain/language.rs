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
