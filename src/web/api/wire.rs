//! The shapes of the API. Wire shapes: names and words here are promises to other programs.

use serde::Serialize;

use crate::domain::change::{Basis, Opening, Standing};
use crate::domain::clock::rfc3339;
use crate::domain::deadline_clock::DeadlineClock;
use crate::domain::receipt::{ChangeNote, Party, VerdictNote};
use crate::domain::refusal::Reason;
use crate::exchange::change::pending::Change;
use crate::exchange::inquiry::{
    DeliveryPage, DeliveryRow, DocumentPage, IncomingPage, IncomingRow, ReceiptRow, Waiting,
};

#[derive(Serialize)]
pub(super) struct WireParty {
    code: String,
    name: String,
}

#[derive(Serialize)]
pub(super) struct WireReason {
    code: &'static str,
    text: String,
}

#[derive(Serialize)]
pub(super) struct WireReceipt {
    id: String,
    event: &'static str,
    issuer: String,
    issuer_name: String,
    at: String,
    actor: Option<String>,
    reason: Option<WireReason>,
    arrival_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<WireNote>,
}

/// What a receipt says of a change request.
#[derive(Serialize)]
struct WireNote {
    request: String,
    basis: Option<&'static str>,
    opened: Vec<WireOpening>,
}

#[derive(Serialize)]
struct WireOpening {
    by: String,
    part: &'static str,
    at: String,
}

/// A change request and how far it has come.
#[derive(Serialize)]
struct WireChange {
    id: String,
    kind: &'static str,
    state: &'static str,
    asked_by: String,
    asked_at: String,
    reason: String,
    deadline: String,
    successor: Option<WireSuccessor>,
    answer: Option<WireAnswer>,
}

#[derive(Serialize)]
struct WireSuccessor {
    document: String,
    number: String,
}

#[derive(Serialize)]
struct WireAnswer {
    by: String,
    at: String,
    basis: &'static str,
    reason: Option<String>,
}

#[derive(Serialize)]
pub(super) struct WireWaiting {
    hub: String,
    attempts: i32,
    next: String,
    reason: Option<String>,
    set_aside: Option<String>,
    ends: Option<String>,
}

#[derive(Serialize)]
pub(super) struct WireDeadline {
    rule: &'static str,
    due_at: String,
    state: &'static str,
    ended_at: Option<String>,
    calendar_known: bool,
}

#[derive(Serialize)]
pub(super) struct WireDelivery {
    id: String,
    sender: WireParty,
    recipient: WireParty,
    transport: &'static str,
    handling: &'static str,
    reason: Option<WireReason>,
    arrival_number: Option<String>,
    verdict: Option<String>,
    updated_at: String,
    deadlines: Vec<WireDeadline>,
    standing: &'static str,
    superseded_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<WireChange>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipts: Option<Vec<WireReceipt>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<WireWaiting>,
}

#[derive(Serialize)]
struct WireHeader {
    document: String,
    number: String,
    issued_on: String,
    r#type: String,
    subject: String,
    urgency: &'static str,
    file_name: String,
}

#[derive(Serialize)]
struct WireContent {
    sha256: String,
    size_bytes: u64,
}

#[derive(Serialize)]
pub(super) struct WireDocument {
    id: String,
    #[serde(flatten)]
    header: WireHeader,
    stage: &'static str,
    failure: Option<String>,
    waiting: Option<WireWaiting>,
    signer: Option<String>,
    content: Option<WireContent>,
    created_at: String,
    deliveries: Vec<WireDelivery>,
}

#[derive(Serialize)]
pub(super) struct WireIncoming {
    id: String,
    #[serde(flatten)]
    header: WireHeader,
    arrived_at: Option<String>,
    delivery: WireDelivery,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<WireContent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    may_accept: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    may_refuse: Option<bool>,
}

/// The last word of a phrase key: `transport-relayed` is `relayed` in JSON.
fn word(phrase: &'static str) -> &'static str {
    phrase.split_once('-').map_or(phrase, |(_, word)| word)
}

fn party(party: Party) -> WireParty {
    WireParty {
        code: party.code,
        name: party.name,
    }
}

fn reason(reason: Reason) -> WireReason {
    WireReason {
        code: reason.code.as_str(),
        text: reason.text,
    }
}

fn header(header: crate::domain::document::Header) -> WireHeader {
    WireHeader {
        document: header.id.to_string(),
        number: header.number.to_string(),
        issued_on: header.issued_on.to_string(),
        r#type: header.type_name,
        subject: header.subject,
        urgency: word(header.urgency.phrase()),
        file_name: header.file_name,
    }
}

fn content(content: crate::domain::document::Content) -> WireContent {
    WireContent {
        sha256: content.sha256.to_string(),
        size_bytes: content.size_bytes,
    }
}

fn receipt(row: ReceiptRow) -> WireReceipt {
    WireReceipt {
        id: row.id.to_string(),
        event: row.event.as_str(),
        issuer: row.issuer.to_string(),
        issuer_name: row.issuer_name,
        at: rfc3339(row.at),
        actor: row.actor,
        reason: row.reason.map(reason),
        arrival_number: row.arrival_number,
        change: row.change.map(note),
    }
}

fn note(note: ChangeNote) -> WireNote {
    let opening = |one: Opening| WireOpening {
        by: one.by,
        part: one.part.as_str(),
        at: rfc3339(one.at),
    };
    WireNote {
        request: note.request.to_string(),
        basis: note.basis.map(Basis::as_str),
        opened: note.opened.into_iter().map(opening).collect(),
    }
}

fn change(change: Change) -> WireChange {
    WireChange {
        id: change.id.to_string(),
        kind: change.kind.as_str(),
        state: change.state.as_str(),
        asked_by: change.asked_by,
        asked_at: rfc3339(change.asked_at),
        reason: change.reason,
        deadline: rfc3339(change.deadline),
        successor: change.successor.map(|one| WireSuccessor {
            document: one.document.to_string(),
            number: one.number,
        }),
        answer: change.answer.map(|answer| WireAnswer {
            by: answer.by,
            at: rfc3339(answer.at),
            basis: answer.basis.as_str(),
            reason: answer.reason,
        }),
    }
}

fn deadline(clock: &DeadlineClock) -> WireDeadline {
    WireDeadline {
        rule: clock.rule.as_str(),
        due_at: rfc3339(clock.due.at),
        state: clock.state.as_str(),
        ended_at: clock.ended_at.map(rfc3339),
        calendar_known: clock.due.is_certain,
    }
}

fn waiting(row: Waiting) -> WireWaiting {
    WireWaiting {
        hub: row.hub.to_string(),
        attempts: row.attempts,
        next: rfc3339(row.next),
        reason: row.reason,
        set_aside: row.set_aside.map(rfc3339),
        ends: row.ends.map(rfc3339),
    }
}

impl From<DeliveryRow> for WireDelivery {
    fn from(row: DeliveryRow) -> Self {
        let verdict = |note: VerdictNote| note.verdict;
        Self {
            id: row.id.to_string(),
            sender: party(row.sender),
            recipient: party(row.recipient),
            transport: word(row.transport.phrase()),
            handling: word(row.handling.phrase()),
            reason: row.reason.map(reason),
            arrival_number: row.arrival_number,
            verdict: row.verdict.map(verdict),
            updated_at: rfc3339(row.updated_at),
            deadlines: row.clocks.iter().map(deadline).collect(),
            standing: word(row.standing.phrase()),
            superseded_by: match row.standing {
                Standing::Superseded(by) => Some(by.to_string()),
                Standing::InForce | Standing::Recalled => None,
            },
            changes: None,
            receipts: None,
            waiting: None,
        }
    }
}

impl From<DeliveryPage> for WireDelivery {
    fn from(page: DeliveryPage) -> Self {
        Self {
            changes: Some(page.changes.into_iter().map(change).collect()),
            receipts: Some(page.receipts.into_iter().map(receipt).collect()),
            waiting: page.waiting.map(waiting),
            ..Self::from(page.row)
        }
    }
}

impl From<DocumentPage> for WireDocument {
    fn from(page: DocumentPage) -> Self {
        Self {
            id: page.header.id.to_string(),
            header: header(page.header),
            stage: word(page.stage),
            failure: page.failure,
            waiting: page.waiting.map(waiting),
            signer: page.signer,
            content: page.content.map(content),
            created_at: rfc3339(page.created_at),
            deliveries: page.deliveries.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<IncomingRow> for WireIncoming {
    fn from(row: IncomingRow) -> Self {
        Self {
            id: row.delivery.id.to_string(),
            header: header(row.header),
            arrived_at: Some(rfc3339(row.arrived_at)),
            delivery: row.delivery.into(),
            content: None,
            verification: None,
            may_accept: None,
            may_refuse: None,
        }
    }
}

impl From<IncomingPage> for WireIncoming {
    fn from(page: IncomingPage) -> Self {
        // A report is our own JSON; one that does not parse is shown as absent, never as passed.
        let report = page
            .report
            .and_then(|json| serde_json::from_str(&json).ok());
        Self {
            id: page.delivery.row.id.to_string(),
            header: header(page.header),
            arrived_at: None,
            delivery: page.delivery.into(),
            content: Some(content(page.content)),
            verification: report,
            may_accept: Some(page.may_accept),
            may_refuse: Some(page.may_refuse),
        }
    }
}
