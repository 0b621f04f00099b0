//! From a notice to the bytes of a mail (RFC 5322, MIME).

use lettre::message::header::{
    From as FromHeader, HeaderName, HeaderValue, Headers, MIME_VERSION_1_0, MessageId, References,
    Subject, To,
};
use lettre::message::{Mailboxes, MultiPart, SinglePart};

use crate::domain::clock::{Timestamp, vietnam_zone};
use crate::domain::digest::Sha256;
use crate::domain::language::Language;
use crate::notify::address::{EmailAddress, Mailbox, Recipients};
use crate::notify::html;
use crate::notify::notice::Notice;
use crate::notify::wording::{plain_text, subject, wording};

/// A mail ready to go: headers and body as they travel, pure ASCII with CR LF line ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    message_id: String,
    subject: String,
    sender: EmailAddress,
    recipients: Vec<EmailAddress>,
    bytes: Vec<u8>,
}

impl Letter {
    /// The `Message-ID` without its angle brackets.
    #[must_use]
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    /// The subject as people read it.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The address bounces return to.
    #[must_use]
    pub const fn sender(&self) -> &EmailAddress {
        &self.sender
    }

    /// Whom it still has to reach.
    #[must_use]
    pub fn recipients(&self) -> &[EmailAddress] {
        &self.recipients
    }

    /// Headers and body.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same letter (same bytes, same `Message-ID`) for those of its recipients that `wanted`
    /// names, for a retry after some were reached; `None` if nobody is left.
    #[must_use]
    pub fn only_to(&self, wanted: &[EmailAddress]) -> Option<Self> {
        let left: Vec<_> = self
            .recipients
            .iter()
            .filter(|known| wanted.contains(known))
            .cloned()
            .collect();
        (!left.is_empty()).then(|| Self {
            recipients: left,
            ..self.clone()
        })
    }
}

/// The mail that tells `notice` to `to`, dated `at`: Vietnamese first, English below, as plain text
/// and HTML.
///
/// The same delivery, recipients, kind and sender domain give the same `Message-ID`, so that a
/// repeat is recognised as one; all mails about one document from one sender domain refer to the
/// same thread.
#[must_use]
pub fn compose(notice: &Notice, from: &Mailbox, to: &Recipients, at: Timestamp) -> Letter {
    let recipients: Vec<EmailAddress> =
        to.iter().map(|mailbox| mailbox.address().clone()).collect();
    let digest = Sha256::of(identity(notice, &recipients).as_bytes()).to_string();
    let mark: String = digest.chars().take(32).collect();
    let message_id = format!(
        "lienthong.{}.{mark}@{}",
        notice.kind(),
        from.address().domain()
    );
    let subject = subject(notice);

    let mut headers = Headers::new();
    headers.insert_raw(plain_header("Date", &date(at)));
    headers.set(FromHeader::from(Mailboxes::from(from.to_lettre())));
    headers.set(To::from(
        to.iter().map(Mailbox::to_lettre).collect::<Mailboxes>(),
    ));
    headers.set(Subject::from(subject.clone()));
    headers.set(MessageId::from(format!("<{message_id}>")));
    headers.set(References::from(thread(notice, from)));
    headers.insert_raw(plain_header("Auto-Submitted", "auto-generated"));
    headers.set(MIME_VERSION_1_0);
    let mut bytes = headers.to_string().into_bytes();
    bytes.extend(body(notice, &subject, &mark).formatted());
    Letter {
        message_id,
        subject,
        sender: from.address().clone(),
        recipients,
        bytes,
    }
}

/// Both halves in both languages. The boundary is derived, not drawn by chance, and holds `=_`,
/// which neither base64 nor quoted-printable can produce.
fn body(notice: &Notice, subject: &str, mark: &str) -> MultiPart {
    let words = [Language::Vietnamese, Language::English].map(|language| wording(notice, language));
    let link = notice.facts().link.to_string();
    let text = SinglePart::plain(plain_text(&words, &link));
    let parts = MultiPart::alternative()
        .boundary(format!("=_{mark}"))
        .singlepart(text);
    match html::page(notice, subject, &words, &link) {
        Some(page) => parts.singlepart(SinglePart::html(page)),
        None => parts,
    }
}

/// What makes two mails the same mail. Source: the delivery, the recipients whatever their order
/// or case, and the kind.
fn identity(notice: &Notice, recipients: &[EmailAddress]) -> String {
    let mut to: Vec<String> = recipients
        .iter()
        .map(|address| address.to_string().to_lowercase())
        .collect();
    to.sort();
    format!(
        "{}\n{}\n{}",
        notice.facts().delivery,
        notice.kind(),
        to.join("\n")
    )
}

fn thread(notice: &Notice, from: &Mailbox) -> String {
    format!(
        "<lienthong.document.{}@{}>",
        notice.facts().document,
        from.address().domain()
    )
}

/// RFC 5322, 3.3, in Vietnam time.
fn date(at: Timestamp) -> String {
    let local = at.to_zoned(vietnam_zone());
    local.strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
}

fn plain_header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests;
