//! What a neighbour hands over: an honest transfer and an honest receipt, each field open to lies.

use lienthong::cms;
use lienthong::domain::agency::AgencyCode;
use lienthong::domain::clock::{Timestamp, vietnam_date};
use lienthong::domain::digest::Sha256;
use lienthong::domain::document::{Content, Header, Urgency};
use lienthong::domain::ids::{DeliveryId, DocumentId, EvidenceId, RandomIds, TransferId};
use lienthong::domain::number::DocumentNumber;
use lienthong::domain::receipt::{Event, Party, SignedStatement, Statement};
use lienthong::domain::routing::HubId;
use lienthong::evidence::statement;
use lienthong::keystore::Signer as _;
use lienthong::peer::envelope::Envelope;
use lienthong::peer::protocol::{ReceiptTransfer, Transfer};
use lienthong::pki::algorithm::DigestAlgorithm;

use super::clock::MORNING;
use super::registry::{self, DIRECTORY};

fn morning() -> Timestamp {
    MORNING.parse().unwrap()
}

/// An agency as the registry names it.
pub(crate) fn party(code: &str) -> Party {
    let agency = DIRECTORY.find(code).unwrap();
    Party {
        code: agency.code.to_string(),
        name: agency.name.clone(),
    }
}

/// The content that these bytes are.
pub(crate) fn content(bytes: &[u8]) -> Content {
    Content {
        sha256: Sha256::of(bytes),
        size_bytes: bytes.len().try_into().unwrap(),
    }
}

/// The statement signed with the receipt key of the hub `signer`.
pub(crate) fn sign(stated: &Statement, signer: &str) -> SignedStatement {
    let statement = statement::to_bytes(stated).unwrap();
    let key = registry::hub_key(signer);
    let algorithm = key.algorithm(DigestAlgorithm::Sha256, false).unwrap();
    let by_key = |tbs: &[u8]| key.sign(&algorithm, tbs);
    let (certificate, chain) = (key.certificate(), key.chain());
    let signature = cms::detached::sign(&statement, &algorithm, certificate, chain, &by_key);
    SignedStatement {
        statement,
        signature: signature.unwrap(),
    }
}

/// What the hub `issuer` states about an envelope when nothing is wrong.
pub(crate) fn states(issuer: &str, event: Event, envelope: &Envelope, road: &[&str]) -> Statement {
    Statement {
        id: EvidenceId::fresh(&RandomIds, morning()),
        event,
        at: morning(),
        issuer: registry::hub(issuer),
        delivery: envelope.delivery,
        document: envelope.header.id,
        number: envelope.header.number.to_string(),
        content: envelope.content,
        envelope_sha256: Sha256::of(&envelope.to_bytes().unwrap()),
        sender: envelope.sender.clone(),
        recipient: envelope.recipient.clone(),
        path: hubs(road),
        transfer: None,
        actor: None,
        reason: None,
        arrival_number: None,
        verdict: None,
        clock_offset_seconds: None,
        registry: None,
        succession: None,
        change: None,
    }
}

fn hubs(road: &[&str]) -> Vec<HubId> {
    road.iter().map(|name| registry::hub(name)).collect()
}

/// A document handed over.
#[derive(Clone)]
pub(crate) struct Parcel {
    pub(crate) id: TransferId,
    pub(crate) path: Vec<HubId>,
    pub(crate) envelope: Envelope,
    pub(crate) submission: Statement,
    pub(crate) signer: String,
}

/// A letter of xã Ia Dom to huyện Đức Cơ with these bytes, as the hub `commune` hands it to
/// `district`.
pub(crate) fn a_parcel(bytes: &[u8]) -> Parcel {
    let envelope = Envelope {
        delivery: DeliveryId::fresh(&RandomIds, morning()),
        header: Header {
            id: DocumentId::fresh(&RandomIds, morning()),
            sender: AgencyCode::parse("H21.36.21").unwrap(),
            number: DocumentNumber::parse("15/UBND-VP").unwrap(),
            issued_on: vietnam_date(morning()),
            type_name: "Công văn".to_owned(),
            subject: "Về việc báo cáo".to_owned(),
            urgency: Urgency::Normal,
            file_name: "cong-van.pdf".to_owned(),
        },
        content: content(bytes),
        sender: party("H21.36.21"),
        recipient: party("H21.36"),
        origin: registry::hub("commune"),
        sent_at: morning(),
        sent_by: "user:Văn thư".to_owned(),
    };
    Parcel {
        id: TransferId::fresh(&RandomIds, morning()),
        path: hubs(&["commune"]),
        submission: states("commune", Event::Submission, &envelope, &["commune"]),
        signer: "commune".to_owned(),
        envelope,
    }
}

impl Parcel {
    /// The same with another envelope, honestly submitted.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Envelope)) -> Self {
        change(&mut self.envelope);
        let origin = self.envelope.origin.to_string();
        let road = [origin.as_str()];
        self.submission = states(&origin, Event::Submission, &self.envelope, &road);
        self
    }

    /// The same over another road.
    pub(crate) fn over(mut self, road: &[&str]) -> Self {
        self.path = hubs(road);
        self
    }

    /// The same under another transfer id.
    pub(crate) fn again(&self) -> Self {
        Self {
            id: TransferId::fresh(&RandomIds, morning()),
            ..self.clone()
        }
    }

    /// The request body; signed anew each time.
    pub(crate) fn body(&self) -> Vec<u8> {
        let transfer = Transfer {
            id: self.id,
            path: self.path.clone(),
            envelope: self.envelope.to_bytes().unwrap(),
            submission: sign(&self.submission, &self.signer),
        };
        transfer.to_bytes().unwrap()
    }
}

/// The request body that hands a receipt back.
pub(crate) fn hand_back(receipt: &SignedStatement) -> Vec<u8> {
    let transfer = ReceiptTransfer {
        id: TransferId::fresh(&RandomIds, morning()),
        receipt: receipt.clone(),
    };
    transfer.to_bytes().unwrap()
}
