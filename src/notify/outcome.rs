//! What became of a letter: whom it reached, whom not, why, and whether a retry makes sense.

use std::fmt;

use crate::notify::address::EmailAddress;
use crate::notify::wording::one_line;

/// The longest text of a server that is kept, in characters.
const LONGEST_ANSWER: usize = 500;

/// The relay (or the folder) has taken the letter for at least one recipient.
///
/// This is no proof that anybody received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Reply code of the relay (250); `None` when no relay was asked.
    pub code: Option<u16>,
    /// Its words, e.g. its queue number.
    pub text: String,
    /// For whom it was taken.
    pub taken: Vec<EmailAddress>,
    /// For whom it was not.
    pub unreached: Vec<Unreached>,
}

/// The letter was taken for nobody. Never empty: each recipient is listed with the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// At least one recipient may be reached later.
    #[error("the mail was not sent and may be tried again: {}", Listed(.0))]
    Retry(Vec<Unreached>),
    /// No later attempt would differ.
    #[error("the mail was not sent and will not be tried again: {}", Listed(.0))]
    GiveUp(Vec<Unreached>),
}

/// One recipient the letter did not reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreached {
    /// Whom.
    pub address: EmailAddress,
    /// Why not.
    pub setback: Setback,
}

/// What stood in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setback {
    /// How far the attempt came.
    pub stage: Stage,
    /// Whether to try again.
    pub advice: Advice,
    /// Reply code of the relay (RFC 5321, 4.2); `None` when there was no reply.
    pub code: Option<u16>,
    /// The relay's words or the fault's, on one line.
    pub text: String,
}

/// Whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Yes, later.
    Retry,
    /// No.
    GiveUp,
}

/// The step at which an attempt ended. Up to `Login` the trouble lies with the relay or the
/// settings, not with the letter, so it is always worth a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reaching the relay.
    Connect,
    /// Encrypting the connection.
    Tls,
    /// The relay's greeting and its list of abilities.
    Greeting,
    /// Signing in.
    Login,
    /// Naming the sender.
    Sender,
    /// Naming a recipient.
    Recipient,
    /// Handing over the letter.
    Content,
    /// Writing into the folder.
    Folder,
}

impl Stage {
    /// The key of this step's name in the catalogue.
    #[must_use]
    pub const fn phrase_key(self) -> &'static str {
        match self {
            Self::Connect => "mail-stage-connect",
            Self::Tls => "mail-stage-tls",
            Self::Greeting => "mail-stage-greeting",
            Self::Login => "mail-stage-login",
            Self::Sender => "mail-stage-sender",
            Self::Recipient => "mail-stage-recipient",
            Self::Content => "mail-stage-content",
            Self::Folder => "mail-stage-folder",
        }
    }

    const fn is_about_the_letter(self) -> bool {
        matches!(self, Self::Sender | Self::Recipient | Self::Content)
    }
}

impl Setback {
    /// A fault without a reply: worth a retry.
    pub(super) fn fault(stage: Stage, text: &str) -> Self {
        let text = one_line(text, LONGEST_ANSWER);
        Self {
            stage,
            advice: Advice::Retry,
            code: None,
            text,
        }
    }

    /// A refusal by the relay. 5xx about the letter ends it, except 530 and 538, which ask for a
    /// login or encryption and so speak of the settings (RFC 4954, 6).
    pub(super) fn reply(stage: Stage, code: u16, text: &str) -> Self {
        let lasting = (500..600).contains(&code) && !matches!(code, 530 | 538);
        let advice = if lasting && stage.is_about_the_letter() {
            Advice::GiveUp
        } else {
            Advice::Retry
        };
        Self {
            stage,
            advice,
            code: Some(code),
            text: one_line(text, LONGEST_ANSWER),
        }
    }

    /// Whether the session is over: no reply came, or the relay is closing it (421).
    pub(super) const fn ends_session(&self) -> bool {
        matches!(self.code, None | Some(421))
    }

    /// This setback for each of `recipients`.
    pub(super) fn for_each(&self, recipients: &[EmailAddress]) -> Vec<Unreached> {
        let one = |address: &EmailAddress| Unreached {
            address: address.clone(),
            setback: self.clone(),
        };
        recipients.iter().map(one).collect()
    }
}

impl fmt::Display for Setback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{code} {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

impl NotSent {
    /// The recipients and reasons.
    #[must_use]
    pub fn unreached(&self) -> &[Unreached] {
        match self {
            Self::Retry(unreached) | Self::GiveUp(unreached) => unreached,
        }
    }
}

impl From<Vec<Unreached>> for NotSent {
    fn from(unreached: Vec<Unreached>) -> Self {
        if unreached
            .iter()
            .any(|one| one.setback.advice == Advice::Retry)
        {
            Self::Retry(unreached)
        } else {
            Self::GiveUp(unreached)
        }
    }
}

/// The addresses among `unreached` worth another attempt, for [`Letter::only_to`](super::Letter::only_to).
#[must_use]
pub fn worth_a_retry(unreached: &[Unreached]) -> Vec<EmailAddress> {
    let later = unreached
        .iter()
        .filter(|one| one.setback.advice == Advice::Retry);
    later.map(|one| one.address.clone()).collect()
}

struct Listed<'a>(&'a [Unreached]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, one) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", one.address, one.setback)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;
    use crate::phrases;

    #[test]
    fn only_lasting_refusals_of_the_letter_end_it() {
        let advice = |stage, code| Setback::reply(stage, code, "x").advice;
        for stage in [Stage::Sender, Stage::Recipient, Stage::Content] {
            assert_eq!(advice(stage, 550), Advice::GiveUp);
            assert_eq!(advice(stage, 451), Advice::Retry);
            assert_eq!(advice(stage, 530), Advice::Retry);
        }
        assert_eq!(advice(Stage::Login, 535), Advice::Retry);
        assert_eq!(advice(Stage::Greeting, 554), Advice::Retry);
    }

    #[test]
    fn every_stage_has_a_name_in_both_languages() {
        use Stage::{Connect, Content, Folder, Greeting, Login, Recipient, Sender, Tls};
        for stage in [
            Connect, Tls, Greeting, Login, Sender, Recipient, Content, Folder,
        ] {
            for language in [Language::Vietnamese, Language::English] {
                assert!(phrases::has(language, stage.phrase_key()), "{stage:?}");
            }
        }
    }

    #[test]
    fn a_mixed_outcome_is_retried_only_where_it_helps() {
        let address = |text: &str| text.parse::<EmailAddress>().unwrap();
        let one = |text: &str, code| Unreached {
            address: address(text),
            setback: Setback::reply(Stage::Recipient, code, "no\r\nmore"),
        };
        let mixed = NotSent::from(vec![one("a@b.vn", 550), one("c@b.vn", 450)]);
        assert!(matches!(mixed, NotSent::Retry(_)));
        assert_eq!(worth_a_retry(mixed.unreached()), [address("c@b.vn")]);
        assert!(
            mixed
                .to_string()
                .ends_with("a@b.vn: 550 no more; c@b.vn: 450 no more")
        );
        assert!(matches!(
            NotSent::from(vec![one("a@b.vn", 550)]),
            NotSent::GiveUp(_)
        ));
    }
}
