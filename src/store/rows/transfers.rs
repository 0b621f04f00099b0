//! What passes between neighbouring hubs: sent bodies, and answers given to received ones.

use diesel::prelude::*;

use super::{corrupt, micros, one, parse};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Sha256;
use crate::domain::ids::{DeliveryId, TransferId};
use crate::domain::routing::HubId;
use crate::store::schema::{inbox, transfers};
use crate::store::{Error, Tx};

const TABLE: &str = "transfers";

/// What is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A document for one recipient.
    Document,
    /// A receipt on its way back.
    Receipt,
}

/// An act of handing over, byte for byte as sent.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// One id, one effect.
    pub id: TransferId,
    /// What is handed over.
    pub kind: Kind,
    /// The delivery it is about.
    pub delivery: DeliveryId,
    /// The neighbour.
    pub to: HubId,
    /// The request body.
    pub body: Vec<u8>,
    /// Bytes that must be at the neighbour first.
    pub blob: Option<Sha256>,
    /// Whether the neighbour's answer is recorded.
    pub acknowledged: bool,
}

type Columns = (
    String,
    String,
    String,
    String,
    Vec<u8>,
    Option<String>,
    i64,
    Option<i64>,
);

/// Records what will be sent.
///
/// # Errors
/// [`Error::Conflict`] when the id is taken.
pub fn insert(tx: &mut Tx<'_>, transfer: &Transfer, at: Timestamp) -> Result<(), Error> {
    let kind = match transfer.kind {
        Kind::Document => "document",
        Kind::Receipt => "receipt",
    };
    let done = diesel::insert_into(transfers::table)
        .values((
            transfers::id.eq(transfer.id.to_string()),
            transfers::kind.eq(kind),
            transfers::delivery_id.eq(transfer.delivery.to_string()),
            transfers::to_hub.eq(transfer.to.as_str()),
            transfers::body.eq(&transfer.body),
            transfers::blob_sha256.eq(transfer.blob.map(|name| name.to_string())),
            transfers::created_at.eq(micros(at)),
        ))
        .execute(tx.connection)?;
    one("insert transfer", done)
}

/// The transfer named `id`.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn find(tx: &mut Tx<'_>, id: TransferId) -> Result<Option<Transfer>, Error> {
    let row: Option<Columns> = transfers::table
        .find(id.to_string())
        .first(tx.connection)
        .optional()?;
    row.map(from_row).transpose()
}

/// The transfers about a delivery, the first first.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn of_delivery(tx: &mut Tx<'_>, delivery: DeliveryId) -> Result<Vec<Transfer>, Error> {
    let rows: Vec<Columns> = transfers::table
        .filter(transfers::delivery_id.eq(delivery.to_string()))
        .order((transfers::created_at, transfers::id))
        .load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

/// Notes that the neighbour's answer is recorded.
///
/// # Errors
/// [`Error::RowCount`] when the transfer is unknown or was answered before.
pub fn acknowledge(tx: &mut Tx<'_>, id: TransferId, at: Timestamp) -> Result<(), Error> {
    let target = transfers::table
        .filter(transfers::id.eq(id.to_string()))
        .filter(transfers::acknowledged_at.is_null());
    let done = diesel::update(target)
        .set(transfers::acknowledged_at.eq(micros(at)))
        .execute(tx.connection)?;
    one("acknowledge transfer", done)
}

/// The answer given to the neighbour's transfer before: digest of that request, and the answer.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn answered(
    tx: &mut Tx<'_>,
    from: &HubId,
    id: TransferId,
) -> Result<Option<(Sha256, Vec<u8>)>, Error> {
    let row: Option<(String, Vec<u8>)> = inbox::table
        .find((from.as_str(), id.to_string()))
        .select((inbox::request_sha256, inbox::answer))
        .first(tx.connection)
        .optional()?;
    row.map(|(sha256, answer)| Ok((parse("inbox", "request_sha256", &sha256)?, answer)))
        .transpose()
}

/// Keeps the answer to a neighbour's transfer.
///
/// # Errors
/// [`Error::Conflict`] when one is kept already.
pub fn remember_answer(
    tx: &mut Tx<'_>,
    from: &HubId,
    id: TransferId,
    request: Sha256,
    answer: &[u8],
    at: Timestamp,
) -> Result<(), Error> {
    let done = diesel::insert_into(inbox::table)
        .values((
            inbox::from_hub.eq(from.as_str()),
            inbox::transfer_id.eq(id.to_string()),
            inbox::request_sha256.eq(request.to_string()),
            inbox::answer.eq(answer),
            inbox::received_at.eq(micros(at)),
        ))
        .execute(tx.connection)?;
    one("remember answer", done)
}

fn from_row(row: Columns) -> Result<Transfer, Error> {
    let (id, kind, delivery, to, body, blob, _created_at, acknowledged_at) = row;
    Ok(Transfer {
        id: parse(TABLE, "id", &id)?,
        kind: match kind.as_str() {
            "document" => Kind::Document,
            "receipt" => Kind::Receipt,
            other => return Err(corrupt(TABLE, "kind", other)),
        },
        delivery: parse(TABLE, "delivery_id", &delivery)?,
        to: HubId::parse(&to).or(Err(corrupt(TABLE, "to_hub", &to)))?,
        body,
        blob: blob
            .map(|name| parse(TABLE, "blob_sha256", &name))
            .transpose()?,
        acknowledged: acknowledged_at.is_some(),
    })
}
