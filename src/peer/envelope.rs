//! The envelope of a delivery: written once by the sender's hub, carried unchanged to the
//! recipient's, its digest named in every receipt. Wire shape.

use serde::{Deserialize, Serialize};

use crate::domain::agency::AgencyCode;
use crate::domain::clock::{Timestamp, rfc3339};
use crate::domain::document::{Content, Header, Urgency};
use crate::domain::ids::DeliveryId;
use crate::domain::number::DocumentNumber;
use crate::domain::receipt::Party;
use crate::domain::routing::HubId;
use crate::peer::protocol::Malformed;

/// The schema name in every envelope.
pub const SCHEMA: &str = "lienthong.envelope/1";

/// What is told about a delivery on the road.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The delivery.
    pub delivery: DeliveryId,
    /// What is told about the document.
    pub header: Header,
    /// Its sealed bytes.
    pub content: Content,
    /// Sender.
    pub sender: Party,
    /// Recipient.
    pub recipient: Party,
    /// Hub of the sender.
    pub origin: HubId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Who sent it.
    pub sent_by: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    delivery: String,
    document: String,
    number: String,
    notation: String,
    issued_on: String,
    #[serde(rename = "type")]
    type_name: String,
    subject: String,
    urgency: i16,
    file: WireFile,
    sender: WireParty,
    recipient: WireParty,
    origin: String,
    sent_at: String,
    sent_by: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFile {
    name: String,
    sha256: String,
    size_bytes: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireParty {
    code: String,
    name: String,
}

impl Envelope {
    /// The bytes that travel.
    ///
    /// # Errors
    /// [`Malformed`] when a value cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Malformed> {
        let party = |p: &Party| WireParty {
            code: p.code.clone(),
            name: p.name.clone(),
        };
        let header = &self.header;
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            delivery: self.delivery.to_string(),
            document: header.id.to_string(),
            number: header.number.number().to_owned(),
            notation: header.number.notation().to_owned(),
            issued_on: header.issued_on.to_string(),
            type_name: header.type_name.clone(),
            subject: header.subject.clone(),
            urgency: header.urgency.code(),
            file: WireFile {
                name: header.file_name.clone(),
                sha256: self.content.sha256.to_string(),
                size_bytes: self.content.size_bytes,
            },
            sender: party(&self.sender),
            recipient: party(&self.recipient),
            origin: self.origin.to_string(),
            sent_at: rfc3339(self.sent_at),
            sent_by: self.sent_by.clone(),
        };
        serde_json::to_vec(&wire).map_err(|fault| Malformed::new("envelope", &fault))
    }

    /// Reads an envelope and checks the limits of every field.
    ///
    /// # Errors
    /// [`Malformed`] that names the field.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let w: Wire =
            serde_json::from_slice(bytes).map_err(|fault| Malformed::new("envelope", &fault))?;
        if w.schema != SCHEMA {
            return Err(Malformed::new("schema", &w.schema));
        }
        let party = |p: WireParty| Party {
            code: p.code,
            name: p.name,
        };
        let header = Header {
            id: value("document", &w.document)?,
            sender: AgencyCode::parse(&w.sender.code).map_err(|f| Malformed::new("sender", &f))?,
            number: DocumentNumber::new(&w.number, &w.notation)
                .map_err(|fault| Malformed::new("number", &fault))?,
            issued_on: value("issued_on", &w.issued_on)?,
            type_name: w.type_name,
            subject: w.subject,
            urgency: Urgency::from_code(w.urgency)
                .ok_or_else(|| Malformed::new("urgency", &w.urgency))?,
            file_name: w.file.name,
        };
        Ok(Self {
            delivery: value("delivery", &w.delivery)?,
            header: header
                .checked()
                .map_err(|fault| Malformed::new("header", &fault))?,
            content: Content {
                sha256: value("file.sha256", &w.file.sha256)?,
                size_bytes: w.file.size_bytes,
            },
            sender: party(w.sender),
            recipient: party(w.recipient),
            origin: HubId::parse(&w.origin).map_err(|fault| Malformed::new("origin", &fault))?,
            sent_at: value("sent_at", &w.sent_at)?,
            sent_by: w.sent_by,
        })
    }
}

fn value<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, Malformed> {
    text.parse().or(Err(Malformed::new(field, &text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::digest::Sha256;
    use crate::domain::ids::{DocumentId, RandomIds};

    fn example() -> Envelope {
        let at: Timestamp = "2025-06-30T01:00:00Z".parse().unwrap();
        let party = |code: &str| Party {
            code: code.to_owned(),
            name: "UBND xã".to_owned(),
        };
        Envelope {
            delivery: DeliveryId::fresh(&RandomIds, at),
            header: Header {
                id: DocumentId::fresh(&RandomIds, at),
                sender: AgencyCode::parse("H21.36.21").unwrap(),
                number: DocumentNumber::parse("15/UBND-VP").unwrap(),
                issued_on: "2025-06-30".parse().unwrap(),
                type_name: "Công văn".to_owned(),
                subject: "Về việc 🎉 \u{202e}".to_owned(),
                urgency: Urgency::Flash,
                file_name: "công văn.pdf".to_owned(),
            },
            content: Content {
                sha256: Sha256::of(b"x"),
                size_bytes: 1,
            },
            sender: party("H21.36.21"),
            recipient: party("G22"),
            origin: HubId::parse("commune").unwrap(),
            sent_at: at,
            sent_by: "user:văn thư".to_owned(),
        }
    }

    #[test]
    fn an_envelope_reads_back_as_it_was() {
        let envelope = example();
        assert_eq!(
            Envelope::from_bytes(&envelope.to_bytes().unwrap()).unwrap(),
            envelope
        );
    }

    #[test]
    fn a_secret_marking_in_an_envelope_is_refused() {
        let mut envelope = example();
        envelope.header.subject = "TUYỆT MẬT".to_owned();
        let refused = Envelope::from_bytes(&envelope.to_bytes().unwrap()).unwrap_err();
        assert!(refused.to_string().contains("TUYỆT MẬT"), "{refused}");
    }
}
