//! What a page shows, joined once. Rows limited to the asking agency by the caller's `exchange`.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::domain::delivery::{HandlingState, Role, TransportState};
use crate::domain::ids::DocumentId;
use crate::store::rows::deliveries::Delivery;
use crate::store::rows::documents::Document;
use crate::store::rows::{deliveries, documents};
use crate::store::schema::deliveries as d;
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

/// The newest `most` documents that `agency` sent from this hub, in two questions to the database
/// however many there are.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn outgoing(tx: &mut Tx<'_>, agency: &str, most: i64) -> Result<Vec<Outgoing>, Error> {
    let documents = documents::newest_from(tx, agency, most)?;
    let names: Vec<DocumentId> = documents.iter().map(|d| d.header.id).collect();
    let mut deliveries: HashMap<DocumentId, Vec<Delivery>> = HashMap::new();
    for delivery in deliveries::of_documents(tx, &names, Role::Origin)? {
        deliveries
            .entry(delivery.document)
            .or_default()
            .push(delivery);
    }
    let with_deliveries = |document: Document| Outgoing {
        deliveries: deliveries.remove(&document.header.id).unwrap_or_default(),
        document,
    };
    Ok(documents.into_iter().map(with_deliveries).collect())
}

/// The newest `most` documents that came for `agency`, in two questions to the database.
///
/// # Errors
/// [`Error::Corrupt`] or a fault of the database.
pub fn incoming(tx: &mut Tx<'_>, agency: &str, most: i64) -> Result<Vec<Incoming>, Error> {
    let deliveries = deliveries::newest_for(tx, agency, most)?;
    let names: Vec<DocumentId> = deliveries.iter().map(|d| d.document).collect();
    let found = documents::find_each(tx, &names)?.into_iter();
    let documents: HashMap<DocumentId, Document> = found.map(|d| (d.header.id, d)).collect();
    let with_document = |delivery: Delivery| {
        let document = required(documents.get(&delivery.document).cloned(), "documents")?;
        Ok(Incoming { document, delivery })
    };
    deliveries.into_iter().map(with_document).collect()
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
