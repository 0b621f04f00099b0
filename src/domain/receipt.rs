//! Receipts: what a hub states and signs about one delivery. Event names after ETSI EN 319 522-1;
//! what must be kept after Decision 28/2018/QĐ-TTg articles 8, 9.

use crate::domain::change::{self, Basis, Opening, Successor};
use crate::domain::clock::{Date, Timestamp};
use crate::domain::delivery::{HandlingState, TransportState};
use crate::domain::digest::Sha256;
use crate::domain::document::Content;
use crate::domain::ids::{DeliveryId, DocumentId, EvidenceId, TransferId};
use crate::domain::refusal::Reason;
use crate::domain::routing::HubId;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// The sender's hub took the document over.
    Submission,
    /// A hub on the road took it over.
    Relay,
    /// The recipient's hub put it in the mailbox.
    Consignment,
    /// A clerk of the recipient opened it.
    Access,
    /// Nobody of the recipient opened it in time. A name of our own: ETSI has none.
    OpenExpiry,
    /// The recipient neither accepted nor refused it in time.
    AnswerExpiry,
    /// The recipient accepted it.
    Acceptance,
    /// The recipient, or its hub at reception, refused it.
    Rejection,
    /// It could not be delivered.
    Failure,
    /// The sender asks to have it back, or to put another in its place. This and the following four
    /// are names of our own.
    ChangeRequest,
    /// The change was agreed to, and is done.
    ChangeAgreement,
    /// The recipient refused the change.
    ChangeRefusal,
    /// Nobody had answered the request in time.
    ChangeExpiry,
    /// Nothing was left to change.
    ChangeClosure,
}

impl Event {
    /// Every event in the order of the road.
    pub const ALL: [Self; 14] = [
        Self::Submission,
        Self::Relay,
        Self::Consignment,
        Self::Access,
        Self::OpenExpiry,
        Self::AnswerExpiry,
        Self::Acceptance,
        Self::Rejection,
        Self::Failure,
        Self::ChangeRequest,
        Self::ChangeAgreement,
        Self::ChangeRefusal,
        Self::ChangeExpiry,
        Self::ChangeClosure,
    ];

    /// The name of ETSI EN 319 522, or our own where it has none: the form on the wire and in the
    /// record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submission => "SubmissionAcceptance",
            Self::Relay => "RelayAcceptance",
            Self::Consignment => "ContentConsignment",
            Self::Access => "ContentAccessTracking",
            Self::OpenExpiry => "ContentAccessExpiry",
            Self::AnswerExpiry => "AcceptanceRejectionExpiry",
            Self::Acceptance => "ConsignmentAcceptance",
            Self::Rejection => "ConsignmentRejection",
            Self::Failure => "RelayFailure",
            Self::ChangeRequest => "ChangeRequest",
            Self::ChangeAgreement => "ChangeAgreement",
            Self::ChangeRefusal => "ChangeRefusal",
            Self::ChangeExpiry => "ChangeExpiry",
            Self::ChangeClosure => "ChangeClosure",
        }
    }

    /// The event named `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == text)
    }

    /// The phrase that names it.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Submission => "event-submission",
            Self::Relay => "event-relay",
            Self::Consignment => "event-consignment",
            Self::Access => "event-access",
            Self::OpenExpiry => "event-open-expiry",
            Self::AnswerExpiry => "event-answer-expiry",
            Self::Acceptance => "event-acceptance",
            Self::Rejection => "event-rejection",
            Self::Failure => "event-failure",
            Self::ChangeRequest => "event-change-request",
            Self::ChangeAgreement => "event-change-agreement",
            Self::ChangeRefusal => "event-change-refusal",
            Self::ChangeExpiry => "event-change-expiry",
            Self::ChangeClosure => "event-change-closure",
        }
    }

    /// The transport state it proves, for the hub at position `hop` on the road. What is said of a
    /// change proves no more than that the document was sent.
    #[must_use]
    pub const fn transport(self, hop: u8) -> TransportState {
        match self {
            Self::Submission
            | Self::ChangeRequest
            | Self::ChangeAgreement
            | Self::ChangeRefusal
            | Self::ChangeExpiry
            | Self::ChangeClosure => TransportState::Submitted,
            Self::Relay => TransportState::Relayed { hop },
            Self::Consignment
            | Self::OpenExpiry
            | Self::AnswerExpiry
            | Self::Acceptance
            | Self::Rejection => TransportState::Consigned,
            Self::Access => TransportState::Accessed,
            Self::Failure => TransportState::Failed,
        }
    }

    /// The handling state it proves, if it is about handling.
    #[must_use]
    pub const fn handling(self) -> Option<HandlingState> {
        match self {
            Self::Consignment => Some(HandlingState::Arrived),
            Self::Acceptance => Some(HandlingState::Accepted),
            Self::Rejection => Some(HandlingState::Refused),
            _ => None,
        }
    }

    /// The state of a change request it proves, if it is about one.
    #[must_use]
    pub const fn change(self) -> Option<change::State> {
        match self {
            Self::ChangeRequest => Some(change::State::Requested),
            Self::ChangeAgreement => Some(change::State::Agreed),
            Self::ChangeRefusal => Some(change::State::Refused),
            Self::ChangeExpiry => Some(change::State::Overdue),
            Self::ChangeClosure => Some(change::State::Closed),
            _ => None,
        }
    }

    /// The event that states that a request is in `state`.
    #[must_use]
    pub const fn of_change(state: change::State) -> Self {
        match state {
            change::State::Requested => Self::ChangeRequest,
            change::State::Overdue => Self::ChangeExpiry,
            change::State::Agreed => Self::ChangeAgreement,
            change::State::Refused => Self::ChangeRefusal,
            change::State::Closed => Self::ChangeClosure,
        }
    }
}

/// An agency by code and by the legal name it had at the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Code.
    pub code: String,
    /// Legal name.
    pub name: String,
}

/// The result of verifying the document's signatures, as far as a receipt needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictNote {
    /// `TOTAL-PASSED`, `INDETERMINATE`, `TOTAL-FAILED`, `NO-SIGNATURE` or `UNREADABLE`.
    pub verdict: String,
    /// ETSI sub-indication.
    pub sub_indication: Option<String>,
    /// SHA-256 of the full report.
    pub report_sha256: Sha256,
}

/// Who was handed a document in place of the agency it is addressed to, because that had closed
/// while the document was on the road.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuccessionNote {
    /// The successor.
    pub to: Party,
    /// First day of the new order.
    pub effective: Date,
    /// The decision that orders it.
    pub legal_basis: String,
}

/// What a statement says of a change request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeNote {
    /// The signed request, by its name; the statement's own for the request itself.
    pub request: EvidenceId,
    /// What is asked.
    pub kind: change::Kind,
    /// When an answer is due.
    pub deadline: Timestamp,
    /// What takes the document's place.
    pub successor: Option<Successor>,
    /// Why it ended, for what ends it.
    pub basis: Option<Basis>,
    /// Who had opened what, and when, as far as the issuer knows; the first ones where there are
    /// many.
    pub opened: Vec<Opening>,
}

/// Most openings a statement lists.
pub const MOST_OPENINGS: usize = 100;

/// What a hub states. The signature is over its canonical bytes (`evidence::statement`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its own name.
    pub id: EvidenceId,
    /// What happened.
    pub event: Event,
    /// When, by the clock of the issuer.
    pub at: Timestamp,
    /// The hub that states it.
    pub issuer: HubId,
    /// The delivery.
    pub delivery: DeliveryId,
    /// The document.
    pub document: DocumentId,
    /// Number and notation of the document.
    pub number: String,
    /// The bytes.
    pub content: Content,
    /// SHA-256 of the envelope's canonical bytes.
    pub envelope_sha256: Sha256,
    /// Sender.
    pub sender: Party,
    /// Recipient.
    pub recipient: Party,
    /// The hubs passed up to and including the issuer, oldest first.
    pub path: Vec<HubId>,
    /// The act of handing over that this answers, for relay and consignment.
    pub transfer: Option<TransferId>,
    /// Who acted, for acts of people.
    pub actor: Option<String>,
    /// Why, for rejection and failure.
    pub reason: Option<Reason>,
    /// Number in the register of incoming documents, for acceptance.
    pub arrival_number: Option<String>,
    /// Result of verification, where one was made.
    pub verdict: Option<VerdictNote>,
    /// Seconds by which the clock of the hub that handed over was ahead of the issuer's (negative:
    /// behind), where it was more than a minute.
    pub clock_offset_seconds: Option<i64>,
    /// Number of the registry by which the issuer acted; absent where its registry has none.
    pub registry: Option<u64>,
    /// The successor of `recipient`, where it was handed the document.
    pub succession: Option<SuccessionNote>,
    /// The change request it speaks of.
    pub change: Option<ChangeNote>,
}

impl Statement {
    /// The position of the issuer on the road: 0 for the sender's hub.
    #[must_use]
    pub fn hop(&self) -> u8 {
        u8::try_from(self.path.len().saturating_sub(1)).unwrap_or(u8::MAX)
    }
}

/// A statement with its signature, as sent and stored. The bytes are evidence: never re-rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedStatement {
    /// Canonical JSON (RFC 8785) of the statement.
    pub statement: Vec<u8>,
    /// Detached CMS signature over `statement`, DER.
    pub signature: Vec<u8>,
}
