//! Receipts, byte for byte.

use diesel::prelude::*;

use super::{corrupt, micros, one, parse, time};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{DeliveryId, EvidenceId};
use crate::domain::receipt::{Event, SignedStatement, Statement};
use crate::domain::routing::HubId;
use crate::store::schema::evidence;
use crate::store::{Error, Tx};

const TABLE: &str = "evidence";

/// A receipt as recorded.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Its name, given by the issuer.
    pub id: EvidenceId,
    /// The delivery it speaks of.
    pub delivery: DeliveryId,
    /// What happened.
    pub event: Event,
    /// Who signed it.
    pub issuer: HubId,
    /// The time it states.
    pub at: Timestamp,
    /// The signed bytes.
    pub signed: SignedStatement,
    /// When this hub had it.
    pub received_at: Timestamp,
}

type Columns = (String, String, String, String, i64, Vec<u8>, Vec<u8>, i64);

/// Keeps a receipt. `statement` must be what `signed` holds.
///
/// # Errors
/// [`Error::Conflict`] when a receipt of this name is kept already.
pub fn insert(
    tx: &mut Tx<'_>,
    statement: &Statement,
    signed: &SignedStatement,
    received_at: Timestamp,
) -> Result<(), Error> {
    let done = diesel::insert_into(evidence::table)
        .values((
            evidence::id.eq(statement.id.to_string()),
            evidence::delivery_id.eq(statement.delivery.to_string()),
            evidence::event.eq(statement.event.as_str()),
            evidence::issuer.eq(statement.issuer.as_str()),
            evidence::at.eq(micros(statement.at)),
            evidence::statement.eq(&signed.statement),
            evidence::signature.eq(&signed.signature),
            evidence::received_at.eq(micros(received_at)),
        ))
        .execute(tx.connection)?;
    one("insert receipt", done)
}

/// The receipt named `id`.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn find(tx: &mut Tx<'_>, id: EvidenceId) -> Result<Option<Receipt>, Error> {
    let row: Option<Columns> = evidence::table
        .find(id.to_string())
        .first(tx.connection)
        .optional()?;
    row.map(from_row).transpose()
}

/// The receipts about a delivery, by the time they state.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn of_delivery(tx: &mut Tx<'_>, delivery: DeliveryId) -> Result<Vec<Receipt>, Error> {
    let rows: Vec<Columns> = evidence::table
        .filter(evidence::delivery_id.eq(delivery.to_string()))
        .order((evidence::at, evidence::id))
        .load(tx.connection)?;
    rows.into_iter().map(from_row).collect()
}

fn from_row(row: Columns) -> Result<Receipt, Error> {
    let (id, delivery, event, issuer, at, statement, signature, received_at) = row;
    Ok(Receipt {
        id: parse(TABLE, "id", &id)?,
        delivery: parse(TABLE, "delivery_id", &delivery)?,
        event: Event::parse(&event).ok_or_else(|| corrupt(TABLE, "event", &event))?,
        issuer: HubId::parse(&issuer).or(Err(corrupt(TABLE, "issuer", &issuer)))?,
        at: time(TABLE, "at", at)?,
        signed: SignedStatement {
            statement,
            signature,
        },
        received_at: time(TABLE, "received_at", received_at)?,
    })
}
