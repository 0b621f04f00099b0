//! Deliveries and the verification reports made at reception.

use diesel::prelude::*;

use super::{corrupt, micros, one, parse, time};
use crate::domain::change::Standing;
use crate::domain::clock::Timestamp;
use crate::domain::delivery::{HandlingState, Role, TransportState};
use crate::domain::digest::Sha256;
use crate::domain::ids::{DeliveryId, DocumentId};
use crate::domain::receipt::{Party, VerdictNote};
use crate::domain::refusal::{Reason, ReasonCode};
use crate::domain::routing::HubId;
use crate::store::rows::jobs::Kind;
use crate::store::schema::{deliveries, jobs, reports};
use crate::store::{Error, Tx};

const TABLE: &str = "deliveries";

/// A delivery in one role of this hub.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The same on every hub.
    pub id: DeliveryId,
    /// What this hub is to it.
    pub role: Role,
    /// The document.
    pub document: DocumentId,
    /// Sender.
    pub sender: Party,
    /// Recipient.
    pub recipient: Party,
    /// The envelope exactly as the origin wrote it.
    pub envelope: Vec<u8>,
    /// Hubs passed up to this one, oldest first.
    pub path: Vec<HubId>,
    /// Where it came from.
    pub previous: Option<HubId>,
    /// Where it goes.
    pub next: Option<HubId>,
    /// How far the bytes are.
    pub transport: TransportState,
    /// What the recipient did.
    pub handling: HandlingState,
    /// Why refused or failed.
    pub reason: Option<Reason>,
    /// Number in the register of incoming documents.
    pub arrival_number: Option<String>,
    /// Result of verification at reception.
    pub verdict: Option<VerdictNote>,
    /// When this hub had it.
    pub created_at: Timestamp,
    /// When a state last changed.
    pub updated_at: Timestamp,
    /// Whether it still counts.
    pub standing: Standing,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = deliveries)]
#[diesel(treat_none_as_null = true)]
struct Row {
    id: String,
    role: String,
    document_id: String,
    sender: String,
    sender_name: String,
    recipient: String,
    recipient_name: String,
    envelope: Vec<u8>,
    path: String,
    previous_hub: Option<String>,
    next_hub: Option<String>,
    transport_rank: i16,
    handling: i16,
    reason_code: Option<String>,
    reason_text: Option<String>,
    arrival_number: Option<String>,
    verdict: Option<String>,
    sub_indication: Option<String>,
    report_sha256: Option<String>,
    created_at: i64,
    updated_at: i64,
    standing: String,
    superseded_by: Option<String>,
}

/// Records a delivery.
///
/// # Errors
/// [`Error::Conflict`] when this hub has it in this role.
pub fn insert(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<(), Error> {
    let done = diesel::insert_into(deliveries::table)
        .values(to_row(delivery))
        .execute(tx.connection)?;
    one("insert delivery", done)
}

/// Writes the changed states of a delivery. The transport rank is never lowered, whatever
/// `delivery` says.
///
/// # Errors
/// [`Error::RowCount`] when the delivery is unknown or already further.
pub fn update(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<(), Error> {
    let row = to_row(delivery);
    let target = deliveries::table
        .filter(deliveries::id.eq(row.id.clone()))
        .filter(deliveries::role.eq(row.role.clone()))
        .filter(deliveries::transport_rank.le(row.transport_rank));
    let done = diesel::update(target)
        .set((
            deliveries::transport_rank.eq(row.transport_rank),
            deliveries::handling.eq(row.handling),
            deliveries::reason_code.eq(row.reason_code),
            deliveries::reason_text.eq(row.reason_text),
            deliveries::arrival_number.eq(row.arrival_number),
            deliveries::verdict.eq(row.verdict),
            deliveries::sub_indication.eq(row.sub_indication),
            deliveries::report_sha256.eq(row.report_sha256),
            deliveries::updated_at.eq(row.updated_at),
            deliveries::standing.eq(row.standing),
            deliveries::superseded_by.eq(row.superseded_by),
        ))
        .execute(tx.connection)?;
    one("update delivery", done)
}

/// Writes where a delivery goes now.
///
/// # Errors
/// [`Error::RowCount`] when the delivery is unknown.
pub fn redirect(tx: &mut Tx<'_>, delivery: &Delivery, next: &HubId) -> Result<(), Error> {
    let target = deliveries::table
        .filter(deliveries::id.eq(delivery.id.to_string()))
        .filter(deliveries::role.eq(delivery.role.as_str()));
    let done = diesel::update(target)
        .set(deliveries::next_hub.eq(next.as_str()))
        .execute(tx.connection)?;
    one("redirect delivery", done)
}

/// The delivery `id` in the role `role`, locked against other writers until the transaction ends.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn find(tx: &mut Tx<'_>, id: DeliveryId, role: Role) -> Result<Option<Delivery>, Error> {
    lock(tx, id)?;
    let row: Option<Row> = deliveries::table
        .find((id.to_string(), role.as_str()))
        .first(tx.connection)
        .optional()?;
    row.map(from_row).transpose()
}

/// Every role this hub plays for the delivery `id`.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn find_all(tx: &mut Tx<'_>, id: DeliveryId) -> Result<Vec<Delivery>, Error> {
    let rows: Vec<Row> = deliveries::table
        .filter(deliveries::id.eq(id.to_string()))
        .order(deliveries::role.desc())
        .load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

/// The deliveries of a document in the role `role`, by recipient.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn of_document(
    tx: &mut Tx<'_>,
    document: DocumentId,
    role: Role,
) -> Result<Vec<Delivery>, Error> {
    let rows: Vec<Row> = deliveries::table
        .filter(deliveries::document_id.eq(document.to_string()))
        .filter(deliveries::role.eq(role.as_str()))
        .order(deliveries::recipient)
        .load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

/// The deliveries of several documents in the role `role`, by recipient.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn of_documents(
    tx: &mut Tx<'_>,
    documents: &[DocumentId],
    role: Role,
) -> Result<Vec<Delivery>, Error> {
    let names: Vec<String> = documents.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = deliveries::table
        .filter(deliveries::document_id.eq_any(names))
        .filter(deliveries::role.eq(role.as_str()))
        .order(deliveries::recipient)
        .load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

/// The newest `most` deliveries that came for the agency `recipient`, the newest first.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn newest_for(tx: &mut Tx<'_>, recipient: &str, most: i64) -> Result<Vec<Delivery>, Error> {
    let rows: Vec<Row> = deliveries::table
        .filter(deliveries::recipient.eq(recipient))
        .filter(deliveries::role.eq(Role::Destination.as_str()))
        .order((deliveries::created_at.desc(), deliveries::id.desc()))
        .limit(most)
        .load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

/// Keeps a verification report of a delivery; earlier ones stay.
///
/// # Errors
/// [`Error::Conflict`] when there is one of the same instant.
pub fn insert_report(
    tx: &mut Tx<'_>,
    id: DeliveryId,
    report: &str,
    at: Timestamp,
) -> Result<(), Error> {
    let done = diesel::insert_into(reports::table)
        .values((
            reports::delivery_id.eq(id.to_string()),
            reports::report.eq(report),
            reports::created_at.eq(micros(at)),
        ))
        .execute(tx.connection)?;
    one("insert report", done)
}

/// The deliveries handed over to agencies of this hub whose verdict is `verdict` and on which
/// nobody has decided yet, unless a job is verifying them already.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn open_with_verdict(tx: &mut Tx<'_>, verdict: &str) -> Result<Vec<DeliveryId>, Error> {
    let in_hand = jobs::table
        .filter(jobs::kind.eq(Kind::Verify.as_str()))
        .filter(jobs::state.eq("ready"))
        .select(jobs::subject);
    let rows: Vec<String> = deliveries::table
        .filter(deliveries::role.eq(Role::Destination.as_str()))
        .filter(deliveries::handling.eq(HandlingState::Arrived.code()))
        .filter(deliveries::verdict.eq(verdict))
        .filter(deliveries::id.ne_all(in_hand))
        .order(deliveries::id)
        .select(deliveries::id)
        .load(tx.connection)?;
    rows.iter().map(|id| parse(TABLE, "id", id)).collect()
}

/// The newest verification report of a delivery.
///
/// # Errors
/// A fault of the database.
pub fn report(tx: &mut Tx<'_>, id: DeliveryId) -> Result<Option<String>, Error> {
    Ok(reports::table
        .filter(reports::delivery_id.eq(id.to_string()))
        .order(reports::created_at.desc())
        .select(reports::report)
        .first(tx.connection)
        .optional()?)
}

/// PostgreSQL: a row lock on every role of the delivery. SQLite: the one writer is the lock.
fn lock(tx: &mut Tx<'_>, id: DeliveryId) -> Result<(), Error> {
    if let crate::store::connection::AnyConnection::Postgres(postgres) = tx.connection {
        let _locked: Vec<String> = deliveries::table
            .filter(deliveries::id.eq(id.to_string()))
            .select(deliveries::id)
            .for_update()
            .load(postgres)?;
    }
    Ok(())
}

fn to_row(d: &Delivery) -> Row {
    let (standing, superseded_by) = match d.standing {
        Standing::InForce => ("in-force", None),
        Standing::Recalled => ("recalled", None),
        Standing::Superseded(by) => ("superseded", Some(by.to_string())),
    };
    let hubs: Vec<&str> = d.path.iter().map(HubId::as_str).collect();
    Row {
        id: d.id.to_string(),
        role: d.role.as_str().to_owned(),
        document_id: d.document.to_string(),
        sender: d.sender.code.clone(),
        sender_name: d.sender.name.clone(),
        recipient: d.recipient.code.clone(),
        recipient_name: d.recipient.name.clone(),
        envelope: d.envelope.clone(),
        path: hubs.join(" "),
        previous_hub: d.previous.as_ref().map(ToString::to_string),
        next_hub: d.next.as_ref().map(ToString::to_string),
        transport_rank: d.transport.rank(),
        handling: d.handling.code(),
        reason_code: d
            .reason
            .as_ref()
            .map(|reason| reason.code.as_str().to_owned()),
        reason_text: d.reason.as_ref().map(|reason| reason.text.clone()),
        arrival_number: d.arrival_number.clone(),
        verdict: d.verdict.as_ref().map(|note| note.verdict.clone()),
        sub_indication: d
            .verdict
            .as_ref()
            .and_then(|note| note.sub_indication.clone()),
        report_sha256: d
            .verdict
            .as_ref()
            .map(|note| note.report_sha256.to_string()),
        created_at: micros(d.created_at),
        updated_at: micros(d.updated_at),
        standing: standing.to_owned(),
        superseded_by,
    }
}

fn standing(word: &str, superseded_by: Option<&str>) -> Result<Standing, Error> {
    match (word, superseded_by) {
        ("in-force", None) => Ok(Standing::InForce),
        ("recalled", None) => Ok(Standing::Recalled),
        ("superseded", Some(by)) => Ok(Standing::Superseded(parse(TABLE, "superseded_by", by)?)),
        _ => Err(corrupt(TABLE, "standing", word)),
    }
}

fn hub(column: &'static str, name: &str) -> Result<HubId, Error> {
    HubId::parse(name).or(Err(corrupt(TABLE, column, name)))
}

fn reason(code: Option<&str>, text: Option<String>) -> Result<Option<Reason>, Error> {
    let Some(code) = code else { return Ok(None) };
    let code = ReasonCode::parse(code).ok_or_else(|| corrupt(TABLE, "reason_code", code))?;
    Ok(Some(Reason {
        code,
        text: text.unwrap_or_default(),
    }))
}

fn from_row(row: Row) -> Result<Delivery, Error> {
    let verdict = match (row.verdict, row.report_sha256) {
        (Some(verdict), Some(sha256)) => Some(VerdictNote {
            verdict,
            sub_indication: row.sub_indication,
            report_sha256: parse::<Sha256>(TABLE, "report_sha256", &sha256)?,
        }),
        _ => None,
    };
    Ok(Delivery {
        id: parse(TABLE, "id", &row.id)?,
        role: Role::parse(&row.role).ok_or_else(|| corrupt(TABLE, "role", &row.role))?,
        document: parse(TABLE, "document_id", &row.document_id)?,
        sender: Party {
            code: row.sender,
            name: row.sender_name,
        },
        recipient: Party {
            code: row.recipient,
            name: row.recipient_name,
        },
        envelope: row.envelope,
        path: row
            .path
            .split(' ')
            .map(|name| hub("path", name))
            .collect::<Result<_, _>>()?,
        previous: row
            .previous_hub
            .map(|name| hub("previous_hub", &name))
            .transpose()?,
        next: row
            .next_hub
            .map(|name| hub("next_hub", &name))
            .transpose()?,
        transport: TransportState::from_rank(row.transport_rank)
            .ok_or_else(|| corrupt(TABLE, "transport_rank", &row.transport_rank.to_string()))?,
        handling: HandlingState::from_code(row.handling)
            .ok_or_else(|| corrupt(TABLE, "handling", &row.handling.to_string()))?,
        reason: reason(row.reason_code.as_deref(), row.reason_text)?,
        arrival_number: row.arrival_number,
        verdict,
        created_at: time(TABLE, "created_at", row.created_at)?,
        updated_at: time(TABLE, "updated_at", row.updated_at)?,
        standing: standing(&row.standing, row.superseded_by.as_deref())?,
    })
}
