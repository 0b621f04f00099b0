//! Station 11: questions of clerks and auditors. What is answered is limited to the asker's agency
//! here, once; what the asker may not see does not exist.

use super::change::pending::{self, Asked};
use super::clocks::Clocks;
use super::hub::Inner;
use super::people::Person;
use super::{Error, Hub, intake};
use crate::domain::change::{self, Part, Standing};
use crate::domain::clock::{Date, Timestamp, rfc3339};
use crate::domain::deadline_clock::DeadlineClock;
use crate::domain::delivery::{HandlingState, Role, TransportState};
use crate::domain::document::{Content, Header};
use crate::domain::ids::{DeliveryId, DocumentId, EvidenceId, TransferId};
use crate::domain::receipt::{ChangeNote, Event, Party, SignedStatement, VerdictNote};
use crate::domain::refusal::Reason;
use crate::domain::routing::HubId;
use crate::evidence::statement;
use crate::store::rows::changes::{self, Change};
use crate::store::rows::clocks;
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::documents::{self, Document, Stage};
use crate::store::rows::evidence::Receipt;
use crate::store::rows::{evidence, mails, queue, transfers};
use crate::store::views;
use crate::store::{Blob, Tx};

/// Most rows of a list.
const MOST_ROWS: i64 = 200;

/// An outgoing document in a list.
#[derive(Debug, Clone)]
pub struct OutgoingRow {
    /// What is told about it.
    pub header: Header,
    /// Phrase key of its stage.
    pub stage: &'static str,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// One per recipient.
    pub deliveries: Vec<DeliveryRow>,
    /// When it was handed in.
    pub created_at: Timestamp,
}

/// A delivery in a list.
#[derive(Debug, Clone)]
pub struct DeliveryRow {
    /// The delivery.
    pub id: DeliveryId,
    /// Sender.
    pub sender: Party,
    /// Recipient.
    pub recipient: Party,
    /// How far the bytes are.
    pub transport: TransportState,
    /// What the recipient did.
    pub handling: HandlingState,
    /// Why refused or failed.
    pub reason: Option<Reason>,
    /// Number in the register of incoming documents.
    pub arrival_number: Option<String>,
    /// Result of verification.
    pub verdict: Option<VerdictNote>,
    /// When a state last changed.
    pub updated_at: Timestamp,
    /// Its deadlines, the earliest first.
    pub clocks: Vec<DeadlineClock>,
    /// Whether it still counts.
    pub standing: Standing,
    /// The last change request about it.
    pub change: Option<Change>,
}

/// An incoming document in a list.
#[derive(Debug, Clone)]
pub struct IncomingRow {
    /// What is told about it.
    pub header: Header,
    /// Its delivery.
    pub delivery: DeliveryRow,
    /// When it came.
    pub arrived_at: Timestamp,
}

/// A receipt on a page.
#[derive(Debug, Clone)]
pub struct ReceiptRow {
    /// Its name.
    pub id: EvidenceId,
    /// What happened.
    pub event: Event,
    /// Who signed it.
    pub issuer: HubId,
    /// The hub's name for people.
    pub issuer_name: String,
    /// The time it states.
    pub at: Timestamp,
    /// Who acted, for acts of people.
    pub actor: Option<String>,
    /// Why, for refusals and failures.
    pub reason: Option<Reason>,
    /// Number in the register of incoming documents.
    pub arrival_number: Option<String>,
    /// The change request it speaks of.
    pub change: Option<ChangeNote>,
}

/// A notification mail on a page.
#[derive(Debug, Clone)]
pub struct MailRow {
    /// What it tells: `arrived`, `accepted`, `refused`, `failed`, `change-asked`, …
    pub notice: &'static str,
    /// Where to.
    pub address: String,
    /// `queued`, `sent` or `failed`.
    pub state: String,
    /// Last answer of the mail server.
    pub answer: Option<String>,
}

/// Why a delivery is not further.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The hub it waits for.
    pub hub: HubId,
    /// Attempts made.
    pub attempts: i32,
    /// Next attempt.
    pub next: Timestamp,
    /// Why the last one failed.
    pub reason: Option<String>,
    /// When it was set aside for a decision, if it was.
    pub set_aside: Option<Timestamp>,
    /// When it ends by itself.
    pub ends: Option<Timestamp>,
}

/// A delivery with all that happened to it.
#[derive(Debug, Clone)]
pub struct DeliveryPage {
    /// The delivery.
    pub row: DeliveryRow,
    /// Receipts by the time they state.
    pub receipts: Vec<ReceiptRow>,
    /// Mails about it.
    pub mails: Vec<MailRow>,
    /// Why it is not further, if it waits.
    pub waiting: Option<Waiting>,
    /// Change requests about it, the first first.
    pub changes: Vec<Change>,
    /// Number of the document that took its place, where this hub knows it.
    pub superseded_by: Option<String>,
    /// Whether the sender may ask for a change now.
    pub may_ask: bool,
}

/// A document with its deliveries.
#[derive(Debug, Clone)]
pub struct DocumentPage {
    /// What is told about it.
    pub header: Header,
    /// Phrase key of its stage.
    pub stage: &'static str,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// Why it is not sealed or sent yet, if an attempt failed.
    pub waiting: Option<Waiting>,
    /// Who signs.
    pub signer: Option<String>,
    /// The sealed bytes.
    pub content: Option<Content>,
    /// One per recipient.
    pub deliveries: Vec<DeliveryPage>,
    /// When it was handed in.
    pub created_at: Timestamp,
}

/// An incoming document with its verdict.
#[derive(Debug, Clone)]
pub struct IncomingPage {
    /// What is told about it.
    pub header: Header,
    /// The bytes.
    pub content: Content,
    /// Its delivery.
    pub delivery: DeliveryPage,
    /// JSON of the verification (`lienthong.verification/1`), once made.
    pub report: Option<String>,
    /// How many other documents of the same sender bear the same number.
    pub twins: i64,
    /// Whether the clerk may accept it now.
    pub may_accept: bool,
    /// Whether the clerk may refuse it now.
    pub may_refuse: bool,
    /// The request that waits for the clerk's answer.
    pub asked: Option<Asked>,
}

/// An agency a document can be addressed to.
#[derive(Debug, Clone)]
pub struct AddressRow {
    /// Code.
    pub code: String,
    /// Legal name.
    pub name: String,
    /// Vietnamese and English name of its tier.
    pub tier: (String, String),
}

impl Hub {
    /// The newest documents the person's agency sent.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn outgoing(&self, person: &Person) -> Result<Vec<OutgoingRow>, Error> {
        let agency = person.agency.to_string();
        self.run(move |hub| {
            let (rows, clocks, last) = hub.store().read(|tx| {
                let rows = views::outgoing(tx, &agency, MOST_ROWS)?;
                let all = rows.iter().flat_map(|row| &row.deliveries);
                let ids: Vec<DeliveryId> = all.map(|one| one.id).collect();
                let clocks = Clocks::of(tx, &ids, Role::Origin)?;
                Ok::<_, Error>((rows, clocks, changes::last_of(tx, &ids)?))
            })?;
            let row = |row: views::Outgoing| {
                outgoing_row(row.document, &row.deliveries, (&clocks, &last))
            };
            Ok(rows.into_iter().map(row).collect())
        })
        .await
    }

    /// The newest documents that came for the person's agency: `most` of them, 200 at most and
    /// unless it is said.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn incoming(
        &self,
        person: &Person,
        most: Option<u16>,
    ) -> Result<Vec<IncomingRow>, Error> {
        let agency = person.agency.to_string();
        let most = most.map_or(MOST_ROWS, |most| i64::from(most).min(MOST_ROWS));
        self.run(move |hub| {
            let (rows, clocks, last) = hub.store().read(|tx| {
                let rows = views::incoming(tx, &agency, most)?;
                let ids: Vec<DeliveryId> = rows.iter().map(|row| row.delivery.id).collect();
                let clocks = Clocks::of(tx, &ids, Role::Destination)?;
                Ok::<_, Error>((rows, clocks, changes::last_of(tx, &ids)?))
            })?;
            let row = |row: views::Incoming| IncomingRow {
                header: pending::shown(row.document.header, row.delivery.standing),
                arrived_at: row.delivery.created_at,
                delivery: delivery_row(&row.delivery, clocks.about(row.delivery.id), &last),
            };
            Ok(rows.into_iter().map(row).collect())
        })
        .await
    }

    /// A document the person's agency sent, with every receipt.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn sent_document(
        &self,
        person: &Person,
        id: DocumentId,
    ) -> Result<DocumentPage, Error> {
        let agency = person.agency.clone();
        self.run(move |hub| {
            hub.store().read(|tx| {
                let document = documents::find(tx, id)?;
                let document = document
                    .filter(|d| d.header.sender == agency && d.stage != Stage::Received)
                    .ok_or(Error::NotFound("document"))?;
                let mut pages = Vec::new();
                for delivery in deliveries::of_document(tx, id, Role::Origin)? {
                    pages.push(delivery_page(tx, hub, &delivery)?);
                }
                let mut page = document_page(document, pages);
                page.waiting = sealing(tx, hub, &page)?;
                Ok(page)
            })
        })
        .await
    }

    /// A document that came for the person's agency, with its verdict.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn received_document(
        &self,
        person: &Person,
        id: DeliveryId,
    ) -> Result<IncomingPage, Error> {
        let person = person.clone();
        self.run(move |hub| {
            hub.store().read(|tx| {
                let (document, delivery) = received(tx, &person, id)?;
                let content = document.sealed.ok_or(Error::NotFound("bytes"))?;
                let is_sealed = delivery.standing == Standing::Recalled;
                let report = deliveries::report(tx, id)?.filter(|_| !is_sealed);
                let may = super::acknowledge::permitted(&person, &delivery);
                Ok(IncomingPage {
                    twins: documents::count_twins(tx, &document.header)?,
                    header: pending::shown(document.header, delivery.standing),
                    content,
                    asked: pending::asked(tx, &delivery)?,
                    delivery: delivery_page(tx, hub, &delivery)?,
                    report,
                    may_accept: may.accept,
                    may_refuse: may.refuse,
                })
            })
        })
        .await
    }

    /// The sealed bytes of a document the person's agency sent or received, and their file name. That
    /// a person of the recipient opened them is recorded before they are given out.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Refused`] once the document was given back.
    pub async fn document_bytes(
        &self,
        person: &Person,
        id: DocumentId,
    ) -> Result<(String, Blob), Error> {
        let person = person.clone();
        self.run(move |hub| {
            let (document, own) = hub.store().read(|tx| {
                let document = documents::find(tx, id)?.ok_or(Error::NotFound("document"))?;
                let mut own = deliveries::of_document(tx, id, Role::Destination)?;
                own.retain(|d| d.recipient.code == person.agency.as_str());
                Ok::<_, Error>((document, own))
            })?;
            if document.header.sender != person.agency {
                let own = own.first().ok_or(Error::NotFound("document"))?;
                super::change::record_opening(hub, &person, own.id, Part::File)?
                    .must_be_readable()?;
            }
            let content = document.sealed.ok_or(Error::NotFound("sealed bytes"))?;
            let blob = hub.store().blobs().get(&content.sha256)?;
            Ok((
                document.header.file_name,
                blob.ok_or(Error::NotFound("bytes"))?,
            ))
        })
        .await
    }

    /// The signed bytes of a receipt about a document of the person's agency.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn receipt(&self, person: &Person, id: EvidenceId) -> Result<SignedStatement, Error> {
        let agency = person.agency.to_string();
        self.run(move |hub| {
            hub.store().read(|tx| {
                let receipt = evidence::find(tx, id)?.ok_or(Error::NotFound("receipt"))?;
                let own = deliveries::find_all(tx, receipt.delivery)?;
                let concerns = |d: &Delivery| match d.role {
                    Role::Origin => d.sender.code == agency,
                    Role::Destination => d.recipient.code == agency,
                    Role::Relay => false,
                };
                if own.iter().any(concerns) {
                    Ok(receipt.signed)
                } else {
                    Err(Error::NotFound("receipt"))
                }
            })
        })
        .await
    }

    /// What this hub sent to its neighbours about a delivery, byte for byte: transfer, neighbour,
    /// request body.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn sent_requests(
        &self,
        id: DeliveryId,
    ) -> Result<Vec<(TransferId, HubId, Vec<u8>)>, Error> {
        self.run(move |hub| {
            let sent = hub.store().read(|tx| transfers::of_delivery(tx, id))?;
            Ok(sent
                .into_iter()
                .map(|row| (row.id, row.to, row.body))
                .collect())
        })
        .await
    }

    /// The agencies that can receive on the hub's present day, the sender left out.
    #[must_use]
    pub fn addresses(&self, person: &Person) -> Vec<AddressRow> {
        let (directory, today) = (self.directory(), self.today());
        let open = directory.agencies().iter().filter(|agency| {
            agency.code != person.agency && agency.hub.is_some() && agency.valid.contains(today)
        });
        open.map(|agency| AddressRow {
            code: agency.code.to_string(),
            name: agency.name.clone(),
            tier: directory
                .tier(&agency.tier)
                .map(|tier| (tier.name_vi.clone(), tier.name_en.clone()))
                .unwrap_or_default(),
        })
        .collect()
    }

    /// The hub's present day.
    #[must_use]
    pub fn day(&self) -> Date {
        self.today()
    }

    /// Whether the record answers.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn health(&self) -> Result<(), Error> {
        self.run(|hub| Ok(hub.store().read(queue::answers)?)).await
    }
}

/// The delivery `id` with its document, if it came for the person's agency.
pub(super) fn received(
    tx: &mut Tx<'_>,
    person: &Person,
    id: DeliveryId,
) -> Result<(Document, Delivery), Error> {
    let delivery = deliveries::find(tx, id, Role::Destination)?;
    let delivery = delivery
        .filter(|d| d.recipient.code == person.agency.as_str())
        .ok_or(Error::NotFound("document"))?;
    let document = documents::find(tx, delivery.document)?.ok_or(Error::NotFound("document"))?;
    Ok((document, delivery))
}

fn failure(stage: &Stage) -> Option<String> {
    match stage {
        Stage::Failed(reason) => Some(reason.clone()),
        _ => None,
    }
}

fn outgoing_row(
    document: Document,
    deliveries: &[Delivery],
    (clocks, last): (&Clocks, &[Change]),
) -> OutgoingRow {
    let row = |one: &Delivery| delivery_row(one, clocks.about(one.id), last);
    OutgoingRow {
        stage: document.stage.phrase(),
        failure: failure(&document.stage),
        header: document.header,
        deliveries: deliveries.iter().map(row).collect(),
        created_at: document.created_at,
    }
}

fn document_page(document: Document, deliveries: Vec<DeliveryPage>) -> DocumentPage {
    DocumentPage {
        stage: document.stage.phrase(),
        failure: failure(&document.stage),
        waiting: None,
        header: document.header,
        signer: document.signer,
        content: document.sealed,
        deliveries,
        created_at: document.created_at,
    }
}

fn delivery_row(
    delivery: &Delivery,
    clocks: Vec<DeadlineClock>,
    changes: &[Change],
) -> DeliveryRow {
    DeliveryRow {
        id: delivery.id,
        sender: delivery.sender.clone(),
        recipient: delivery.recipient.clone(),
        transport: delivery.transport,
        handling: delivery.handling,
        reason: delivery.reason.clone(),
        arrival_number: delivery.arrival_number.clone(),
        verdict: delivery.verdict.clone(),
        updated_at: delivery.updated_at,
        clocks,
        standing: delivery.standing,
        change: changes
            .iter()
            .rfind(|change| change.delivery == delivery.id)
            .cloned(),
    }
}

fn delivery_page(tx: &mut Tx<'_>, hub: &Inner, delivery: &Delivery) -> Result<DeliveryPage, Error> {
    let receipts = evidence::of_delivery(tx, delivery.id)?;
    let receipts = receipts.iter().map(|receipt| receipt_row(hub, receipt));
    let mail = |mail: mails::Mail| MailRow {
        notice: mail.notice.as_str(),
        address: mail.address,
        state: mail.state,
        answer: mail.answer,
    };
    let changes = changes::of_delivery(tx, delivery.id)?;
    let last = changes.last().map(|last| last.state);
    let by = match delivery.standing {
        Standing::Superseded(by) => documents::find(tx, by)?,
        _ => None,
    };
    Ok(DeliveryPage {
        row: delivery_row(
            delivery,
            clocks::of_delivery(tx, delivery.id, delivery.role)?,
            &changes,
        ),
        superseded_by: by.map(|by| by.header.number.to_string()),
        may_ask: change::may_ask(delivery.standing, delivery.handling, last).is_ok(),
        changes,
        receipts: receipts.collect::<Result<_, _>>()?,
        mails: mails::of_delivery(tx, delivery.id)?
            .into_iter()
            .map(mail)
            .collect(),
        waiting: waiting(tx, delivery)?,
    })
}

fn receipt_row(hub: &Inner, receipt: &Receipt) -> Result<ReceiptRow, Error> {
    let stated = statement::from_bytes(&receipt.signed.statement)?;
    let directory = hub.directory();
    let issuer = directory.hub(&stated.issuer);
    Ok(ReceiptRow {
        id: stated.id,
        event: stated.event,
        issuer_name: issuer.map_or_else(|| stated.issuer.to_string(), |hub| hub.name.clone()),
        issuer: stated.issuer,
        at: stated.at,
        actor: stated.actor,
        reason: stated.reason,
        arrival_number: stated.arrival_number,
        change: stated.change,
    })
}

/// Why this hub has not sealed or sent a document of its own yet, once an attempt failed.
fn sealing(tx: &mut Tx<'_>, hub: &Inner, page: &DocumentPage) -> Result<Option<Waiting>, Error> {
    if page.failure.is_some() || !page.deliveries.is_empty() {
        return Ok(None);
    }
    let found = queue::about(tx, &page.header.id.to_string())?;
    let found = found.filter(|open| open.last_error.is_some());
    Ok(found.map(|open| waits(hub.parts.id.clone(), open)))
}

/// The document transfer of this hub that is still open.
fn waiting(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<Option<Waiting>, Error> {
    for transfer in transfers::of_delivery(tx, delivery.id)? {
        let is_open = !transfer.acknowledged && transfer.kind == transfers::Kind::Document;
        let open = is_open.then(|| queue::about(tx, &transfer.id.to_string()));
        if let Some(open) = open.transpose()?.flatten() {
            return Ok(Some(waits(transfer.to, open)));
        }
    }
    Ok(None)
}

fn waits(hub: HubId, open: queue::Open) -> Waiting {
    Waiting {
        hub,
        attempts: open.attempts,
        next: open.due_at,
        reason: open.last_error,
        set_aside: open.parked.map(|(since, _)| since),
        ends: open.give_up_at,
    }
}

/// The number given to an accepted document, as people write it.
pub(super) fn arrival_number(number: i32, at: Timestamp) -> String {
    format!("{number:02}/{}", intake::register_year(at))
}

/// RFC 3339, for the API.
#[must_use]
pub fn utc(at: Timestamp) -> String {
    rfc3339(at)
}
