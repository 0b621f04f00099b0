//! Mail addresses that can stand in an SMTP command and in a header without surprises.

use std::fmt;
use std::str::FromStr;

use crate::notify::error::Error;
use crate::notify::wording::one_line;

/// The longest address an SMTP path can carry (RFC 5321, 4.5.3.1.3, without the brackets).
const LONGEST: usize = 254;

/// A mail address in plain ASCII without quoting, spaces or control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(lettre::Address);

impl EmailAddress {
    /// The part after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.domain()
    }

    pub(super) const fn as_lettre(&self) -> &lettre::Address {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Address {
            found: one_line(text, 80),
        };
        let plain = |c: char| c.is_ascii_graphic() && !"\"\\<>(),:;[]".contains(c);
        if text.len() > LONGEST || !text.chars().all(plain) {
            return Err(wrong());
        }
        text.parse().map(Self).or(Err(wrong()))
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({self})")
    }
}

/// An address with the name shown beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    name: Option<String>,
    address: EmailAddress,
}

impl Mailbox {
    /// `address` shown as `name`; line ends and other control characters in the name become spaces.
    #[must_use]
    pub fn named(name: &str, address: EmailAddress) -> Self {
        let name = one_line(name, 100);
        Self {
            name: (!name.is_empty()).then_some(name),
            address,
        }
    }

    /// The address alone.
    #[must_use]
    pub const fn address(&self) -> &EmailAddress {
        &self.address
    }

    pub(super) fn to_lettre(&self) -> lettre::message::Mailbox {
        lettre::message::Mailbox::new(self.name.clone(), self.address.as_lettre().clone())
    }
}

impl From<EmailAddress> for Mailbox {
    fn from(address: EmailAddress) -> Self {
        Self {
            name: None,
            address,
        }
    }
}

impl FromStr for Mailbox {
    type Err = Error;

    /// Reads `Name <address>` or a bare address.
    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        match text
            .strip_suffix('>')
            .and_then(|rest| rest.rsplit_once('<'))
        {
            Some((name, address)) => {
                Ok(Self::named(name.trim().trim_matches('"'), address.parse()?))
            }
            None => text.parse::<EmailAddress>().map(Self::from),
        }
    }
}

/// The mailboxes one letter goes to; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipients {
    first: Mailbox,
    others: Vec<Mailbox>,
}

impl Recipients {
    /// One recipient.
    #[must_use]
    pub fn one(mailbox: impl Into<Mailbox>) -> Self {
        Self {
            first: mailbox.into(),
            others: Vec::new(),
        }
    }

    /// These and one more; an address already there is not repeated.
    #[must_use]
    pub fn and(mut self, mailbox: impl Into<Mailbox>) -> Self {
        let mailbox = mailbox.into();
        if self.iter().all(|known| known.address != mailbox.address) {
            self.others.push(mailbox);
        }
        self
    }

    /// All of them in the order they were named.
    pub fn iter(&self) -> impl Iterator<Item = &Mailbox> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_addresses_that_could_carry_a_command() {
        let hostile = [
            "a@b.vn\r\nRCPT TO:<c@d.vn>",
            "a b@c.vn",
            "\"a\\\nb\"@c.vn",
            "a@b.vn>",
            "<a@b.vn",
            "",
            "văn.thư@gialai.gov.vn",
            "a@",
            "@b.vn",
            "a@b@c.vn",
            "a@b.vn SIZE=1",
            "a@b..vn",
        ];
        for text in hostile {
            assert!(text.parse::<EmailAddress>().is_err(), "{text:?}");
        }
        let long = format!("{}@b.vn", "a".repeat(300));
        assert!(long.parse::<EmailAddress>().is_err());
        assert_eq!(
            "van-thu.1@gialai.gov.vn"
                .parse::<EmailAddress>()
                .unwrap()
                .domain(),
            "gialai.gov.vn"
        );
    }

    #[test]
    fn reads_a_name_beside_the_address() {
        let mailbox: Mailbox = "\"UBND xã Ia Dom\" <vanthu@iadom.vn>".parse().unwrap();
        assert_eq!(mailbox.name.as_deref(), Some("UBND xã Ia Dom"));
        assert_eq!(mailbox.address().to_string(), "vanthu@iadom.vn");
        assert_eq!("a@b.vn".parse::<Mailbox>().unwrap().name, None);
        let cut = Mailbox::named("X\r\nBcc: c@d.vn", "a@b.vn".parse().unwrap());
        assert_eq!(cut.name.as_deref(), Some("X Bcc: c@d.vn"));
    }

    #[test]
    fn a_recipient_is_not_repeated() {
        let address = |text: &str| text.parse::<EmailAddress>().unwrap();
        let two = Recipients::one(address("a@b.vn"))
            .and(address("c@b.vn"))
            .and(address("a@b.vn"));
        assert_eq!(two.iter().count(), 2);
    }
}
