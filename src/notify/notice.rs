//! What there is to tell: one event and the few facts that may leave the system by mail.

use std::fmt;
use std::str::FromStr;

use crate::domain::change;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{DeliveryId, DocumentId};
use crate::domain::language::Language;
use crate::domain::number::DocumentNumber;
use crate::domain::refusal::{Reason, Refusal};
use crate::notify::error::Error;
use crate::notify::wording::one_line;
use crate::phrases;

/// Something that happened to one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The document reached the receiving agency (văn bản đến).
    Arrived {
        /// Which delivery.
        facts: Facts,
    },
    /// The receiving agency accepted it (đã tiếp nhận).
    Accepted {
        /// Which delivery.
        facts: Facts,
    },
    /// The receiving agency refused it (từ chối).
    Refused {
        /// Which delivery.
        facts: Facts,
        /// Why.
        reason: Reason,
    },
    /// It could not be brought to the receiving agency.
    DeliveryFailed {
        /// Which delivery.
        facts: Facts,
        /// Why.
        reason: Explanation,
    },
    /// Something is owed soon (sắp đến hạn).
    DueSoon {
        /// Which delivery.
        facts: Facts,
        /// What, and until when.
        deadline: Explanation,
    },
    /// Something was not done in time (quá hạn).
    Overdue {
        /// Which delivery.
        facts: Facts,
        /// What, and until when.
        deadline: Explanation,
    },
    /// A request to take it back, update or replace it came, or was answered.
    Change {
        /// Which delivery.
        facts: Facts,
        /// How far the request is.
        state: change::State,
        /// Why it is asked, or refused.
        reason: Explanation,
    },
}

/// What a mail may say about a delivery; none of it is document content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The document, for threading mails about it.
    pub document: DocumentId,
    /// The delivery, shown to people who ask for help.
    pub delivery: DeliveryId,
    /// Number and notation (số, ký hiệu).
    pub number: DocumentNumber,
    /// Short subject (trích yếu); `None` when the document is marked and mails must not tell it.
    pub short_subject: Option<String>,
    /// Name of the sending agency.
    pub sender: String,
    /// Name of the receiving agency.
    pub receiver: String,
    /// When it happened; shown in Vietnam time.
    pub happened_at: Timestamp,
    /// Where to look in the system.
    pub link: Link,
}

/// Why something could not be done, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// In Vietnamese.
    pub vietnamese: String,
    /// In English.
    pub english: String,
}

impl Explanation {
    /// Words that are the same in both languages, such as another system's answer.
    #[must_use]
    pub fn said(words: &str) -> Self {
        Self {
            vietnamese: words.to_owned(),
            english: words.to_owned(),
        }
    }
}

impl From<&Refusal> for Explanation {
    fn from(refusal: &Refusal) -> Self {
        let arguments = refusal.arguments();
        let named: Vec<(&str, &str)> = arguments
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let say = |language| phrases::text(language, refusal.phrase(), &named);
        Self {
            vietnamese: say(Language::Vietnamese),
            english: say(Language::English),
        }
    }
}

/// An `https://` or `http://` address of this system, in ASCII without spaces or quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link(String);

impl FromStr for Link {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        let plain = |c: char| c.is_ascii_graphic() && !"\"'<>\\^`{|}".contains(c);
        match rest {
            Some(rest) if !rest.is_empty() && text.len() <= 2000 && rest.chars().all(plain) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(Error::Link {
                found: one_line(text, 80),
            }),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Notice {
    /// The facts of the delivery it is about.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        match self {
            Self::Arrived { facts }
            | Self::Accepted { facts }
            | Self::Refused { facts, .. }
            | Self::DeliveryFailed { facts, .. }
            | Self::DueSoon { facts, .. }
            | Self::Overdue { facts, .. }
            | Self::Change { facts, .. } => facts,
        }
    }

    /// Why, or until when, in `language`, for the kinds that have it to say.
    #[must_use]
    pub fn explanation(&self, language: Language) -> Option<String> {
        match self {
            Self::Refused { reason, .. } => Some(catalogued(reason, language)),
            Self::DeliveryFailed { reason: said, .. }
            | Self::DueSoon { deadline: said, .. }
            | Self::Overdue { deadline: said, .. }
            | Self::Change { reason: said, .. } => {
                let said = language.pick(&said.vietnamese, &said.english);
                Some(said.to_owned()).filter(|said| !said.is_empty())
            }
            Self::Arrived { .. } | Self::Accepted { .. } => None,
        }
    }

    /// What [`Notice::explanation`] explains: the end of the key of its label.
    #[must_use]
    pub const fn explained(&self) -> &'static str {
        match self {
            Self::DueSoon { .. } | Self::Overdue { .. } => "deadline",
            _ => "reason",
        }
    }

    /// The kind as a lasting word: it stands in message ids and in keys of the catalogue.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Arrived { .. } => "arrived",
            Self::Accepted { .. } => "accepted",
            Self::Refused { .. } => "refused",
            Self::DeliveryFailed { .. } => "failed",
            Self::DueSoon { .. } => "due-soon",
            Self::Overdue { .. } => "overdue",
            Self::Change { state, .. } => match state {
                change::State::Requested => "change-asked",
                change::State::Overdue => "change-overdue",
                change::State::Agreed => "change-agreed",
                change::State::Refused => "change-refused",
                change::State::Closed => "change-closed",
            },
        }
    }
}

/// The code, what the catalogue says about it, and the words of the one who refused.
fn catalogued(reason: &Reason, language: Language) -> String {
    let phrase = phrases::text(language, &reason.code.phrase(), &[]);
    let code = reason.code.as_str();
    match reason.text.as_str() {
        "" => format!("{code} {phrase}"),
        words => format!("{code} {phrase}: {words}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_links_without_surprises() {
        for text in [
            "https://lt.gialai.gov.vn/van-ban/1?x=2#y",
            "http://127.0.0.1:8080/d",
        ] {
            assert_eq!(text.parse::<Link>().unwrap().to_string(), text);
        }
        for text in [
            "javascript:alert(1)",
            "https://",
            "https://a b",
            "https://a\r\nX: y",
            "https://a\"b",
            "//a",
        ] {
            assert!(text.parse::<Link>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_refusal_of_the_rules_explains_itself_in_both_languages() {
        let unknown = Refusal::UnknownAgency {
            code: "H21.99".to_owned(),
        };
        let explained = Explanation::from(&unknown);
        assert!(explained.vietnamese.contains("H21.99") && explained.english.contains("H21.99"));
        assert_ne!(explained.vietnamese, explained.english);
    }
}
