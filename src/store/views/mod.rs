//! What a page shows, joined once. Rows limited to the asking agency by the caller's `exchange`.

use diesel::prelude::*;

use crate::domain::delivery::{HandlingState, Role, TransportState};
use crate::domain::ids::{DeliveryId, DocumentId};
use crate::store::rows::deliveries::Delivery;
use crate::store::rows::documents::Document;
use crate::store::rows::{deliveries, documents};
use crate::store::schema::{deliveries as d, documents as doc};
use crate::store::{Error, Tx};

/// An outgoing document with its deliveries.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The document.
    pub document: Document,
    /// One per recipient, by recipient.
    pub deliveries: Vec<Delivery>,
}

/// An incoming delivery with its document.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The document.
    pub document: Document,
    /// The delivery.
    pub delivery: Delivery,
}

/// The newest `most` documents that `agency` sent from this hub.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn outgoing(tx: &mut Tx<'_>, agency: &str, most: i64) -> Result<Vec<Outgoing>, Error> {
    let names: Vec<String> = doc::table
        .filter(doc::sender.eq(agency))
        .filter(doc::stage.ne("received"))
        .order((doc::created_at.desc(), doc::id.desc()))
        .limit(most)
        .select(doc::id)
        .load(tx.connection)?;
    names
        .iter()
        .map(|name| outgoing_document(tx, super::rows::parse("documents", "id", name)?))
        .collect()
}

fn outgoing_document(tx: &mut Tx<'_>, id: DocumentId) -> Result<Outgoing, Error> {
    let document = required(documents::find(tx, id)?, "documents")?;
    Ok(Outgoing {
        document,
        deliveries: deliveries::of_document(tx, id, Role::Origin)?,
    })
}

/// The newest `most` documents that came for `agency`.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn incoming(tx: &mut Tx<'_>, agency: &str, most: i64) -> Result<Vec<Incoming>, Error> {
    let names: Vec<String> = d::table
        .filter(d::recipient.eq(agency))
        .filter(d::role.eq(Role::Destination.as_str()))
        .order((d::created_at.desc(), d::id.desc()))
        .limit(most)
        .select(d::id)
        .load(tx.connection)?;
    names
        .iter()
        .map(|name| {
            let id: DeliveryId = super::rows::parse("deliveries", "id", name)?;
            let found = deliveries::find_all(tx, id)?;
            let delivery = required(
                found.into_iter().find(|d| d.role == Role::Destination),
                "deliveries",
            )?;
            let document = required(documents::find(tx, delivery.document)?, "documents")?;
            Ok(Incoming { document, delivery })
        })
        .collect()
}

/// How many deliveries this hub holds in the role, by transport and handling state. For checks and
/// metrics.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn delivery_counts(
    tx: &mut Tx<'_>,
    role: Role,
) -> Result<Vec<(TransportState, HandlingState, i64)>, Error> {
    let rows: Vec<(i16, i16, i64)> = d::table
        .filter(d::role.eq(role.as_str()))
        .group_by((d::transport_rank, d::handling))
        .select((d::transport_rank, d::handling, diesel::dsl::count_star()))
        .load(tx.connection)?;
    rows.into_iter()
        .map(|(rank, code, count)| {
            let corrupt = || super::rows::corrupt("deliveries", "handling", &code.to_string());
            let transport = TransportState::from_rank(rank).ok_or_else(corrupt)?;
            let handling = HandlingState::from_code(code).ok_or_else(corrupt)?;
            Ok((transport, handling, count))
        })
        .collect()
}

fn required<T>(found: Option<T>, table: &'static str) -> Result<T, Error> {
    found.ok_or_else(|| super::rows::corrupt(table, "id", "missing row"))
}
